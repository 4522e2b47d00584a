package eventstest

import (
	"context"
	"errors"
	"time"

	"github.com/onrecord/onrecord/events"
)

// A watch is a Mem that knows the time, with a fault.
type watch struct {
	*events.Mem
	fault string
	asked int
}

func (w *watch) Now(ctx context.Context) (time.Time, error) {
	if w.fault == "clock though cancelled" {
		ctx = context.WithoutCancel(ctx)
	}
	if _, err := w.Last(ctx); err != nil && !(w.fault == "clock though closed" && errors.Is(err, events.ErrClosed)) {
		return time.Time{}, err
	}
	w.asked++
	switch {
	case w.fault == "no time":
		return time.Time{}, nil
	case w.fault == "a clock that runs ahead":
		return time.Now().Add(time.Duration(w.asked) * time.Minute), nil
	case w.fault == "a clock that runs back":
		return time.Now().Add(-time.Duration(w.asked) * time.Minute), nil
	}
	return time.Now(), nil
}

var clockFaults = func() (all []fault) {
	for name, found := range map[string]string{
		"no fault of the clock":   "",
		"no time":                 "clock/goes",
		"a clock that runs ahead": "clock/goes",
		"a clock that runs back":  "clock/goes",
		"clock though cancelled":  "clock/cancelled before",
		"clock though closed":     "clock/closed",
	} {
		all = append(all, fault{name: name, found: found, store: func(m *events.Mem) events.Store {
			return &watch{Mem: m, fault: name}
		}})
	}
	return all
}()
