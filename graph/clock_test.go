package graph

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events"
)

// What a clock says does not include what the machine counts beside it: that goes on as if
// nothing had happened when the clock is set.
func TestClockSaysWhatItShows(t *testing.T) {
	if at := newClock(nil, events.NewMem()).wall(); at != at.Round(0) {
		t.Errorf("%v is compared by what the machine has counted", at)
	}
}

// A time that was not compared with the store's is not recorded.
func TestClockNotCompared(t *testing.T) {
	at := time.Date(2025, 8, 4, 9, 0, 0, 0, time.UTC)
	c := newClock(func() time.Time { return at }, timed{events.NewMem()})
	if _, err := c.read(); err == nil {
		t.Error("it was never compared")
	}
	if err := c.compare(t.Context()); err != nil {
		t.Fatal(err)
	}
	for passed, ok := range map[time.Duration]bool{
		-time.Hour: true, 0: true, compareFor - 1: true, compareFor: false, 24 * time.Hour: false,
	} {
		at = time.Date(2025, 8, 4, 9, 0, 0, 0, time.UTC).Add(passed)
		if got, err := c.read(); (err == nil) != ok || ok && !got.Equal(at) {
			t.Errorf("%v later: %v, %v", passed, got, err)
		}
	}
}

// timed is a store whose time is far ahead.
type timed struct{ *events.Mem }

func (timed) Now(context.Context) (time.Time, error) {
	return time.Date(2025, 8, 5, 9, 0, 0, 0, time.UTC), nil
}

// A clock that is far off is said to be, and nothing is recorded.
func TestClockOutOfRange(t *testing.T) {
	for _, year := range []int{1600, 2263, 3000} {
		g, err := Open(t.Context(), events.NewMem(), &Options{Now: func() time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }})
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.Record(t.Context(), &events.Batch{Recorder: "desk", Events: []events.Event{
			{Body: &events.EntityRegistered{Entity: events.Entity{ID: events.Key("ada"), Kind: events.Person, Name: events.Name{Text: "Ada"}}}},
		}})
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("recorded at %d-01-01", year)) || strings.Contains(err.Error(), "too large") {
			t.Errorf("%d: %v", year, err)
		}
		if p := g.View(nil).Position(); p != 0 {
			t.Errorf("%d: at position %d", year, p)
		}
		g.Close()
	}
}
