package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/jetstream"
	"github.com/onrecord/onrecord/events/postgres"
	"github.com/onrecord/onrecord/events/sqlite"
)

// open opens the store of a record, wherever that is kept, and returns what closes it. A
// file must be there unless it may be made.
func (d *desk) open(ctx context.Context, where string, mayMake bool) (events.Store, func() error, error) {
	scheme, rest, _ := strings.Cut(where, ":")
	switch scheme {
	case "postgres", "postgresql":
		s, err := postgres.Open(ctx, where, &postgres.Options{AcceptLoss: d.acceptLoss})
		if err != nil {
			return nil, nil, err
		}
		return s, s.Close, nil
	case "nats", "tls":
		s, err := jetstream.Open(ctx, where, &jetstream.Options{AcceptLoss: d.acceptLoss, SyncAlways: d.syncAlways})
		if err != nil {
			return nil, nil, err
		}
		return s, s.Close, nil
	case "cluster":
		return openCluster(ctx, rest)
	}
	if _, err := os.Stat(where); !mayMake && errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("there is no file %s; newsroom record makes one", where)
	}
	s, err := sqlite.Open(where, nil)
	if err != nil {
		return nil, nil, err
	}
	return s, s.Close, nil
}
