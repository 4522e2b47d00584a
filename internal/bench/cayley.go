package main

import (
	"context"
	"errors"
	"time"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/memstore"
	"github.com/cayleygraph/cayley/graph/path"
	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
)

// askPath puts a question to a quad store as a path of Cayley.
func askPath(ctx context.Context, qs cayley.QuadStore, d *data, q question, found func(uint32)) (n int, err error) {
	a, p := quadstore.Entity(entityID(q.a)), quadstore.Predicate(predicateName(q.p))
	switch q.kind {
	case oneHop, asOfHop:
		return each(ctx, qs, d, path.StartPath(qs, a).Out(p).Unique(), found)
	case twoHops:
		return each(ctx, qs, d, path.StartPath(qs, a).Out(p).Out(quadstore.Predicate(predicateName(q.q))).Unique(), found)
	case accordingTo:
		return each(ctx, qs, d, path.StartPath(qs, a).In(quadstore.StatementSpeaker).Has(quadstore.StatementPredicate, p).Unique(), found)
	default:
		return each(ctx, qs, d, path.StartPath(qs, p).In(quadstore.StatementPredicate), nil)
	}
}

// each walks the answers of a path.
func each(ctx context.Context, qs cayley.QuadStore, d *data, p *path.Path, found func(uint32)) (n int, err error) {
	err = p.Iterate(ctx).Each(func(ref cayley.Ref) {
		if n++; found == nil {
			return
		}
		if id, ok := quadstore.ID(qs.NameOf(ref)); ok {
			found(d.number(id))
		}
	})
	return n, err
}

// pathDatabase is the library, asked through Cayley's paths. Its stores remember
// edges that were asked for, as those of a program do that keeps its store.
type pathDatabase struct {
	*recordDatabase
	now *quadstore.Store
}

func newPathDatabase(dir string) (database, error) {
	db, err := openRecord(dir)
	return &pathDatabase{recordDatabase: db}, err
}

func (db *pathDatabase) load(ctx context.Context, d *data) (time.Duration, error) {
	took, err := db.recordDatabase.load(ctx, d)
	if err == nil {
		db.now = quadstore.New(db.g.View(nil))
	}
	return took, err
}

func (db *pathDatabase) ask(ctx context.Context, q question, found func(uint32)) (int, error) {
	qs := db.now
	if q.kind == asOfHop {
		qs = quadstore.New(db.g.View(&graph.Lens{AsOf: q.at}))
	}
	return askPath(ctx, qs, db.d, q, found)
}

// mem is Cayley's store in memory, with the quads of a view.
type mem struct {
	qs   *memstore.QuadStore
	d    *data
	held int64
}

func newMemstore(string) (database, error) { return &mem{}, nil }

func (db *mem) load(ctx context.Context, d *data) (took time.Duration, err error) {
	g, err := graph.Open(ctx, events.NewMem(), nil)
	if err != nil {
		return 0, err
	}
	defer g.Close()
	if _, err := record(ctx, g, d.registrations(), d.statements(), d.retractions()); err != nil {
		return 0, err
	}
	view := quadstore.New(g.View(nil))
	before := heap()
	db.d, db.qs = d, memstore.New()
	var quads []quad.Quad
	flush := func() {
		began := time.Now()
		for _, q := range quads {
			db.qs.AddQuad(q)
		}
		took += time.Since(began)
		quads = quads[:0]
	}
	scan := cayley.AsShape(view.QuadsAllIterator()).Iterate()
	for scan.Next(ctx) {
		if quads = append(quads, view.Quad(scan.Result())); len(quads) == 10_000 {
			flush()
		}
	}
	flush()
	quads = nil
	if err := errors.Join(scan.Err(), scan.Close()); err != nil {
		return 0, err
	}
	db.held = heap() - before
	return took, nil
}

func (db *mem) ask(ctx context.Context, q question, found func(uint32)) (int, error) {
	if q.kind == asOfHop {
		return 0, errors.ErrUnsupported
	}
	return askPath(ctx, db.qs, db.d, q, found)
}

func (db *mem) memory() (int64, error) { return db.held, nil }

func (db *mem) close() error { return db.qs.Close() }
