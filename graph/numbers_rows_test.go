package graph_test

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
)

// statements compares each statement that there may be.
func (c *comparison) statements() {
	want := map[uuid.UUID]events.Statement{}
	for _, r := range c.readings {
		want[r.ID] = r.Statement
	}
	for _, id := range c.m.IDs() {
		n := c.n.Statement(id)
		if n != 0 && c.n.StatementID(n) != id {
			c.t.Fatalf("statement %v is number %d, which is %v", id, n, c.n.StatementID(n))
		}
		row, ok := c.n.Row(c.now.Statement(id)) // perhaps one of a later view
		st, shown := want[id]
		if ok != shown || ok && row.Statement != n {
			c.t.Fatalf("statement %v, number %d, is shown: %v, want %v", id, n, ok, shown)
		}
		if shown {
			c.same(fmt.Sprint("statement ", id), c.read(row), describe(st))
		}
	}
}

// read says in words what describe says of the same statement.
func (c *comparison) read(row graph.Row) (said []string) {
	say := func(args ...any) { said = append(said, fmt.Sprint(args...)) }
	entity := func(n uint32) string {
		if n == 0 {
			return ""
		}
		return c.n.EntityID(n).String()
	}
	source := ""
	if row.Source() != 0 {
		source = c.n.SourceID(row.Source()).String()
	}
	say(c.n.SymbolName(row.Predicate()), " of ", entity(row.Occurrence()), " at ", timeText(c.n, row.When()), " in ", source)
	say(row.Form(), row.Conditional(), row.Stance())
	var nested []string
	for i := range row.Args() {
		switch a := row.Arg(i); {
		case a.Role == 0:
			nested = append(nested, c.n.StatementID(a.Ref).String())
		case a.Kind == 0:
			say("unit ", c.n.SymbolName(a.Role), " ", c.text(a.Ref))
		case a.Kind == events.EntityValue:
			say(c.n.SymbolName(a.Role), " ", a.Kind, " ", entity(a.Ref))
		case a.Kind == events.StatementValue:
			say(c.n.SymbolName(a.Role), " ", a.Kind, " ", c.n.StatementID(a.Ref))
		case a.Kind == events.TimeValue:
			say(c.n.SymbolName(a.Role), " ", a.Kind, " ", timeText(c.n, a.Ref))
		default:
			say(c.n.SymbolName(a.Role), " ", a.Kind, " ", c.text(a.Ref))
		}
	}
	for i := range row.Nested() {
		nested = append(nested, entity(row.NestedEntity(i)))
	}
	say("nested ", sorted(nested))
	for i := range row.Voices() {
		v := row.Voice(i)
		say(v.Act, v.Stance, " at ", timeText(c.n, v.Said), v.Speakers, v.For, v.To)
		for k := range v.Speakers + v.For + v.To {
			say(entity(row.Party(v, k)))
		}
	}
	return said
}

// describe says what read says of the same statement in numbers.
func describe(st events.Statement) (said []string) {
	say := func(args ...any) { said = append(said, fmt.Sprint(args...)) }
	id := func(id uuid.UUID) string {
		if id == uuid.Nil {
			return ""
		}
		return id.String()
	}
	say(st.Claim.Predicate, " of ", id(st.Claim.Occurrence), " at ", timeOf(st.Claim.When.Time), " in ", id(st.Source))
	say(st.Form, len(st.Claim.If) > 0, st.Voices[0].Stance)
	for _, a := range st.Claim.Args {
		switch v := a.Value; v.Kind {
		case events.EntityValue, events.StatementValue:
			say(a.Role, " ", v.Kind, " ", v.ID)
		case events.TimeValue:
			say(a.Role, " ", v.Kind, " ", timeOf(v.Time))
		case events.TextValue, events.NumberValue:
			say(a.Role, " ", v.Kind, " ", literalText(v))
			if v.Unit != "" {
				say("unit ", a.Role, " ", textOf(v.Unit))
			}
		default:
			say(a.Role, " ", v.Kind, " ")
		}
	}
	var nested []string
	for _, m := range nestedIn(st.Claim) {
		nested = append(nested, m.String())
	}
	say("nested ", sorted(nested))
	for _, v := range st.Voices {
		say(v.Act, v.Stance, " at ", timeOf(v.Said.Time), len(v.Speakers), len(v.For), len(v.To))
		for _, p := range slices.Concat(v.Speakers, v.For, v.To) {
			say(id(p.Entity))
		}
	}
	return said
}

// nestedIn returns the entities and the statements in a claim's conditions and in
// the claims that fill its roles, at any depth.
func nestedIn(c events.Claim) (ids []uuid.UUID) {
	var inside func(c events.Claim)
	inside = func(c events.Claim) {
		if c.Occurrence != uuid.Nil {
			ids = append(ids, c.Occurrence)
		}
		for _, a := range c.Args {
			switch a.Value.Kind {
			case events.EntityValue, events.StatementValue:
				ids = append(ids, a.Value.ID)
			case events.ClaimValue:
				inside(*a.Value.Claim)
			}
		}
		for _, x := range c.If {
			inside(x.Claim)
		}
	}
	for _, a := range c.Args {
		if a.Value.Kind == events.ClaimValue {
			inside(*a.Value.Claim)
		}
	}
	for _, x := range c.If {
		inside(x.Claim)
	}
	return ids
}

// mention is an entity in a place of a statement.
type mention struct {
	place  string
	entity uuid.UUID
}

func mentions(st events.Statement) (list []mention) {
	parties := func(place string, parties []events.Party) {
		for _, p := range parties {
			list = append(list, mention{place, p.Entity})
		}
	}
	list = append(list, mention{"occurrence", st.Claim.Occurrence})
	for _, a := range st.Claim.Args {
		if a.Value.Kind == events.EntityValue {
			list = append(list, mention{"role " + a.Role, a.Value.ID})
		}
	}
	for _, id := range nestedIn(st.Claim) {
		list = append(list, mention{"nested", id})
	}
	for i, v := range st.Voices {
		speaks, spokenFor := "reports", "reports for"
		if i == 0 {
			speaks, spokenFor = "origin", "origin for"
		}
		parties(speaks, v.Speakers)
		parties(spokenFor, v.For)
		parties("addressed", v.To)
	}
	return list
}

// walks compares each walk through rows with a walk through all readings, and returns
// how many literals are held by entities and sources.
func (c *comparison) walks(gen *model.Gen) (held int) {
	var all []uuid.UUID // in the order of the view
	for s := range c.v.Statements(graph.Pattern{}) {
		all = append(all, s.ID())
	}
	readings := map[uuid.UUID]events.Statement{}
	for _, r := range c.readings {
		readings[r.ID] = r.Statement
	}
	walk := func(what string, w *graph.Rows, accepts func(events.Statement) bool) {
		var want []uuid.UUID
		for _, id := range all {
			if accepts(readings[id]) {
				want = append(want, id)
			}
		}
		c.same(what, fmt.Sprint(c.walk(w)), fmt.Sprint(want))
	}
	walk("all", c.n.AllRows(), func(events.Statement) bool { return true })
	if len(all) != len(readings) {
		c.t.Fatalf("the view shows %d statements, want %d", len(all), len(readings))
	}

	literals := map[string]uint32{}
	for _, st := range readings {
		p := st.Claim.Predicate
		walk("of predicate "+p, c.n.RowsOfPredicate(c.n.Symbol(p)), func(st events.Statement) bool { return st.Claim.Predicate == p })
		for _, a := range st.Claim.Args {
			if k := a.Value.Kind; k == events.TextValue || k == events.NumberValue {
				literals[literalText(a.Value)] = c.n.Literal(a.Value)
			}
			if a.Value.Unit != "" {
				literals[textOf(a.Value.Unit)] = c.n.Literal(events.Text(a.Value.Unit, ""))
			}
		}
	}
	for _, id := range gen.Sources {
		if s := c.n.Source(id); s != 0 {
			walk(fmt.Sprint("of source ", id), c.n.RowsOfSource(s), func(st events.Statement) bool { return st.Source == id })
		}
	}
	for _, id := range c.m.IDs() {
		if n := c.n.Statement(id); n != 0 {
			walk(fmt.Sprint("referring to ", id), c.n.RowsReferring(n), func(st events.Statement) bool {
				return slices.Contains(nestedIn(st.Claim), id) || slices.ContainsFunc(st.Claim.Args, func(a events.Arg) bool {
					return a.Value.Kind == events.StatementValue && a.Value.ID == id
				})
			})
		}
	}
	for _, id := range gen.Entities {
		c.walksOfEntity(id, walk)
		for _, r := range c.entities[id].Registrations {
			literals[textOf(r.Name.Text)] = c.n.Literal(events.Text(r.Name.Text, ""))
		}
		for _, n := range c.entities[id].Names {
			literals[textOf(n.Name.Text)] = c.n.Literal(events.Text(n.Name.Text, ""))
		}
	}
	for _, id := range gen.Sources {
		if s := c.sources[id]; s != nil && s.Title != "" {
			literals[textOf(s.Title)] = c.n.Literal(events.Text(s.Title, ""))
		}
	}
	for text, n := range literals {
		walk("of "+text, c.n.RowsOfLiteral(n), func(st events.Statement) bool {
			return slices.ContainsFunc(st.Claim.Args, func(a events.Arg) bool {
				v := a.Value
				return (v.Kind == events.TextValue || v.Kind == events.NumberValue) && literalText(v) == text || textOf(v.Unit) == text
			})
		})
		held += c.holders(text, n, gen)
	}
	return held
}

// walk returns the statements of a walk.
func (c *comparison) walk(w *graph.Rows) (ids []uuid.UUID) {
	var most []int
	for {
		most = append(most, w.Len())
		row, shown, ok := w.Step()
		if !ok {
			break
		}
		if shown {
			ids = append(ids, c.n.StatementID(row.Statement))
			if again, ok := c.n.Row(row.Statement); !ok || again != row {
				c.t.Fatalf("the row of statement %v is another when it is asked for", ids[len(ids)-1])
			}
		}
	}
	for i, n := range most {
		if n < len(most)-1-i {
			c.t.Fatalf("%d rows at most are said to be met, and %d are", n, len(most)-1-i)
		}
	}
	return ids
}

// walksOfEntity compares the walks through an entity's statements, by place.
func (c *comparison) walksOfEntity(id uuid.UUID, walk func(string, *graph.Rows, func(events.Statement) bool)) {
	e := c.n.Entity(id)
	if e == 0 {
		return
	}
	in := func(places ...string) func(events.Statement) bool {
		return func(st events.Statement) bool {
			return slices.ContainsFunc(mentions(st), func(m mention) bool {
				return c.canonical(m.entity) == c.canonical(id) && (places == nil || slices.Contains(places, m.place))
			})
		}
	}
	walk(fmt.Sprint("of entity ", id), c.n.RowsOfEntity(e), in())
	places := map[string]graph.Place{
		"occurrence": graph.PlaceOccurrence, "origin": graph.PlaceOrigin, "origin for": graph.PlaceOriginFor,
		"reports": graph.PlaceReports, "reports for": graph.PlaceReportsFor, "addressed": graph.PlaceAddressed, "nested": graph.PlaceNested,
	}
	var roles []string
	for _, r := range c.readings {
		for _, a := range r.Statement.Claim.Args {
			if a.Value.Kind == events.EntityValue && places["role "+a.Role] == 0 {
				places["role "+a.Role] = graph.PlaceRole(c.n.Symbol(a.Role))
				roles = append(roles, "role "+a.Role)
			}
		}
	}
	for name, place := range places {
		walk(fmt.Sprint("of entity ", id, " as ", name), c.n.RowsOfEntity(e, place), in(name))
	}
	walk(fmt.Sprint("of entity ", id, " in two places"), c.n.RowsOfEntity(e, graph.PlaceOrigin, graph.PlaceNested), in("origin", "nested"))
	walk(fmt.Sprint("of argument ", id), c.n.RowsOfArgument(e), in(append(roles, "")...))
	all := c.walk(c.n.RowsOfArgument(e))
	for _, r := range c.readings {
		name := r.Statement.Claim.Predicate
		met := c.walk(c.n.RowsOfArgumentIn(e, c.n.Symbol(name)))
		// Those of the predicate are all there, in their order, perhaps with others.
		i := 0
		for _, statement := range all {
			switch row, _ := c.n.Row(c.n.Statement(statement)); {
			case i < len(met) && met[i] == statement:
				i++
			case c.n.SymbolName(row.Predicate()) == name:
				c.t.Fatalf("of argument %v in %q: %v is missing", id, name, statement)
			}
		}
		if i < len(met) {
			c.t.Fatalf("of argument %v in %q: %v is not one of its rows", id, name, met[i])
		}
	}
}
