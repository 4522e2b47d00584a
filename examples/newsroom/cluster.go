package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/jetstream"
	"github.com/onrecord/onrecord/internal/natstest"
)

// servers sync always, and are of this machine.
var servers = &jetstream.Options{SyncAlways: true}

// openCluster opens a record that three servers keep in a directory. The newsroom that
// locks the directory runs them until it closes the record, and the file url tells the
// others where they are. However that newsroom ends, the lock is released, and the next
// one to open the record runs the servers on.
func openCluster(ctx context.Context, dir string) (events.Store, func() error, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, nil, err
	}
	var failed error // why the servers that run, or are being stopped, do not answer
	var since time.Time
	for {
		unlock, err := lock(filepath.Join(dir, "lock"))
		if err == nil {
			return startCluster(ctx, dir, unlock)
		}
		if !errors.Is(err, sqlite3.BUSY) {
			return nil, nil, err
		}
		url, err := os.ReadFile(filepath.Join(dir, "url"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, err
		}
		if len(url) == 0 { // they are being started, or stopped
			failed = nil
		} else if s, err := jetstream.Open(ctx, string(url), servers); err == nil {
			return s, s.Close, nil
		} else if failed == nil {
			failed, since = err, time.Now()
		} else if time.Since(since) > 10*time.Second {
			return nil, nil, failed
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}

// startCluster starts the servers of a directory that is locked.
func startCluster(ctx context.Context, dir string, unlock func() error) (events.Store, func() error, error) {
	fmt.Fprintln(os.Stderr, "newsroom: starting three servers in", dir)
	url := filepath.Join(dir, "url")
	if err := os.RemoveAll(url); err != nil { // left by a newsroom that was killed
		return nil, nil, errors.Join(err, unlock())
	}
	cluster, err := natstest.Start(filepath.Join(dir, "servers"), 3, nil)
	if err != nil {
		return nil, nil, errors.Join(err, unlock())
	}
	s, err := jetstream.Open(ctx, cluster.URL(), servers)
	if err != nil {
		return nil, nil, errors.Join(err, cluster.Stop(), unlock())
	}
	end := func() error { return errors.Join(os.RemoveAll(url), s.Close(), cluster.Stop(), unlock()) }
	// Nobody reads half of it.
	err = os.WriteFile(url+".new", []byte(cluster.URL()), 0o600)
	if err == nil {
		err = os.Rename(url+".new", url)
	}
	if err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return s, end, nil
}

// lock locks a file, which stays empty, and returns what unlocks it. SQLite knows how, on
// every system, so that a lock does not outlive its process.
func lock(path string) (unlock func() error, err error) {
	db, err := sqlite3.Open(path)
	if err != nil {
		return nil, err
	}
	if err := db.Exec(`BEGIN EXCLUSIVE`); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db.Close, nil
}
