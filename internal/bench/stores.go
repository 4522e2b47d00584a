package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/jetstream"
	"github.com/onrecord/onrecord/events/postgres"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/natstest"
	"github.com/onrecord/onrecord/internal/pgtest"
)

const storesText = "The same statements through `Graph.Record` into each store, by turns, on one machine whose processors and disk " +
	"the servers share: a PostgreSQL server, and NATS servers in this process, all syncing what they acknowledge. *Calls at once* " +
	"come from that many goroutines of one process, whose graph puts what waits into one record. Then another store of the same " +
	"record is followed: *seen by a follower* is how long after `Record` has returned its graph shows the batch, with one call at a " +
	"time. *Replayed* is `graph.Open` of another store, without a snapshot; *read* only hands out the stored bytes."

// kept is a store that is measured.
type kept struct {
	name string
	open func(ctx context.Context) (events.Store, error)

	*recorder
	other events.Store // the same record
}

// callsOf is how many statements a call records.
var callsOf = []int{1, 100}

// stores measures the stores that a record may be kept in.
func (r *run) stores(ctx context.Context) (err error) {
	s := r.section("Stores", storesText)
	dir, remove, err := r.folder()
	if err != nil {
		return err
	}
	defer remove()
	list, stop, err := r.kept(dir)
	defer func() { err = errors.Join(err, stop()) }()
	if err != nil {
		return err
	}
	calls := func(writers, size int) (chunk, chunks int) {
		chunk = max(4*writers, 32)
		return chunk, max(r.commits/chunk/len(list)/min(size, 4), 2)
	}
	n := 0
	for _, size := range callsOf {
		for _, writers := range []int{1, 16, 64} {
			chunk, chunks := calls(writers, size)
			n += chunk * chunks * size
		}
	}
	follows := max(r.commits/20, 20)
	for _, k := range list {
		store, err := k.open(ctx)
		if err != nil {
			return err
		}
		if k.recorder, err = r.recorderOn(ctx, store, n+follows); err != nil {
			return err
		}
		if k.other, err = k.open(ctx); err != nil {
			return err
		}
	}
	for _, size := range callsOf {
		for _, writers := range []int{1, 16, 64} {
			r.say("stores, %d calls at once of %d statements", writers, size)
			chunk, chunks := calls(writers, size)
			if err := r.callsAtOnce(ctx, s, list, writers, size, chunk, chunks); err != nil {
				return err
			}
		}
	}
	for _, k := range list {
		r.say("stores, followed and replayed: %s", k.name)
		if err := r.followed(ctx, s, k, follows); err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
		if err := r.replayed(ctx, s, k); err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
		if err := errors.Join(k.other.Close(), k.close()); err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
	}
	return nil
}

// kept starts the servers and returns the stores, and what stops the servers.
func (r *run) kept(dir string) (list []*kept, stop func() error, err error) {
	var stops []func() error
	stop = func() (err error) {
		for _, f := range stops {
			err = errors.Join(err, f())
		}
		return err
	}
	list = append(list, &kept{name: "SQLite", open: func(context.Context) (events.Store, error) {
		return sqlite.Open(filepath.Join(dir, "story.db"), nil)
	}})
	for _, d := range []string{r.dir, dir} { // the server's user must reach it
		if err := os.Chmod(d, 0o711); err != nil {
			return nil, stop, err
		}
	}
	server, err := pgtest.Run(dir)
	switch {
	case errors.Is(err, pgtest.ErrNone):
		r.say("stores: %v", err)
	case err != nil:
		return nil, stop, fmt.Errorf("%w\nthe directory of -dir must be open to other users, who run PostgreSQL", err)
	default:
		stops = append(stops, func() error { server.Close(); return nil })
		list = append(list, &kept{name: "PostgreSQL", open: func(ctx context.Context) (events.Store, error) {
			return postgres.Open(ctx, server.URL(), nil)
		}})
	}
	for _, servers := range []int{1, 3} {
		name := fmt.Sprintf("JetStream, R%d", servers)
		cluster, err := natstest.Start(filepath.Join(dir, fmt.Sprint("nats", servers)), servers, nil)
		if err != nil {
			return nil, stop, err
		}
		stops = append(stops, cluster.Stop)
		list = append(list, &kept{name: name, open: func(ctx context.Context) (events.Store, error) {
			return jetstream.Open(ctx, cluster.URL(), &jetstream.Options{Replicas: servers, SyncAlways: true, AcceptLoss: servers == 1})
		}})
	}
	return list, stop, nil
}

// callsAtOnce measures calls of some statements each, from some goroutines at once.
func (r *run) callsAtOnce(ctx context.Context, s *Section, list []*kept, writers, size, chunk, chunks int) error {
	taken, each := make([]samples, len(list)), make([]samples, len(list))
	for range chunks {
		for i, k := range list {
			batches := make([]*events.Batch, chunk)
			for j := range batches {
				batches[j] = k.take(size)
			}
			latency := make(samples, chunk)
			t, err := together(writers, chunk, func(j int) error {
				began := time.Now()
				_, err := k.g.Record(ctx, batches[j])
				latency[j] = float64(time.Since(began))
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", k.name, err)
			}
			taken[i], each[i] = append(taken[i], float64(t)), append(each[i], latency...)
		}
	}
	row := fmt.Sprintf("calls of %d statements, %d at once", size, writers)
	if size == 1 {
		row = fmt.Sprintf("calls of one statement, %d at once", writers)
	}
	for i, k := range list {
		s.add(row, k.name, 0, float64(chunk*chunks*size)/taken[i].sum()*1e9, "/s")
		s.add(row+", p50", k.name, 0, each[i].at(0.50), "ns")
		s.add(row+", p95", k.name, 0, each[i].at(0.95), "ns")
		if i > 0 {
			r.ratioOf(fmt.Sprintf("stores, %s / SQLite, %s", k.name, row), 0, taken[i].sum()/taken[0].sum(), taken[i].against(taken[0]).spread())
		}
	}
	return nil
}

// followed measures how late a follower is.
func (r *run) followed(ctx context.Context, s *Section, k *kept, n int) error {
	follower, err := graph.Open(ctx, k.other, &graph.Options{NoSnapshot: true})
	if err != nil {
		return err
	}
	late, err := lateness(ctx, k.recorder, follower, n)
	if err != nil {
		return err
	}
	s.add("seen by a follower, p50", k.name, 0, late.at(0.50), "ns")
	s.add("seen by a follower, p95", k.name, 0, late.at(0.95), "ns")
	return nil
}

// replayed measures how fast the record is read and folded.
func (r *run) replayed(ctx context.Context, s *Section, k *kept) error {
	n := float64(k.next)
	took, err := byTurns(r.rounds, func() error {
		g, err := graph.Open(ctx, k.other, &graph.Options{NoSnapshot: true})
		if err != nil {
			return err
		}
		return g.Close()
	}, func() error {
		for _, err := range k.other.Scan(ctx, 0) {
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.add("replayed, statements", k.name, 0, n/took[0].median()*1e9, "/s")
	s.add("read, statements", k.name, 0, n/took[1].median()*1e9, "/s")
	return nil
}
