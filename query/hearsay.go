package query

import (
	"context"
	"slices"

	"github.com/google/uuid"
)

// unpassed reports of each statement whether it does more than to pass on what its mouth has told
// before. A report that does not say from whom it comes only passes it on if what it repeats, or
// a source that its own is derived from, has that from the same mouth, however many are between
// them; unless they come from one another. Who speaks himself, in his own source, does not.
func (d *descent) unpassed(ctx context.Context) ([]bool, error) {
	n := len(d.rs)
	unpassed, texts, number := make([]bool, n), make([]text, n), make(map[text]int)
	in := make(map[text][]int) // the statements of a source
	var reports []int
	for i, r := range d.rs {
		unpassed[i], texts[i] = true, text{false, r.ID}
		number[texts[i]] = i
		page := text{true, r.Source}
		if r.Source != uuid.Nil {
			in[page] = append(in[page], i)
		}
		p, err := d.source(ctx, r.Source)
		if err != nil {
			return nil, err
		}
		through, err := d.through(ctx, r.Source, len(r.Voices), func(voice int) []uuid.UUID { return d.speakers(r, voice) })
		if err != nil {
			return nil, err
		}
		if himself := d.own[i] && len(p.own) > 0; !himself && through == nil {
			reports = append(reports, i)
		}
	}

	leads := make([][]int, n) // from a statement, or a text, to what it is taken from
	known := make([]bool, n)
	for next := slices.Clone(reports); len(next) > 0; {
		k := next[len(next)-1]
		next = next[:len(next)-1]
		if known[k] {
			continue
		}
		known[k] = true
		from, err := d.behind(ctx, texts[k])
		if err != nil {
			return nil, err
		}
		if k < n {
			sources, err := d.behind(ctx, text{true, d.rs[k].Source})
			if err != nil {
				return nil, err
			}
			from = append(from, sources...)
		}
		for _, t := range from {
			if _, met := number[t]; !met {
				number[t] = len(texts)
				texts, leads, known = append(texts, t), append(leads, nil), append(known, false)
			}
			leads[k] = append(leads[k], number[t])
		}
		leads[k] = append(leads[k], in[texts[k]]...)
		next = append(next, leads[k]...)
	}
	groups := mutual(leads)
	group := make([]int, len(leads))
	for g, members := range groups {
		for _, k := range members {
			group[k] = g
		}
	}
	for _, list := range partition(reports, d.mouths.first) {
		mouth, met := d.mouths.first(list[0]), make(map[int]bool)
		// passes reports whether one of a group leads to one of the mouth outside it.
		var passes func(g int) bool
		passes = func(g int) bool {
			passed, ok := met[g]
			if ok {
				return passed
			}
			for _, k := range groups[g] {
				for _, j := range leads[k] {
					passed = passed || group[j] != g && (j < n && d.mouths.first(j) == mouth || passes(group[j]))
				}
			}
			met[g] = passed
			return passed
		}
		for _, i := range list {
			unpassed[i] = !passes(group[i])
		}
	}
	return unpassed, nil
}
