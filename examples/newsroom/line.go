package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/onrecord/onrecord/events"
)

// record puts lines on record, one batch each.
func (d *desk) record(ctx context.Context, store events.Store, args []string) error {
	in, name := d.in, "standard input"
	switch len(args) {
	case 0:
	case 1:
		f, err := os.Open(args[0])
		if err != nil {
			return err
		}
		defer f.Close()
		in, name = f, args[0]
	default:
		return fmt.Errorf("record: one file at most, not %d: %w", len(args), errUsage)
	}
	g, end, err := d.graph(ctx, store)
	if err != nil {
		return err
	}
	defer end()
	refused := 0
	for number, text := range lines(in, &err) {
		batch, wrong := d.batch(text)
		if wrong == nil && batch == nil {
			continue
		}
		if wrong == nil {
			receipt, recordErr := g.Record(ctx, batch)
			switch wrong = recordErr; {
			case wrong != nil && !errors.Is(wrong, events.ErrInvalid):
				return fmt.Errorf("%s:%d: %w", name, number, wrong)
			case wrong == nil && receipt.New == 0:
				fmt.Fprintf(d.out, "line %d was on record\n", number)
			case wrong == nil:
				fmt.Fprintf(d.out, "line %d is on record as batch %d\n", number, receipt.Position)
			}
		}
		if wrong != nil {
			refused++
			fmt.Fprintf(d.out, "%s:%d: %v\n", name, number, wrong)
		}
	}
	if err == nil && refused > 0 {
		err = fmt.Errorf("%d lines were refused; the others are on record", refused)
	}
	return err
}

// lines are numbered from 1. The error is that of reading.
func lines(in io.Reader, err *error) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		s := bufio.NewScanner(in)
		for number := 1; s.Scan(); number++ {
			if !yield(number, s.Text()) {
				return
			}
		}
		*err = s.Err()
	}
}

// fields are those of a line.
var fields = [...]string{"SPEAKER", "PREDICATE", "WHO", "WHEN", "URL"}

// batch is what a line says, nil if it says nothing.
func (d *desk) batch(text string) (*events.Batch, error) {
	if text = strings.TrimSpace(text); text == "" || strings.HasPrefix(text, "#") {
		return nil, nil
	}
	parts := strings.Split(text, "|")
	if len(parts) != len(fields) {
		return nil, fmt.Errorf("it has %d fields, want %d: %s", len(parts), len(fields), strings.Join(fields[:], " | "))
	}
	for i := range parts {
		if parts[i] = strings.TrimSpace(parts[i]); parts[i] == "" && fields[i] != "WHEN" {
			return nil, fmt.Errorf("%s is empty", fields[i])
		}
	}
	b := events.NewBatch(d.name)
	var who []events.EntityRef
	for name := range strings.SplitSeq(parts[2], ",") {
		who = append(who, entity(b, name))
	}
	predicate, denied := strings.CutPrefix(parts[1], "not ")
	s := b.Source(parts[4]).Reports(entity(b, parts[0]), predicate, who...)
	if denied {
		s.Stance("CT-")
	}
	if parts[3] != "" {
		s.On(parts[3])
	}
	return b.Batch()
}

// entity is whom a name means. The same name means the same to every desk.
func entity(b *events.Builder, name string) events.EntityRef {
	name = strings.TrimSpace(name)
	if place, ok := strings.CutPrefix(name, "place:"); ok {
		return b.Place(place)
	}
	if organisation, ok := strings.CutPrefix(name, "org:"); ok {
		return b.Organisation(organisation)
	}
	return b.Person(name)
}
