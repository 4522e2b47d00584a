package find

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/graph"
)

// EntityHit is an entity that has a name like the one asked for.
type EntityHit struct {
	*graph.Entity
	// Matched is the name that is most like it, the first of those as Names has
	// them.
	Matched graph.NameUse
	// Score is how like it is, from 0.55 to 1, which are the same words. It is no
	// identity.
	Score float64
}

// Entities returns the entities of which a name, as the view has it, is like the
// one asked for in spite of spelling, marks, case and script, or holds its words
// as [Index.Statements] has it. Each is in canonical form and comes once, the best
// score first and then by id. The package comment says what is alike.
//
// The view's filters do not apply. All that may be alike are read from the record
// before the first is returned. The sequence may be ranged over again.
func (x *Index) Entities(ctx context.Context, v graph.View, name string, opts *Options) iter.Seq2[*EntityHit, error] {
	return func(yield func(*EntityHit, error) bool) {
		fail := func(err error) { yield(nil, x.wrap("entities", err)) }
		most, err := opts.most()
		if err != nil {
			fail(err)
			return
		}
		hits, err := x.entities(ctx, v, name)
		if err != nil {
			fail(err)
			return
		}
		for i, h := range hits {
			if i == most || !yield(h, nil) {
				return
			}
		}
	}
}

func (x *Index) entities(ctx context.Context, v graph.View, name string) (hits []*EntityHit, err error) {
	w, err := want(name)
	if err != nil || w.phrases == nil {
		return nil, err
	}
	entries, err := x.candidates(ctx, v, &w)
	if err != nil {
		return nil, err
	}
	seen := make(map[uuid.UUID]bool)
	for _, e := range entries {
		id := v.Canonical(e.subject)
		if seen[id] {
			continue
		}
		seen[id] = true
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		entity, err := v.Entity(ctx, id)
		if errors.Is(err, graph.ErrNotInView) {
			continue
		}
		if err != nil {
			return nil, err
		}
		h := &EntityHit{Entity: entity}
		for _, n := range entity.Names {
			if s := w.score(n.Text); s > h.Score {
				h.Matched, h.Score = n, s
			}
		}
		if h.Score >= least {
			hits = append(hits, h)
		}
	}
	slices.SortFunc(hits, func(a, b *EntityHit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return hits, nil
}

// candidates returns the entries of all names that hold the words asked for or
// have a spelling alike to one of theirs, and of others.
func (x *Index) candidates(ctx context.Context, v graph.View, w *wanted) (entries []entry, err error) {
	var keys []string
	for _, s := range append(slices.Clone(w.spellings), w.whole) {
		keys = append(keys, s.keys()...)
	}
	list, err := json.Marshal(keys)
	if err != nil {
		return nil, err
	}
	err = x.ask(ctx, v, func(d *database) error {
		entries, err = d.entries(`SELECT id, subject FROM entry WHERE row IN (
			SELECT rowid FROM called WHERE called MATCH ?1 UNION SELECT row FROM alike WHERE key IN (SELECT value FROM json_each(?2)))`,
			expression(w.phrases), string(list))
		return err
	})
	return entries, err
}
