package query

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// lineage knows where statements come from. It serves one question.
type lineage struct {
	namer
	sources  map[uuid.UUID]*provenance
	repeated map[uuid.UUID][]uuid.UUID // what a statement is said to repeat
}

// provenance is what a view knows of where a source comes from.
type provenance struct {
	own         []uuid.UUID // its authors and its publisher, in canonical form
	derivedFrom []uuid.UUID
}

func newLineage(n namer) lineage {
	return lineage{n, make(map[uuid.UUID]*provenance), make(map[uuid.UUID][]uuid.UUID)}
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
				p.own = append(p.own, l.canonical(a))
			}
			if src.Publisher != uuid.Nil {
				p.own = append(p.own, l.canonical(src.Publisher))
			}
			p.derivedFrom = src.DerivedFrom
		case !errors.Is(err, graph.ErrRedacted) && !errors.Is(err, graph.ErrNotInView):
			return nil, fmt.Errorf("query: %w", err)
		}
	}
	l.sources[id] = p
	return p, nil
}

// isOwn reports whether a voice of a statement, in canonical form, is its source's own.
func (l *lineage) isOwn(ctx context.Context, source uuid.UUID, speakers []uuid.UUID, last bool) (bool, error) {
	p, err := l.source(ctx, source)
	if err != nil {
		return false, err
	}
	if len(p.own) == 0 {
		return last, nil
	}
	return slices.ContainsFunc(speakers, func(id uuid.UUID) bool { return slices.Contains(p.own, id) }), nil
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

// takenFrom returns the texts that a statement is directly taken from, and whether it is in
// its source's own voice.
func (l *lineage) takenFrom(ctx context.Context, r *graph.Reading) (texts []text, own bool, err error) {
	if texts, err = l.behind(ctx, text{false, r.ID}); err != nil || r.Source == uuid.Nil || len(r.Voices) == 0 {
		return texts, false, err
	}
	if own, err = l.isOwn(ctx, r.Source, l.speakers(r, 0), len(r.Voices) == 1); err != nil || !own {
		return texts, false, err
	}
	sources, err := l.behind(ctx, text{true, r.Source})
	return slices.Concat(texts, sources), true, err
}

// behind returns the texts that a text is directly taken from.
func (l *lineage) behind(ctx context.Context, t text) (texts []text, err error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	var ids []uuid.UUID
	if t.source {
		p, err := l.source(ctx, t.id)
		if err != nil {
			return nil, err
		}
		ids = p.derivedFrom
	} else if ids, err = l.repeats(ctx, t.id); err != nil {
		return nil, err
	}
	for _, id := range ids {
		texts = append(texts, text{t.source, id})
	}
	return texts, nil
}

// speakers returns the speakers of a voice in canonical form, each once, none if there is no
// such voice.
func (l *lineage) speakers(r *graph.Reading, voice int) (ids []uuid.UUID) {
	if voice >= len(r.Voices) {
		return nil
	}
	for _, who := range r.Voices[voice].Speakers {
		ids = append(ids, l.canonical(who.Entity))
	}
	return eachOnce(ids)
}
