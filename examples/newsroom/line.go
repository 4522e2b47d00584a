package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// record puts lines on record, one batch each.
func (d *desk) record(ctx context.Context, args []string) error {
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
	return d.withGraph(ctx, true, func(ctx context.Context, g *graph.Graph) error {
		return d.recordLines(ctx, g, in, name)
	})
}

func (d *desk) recordLines(ctx context.Context, g *graph.Graph, in io.Reader, name string) error {
	number, refused := 0, 0
	for text, err := range lines(ctx, in) {
		number++
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, number, err)
		}
		parts, wrong := parse(text)
		if wrong == nil && parts == nil {
			continue
		}
		if wrong == nil {
			// If another desk says something else of the same source or person meanwhile,
			// the line is built anew, upon that.
			receipt, err := g.Update(ctx, d.name, func(b *events.Builder) error {
				say(b, parts)
				return nil
			})
			switch {
			case errors.Is(err, events.ErrInvalid):
				wrong = err
			case err != nil: // the line is not to blame, and the next would fare no better
				return fmt.Errorf("%s:%d: %w", name, number, err)
			case len(receipt.Gone)+len(receipt.Revised) > 0:
				fmt.Fprintf(d.out, "line %d: %v\n", number, receipt)
			case receipt.New == 0:
				fmt.Fprintf(d.out, "line %d was on record\n", number)
			default:
				fmt.Fprintf(d.out, "line %d is on record as batch %d\n", number, receipt.Position)
			}
		}
		if wrong != nil {
			refused++
			fmt.Fprintf(d.out, "%s:%d: %v\n", name, number, wrong)
		}
	}
	if refused > 0 {
		return fmt.Errorf("lines refused: %d; the others are on record", refused)
	}
	return nil
}

// lines are those of in, until the context ends. Reading cannot be interrupted, so a
// goroutine does it, and may wait for a line until the program ends.
func lines(ctx context.Context, in io.Reader) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		texts := make(chan string)
		var failed error // is read after texts is closed
		go func() {
			defer close(texts)
			s := bufio.NewScanner(in)
			for s.Scan() {
				select {
				case texts <- s.Text():
				case <-ctx.Done():
					failed = ctx.Err()
					return
				}
			}
			if failed = s.Err(); failed == bufio.ErrTooLong {
				failed = fmt.Errorf("the line is too long, must be shorter than %d bytes", bufio.MaxScanTokenSize)
			}
		}()
		for {
			select {
			case text, ok := <-texts:
				if ok && yield(text, nil) {
					continue
				}
				if !ok && failed != nil {
					yield("", failed)
				}
			case <-ctx.Done():
				yield("", ctx.Err())
			}
			return
		}
	}
}

// fields are those of a line.
var fields = [...]string{"SPEAKER", "PREDICATE", "WHO", "WHEN", "URL"}

// parse returns the fields of a line, none if it says nothing.
func parse(text string) ([]string, error) {
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
	return parts, nil
}

// say says what the fields of a line do.
func say(b *events.Builder, parts []string) {
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
