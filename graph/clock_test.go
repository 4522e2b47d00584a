package graph

import (
	"context"
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
