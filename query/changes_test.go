package query_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// changes prints what two views show differently of a pattern.
func (d *desk) changes(before, after graph.View, p graph.Pattern) string {
	d.t.Helper()
	c, err := query.Changes(ctx, before, after, p)
	if err != nil {
		d.t.Fatal(err)
	}
	var all []string
	add := func(s ...any) { all = append(all, strings.TrimSpace(fmt.Sprintln(s...))) }
	name := func(id uuid.UUID) string {
		if n := d.names[id]; n != "" {
			return n
		}
		return id.String()
	}
	missing := func(m query.Missing) string {
		s := m.Why.String()
		if m.By != nil {
			s += " by " + name(m.By.ID) + " of " + m.By.Recorder
		}
		if m.Reason != "" {
			s += ": " + m.Reason
		}
		return s
	}
	events := func(what string, es []*query.EventChange) {
		for _, e := range es {
			add(what, e.Came, name(e.ID), missing(e.Missing))
		}
	}
	for _, s := range c.Came {
		add("+", d.reading(s.Reading), missing(s.Missing))
	}
	for _, s := range c.Went {
		add("-", d.reading(s.Reading), missing(s.Missing))
	}
	for _, r := range c.ReadAnew {
		add("~", d.reading(r.Before), name(r.Before.Claim.Args[0].Value.ID), name(r.After.Claim.Args[0].Value.ID))
		events("split", r.Splits)
	}
	for _, i := range c.Joined {
		add("joined", name(i.Entity), len(i.Parts))
		events("verdict", i.Verdicts)
	}
	for _, i := range c.Parted {
		add("parted", name(i.Entity), len(i.Parts))
		events("verdict", i.Verdicts)
	}
	for _, n := range c.Names {
		add("name", n.Came, n.Text, missing(n.Missing))
	}
	for _, s := range c.Sources {
		was, is := "none", "none"
		if s.Before != nil {
			was = s.Before.Title
		}
		if s.After != nil {
			is = s.After.Title
		}
		add("source", was, "to", is)
		events("registration", s.Registrations)
	}
	events("link", c.Links)
	events("rating", c.Assessments)
	for _, id := range c.Redacted {
		add("redacted", name(id))
	}
	return strings.Join(all, "; ")
}

// at returns the view as of a position.
func (d *desk) at(p events.Position) graph.View { return d.g.View(&graph.Lens{AsOf: p}) }

func TestChangesOfStatements(t *testing.T) {
	d := newDesk(t)
	a, b, c := d.Person("A"), d.Person("B"), d.Person("C")
	d.names[a.ID], d.names[c.ID] = "a", "c"
	src := d.story()
	wrong := d.name("wrong", src.Says("meet", a, b))
	false1 := d.name("false", src.Says("call", a, b))
	mixed := d.name("mixed", src.Says("sue", a))
	moved := d.name("moved", src.Says("leave", a))
	first := d.record()

	src = d.Known(src.ID(), d.Person("Reporter"))
	d.name("right", src.Says("meet", a, b).On("2025-08-02").Replaces(wrong))
	hoax := d.Retract(false1, "a hoax")
	d.names[hoax] = "hoax"
	split := func(s uuid.UUID) {
		id := d.Add(&events.EntitySplit{Entity: a.ID, Parts: []events.SplitPart{
			{Entity: c.ID, Mentions: []events.Mention{{Statement: s}}}}})
		d.names[id] = "split of " + d.names[s]
	}
	split(mixed)
	split(moved)
	second := d.record()
	d.Retract(hoax, "it was true")
	third := d.record()

	everything := graph.Pattern{}
	equal(t, "forwards", d.changes(d.at(first), d.at(second), everything),
		"+ right not recorded; - wrong replaced by right of desk; - false retracted by hoax of desk: a hoax; "+
			"~ mixed a c; split true split of mixed not recorded; ~ moved a c; split true split of moved not recorded")
	equal(t, "backwards", d.changes(d.at(second), d.at(first), everything),
		"+ wrong replaced by right of desk; + false retracted by hoax of desk: a hoax; - right not recorded; "+
			"~ mixed c a; split false split of mixed not recorded; ~ moved c a; split false split of moved not recorded")
	equal(t, "reinstated", d.changes(d.at(second), d.at(third), everything), "+ false retracted by hoax of desk: a hoax")
	equal(t, "to and fro", d.changes(d.at(first), d.at(third), graph.Pattern{Predicate: "call"}), "")
	equal(t, "read otherwise", d.changes(d.at(first), d.at(second), graph.Pattern{Entity: c.ID}),
		"+ mixed reads otherwise; + moved reads otherwise")
	for _, p := range []graph.Pattern{{Entity: uuid.Max}, {Args: []graph.Fill{{Role: "subject"}}}, {Predicate: "nothing"}} {
		equal(t, "of nobody", d.changes(d.at(first), d.at(third), p), "")
	}
	for _, v := range []graph.View{d.at(first), d.at(third), d.g.View(&graph.Lens{Least: events.Certain})} {
		equal(t, "between a view and itself", d.changes(v, v, everything), "")
	}
}

// Whoever has kept the position of an empty record looks from there through View.AsOf and is told
// all that came; in a Lens it is the newest.
func TestChangesSinceNothing(t *testing.T) {
	d := newDesk(t)
	kept := d.g.View(nil).Position()
	d.name("first", d.story().Says("meet", d.Person("A"), d.Person("B")))
	d.record()
	now := d.g.View(nil)
	met := graph.Pattern{Predicate: "meet"}
	if came, _, _ := strings.Cut(d.changes(now.AsOf(kept), now, met), "; "); came != "+ first not recorded" {
		t.Errorf("as of the kept position, what came is %q", came)
	}
	equal(t, "through a lens", d.changes(d.g.View(&graph.Lens{AsOf: kept}), now, met), "")
}

// Two views of one position differ by their filters only.
func TestChangesOfFilters(t *testing.T) {
	d := newDesk(t)
	a, b, c := d.Person("A"), d.Person("B"), d.Person("C")
	old := d.Source("https://example.org/old").By(d.Person("Reporter")).Published("2025-08-01")
	d.name("both", old.Reports(a, "meet", b, c))
	recent := d.Source("https://example.org/new").By(d.Person("Reporter")).Published("2025-08-03")
	d.name("of A", recent.Reports(a, "leave", c))
	d.name("of B", recent.Reports(b, "stay", c))
	p := d.record()
	according := func(e events.EntityRef) graph.View {
		return d.g.View(&graph.Lens{According: []uuid.UUID{e.ID}})
	}
	equal(t, "by who says so", d.changes(according(a), according(b), graph.Pattern{Entity: c.ID}),
		"+ of B out of view; - both out of view; - of A out of view")
	published := func(p events.Position, date string) graph.View {
		return d.g.View(&graph.Lens{AsOf: p, PublishedBy: graph.Certainly(edtf.MustParse(date))})
	}
	equal(t, "by publication", d.changes(published(p, "2025-08-02"), published(p, "2025-08-04"), graph.Pattern{}),
		"+ of A out of view; + of B out of view")

	// One date is corrected, and a statement is no more public by then.
	d.Source("https://example.org/old").Title("Old").By(d.Person("Reporter")).Published("2025-08-05")
	q := d.record()
	c2, err := query.Changes(ctx, published(p, "2025-08-02"), published(q, "2025-08-02"), graph.Pattern{})
	if err != nil {
		t.Fatal(err)
	}
	if len(c2.Went) != 1 || c2.Went[0].Why != query.OutOfView || len(c2.Sources) != 1 || c2.Sources[0].After.Title != "Old" {
		t.Errorf("with another date: %+v", c2)
	}
}

func TestChangesOfThings(t *testing.T) {
	d := newDesk(t)
	a, b, other := d.Person("A"), d.Person("B"), d.Person("Other")
	src := d.story().Title("Story")
	yes := d.name("yes", src.Says("meet", a, b))
	no := d.name("no", src.Reports(b, "meet", a).Stance("CT-"))
	first := d.record()

	ent := a.ID
	if d.changes(d.at(first), d.at(first), graph.Pattern{}) != "" {
		t.Error("nothing is something")
	}
	same := d.Judge(a, events.Same, b, "a nickname")
	d.names[a.ID], d.names[b.ID], d.names[same] = "ab", "ab", "same"
	alias := d.Name(a, "Al", "en")
	d.Name(other, "Oz", "en")
	disputes := d.Link(no, events.Disputes, yes, "")
	d.names[disputes] = "disputes"
	rating := d.Known(src.ID()).ID()
	rated := d.Add(&events.Assessed{Source: rating, Scheme: "admiralty", Value: "B2"})
	d.names[rated] = "rated"
	second := d.record()

	about := graph.Pattern{Entity: ent}
	equal(t, "forwards", d.changes(d.at(first), d.at(second), about),
		"joined ab 2; verdict true same not recorded; name true Al not recorded; "+
			"link true disputes not recorded; rating true rated not recorded")
	// Now a statement that names B names A, too, and what is gone is gone for a reason.
	undo := d.Retract(same, "two people")
	d.Retract(disputes, "he does not")
	d.Retract(alias, "nobody does")
	d.names[undo] = "undo"
	third := d.record()
	got := d.changes(d.at(second), d.at(third), about)
	for _, want := range []string{"parted ab 2; verdict false same retracted by undo of desk: two people", "name false Al retracted",
		"link false disputes retracted"} {
		if !strings.Contains(got, want) {
			t.Errorf("backwards: %s, want %s", got, want)
		}
	}
	equal(t, "of what is not about it", d.changes(d.at(first), d.at(second), graph.Pattern{Predicate: "nothing"}), "")
	equal(t, "of a predicate", d.changes(d.at(first), d.at(second), graph.Pattern{Predicate: "meet", Form: events.Heading}), "")
}

// Of what is redacted the id is told, whatever was asked, and a redaction while
// the question is being answered hides as well.
func TestChangesRedacted(t *testing.T) {
	d := newDesk(t)
	a, b := d.Person("A"), d.Person("B")
	src := d.story()
	old := d.name("old", src.Says("meet", a, b))
	first := d.record()
	src = d.Known(src.ID(), d.Person("Reporter"))
	recent := d.name("new", src.Says("leave", a, b))
	open := d.name("open", src.Says("stay", a, b))
	second := d.record()
	d.Redact(recent, "")
	d.Redact(old, "")
	third := d.record()
	equal(t, "by then", d.changes(d.at(first), d.at(second), graph.Pattern{Entity: a.ID}), "+ open not recorded; redacted new")
	equal(t, "since", d.changes(d.at(first), d.at(third), graph.Pattern{Predicate: "nothing"}), "redacted new; redacted old")
	equal(t, "in between", d.changes(d.at(third), d.at(second), graph.Pattern{}), "redacted new; redacted old")

	for n := range 12 {
		d := newDesk(t)
		d.names = map[uuid.UUID]string{}
		a := d.Person("A")
		first := d.record()
		open = d.name("open", d.story().Says("stay", a))
		second := d.record()
		c, err := query.Changes(&interrupted{ctx, n, func() {
			d.Redact(open, "")
			d.record()
		}}, d.at(first), d.at(second), graph.Pattern{})
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Came)+len(c.Redacted) == 0 || c.Came != nil && c.Came[0].ID != open || c.Redacted != nil && c.Redacted[0] != open {
			t.Errorf("redacted at step %d: %+v", n, c)
		}
	}
}

// interrupted is a context that does something when it is looked at once more
// than n times.
type interrupted struct {
	context.Context
	n  int
	do func()
}

func (c *interrupted) Err() error {
	if c.n--; c.n == -1 {
		c.do()
	}
	return c.Context.Err()
}

func TestChangesRefused(t *testing.T) {
	d, other := newDesk(t), newDesk(t)
	d.story().Says("meet", d.Person("A"), d.Person("B"))
	p := d.record()
	for _, views := range [][2]graph.View{{d.at(p), other.at(p)}, {{}, d.at(p)}, {d.at(p), {}}, {{}, {}}} {
		if c, err := query.Changes(ctx, views[0], views[1], graph.Pattern{}); err == nil || c != nil {
			t.Errorf("of two graphs: %v, %v", c, err)
		}
	}
}

// Changes of what is said of somebody seldom does not look at all that was said meanwhile.
func TestChangesOfNarrowPattern(t *testing.T) {
	d := newDesk(t)
	d.page("0").Says("rest", d.Person("A")).ID()
	d.record()
	before := d.g.View(nil)
	const n = 500
	for i := range n {
		d.page("1").Says("work", d.Person("B")).On(fmt.Sprint(1000 + i)).ID()
	}
	came := d.page("1").Says("work", d.Person("A")).ID()
	d.record()
	looks := func(p graph.Pattern) (*query.Changed, int) {
		c := &lasting{ctx, 1 << 30}
		changed, err := query.Changes(c, before, d.g.View(nil), p)
		if err != nil {
			t.Fatal(err)
		}
		return changed, 1<<30 - c.looks
	}
	others := len(slices.Collect(d.g.View(nil).OtherChanges(before.Position()))) // sources and entities
	got, few := looks(graph.Pattern{Entity: d.Person("A").ID})
	if len(got.Came) != 1 || got.Came[0].ID != came {
		t.Errorf("it found %+v", got)
	}
	if few > 3*others+20 {
		t.Errorf("it looked %d times for one statement of %d, beside %d other events", few, n, others)
	}
}

// A name in another language is another; one that is given twice is told of once.
func TestChangesOfNames(t *testing.T) {
	d := newDesk(t)
	a := d.Place("Kyiv")
	d.Name(a, "Odesa", "en")
	first := d.record()
	d.Name(a, "Odesa", "uk")
	d.record()
	for i := range 2 {
		named := events.Event{ID: events.Key("event", fmt.Sprint(i)), Body: &events.EntityNamed{Entity: a.ID, Name: events.Name{Text: "Lviv"}}}
		if _, err := d.g.Record(ctx, &events.Batch{Recorder: "desk", Events: []events.Event{named}}); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "names", d.changes(d.at(first), d.g.View(nil), all), "name true Odesa not recorded; name true Lviv not recorded")
}
