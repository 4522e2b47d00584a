package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/jsonl"
	"github.com/onrecord/onrecord/events/sqlite"
)

// backup copies the record as of now.
func (n *notary) backup(ctx context.Context, args []string, _ map[string]string) (err error) {
	store, err := toRead(args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	head, err := store.BackupFile(ctx, args[1], nil)
	if err != nil {
		return err
	}
	return n.printHead(args[1], head)
}

func (n *notary) printHead(what string, head events.Head) error {
	_, err := fmt.Fprintf(n.out, "%s ends with %v\n", what, head)
	return err
}

// export writes the record as lines that can be read.
func (n *notary) export(ctx context.Context, args []string, _ map[string]string) (err error) {
	store, err := toRead(args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	var head events.Head
	err = n.to(args, 1, forOwner, func(w io.Writer) error {
		buffered := bufio.NewWriter(w)
		var err error
		if head, err = jsonl.Export(ctx, store, buffered); err != nil {
			return err
		}
		return buffered.Flush()
	})
	if err != nil || len(args) == 1 { // what is printed is the export and nothing else
		return err
	}
	return n.printHead(args[1], head)
}

// importFrom puts an export into a file. All of it is read before, so that nothing is put,
// or made, if anything is wrong with it.
func (n *notary) importFrom(ctx context.Context, args []string, _ map[string]string) (err error) {
	f, err := openFile(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	if head, err := jsonl.Import(ctx, new(nowhere), f); err != nil {
		return fmt.Errorf("%s, after record %d: %w", args[0], head.Seq, err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	store, err := sqlite.Open(args[1], nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	head, err := jsonl.Import(ctx, store, f)
	if err != nil {
		return fmt.Errorf("%s, after record %d: %w", args[0], head.Seq, err)
	}
	return n.printHead(args[1], head)
}

// A nowhere is a store that takes records and keeps none.
type nowhere struct{ last events.Seq }

func (s *nowhere) Append(_ context.Context, after events.Seq, _ []byte) (events.Seq, error) {
	s.last = after + 1
	return s.last, nil
}

func (s *nowhere) Scan(context.Context, events.Seq) iter.Seq2[events.Record, error] {
	return func(func(events.Record, error) bool) {}
}

func (s *nowhere) Last(context.Context) (events.Seq, error) { return s.last, nil }

func (s *nowhere) Close() error { return nil }
