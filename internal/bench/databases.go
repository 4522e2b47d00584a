package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/onrecord/onrecord/events"
)

// database is something that keeps the data and can answer questions about it.
// It must not be used from several goroutines at once.
type database interface {
	// load loads all of the data and returns how long that took, the making of
	// what is loaded aside. It is called once, before anything else.
	load(ctx context.Context, d *data) (time.Duration, error)
	// ask returns how many answers a question has, each of which has been read.
	// It calls found, if that is not nil, with the numbers of the entities or
	// statements that answer, each once. Only errors.ErrUnsupported says that
	// the question cannot be put.
	ask(ctx context.Context, q question, found func(uint32)) (int, error)
	// memory returns how many bytes it holds in memory, less than 0 if that is
	// not known.
	memory() (int64, error)
	close() error
}

// kind is a kind of question.
type kind int

const (
	oneHop      kind = iota // entities that a leads to by p, now
	twoHops                 // entities that those lead to by q
	asOfHop                 // oneHop, as of a position
	accordingTo             // statements of p whose origin is a, now
	countOf                 // how many statements of p there are, now
	kindsEnd                // how many kinds there are
)

var kinds = [kindsEnd]string{"one hop", "two hops", "one hop, as of", "according to", "count of a predicate"}

// question is put to every database.
type question struct {
	kind kind
	a    uint32 // entity
	p, q uint8  // predicates
	at   events.Position
}

// questions draws n questions of a kind, always the same.
func (d *data) questions(k kind, n int) []question {
	random := rand.New(rand.NewPCG(3, 4))
	zipf := newZipf(random, d.n)
	first := d.added(0)
	list := make([]question, n)
	for i := range list {
		list[i] = question{
			kind: k, a: uint32(zipf.Uint64()), p: uint8(random.IntN(predicates)), q: uint8(random.IntN(predicates)),
			at: first + events.Position(random.IntN(int(d.last()-first)+1)),
		}
	}
	return list
}

// contestant makes a database in a directory of its own.
type contestant struct {
	name string
	most int // facts that it is loaded with; 0: any number
	make func(dir string) (database, error)
}

// contestants are all databases, the library first. What needs a C++ compiler
// comes last.
func contestants() []contestant {
	return append([]contestant{
		{"onrecord", 0, newRecordDatabase},
		{"onrecord, Cayley paths", 0, newPathDatabase},
		{"Cayley memstore", 1_000_000, newMemstore},
		{"SQLite", 2_000_000, newSQLite},
	}, withCompiler()...)
}

// entrant is a contestant that takes part.
type entrant struct {
	contestant
	database
	dir string
}

const databasesText = "The same data in other databases, and questions that they can answer, put by turns, each as the best of five tries; all answers are read. " +
	"A tenth of the statements has been retracted. *Load* is by 1,000 durable statements at a time for the library and SQLite, " +
	"and by the fastest way that there is for the others, which is not durable before the end (memstore never is). " +
	"The library answers from `View.Statements`, or, the same record loaded once more, through Cayley's paths over `graph/quadstore`, which " +
	"remembers edges that were asked for before; memstore has " +
	"the same quads, as of now. SQLite has tables of statements, arguments and voices, each with the positions at which " +
	"they were added and removed and an index that covers the questions, and a cache of 2 GB. DuckDB has one table in columns with " +
	"indexes, Kuzu has an edge for each statement. What a database cannot be asked, or is too slow to be loaded with, is left out. " +
	"*Asked* says how many questions were put where the time was up before all were."

// databases measures the library beside other databases.
func (r *run) databases(ctx context.Context, n int) error {
	s := r.section("Other databases", databasesText,
		Plot{File: "one-hop", Title: "One hop: 95 of 100 take at most", Unit: "ns", Row: "one hop, p95"},
		Plot{File: "two-hops", Title: "Two hops: 95 of 100 take at most", Unit: "ns", Row: "two hops, p95"},
		Plot{File: "load", Title: "Loading", Unit: "ns", Row: "load"})
	d := synthetic(n)
	dir, remove, err := r.folder()
	if err != nil {
		return err
	}
	defer remove()
	var list []*entrant
	defer func() {
		for _, e := range list {
			e.close()
		}
	}()
	loads := map[string]float64{}
	for i, c := range contestants() {
		if c.most > 0 && n > c.most {
			continue
		}
		r.say("  load %s", c.name)
		e, took, err := enter(ctx, c, filepath.Join(dir, fmt.Sprint(i)), d)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		list = append(list, e)
		loads[c.name] = took
		if err := s.sizes(e, n, took); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		if i > 1 { // both ways of the library load alike
			r.ratioOf("load / "+c.name, n, loads["onrecord"]/took, 0)
		}
	}
	for k, name := range kinds {
		r.say("  ask %s", name)
		if err := r.contest(ctx, s, n, name, d.questions(kind(k), r.queries), list); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// enter makes a database and loads it.
func enter(ctx context.Context, c contestant, dir string, d *data) (e *entrant, took float64, err error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, 0, err
	}
	db, err := c.make(dir)
	if err != nil {
		return nil, 0, err
	}
	t, err := db.load(ctx, d)
	if err != nil {
		db.close()
		return nil, 0, err
	}
	return &entrant{c, db, dir}, float64(t), nil
}

// sizes adds how long a database took to be loaded and how large it is.
func (s *Section) sizes(e *entrant, n int, took float64) error {
	s.add("load", e.name, n, took, "ns")
	held, err := e.memory()
	if err != nil {
		return err
	}
	if held > 0 {
		s.add("memory for a statement", e.name, n, float64(held)/float64(n), "B")
	}
	disk, err := filesSize(e.dir)
	if err == nil && disk > 0 {
		s.add("disk for a statement", e.name, n, float64(disk)/float64(n), "B")
	}
	return err
}

// contest puts questions of one kind to databases by turns, until the time is
// up, and adds what half and 95 of 100 took at most, and the ratios of the first
// database to the others.
func (r *run) contest(ctx context.Context, s *Section, n int, name string, questions []question, list []*entrant) error {
	taken := make([]samples, len(list))
	began := time.Now()
	for _, q := range questions {
		for i, e := range list {
			took, err := best(func() error {
				_, err := e.ask(ctx, q, nil)
				return err
			})
			if errors.Is(err, errors.ErrUnsupported) {
				continue
			}
			if err != nil {
				return fmt.Errorf("%s: %w", e.name, err)
			}
			taken[i] = append(taken[i], took)
		}
		if time.Since(began) > r.budget {
			break
		}
	}
	for i, e := range list {
		if len(taken[i]) == 0 {
			continue
		}
		s.add(name+", p50", e.name, n, taken[i].at(0.50), "ns")
		s.add(name+", p95", e.name, n, taken[i].at(0.95), "ns")
		if i > 0 {
			r.ratioOf(name+", p50 / "+e.name, n, taken[0].at(0.50)/taken[i].at(0.50), 0)
		}
	}
	if asked := len(taken[0]); asked < len(questions) {
		s.add(name+", asked", list[0].name, n, float64(asked), "")
	}
	return nil
}
