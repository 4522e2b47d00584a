package graph_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// halting is a Mem that, once it is told to, reads nothing until it is let go on.
type halting struct {
	*events.Mem
	mu          sync.Mutex
	asked, goOn chan struct{} // nil: it reads
}

// hold makes the store wait. It returns what is closed when it is first asked for a record,
// and lets it go on.
func (h *halting) hold() (asked <-chan struct{}, goOn func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked, h.goOn = make(chan struct{}), make(chan struct{})
	return h.asked, sync.OnceFunc(func() { close(h.goOn) })
}

func (h *halting) Read(ctx context.Context, seq events.Seq) ([]byte, error) {
	h.mu.Lock()
	asked, goOn := h.asked, h.goOn
	h.asked = nil
	h.mu.Unlock()
	if asked != nil {
		close(asked)
	}
	if goOn != nil {
		<-goOn
	}
	return h.Mem.Read(ctx, seq)
}

// While what a batch says again is read from the store, others record; and what they record
// counts when the batch's turn comes.
func TestRecordAgainHoldsUpNobody(t *testing.T) {
	for _, q := range []struct {
		name    string
		other   bool // content for the new event's id, recorded meanwhile
		isTaken bool
		all     bool // RecordAll
	}{
		{"the same meanwhile", false, false, false},
		{"other content meanwhile", true, true, false},
		{"the same meanwhile, RecordAll", false, false, true},
		{"other content meanwhile, RecordAll", true, true, true},
	} {
		t.Run(q.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // so that it fails, not hangs
			defer cancel()
			s := &halting{Mem: events.NewMem()}
			c := newCast(1)
			before := open(t, s)
			for _, b := range []*events.Batch{c.registration, batchOf(c.statements("one", c.who[0])...)} {
				if _, err := before.Record(ctx, b); err != nil {
					t.Fatal(err)
				}
			}
			g := open(t, s) // has read nothing yet but to fold it
			asked, goOn := s.hold()
			defer goOn()
			fresh := c.statements("two", c.who[0])[0]
			again := batchOf(append(c.statements("one", c.who[0]), fresh)...)
			type outcome struct {
				r   graph.Receipt
				err error
			}
			done := make(chan outcome, 1)
			go func() {
				if !q.all {
					r, err := g.Record(ctx, again)
					done <- outcome{r, err}
					return
				}
				var o outcome
				for o.r, o.err = range g.RecordEach(ctx, func(yield func(*events.Batch, error) bool) { yield(again, nil) }) {
				}
				done <- o
			}()
			<-asked
			meanwhile := events.Event{ID: fresh.ID, Body: fresh.Body}
			if q.other {
				meanwhile.Body = c.statements("three", c.who[0])[0].Body
			}
			if _, err := g.Record(ctx, batchOf(meanwhile)); err != nil {
				t.Fatalf("while the store is read for another batch, Record: %v", err)
			}
			goOn()
			switch o := <-done; {
			case q.isTaken && !errors.Is(o.err, graph.ErrIDTaken):
				t.Errorf("an id that has got other content meanwhile: %+v, %v, want ErrIDTaken", o.r, o.err)
			case !q.isTaken && (o.err != nil || o.r.New != 0 || o.r.Position != 3):
				t.Errorf("an event that has been recorded meanwhile: %+v, %v, want the position 3 and nothing new", o.r, o.err)
			}
		})
	}
}

// An id that has other content is refused as a batch is checked that says much else again,
// whether it is told before or at its turn.
func TestTakenIDAmongKnown(t *testing.T) {
	s := events.NewMem()
	g := open(t, s)
	c := newCast(1)
	one := c.statements("one", c.who[0])
	for _, b := range []*events.Batch{c.registration, batchOf(one...)} {
		if _, err := g.Record(ctx, b); err != nil {
			t.Fatal(err)
		}
	}
	for i := range one {
		es := c.statements("one", c.who[0])
		es[i].Body = c.statements("two", c.who[0])[i].Body
		if r, err := g.Record(ctx, batchOf(es...)); !errors.Is(err, graph.ErrIDTaken) {
			t.Errorf("other content at event %d: %+v, %v, want ErrIDTaken", i, r, err)
		}
		es[i].ID = uuid.Nil
		if r, err := g.Record(ctx, batchOf(es...)); err != nil || r.New != 1 {
			t.Errorf("with an id of its own: %+v, %v", r, err)
		}
	}
}

// What is recorded again after Close is not looked up in a store that may be closed, too.
func TestRecordAgainAfterClose(t *testing.T) {
	s := &shut{Mem: events.NewMem()}
	g := open(t, s)
	c := newCast(1)
	if _, err := g.Record(ctx, c.registration); err != nil {
		t.Fatal(err)
	}
	g.Close()
	s.is = true
	if r, err := g.Record(ctx, c.registration); !errors.Is(err, graph.ErrClosed) {
		t.Errorf("%v, %v, want ErrClosed", r, err)
	}
}

// shut is a Mem that cannot be read once it is.
type shut struct {
	*events.Mem
	is bool
}

func (s *shut) Read(ctx context.Context, seq events.Seq) ([]byte, error) {
	if s.is {
		return nil, errors.New("it is shut")
	}
	return s.Mem.Read(ctx, seq)
}

func (s *shut) ReadPart(ctx context.Context, seq events.Seq, from, to int) ([]byte, error) {
	if s.is {
		return nil, errors.New("it is shut")
	}
	return s.Mem.ReadPart(ctx, seq, from, to)
}
