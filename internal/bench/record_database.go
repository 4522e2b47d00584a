package main

import (
	"context"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// recordDatabase is the library with its record in a file.
type recordDatabase struct {
	store *sqlite.Store
	g     *graph.Graph
	d     *data
	held  int64
}

func newRecordDatabase(dir string) (database, error) { return openRecord(dir) }

func openRecord(dir string) (*recordDatabase, error) {
	store, err := sqlite.Open(filepath.Join(dir, "story.db"), nil)
	if err != nil {
		return nil, err
	}
	return &recordDatabase{store: store}, nil
}

func (db *recordDatabase) load(ctx context.Context, d *data) (took time.Duration, err error) {
	before := heap()
	db.d = d
	if db.g, err = graph.Open(ctx, db.store, nil); err != nil {
		return 0, err
	}
	if took, err = record(ctx, db.g, d.registrations(), d.statements(), d.retractions()); err != nil {
		return 0, err
	}
	db.held = heap() - before
	return took, nil
}

func (db *recordDatabase) ask(ctx context.Context, q question, found func(uint32)) (n int, err error) {
	view, p := db.g.View(nil), predicateName(q.p)
	switch q.kind {
	case asOfHop:
		view = view.AsOf(q.at)
		fallthrough
	case oneHop, twoHops:
		reached := hop(view, p, entityID(q.a), map[uuid.UUID]bool{})
		if q.kind == twoHops {
			near := reached
			reached = map[uuid.UUID]bool{}
			for a := range near {
				hop(view, predicateName(q.q), a, reached)
			}
		}
		for id := range reached {
			if found != nil {
				found(db.d.number(id))
			}
		}
		return len(reached), nil
	case accordingTo:
		for s := range view.Statements(graph.Pattern{Predicate: p, Origin: entityID(q.a)}) {
			if n++; found != nil {
				found(db.d.number(s.ID()))
			}
		}
		return n, nil
	default:
		return query.Count(view, graph.Pattern{Predicate: p}), nil
	}
}

// hop adds to reached where an entity leads to by a predicate.
func hop(v graph.View, predicate string, from uuid.UUID, reached map[uuid.UUID]bool) map[uuid.UUID]bool {
	for s := range v.Statements(graph.Pattern{Predicate: predicate, Args: []graph.Fill{{Role: roleSource, Entity: from}}}) {
		for role, to := range s.Entities() {
			if role == roleTarget {
				reached[to] = true
			}
		}
	}
	return reached
}

func (db *recordDatabase) memory() (int64, error) { return db.held, nil }

func (db *recordDatabase) close() error {
	if db.g != nil {
		if err := db.g.Close(); err != nil {
			return err
		}
	}
	return db.store.Close()
}
