package main

import (
	"context"
	"crypto/rand"
	"errors"
	"iter"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/proof"
)

const proofText = "What it costs who records into an SQLite file when the Merkle tree of the record, in files, is grown beside and its head signed, once a second. " +
	"So many statements as take about a second are recorded without that and with it, by turns; with it, the tree takes in " +
	"what was recorded the second before. *Beside a loop* is what it costs to have the other processor read the clock for as long instead. *1 writer* and *64 writers* record one statement a call, *batches* are of 1,000, through `Graph.Record` and `Graph.RecordAll`."

// load is a way to record.
type load struct {
	name    string
	writers int // 0: by RecordAll
	size    int // statements in a batch
	second  int // statements that take about a second
}

// proof measures what a checkpoint each second costs who records.
func (r *run) proof(ctx context.Context) error {
	s := r.section("A checkpoint each second", proofText)
	for _, l := range []load{
		{"1 writer", 1, 1, 6000}, {"64 writers", 64, 1, 100_000},
		{"batches by Record", 1, 1000, 200_000}, {"batches by RecordAll", 0, 1000, 250_000},
	} {
		if err := r.checkpoints(ctx, s, l); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) checkpoints(ctx context.Context, s *Section, l load) error {
	dir, remove, err := r.folder()
	if err != nil {
		return err
	}
	defer remove()
	calls := max(l.second*min(r.commits, 2000)/2000/l.size, l.writers, 1)
	rounds := 2 * r.rounds // what is looked for is less than what else a machine does
	c, err := r.recorder(ctx, dir, (1+6*rounds)*calls*l.size)
	if err != nil {
		return err
	}
	tree, err := proof.OpenTree(filepath.Join(dir, "tree"))
	if err != nil {
		return err
	}
	key, _, err := note.GenerateKey(rand.Reader, "bench")
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(key)
	if err != nil {
		return err
	}
	grow := func() error {
		head, err := tree.Grow(ctx, c.store)
		if err == nil {
			_, err = proof.Sign(head, signer)
		}
		return err
	}
	// window records for about a second, and returns how long that took.
	window := func(beside func() error) (took float64, err error) {
		list := make([]*events.Batch, calls)
		for i := range list {
			list[i] = c.take(l.size)
		}
		runtime.GC()
		done := make(chan error, 1)
		began := time.Now()
		go func() { done <- beside() }()
		err = l.record(ctx, c, list)
		took = float64(time.Since(began))
		return took, errors.Join(err, <-done)
	}
	nothing := func() error { return nil }
	var busy time.Duration // as long as growing takes by itself
	loop := func() error {
		for began := time.Now(); time.Since(began) < busy; {
		}
		return nil
	}
	if _, err := window(nothing); err != nil {
		return err
	}
	var without, looping, with samples
	for range rounds {
		if err := grow(); err != nil {
			return err
		}
		var sum [3]float64 // there and back, since the record grows
		for i, beside := range []func() error{nothing, loop, grow, grow, loop, nothing} {
			if i == 1 {
				began := time.Now()
				if err := grow(); err != nil {
					return err
				}
				busy = time.Since(began)
			}
			took, err := window(beside)
			if err != nil {
				return err
			}
			sum[min(i, 5-i)] += took
		}
		without, looping, with = append(without, sum[0]), append(looping, sum[1]), append(with, sum[2])
	}
	recorded := float64(2 * rounds * calls * l.size)
	s.add(l.name, "without", 0, recorded/without.sum()*1e9, "/s")
	s.add(l.name, "with", 0, recorded/with.sum()*1e9, "/s")
	s.add(l.name, "time with / without", 0, r.ratio("a checkpoint each second, "+l.name+", with / without", 0, with, without), "×")
	s.add(l.name, "beside a loop / without", 0, r.ratio("a checkpoint each second, "+l.name+", a loop instead / without", 0, looping, without), "×")
	return errors.Join(tree.Close(), c.close())
}

// record records batches in this way.
func (l *load) record(ctx context.Context, c *recorder, list []*events.Batch) error {
	if l.writers > 0 {
		_, err := together(l.writers, len(list), func(i int) error {
			_, err := c.g.Record(ctx, list[i])
			return err
		})
		return err
	}
	_, err := c.g.RecordAll(ctx, withoutErrors(list))
	return err
}

func withoutErrors(list []*events.Batch) iter.Seq2[*events.Batch, error] {
	return func(yield func(*events.Batch, error) bool) {
		for _, b := range list {
			if !yield(b, nil) {
				return
			}
		}
	}
}
