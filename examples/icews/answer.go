package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
)

// desk answers questions from one view. It must not be used from several
// goroutines at once.
type desk struct {
	ctx   context.Context // of the one run of answer that it lives for
	out   *bufio.Writer
	g     *graph.Graph
	view  graph.View
	names map[uuid.UUID]string
	err   error // the first of reading names
}

// answer prints the answers. It counts in memory and reads from the record only
// names and the few statements that it shows.
func answer(ctx context.Context, out io.Writer, g *graph.Graph, s settings) error {
	d := &desk{ctx: ctx, out: bufio.NewWriter(out), g: g, view: g.View(nil), names: make(map[uuid.UUID]string)}
	first, last, ok := extent(d.view)
	if !ok {
		return errors.New("the record has no statement with a date")
	}
	asOf := s.asOf
	if asOf.IsZero() {
		asOf = dayOf(first + (last-first)/2)
	}
	voices := voicesOf(d.view, graph.Pattern{})
	actor, err := d.find(s.actor, &voices)
	if err != nil {
		return err
	}
	d.voices(&voices)
	d.critics()
	if err := d.timeline(actor, asOf); err != nil {
		return err
	}
	if err := d.asOf(asOf); err != nil {
		return err
	}
	return errors.Join(d.err, d.out.Flush())
}

// extent returns the first and the last instant of all claims whose times have
// both.
func extent(v graph.View) (first, last int64, ok bool) {
	first, last = edtf.MaxInstant, edtf.MinInstant
	for s := range v.Statements(graph.Pattern{}) {
		if earliest, latest, dated := s.When(); dated && earliest > edtf.MinInstant && latest < edtf.MaxInstant {
			first, last, ok = min(first, earliest), max(last, latest), true
		}
	}
	return first, last, ok
}

func dayOf(instant int64) edtf.Time {
	t := time.Unix(instant, 0).UTC()
	return edtf.Date(t.Year(), t.Month(), t.Day())
}

// upTo returns all time up to the end of a date.
func upTo(date edtf.Time) (edtf.Time, error) { return edtf.Parse("../" + date.String()) }

// name returns what to call an actor.
func (d *desk) name(id uuid.UUID) string {
	if name, ok := d.names[id]; ok {
		return name
	}
	name := "?"
	if e, err := d.view.Entity(d.ctx, id); err == nil {
		name = e.Name.Text
	} else if d.err == nil {
		d.err = err
	}
	d.names[id] = name
	return name
}

// find returns the actor with a name, or the only one whose name has it as a part.
// Without a name it is the most active voice.
func (d *desk) find(name string, voices *tally[uuid.UUID]) (uuid.UUID, error) {
	if name == "" {
		for _, who := range voices.top(2) {
			if who != coderID {
				return who, nil
			}
		}
		return coderID, nil
	}
	if id := actorID(name); len(d.view.Cluster(id)) > 0 {
		return d.view.Canonical(id), nil
	}
	var alike tally[uuid.UUID]
	for s := range d.view.Statements(graph.Pattern{}) {
		for _, actor := range s.Entities() {
			if strings.Contains(strings.ToLower(d.name(actor)), strings.ToLower(name)) {
				alike.add(actor)
			}
		}
	}
	switch alike.len() {
	case 0:
		return uuid.Nil, fmt.Errorf("-actor %q: nobody in the record has it in his name", name)
	case 1:
		return alike.order[0], nil
	}
	var list []string
	for _, id := range alike.top(8) {
		list = append(list, d.name(id))
	}
	return uuid.Nil, fmt.Errorf("-actor %q: may be one of %d: %s", name, alike.len(), strings.Join(list, "; "))
}

// cut shortens a text to a number of characters and fills it up to them.
func cut(s string, width int) string {
	r := []rune(s)
	if len(r) > width {
		return string(r[:width-1]) + "…"
	}
	return s + strings.Repeat(" ", width-len(r))
}

func (d *desk) printf(format string, args ...any) { fmt.Fprintf(d.out, format, args...) }
