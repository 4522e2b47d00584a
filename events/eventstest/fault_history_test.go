package eventstest

import (
	"context"
	"errors"
	"strings"

	"github.com/onrecord/onrecord/events"
)

var historyFaults = []fault{{
	name:  "last is stale among others",
	found: "together/linearizable",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, last: func(ctx context.Context) (events.Seq, error) {
			last, err := m.Last(ctx)
			if data, failed := m.Read(ctx, last); failed == nil && last > 1 && strings.HasPrefix(string(data), "history ") {
				last--
			}
			return last, err
		}}
	},
}, {
	name:  "acknowledges what is overwritten",
	found: "together/linearizable",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, append: func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
			seq, err := m.Append(ctx, after, record)
			if errors.Is(err, events.ErrConflict) && strings.HasPrefix(string(record), "history ") {
				return after + 1, nil
			}
			return seq, err
		}}
	},
}}
