package eventstest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"

	"github.com/onrecord/onrecord/events"
)

// A shelf is a Mem that keeps a snapshot, with a fault.
type shelf struct {
	*events.Mem
	fault string

	mu       sync.Mutex
	snapshot []byte
	there    bool
}

func (s *shelf) usable(ctx context.Context) error {
	if s.fault == "snapshot though cancelled" {
		ctx = context.WithoutCancel(ctx)
	}
	if _, err := s.Last(ctx); err != nil && !(s.fault == "snapshot though closed" && errors.Is(err, events.ErrClosed)) {
		return err
	}
	return nil
}

func (s *shelf) ReadSnapshot(ctx context.Context) (io.ReadCloser, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.there && s.fault != "empty snapshot for none" {
		return nil, fs.ErrNotExist
	}
	if s.fault == "reader sees what comes later" {
		return io.NopCloser(&late{shelf: s}), nil
	}
	return io.NopCloser(bytes.NewReader(s.snapshot)), nil
}

// late reads what the snapshot is at each call.
type late struct {
	shelf *shelf
	at    int
}

func (l *late) Read(b []byte) (int, error) {
	l.shelf.mu.Lock()
	defer l.shelf.mu.Unlock()
	if l.at >= len(l.shelf.snapshot) {
		return 0, io.EOF
	}
	n := copy(b, l.shelf.snapshot[l.at:])
	l.at += n
	return n, nil
}

// place writes into the snapshot itself.
type place struct{ shelf *shelf }

func (p place) Write(b []byte) (int, error) {
	p.shelf.mu.Lock()
	defer p.shelf.mu.Unlock()
	p.shelf.there = true
	p.shelf.snapshot = append(p.shelf.snapshot, b...)
	return len(b), nil
}

func (s *shelf) WriteSnapshot(ctx context.Context, write func(io.Writer) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	if s.fault == "snapshot written in place" {
		s.mu.Lock()
		s.snapshot = nil
		s.mu.Unlock()
		return write(place{s})
	}
	var made bytes.Buffer
	err := write(&made)
	if err != nil && s.fault != "half a snapshot kept" {
		return err
	}
	if s.fault == "snapshot's record lost" {
		_, _ = s.Append(ctx, 5, []byte("a snapshot"))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.there = true
	if s.snapshot = made.Bytes(); s.fault == "snapshot cut" {
		s.snapshot = s.snapshot[:min(len(s.snapshot), 1<<20)]
	}
	return err
}

var snapshotFaults = func() (all []fault) {
	for name, found := range map[string]string{
		"no fault of the snapshot":     "",
		"empty snapshot for none":      "snapshot/none",
		"snapshot cut":                 "snapshot/replaces",
		"half a snapshot kept":         "snapshot/error",
		"snapshot written in place":    "snapshot/while it is replaced",
		"reader sees what comes later": "snapshot/while it is replaced",
		"snapshot's record lost":       "snapshot/beside the record",
		"snapshot though cancelled":    "snapshot/cancelled before",
		"snapshot though closed":       "snapshot/closed",
	} {
		all = append(all, fault{name: name, found: found, store: func(m *events.Mem) events.Store {
			return &shelf{Mem: m, fault: name}
		}})
	}
	return all
}()
