package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/proof"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
)

// verify reads the whole record twice: as bytes, and as events that must fit one
// another.
func (n *notary) verify(ctx context.Context, args []string, flags map[string]string) (err error) {
	var opts proof.VerifyOptions
	if (flags["checkpoint"] == "") != (flags["key"] == "") {
		return fmt.Errorf("verify: -checkpoint and -key go together: %w", errUsage)
	}
	if flags["checkpoint"] != "" {
		c, err := openCheckpoint(flags["checkpoint"], flags["key"])
		if err != nil {
			return err
		}
		opts.Checkpoints = []*proof.Checkpoint{c}
	}
	store, err := toRead(args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	report, err := proof.Verify(ctx, store, &opts)
	if err != nil {
		return err
	}
	for _, f := range report.Faults {
		fmt.Fprintln(n.out, f)
	}
	if len(report.Faults) > 0 {
		return fmt.Errorf("%s is not valid: faults found: %d: %w", args[0], len(report.Faults), errRefused)
	}
	for _, c := range opts.Checkpoints {
		fmt.Fprintf(n.out, "checkpoint of %s: holds, for the first %d of %d events\n", c.Origin, c.Size, report.Head.Size)
	}
	if sealed, err := isSealed(ctx, store); err != nil {
		return err
	} else if sealed {
		return fmt.Errorf("%s is whole: %d events in %d records; %w", args[0], report.Head.Size, report.Last, errSealed)
	}
	g, err := graph.Open(ctx, store, &graph.Options{NoSnapshot: true})
	if err != nil {
		return fmt.Errorf("%s is whole, but what it says cannot have been recorded: %w", args[0], err)
	}
	if err := g.Close(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(n.out, "%s is valid: %d events in %d records\n", args[0], report.Head.Size, report.Last)
	return err
}

// errSealed says that all has been checked that can be checked without keys. With them,
// folding a record would erase what is due, in a copy too.
var errSealed = errors.New("what they say is sealed, and has not been checked")

// isSealed reports whether a record that has been verified is erasable: all of it is sealed
// as its beginning is.
func isSealed(ctx context.Context, store *sqlite.Store) (bool, error) {
	data, err := store.Read(ctx, 1)
	if errors.Is(err, events.ErrNoRecord) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	h, err := events.Record{Seq: 1, Data: data}.Header()
	return err == nil && h.Keys != uuid.Nil, err
}

// head prints what a checkpoint would sign for.
func (n *notary) head(ctx context.Context, args []string, _ map[string]string) (err error) {
	store, err := toRead(args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	_, head, err := grow(ctx, store)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(n.out, "events   %d\nroot     %v\nrecord   %d\nbatch    %d\nsha256   %x\n",
		head.Size, head.Root, head.Record, head.Position, head.SHA256)
	return err
}

// grow builds the tree over a record, in memory.
func grow(ctx context.Context, store events.Store) (*proof.Tree, proof.Head, error) {
	tree := proof.NewTree()
	head, err := tree.Grow(ctx, store)
	return tree, head, err
}
