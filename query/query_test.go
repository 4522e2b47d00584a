package query_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

var ctx = context.Background()

// desk builds a small graph, one batch a call of record, and names statements
// for the answers.
type desk struct {
	*events.Builder
	t     testing.TB
	g     *graph.Graph
	names map[uuid.UUID]string
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	at := time.Date(2025, 8, 4, 9, 0, 0, 0, time.UTC)
	g, err := graph.Open(ctx, events.NewMem(), &graph.Options{Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return &desk{events.NewBatch("desk"), t, g, map[uuid.UUID]string{uuid.Nil: "?"}}
}

// story returns a source by a reporter.
func (d *desk) story() *events.SourceRef {
	return d.Source("https://example.org/story").By(d.Person("Reporter")).Published("2025-08-04")
}

// name names a statement and returns its id.
func (d *desk) name(name string, s *events.StatementRef) uuid.UUID {
	id := s.ID()
	d.names[id] = name
	return id
}

// record records what has been built and begins the next batch.
func (d *desk) record() events.Position {
	d.t.Helper()
	b, err := d.Batch()
	if err != nil {
		d.t.Fatal(err)
	}
	r, err := d.g.Record(ctx, b)
	if err != nil {
		d.t.Fatal(err)
	}
	d.Builder = events.NewBatch("desk")
	return r.Position
}

// list returns what a sequence gives, each printed, and checks that a second
// loop gives the same and that one may leave it early.
func list[T any](t testing.TB, seq iter.Seq2[T, error], print func(T) string) string {
	t.Helper()
	var twice [2]string
	for i := range twice {
		var all []string
		for x, err := range seq {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, print(x))
		}
		twice[i] = strings.Join(all, ", ")
	}
	if twice[0] != twice[1] {
		t.Errorf("a second loop gives\n%s\nafter\n%s", twice[1], twice[0])
	}
	for _, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	return twice[0]
}

func (d *desk) reading(r *graph.Reading) string {
	if r == nil {
		return "nil"
	}
	return d.names[r.ID]
}

func (d *desk) opposition(o *query.Opposition) string {
	s := fmt.Sprintf("%s/%s", d.reading(o.Denial), d.reading(o.Affirmation))
	if o.SameOrigin {
		s += "!"
	}
	return s
}

func (d *desk) conflict(c *query.Conflict) string {
	return strings.TrimSuffix(fmt.Sprintf("%s/%s %s", d.reading(c.First), d.reading(c.Second), c.Role), " ")
}

func (d *desk) link(l *query.Link) string {
	side := func(s query.Side) string {
		name := d.names[s.ID]
		if s.Reading == nil && s.ID != uuid.Nil {
			name += "(id)"
		} else if s.Reading != nil && s.Reading.ID != s.ID {
			d.t.Errorf("side %v has the reading of %v", s.ID, s.Reading.ID)
		} else if s.Reading != nil && !s.Shown {
			name += "(hidden)"
		}
		return name
	}
	by := "recorder"
	if l.Statement != nil {
		by = d.names[l.By]
		if l.Statement.ID != l.By {
			d.t.Errorf("made by %v, with the reading of %v", l.By, l.Statement.ID)
		}
	}
	return fmt.Sprintf("%s>%s by %s", side(l.From), side(l.To), by)
}

func (d *desk) reply(r *query.Reply) string { return d.link(&r.Link) + ": " + r.Commits.String() }

func (d *desk) oppositions(v graph.View, p graph.Pattern) string {
	d.t.Helper()
	return list(d.t, query.Oppositions(ctx, v, p), d.opposition)
}

func (d *desk) conflicts(v graph.View, p graph.Pattern) string {
	d.t.Helper()
	return list(d.t, query.Conflicts(ctx, v, p), d.conflict)
}

func (d *desk) disputes(v graph.View, p graph.Pattern) string {
	d.t.Helper()
	return list(d.t, query.Disputes(ctx, v, p), d.link)
}

func (d *desk) replies(v graph.View, p graph.Pattern) string {
	d.t.Helper()
	return list(d.t, query.Replies(ctx, v, p), d.reply)
}

func equal(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

func failures[T any](seq iter.Seq2[T, error]) (errs []error) {
	for _, err := range seq {
		errs = append(errs, err)
	}
	return errs
}

// The empty id asks for nothing.
func TestNobody(t *testing.T) {
	d := newDesk(t)
	a, b := d.Person("A"), d.Person("B")
	d.name("one", d.story().Says("meet", a, b))
	d.record()
	v := d.g.View(nil)
	for _, id := range []uuid.UUID{{}, uuid.NewSHA1(uuid.Nil, nil)} {
		got := list(t, query.Timeline(ctx, v, id, nil), func(i *query.Item) string { return d.reading(i.Reading) }) +
			list(t, query.Said(ctx, v, id, a.ID, nil), d.reading) +
			list(t, query.Said(ctx, v, a.ID, id, nil), d.reading) +
			list(t, query.AccordingTo(ctx, v, id, graph.Pattern{}), d.reading)
		for e := range query.Edges(v, id) {
			got += e.Predicate
		}
		l, err := query.Ladder(ctx, v, id)
		if err != nil || len(l.Rungs)+len(l.Related) > 0 || got != "" {
			t.Errorf("%v: %v, %v, %v", id, got, l, err)
		}
	}
}
