package graph

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// TakenIn is what has become of a batch of another record.
type TakenIn struct {
	// From is the batch's position on the other record: go on after it. Batches before it
	// that are redacted throughout are told with it.
	From events.Position
	// Receipt says where it is on this one.
	Receipt Receipt
	// Known is how many of its events had been on this record before.
	Known int
	// LeftOut are its events that are not on this record, in their order.
	LeftOut []LeftOut
}

// LeftOut is an event that has not been taken in, and why.
type LeftOut struct {
	Event *events.Event // as the other record has it; without a body if it is redacted there
	Err   error
}

// TakeIn records what another desk's record, opened as a graph by itself, has after a position.
// It yields what has become of each of its batches, in their order, when that is durable.
// Each becomes a batch here, recorded by "desk: " and who has recorded it there, cut to
// events.MaxName bytes. The view's filters do not apply.
//
// What an event says, and its id, stay what they are. So it is recorded once: what is here
// already, under whatever name, is passed over. When it was recorded there is lost: here it is
// recorded now.
//
// An event is the desk's if it was recorded here under a name that begins with "desk: ".
// Otherwise it is this record's own, even if it came from a third desk. Own recorders must not
// have such a name. TakeIn changes nothing that is own: it stands as it stood, reads as it read,
// is not redacted, and a source or an entity that it registers last stays as it registers it.
// These are left out, each with the reason, while the rest of the batch is recorded:
//   - what would change what is own, such as a retraction whose cascade takes it: [ErrOwn];
//   - declarations: the vocabulary is own, and what is taken in is checked against it: ErrOwn;
//   - what is redacted there, if it is not here: [ErrRedacted]. A redaction itself is taken in,
//     and hides here what it hides there;
//   - what a rule refuses (events.ErrInvalid): it contradicts a standing verdict, refers to what
//     has been left out, or to what does not stand here, which own events may have removed; or,
//     with events.ErrRecordSize, the batch has no room for it under the longer name;
//   - an id that is taken here by other content: [ErrIDTaken];
//   - a registration behind which a later one of theirs is here already, or one that the view
//     does not know, as when the view is of an older copy: [ErrOutdated].
//
// All else counts as if it had been recorded here. Verdicts join and part what is own. The
// newest rating counts, whoever's it is (see Rating.By), and so does the last split, even one
// that comes in late. What is own and rests upon theirs reads theirs as they revise it.
//
// To go on, call it again with the last From. That works after any error too, and after the
// loop has ended early. What has been left out is tried again only by a call from before it,
// such as from 0, which changes nothing else. If the context ends or a store fails, that ends
// the sequence; as with [Graph.RecordEach], some batches behind the last that has been yielded
// may be on record.
//
// An erasable record takes in nothing, since its ids are made with its keys: that is
// events.ErrInvalid. So is a desk's name that no recorder can have, that has more than half of
// events.MaxName bytes, or that has ": " in it. What is taken from an erasable record can be
// hidden here, but not erased.
//
// It holds some batches in memory, and what is left of a whole run of batches that are
// redacted throughout there. It costs reading theirs and recording it, and reading what is here
// already. Others may record, and take in, at once: what is own is looked at when the batch's
// turn has come.
func (g *Graph) TakeIn(ctx context.Context, desk string, from View, after events.Position) iter.Seq2[TakenIn, error] {
	return func(yield func(TakenIn, error) bool) {
		if g.erasing != nil {
			yield(TakenIn{}, fmt.Errorf("graph: take in: the record is erasable: %w", events.ErrInvalid))
			return
		}
		if desk == "" || len(desk) > events.MaxName/2 || strings.Contains(desk, ": ") {
			yield(TakenIn{}, fmt.Errorf("graph: take in: desk %.80q: want a name of at most %d bytes without %q: %w", desk, events.MaxName/2, ": ", events.ErrInvalid))
			return
		}
		if err := checkRecorder(desk); err != nil {
			yield(TakenIn{}, fmt.Errorf("graph: take in: desk: %w", err))
			return
		}
		t := &taking{prefix: desk + ": ", from: from.m}
		var sent []*theirs // in order
		next, ended := &theirs{}, false
		batches := func(yield func(*events.Batch, error) bool) {
			for e, err := range from.Events(ctx, after) {
				if err != nil {
					yield(nil, err)
					return
				}
				if e.Position != next.From && len(next.batch.Events) > 0 {
					b := &next.batch
					sent, next = append(sent, next), &theirs{}
					if !yield(b, nil) {
						return
					}
				}
				next.add(t, e, g.seen.Load())
			}
			if b := &next.batch; len(b.Events) > 0 {
				sent, next = append(sent, next), &theirs{}
				yield(b, nil)
			}
		}
		last := after
		tell := func(r *request) bool {
			last = sent[0].From
			if !ended {
				ended = true // unless the loop returns
				ended = !yield(sent[0].told(r), nil)
			}
			sent = sent[1:]
			return !ended
		}
		switch _, err := g.recordAll(ctx, batches, t, tell); {
		case ended:
		case err != nil:
			yield(TakenIn{}, fmt.Errorf("graph: take in: behind position %d of the other record: %w", last, err))
		case next.From != 0:
			yield(next.told(&request{}), nil)
		}
	}
}

// theirs is a batch of another record, and what stands before it and has no body any more.
type theirs struct {
	TakenIn
	all    []LeftOut // all of its events, each without an error unless it is left out
	batch  events.Batch
	places []int // of the batch's events in all
}

func (b *theirs) add(t *taking, e *events.Event, here *moment) {
	b.From = e.Position
	b.all = append(b.all, LeftOut{Event: e})
	if e.Body != nil {
		b.batch.Recorder = t.recorder(e.Recorder)
		b.batch.Events = append(b.batch.Events, events.Event{ID: e.ID, Body: e.Body})
		b.places = append(b.places, len(b.all)-1)
	} else if here.c.events.find(e.ID, here.events) == 0 {
		b.all[len(b.all)-1].Err = fmt.Errorf("graph: take in: %v %v: %w", e.Kind(), e.ID, ErrRedacted)
	}
}

// told returns what is to be told when the batch has been recorded.
func (b *theirs) told(r *request) TakenIn {
	for i, err := range r.left {
		b.all[b.places[i]].Err = err
	}
	all := len(b.all)
	b.LeftOut = slices.DeleteFunc(b.all, func(l LeftOut) bool { return l.Err == nil })
	b.Receipt, b.Known = r.receipt, all-len(b.LeftOut)-r.receipt.New
	return b.TakenIn
}

// taking is how what another desk has recorded is recorded here.
type taking struct {
	prefix string // of the recorders whose events are the desk's
	from   moment // of their record
}

// recorder returns the name here of who has recorded something there.
func (t *taking) recorder(there string) string {
	name := t.prefix + there
	if len(name) <= events.MaxName {
		return name
	}
	name = name[:events.MaxName]
	for checkRecorder(name) != nil && len(name) > len(t.prefix) {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	return name
}

// checkRecorder refuses a name that nobody can record under.
func checkRecorder(name string) error {
	one := events.Event{ID: events.Key("one"), Body: &events.Retracted{Event: events.Key("another")}}
	_, err := events.EncodeBatch(&events.Batch{Recorder: name, Events: []events.Event{one}})
	return err
}

// isOwn reports whether an event is neither the desk's nor of the batch in hand.
func (t *taking) isOwn(f *fold, n uint32) bool {
	now := f.c.now()
	return n != 0 && n < f.c.batches.at(now.position).last && !strings.HasPrefix(*f.c.symbols.name.at(now.recorderOf(n)), t.prefix)
}

// mostHeader is what a record takes at most beside its events and the recorder's name, with one
// batch in it, in bytes.
const mostHeader = 200

// headSize is what an event with a payload of n bytes takes in the header of a record
// that is not sealed, in bytes: FORMAT.md, the head.
func headSize(n int) int {
	switch {
	case n < 24:
		return 21
	case n < 1<<8:
		return 22
	case n < 1<<16:
		return 23
	}
	return 25
}

// take checks and folds an event of a request, or leaves it out. size is that of those before
// it which are not left out.
func (t *taking) take(g *Graph, r *request, i int, size *int) error {
	f, e := g.fold, &r.batch.Events[i]
	before, n := f.mark(), headSize(len(r.encoded[i].Payload))+len(r.encoded[i].Payload)
	err := t.allows(f, e)
	if err == nil && *size+n > events.MaxRecord-mostHeader-len(r.batch.Recorder) {
		err = &events.Error{Index: -1, Statement: -1, ID: e.ID, Kind: e.Kind(), Class: events.ErrRecordSize,
			Problem: "has no room in the record behind the rest of its batch", Want: "to be taken in by a further call from before it"}
	}
	if err == nil {
		err = g.addEvent(r, i)
	}
	for k := before.removals; err == nil && k < f.c.removals.n; k++ {
		if n := f.c.rows.event.at(f.c.removals.at(k).row); t.isOwn(f, n) {
			err = fmt.Errorf("removes %v or has it read otherwise: %w", *f.c.events.id.at(n), ErrOwn)
		}
	}
	for row := before.rows; err == nil && row < f.c.rows.row.n; row++ {
		if n := f.c.rows.event.at(row); n < before.events {
			err = t.restores(f, n, before.rows)
		}
	}
	var refused *events.Error
	switch {
	case err == nil:
		*size += n
		return nil
	case errors.As(err, &refused):
		refused.Index = -1
	case errors.Is(err, ErrOwn) || errors.Is(err, ErrOutdated):
		err = fmt.Errorf("%v %v: %w", e.Kind(), e.ID, err)
	default:
		return err
	}
	f.rollback(before)
	r.leave(i, fmt.Errorf("graph: take in: %w", err))
	return nil
}

// allows refuses an event that would change what is own otherwise than by removing it.
func (t *taking) allows(f *fold, e *events.Event) error {
	registered := func(head *uint32) error {
		here := f.hereUnlisted()
		n := f.c.rows.event.at(here.newest(head, true))
		if n == 0 {
			return nil
		}
		newest := *f.c.events.id.at(n)
		if t.isOwn(f, n) {
			return fmt.Errorf("revises what %v registers: %w", newest, ErrOwn)
		}
		theirs := func(id uuid.UUID) uint32 { return t.from.c.events.find(id, t.from.events) }
		if at := theirs(newest); at == 0 || at > theirs(e.ID) {
			return fmt.Errorf("%w: see the later event %v", ErrOutdated, newest)
		}
		return nil
	}
	own := func(id uuid.UUID) error {
		if t.isOwn(f, f.earlier(id)) {
			return fmt.Errorf("redacts or splits %v: %w", id, ErrOwn)
		}
		return nil
	}
	switch b := e.Body.(type) {
	case *events.SourceAdded:
		if n := f.c.sources.find(b.Source.ID, f.c.sources.id.n); n != 0 {
			return registered(f.c.sources.head.at(n))
		}
	case *events.EntityRegistered:
		if n := f.entity(b.Entity.ID); n != 0 {
			return registered(f.c.entities.head.at(n))
		}
	case *events.EntitySplit:
		for i := range b.Parts {
			for _, m := range b.Parts[i].Mentions {
				if err := own(m.Statement); err != nil {
					return err
				}
			}
		}
	case *events.Redacted:
		return own(b.Event)
	case *events.VocabularyDeclared:
		return fmt.Errorf("declares predicates or schemes: %w", ErrOwn)
	}
	return nil
}

// restores refuses what has a registration stand again that is newer than what registered the
// thing before, if that is own. rows is how many there were then.
func (t *taking) restores(f *fold, n, rows uint32) error {
	var head *uint32
	switch f.c.events.kind(n) {
	case events.KindSourceAdded:
		head = f.c.sources.head.at(f.c.registered.at(f.c.whatOf(n)).source)
	case events.KindEntityRegistered:
		head = f.c.entities.head.at(f.c.namings.at(f.c.whatOf(n)).entity)
	default:
		return nil
	}
	was, here := uint32(0), f.hereUnlisted()
	for r := range here.rowsIn(head, keyRegistered) {
		if r < rows {
			was = max(was, f.c.rows.event.at(r))
		}
	}
	if was < n && t.isOwn(f, was) {
		return fmt.Errorf("restores %v, which revises what %v registers: %w", *f.c.events.id.at(n), *f.c.events.id.at(was), ErrOwn)
	}
	return nil
}

// leave notes that an event of a request is left out, and why.
func (r *request) leave(i int, err error) {
	if r.left == nil {
		r.left = make([]error, len(r.batch.Events))
	}
	r.left[i] = err
}

// taken returns the batch without what is left out.
func (r *request) taken() *events.Batch {
	if r.left == nil {
		return r.batch
	}
	b := &events.Batch{Recorder: r.batch.Recorder}
	for i, err := range r.left {
		if err == nil {
			b.Events = append(b.Events, r.batch.Events[i])
		}
	}
	return b
}
