package model

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// desk records one event a batch and keeps names for ids.
type desk struct {
	t *testing.T
	*Model
	n int
}

func newDesk(t *testing.T) *desk { return &desk{t: t, Model: New()} }

var noon = time.Date(2025, 8, 7, 12, 0, 0, 0, time.UTC)

func id(name string) uuid.UUID { return events.Key(name) }

// try records a body under a name, an hour after the last.
func (d *desk) try(name string, body events.Body) Outcome {
	d.t.Helper()
	d.n++
	ev := events.Event{ID: id(name), Body: body}
	return d.Record(events.Batch{Recorder: "ada", Events: []events.Event{ev}}, noon.Add(time.Duration(d.n)*time.Hour))
}

func (d *desk) ok(name string, body events.Body) {
	d.t.Helper()
	if out := d.try(name, body); out.Class != Recorded {
		d.t.Fatalf("%s: %v: %s", name, out.Class, out.Why)
	}
}

func (d *desk) refused(name string, body events.Body) {
	d.t.Helper()
	last := d.Last()
	if out := d.try(name, body); out.Class != Refused || d.Last() != last {
		d.t.Fatalf("%s: %v at %d, want a refusal that changes nothing", name, out.Class, d.Last())
	}
}

func (d *desk) entities(names ...string) {
	d.t.Helper()
	for _, name := range names {
		d.ok("reg "+name, &events.EntityRegistered{Entity: events.Entity{
			ID: id(name), Kind: events.Person, Name: events.Name{Text: name}}})
	}
}

// stands checks which of the events stand, by their names.
func (d *desk) stands(want map[string]bool) {
	d.t.Helper()
	got := d.Standing(d.Last())
	for name, stands := range want {
		if slices.Contains(got, id(name)) != stands {
			d.t.Errorf("%s stands: %v, want %v", name, !stands, stands)
		}
	}
}

// shown checks the statements that a lens and a pattern show.
func (d *desk) shown(l Lens, p Pattern, want ...string) {
	d.t.Helper()
	var got, ids []uuid.UUID
	for _, r := range d.Statements(l, p) {
		got = append(got, r.ID)
	}
	for _, name := range want {
		ids = append(ids, id(name))
	}
	if !slices.Equal(got, ids) {
		d.t.Errorf("%+v %+v: got %v, want %v %v", l, p, got, want, ids)
	}
}

func src(name string, change func(*events.Source)) *events.SourceAdded {
	s := events.Source{ID: id(name), Title: name}
	if change != nil {
		change(&s)
	}
	return &events.SourceAdded{Source: s}
}

// says is a statement of one voice about entities in the role "who".
func says(source, speaker string, about ...string) *events.StatementRecorded {
	st := events.Statement{
		Claim:  events.Claim{Predicate: "meet"},
		Voices: []events.Voice{{Speakers: []events.Party{{Entity: id(speaker)}}, Act: events.Assert, Stance: events.CertainAffirmed()}},
		Form:   events.Inferred,
	}
	if source != "" {
		st.Source, st.Form = id(source), events.Paraphrase
	}
	for _, name := range about {
		st.Claim.Args = append(st.Claim.Args, events.Arg{Role: "who", Value: events.Ref(id(name))})
	}
	return &events.StatementRecorded{Statement: st}
}

func with(b *events.StatementRecorded, change func(*events.Statement)) *events.StatementRecorded {
	change(&b.Statement)
	return b
}

func replaces(name string) func(*events.Statement) {
	return func(st *events.Statement) { st.Replaces = id(name) }
}

func refersTo(name string) func(*events.Statement) {
	return func(st *events.Statement) {
		st.Claim.Args = append(st.Claim.Args, events.Arg{Role: "what", Value: events.Said(id(name))})
	}
}

func retract(name string) *events.Retracted { return &events.Retracted{Event: id(name)} }
func cascade(name string) *events.Retracted { return &events.Retracted{Event: id(name), Cascade: true} }

func judge(a string, v events.Verdict, b string) *events.IdentityJudged {
	return &events.IdentityJudged{A: id(a), B: id(b), Verdict: v}
}

func TestIdempotence(t *testing.T) {
	d := newDesk(t)
	d.entities("ann")
	again := &events.EntityRegistered{Entity: events.Entity{ID: id("ann"), Kind: events.Person, Name: events.Name{Text: "ann"}}}
	if out := d.try("reg ann", again); out.Class != Recorded || out.Position != 1 || out.New != 0 || d.Last() != 1 {
		t.Errorf("the same again: %+v at %d", out, d.Last())
	}
	again.Entity.Note = "revised"
	if out := d.try("reg ann", again); out.Class != Conflict {
		t.Errorf("other content: %+v", out)
	}
	// All or nothing: what is right in a batch that is refused is not recorded.
	out := d.Record(events.Batch{Events: []events.Event{
		{ID: id("good"), Body: again}, {ID: id("bad"), Body: retract("nothing")},
	}}, noon)
	if out.Class != Refused || d.Last() != 1 || len(d.IDs()) != 1 {
		t.Errorf("half a batch: %+v", out)
	}
}

func TestRests(t *testing.T) {
	d := newDesk(t)
	d.refused("s0", says("", "ann"))
	d.entities("ann", "bob")
	d.refused("s0", says("wire", "ann"))
	d.ok("add wire", src("wire", func(s *events.Source) { s.Authors = []uuid.UUID{id("bob")} }))
	d.ok("s1", says("wire", "ann"))
	d.ok("s2", with(says("", "ann"), refersTo("s1")))
	d.ok("rates", &events.Assessed{Statement: id("s2"), Scheme: "admiralty", Value: "B2"})
	d.ok("link", &events.StatementsLinked{From: id("s1"), Link: events.Confirms, To: id("s2")})

	d.refused("r", retract("add wire"))
	d.refused("r", retract("reg bob"))
	d.ok("add wire 2", src("wire", nil)) // rests on nobody
	d.ok("r", retract("add wire"))       // not the last registration
	d.ok("r2", retract("reg bob"))
	d.refused("r3", cascade("reg bob"))

	d.ok("r3", cascade("add wire 2"))
	d.stands(map[string]bool{"s1": false, "s2": false, "rates": false, "link": false, "reg ann": true})
	d.refused("undo r", retract("r")) // bob is not there
	d.ok("undo r3", retract("r3"))    // s1 rests on a wire that was recorded later
	d.stands(map[string]bool{"s1": true, "s2": true, "rates": true, "link": true, "add wire": false, "add wire 2": true})
	d.refused("undo r3 again", retract("r3"))
	d.ok("undo the undo", retract("undo r3"))
	d.stands(map[string]bool{"add wire 2": false, "s1": false, "link": false, "r3": true, "undo r3": false})

	d.ok("undo r3 again", retract("r3"))
	d.ok("add wire 3", src("wire", nil))
	d.ok("undo that, too", retract("undo r3 again"))
	d.stands(map[string]bool{"add wire 2": false, "r3": true})
	d.stands(map[string]bool{"s1": true, "s2": true}) // wire is there without it now
}

func TestReplace(t *testing.T) {
	d := newDesk(t)
	d.entities("ann", "bob")
	d.ok("s1", says("", "ann", "ann"))
	d.ok("s2", with(says("", "ann", "bob"), replaces("s1")))
	d.refused("s3", with(says("", "ann"), replaces("s1")))
	d.refused("r", retract("s1"))
	d.ok("about s1", with(says("", "bob"), refersTo("s1"))) // what is replaced is still there
	d.shown(Lens{}, Pattern{}, "s2", "about s1")
	d.shown(Lens{AsOf: 3}, Pattern{}, "s1")

	d.ok("s3", with(says("", "ann", "ann"), replaces("s2")))
	d.ok("undo s3", retract("s3"))
	d.shown(Lens{}, Pattern{}, "about s1", "s2")
	d.ok("undo s2", retract("s2"))
	d.shown(Lens{}, Pattern{}, "about s1", "s1")

	d.refused("redo s3", retract("undo s3")) // what it replaces does not stand
	d.ok("redo s2", retract("undo s2"))
	d.ok("redo s3", retract("undo s3"))
	d.shown(Lens{}, Pattern{}, "about s1", "s3")

	d.refused("r", retract("reg bob"))
	d.ok("r", cascade("reg bob")) // s2 is replaced and stays so
	d.shown(Lens{}, Pattern{}, "s3")
	d.refused("undo s3 again", retract("s3")) // s2 mentions bob
	d.ok("fall", cascade("s3"))               // so s1, which does not, comes back
	d.shown(Lens{}, Pattern{}, "s1")
	d.ok("undo fall", retract("fall")) // s2 is replaced again, whatever it misses
	d.shown(Lens{}, Pattern{}, "s3")
	d.ok("undo r", retract("r"))
	d.shown(Lens{}, Pattern{}, "s3", "about s1")
	d.stands(map[string]bool{"s1": false, "s2": false})
}

func TestCascadeOverReplacements(t *testing.T) {
	d := newDesk(t)
	d.entities("ann", "bob")
	d.ok("add wire", src("wire", nil))
	d.ok("add daily", src("daily", nil))
	d.ok("a1", says("wire", "ann", "bob"))
	d.ok("b1", says("daily", "ann", "bob"))
	d.ok("on a1", with(says("", "ann"), refersTo("a1")))
	d.ok("on b1", with(says("", "ann"), refersTo("b1")))
	d.ok("a2", with(says("wire", "ann", "ann"), replaces("a1")))
	d.ok("b2", with(says("wire", "ann", "ann"), replaces("b1")))
	before := d.Standing(d.Last())

	d.ok("r", cascade("add wire"))
	// a1 has lost its source, too, and takes with it what is about it; b1 comes back.
	d.shown(Lens{}, Pattern{}, "on b1", "b1")
	d.ok("undo", retract("r"))
	after := slices.DeleteFunc(d.Standing(d.Last()), func(e uuid.UUID) bool { return e == id("undo") })
	if !slices.Equal(before, after) {
		t.Errorf("before %v, after the undo %v", before, after)
	}

	d.ok("redo", retract("undo"))
	d.ok("b3", with(says("", "bob"), replaces("b1")))
	d.refused("undo redo", retract("redo"))
	d.ok("drop b3", retract("b3"))
	d.ok("undo redo", retract("redo"))
	d.shown(Lens{}, Pattern{}, "on b1", "on a1", "a2", "b2")
}

func TestIdentity(t *testing.T) {
	d := newDesk(t)
	d.entities("ann", "bob", "cid", "dan")
	d.ok("s", says("", "ann", "bob"))
	d.ok("ab", judge("ann", events.Same, "bob"))
	d.ok("bc", judge("bob", events.Same, "cid"))
	d.refused("ac", judge("ann", events.Different, "cid"))
	d.ok("ad", judge("ann", events.Different, "dan"))
	d.refused("cd", judge("dan", events.Same, "cid"))
	d.ok("unsure", judge("dan", events.Unsure, "cid"))
	want := sorted([]uuid.UUID{id("ann"), id("bob"), id("cid")})
	if got := d.Cluster(d.Last(), id("cid")); !slices.Equal(got, want) {
		t.Errorf("cluster %v, want %v", got, want)
	}
	if got := d.Canonical(d.Last(), id("bob")); got != want[0] {
		t.Errorf("canonical %v, want %v", got, want[0])
	}
	d.shown(Lens{}, Pattern{Entity: id("cid")}, "s")
	d.shown(Lens{AsOf: 6}, Pattern{Entity: id("cid")})
	d.shown(Lens{}, Pattern{Args: []Fill{{"who", id("ann")}}, Origin: id("cid"), Voice: id("bob")}, "s")
	d.shown(Lens{According: []uuid.UUID{id("dan"), id("cid")}}, Pattern{}, "s")

	d.ok("not ab", retract("ab"))
	d.shown(Lens{}, Pattern{Entity: id("cid")}, "s")
	d.shown(Lens{}, Pattern{Origin: id("cid")})
	d.ok("cd", judge("dan", events.Same, "cid"))
	d.refused("ab again", retract("not ab")) // ann and dan differ
}

func TestSplit(t *testing.T) {
	d := newDesk(t)
	d.entities("ann", "bob", "cid")
	d.ok("s", with(says("", "ann", "ann", "ann"), func(st *events.Statement) {
		st.Claim.Args = append(st.Claim.Args, events.Arg{Role: "what", Value: events.Nested(
			events.Claim{Predicate: "resign", Args: []events.Arg{{Role: "who", Value: events.Ref(id("ann"))}}})})
	}))
	split := func(to string, place events.MentionPlace, index int) *events.EntitySplit {
		return &events.EntitySplit{Entity: id("ann"), Parts: []events.SplitPart{{
			Entity: id(to), Mentions: []events.Mention{{Statement: id("s"), Place: place, Index: index}}}}}
	}
	d.refused("split", split("bob", events.InOccurrence, 0))
	d.refused("split", split("bob", events.InArgument, 3))
	d.ok("nested", split("bob", events.InArgument, 2)) // the claim in it, too
	d.ok("not nested", retract("nested"))
	d.ok("one", split("bob", events.InArgument, 1))
	d.refused("split", split("cid", events.InArgument, 1)) // not any more
	d.ok("all", split("cid", events.Anywhere, 0))
	d.refused("split", split("bob", events.InVoice, 0))

	fillers := func() (names []string) {
		rewrite(d.Statements(Lens{}, Pattern{})[0].Statement, func(_ place, x uuid.UUID) uuid.UUID {
			for _, name := range []string{"ann", "bob", "cid"} {
				if x == id(name) {
					names = append(names, name)
				}
			}
			return x
		})
		return names
	}
	check := func(want ...string) {
		t.Helper()
		if got := fillers(); !slices.Equal(got, want) {
			t.Errorf("reads %v, want %v", got, want)
		}
	}
	check("cid", "bob", "cid", "cid")
	d.ok("not one", retract("one"))
	check("cid", "cid", "cid", "cid")
	d.ok("one again", retract("not one")) // and before all, as it was recorded
	check("cid", "bob", "cid", "cid")
	d.ok("not all", retract("all"))
	check("ann", "bob", "ann", "ann")

	bob := split("cid", events.InArgument, 1)
	bob.Entity = id("bob")
	d.ok("bob", bob)
	check("ann", "cid", "ann", "ann")
	d.ok("not bob", retract("bob"))
	d.ok("not one 2", retract("one"))
	d.ok("bob again", retract("not bob")) // bob is not in that place now
	check("ann", "ann", "ann", "ann")
	d.ok("one again 2", retract("not one 2"))
	check("ann", "cid", "ann", "ann")
	d.refused("r", retract("reg bob")) // the split rests on bob
	d.ok("r", cascade("reg bob"))
	check("ann", "ann", "ann", "ann")
	d.refused("r2", retract("reg ann")) // it is mentioned as it was recorded
}
