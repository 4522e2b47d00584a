package query

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
)

// lineage knows where statements come from. It serves one question.
type lineage struct {
	v        graph.View
	sources  map[uuid.UUID]*provenance
	repeated map[uuid.UUID][]uuid.UUID // what a statement is said to repeat
}

// provenance is what a view knows of where a source comes from.
type provenance struct {
	own         []uuid.UUID // its authors and its publisher, in canonical form
	derivedFrom []uuid.UUID
}

func newLineage(v graph.View) lineage {
	return lineage{v, make(map[uuid.UUID]*provenance), make(map[uuid.UUID][]uuid.UUID)}
}

func (l *lineage) source(ctx context.Context, id uuid.UUID) (*provenance, error) {
	if p := l.sources[id]; p != nil {
		return p, nil
	}
	p := new(provenance)
	if id != uuid.Nil {
		src, err := l.v.Source(ctx, id)
		switch {
		case err == nil:
			for _, a := range src.Authors {
				p.own = append(p.own, l.v.Canonical(a))
			}
			if src.Publisher != uuid.Nil {
				p.own = append(p.own, l.v.Canonical(src.Publisher))
			}
			p.derivedFrom = src.DerivedFrom
		case !errors.Is(err, graph.ErrRedacted) && !errors.Is(err, graph.ErrNotInView):
			return nil, fmt.Errorf("query: %w", err)
		}
	}
	l.sources[id] = p
	return p, nil
}

// isOwn reports whether a voice of a statement is its source's own.
func (l *lineage) isOwn(ctx context.Context, r *graph.Reading, voice int) (bool, error) {
	p, err := l.source(ctx, r.Source)
	if err != nil {
		return false, err
	}
	if len(p.own) == 0 {
		return voice == len(r.Voices)-1, nil
	}
	return slices.ContainsFunc(r.Voices[voice].Speakers, func(x events.Party) bool {
		return slices.Contains(p.own, l.v.Canonical(x.Entity))
	}), nil
}

// repeats returns the statements that somebody says this one repeats.
func (l *lineage) repeats(ctx context.Context, id uuid.UUID) (ids []uuid.UUID, err error) {
	ids, known := l.repeated[id]
	if known {
		return ids, nil
	}
	for _, k := range l.v.Links(id) {
		if k.From == id && k.Type == events.Repeats {
			ids = append(ids, k.To)
		}
	}
	for s := range making(l.v, events.Repeats, id) {
		r, err := read(ctx, s)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for from, to := range ends(&r.Claim) {
			if from == id && to != uuid.Nil {
				ids = append(ids, to)
			}
		}
	}
	l.repeated[id] = ids
	return ids, nil
}

// text is what a statement may be taken from: another statement, or what a
// source says in its own voice.
type text struct {
	source bool
	id     uuid.UUID
}

// behind returns the texts that a statement is taken from, directly or through
// others, each once, and whether it is in its source's own voice.
func (l *lineage) behind(ctx context.Context, r *graph.Reading) (texts []text, own bool, err error) {
	follow := func(from text, next func(uuid.UUID) ([]uuid.UUID, error)) error {
		known := map[uuid.UUID]bool{from.id: true}
		for queue := []uuid.UUID{from.id}; len(queue) > 0; queue = queue[1:] {
			if err := ended(ctx); err != nil {
				return err
			}
			ids, err := next(queue[0])
			if err != nil {
				return err
			}
			for _, id := range ids {
				if !known[id] {
					known[id] = true
					queue = append(queue, id)
					texts = append(texts, text{from.source, id})
				}
			}
		}
		return nil
	}
	err = follow(text{false, r.ID}, func(id uuid.UUID) ([]uuid.UUID, error) { return l.repeats(ctx, id) })
	if err != nil || r.Source == uuid.Nil || len(r.Voices) == 0 {
		return texts, false, err
	}
	if own, err = l.isOwn(ctx, r, 0); err != nil || !own {
		return texts, false, err
	}
	err = follow(text{true, r.Source}, func(id uuid.UUID) ([]uuid.UUID, error) {
		p, err := l.source(ctx, id)
		if err != nil {
			return nil, err
		}
		return p.derivedFrom, nil
	})
	return texts, true, err
}

// origins groups statements, given in order of recording, by where they come
// from, as the package comment has it.
func (l *lineage) origins(ctx context.Context, rs []*graph.Reading) (found []*Origin, err error) {
	d := &descent{l, rs, make([][]text, len(rs)), make(map[text]int), newSets(len(rs))}
	speaks := make(map[uuid.UUID]int) // the first statement of which somebody is the origin
	for i, r := range rs {
		var own bool
		if d.behind[i], own, err = l.behind(ctx, r); err != nil {
			return nil, err
		}
		d.first[text{false, r.ID}] = i
		if own {
			d.mouths.join(i, note(d.first, text{true, r.Source}, i))
		}
		for _, who := range slices.Concat(originOf(r).Speakers, originOf(r).For) {
			d.mouths.join(i, note(speaks, l.v.Canonical(who.Entity), i))
		}
	}
	home, original := d.homes()
	all := make([]int, len(rs))
	for i := range all {
		all[i] = i
	}
	for _, members := range partition(all, func(i int) int { return home[d.mouths.first(i)] }) {
		o := &Origin{Utterances: d.utterances(members)}
		for _, i := range members {
			if original[d.mouths.first(i)] {
				o.Speakers = append(o.Speakers, l.speakers(rs[i])...)
			}
		}
		o.Speakers = eachOnce(o.Speakers)
		for _, u := range o.Utterances {
			if u.TakenBack, err = takingBack(ctx, l.v, u.Statements); err != nil {
				return nil, err
			}
		}
		found = append(found, o)
	}
	return found, nil
}

// descent is where some statements come from. A mouth is those that are known
// to be by the same; its first statement stands for it.
type descent struct {
	*lineage
	rs     []*graph.Reading
	behind [][]text
	first  map[text]int // the first statement that is in a text
	mouths sets
}

// homes returns for each mouth the first statement of its origin, and whether it
// is original: no copy.
func (d *descent) homes() (home []int, original []bool) {
	n := len(d.rs)
	leads := make([][]int, n) // from a mouth to those that it takes from
	for i := range n {
		m := d.mouths.first(i)
		for _, t := range d.behind[i] {
			if j, ok := d.first[t]; ok {
				leads[m] = append(leads[m], d.mouths.first(j))
			}
		}
	}
	groups := mutual(leads)
	group := make([]int, n)
	for g, members := range groups {
		for _, m := range members {
			group[m] = g
		}
	}
	origins := newSets(n)
	original = make([]bool, n)
	for g, members := range groups {
		outside := func(j int) bool { return group[j] != g }
		if slices.ContainsFunc(members, func(m int) bool { return slices.ContainsFunc(leads[m], outside) }) {
			continue
		}
		for _, m := range members {
			original[m] = true
			origins.join(m, members[0])
		}
	}
	third := make(map[text]int)
	for i := range n {
		if m := d.mouths.first(i); original[m] {
			for _, t := range d.behind[i] {
				origins.join(m, note(third, t, m))
			}
		}
	}
	home = make([]int, n)
	for g, members := range groups {
		h := n
		for _, m := range members {
			if original[m] {
				h = origins.first(m)
			}
			for _, j := range leads[m] {
				if group[j] != g {
					h = min(h, home[j])
				}
			}
		}
		for _, m := range members {
			home[m] = h
		}
	}
	return home, original
}

// utterances groups the statements of one origin by what was said once.
func (d *descent) utterances(members []int) (found []*Utterance) {
	same := newSets(len(d.rs))
	in := make(map[int]bool)
	for _, i := range members {
		in[i] = true
	}
	third := make(map[text]int)
	said := make(map[string][]int) // by speakers
	for _, i := range members {
		for _, t := range d.behind[i] {
			same.join(i, note(third, t, i))
			if j, ok := d.first[t]; ok && in[j] {
				same.join(i, j)
			}
		}
		who := setKey(d.speakers(d.rs[i]))
		said[who] = append(said[who], i)
	}
	for _, list := range said {
		d.together(list, same)
	}
	for _, list := range partition(members, same.first) {
		u := new(Utterance)
		for _, i := range list {
			u.Statements = append(u.Statements, d.rs[i])
		}
		found = append(found, u)
	}
	return found
}

// together joins those statements of the same speakers that may have been said
// at one time.
func (d *descent) together(list []int, same sets) {
	at := func(i int) edtf.Time { return originOf(d.rs[i]).Said.Time }
	var dated []int // one of each time
	for k, i := range list {
		switch {
		case at(i).IsZero() && k > 0:
			same.join(i, list[0])
		case at(i).IsZero() && len(list) > 1:
			same.join(i, list[1])
		case !at(i).IsZero():
			if k := slices.IndexFunc(dated, func(j int) bool { return at(j).Equal(at(i)) }); k >= 0 {
				same.join(i, dated[k])
				continue
			}
			for _, j := range dated {
				if mayMeet(at(i), at(j)) {
					same.join(i, j)
				}
			}
			dated = append(dated, i)
		}
	}
}

// speakers returns the speakers of the origin in canonical form, each once.
func (l *lineage) speakers(r *graph.Reading) (ids []uuid.UUID) {
	for _, who := range originOf(r).Speakers {
		ids = append(ids, l.v.Canonical(who.Entity))
	}
	return eachOnce(ids)
}

// setKey returns the same for the same ids, whatever their order.
func setKey(ids []uuid.UUID) string {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, compareIDs)
	var key strings.Builder
	for _, id := range slices.Compact(ids) {
		key.Write(id[:])
	}
	return key.String()
}

// note returns what a map has for a key, which is i if it had nothing.
func note[K comparable](m map[K]int, key K, i int) int {
	if _, known := m[key]; !known {
		m[key] = i
	}
	return m[key]
}

// partition puts numbers with the same key together, in the order of the first
// of each.
func partition(numbers []int, key func(int) int) (parts [][]int) {
	place := make(map[int]int)
	for _, i := range numbers {
		p := note(place, key(i), len(parts))
		if p == len(parts) {
			parts = append(parts, nil)
		}
		parts[p] = append(parts[p], i)
	}
	return parts
}

// sets are numbers from 0, joined into sets: for each number another of its set,
// not greater.
type sets []int

func newSets(n int) sets {
	s := make(sets, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// first returns the smallest number of the set that i is in.
func (s sets) first(i int) int {
	for s[i] != i {
		s[i] = s[s[i]]
		i = s[i]
	}
	return i
}

func (s sets) join(i, j int) {
	i, j = s.first(i), s.first(j)
	s[max(i, j)] = min(i, j)
}

// mutual returns the groups of numbers that lead to one another, each before
// those that lead to it (Tarjan, Depth-first search and linear graph algorithms,
// 1972).
func mutual(leads [][]int) (groups [][]int) {
	order, low := make([]int, len(leads)), make([]int, len(leads)) // order is 0 for what has not been visited
	on := make([]bool, len(leads))                                 // the stack
	var stack []int
	visited := 0
	var visit func(i int)
	visit = func(i int) {
		visited++
		order[i], low[i], on[i] = visited, visited, true
		from := len(stack)
		stack = append(stack, i)
		for _, j := range leads[i] {
			if order[j] == 0 {
				visit(j)
				low[i] = min(low[i], low[j])
			} else if on[j] {
				low[i] = min(low[i], order[j])
			}
		}
		if low[i] < order[i] {
			return
		}
		for _, j := range stack[from:] {
			on[j] = false
		}
		groups = append(groups, slices.Clone(stack[from:]))
		stack = stack[:from]
	}
	for i := range leads {
		if order[i] == 0 {
			visit(i)
		}
	}
	return groups
}
