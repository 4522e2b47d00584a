package query_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

func TestStatements(t *testing.T) {
	d := newDesk(t)
	a, b, c, party := d.Person("A"), d.Person("B"), d.Person("C"), d.Organisation("Party")
	src := d.story()
	d.name("1", src.Quotes(a, "I met B", "meet", a, b))
	d.record()
	d.name("2", d.story().Reports(c, "meet", a, b).For(party))
	d.record()
	d.name("3", d.story().Reports(c, "meet", a).With(a).Via(b))
	d.record()
	d.name("4", d.story().Reports(a, "claim").Arg("what", events.Nested(d.Claim("meet", b))))
	d.record()

	v := d.g.View(nil)
	meet := graph.Pattern{Predicate: "meet"}
	equal(t, "Statements", list(t, query.Statements(ctx, v, meet), d.reading), "1, 2, 3")
	equal(t, "as of 2", list(t, query.Statements(ctx, d.g.View(&graph.Lens{AsOf: 2}), meet), d.reading), "1, 2")
	equal(t, "AccordingTo C", list(t, query.AccordingTo(ctx, v, c.ID, meet), d.reading), "2, 3")
	equal(t, "AccordingTo the party", list(t, query.AccordingTo(ctx, v, party.ID, meet), d.reading), "2")
	equal(t, "AccordingTo B, who reports", list(t, query.AccordingTo(ctx, v, b.ID, meet), d.reading), "")
	equal(t, "AccordingTo both", list(t, query.AccordingTo(ctx, v, a.ID, graph.Pattern{Origin: c.ID}), d.reading), "3")
	equal(t, "Said about B", list(t, query.Said(ctx, v, a.ID, b.ID, nil), d.reading), "1")
	equal(t, "Said about A", list(t, query.Said(ctx, v, a.ID, a.ID, nil), d.reading), "1, 3")
	equal(t, "in quotes", list(t, query.Said(ctx, v, a.ID, a.ID, &query.SaidOptions{QuotesOnly: true}), d.reading), "1")
	if n := query.Count(v, meet); n != 3 {
		t.Errorf("Count: %d", n)
	}
	d.Judge(a, events.Same, b, "")
	d.record()
	v = d.g.View(nil)
	equal(t, "merged", list(t, query.Said(ctx, v, b.ID, b.ID, nil), d.reading), "1, 3")
}

func TestTimeline(t *testing.T) {
	d := newDesk(t)
	a, o := d.Person("A"), d.Occurrence("O")
	for _, x := range []struct{ name, when string }{
		{"undated", ""},
		{"month", "2025-08"},
		{"day", "2025-08-06"},
		{"day of 1945", "1945-05-08"},
		{"day again", "2025-08-06"},
		{"or", "[2025-08-06,2025-08-07]"},
		{"instant", "2025-08-06T10:00:00Z"},
		{"and", "{2025-04-11,2025-06-02}"},
		{"and in", "{2025-04,2025-06-02}"},
		{"throughout", "2025-04-11/2025-08-06"},
		{"some start", "2025-04/2025-08-06"},
		{"some end", "2025-04-11/2025-08"},
		{"open", "2025-08-06/.."},
		{"since ever", "../2025-08-06"},
		{"unknown end", "2025-08-06/"},
		{"query", "2025-08-06?"},
		{"about", "2025-08-06~"},
	} {
		st := d.story().Says("be", a).On(x.when)
		if x.name == "day again" {
			st = d.story().Says("visit").Occurrence(o).Role("who", a).On(x.when)
		}
		d.name(x.name, st)
		d.record()
	}
	d.name("not about", d.story().Says("think").Arg("what", events.Nested(d.Claim("be", a))))
	d.record()

	got := list(t, query.Timeline(ctx, d.g.View(nil), a.ID, nil), func(i *query.Item) string {
		s := d.reading(i.Reading)
		if !i.Dated {
			s += "-"
		}
		if i.Uncertain {
			s += "?"
		}
		return s
	})
	equal(t, "timeline", got, "since ever, day of 1945, and in?, some start?, and, throughout, some end?, month?, day, day again, query?, about?, "+
		"or?, open, unknown end?, instant, undated-")
	got = list(t, query.Timeline(ctx, d.g.View(nil), o.ID, nil), func(i *query.Item) string { return d.reading(i.Reading) })
	equal(t, "of an occurrence", got, "day again")
}

// Who keeps nothing between two pages but the position finds the next one, whatever is
// recorded meanwhile, and what he skips is not read.
func TestTimelineSkip(t *testing.T) {
	d := newDesk(t)
	a := d.Person("A")
	const n = 300
	for i := range n {
		d.page(fmt.Sprint(i)).Says("be", a).On(fmt.Sprint(2000 - i)).ID()
	}
	at := d.record()
	var whole []uuid.UUID
	for item, err := range query.Timeline(ctx, d.g.View(nil), a.ID, nil) {
		if err != nil {
			t.Fatal(err)
		}
		whole = append(whole, item.ID)
	}
	for _, c := range []struct{ skip, left int }{{0, n}, {1, n - 1}, {n - 20, 20}, {n, 0}, {n + 1, 0}, {math.MaxInt, 0}} {
		d.page("new").Says("be", a).On("1066").Locator(fmt.Sprint(c.skip)).ID()
		d.record()
		view := d.g.View(&graph.Lens{AsOf: at})
		looks := &lasting{ctx, 8 + 2*c.left} // one before each reading
		var got []uuid.UUID
		for item, err := range query.Timeline(looks, view, a.ID, &query.TimelineOptions{Skip: c.skip}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, item.ID)
		}
		if !slices.Equal(got, whole[n-c.left:]) {
			t.Errorf("%d of %d entries behind %d, or others", len(got), c.left, c.skip)
		}
	}
}

// TestTimelineAhead reads more than is read ahead at once, recorded in another order than
// that of time, while some of it is redacted.
func TestTimelineAhead(t *testing.T) {
	d := newDesk(t)
	a := d.Person("A")
	const days = 365
	var ids [days]uuid.UUID
	for i := range days {
		day := i * 101 % days
		date := time.Date(2025, 1, 1+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		ids[day] = d.name(date, d.story().Says("be", a).On(date))
		if i%10 == 9 {
			d.record()
		}
	}
	d.record()

	day := 0
	for item, err := range query.Timeline(ctx, d.g.View(nil), a.ID, nil) {
		if err != nil {
			t.Fatal(err)
		}
		if item.ID != ids[day] {
			t.Fatalf("%s comes where %s is to come", d.names[item.ID], d.names[ids[day]])
		}
		day++
		if day%50 == 0 {
			d.Redact(ids[day], "private")
			d.record()
			day++
		}
	}
	if day != days {
		t.Errorf("it ends at day %d, want %d", day, days)
	}
}

func (d *desk) rungs(list []query.Rung) string {
	var all []string
	for _, r := range list {
		all = append(all, fmt.Sprintf("%s %s %d+%d", r.Stance, d.reading(r.Reading), len(r.Speakers), len(r.For)))
	}
	return strings.Join(all, ", ")
}

func TestLadder(t *testing.T) {
	d := newDesk(t)
	a, b, kremlin := d.Person("A"), d.Person("B"), d.Organisation("Kremlin")
	meeting, visit, talks, lunch := d.Occurrence("meeting"), d.Occurrence("visit"), d.Occurrence("talks"), d.Occurrence("lunch")
	d.record()
	say := func(name string, o events.EntityRef, stance string) {
		d.name(name, d.story().Reports(a, "happen").With(b).For(kremlin).Occurrence(o).Stance(stance))
		d.record()
	}
	say("sure", visit, "CT+")
	say("not", visit, "PS-")
	say("likely", visit, "PR+")
	say("may", visit, "PS+")
	say("no word", visit, "Uu")
	say("not ruled out", meeting, "PS+")
	say("had", lunch, "CT+")
	d.name("mentions", d.story().Says("like", a, visit))
	d.name("tie", d.story().Says(events.PartOf).Role(events.RolePart, meeting).Role(events.RoleWhole, visit))
	d.record()
	d.name("tie again", d.story().Says(events.PartOf).Role(events.RolePart, meeting, lunch).Role(events.RoleWhole, visit).Stance("PS+"))
	d.record()
	d.name("up", d.story().Says(events.PartOf).Role(events.RolePart, visit).Role(events.RoleWhole, talks))
	d.record()
	d.name("no tie", d.story().Says(events.PartOf).Role(events.RolePart, lunch).Role(events.RoleWhole, visit).Stance("CT-"))
	d.name("further", d.story().Says(events.PartOf).Role(events.RolePart, lunch).Role(events.RoleWhole, meeting))
	d.record()

	l, err := query.Ladder(ctx, d.g.View(nil), visit.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "rungs", d.rungs(l.Rungs), "Uu no word 2+1, PS- not 2+1, PS+ may 2+1, PR+ likely 2+1, CT+ sure 2+1")
	var got []string
	for _, r := range l.Related {
		var ties []string
		for _, tie := range r.Ties {
			ties = append(ties, d.reading(tie))
		}
		got = append(got, fmt.Sprintf("%s by %s", d.rungs(r.Rungs), strings.Join(ties, "+")))
	}
	// The lunch and the talks are tied by a later statement than the meeting.
	equal(t, "related", strings.Join(got, "; "),
		"PS+ not ruled out 2+1 by tie+tie again; CT+ had 2+1 by tie again;  by up")

	l, err = query.Ladder(ctx, d.g.View(&graph.Lens{Least: events.Probable}), visit.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the least sure left out", d.rungs(l.Rungs), "PR+ likely 2+1, CT+ sure 2+1")
	d.Judge(a, events.Same, b, "")
	d.Judge(visit, events.Same, meeting, "")
	d.record()
	if l, err = query.Ladder(ctx, d.g.View(nil), meeting.ID); err != nil {
		t.Fatal(err)
	}
	equal(t, "merged", d.rungs(l.Rungs[2:4]), "PS+ may 1+1, PS+ not ruled out 1+1")
	if len(l.Related) != 2 {
		t.Errorf("merged: %d related, want the lunch and the talks", len(l.Related))
	}
}

// Those that one statement ties come by their ids, each once, also if it ties them both ways.
func TestLadderTiedAtOnce(t *testing.T) {
	d := newDesk(t)
	p := d.people(6)
	visit := p[3]
	d.name("tie", d.story().Says(events.PartOf).Role(events.RolePart, p[5], p[0], visit).Role(events.RoleWhole, visit, p[4], p[0]))
	d.name("rung", d.story().Reports(p[5], "happen").For(p[1], p[2]).Occurrence(visit))
	d.Judge(p[1], events.Same, p[2], "")
	d.record()
	l, err := query.Ladder(ctx, d.g.View(nil), visit.ID)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range l.Related {
		got = append(got, fmt.Sprint(d.names[r.Occurrence], len(r.Ties)))
	}
	equal(t, "related", strings.Join(got, ", "), "A1, E1, F1")
	equal(t, "for", d.ids(l.Rungs[0].For), "B")
}

func TestEdges(t *testing.T) {
	d := newDesk(t)
	a, a2, b, c := d.Person("A"), d.Person("A, again"), d.Person("B"), d.Place("C")
	d.Judge(a, events.Same, a2, "")
	names := map[uuid.UUID]string{a.ID: "A", a2.ID: "A", b.ID: "B", c.ID: "C"}
	one := d.story().Says("meet", a, b).Role("object", a2, b).Role("place", c).Arg("n", events.Number("2", "")).ID()
	d.record()
	d.story().Says("sleep", a).Occurrence(b).ID()
	d.record()
	d.story().Says("like", b, a).Stance("CT-").ID()
	d.record()
	v := d.g.View(nil)
	edges := func(e events.EntityRef) string {
		var all []string
		for x := range query.Edges(v, e.ID) {
			if x.From != v.Canonical(e.ID) || x.To != v.Canonical(x.To) || (x.Predicate == "meet") != (x.Statement.ID() == one) {
				t.Errorf("edge %+v", x)
			}
			all = append(all, fmt.Sprintf("%s.%s %s %s.%s", names[x.From], x.FromRole, x.Predicate, names[x.To], x.ToRole))
		}
		for range query.Edges(v, e.ID) {
			break
		}
		return strings.Join(all, ", ")
	}
	equal(t, "of A", edges(a2), "A.subject meet B.object, A.subject meet C.place, A.object meet B.object, A.object meet C.place, "+
		"A.subject sleep B., A.object like B.subject")
	equal(t, "of B", edges(b), "B.object meet A.subject, B.object meet A.object, B.object meet C.place, B. sleep A.subject, B.subject like A.object")
	equal(t, "of C", edges(c), "C.place meet A.subject, C.place meet B.object, C.place meet A.object")
}

func TestWords(t *testing.T) {
	d := newDesk(t)
	a := d.Person("A")
	const text = "«Зустріч була», сказав він. Усе."
	src := d.Source("https://example.org/uk").By(a).Text(text)
	bare := d.Source("https://example.org/bare").By(a)
	for name, s := range map[string]*events.StatementRef{
		"quote":      src.Quotes(a, "Зустріч була", "meet", a),
		"offsets":    src.Says("say", a).At(28, 32),
		"exact":      src.Says("end", a).Exact("Усе"),
		"place":      src.Says("nothing", a).Locator("1"),
		"no hash":    bare.Quotes(a, "Зустріч була", "meet", a),
		"no source":  d.Infers(a, "meet", a),
		"to the end": src.Says("all", a).At(0, 32),
	} {
		d.name(name, s)
	}
	d.record()
	// Recorded without the text, these could not be checked against it.
	later := d.Known(events.Key("source", "https://example.org/uk"), a)
	d.name("elsewhere", later.Says("x", a).At(30, 99))
	for _, at := range [][2]int{{30, 33}, {31, 33}, {32, 33}} {
		d.name(fmt.Sprint("one too far, from ", at[0]), later.Says("x", a).At(at[0], at[1]))
	}
	d.name("otherwise", later.Says("y", a).Exact("abc").At(1, 4))
	d.name("not in it", later.Says("z", a).Exact("abcd"))
	d.record()
	ids := make(map[string]uuid.UUID)
	for id, name := range d.names {
		ids[name] = id
	}
	v := d.g.View(nil)
	for _, c := range []struct {
		name, text, words string
		err               string // of an ErrText
	}{
		{"quote", "", "Зустріч була", ""},
		{"offsets", "", "", ""},
		{"no source", "", "", ""},
		{"quote", text, "Зустріч була", ""},
		{"offsets", text, "Усе.", ""},
		{"exact", text, "Усе", ""},
		{"to the end", text, text, ""},
		{"quote", text + " ", "", "has SHA-256"},
		{"place", text, "", "neither offsets nor words"},
		{"no hash", text, "", "without the SHA-256"},
		{"no source", text, "", "no source"},
		{"elsewhere", text, "", "offsets are 30 to 99, the text has 32 code points"},
		{"one too far, from 30", text, "", "offsets are 30 to 33, the text has 32 code points"},
		{"one too far, from 31", text, "", "offsets are 31 to 33, the text has 32 code points"},
		{"one too far, from 32", text, "", "offsets are 32 to 33, the text has 32 code points"},
		{"otherwise", text, "", `code points 1 to 4 are "Зус", recorded are "abc"`},
		{"not in it", text, "", `does not have the recorded words "abcd"`},
	} {
		q, err := query.Words(ctx, v, ids[c.name], c.text)
		if c.err != "" {
			if !errors.Is(err, query.ErrText) || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v, want %s", c.name, err, c.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if q.Words != c.words || q.Verified != (c.text != "") || q.ID != ids[c.name] {
			t.Errorf("%s: %q, %v", c.name, q.Words, q.Verified)
		}
	}
	if _, err := query.Words(ctx, v, uuid.New(), ""); !errors.Is(err, graph.ErrNotInView) {
		t.Errorf("unknown statement: %v", err)
	}
	// The page is fetched again and has changed: the text of then is good for what was
	// recorded when the source had it; offsets in the text of now are those of other words.
	const changed = "Сказав він: «Зустріч була». Більше нічого. Усе."
	d.Source("https://example.org/uk").By(a).Text(changed)
	d.record()
	v = d.g.View(nil)
	for _, name := range []string{"quote", "exact", "offsets"} {
		if q, err := query.Words(ctx, v, ids[name], text); err != nil || !q.Verified {
			t.Errorf("%s, in the text of then: %v", name, err)
		}
	}
	if _, err := query.Words(ctx, v, ids["quote"], text+" "); !errors.Is(err, query.ErrText) || !strings.Contains(err.Error(), "when the statement was recorded") {
		t.Errorf("in a text that never was: %v", err)
	}
	if q, err := query.Words(ctx, v, ids["offsets"], changed); !errors.Is(err, query.ErrText) || !strings.Contains(err.Error(), "without its words") {
		t.Errorf("offsets in the text of now: %+v, %v", q, err)
	}
	// Where the source had no text yet, offsets are those in the first one on record.
	early := d.Source("https://example.org/early").By(a).Says("rise", a).At(28, 32).ID()
	d.record()
	d.Source("https://example.org/early").By(a).Text(text)
	d.record()
	v = d.g.View(nil)
	if q, err := query.Words(ctx, v, early, text); err != nil || q.Words != "Усе." || !q.Verified {
		t.Errorf("offsets from before the text: %+v, %v", q, err)
	}
	d.Redact(ids["quote"], "private")
	d.record()
	if _, err := query.Words(ctx, v, ids["quote"], ""); !errors.Is(err, graph.ErrRedacted) {
		t.Errorf("redacted statement: %v", err)
	}
}

// One sequence may be ranged over by several goroutines at once.
func TestTogether(t *testing.T) {
	d := newDesk(t)
	a, b, o := d.Person("A"), d.Person("B"), d.Occurrence("O")
	src := d.story()
	d.Declare(events.Predicate{Name: "meet", Roles: []events.Role{{Name: "who"}, {Name: "whom", Functional: true}}})
	for i := range 20 {
		s := src.Reports(a, "meet", a, b).Occurrence(o).On(edtf.Date(2025, 8, 1+i%3).String())
		if i%5 == 0 {
			s.Stance("CT-")
		}
		id := d.name(fmt.Sprint(i), s.Gloss(fmt.Sprint(i)))
		d.name(fmt.Sprint("r", i), src.Says("replies_to").Arg("from", events.Said(id)).Arg("to", events.Unknown()))
	}
	d.record()
	v := d.g.View(nil)
	oppositions, conflicts, replies := query.Oppositions(ctx, v, all), query.Conflicts(ctx, v, all), query.Replies(ctx, v, all)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, err := range oppositions {
				if err != nil {
					t.Error(err)
				}
			}
			for _, err := range conflicts {
				if err != nil {
					t.Error(err)
				}
			}
			for _, err := range replies {
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// A statement that cannot be read keeps back none of those that come before it, wherever
// in the record these are.
func TestTimelineUnreadable(t *testing.T) {
	d := newDesk(t)
	store := &torn{Mem: events.NewMem()}
	var err error
	if d.g, err = graph.Open(ctx, store, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.g.Close() })
	a := d.Person("A")
	for _, day := range []int{3, 1, 5, 2, 4} {
		date := fmt.Sprintf("2025-03-%02d", day)
		d.name(date, d.story().Says("be", a).On(date))
		d.record()
	}
	g, err := graph.Open(ctx, store, &graph.Options{CacheSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	for missing, want := range map[events.Seq]string{
		1: "2025-03-01 2025-03-02",
		2: "",
		3: "2025-03-01 2025-03-02 2025-03-03 2025-03-04",
		5: "2025-03-01 2025-03-02 2025-03-03",
	} {
		store.missing = missing
		var got []string
		var failed error
		for item, err := range query.Timeline(ctx, g.View(nil), a.ID, nil) {
			if failed = err; err != nil {
				break
			}
			got = append(got, d.names[item.ID])
		}
		if strings.Join(got, " ") != want || !errors.Is(failed, errTorn) {
			t.Errorf("without record %d: %v, %v, want %s", missing, got, failed, want)
		}
	}
}

var errTorn = errors.New("torn")

// torn is a store one record of which cannot be read.
type torn struct {
	*events.Mem
	missing events.Seq
}

func (s *torn) Read(ctx context.Context, seq events.Seq) ([]byte, error) {
	if seq == s.missing {
		return nil, errTorn
	}
	return s.Mem.Read(ctx, seq)
}
