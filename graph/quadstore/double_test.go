package quadstore

import (
	"context"
	"fmt"
	"testing"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/quad"
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// double is a Store that can be written, for Cayley's own tests of stores. Each
// value is an entity and each quad a statement of a graph, whose arguments are the
// quad's nodes; removing a quad retracts its statement. Other than a view's
// projection, it shows nothing but these quads. What walks them is the same.
type double struct {
	*Store
	t        testing.TB
	g        *graph.Graph
	values   map[uuid.UUID]quad.Value // by the entity
	standing map[quad.Quad]uuid.UUID  // the statements, by their quads as text
	recorded int
}

func newDouble(t testing.TB) *double {
	g, err := graph.Open(context.Background(), events.NewMem(), nil)
	if err != nil {
		t.Fatal(err)
	}
	d := &double{Store: &Store{}, t: t, g: g, values: map[uuid.UUID]quad.Value{}, standing: map[quad.Quad]uuid.UUID{}}
	desk := events.Entity{ID: deskID, Kind: events.Group, Name: events.Name{Text: "desk"}}
	d.record([]events.Event{{ID: events.Key("register", "desk"), Body: &events.EntityRegistered{Entity: desk}}})
	return d
}

var deskID = events.Key("desk", "desk")

// record records events and has the store show the result.
func (d *double) record(list []events.Event) {
	const most = 5000
	for len(list) > 0 {
		n := min(most, len(list))
		if _, err := d.g.Record(context.Background(), &events.Batch{Recorder: "test", Events: list[:n]}); err != nil {
			d.t.Fatal(err)
		}
		list = list[n:]
	}
	d.space = &plainSpace{d.g.View(nil).Numbers(), d}
}

// ApplyDeltas checks all, then does all, as Cayley's memstore does.
func (d *double) ApplyDeltas(deltas []cayley.Delta, ignore cayley.IgnoreOpts) error {
	for _, x := range deltas {
		_, there := d.standing[textOf(x.Quad)]
		switch {
		case x.Action == cayley.Add && there && !ignore.IgnoreDup:
			return &cayley.DeltaError{Delta: x, Err: cayley.ErrQuadExists}
		case x.Action == cayley.Delete && !there && !ignore.IgnoreMissing:
			return &cayley.DeltaError{Delta: x, Err: cayley.ErrQuadNotExist}
		case x.Action != cayley.Add && x.Action != cayley.Delete:
			return &cayley.DeltaError{Delta: x, Err: cayley.ErrInvalidAction}
		}
	}
	var list []events.Event
	add := func(id uuid.UUID, body events.Body) { list = append(list, events.Event{ID: id, Body: body}) }
	for _, x := range deltas {
		key := textOf(x.Quad)
		id, there := d.standing[key]
		d.recorded++
		switch {
		case x.Action == cayley.Add && !there:
			st := events.Statement{
				Claim:  events.Claim{Predicate: "quad"},
				Voices: []events.Voice{{Speakers: []events.Party{{Entity: deskID}}, Act: events.Assert, Stance: events.CertainAffirmed()}},
				Form:   events.Inferred,
			}
			for dir := quad.Subject; dir <= quad.Label; dir++ {
				v := x.Quad.Get(dir)
				if v == nil {
					continue
				}
				e := events.Key("value", v.String())
				if d.values[e] == nil {
					d.values[e] = v
					add(events.Key("register", v.String()), &events.EntityRegistered{
						Entity: events.Entity{ID: e, Kind: events.Topic, Name: events.Name{Text: fmt.Sprint("value ", len(d.values))}},
					})
				}
				st.Claim.Args = append(st.Claim.Args, events.Arg{Role: dir.String(), Value: events.Ref(e)})
			}
			id = events.Key("quad", fmt.Sprint(d.recorded))
			add(id, &events.StatementRecorded{Statement: st})
			d.standing[key] = id
		case x.Action == cayley.Delete && there:
			add(events.Key("remove", fmt.Sprint(d.recorded)), &events.Retracted{Event: id, Reason: "test"})
			delete(d.standing, key)
		}
	}
	d.record(list)
	return nil
}

func textOf(q quad.Quad) quad.Quad {
	for dir := quad.Subject; dir <= quad.Label; dir++ {
		if v := q.Get(dir); v != nil {
			q.Set(dir, quad.String(v.String()))
		}
	}
	return q
}

func (d *double) NewQuadWriter() (quad.WriteCloser, error) { return doubleWriter{d}, nil }

type doubleWriter struct{ d *double }

func (w doubleWriter) WriteQuad(q quad.Quad) error {
	_, err := w.WriteQuads([]quad.Quad{q})
	return err
}

func (w doubleWriter) WriteQuads(quads []quad.Quad) (int, error) {
	deltas := make([]cayley.Delta, len(quads))
	for i, q := range quads {
		deltas[i] = cayley.Delta{Quad: q, Action: cayley.Add}
	}
	return len(quads), w.d.ApplyDeltas(deltas, cayley.IgnoreOpts{IgnoreDup: true})
}

func (w doubleWriter) Close() error { return nil }

// plainSpace shows the quads of a double.
type plainSpace struct {
	numbers *graph.Numbers
	d       *double
}

func (s *plainSpace) open(_ context.Context, c *cursor) {
	c.rows = s.numbers.AllRows()
	for d := quad.Subject; d <= quad.Label; d++ {
		if n := c.want.at(d); n != 0 {
			rows := s.numbers.RowsOfEntity(n.number(), graph.PlaceRole(s.numbers.Symbol(d.String())))
			if rows.Len() < c.rows.Len() {
				c.rows = rows
			}
		}
	}
}

func (s *plainSpace) quads(links []link, row graph.Row, want link) []link {
	var l link
	for i := range row.Args() {
		l = l.with(quad.Directions[i], nodeOf(entityKind, row.Arg(i).Ref))
	}
	if l.matches(want) {
		links = append(links, l)
	}
	return links
}

func (s *plainSpace) thing(links []link, _ node, _ link) []link { return links }

func (s *plainSpace) stands(node) bool { return false }

func (s *plainSpace) guess(ctx context.Context, want link) int64 {
	if want == (link{}) {
		return int64(len(s.d.standing))
	}
	var c cursor
	c.start(ctx, &Store{space: s}, want)
	return int64(c.rows.Len())
}

func (s *plainSpace) parse(v quad.Value) node {
	if v == nil {
		return 0
	}
	return nodeOf(entityKind, s.numbers.Entity(events.Key("value", v.String())))
}

func (s *plainSpace) predicate(n node) cayley.Ref { return refOf(n) }

func (s *plainSpace) value(_ context.Context, n node) (quad.Value, error) {
	return s.d.values[s.numbers.EntityID(n.number())], nil
}
