package graph_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// keyed is how many statements with one predicate, the key, are recorded,
// retracted, restored or split together: whoever sees one of them sees all.
const keyed = 5

// A cast is the entities and the source that statements of these tests are
// about: for each writer one person, and a namesake of that person.
type cast struct {
	source       uuid.UUID
	who, alt     []uuid.UUID
	registration *events.Batch
}

func newCast(writers int) *cast {
	c := &cast{source: events.Key("source", "wire")}
	c.registration = &events.Batch{Recorder: "desk", Events: []events.Event{
		keyEvent(&events.SourceAdded{Source: events.Source{ID: c.source, Title: "Wire"}}, "wire"),
	}}
	register := func(name string) uuid.UUID {
		id := events.Key("person", name)
		c.registration.Events = append(c.registration.Events, keyEvent(&events.EntityRegistered{
			Entity: events.Entity{ID: id, Kind: events.Person, Name: events.Name{Text: name}},
		}, name))
		return id
	}
	for w := range writers {
		c.who = append(c.who, register(fmt.Sprint("Who ", w)))
		c.alt = append(c.alt, register(fmt.Sprint("Alt ", w)))
	}
	return c
}

func keyEvent(b events.Body, key ...string) events.Event {
	return events.Event{ID: events.Key(append([]string{b.Kind().String()}, key...)...), Body: b}
}

// statements returns the events of a key.
func (c *cast) statements(key string, who uuid.UUID) (es []events.Event) {
	for i := range keyed {
		es = append(es, keyEvent(&events.StatementRecorded{Statement: events.Statement{
			Claim:  events.Claim{Predicate: key, Args: []events.Arg{{Role: "who", Value: events.Ref(who)}}},
			Voices: []events.Voice{{Speakers: []events.Party{{Entity: c.who[0]}}, Act: events.Assert, Stance: events.CertainAffirmed()}},
			Source: c.source, Form: events.Paraphrase,
		}}, key, fmt.Sprint(i)))
	}
	return es
}

func batchOf(es ...events.Event) *events.Batch { return &events.Batch{Recorder: "desk", Events: es} }

// see returns what a view shows of a pattern, as text, or an error if of some
// key it shows a part only.
func (c *cast) see(v graph.View, p graph.Pattern) (string, error) {
	var all strings.Builder
	type seen struct {
		n   int
		who uuid.UUID
	}
	keys := map[string]seen{}
	shown := map[uuid.UUID]bool{}
	for s := range v.Statements(p) {
		if shown[s.ID()] {
			return "", fmt.Errorf("as of %d statement %v is shown twice", v.Position(), s.ID())
		}
		shown[s.ID()] = true
		for _, who := range s.Entities() {
			k := keys[s.Predicate()]
			if k.n > 0 && k.who != who {
				return "", fmt.Errorf("as of %d a part of %q is split", v.Position(), s.Predicate())
			}
			keys[s.Predicate()] = seen{k.n + 1, who}
			fmt.Fprintln(&all, s.Predicate(), s.ID(), who)
		}
	}
	for key, k := range keys {
		if k.n != keyed {
			return "", fmt.Errorf("as of %d %d of the %d statements of %q are shown", v.Position(), k.n, keyed, key)
		}
		if strings.HasPrefix(key, "refused") {
			return "", fmt.Errorf("as of %d the refused %q is shown", v.Position(), key)
		}
	}
	return all.String(), nil
}

// write records, retracts, restores, splits and merges, with a refused batch
// before each, and returns the keys that must be shown in the end.
func (c *cast) write(g *graph.Graph, w, rounds int) ([]string, error) {
	record := func(es ...events.Event) error {
		_, err := g.Record(ctx, batchOf(es...))
		return err
	}
	var keys []string
	for i := range rounds {
		name := fmt.Sprint(w, " ", i)
		refused := append(c.statements("refused "+name, c.who[w]), keyEvent(&events.EntityNamed{
			Entity: uuid.Max, Name: events.Name{Text: "Nobody"},
		}, name))
		if err := record(refused...); !errors.Is(err, events.ErrInvalid) {
			return nil, fmt.Errorf("refused batch: %v", err)
		}
		if err := record(c.statements(name, c.who[w])...); err != nil {
			return nil, err
		}
		keys = append(keys, name)
		on := c.statements(name, c.who[w])
		switch i % 4 {
		case 0: // taken back and restored
			var back, undo []events.Event
			for k, e := range on {
				r := keyEvent(&events.Retracted{Event: e.ID}, name, fmt.Sprint(k))
				back = append(back, r)
				undo = append(undo, keyEvent(&events.Retracted{Event: r.ID}, name, "undo", fmt.Sprint(k)))
			}
			if err := record(back...); err != nil {
				return nil, err
			}
			if i%8 == 0 {
				keys = keys[:len(keys)-1]
			} else if err := record(undo...); err != nil {
				return nil, err
			}
		case 1, 2: // said of the namesake
			part := events.SplitPart{Entity: c.alt[w]}
			for _, e := range on {
				part.Mentions = append(part.Mentions, events.Mention{Statement: e.ID})
			}
			split := keyEvent(&events.EntitySplit{Entity: c.who[w], Parts: []events.SplitPart{part}}, name)
			if err := record(split); err != nil {
				return nil, err
			}
			if i%4 == 2 {
				if err := record(keyEvent(&events.Retracted{Event: split.ID}, name)); err != nil {
					return nil, err
				}
			}
		case 3: // one and the same for a while
			same := keyEvent(&events.IdentityJudged{A: c.who[w], B: c.alt[w], Verdict: events.Same}, name)
			if err := record(same); err != nil {
				return nil, err
			}
			if err := record(keyEvent(&events.Retracted{Event: same.ID}, name)); err != nil {
				return nil, err
			}
		}
	}
	return keys, nil
}

// atPositions remembers what a pattern has shown as of a position.
type atPositions struct {
	mu   sync.Mutex
	seen map[string]string
	at   []events.Position
}

func (a *atPositions) compare(p events.Position, pattern int, text string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := fmt.Sprint(p, " ", pattern)
	if before, ok := a.seen[key]; ok && before != text {
		return fmt.Errorf("as of %d pattern %d shows\n%s, and did show\n%s", p, pattern, text, before)
	}
	a.seen[key] = text
	a.at = append(a.at, p)
	return nil
}

func (a *atPositions) earlier(n int) events.Position {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.at[n%len(a.at)]
}

// A view never changes and never shows half a batch, whatever is recorded,
// refused, restored, split or merged meanwhile, by however many.
func TestReadersAndWriters(t *testing.T) {
	const writers, readers, rounds, looks = 4, 4, 24, 60
	store := events.NewMem()
	g := open(t, store)
	c := newCast(writers)
	if _, err := g.Record(ctx, c.registration); err != nil {
		t.Fatal(err)
	}

	patterns := []graph.Pattern{
		{}, {Source: c.source}, {Entity: c.who[0]}, {Entity: c.alt[1]},
		{Args: []graph.Fill{{Role: "who", Entity: c.who[1]}}}, {Origin: c.who[0]}, {Predicate: "0 1"},
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var want []string
	for w := range writers {
		wg.Go(func() {
			keys, err := c.write(g, w, rounds)
			if err != nil {
				t.Errorf("writer %d: %v", w, err)
			}
			mu.Lock()
			defer mu.Unlock()
			want = append(want, keys...)
		})
	}
	answers := &atPositions{seen: map[string]string{}}
	for r := range readers {
		wg.Go(func() {
			for i := range looks {
				n := (i + r) % len(patterns)
				v := g.View(nil)
				for _, v := range []graph.View{v, v, g.View(&graph.Lens{AsOf: v.Position()})} {
					text, err := c.see(v, patterns[n])
					if err == nil {
						err = answers.compare(v.Position(), n, text)
					}
					if err != nil {
						t.Errorf("reader %d: %v", r, err)
						return
					}
				}
				then := g.View(&graph.Lens{AsOf: answers.earlier(i * 7919)})
				text, err := c.see(then, patterns[n])
				if err == nil {
					err = answers.compare(then.Position(), n, text)
				}
				if err != nil {
					t.Errorf("reader %d: %v", r, err)
					return
				}
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}

	// The graph and one that replays the record show the same, now and as of
	// every position that was looked at.
	replayed := open(t, store)
	for _, g := range []*graph.Graph{g, replayed} {
		got := map[string]bool{}
		for s := range g.View(nil).Statements(graph.Pattern{}) {
			got[s.Predicate()] = true
		}
		for _, key := range want {
			if !got[key] {
				t.Errorf("%q was recorded and is not shown", key)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d keys are shown, want %d", len(got), len(want))
		}
		slices.Sort(answers.at)
		answers.at = slices.Compact(answers.at)
		for i, p := range answers.at {
			n := i % len(patterns)
			text, err := c.see(g.View(&graph.Lens{AsOf: p}), patterns[n])
			if err == nil {
				err = answers.compare(p, n, text)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
}

// A reader that stops in the middle blocks no writer, and what is recorded
// meanwhile does not come up in its loop.
func TestRecordInsideALoop(t *testing.T) {
	g := open(t, events.NewMem())
	c := newCast(1)
	if _, err := g.Record(ctx, c.registration); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Record(ctx, batchOf(c.statements("first", c.who[0])...)); err != nil {
		t.Fatal(err)
	}
	for _, p := range []graph.Pattern{{}, {Entity: c.who[0]}, {Predicate: "first"}, {Source: c.source}} {
		n := 0
		v := g.View(nil)
		before := v.Position()
		for s := range v.Statements(p) {
			key := fmt.Sprint(p, n)
			if _, err := g.Record(ctx, batchOf(c.statements(key, c.who[0])...)); err != nil {
				t.Fatal(err)
			}
			if s.Predicate() == "first" {
				n++
			}
		}
		if n != keyed {
			t.Errorf("%d statements of the first key, want %d", n, keyed)
		}
		if v.Position() != before {
			t.Errorf("the view has moved from %d to %d", before, v.Position())
		}
		if now := g.View(nil).Position(); now < before+keyed {
			t.Errorf("the graph is at %d, want at least %d", now, before+keyed)
		}
	}
}
