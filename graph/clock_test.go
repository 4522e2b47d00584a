package graph

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
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

// What a clock recorded before 1970 was recorded then, and the running maximum begins with it.
func TestClockBefore1970(t *testing.T) {
	at := time.Date(1965, 3, 1, 0, 0, 0, 0, time.UTC)
	store := events.NewMem()
	live, err := Open(t.Context(), store, &Options{Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	for _, back := range []int{0, -1, 2} { // months
		at = at.AddDate(0, back, 0)
		b := live.NewBatch(t.Context(), "desk")
		b.Source("https://example.org/"+at.Format("2006-01")).By(b.Person("Ada")).Says("pay", b.Person("Ada"))
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := live.Record(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	replayed, err := Open(t.Context(), store, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer replayed.Close()
	for name, g := range map[string]*Graph{"live": live, "replayed": replayed} {
		for day, want := range map[string]int{"1965-02-28": 0, "1965-03-01": 2, "1965-03-31": 2, "1965-04-01": 3, "1970-01-01": 3} {
			d := edtf.MustParse(day)
			if got := g.View(&Lens{RecordedBy: EndOf(d)}).Position(); int(got) != want {
				t.Errorf("%s: recorded by %s: position %d, want %d", name, day, got, want)
			}
			for what, l := range map[string]*Lens{"said": {SaidBy: Certainly(d)}, "published": {PublishedBy: Certainly(d)}} {
				n := 0
				for range g.View(l).Statements(Pattern{}) {
					n++
				}
				if n != want {
					t.Errorf("%s: %s by %s: %d statements, want %d", name, what, day, n, want)
				}
			}
		}
	}
}
