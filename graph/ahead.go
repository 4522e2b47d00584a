package graph

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"runtime"
	"sync"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// decoded is a record of the store, decoded and checked as far as it can be
// without the records before it.
type decoded struct {
	record  events.Record
	header  *events.Header
	batches []events.Batch
	erased  []bool // of each event; nil: of none
	sum     [sha256.Size]byte
	err     error
	done    chan struct{} // closed when the rest is there
}

// decode does what can be done ahead of a record's turn. What could not have been
// recorded is damage, whatever the checksum says.
func (d *decoded) decode(ctx context.Context, seal *events.Seal) {
	defer close(d.done)
	if d.header, d.err = d.record.Header(); d.err != nil {
		return
	}
	d.sum = sha256.Sum256(d.record.Data)
	if d.header.Keys != uuid.Nil {
		d.open(ctx, seal)
		return
	}
	d.batches = make([]events.Batch, 0, len(d.header.Batches))
	var b events.Batch
	for e, err := range d.header.Events() {
		if err != nil {
			d.err = err
			return
		}
		b.Events = append(b.Events, e)
		from := d.header.Batches[len(d.batches)]
		if len(b.Events) < len(from.Events) {
			continue
		}
		b.Recorder = from.Recorder
		if err := events.CheckShape(&b); err != nil {
			d.err = fmt.Errorf("record %d: %w: %v", d.header.Seq, events.ErrDamaged, err)
			return
		}
		d.batches, b = append(d.batches, b), events.Batch{}
	}
}

// open is decode for a sealed record. What remains of erased events is not checked.
func (d *decoded) open(ctx context.Context, seal *events.Seal) {
	if seal == nil {
		return // its turn refuses it
	}
	opened, err := seal.Open(ctx, d.header)
	if err != nil {
		d.err = err
		return
	}
	for _, from := range d.header.Batches {
		b, shown := events.Batch{Recorder: from.Recorder}, events.Batch{Recorder: from.Recorder}
		for i := range from.Events {
			o := &opened[i]
			b.Events, d.erased = append(b.Events, o.Event), append(d.erased, o.Erased)
			if !o.Erased {
				shown.Events = append(shown.Events, o.Event)
			}
		}
		opened = opened[len(from.Events):]
		if len(shown.Events) > 0 {
			if err := events.CheckShape(&shown); err != nil {
				d.err = fmt.Errorf("record %d: %w: %v", d.header.Seq, events.ErrDamaged, err)
				return
			}
		}
		d.batches = append(d.batches, b)
	}
}

// ahead scans the store, decodes its records on all cores, and yields them in
// their order. The error is the scan's. It has ended all that it started when
// it returns.
func ahead(ctx context.Context, store events.Store, after events.Seq, seal *events.Seal) iter.Seq2[*decoded, error] {
	return func(yield func(*decoded, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		workers := runtime.GOMAXPROCS(0)
		work, ordered := make(chan *decoded), make(chan *decoded, 2*workers)
		var failed error
		var running sync.WaitGroup
		defer running.Wait()
		defer cancel()
		running.Go(func() {
			defer close(ordered)
			defer close(work)
			started := 0
			for r, err := range store.Scan(ctx, after) {
				if failed = err; err != nil {
					return
				}
				if started < workers {
					started++
					running.Go(func() {
						for d := range work {
							d.decode(ctx, seal)
						}
					})
				}
				d := &decoded{record: r, done: make(chan struct{})}
				select {
				case ordered <- d:
					work <- d
				case <-ctx.Done():
					failed = ctx.Err()
					return
				}
			}
		})
		for d := range ordered {
			<-d.done
			if !yield(d, nil) {
				return
			}
		}
		if failed != nil {
			yield(nil, failed)
		}
	}
}
