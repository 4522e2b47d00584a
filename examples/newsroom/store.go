package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/jetstream"
	"github.com/onrecord/onrecord/events/postgres"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/internal/natstest"
)

// open opens the store of a record, wherever that is kept, and returns what closes it.
func (d *desk) open(ctx context.Context, where string) (events.Store, func() error, error) {
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
	s, err := sqlite.Open(where, nil)
	if err != nil {
		return nil, nil, err
	}
	return s, s.Close, nil
}

// openCluster opens a record that three servers keep in a directory. If nobody runs them,
// they are run here, until the record is closed.
func openCluster(ctx context.Context, dir string) (events.Store, func() error, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, nil, err
	}
	opts := &jetstream.Options{SyncAlways: true}
	address := filepath.Join(dir, "url") // while the servers run
	running, err := os.ReadFile(address)
	if err == nil {
		s, err := jetstream.Open(ctx, string(running), opts)
		if err != nil {
			return nil, nil, fmt.Errorf("the servers that %s names do not answer; remove it if they do not run: %w", address, err)
		}
		return s, s.Close, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	// Who makes this directory starts the servers.
	starting := filepath.Join(dir, "starting")
	if err := os.Mkdir(starting, 0o777); err != nil {
		return nil, nil, fmt.Errorf("another newsroom is starting the servers; try again, or remove the directory if none is: %w", err)
	}
	defer os.Remove(starting)
	cluster, err := natstest.Start(filepath.Join(dir, "servers"), 3, nil)
	if err != nil {
		return nil, nil, err
	}
	if err := os.WriteFile(address, []byte(cluster.URL()), 0o666); err != nil {
		return nil, nil, errors.Join(err, cluster.Stop())
	}
	s, err := jetstream.Open(ctx, cluster.URL(), opts)
	if err != nil {
		return nil, nil, errors.Join(err, os.Remove(address), cluster.Stop())
	}
	return s, func() error { return errors.Join(s.Close(), os.Remove(address), cluster.Stop()) }, nil
}
