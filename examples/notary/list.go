package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// list prints the events with their ids, a line each.
func (n *notary) list(ctx context.Context, args []string, flags map[string]string) (err error) {
	last := -1
	if text, ok := flags["n"]; ok {
		if last, err = strconv.Atoi(text); err != nil || last < 0 {
			return fmt.Errorf("-n is %q, want how many events: %w", text, errUsage)
		}
	}
	store, err := toRead(args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	hidden, total, err := redactions(ctx, store, nil)
	if err != nil {
		return err
	}
	from := 0
	if last >= 0 {
		from = max(0, total-last)
	}
	w, i := bufio.NewWriter(n.out), 0
	for e, err := range recorded(ctx, store, nil) {
		if err != nil {
			return err
		}
		if i++; i > total { // what has been recorded since may redact what was not yet
			break
		}
		if i <= from {
			continue
		}
		says := "(redacted)"
		switch {
		case e.sealed:
			says = "(sealed)"
		case !hidden[e.ID]:
			body, err := e.body(ctx)
			if err != nil {
				return err
			}
			says = short(body)
		}
		fmt.Fprintf(w, "%d\t%v\t%v\t%s\n", e.position, e.Kind, e.ID, says)
	}
	return w.Flush()
}

// An entry is an event as a record has it.
type entry struct {
	events.EventHead
	header   *events.Header
	position events.Position
	sealed   bool // and there is no seal
	seal     *events.Seal
}

// body returns what an event says, or what remains of it.
func (e *entry) body(ctx context.Context) (events.Body, error) {
	if e.header.Keys != uuid.Nil {
		opened, err := e.seal.Open(ctx, e.header, e.EventHead)
		if err != nil {
			return nil, err
		}
		return opened[0].Body, nil
	}
	body, err := events.DecodeBody(e.Kind, e.header.Payload(e.EventHead))
	if err != nil {
		return nil, fmt.Errorf("record %d: event %v: %w", e.header.Seq, e.ID, err)
	}
	return body, nil
}

// recorded returns the events of a record in their order. Without a seal, those of an
// erasable record cannot be read.
func recorded(ctx context.Context, store events.Store, seal *events.Seal) iter.Seq2[*entry, error] {
	return func(yield func(*entry, error) bool) {
		for r, err := range store.Scan(ctx, 0) {
			var h *events.Header
			if err == nil {
				h, err = r.Header()
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for i, b := range h.Batches {
				for _, head := range b.Events {
					e := &entry{head, h, h.First + events.Position(i), h.Keys != uuid.Nil && seal == nil, seal}
					if !yield(e, nil) {
						return
					}
				}
			}
		}
	}
}

// redactions returns the ids of events that are redacted, as far as they can be read, and
// how many events there are.
func redactions(ctx context.Context, store events.Store, seal *events.Seal) (hidden map[uuid.UUID]bool, total int, err error) {
	hidden = map[uuid.UUID]bool{}
	for e, err := range recorded(ctx, store, seal) {
		if err != nil {
			return nil, 0, err
		}
		total++
		if e.Kind != events.KindRedacted || e.sealed {
			continue
		}
		body, err := e.body(ctx)
		if err != nil {
			return nil, 0, err
		}
		hidden[body.(*events.Redacted).Event] = true
	}
	return hidden, total, nil
}

// thing returns the id of the source or entity that an event registers, else none.
func thing(body events.Body) uuid.UUID {
	switch b := body.(type) {
	case *events.SourceAdded:
		return b.Source.ID
	case *events.EntityRegistered:
		return b.Entity.ID
	}
	return uuid.Nil
}

// longest is the length in characters of the longest text that is shown of an event.
const longest = 90

// short returns a line on what an event says, by which it is known again: of a source or an
// entity its id, for it has one of its own.
func short(body events.Body) string {
	var says string
	switch b := body.(type) {
	case *events.SourceAdded:
		says = cmp.Or(b.Source.Title, b.Source.URL)
	case *events.EntityRegistered:
		says = fmt.Sprint(b.Entity.Kind, " ", b.Entity.Name.Text)
	case *events.EntityNamed:
		says = fmt.Sprint(b.Entity, " ", b.Name.Text)
	case *events.IdentityJudged:
		says = fmt.Sprint(b.A, " ", b.Verdict, " ", b.B)
	case *events.EntitySplit:
		says = fmt.Sprint(b.Entity)
	case *events.StatementRecorded:
		says = fmt.Sprint(b.Statement.Claim.Predicate, ": ", cmp.Or(b.Statement.Gloss, b.Statement.Selector.Exact))
		says = strings.TrimSuffix(says, ": ")
	case *events.StatementsLinked:
		says = fmt.Sprint(b.From, " ", b.Link, " ", b.To)
	case *events.Assessed:
		what := b.Source
		if what == uuid.Nil {
			what = b.Statement
		}
		says = fmt.Sprint(what, " ", b.Scheme, " ", b.Value)
	case *events.Retracted:
		says = fmt.Sprint(b.Event)
	case *events.Redacted:
		says = fmt.Sprint(b.Event)
	case *events.VocabularyDeclared:
		var names []string
		for _, p := range b.Predicates {
			names = append(names, p.Name)
		}
		for _, s := range b.Schemes {
			names = append(names, s.Name)
		}
		says = strings.Join(names, ", ")
	}
	if list := []rune(says); len(list) > longest {
		says = string(list[:longest-1]) + "…"
	}
	says = strings.ReplaceAll(plain(says), "\n", `\n`)
	if id := thing(body); id != uuid.Nil {
		return strings.TrimSpace(id.String() + " " + says)
	}
	return says
}
