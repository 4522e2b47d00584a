package graph_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/soak"
)

// An ask is a call of a history, and a told what it returned.
type (
	ask struct {
		method, key, predicate string
		after                  events.Position
	}
	told struct {
		at      events.Position
		new     int
		count   int
		changed bool
	}
)

// oneByOne is a record that is added to by one at a time. Its state has a line for each
// batch: its predicate and its key.
var oneByOne = porcupine.Model{
	Init: func() any { return "cast cast\n" },
	Step: func(state, input, output any) (bool, any) {
		text, in, out := state.(string), input.(ask), output.(told)
		batches := strings.SplitAfter(text, "\n")
		batches = batches[:len(batches)-1]
		n := events.Position(len(batches))
		line := in.predicate + " " + in.key + "\n"
		switch in.method {
		case "Record", "RecordIf":
			if i := slices.Index(batches, line); i >= 0 { // it is there
				return out == told{at: events.Position(i + 1)}, state
			}
			if in.method == "RecordIf" && slices.ContainsFunc(batches[in.after:], func(b string) bool {
				return strings.HasPrefix(b, in.predicate+" ")
			}) {
				return out == told{changed: true}, state
			}
			return out == told{at: n + 1, new: 1}, text + line
		case "View":
			count := 0
			for _, b := range batches {
				if strings.HasPrefix(b, in.predicate+" ") {
					count++
				}
			}
			return out == told{at: n, count: count}, state
		}
		return false, state
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v: %+v", input, output) },
}

// of makes the call. Of several graphs of one record each must read on first, to show
// what the others have recorded.
func (a ask) of(ctx context.Context, g *graph.Graph, c *cast, several bool) (told, error) {
	var r graph.Receipt
	var err error
	b := batchOf(keyEvent(&events.StatementRecorded{Statement: events.Statement{
		Claim:  events.Claim{Predicate: a.predicate, Args: []events.Arg{{Role: "who", Value: events.Ref(c.who[0])}}},
		Voices: []events.Voice{{Speakers: []events.Party{{Entity: c.who[0]}}, Act: events.Assert, Stance: events.CertainAffirmed()}},
		Source: c.source, Form: events.Paraphrase,
	}}, a.key))
	switch a.method {
	case "Record":
		r, err = g.Record(ctx, b)
	case "RecordIf":
		r, err = g.RecordIf(ctx, b, graph.Condition{Nothing: graph.Pattern{Predicate: a.predicate}, After: a.after})
		if errors.Is(err, graph.ErrChanged) {
			return told{changed: true}, nil
		}
	case "View":
		if several {
			if err := g.Refresh(ctx); err != nil {
				return told{}, err
			}
		}
		v := g.View(nil)
		out := told{at: v.Position()}
		for range v.Statements(graph.Pattern{Predicate: a.predicate}) {
			out.count++
		}
		return out, nil
	}
	return told{at: r.Position, new: r.New}, err
}

// Whatever several record, on a condition or not, and look at at once, in one graph or in
// two of one file, is answered as if they had done so one by one, each at some moment
// between the beginning and the end of the call.
func TestLinearizable(t *testing.T) {
	for name, stores := range map[string]func(t *testing.T) []events.Store{
		"one graph": func(t *testing.T) []events.Store { return []events.Store{events.NewMem()} },
		"two graphs of one file": func(t *testing.T) (stores []events.Store) {
			path := filepath.Join(t.TempDir(), "story.db")
			for range 2 {
				s, err := sqlite.Open(path, nil)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { s.Close() })
				stores = append(stores, s)
			}
			return stores
		},
	} {
		t.Run(name, func(t *testing.T) {
			const clients, calls = 6, 14
			histories := soak.Times(12)
			met := map[string]int{}
			for h := range histories {
				var graphs []*graph.Graph
				for _, s := range stores(t) {
					graphs = append(graphs, open(t, s))
				}
				c := newCast(1)
				if _, err := graphs[0].Record(ctx, c.registration); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(ctx)
				var following, group sync.WaitGroup
				for _, g := range graphs {
					following.Go(func() {
						if err := g.Follow(ctx); !errors.Is(err, context.Canceled) {
							t.Errorf("Follow: %v", err)
						}
					})
				}
				var clock, newest atomic.Int64
				var mu sync.Mutex
				var history []porcupine.Operation
				for client := range clients {
					g := graphs[client%len(graphs)]
					rng := rand.New(rand.NewPCG(uint64(h), uint64(client)))
					group.Go(func() {
						// What another graph was told to have recorded comes to be seen.
						after := events.Position(1)
						for i := range calls {
							in := ask{method: "Record", key: fmt.Sprint(client, "-", i), predicate: fmt.Sprint("p", rng.IntN(3)), after: 1 + events.Position(rng.IntN(int(after)))}
							switch rng.IntN(6) {
							case 0, 1:
								in.method = "RecordIf"
							case 2, 3:
								in.method = "View"
							case 4: // perhaps again, perhaps at once with another
								in.key, in.predicate = fmt.Sprint("shared ", rng.IntN(4)), "shared"
							}
							began := clock.Add(1)
							out, err := in.of(ctx, g, c, len(graphs) > 1)
							ended := clock.Add(1)
							if err != nil {
								t.Errorf("%+v: %v", in, err)
								return
							}
							after = max(after, out.at)
							mu.Lock()
							history = append(history, porcupine.Operation{ClientId: client, Input: in, Call: began, Output: out, Return: ended})
							met[fmt.Sprint(in.method, " new ", out.new, " changed ", out.changed)]++
							newest.Store(max(newest.Load(), int64(out.at)))
							mu.Unlock()
							if p := events.Position(newest.Load()); rng.IntN(3) == 0 {
								if err := g.Wait(ctx, p); err != nil || g.View(nil).Position() < p {
									t.Errorf("waited for %d: %v, the view is at %d", p, err, g.View(nil).Position())
								}
							}
						}
					})
				}
				group.Wait()
				cancel()
				following.Wait()
				if t.Failed() {
					return
				}
				if result := porcupine.CheckOperationsTimeout(oneByOne, history, time.Minute); result != porcupine.Ok {
					for _, o := range history {
						t.Logf("%d to %d, client %d: %s", o.Call, o.Return, o.ClientId, oneByOne.DescribeOperation(o.Input, o.Output))
					}
					t.Fatalf("history %d of %d calls: %s", h, len(history), result)
				}
				for _, g := range graphs {
					g.Close()
				}
			}
			t.Logf("%d histories of %d calls by %d clients of %d graphs: %v", histories, clients*calls, clients, len(stores(t)), met)
			if met["RecordIf new 0 changed true"] == 0 || met["RecordIf new 1 changed false"] == 0 || met["Record new 0 changed false"] == 0 {
				t.Error("the histories do not meet every answer")
			}
		})
	}
}
