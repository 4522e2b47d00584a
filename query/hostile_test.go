package query_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/seed"
	"github.com/onrecord/onrecord/internal/soak"
	"github.com/onrecord/onrecord/query"
)

// stranger makes records that nobody has checked. Each event has the right shape; what
// it refers to is there and of the right kind, but for what is wild; and no rule that
// needs to know what stands is kept.
type stranger struct {
	*rand.Rand
	wild  int // in a thousand: how likely an id is any that there is, or none
	drawn bool

	entities, sources, statements, redactable, retractable []uuid.UUID

	all []uuid.UUID // of whatever kind
}

func (s *stranger) id() (id uuid.UUID) {
	for i := range id {
		id[i] = byte(s.Uint32())
	}
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	return id
}

// one returns one of some ids, and registers what it needs if there is none.
func (s *stranger) one(of *[]uuid.UUID) uuid.UUID {
	if s.IntN(1000) < s.wild {
		s.drawn = true
		return append(s.all, s.id())[s.IntN(len(s.all)+1)]
	}
	return (*of)[s.IntN(len(*of))]
}

func (s *stranger) maybe(of *[]uuid.UUID) uuid.UUID {
	if len(*of) == 0 || s.IntN(3) > 0 {
		return uuid.Nil
	}
	return s.one(of)
}

func (s *stranger) some(of *[]uuid.UUID) (ids []uuid.UUID) {
	for range s.IntN(3) {
		if len(*of) > 0 {
			ids = append(ids, s.one(of))
		}
	}
	return ids
}

// few returns some ids of whatever kind.
func (s *stranger) few() (ids []uuid.UUID) {
	for range 12 {
		ids = append(ids, s.all[s.IntN(len(s.all))])
	}
	return ids
}

func (s *stranger) time() edtf.Time {
	return edtf.MustParse([]string{"2025-08-04", "2025", "2024-01/..", "[2025-08-03,2025-08-05]"}[s.IntN(4)])
}

func (s *stranger) claim(depth int) events.Claim {
	roles := []string{"who", "whom", "due", events.RoleFrom, events.RoleTo}
	c := events.Claim{Predicate: []string{"meet", "hold", "pay"}[s.IntN(3)], Occurrence: s.maybe(&s.entities)}
	if s.IntN(3) == 0 {
		c.When.Time = s.time()
	}
	for range s.IntN(4) {
		a := events.Arg{Role: roles[s.IntN(len(roles))]}
		switch k := s.IntN(9); {
		case k == 0:
			a.Value = events.At(s.time())
		case k == 1:
			a.Value = events.Number("5", "m")
		case k == 2:
			a.Value = events.Text("a text", "en")
		case k == 3 && depth < events.MaxDepth:
			a.Value = events.Nested(s.claim(depth + 1))
		case k < 6 && len(s.statements) > 0:
			a.Value = events.Value{Kind: events.StatementValue, ID: s.one(&s.statements)}
		default:
			a.Value = events.Ref(s.one(&s.entities))
		}
		c.Args = append(c.Args, a)
	}
	if depth < events.MaxDepth && s.IntN(6) == 0 {
		c.If = append(c.If, events.Condition{Claim: s.claim(depth + 1)})
	}
	return c
}

func (s *stranger) parties(least int) (ps []events.Party) {
	for range least + s.IntN(2) {
		ps = append(ps, events.Party{Entity: s.one(&s.entities)})
	}
	return ps
}

func (s *stranger) statement() *events.StatementRecorded {
	st := events.Statement{Claim: s.claim(1), Source: s.maybe(&s.sources), Replaces: s.maybe(&s.statements), Form: events.Paraphrase}
	for range 1 + s.IntN(2) {
		st.Voices = append(st.Voices, events.Voice{
			Speakers: s.parties(1), For: s.parties(0), To: s.parties(0), Act: events.Assert,
			Stance: []events.Stance{events.CertainAffirmed(), {Polarity: events.Denied, Certainty: events.Certain}}[s.IntN(2)],
		})
	}
	return &events.StatementRecorded{Statement: st}
}

func (s *stranger) body() events.Body {
	name := events.Name{Text: fmt.Sprint("name ", s.IntN(9))}
	known := func(of *[]uuid.UUID) uuid.UUID { // a thing that is registered, perhaps again
		id := s.maybe(of)
		if id == uuid.Nil {
			id = s.id()
		}
		return id
	}
	k := s.IntN(20)
	switch {
	case k < 3 || len(s.entities) < 3:
		return &events.EntityRegistered{Entity: events.Entity{ID: known(&s.entities), Kind: events.EntityKind(1 + s.IntN(5)), Name: name}}
	case k == 3 || len(s.sources) < 1:
		return &events.SourceAdded{Source: events.Source{
			ID: known(&s.sources), URL: name.Text, Published: s.time(), Authors: s.some(&s.entities), Publisher: s.maybe(&s.entities), DerivedFrom: s.some(&s.sources)}}
	case k < 8 || len(s.statements) < 2:
		return s.statement()
	case k == 8:
		return &events.EntityNamed{Entity: s.one(&s.entities), Name: name, Source: s.maybe(&s.sources)}
	case k < 11:
		return &events.IdentityJudged{A: s.one(&s.entities), B: s.one(&s.entities), Verdict: events.Verdict(1 + s.IntN(3))}
	case k < 13:
		split := &events.EntitySplit{Entity: s.one(&s.entities)}
		for range 1 + s.IntN(2) {
			split.Parts = append(split.Parts, events.SplitPart{Entity: s.one(&s.entities), Mentions: []events.Mention{
				{Statement: s.one(&s.statements), Place: events.Anywhere}, {Statement: s.one(&s.statements), Place: events.InVoice, Index: s.IntN(3)},
			}})
		}
		return split
	case k == 13:
		return &events.StatementsLinked{From: s.one(&s.statements), Link: events.LinkType(1 + s.IntN(8)), To: s.one(&s.statements)}
	case k == 14:
		if s.IntN(2) == 0 {
			return &events.Assessed{Source: s.one(&s.sources), Scheme: "worth", Value: "A"}
		}
		return &events.Assessed{Statement: s.one(&s.statements), Scheme: "worth", Value: "B"}
	case k < 18:
		return &events.Retracted{Event: s.one(&s.retractable), Cascade: s.IntN(2) == 0}
	case k == 18:
		return &events.Redacted{Event: s.one(&s.redactable)}
	}
	return &events.VocabularyDeclared{Predicates: []events.Predicate{{Name: "meet", Roles: []events.Role{{Name: "who", Entities: []events.EntityKind{events.Person}}}}}}
}

// batch returns events, as many as may be.
func (s *stranger) batch() *events.Batch {
	b := &events.Batch{Recorder: "a stranger"}
	for range 16 {
		e := events.Event{ID: s.id(), Body: s.body()}
		if s.IntN(1000) < s.wild {
			s.drawn = true
			e.ID = s.all[s.IntN(len(s.all))]
		}
		if events.CheckShape(&events.Batch{Recorder: b.Recorder, Events: append(b.Events, e)}) != nil {
			continue
		}
		b.Events, s.all = append(b.Events, e), append(s.all, e.ID)
		switch x := e.Body.(type) {
		case *events.EntityRegistered:
			s.entities, s.all = append(s.entities, x.Entity.ID), append(s.all, x.Entity.ID)
		case *events.SourceAdded:
			s.sources, s.all = append(s.sources, x.Source.ID), append(s.all, x.Source.ID)
		case *events.StatementRecorded:
			s.statements = append(s.statements, e.ID)
		}
		switch e.Kind() {
		case events.KindIdentityJudged, events.KindEntitySplit, events.KindRetracted, events.KindVocabularyDeclared:
			s.retractable = append(s.retractable, e.ID)
		case events.KindRedacted:
		default:
			s.retractable, s.redactable = append(s.retractable, e.ID), append(s.redactable, e.ID)
		}
	}
	return b
}

// records appends unchecked records to a store, each followed by a call of then. With
// keys, they are sealed, and some of the keys are destroyed.
func (s *stranger) records(t *testing.T, store events.Store, keys events.Keys, then func()) {
	var seal *events.Seal
	var err error
	if keys != nil {
		if seal, err = events.NewSeal(ctx, keys); err != nil {
			t.Fatal(err)
		}
	}
	first, previous := events.Position(1), [32]byte{}
	for seq := events.Seq(1); seq <= 4; seq++ {
		r := events.NewRecord(seq, first, previous)
		if keys != nil {
			r = events.NewSealedRecord(seq, first, previous, seal.Record())
		}
		for range 2 {
			b := s.batch()
			encoded, err := events.EncodeBatch(b)
			if err != nil {
				t.Fatal(err)
			}
			if keys != nil {
				if encoded, err = seal.Seal(ctx, b.Events, encoded); err != nil {
					t.Fatal(err)
				}
				for i := range encoded {
					if s.IntN(10) == 0 {
						if err := keys.Destroy(ctx, [][]byte{encoded[i].Key}); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			if err := r.Add(time.Unix(int64(first), 0), b.Recorder, encoded); err != nil {
				t.Fatal(err)
			}
			first++
		}
		data := r.Bytes()
		if _, err := store.Append(ctx, seq-1, data); err != nil {
			t.Fatal(err)
		}
		previous = sha256.Sum256(data)
		then()
	}
}

// everything asks a view all that there is to ask, and returns how much each gave.
func everything(v graph.View, ids []uuid.UUID) string {
	var said strings.Builder
	var p graph.Pattern
	on := edtf.MustParse("2025-08-05")
	note := func(what string, x any, err error) { fmt.Fprintln(&said, what, x, err) }

	note("statements", count(query.Statements(ctx, v, p)), nil)
	for r, err := range query.Statements(ctx, v, p) {
		if err == nil {
			line, err := query.Line(ctx, v, &r.Statement)
			note("line", line, err)
		}
	}
	for s := range v.Statements(p) {
		_, err := v.Statement(s.ID())
		_, when, known := s.When()
		note("statement", fmt.Sprint(s.ID(), s.Predicate(), s.Source(), s.Occurrence(), s.Stance(), when, known, s.Position(), s.SourceRevised(), v.Links(s.ID()), s.Matches(p)), err)
	}
	note("conflicts", count(query.Conflicts(ctx, v, p)), nil)
	note("deadlines", count(query.Deadlines(ctx, v, p, on)), nil)
	note("links", count(query.Links(ctx, v, p)), nil)
	note("disputes", count(query.Disputes(ctx, v, p)), nil)
	note("replies", count(query.Replies(ctx, v, p)), nil)
	note("oppositions", count(query.Oppositions(ctx, v, p)), nil)
	note("placeholders", count(query.Placeholders(ctx, v)), nil)
	note("predictions", count(query.Predictions(ctx, v, p, on)), nil)
	note("ratings", count(query.RatingDifferences(ctx, v, p)), nil)
	note("second hand", count(query.SecondHand(ctx, v, p)), nil)
	note("shifts", count(query.Shifts(ctx, v, p)), nil)
	note("stances", count(query.Stances(ctx, v, p)), nil)
	note("single", count(query.SingleSourced(ctx, v, p)), nil)
	note("worklist", count(query.Worklist(ctx, v, p, nil)), nil)
	note("events", count(v.Events(ctx, 0)), nil)
	changed, err := query.Changes(ctx, v.AsOf(1), v, p)
	note("changed", changed != nil, err)
	for c := range v.Changes(0) {
		by, ok := v.RemovedBy(c.Event)
		note("change", fmt.Sprint(c, by, ok), nil)
	}
	note("touched", v.Touched(p, 1), nil)
	for id := range v.Entities() {
		note("entity", id, nil)
	}
	sum, err := v.Digest(ctx)
	note("digest", sum, err)
	for i, id := range ids {
		other := ids[(i+1)%len(ids)]
		fallout, err := query.Fallout(ctx, v, id)
		note("fallout", fallout != nil, err)
		ladder, err := query.Ladder(ctx, v, id)
		note("ladder", ladder != nil, err)
		support, err := query.Support(ctx, v, id)
		note("support", support != nil, err)
		same, err := query.WhySame(ctx, v, id, other)
		note("same", same != nil, err)
		words, err := query.Words(ctx, v, id, "a text")
		note("words", words != nil, err)
		note("said for", count(query.SaidFor(ctx, v, id, p)), nil)
		note("neighbours", count(query.Neighbours(ctx, v, id, nil)), nil)
		for e := range query.Edges(v, id) {
			note("edge", fmt.Sprint(e.From, e.FromRole, e.To, e.ToRole, e.Predicate, e.Statement.ID()), nil)
		}
		note("paths", count(query.Paths(ctx, v, id, other, nil)), nil)
		note("spellings", count(query.Spellings(ctx, v, id)), nil)
		note("according to", count(query.AccordingTo(ctx, v, id, p)), nil)
		note("said", count(query.Said(ctx, v, id, other, nil)), nil)
		note("holders", count(query.Holders(ctx, v, id, graph.Bound{})), nil)
		note("offices", count(query.Offices(ctx, v, id, graph.Bound{})), nil)
		note("timeline", count(query.Timeline(ctx, v, id, nil)), nil)
		note("traces", count(query.Traces(ctx, v, id)), nil)
		falls, circular := v.Falls(id)
		for _, fall := range falls {
			note("falls", fall.Statement.ID(), nil)
		}
		note("circular", circular, nil)
		entity, err := v.Entity(ctx, id)
		note("entity", entity != nil, err)
		registered, err := v.Registered(ctx, id)
		note("registered", registered != nil, err)
		source, err := v.Source(ctx, id)
		note("source", source != nil, err)
		event, err := v.Event(ctx, id)
		note("event", event != nil, err)
		rated, err := v.Assessments(ctx, id)
		note("rated", len(rated), err)
		note("cluster", fmt.Sprint(v.Canonical(id), v.Cluster(id), v.Kind(id), v.Verdicts(id), v.WhySame(id, other)), nil)
		for s := range v.Mentions(id) {
			note("mention", s.ID(), nil)
		}
	}
	return said.String()
}

func count[T any](seq iter.Seq2[T, error]) string {
	n := 0
	for _, err := range seq {
		if err != nil {
			return fmt.Sprint(n, " ", err)
		}
		n++
	}
	return fmt.Sprint(n)
}

// difference returns the first line that is not the same.
func difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d: %s, %s", i, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, %d lines", len(g), len(w))
}

// A record that nobody has checked is refused as damaged if anything in it refers to
// what is not there, or is of another kind, or has an id that is taken. Whatever else is
// wrong with it, it opens, and whoever folds it gets the same answers, without a panic.
func TestUncheckedRecords(t *testing.T) {
	refused, opened, cases := 0, 0, 0
	for n := range soak.Times(30) {
		if seed.Enough(&cases) {
			break
		}
		s := &stranger{Rand: rand.New(rand.NewPCG(1, uint64(n))), all: []uuid.UUID{{}}}
		s.all[0] = s.id()
		if s.wild = 0; n%3 == 0 {
			s.wild = 4
		}
		opts, store := new(graph.Options), events.NewMem()
		if n%2 == 1 {
			opts.Keys = events.NewMemKeys()
		}
		following, err := graph.Open(ctx, store, opts)
		if err != nil {
			t.Fatal(err)
		}
		until, stop := context.WithCancel(ctx)
		followed := make(chan error, 1)
		go func() { followed <- following.Follow(until) }()

		var failed error // of who opens anew
		position := events.Position(0)
		s.records(t, store, opts.Keys, func() {
			g, err := graph.Open(ctx, store, opts)
			if err != nil {
				if !errors.Is(err, events.ErrDamaged) || !s.drawn {
					t.Fatalf("%d: %v", n, err)
				}
				failed = err
				return
			}
			if failed != nil {
				t.Fatalf("%d: opened after %v", n, failed)
			}
			defer g.Close()
			position = g.View(nil).Position()
			if err := following.Wait(ctx, position); err != nil {
				t.Fatalf("%d: %v", n, err)
			}
			for _, lens := range []*graph.Lens{nil, {AsOf: position - 1}} {
				ids := s.few()
				got, want := everything(following.View(lens), ids), everything(g.View(lens), ids)
				if got != want {
					t.Fatalf("%d: who follows sees not what who opens sees: %s", n, difference(got, want))
				}
			}
		})
		if failed != nil {
			refused++
			if err := <-followed; !errors.Is(err, events.ErrDamaged) || err.Error() != failed.Error() {
				t.Errorf("%d: who follows got %v, who opens %v", n, err, failed)
			}
			everything(following.View(nil), s.few())
			if p := following.View(nil).Position(); p != position {
				t.Errorf("%d: who follows is at %d, want %d", n, p, position)
			}
		} else {
			opened++
			for range 20 { // with whatever rules
				b := &events.Batch{Recorder: "desk", Events: []events.Event{{ID: s.id(), Body: s.body()}}}
				if _, err := following.Record(ctx, b); err != nil && !errors.Is(err, events.ErrInvalid) {
					t.Errorf("%d: record: %v", n, err)
				}
			}
			if again, err := graph.Open(ctx, store, opts); err != nil {
				t.Errorf("%d: after recording: %v", n, err)
			} else {
				ids := s.few()
				if got, want := everything(again.View(nil), ids), everything(following.View(nil), ids); got != want {
					t.Errorf("%d: who opens sees not what who has recorded sees: %s", n, difference(got, want))
				}
				again.Close()
			}
		}
		stop()
		if failed == nil {
			<-followed
		}
		following.Close()
	}
	t.Logf("%d refused, %d opened", refused, opened)
	if cases > 30 && min(refused, opened) < cases/10 {
		t.Errorf("%d refused, %d opened, want some of each", refused, opened)
	}
}
