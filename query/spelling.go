package query

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// Spelling is a text that an entity is called by, to the letter.
type Spelling struct {
	Text      string
	Languages []string // that it is said to be in, ascending, each once; may be none
	// Recorded says that it is a registered name or one that is said to be in
	// use. Otherwise it stands in statements only: another spelling, but also a
	// description, a title or "he".
	Recorded bool
	Times    int // that it comes: as a name, or in a place of a statement
	Outlets  []Outlet
}

// Outlet is where an entity is spelt so: with a publisher, in a source that has
// none, or, if both are empty, in no source at all.
type Outlet struct {
	Publisher  uuid.UUID // in canonical form
	Source     uuid.UUID
	Times      int
	Names      []graph.NameUse  // that are recorded, in the order of graph.Entity
	Statements []*graph.Reading // that have it, in order of recording
}

// Spellings returns how an entity is spelt, and by whom: what comes most often
// first, then by text; the outlets of a spelling likewise, then by their ids. It
// reads the entity's names and every shown statement that mentions it, and keeps
// those that have words for it.
func Spellings(ctx context.Context, v graph.View, entity uuid.UUID) iter.Seq2[*Spelling, error] {
	return func(yield func(*Spelling, error) bool) {
		x := &speller{v: v, outlets: make(map[uuid.UUID]Outlet), found: make(map[string]*Spelling), places: make(map[place]int)}
		if err := x.collect(ctx, entity); err != nil {
			yield(nil, err)
			return
		}
		for _, s := range x.sorted() {
			if !yield(s, nil) {
				return
			}
		}
	}
}

// speller collects the spellings of one entity.
type speller struct {
	v       graph.View
	outlets map[uuid.UUID]Outlet // of sources, empty
	found   map[string]*Spelling
	places  map[place]int // where an outlet stands in its spelling
}

// place is a spelling and an outlet of it.
type place struct {
	text              string
	publisher, source uuid.UUID
}

func (x *speller) collect(ctx context.Context, entity uuid.UUID) error {
	if err := ended(ctx); err != nil {
		return err
	}
	e, err := x.v.Entity(ctx, entity)
	if errors.Is(err, graph.ErrNotInView) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("query: read entity %v: %w", entity, err)
	}
	for _, n := range e.Names {
		s, o, err := x.use(ctx, n.Text, n.Language, n.Source)
		if err != nil {
			return err
		}
		s.Recorded = true
		o.Names = append(o.Names, n)
	}
	mentions, err := inOrder(ctx, x.v.Mentions(entity))
	if err != nil {
		return err
	}
	for _, m := range mentions {
		r, err := read(ctx, m.Statement)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err != nil {
			return err
		}
		for text := range written(&r.Statement, e.Members) {
			_, o, err := x.use(ctx, text, r.Language, r.Source)
			if err != nil {
				return err
			}
			if n := len(o.Statements); n == 0 || o.Statements[n-1] != r {
				o.Statements = append(o.Statements, r)
			}
		}
	}
	return nil
}

// use counts one more use of a text, and returns it and its outlet.
func (x *speller) use(ctx context.Context, text, language string, source uuid.UUID) (*Spelling, *Outlet, error) {
	s := x.found[text]
	if s == nil {
		s = &Spelling{Text: text}
		x.found[text] = s
	}
	s.Times++
	if language != "" && !slices.Contains(s.Languages, language) {
		s.Languages = append(s.Languages, language)
	}
	own, err := x.outlet(ctx, source)
	if err != nil {
		return nil, nil, err
	}
	i := note(x.places, place{text, own.Publisher, own.Source}, len(s.Outlets))
	if i == len(s.Outlets) {
		s.Outlets = append(s.Outlets, own)
	}
	s.Outlets[i].Times++
	return s, &s.Outlets[i], nil
}

// outlet returns the outlet of a source.
func (x *speller) outlet(ctx context.Context, source uuid.UUID) (Outlet, error) {
	o, known := x.outlets[source]
	if known || source == uuid.Nil {
		return o, nil
	}
	src, err := x.v.Source(ctx, source)
	switch {
	case err == nil && src.Publisher != uuid.Nil:
		o.Publisher = x.v.Canonical(src.Publisher)
	case err == nil, errors.Is(err, graph.ErrRedacted), errors.Is(err, graph.ErrNotInView):
		o.Source = source
	default:
		return o, fmt.Errorf("query: read source %v: %w", source, err)
	}
	x.outlets[source] = o
	return o, nil
}

// sorted returns what has been found.
func (x *speller) sorted() (list []*Spelling) {
	for _, s := range x.found {
		slices.Sort(s.Languages)
		slices.SortFunc(s.Outlets, func(a, b Outlet) int {
			return cmp.Or(cmp.Compare(b.Times, a.Times), compareIDs(a.Publisher, b.Publisher), compareIDs(a.Source, b.Source))
		})
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *Spelling) int { return cmp.Or(cmp.Compare(b.Times, a.Times), cmp.Compare(a.Text, b.Text)) })
	return list
}

// written returns the words that a statement has for one of the entities, in
// each place where it has some. The entities are ascending.
func written(s *events.Statement, entities []uuid.UUID) iter.Seq[string] {
	return func(yield func(string) bool) {
		means := func(id uuid.UUID) bool {
			_, ok := slices.BinarySearchFunc(entities, id, compareIDs)
			return ok
		}
		for c := range claimsOf(&s.Claim) {
			for _, a := range c.Args {
				if a.As != "" && a.Value.Kind == events.EntityValue && means(a.Value.ID) && !yield(a.As) {
					return
				}
			}
		}
		for i := range s.Voices {
			for _, parties := range [...][]events.Party{s.Voices[i].Speakers, s.Voices[i].For, s.Voices[i].To} {
				for _, p := range parties {
					if p.As != "" && means(p.Entity) && !yield(p.As) {
						return
					}
				}
			}
		}
	}
}
