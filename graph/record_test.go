package graph

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onrecord/onrecord/events"
)

// A record that is about to be stored takes in all that wait, waits for as many as are
// expected, and for no more than come: if the clock does not move, too.
func TestGather(t *testing.T) {
	const callers = 5
	for _, c := range []struct {
		expected int
		gap      time.Duration
	}{
		{expected: callers, gap: 0},
		{expected: callers - 1, gap: time.Hour},
		{expected: callers + 3, gap: time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			g, err := Open(t.Context(), events.NewMem(), nil)
			if err != nil {
				t.Fatal(err)
			}
			<-g.folding // the writer holds one request until it is given back
			outcomes := make(chan error, callers)
			for i := range callers {
				go func() {
					_, err := g.Record(t.Context(), &events.Batch{Recorder: "test", Events: []events.Event{{
						Body: &events.EntityRegistered{Entity: events.Entity{ID: events.Key("entity", fmt.Sprint(i)), Kind: events.Person, Name: events.Name{Text: "A"}}},
					}}})
					outcomes <- err
				}()
			}
			synctest.Wait()
			d := g.begin(nil)
			if rest := g.gather(d, nil, c.expected, c.gap); len(rest) > 0 || len(d.requests) != callers-1 {
				t.Errorf("of %d that wait, expecting %d within %v: %d, and no room for %d", callers-1, c.expected, c.gap, len(d.requests), len(rest))
			}
			g.fold.rollback(d.start)
			taken := errors.New("taken back")
			settle(d.requests[:refuse(d.requests, taken)])
			g.folding <- struct{}{}
			refused := 0
			for range callers {
				if err := <-outcomes; err != nil {
					refused++
				}
			}
			if refused != callers-1 {
				t.Errorf("%d of %d were refused, want all but one", refused, callers)
			}
			if err := g.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
