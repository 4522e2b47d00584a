package eventstest

import (
	"context"
	"errors"

	"github.com/onrecord/onrecord/events"
)

// synced is a Mem that is an events.Syncer, with a fault.
type synced struct {
	*events.Mem
	fault string
}

func (s *synced) Sync(ctx context.Context) error {
	if s.fault == "sync though cancelled" {
		ctx = context.WithoutCancel(ctx)
	}
	last, err := s.Last(ctx)
	switch {
	case s.fault == "sync though closed" && errors.Is(err, events.ErrClosed):
		return nil
	case err != nil:
		return err
	case s.fault == "sync of nothing fails" && last == 0:
		return errors.New("no record")
	case s.fault == "sync appends" && last > 0:
		_, err := s.Append(ctx, last, []byte("mark"))
		return err
	}
	return nil
}

var syncFaults = func() (all []fault) {
	for name, found := range map[string]string{
		"no fault of sync":      "",
		"sync though cancelled": "sync/cancelled before",
		"sync though closed":    "sync/closed",
		"sync of nothing fails": "sync/records",
		"sync appends":          "sync/records",
	} {
		all = append(all, fault{name: name, found: found, store: func(m *events.Mem) events.Store {
			return &synced{Mem: m, fault: name}
		}})
	}
	return all
}()
