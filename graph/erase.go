package graph

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/onrecord/onrecord/events"
)

// erasing is what a graph has whose record is erasable.
//
// What is redacted is erased in this order: the redaction is recorded, and safe; the key
// of its target is destroyed, and with it the secret of snapshots; the record is folded
// anew, without the key, into new columns; whoever keeps copies is told. Whatever is
// left undone by a crash or an error is made up for when the record is folded next:
// a redaction whose target could still be read is due.
type erasing struct {
	keys events.Keys
	seal *events.Seal
	// snapshot is the secret of snapshots as it was before any of the keys was read
	// that the columns were made with. If one of them is destroyed it is of no use any
	// more, whoever destroyed it.
	snapshot events.Secret
	due      []uint32 // redacted events that the columns still hold

	untold  bool // somebody has not been told of an erasure
	tell    []*teller
	telling chan struct{} // holds a token while somebody tells
}

// teller is whoever is told of erasures.
type teller struct {
	f func(context.Context) error
}

// useKeys makes the graph that of an erasable record.
func (g *Graph) useKeys(ctx context.Context, keys events.Keys) (err error) {
	g.erasing = &erasing{keys: keys, telling: make(chan struct{}, 1)}
	if g.erasing.seal, err = events.NewSeal(ctx, keys); err != nil {
		return fmt.Errorf("graph: %w", err)
	}
	if g.erasing.snapshot, err = g.snapshotSecret(ctx); err != nil {
		return fmt.Errorf("graph: %w", err)
	}
	return nil
}

// snapshotSecret reads the secret of snapshots.
func (g *Graph) snapshotSecret(ctx context.Context) (events.Secret, error) {
	root, err := g.erasing.keys.Root(ctx)
	if err != nil {
		return events.Secret{}, fmt.Errorf("keys: %w", err)
	}
	return root.Snapshot, nil
}

// sealOf returns the seal of an erasable record, nil for another one.
func (g *Graph) sealOf() *events.Seal {
	if g.erasing == nil {
		return nil
	}
	return g.erasing.seal
}

// OnErase has f called whenever something has been erased, before the call that has
// taken the erasure in returns: for whoever keeps copies of what views show. If f
// fails that call does, and f is called again with the next. f must not
// record, refresh or close: that would wait for f itself, for ever. Whoever records
// waits while f runs. After stop, f is not called any more, but it may still be running.
// In a record that is not erasable f is never called.
func (g *Graph) OnErase(f func(context.Context) error) (stop func()) {
	if g.erasing == nil {
		return func() {}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	t := &teller{f}
	g.erasing.tell = append(g.erasing.tell, t)
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		// A new list: the old one may be in use.
		g.erasing.tell = slices.DeleteFunc(slices.Clone(g.erasing.tell), func(x *teller) bool { return x == t })
	}
}

// told tells of what has been erased, and returns when all have been told of all that
// had been erased by the call. It does not matter who folds.
func (g *Graph) told(ctx context.Context) error {
	if g.erasing == nil {
		return nil
	}
	select {
	case g.erasing.telling <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-g.erasing.telling }()
	g.mu.Lock()
	tell, untold := g.erasing.tell, g.erasing.untold
	g.erasing.untold = false
	g.mu.Unlock()
	if !untold {
		return nil
	}
	var failed []error
	for _, t := range tell {
		if err := t.f(ctx); err != nil {
			failed = append(failed, err)
		}
	}
	if failed == nil {
		return nil
	}
	g.mu.Lock()
	g.erasing.untold = true
	g.mu.Unlock()
	return fmt.Errorf("graph: erase: %w", errors.Join(failed...))
}

// isUntold reports whether somebody is still to be told of what has been erased.
func (g *Graph) isUntold() bool {
	if g.erasing == nil {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.erasing.untold
}

// hasKeys returns an error if the keys are older than the snapshot that has been read: new
// ones would have the ids of old ones. Folding reads the keys of all events itself.
func (g *Graph) hasKeys(ctx context.Context) error {
	if g.erasing == nil || g.fold.c.lastKey == 0 {
		return nil
	}
	id := binary.AppendUvarint(nil, g.fold.c.lastKey)
	if _, err := g.erasing.keys.Read(ctx, [][]byte{id}); err != nil {
		return fmt.Errorf("graph: %w", err)
	}
	return nil
}

// noteDue notes what a record redacts that is about to be made final. The caller
// folds.
func (g *Graph) noteDue(end sealed) {
	f := g.fold
	for _, t := range f.hide[:end.hide-f.hidden] {
		if !f.erased[t] {
			g.erasing.due = append(g.erasing.due, t)
		}
	}
}

// erase does what is due. The caller folds, and nothing is folded that is not in the
// record.
func (g *Graph) erase(ctx context.Context) error {
	if g.erasing == nil || len(g.erasing.due) == 0 {
		return nil
	}
	if err := g.eraseDue(ctx); err != nil {
		return fmt.Errorf("graph: erase: %w", err)
	}
	return nil
}

func (g *Graph) eraseDue(ctx context.Context) error {
	var ids [][]byte
	for _, n := range g.erasing.due {
		_, head, err := g.find(ctx, n)
		if err != nil {
			return err
		}
		ids = append(ids, head.Key)
	}
	keys, err := g.erasing.keys.Read(ctx, ids)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(keys, func(k events.EventKey) bool { return k.Secret != events.Secret{} }) {
		if err := g.makeSafe(ctx); err != nil {
			return err
		}
	}
	secret, err := g.destroy(ctx, ids)
	if err != nil {
		return err
	}
	if err := g.foldAnew(ctx); err != nil {
		return err
	}
	g.erasing.snapshot = secret // from here on the columns have nothing that it must not seal
	g.erasing.due, g.kept.saved, g.kept.tried = nil, 0, 0
	g.mu.Lock()
	defer g.mu.Unlock()
	g.erasing.untold = true
	return nil
}

// destroy destroys keys of what the columns hold, and returns the secret of snapshots that
// holds from here on.
func (g *Graph) destroy(ctx context.Context, ids [][]byte) (events.Secret, error) {
	if err := g.erasing.keys.Destroy(ctx, ids); err != nil {
		return events.Secret{}, err
	}
	secret, err := g.snapshotSecret(ctx)
	if err != nil || secret != g.erasing.snapshot {
		return secret, err
	}
	// Another has destroyed them and had replaced the secret when the columns were begun, or
	// the file of keys is a copy that was made meanwhile: a snapshot that still opens may have
	// what is erased. A key of nothing is destroyed for the sake of the secret.
	spare, err := g.erasing.keys.New(ctx, 1)
	if err == nil {
		err = g.erasing.keys.Destroy(ctx, [][]byte{spare[0].ID})
	}
	if err != nil {
		return events.Secret{}, err
	}
	return g.snapshotSecret(ctx)
}

// foldAnew folds the record up to where it has been folded into new columns. Views
// of the old ones stay what they are, and share what is redacted with the new ones.
func (g *Graph) foldAnew(ctx context.Context) error {
	old := g.fold.c
	again := &Graph{
		store: g.store, erasing: &erasing{seal: g.erasing.seal}, cache: cache{limit: g.cache.limit},
		fold: newFold(old.again()), moved: make(chan struct{}),
	}
	again.fold.c.post.slack, again.fold.most = old.post.slack, g.fold.most
	again.fold.load = again.load
	again.publish(again.fold.here())
	for d, err := range ahead(ctx, g.store, 0, g.erasing.seal) {
		if err == nil {
			err = again.take(ctx, d)
		}
		if err != nil {
			return err
		}
		if again.last == g.last {
			break
		}
	}
	if again.previous != g.previous || len(again.erasing.due) > 0 {
		return fmt.Errorf("the record up to record %d is not what it was: %w", g.last, events.ErrDamaged)
	}
	g.fold = again.fold
	g.fold.load = g.load
	g.publish(g.fold.here())
	return nil
}

// newRecord begins a record.
func (g *Graph) newRecord(seq events.Seq, previous [sha256.Size]byte) *events.RecordBuilder {
	first := events.Position(g.fold.c.batches.n)
	if g.erasing == nil {
		return events.NewRecord(seq, first, previous)
	}
	return events.NewSealedRecord(seq, first, previous, g.erasing.seal.Record())
}

// isDue reports whether something has been redacted and not been erased yet. The
// caller folds.
func (g *Graph) isDue() bool { return g.erasing != nil && len(g.erasing.due) > 0 }

// eraseFor erases what requests redact that have been recorded. Those that do, or did
// in an earlier try, learn if that fails. The caller folds, and nothing is folded that
// is not in the record.
func (g *Graph) eraseFor(requests []*request) {
	if g.erasing == nil {
		return
	}
	ctx := context.Background()
	err := g.erase(ctx)
	if err == nil {
		err = g.told(ctx)
	}
	if err == nil {
		return
	}
	for _, r := range requests {
		if r.err == nil && r.redacts {
			r.unerased = fmt.Errorf("graph: recorded, but not erased yet; record it again: %w", err)
		}
	}
}

// sealNew seals the events of a request that are not known yet. The others are left
// empty.
func (g *Graph) sealNew(r *request) error {
	m := g.seen.Load()
	var places []int
	var es []events.Event
	var plain []events.Encoded
	for i := range r.batch.Events {
		e := &r.batch.Events[i]
		r.redacts = r.redacts || e.Kind() == events.KindRedacted
		if m.c.events.find(e.ID, m.events) == 0 {
			places, es, plain = append(places, i), append(es, *e), append(plain, r.encoded[i])
		}
	}
	sealed, err := g.erasing.seal.Seal(r.ctx, es, plain)
	if err != nil {
		return fmt.Errorf("graph: record: %w", err)
	}
	r.sealed = make([]events.Encoded, len(r.encoded))
	for k, i := range places {
		r.sealed[i] = sealed[k]
	}
	return nil
}
