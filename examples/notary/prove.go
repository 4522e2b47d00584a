package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"filippo.io/age"
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/jsonl"
	"github.com/onrecord/onrecord/events/keys"
	"github.com/onrecord/onrecord/events/keys/agewrap"
	"github.com/onrecord/onrecord/events/proof"
)

// prove finds an event and proves it.
func (n *notary) prove(ctx context.Context, args []string, flags map[string]string) (err error) {
	if err := needs(flags, "checkpoint", "a file that sign has made"); err != nil {
		return err
	}
	id, err := uuid.Parse(args[1])
	if err != nil {
		return fmt.Errorf("%q is not an id: %w: %w", args[1], err, errUsage)
	}
	if flags["identity"] != "" {
		if err := needs(flags, "reveal", "the file of keys that -identity opens"); err != nil {
			return err
		}
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
	var seal *events.Seal
	var secrets *keys.File
	if path := flags["reveal"]; path != "" {
		if secrets, err = openKeys(path, flags["identity"]); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, secrets.Close()) }()
		if seal, err = events.NewSeal(ctx, secrets); err != nil {
			return err
		}
	}
	e, redacted, err := find(ctx, store, id, seal)
	if err != nil {
		return err
	}
	p, err := tree.Inclusion(ctx, store, checkpoint, e.position, e.ID)
	if err != nil {
		return err
	}
	mode := forAll
	switch {
	case seal != nil && e.header.Keys == uuid.Nil:
		return fmt.Errorf("event %v is not sealed: prove it without -reveal: %w", e.ID, errRefused)
	case seal != nil:
		opened, err := seal.Open(ctx, e.header, e.EventHead)
		if err != nil {
			return err
		}
		if redacted || opened[0].Erased { // one without the other where keys were put back, or lost
			return fmt.Errorf("event %v has been redacted: what it said is not given out: %w", e.ID, errRefused)
		}
		if err := p.Reveal(ctx, secrets); err != nil {
			return err
		}
		mode = forOwner
	case redacted:
		p.Payload = nil // that it was recorded can be proved, and its words stay hidden
	}
	return n.to(args, 2, mode, func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(p.Bytes()))
		return err
	})
}

// find returns the event with an id, or the one that registers the source or entity which
// has it, and whether it is redacted.
func find(ctx context.Context, store events.Store, id uuid.UUID, seal *events.Seal) (found *entry, redacted bool, err error) {
	hidden, _, err := redactions(ctx, store, seal)
	if err != nil {
		return nil, false, err
	}
	var registering []string
	sealed := false
	for e, err := range recorded(ctx, store, seal) {
		if err != nil {
			return nil, false, err
		}
		if e.ID == id {
			return e, hidden[e.ID], nil
		}
		sealed = sealed || e.sealed
		if e.sealed || e.Kind != events.KindSourceAdded && e.Kind != events.KindEntityRegistered {
			continue
		}
		body, err := e.body(ctx)
		if err != nil {
			return nil, false, err
		}
		if thing(body) == id {
			found, registering = e, append(registering, e.ID.String())
		}
	}
	switch len(registering) {
	case 0:
		if sealed {
			return nil, false, fmt.Errorf("no statement or other event has the id %v, and events are sealed; the id of an entity or a source is found only with -reveal KEYS: %w", id, proof.ErrNoEvent)
		}
		return nil, false, fmt.Errorf("no statement or other event has the id %v, and none registers it; notary list shows them: %w", id, proof.ErrNoEvent)
	case 1:
		return found, hidden[found.ID], nil
	}
	return nil, false, fmt.Errorf("%v is what several events register, want the id of one: %s: %w", id, strings.Join(registering, ", "), errRefused)
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
	says := "what it says is not in the proof, or sealed"
	if len(p.Payload) > 0 && (len(p.Leaf.Key) == 0 || p.Secret != events.Secret{}) {
		e, err := p.Event()
		if err != nil {
			return fmt.Errorf("%s: event %v is in the record that was signed for, but what it says cannot be read: %w: %w", args[0], p.Leaf.ID, err, errRefused)
		}
		var b bytes.Buffer
		if err := json.Indent(&b, jsonl.Body(e.Body), "", "  "); err != nil {
			return err
		}
		says = plain(b.String())
	}
	l := &p.Leaf
	_, err = fmt.Fprintf(n.out, "valid: event %d of the %d that %q signed for\nid        %v\nkind      %v\nrecorded  %s by %q\n%s\n",
		p.Index+1, c.Size, c.Origin, l.ID, l.Kind, l.At.Format(time.RFC3339Nano), l.Recorder, says)
	return err
}

// plain returns JSON in which all is escaped that cannot be seen, or that a terminal
// might obey: whoever wrote the text decides what is shown in it and nothing around it.
func plain(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\n' || unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// openKeys opens a file of keys; one that is wrapped, with the identities in a file.
func openKeys(path, identity string) (*keys.File, error) {
	opts := &keys.Options{MustExist: true}
	if identity != "" {
		text, err := readSmall(identity)
		if err != nil {
			return nil, err
		}
		who, err := age.ParseIdentities(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w: %w", identity, err, errRefused)
		}
		opts.Wrapper = &agewrap.Wrapper{Identities: who}
	}
	return keys.Open(path, opts)
}
