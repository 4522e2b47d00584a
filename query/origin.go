package query

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
)

// descent finds where statements about one claim, given in order of recording, come from.
func (l *lineage) descent(ctx context.Context, rs []*graph.Reading) (*descent, error) {
	n := len(rs)
	d := &descent{l, rs, make([]bool, n), make([][]text, n), make([][]text, n), make([][]text, n), make(map[text][]text),
		make(map[text]int), make(map[text][]int), newSets(n), newSets(n)}
	speaks := make(map[uuid.UUID]int) // the first statement of which somebody is the origin
	for i, r := range rs {
		taken, own, err := l.takenFrom(ctx, r)
		if err != nil {
			return nil, err
		}
		d.own[i], d.taken[i] = own, taken
		d.first[text{false, r.ID}] = i
		switch page := (text{true, r.Source}); {
		case own:
			d.mouths.join(i, note(d.first, page, i))
		case r.Source != uuid.Nil:
			d.reports[page] = append(d.reports[page], i)
		}
		for _, who := range slices.Concat(originOf(r).Speakers, originOf(r).For) {
			d.mouths.join(i, note(speaks, l.canonical(who.Entity), i))
		}
	}
	return d, d.descend(ctx)
}

// originals reports of each of some statements whether it is no copy: its mouth is none, and it
// passes on nothing that the mouth has told before.
func (l *lineage) originals(ctx context.Context, rs []*graph.Reading) ([]bool, error) {
	d, err := l.descent(ctx, rs)
	if err != nil {
		return nil, err
	}
	original, err := d.unpassed(ctx)
	if err != nil {
		return nil, err
	}
	_, mouths := d.homes(original)
	for i := range rs {
		original[i] = original[i] && mouths[d.mouths.first(i)]
	}
	return original, nil
}

// origins groups statements, given in order of recording, by where they come from, as the
// package comment has it. Of those that fall none is told, nor what has it from these alone.
func (l *lineage) origins(ctx context.Context, rs []*graph.Reading, fallen map[uuid.UUID]bool) (found []*Origin, err error) {
	d, err := l.descent(ctx, rs)
	if err != nil {
		return nil, err
	}
	holds := make([]bool, len(rs)) // it can carry an origin
	if len(fallen) == 0 {
		for i := range holds {
			holds[i] = true
		}
	} else if holds, err = d.unpassed(ctx); err != nil {
		return nil, err
	}
	var remaining []int
	for i, r := range rs {
		if fallen[r.ID] {
			holds[i] = false
		} else {
			remaining = append(remaining, i)
		}
	}
	home, original := d.homes(holds)
	remaining = slices.DeleteFunc(remaining, func(i int) bool { return home[d.mouths.first(i)] == len(rs) })
	for _, members := range partition(remaining, func(i int) int { return home[d.mouths.first(i)] }) {
		o := &Origin{Utterances: d.utterances(members)}
		for _, i := range members {
			if original[d.mouths.first(i)] {
				o.Speakers = append(o.Speakers, l.speakers(rs[i], 0)...)
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
	rs      []*graph.Reading
	own     []bool          // in the own words of its source
	taken   [][]text        // what each is directly taken from
	foreign [][]text        // the same, without sources if some that the mouth speaks in are among them or behind them
	others  [][]text        // then the sources, and those behind them, that the mouth has it from
	texts   map[text][]text // and what these are, up to the sources that say it
	first   map[text]int    // the first statement that is in a text; of a source, in its own words
	reports map[text][]int  // the others of a source
	mouths  sets
	said    sets // in one utterance
}

// descend finds what the statements are taken from, once all and their mouths are known.
func (d *descent) descend(ctx context.Context) error {
	for _, texts := range d.taken {
		if err := d.follow(ctx, texts); err != nil {
			return err
		}
	}
	speaksIn := make(map[int]map[text]bool) // of a mouth, the sources that some are taken from
	for i, r := range d.rs {
		page, m := text{true, r.Source}, d.mouths.first(i)
		if _, copied := d.texts[page]; !copied {
			continue
		}
		if speaksIn[m] == nil {
			speaksIn[m] = make(map[text]bool)
		}
		speaksIn[m][page] = true
	}
	found := make(map[int]*ancestry)
	for i, texts := range d.taken {
		m := d.mouths.first(i)
		if speaksIn[m] == nil {
			d.foreign[i] = texts
			continue
		}
		if found[m] == nil {
			found[m] = &ancestry{d, speaksIn[m], make(map[text]bool), nil}
		}
		for _, t := range texts {
			if t.source {
				found[m].taken(t)
			} else {
				d.foreign[i] = append(d.foreign[i], t)
			}
		}
	}
	for m, w := range found {
		d.others[m] = w.found
	}
	return nil
}

// ancestry finds the sources that a mouth has it from, among those that its own are derived from.
type ancestry struct {
	*descent
	speaksIn map[text]bool
	known    map[text]bool // whether it is taken from a source
	found    []text
}

// taken reports whether the mouth has it from a source, or from one behind that.
func (w *ancestry) taken(t text) bool {
	if taken, known := w.known[t]; known {
		return taken
	}
	if w.speaksIn[t] {
		w.known[t] = false
		return false
	}
	w.known[t] = true // should a circle lead back here: what is in one does not come from such only
	taken := len(w.texts[t]) == 0
	for _, from := range w.texts[t] {
		if w.taken(from) {
			taken = true
		}
	}
	w.known[t] = taken
	if taken {
		w.found = append(w.found, t)
	}
	return taken
}

// follow finds what texts are taken from, and so on. Behind a source that says it itself,
// in its own words or in a report, it does not look: its own words are followed by themselves.
func (d *descent) follow(ctx context.Context, texts []text) error {
	for next := slices.Clone(texts); len(next) > 0; {
		t := next[len(next)-1]
		next = next[:len(next)-1]
		if _, known := d.texts[t]; known {
			continue
		}
		if _, own := d.first[t]; t.source && (own || d.reports[t] != nil) {
			d.texts[t] = nil
			continue
		}
		from, err := d.behind(ctx, t)
		if err != nil {
			return err
		}
		d.texts[t] = from
		next = append(next, from...)
	}
	return nil
}

// meet joins a number with those that have met before in one of these texts or in one behind
// them, and returns the texts where it is the first. What lies behind a text where others have
// been joins them already.
func (d *descent) meet(texts []text, third map[text]int, number int, in sets) (alone []text) {
	for next := slices.Clone(texts); len(next) > 0; {
		t := next[len(next)-1]
		next = next[:len(next)-1]
		if other, known := third[t]; known {
			in.join(number, other)
			continue
		}
		third[t] = number
		alone = append(alone, t)
		next = append(next, d.texts[t]...)
	}
	return alone
}

// homes returns for each mouth the first statement of its origin, and whether it
// is original: no copy. It is told which statements hold: where an origin has none among its
// original ones, it is no origin, and the number of statements stands for that.
func (d *descent) homes(holds []bool) (home []int, original []bool) {
	n := len(d.rs)
	leads := make([][]int, n+len(d.texts)) // from a mouth, or a text, to what it is taken from
	place := make(map[text]int, len(d.texts))
	for t := range d.texts {
		place[t] = n + len(place)
	}
	lead := func(from int, texts []text) {
		for _, t := range texts {
			leads[from] = append(leads[from], place[t])
		}
	}
	for i := range n {
		lead(d.mouths.first(i), d.foreign[i])
		for _, t := range d.others[i] {
			if len(d.texts[t]) == 0 { // what the mouth has from behind the others is among them
				lead(i, []text{t})
			}
		}
	}
	for t, reports := range d.reports {
		if i, ok := d.first[t]; ok { // its own words come from whom it reports
			for _, j := range reports {
				leads[d.mouths.first(i)] = append(leads[d.mouths.first(i)], d.mouths.first(j))
			}
		}
	}
	for t, from := range d.texts {
		lead(place[t], from)
		if i, ok := d.first[t]; ok {
			leads[place[t]] = append(leads[place[t]], d.mouths.first(i))
		}
		for _, i := range d.reports[t] {
			leads[place[t]] = append(leads[place[t]], d.mouths.first(i))
		}
	}
	groups := mutual(leads)
	group := make([]int, len(leads))
	for g, members := range groups {
		for _, m := range members {
			group[m] = g
		}
	}
	origins := newSets(n)
	original = make([]bool, n)
	copies := make([]bool, len(groups))  // they come from a mouth outside
	sources := make([]bool, len(groups)) // what comes from them comes from a mouth
	for g, members := range groups {
		for _, m := range members {
			for _, k := range leads[m] {
				copies[g] = copies[g] || group[k] != g && sources[group[k]]
			}
		}
		of := -1
		for _, m := range members {
			if m < n && !copies[g] {
				original[m] = true
				if of < 0 {
					of = m
				}
				origins.join(m, of)
			}
			sources[g] = sources[g] || copies[g] || m < n
		}
	}
	third := make(map[text]int)
	for i := range n {
		if m := d.mouths.first(i); original[m] {
			d.meet(d.foreign[i], third, m, origins)
		}
	}
	for m, texts := range d.others { // last, for what lies behind these they need not have been to
		for _, t := range texts {
			if original[m] {
				origins.join(m, note(third, t, m))
			}
		}
	}
	held := make([]bool, n) // of the first statement of an origin
	for i := range n {
		if m := d.mouths.first(i); original[m] && holds[i] {
			held[origins.first(m)] = true
		}
	}
	home = make([]int, len(leads))
	for g, members := range groups {
		h := n
		for _, m := range members {
			if m < n && original[m] && held[origins.first(m)] {
				h = origins.first(m)
			}
			for _, k := range leads[m] {
				if group[k] != g {
					h = min(h, home[k])
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
	in := make(map[int]bool)
	told, reported := make(map[text]int), make(map[text]int) // the first of them that is in a source, or that it reports
	for _, i := range members {
		in[i] = true
		note(told, text{true, d.rs[i].Source}, i)
		if !d.own[i] {
			note(reported, text{true, d.rs[i].Source}, i)
		}
	}
	third := make(map[text]int)
	said := make(map[string][]int) // by speakers
	for _, i := range members {
		for _, t := range d.meet(d.taken[i], third, i, d.said) {
			if j, ok := d.first[t]; ok && in[j] {
				d.said.join(i, j)
			} else if j, ok := told[t]; ok {
				d.said.join(i, j)
			}
		}
		if j, ok := reported[text{true, d.rs[i].Source}]; ok && d.own[i] {
			d.said.join(i, j)
		}
		who := setKey(d.speakers(d.rs[i], 0))
		said[who] = append(said[who], i)
	}
	for _, list := range said {
		d.together(list)
	}
	for _, list := range partition(members, d.said.first) {
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
func (d *descent) together(list []int) {
	at := func(i int) edtf.Time { return originOf(d.rs[i]).Said.Time }
	known := make(map[string]int)
	var dated []int // one of each time
	for k, i := range list {
		switch {
		case at(i).IsZero() && k > 0:
			d.said.join(i, list[0])
		case at(i).IsZero() && len(list) > 1:
			d.said.join(i, list[1])
		case !at(i).IsZero():
			if j := note(known, at(i).String(), i); j != i {
				d.said.join(i, j)
			} else {
				dated = append(dated, i)
			}
		}
	}
	slices.SortFunc(dated, func(i, j int) int { return cmp.Compare(at(i).Earliest(), at(j).Earliest()) })
	for k, i := range dated {
		for _, j := range dated[k+1:] {
			if at(j).Earliest() > at(i).Latest() {
				break
			}
			if mayMeet(at(i), at(j)) {
				d.said.join(i, j)
			}
		}
	}
}
