package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
)

// raw is the limit of what a disk does: bytes written one after another into a
// file that was written to its full size before, and synced. It goes round.
type raw struct {
	file   *os.File
	offset int64

	requests chan rawRequest
	writer   sync.WaitGroup
}

type rawRequest struct {
	data []byte
	done chan error
}

const rawSize = 64 << 20

// newRaw makes the file and starts the writer of group, which close ends.
func newRaw(path string) (*raw, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	r := &raw{file: file, requests: make(chan rawRequest)}
	if _, err := file.Write(make([]byte, rawSize)); err != nil {
		return nil, err
	}
	if err := file.Sync(); err != nil {
		return nil, err
	}
	r.writer.Go(r.write)
	return r, nil
}

// append writes data and syncs it. It must not be used from several goroutines
// at once, nor beside group.
func (r *raw) append(data []byte) error {
	if r.offset+int64(len(data)) > rawSize {
		r.offset = 0
	}
	n, err := r.file.WriteAt(data, r.offset)
	if err != nil {
		return err
	}
	r.offset += int64(n)
	return fdatasync(r.file)
}

// group writes data and returns once it is synced, together with what other
// goroutines write meanwhile.
func (r *raw) group(data []byte) error {
	q := rawRequest{data, make(chan error, 1)}
	r.requests <- q
	return <-q.done
}

// write writes what group is called with: all that waits, with one sync.
func (r *raw) write() {
	for q := range r.requests {
		data, waiting := append([]byte(nil), q.data...), []rawRequest{q}
		for more := true; more; {
			select {
			case q, ok := <-r.requests:
				if more = ok; ok {
					data, waiting = append(data, q.data...), append(waiting, q)
				}
			default:
				more = false
			}
		}
		err := r.append(data)
		for _, q := range waiting {
			q.done <- err
		}
	}
}

func (r *raw) close() error {
	close(r.requests)
	r.writer.Wait()
	return r.file.Close()
}

// recorder is a graph on a file, with data of which the statements are recorded
// one by one.
type recorder struct {
	store events.Store
	g     *graph.Graph
	d     *data
	next  int        // statement
	seen  events.Seq // last record whose bytes were counted
}

func (r *run) recorder(ctx context.Context, dir string, n int) (*recorder, error) {
	store, err := sqlite.Open(filepath.Join(dir, "story.db"), nil)
	if err != nil {
		return nil, err
	}
	return r.recorderOn(ctx, store, n)
}

// recorderOn is a recorder on an empty store, which it closes.
func (r *run) recorderOn(ctx context.Context, store events.Store, n int) (c *recorder, err error) {
	c = &recorder{store: store, d: synthetic(max(n, 100))}
	if c.g, err = graph.Open(ctx, c.store, nil); err == nil {
		_, err = record(ctx, c.g, c.d.registrations())
	}
	if err == nil {
		c.seen, err = c.store.Last(ctx)
	}
	return c, err
}

// take returns a batch with the next statements.
func (c *recorder) take(size int) *events.Batch {
	b := &events.Batch{Recorder: "bench"}
	for range size {
		b.Events = append(b.Events, c.d.statement(c.next))
		c.next++
	}
	return b
}

// written returns how many bytes the records have that were added since the
// last call.
func (c *recorder) written(ctx context.Context) (size int, err error) {
	for rec, err := range c.store.Scan(ctx, c.seen) {
		if err != nil {
			return 0, err
		}
		size += len(rec.Data)
		c.seen = rec.Seq
	}
	return size, nil
}

func (c *recorder) close() error {
	if err := c.g.Close(); err != nil {
		return err
	}
	return c.store.Close()
}

const durableText = "One statement a call through `Graph.Record` into an SQLite file, by one and by several goroutines, " +
	"against writing the same number of bytes into a file that was written to its full size before, and `fdatasync` after each, or, " +
	"for several, after all that waited (group commit). The ratio is of the sums, what the moving of SQLite's log takes included."

// durable measures recording one statement a call.
func (r *run) durable(ctx context.Context) error {
	s := r.section("Durable recording", durableText)
	for _, writers := range []int{1, 16, 64} {
		if err := r.writers(ctx, s, writers); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) writers(ctx context.Context, s *Section, writers int) error {
	dir, remove, err := r.folder()
	if err != nil {
		return err
	}
	defer remove()
	// Chunks by turns: each is long enough for all writers to get going.
	chunk := max(16*writers, 50)
	chunks := max(r.commits/chunk, 20) // or one pause makes the ratio
	c, err := r.recorder(ctx, dir, chunk*chunks)
	if err != nil {
		return err
	}
	limit, err := newRaw(filepath.Join(dir, "raw"))
	if err != nil {
		return err
	}
	one := limit.group
	if writers == 1 {
		one = limit.append
	}
	var ours, theirs samples
	for range chunks {
		list := make([]*events.Batch, chunk)
		for i := range list {
			list[i] = c.take(1)
		}
		t, err := together(writers, chunk, func(i int) error {
			_, err := c.g.Record(ctx, list[i])
			return err
		})
		if err != nil {
			return err
		}
		ours = append(ours, float64(t))
		size, err := c.written(ctx)
		if err != nil {
			return err
		}
		bytes := make([]byte, size/chunk)
		if t, err = together(writers, chunk, func(int) error { return one(bytes) }); err != nil {
			return err
		}
		theirs = append(theirs, float64(t))
	}
	row := fmt.Sprintf("%d writers", writers)
	if writers == 1 {
		row = "1 writer"
	}
	done := float64(chunk * chunks)
	s.add(row, "recorded", 0, done/ours.sum()*1e9, "/s")
	s.add(row, "raw limit", 0, done/theirs.sum()*1e9, "/s")
	s.add(row, "time / raw limit", 0, r.ratioOf("durable, "+row+" / raw limit", 0, ours.sum()/theirs.sum(), ours.against(theirs).spread()), "×")
	if err := limit.close(); err != nil {
		return err
	}
	return c.close()
}

// together has goroutines do n things and returns how long that takes.
func together(goroutines, n int, do func(i int) error) (time.Duration, error) {
	var wg sync.WaitGroup
	errs := make([]error, goroutines)
	began := time.Now()
	for k := range goroutines {
		wg.Go(func() {
			for i := k; i < n && errs[k] == nil; i += goroutines {
				errs[k] = do(i)
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return took, nil
}
