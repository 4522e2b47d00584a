package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/proof"
)

// prove finds an event by its id and proves it.
func (n *notary) prove(ctx context.Context, args []string, flags map[string]string) (err error) {
	if err := needs(flags, "checkpoint", "a file that sign has made"); err != nil {
		return err
	}
	id, err := uuid.Parse(args[1])
	if err != nil {
		return fmt.Errorf("%q is not the id of a statement: %w: %w", args[1], err, errUsage)
	}
	checkpoint, err := readSmall(flags["checkpoint"])
	if err != nil {
		return err
	}
	store, err := toRead(args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	tree, _, err := grow(ctx, store)
	if err != nil {
		return err
	}
	at, err := position(ctx, store, id)
	if err != nil {
		return err
	}
	p, err := tree.Inclusion(ctx, store, checkpoint, at, id)
	if err != nil {
		return err
	}
	return n.to(args, 2, func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(p.Bytes()))
		return err
	})
}

// position returns the batch that recorded an event.
func position(ctx context.Context, store events.Store, id uuid.UUID) (events.Position, error) {
	for r, err := range store.Scan(ctx, 0) {
		if err != nil {
			return 0, err
		}
		h, err := r.Header()
		if err != nil {
			return 0, err
		}
		for i, b := range h.Batches {
			for _, e := range b.Events {
				if e.ID == id {
					return h.First + events.Position(i), nil
				}
			}
		}
	}
	return 0, fmt.Errorf("no statement or other event has the id %v: %w", id, proof.ErrNoEvent)
}

// check checks a proof with nothing but a key.
func (n *notary) check(_ context.Context, args []string, flags map[string]string) error {
	if err := needs(flags, "key", "a file with a public key"); err != nil {
		return err
	}
	key, err := publicKey(flags["key"])
	if err != nil {
		return err
	}
	text, err := readSmall(args[0])
	if err != nil {
		return err
	}
	p, err := proof.ParseInclusion(text)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", args[0], err, errRefused)
	}
	c, err := p.Check(key)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", args[0], err, errRefused)
	}
	l := &p.Leaf
	fmt.Fprintf(n.out, "valid: event %d of the %d that %s signed for\n", p.Index+1, c.Size, c.Origin)
	fmt.Fprintf(n.out, "id        %v\nkind      %v\nrecorded  %s by %s\n", l.ID, l.Kind, l.At.Format(time.RFC3339Nano), l.Recorder)
	if len(p.Payload) == 0 || len(l.Key) > 0 {
		_, err := fmt.Fprintln(n.out, "what it says is not in the proof, or sealed")
		return err
	}
	e, err := p.Event()
	if err != nil {
		return err
	}
	if s, ok := e.Body.(*events.StatementRecorded); ok {
		return n.printStatement(&s.Statement)
	}
	return nil
}

// printStatement prints what a proof says of a statement. Who the ids stand for is
// in the record, not in the proof.
func (n *notary) printStatement(s *events.Statement) error {
	fmt.Fprintf(n.out, "claim     %s\n", s.Claim.Predicate)
	for _, a := range s.Claim.Args {
		said := a.As
		switch a.Value.Kind {
		case events.EntityValue, events.StatementValue:
			said = fmt.Sprintf("%v %v %s", a.Value.Kind, a.Value.ID, said)
		case events.TextValue, events.NumberValue:
			said = fmt.Sprintf("%s %s", a.Value.Text, a.Value.Unit)
		case events.TimeValue:
			said = a.Value.Time.String()
		default:
			said = fmt.Sprintf("%v %s", a.Value.Kind, said)
		}
		fmt.Fprintf(n.out, "  %s: %s\n", a.Role, strings.TrimSpace(said))
	}
	if !s.Claim.When.Time.IsZero() {
		fmt.Fprintf(n.out, "when      %v\n", s.Claim.When.Time)
	}
	for _, v := range s.Voices {
		for _, p := range v.Speakers {
			fmt.Fprintf(n.out, "said by   entity %v, %v\n", p.Entity, v.Stance)
		}
	}
	fmt.Fprintf(n.out, "in        source %v, as a %v\n", s.Source, s.Form)
	if s.Selector.Exact != "" {
		fmt.Fprintf(n.out, "words     %q\n", s.Selector.Exact)
	}
	if s.Selector.End > 0 {
		fmt.Fprintf(n.out, "place     characters %d to %d\n", s.Selector.Start, s.Selector.End)
	}
	return nil
}
