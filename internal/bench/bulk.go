package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
)

const bulkText = "Batches of 1,000 statements through `Graph.Record` into an SQLite file, checked, each durable before the next, and through " +
	"`Graph.RecordAll`, in order but without a wait for each, a million by a call, against writing the same bytes to a raw file and `fdatasync` after each record. Then the file is opened, all of it in the page cache: *opened* is " +
	"`sqlite.Open` and `graph.Open`, *read* only hands out the stored bytes."

// bulk measures loading many statements and opening what was loaded.
func (r *run) bulk(ctx context.Context, n int) error {
	s := r.section("Bulk load and opening", bulkText, Plot{File: "opening", Title: "Opening a record", Unit: "ns"})
	dir, remove, err := r.folder()
	if err != nil {
		return err
	}
	defer remove()
	c, err := r.recorder(ctx, dir, n)
	if err != nil {
		return err
	}
	limit, err := newRaw(filepath.Join(dir, "raw"))
	if err != nil {
		return err
	}
	var ours, theirs samples
	for b := range c.d.statements() {
		began := time.Now()
		if _, err := c.g.Record(ctx, b); err != nil {
			return err
		}
		ours = append(ours, float64(time.Since(began)))
		size, err := c.written(ctx)
		if err != nil {
			return err
		}
		record := make([]byte, size)
		began = time.Now()
		if err := limit.append(record); err != nil {
			return err
		}
		theirs = append(theirs, float64(time.Since(began)))
	}
	if err := limit.close(); err != nil {
		return err
	}
	if err := c.close(); err != nil {
		return err
	}
	s.add("recorded", "", n, float64(n)/ours.sum()*1e9, "/s")
	s.add("raw limit", "", n, float64(n)/theirs.sum()*1e9, "/s")
	r.ratioOf("bulk load / raw limit", n, ours.sum()/theirs.sum(), ours.against(theirs).spread())

	all, err := r.recordAll(ctx, n)
	if err != nil {
		return err
	}
	s.add("recorded by RecordAll", "", n, float64(n)/float64(all)*1e9, "/s")
	r.ratioOf("bulk load by RecordAll / raw limit", n, float64(all)/theirs.sum(), 0)

	path := filepath.Join(dir, "story.db")
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	s.add("file, for a statement", "", n, float64(info.Size())/float64(n), "B")
	taken, err := byTurns(r.rounds, func() error {
		return withFile(path, func(store events.Store) error {
			g, err := graph.Open(ctx, store, nil)
			if err != nil {
				return err
			}
			return g.Close()
		})
	}, func() error {
		return withFile(path, func(store events.Store) error {
			for _, err := range store.Scan(ctx, 0) {
				if err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	s.add("opened", "", n, taken[0].median(), "ns")
	s.add("read", "", n, taken[1].median(), "ns")
	r.ratio("open / read the bytes", n, taken[0], taken[1])
	return nil
}

// madeAhead is how many batches are made before they are recorded, in memory that a
// larger load would not find.
const madeAhead = 1000

// recordAll returns how long it takes to load n statements by one call for each million.
func (r *run) recordAll(ctx context.Context, n int) (took time.Duration, err error) {
	dir, remove, err := r.folder()
	if err != nil {
		return 0, err
	}
	defer remove()
	c, err := r.recorder(ctx, dir, n)
	if err != nil {
		return 0, err
	}
	made := make([]*events.Batch, 0, madeAhead)
	record := func() error {
		runtime.GC()
		began := time.Now()
		_, err := c.g.RecordAll(ctx, withoutErrors(made))
		took += time.Since(began)
		made = made[:0]
		return err
	}
	for b := range c.d.statements() {
		if made = append(made, b); len(made) == madeAhead {
			if err = record(); err != nil {
				break
			}
		}
	}
	if err == nil && len(made) > 0 {
		err = record()
	}
	return took, errors.Join(err, c.close())
}

// withFile opens a record's file for the time of a call.
func withFile(path string, do func(events.Store) error) error {
	store, err := sqlite.Open(path, nil)
	if err != nil {
		return err
	}
	if err := do(store); err != nil {
		store.Close()
		return err
	}
	return store.Close()
}
