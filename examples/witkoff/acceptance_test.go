package main

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// story is the whole record, and what the tests below ask it with.
type story struct {
	*dossier
	g     *graph.Graph
	store events.Store
	clock *clock
}

func openStory(t *testing.T) *story {
	t.Helper()
	store, now := events.NewMem(), &clock{}
	g, err := graph.Open(t.Context(), store, &graph.Options{Now: now.time})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	if _, err := record(t.Context(), g, now); err != nil {
		t.Fatal(err)
	}
	s := &story{g: g, store: store, clock: now, dossier: &dossier{cast: enter(events.NewBatch(""))}}
	s.now = g.View(nil)
	s.then = g.View(&graph.Lens{RecordedBy: time.Date(2025, 8, 4, 23, 59, 59, 0, time.UTC)})
	return s
}

// batch records a batch a day after the last one.
func (s *story) batch(t *testing.T, write func(*events.Builder)) (graph.Receipt, error) {
	t.Helper()
	b := events.NewBatch("desk")
	write(b)
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	s.clock.now = s.clock.now.AddDate(0, 0, 1)
	return s.g.Record(t.Context(), batch)
}

func (s *story) mustBatch(t *testing.T, write func(*events.Builder)) events.Position {
	t.Helper()
	r, err := s.batch(t, write)
	if err != nil {
		t.Fatal(err)
	}
	return r.Position
}

// print is the whole dossier as of now.
func (s *story) print(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	if err := printDossier(t.Context(), &out, s.g); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// named are the labels of the statements that a pattern names.
func (s *story) named(t *testing.T, v graph.View, p graph.Pattern) (labels []string) {
	t.Helper()
	for r, err := range query.Statements(t.Context(), v, p) {
		if err != nil {
			t.Fatal(err)
		}
		labels = append(labels, r.Selector.Locator)
	}
	slices.Sort(labels)
	return labels
}

// Nobody contradicted anybody about who asked for the meeting: Peskov replied,
// and his replies commit to nothing.
func TestWhoAskedForTheMeeting(t *testing.T) {
	s := openStory(t)
	for _, p := range []graph.Pattern{s.asked(), {Origin: s.peskov.ID}, {Occurrence: s.request.ID}} {
		disputes, err := count(query.Disputes(t.Context(), s.now, p))
		if err != nil || disputes != 0 {
			t.Errorf("%d disputes, %v", disputes, err)
		}
		oppositions, err := count(query.Oppositions(t.Context(), s.now, p))
		if err != nil || oppositions != 0 {
			t.Errorf("%d oppositions, %v", oppositions, err)
		}
	}
	var replies []string
	for r, err := range query.Replies(t.Context(), s.now, s.asked()) {
		if err != nil {
			t.Fatal(err)
		}
		replies = append(replies, fmt.Sprint(r.From.Reading.Selector.Locator, " ", r.Commits))
	}
	if want := []string{"S10 nothing", "S11 nothing", "S12 nothing"}; !slices.Equal(replies, want) {
		t.Errorf("replies %q, want %q", replies, want)
	}
}

// Certainty about the visit rises through the text.
func TestLadderOfTheVisit(t *testing.T) {
	s := openStory(t)
	l, err := query.Ladder(t.Context(), s.then, s.visit.ID)
	if err != nil {
		t.Fatal(err)
	}
	var rungs []string
	for _, r := range l.Rungs {
		rungs = append(rungs, r.Selector.Locator+" "+r.Stance.String())
	}
	if want := []string{"S24 PS+", "S20 PR+", "S18 CT+", "S33 CT+"}; !slices.Equal(rungs, want) {
		t.Errorf("rungs %q, want %q", rungs, want)
	}
	if len(l.Related) != 1 || l.Related[0].Occurrence != s.meeting.ID || l.Related[0].Rungs[0].Stance.String() != "PS+" {
		t.Errorf("related %+v, want the meeting, not ruled out", l.Related)
	}
}

// Whom the article reports is certain of the visit once and holds it possible then, and what
// the article says of it in its own words makes nobody else.
func TestWhoIsBehindTheVisit(t *testing.T) {
	s := openStory(t)
	var shifts []string
	for x, err := range query.Shifts(t.Context(), s.then, graph.Pattern{Entity: s.visit.ID}) {
		if err != nil {
			t.Fatal(err)
		}
		shifts = append(shifts, fmt.Sprint(x.Earlier.Selector.Locator, " ", x.Earlier.Voices[0].Stance, " ", x.Later.Selector.Locator, " ", x.Later.Voices[0].Stance))
	}
	if want := []string{"S18 CT+ S24 PS+"}; !slices.Equal(shifts, want) {
		t.Errorf("shifts %q, want %q", shifts, want)
	}
	var stances []string
	for c, err := range query.Stances(t.Context(), s.then, graph.Pattern{Occurrence: s.visit.ID}) {
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprint(c.Of.Selector.Locator, " ", c.Holding)
		for _, x := range c.Speakers {
			if x.Speaker != s.trump.ID {
				continue
			}
			for _, r := range x.Newest {
				text += fmt.Sprint(", now ", r.Selector.Locator, " ", r.Voices[0].Stance)
			}
			for _, r := range x.Earlier {
				text += fmt.Sprint(", once ", r.Selector.Locator, " ", r.Voices[0].Stance)
			}
		}
		stances = append(stances, text)
	}
	if want := []string{"S18 held, now S18 CT+, now S24 PS+", "S20 held", "S24 held, now S18 CT+, now S24 PS+"}; !slices.Equal(stances, want) {
		t.Errorf("stances %q, want %q", stances, want)
	}
	behind := make(map[string][]uuid.UUID)
	for x, err := range query.SingleSourced(t.Context(), s.then, graph.Pattern{Occurrence: s.visit.ID}) {
		if err != nil {
			t.Fatal(err)
		}
		behind[x.Of.Selector.Locator] = x.For[0].Speakers
	}
	if speakers := behind["S24"]; len(behind) != 3 || len(speakers) != 1 || speakers[0] != s.trump.ID {
		t.Errorf("single-sourced are %v, want S18, S20 and S24, which Trump is behind", behind)
	}
}

// One of two days is possibly on the first, not certainly.
func TestOneOfTwoDays(t *testing.T) {
	s := openStory(t)
	sixth := on("2025-08-06").Time
	visit := graph.Pattern{Occurrence: s.visit.ID, Source: articleID}
	possibly := s.named(t, s.g.View(&graph.Lens{Valid: graph.Possibly(sixth)}), visit)
	certainly := s.named(t, s.g.View(&graph.Lens{Valid: graph.Certainly(sixth)}), visit)
	if !slices.Contains(possibly, "S20") || !slices.Contains(possibly, "S24") || len(certainly) != 0 {
		t.Errorf("possibly on 6 August %q, certainly %q", possibly, certainly)
	}
}

// Whom Putin would call was not known, and is. What Peskov withheld stays so.
func TestUndisclosedCounterpart(t *testing.T) {
	s := openStory(t)
	for _, at := range []struct {
		v    graph.View
		name string
	}{{s.then, "somebody abroad who is not named"}, {s.now, "Benjamin Netanyahu"}, {s.then, "somebody abroad who is not named"}} {
		e, err := at.v.Entity(t.Context(), s.counterpart.ID)
		if err != nil || e.Name.Text != at.name {
			t.Errorf("as of %d it is %v (%v), want %s", at.v.Position(), e, err, at.name)
		}
	}
	withheld := graph.Pattern{Predicate: "identity", Entity: s.counterpart.ID}
	for _, v := range []graph.View{s.then, s.now} {
		for r, err := range query.Statements(t.Context(), v, withheld) {
			if err != nil {
				t.Fatal(err)
			}
			if r.Selector.Locator != "S16" || r.Claim.Args[0].Value.ID != s.counterpart.ID ||
				r.Claim.Args[1].Value.Kind != events.UnknownValue || r.Voices[0].Stance.String() != "CTu" {
				t.Errorf("as of %d S16 reads %+v", v.Position(), r)
			}
		}
	}
}

// Who spoke at the UN was put right later. As of then the old text stands.
func TestCorrectedSpeaker(t *testing.T) {
	s := openStory(t)
	for _, at := range []struct {
		v    graph.View
		name string
	}{{s.then, "John Kelly"}, {s.now, "John Kelley"}} {
		e, err := at.v.Entity(t.Context(), s.kelly.ID)
		if err != nil || e.Name.Text != at.name {
			t.Errorf("as of %d he is %v (%v), want %s", at.v.Position(), e, err, at.name)
		}
		for r, err := range query.AccordingTo(t.Context(), at.v, s.kelly.ID, graph.Pattern{}) {
			if err != nil {
				t.Fatal(err)
			}
			if as := r.Voices[0].Speakers[0].As; as != "US Ambassador to the UN John Kelly" {
				t.Errorf("as of %d the article calls him %q", at.v.Position(), as)
			}
		}
	}
}

// Two people are merged by mistake, and the merger is withdrawn: every answer is
// as before.
func TestMergeWithdrawn(t *testing.T) {
	s := openStory(t)
	things := mentioned(t, s.store)
	before, answers := shown(t, s.now, things), s.print(t)
	var verdict uuid.UUID
	merged := s.mustBatch(t, func(b *events.Builder) { verdict = b.Judge(s.peskov, events.Same, s.witkoff, "a slip") })
	if s.print(t) == answers {
		t.Error("the merger changes no answer: nothing is tested")
	}
	s.mustBatch(t, func(b *events.Builder) { b.Retract(verdict, "they are two") })
	after := shown(t, s.g.View(nil), things)
	if got := s.print(t); got != answers {
		t.Errorf("the dossier is now\n%s\nit was\n%s", got, answers)
	}
	if !reflect.DeepEqual(after, before) {
		t.Error("a view shows other things than before")
	}
	if e, err := s.g.View(&graph.Lens{AsOf: merged}).Entity(t.Context(), s.peskov.ID); err != nil || len(e.Members) != 2 {
		t.Errorf("as of the merger he is %+v (%v), want two in one", e, err)
	}
}

// The same across a standing different is refused, with the path.
func TestSameAcrossDifferent(t *testing.T) {
	s := openStory(t)
	var different, same uuid.UUID
	s.mustBatch(t, func(b *events.Builder) {
		different = b.Judge(s.kelly, events.Different, s.author, "asked both")
		same = b.Judge(s.kellyOrAuthor, events.Same, s.kelly, "the recording")
	})
	position := s.g.View(nil).Position()
	_, err := s.batch(t, func(b *events.Builder) { b.Judge(s.kellyOrAuthor, events.Same, s.author, "the style") })
	var refused *events.Error
	if !errors.Is(err, events.ErrIdentity) || !errors.As(err, &refused) {
		t.Fatalf("error %v, want a refusal for identity", err)
	}
	if want := []uuid.UUID{same, different}; !slices.Equal(refused.Events, want) || len(refused.Chain) != 2 ||
		refused.Chain[0].A != s.kellyOrAuthor.ID || refused.Chain[1].B != s.author.ID {
		t.Errorf("the path is %+v by the events %v, want from the placeholder to the author by %v", refused.Chain, refused.Events, want)
	}
	if p := s.g.View(nil).Position(); p != position {
		t.Errorf("position %d, want %d: nothing was to be recorded", p, position)
	}
}

// Without the article there are no four meetings, except as of before.
func TestArticleRetracted(t *testing.T) {
	s := openStory(t)
	meetings := func(v graph.View) (n int) {
		for _, m := range []events.EntityRef{s.february, s.march, s.april11, s.april25} {
			n += query.Count(v, graph.Pattern{Predicate: "meet", Occurrence: m.ID})
		}
		return n
	}
	var article uuid.UUID
	for e, err := range s.now.Events(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if added, ok := e.Body.(*events.SourceAdded); ok && added.Source.ID == articleID {
			article = e.ID
		}
	}
	_, err := s.batch(t, func(b *events.Builder) { b.Retract(article, "a forgery") })
	if !errors.Is(err, events.ErrInvalid) {
		t.Fatalf("without a cascade the error is %v, want a refusal", err)
	}
	before := s.now.Position()
	s.mustBatch(t, func(b *events.Builder) {
		b.Add(&events.Retracted{Event: article, Reason: "a forgery", Cascade: true})
	})
	now, then := s.g.View(nil), s.g.View(&graph.Lens{AsOf: before})
	if n, was := meetings(now), meetings(then); n != 0 || was != 4 {
		t.Errorf("%d meetings now, %d as of before, want 0 and 4", n, was)
	}
	if n := query.Count(now, graph.Pattern{Source: articleID}); n != 0 {
		t.Errorf("%d statements of the article are left", n)
	}
}

// June and 14 July cannot both be right.
func TestFiftyDays(t *testing.T) {
	s := openStory(t)
	var found []string
	for c, err := range query.Conflicts(t.Context(), s.now, graph.Pattern{}) {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, fmt.Sprintf("%s %q: %v, %v", c.First.Claim.Predicate, c.Role, c.First.Claim.When.Time, c.Second.Claim.When.Time))
	}
	if want := []string{`set_window "": 2025-06, 2025-07-14`}; !slices.Equal(found, want) {
		t.Errorf("conflicts %q, want %q", found, want)
	}
}

// Two outlets word one remark of Peskov's: it is one utterance and one origin.
func TestOneRemarkInTwoWordings(t *testing.T) {
	s := openStory(t)
	var first uuid.UUID
	s.mustBatch(t, func(b *events.Builder) {
		for _, outlet := range []struct{ name, words string }{{"RIA", "a visit is being prepared"}, {"Interfax", "they are preparing a visit"}} {
			src := source(b, b.Organisation(outlet.name), "2025-08-05")
			st := src.Reports(s.peskov, "prepare", s.kremlin, s.visit).Exact(outlet.words).Said("2025-08-05")
			if first == uuid.Nil {
				first = st.ID()
			}
			st.ID()
		}
	})
	support, err := query.Support(t.Context(), s.g.View(nil), first)
	if err != nil {
		t.Fatal(err)
	}
	if len(support.For) != 1 || len(support.For[0].Utterances) != 1 || len(support.For[0].Utterances[0].Statements) != 2 {
		t.Errorf("support %+v, want one origin with one utterance in two statements", support)
	}
}

// The article's date of publication is put right: no statement is rewritten, and
// what was dated by it is on the worklist.
func TestCorrectedPublication(t *testing.T) {
	s := openStory(t)
	all, err := readings(query.Statements(t.Context(), s.now, graph.Pattern{Source: articleID}))
	if err != nil {
		t.Fatal(err)
	}
	list := func(v graph.View) (labels []string) {
		opts := &query.WorklistOptions{Kinds: []query.TaskKind{query.AnchorCorrected}}
		for task, err := range query.Worklist(t.Context(), v, graph.Pattern{}, opts) {
			if err != nil {
				t.Fatal(err)
			}
			labels = append(labels, task.Selector.Locator)
		}
		return labels
	}
	if labels := list(s.now); len(labels) > 0 {
		t.Errorf("before it is put right %q are on the list", labels)
	}
	src, err := s.now.Source(t.Context(), articleID)
	if err != nil {
		t.Fatal(err)
	}
	revised := *src
	revised.Published = on("2025-08-04").Time
	s.mustBatch(t, func(b *events.Builder) { b.Add(&events.SourceAdded{Source: revised}) })
	now := s.g.View(nil)
	labels := list(now)
	for _, want := range []string{"S1", "S20", "S24"} {
		if !slices.Contains(labels, want) {
			t.Errorf("%s is not on the list: %q", want, labels)
		}
	}
	if slices.Contains(labels, "S14") {
		t.Errorf("S14 was not dated by the day of publication, and is on the list: %q", labels)
	}
	after, err := readings(query.Statements(t.Context(), now, graph.Pattern{Source: articleID}))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(after, all) {
		t.Error("a statement has been rewritten")
	}
}

// What was foreseen of the visit came true, whichever place was named; the
// deadline is told in three ways.
func TestWhatBecameOfIt(t *testing.T) {
	s := openStory(t)
	outcomes := make(map[string]query.Outcome)
	for p, err := range query.Predictions(t.Context(), s.now, graph.Pattern{Occurrence: s.visit.ID}, on("2025-08-11").Time) {
		if err != nil {
			t.Fatal(err)
		}
		outcomes[p.Selector.Locator] = p.Outcome
	}
	for _, label := range []string{"S18", "S20", "S24"} {
		if outcomes[label] != query.CameTrue {
			t.Errorf("%s %v, want it came true: %v", label, outcomes[label], outcomes)
		}
	}
	var due []string
	for d, err := range query.Deadlines(t.Context(), s.then, graph.Pattern{}, on("2025-08-04").Time) {
		if err != nil {
			t.Fatal(err)
		}
		if d.Passed {
			t.Errorf("%s has passed on 4 August", d.Selector.Locator)
		}
		due = append(due, d.Selector.Locator)
	}
	if want := []string{"S22", "S35", "S38"}; !slices.Equal(due, want) {
		t.Errorf("deadlines %q, want %q", due, want)
	}
}

// What follows the article may be recorded in any order: the graph is the same.
func TestAnyOrder(t *testing.T) {
	var want map[uuid.UUID]about
	permute(chapters()[1:], func(order []chapter) {
		store, now := events.NewMem(), &clock{}
		g, err := graph.Open(t.Context(), store, &graph.Options{Now: now.time})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		for _, ch := range append(chapters()[:1], order...) {
			b := events.NewBatch("desk").Occasion("the envoy's trip")
			b.Declare(vocabulary...)
			ch.write(b, enter(events.NewBatch("desk")))
			batch, err := b.Batch()
			if err != nil {
				t.Fatal(err)
			}
			now.now = ch.recorded
			if _, err := g.Record(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
		}
		got := shown(t, g.View(nil), mentioned(t, store))
		for _, a := range got { // when it was recorded is what differs
			if a.Event != nil {
				a.Event.Position = 0
			}
			if a.Reading != nil {
				a.Reading.Position, a.Reading.Index = 0, 0
			}
			if a.Entity != nil {
				slices.SortFunc(a.Entity.Names, func(a, b graph.NameUse) int { return bytes.Compare(a.Event[:], b.Event[:]) })
			}
		}
		if want == nil {
			want = got
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("in the order %v the graph is another", order)
		}
	})
}

// permute calls yield with every order of a list.
func permute(list []chapter, yield func([]chapter)) {
	if len(list) == 0 {
		yield(nil)
		return
	}
	for i := range list {
		rest := slices.Delete(slices.Clone(list), i, i+1)
		permute(rest, func(tail []chapter) { yield(append([]chapter{list[i]}, tail...)) })
	}
}
