package main

import (
	"context"
	"crypto/rand"
	"errors"
	"iter"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/proof"
)

const proofText = "What it costs who records into an SQLite file when the Merkle tree of the record, in files, is grown beside and its head signed, once a second. " +
	"Statements are recorded without a pause; each second the tree takes in what was recorded in the second before. How many are recorded while it grows is compared with how many " +
	"were in the three tenths of a second before and after, which shows less of what else the machine does than one run against another. *While it grows* is that alone, and *a second with / without* " +
	"has it count for the part of the second that it takes. *A loop instead* reads the clock on the other processor for as long. *1 writer* and *64 writers* record one statement a call, *batches* are of 1,000, through `Graph.Record` and `Graph.RecordEach`."

// load is a way to record.
type load struct {
	name    string
	writers int // 0: by RecordEach
	size    int // statements in a batch
	second  int // statements that take about a second
}

// proof measures what a checkpoint each second costs who records.
func (r *run) proof(ctx context.Context) error {
	s := r.section("A checkpoint each second", proofText)
	for _, l := range []load{
		{"1 writer", 1, 1, 6000}, {"64 writers", 64, 1, 100_000},
		{"batches by Record", 1, 1000, 200_000}, {"batches by RecordEach", 0, 1000, 250_000},
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
	const seconds = 4 // of a round, each with something beside the recording
	share := min(r.commits, 2000)
	second := time.Second * time.Duration(share) / 2000
	calls := max(l.second*share/2000/l.size, l.writers, 1)
	c, err := r.recorder(ctx, dir, (1+(seconds+1)*2*2*r.rounds)*calls*l.size)
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
	var busy time.Duration // as long as growing took the last time
	loop := func() error {
		for began := time.Now(); time.Since(began) < busy; {
		}
		return nil
	}
	// round records so many calls, and each second does something beside that. It
	// returns when each call had ended, in order, and when what was done beside began and ended.
	type span struct{ from, to time.Duration }
	round := func(calls int, beside func() error) (ended []time.Duration, spans []span, err error) {
		list := make([]*events.Batch, calls)
		for i := range list {
			list[i] = c.take(l.size)
		}
		if err := grow(); err != nil {
			return nil, nil, err
		}
		runtime.GC()
		began, done := time.Now(), make(chan error)
		go func() {
			var err error
			for k := range seconds {
				time.Sleep(time.Until(began.Add(time.Duration(k+1) * second)))
				from := time.Since(began)
				err = errors.Join(err, beside())
				spans = append(spans, span{from, time.Since(began)})
			}
			done <- err
		}()
		ended = make([]time.Duration, calls)
		err = l.record(ctx, c, list, func(i int) { ended[i] = time.Since(began) })
		err = errors.Join(err, <-done)
		slices.Sort(ended)
		return ended, spans, err
	}
	// took adds, for each second, how long a statement took in the while around what was done
	// beside, in that while and in all of the second, if as many were recorded as that.
	type found struct{ around, beside, all samples }
	took := func(f *found, ended []time.Duration, spans []span) {
		within := func(from, to time.Duration) float64 {
			a, _ := slices.BinarySearch(ended, from)
			b, _ := slices.BinarySearch(ended, to)
			return float64((b - a) * l.size)
		}
		for _, x := range spans {
			d := x.to - x.from
			side := min(second*3/10, (second-d)/2)
			around := within(x.from-side, x.from) + within(x.to, x.to+side)
			beside := within(x.from, x.to)
			if side <= 0 || around == 0 || beside == 0 || x.to+side > ended[len(ended)-1] {
				continue
			}
			rate := around / float64(2*side)
			f.around = append(f.around, 1/rate)
			f.beside = append(f.beside, float64(d)/beside)
			f.all = append(f.all, float64(second)/(rate*float64(second-d)+beside))
		}
	}
	ended, _, err := round(calls, func() error { return nil })
	if err != nil {
		return err
	}
	// No more than there is data for: on a quicker machine the last seconds are left out.
	calls = (seconds + 1) * min(calls, max(int(float64(calls)*float64(second)/float64(ended[len(ended)-1])), l.writers))
	var growing, looping found
	var lasted samples
	for range 2 * r.rounds {
		ended, spans, err := round(calls, grow)
		if err != nil {
			return err
		}
		took(&growing, ended, spans)
		for _, x := range spans {
			busy = x.to - x.from
			lasted = append(lasted, float64(busy))
		}
		if ended, spans, err = round(calls, loop); err != nil {
			return err
		}
		took(&looping, ended, spans)
	}
	s.add(l.name, "without", 0, 1e9/growing.around.median(), "/s")
	s.add(l.name, "growing the tree takes", 0, lasted.median(), "ns")
	s.add(l.name, "while it grows / without", 0, growing.beside.against(growing.around).median(), "×")
	s.add(l.name, "a second with / without", 0, r.ratio("a checkpoint each second, "+l.name+", with / without", 0, growing.all, growing.around), "×")
	s.add(l.name, "a second with a loop instead / without", 0, r.ratio("a checkpoint each second, "+l.name+", a loop instead / without", 0, looping.all, looping.around), "×")
	return errors.Join(tree.Close(), c.close())
}

// record records batches in this way, and calls done as each is recorded, perhaps from
// several goroutines at once.
func (l *load) record(ctx context.Context, c *recorder, list []*events.Batch, done func(i int)) error {
	if l.writers > 0 {
		_, err := together(l.writers, len(list), func(i int) error {
			_, err := c.g.Record(ctx, list[i])
			done(i)
			return err
		})
		return err
	}
	i := 0
	for _, err := range c.g.RecordEach(ctx, withoutErrors(list)) {
		if err != nil {
			return err
		}
		done(i)
		i++
	}
	return nil
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
