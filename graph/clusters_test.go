package graph

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// members returns a graph with so many entities, and their ids.
func members(t *testing.T, n int, opts *Options) (*Graph, []uuid.UUID) {
	t.Helper()
	g, err := Open(context.Background(), events.NewMem(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	var ids []uuid.UUID
	b := events.NewBatch("desk")
	for i := range n {
		ids = append(ids, b.Person(fmt.Sprint("Ann ", i)).ID)
	}
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Record(context.Background(), batch); err != nil {
		t.Fatal(err)
	}
	return g, ids
}

func judgedSame(a, b uuid.UUID) events.Event {
	return events.Event{ID: uuid.Must(uuid.NewV7()), Body: &events.IdentityJudged{A: a, B: b, Verdict: events.Same}}
}

// Verdicts within a large cluster cost what they add, not a walk over the cluster each. If
// one falls before each, so that they must cost that, the batch is refused before it has
// taken long.
func TestManyVerdicts(t *testing.T) {
	const most = 200_000
	ctx := context.Background()
	g, ids := members(t, events.MaxCluster, &Options{most: most})
	record := func(es []events.Event) error {
		_, err := g.Record(ctx, &events.Batch{Recorder: "desk", Events: es})
		return err
	}
	var chain, again, turns []events.Event
	for i := 1; i < len(ids); i++ {
		chain = append(chain, judgedSame(ids[i-1], ids[i]))
	}
	if err := record(chain); err != nil {
		t.Fatal(err)
	}
	if moved := g.fold.moved; moved > 20*len(chain) {
		t.Errorf("a chain of %d verdicts moves %d entries", len(chain), moved)
	}
	const n = 4000
	for i := range n {
		again = append(again, judgedSame(ids[i%7], ids[len(ids)-1-i%900]))
	}
	if err := record(again); err != nil {
		t.Fatal(err)
	}
	if moved := g.fold.moved; moved > 20*n {
		t.Errorf("%d verdicts within a cluster of %d move %d entries", n, len(ids), moved)
	}
	for i := range n {
		last := chain[i%len(chain)]
		if i >= len(chain) {
			last = turns[len(turns)-1]
		}
		turns = append(turns, events.Event{ID: uuid.Must(uuid.NewV7()), Body: &events.Retracted{Event: last.ID}}, judgedSame(ids[0], ids[1+i%900]))
	}
	var refused *events.Error
	if err := record(turns); !errors.As(err, &refused) || refused.Index > 4*most/len(again) {
		t.Errorf("%d verdicts that fall by turns: %v", n, err)
	}
}

// What the fold keeps of clusters is what the verdicts say that stand, whatever has been
// recorded, refused, retracted and restored.
func TestClustersAreKept(t *testing.T) {
	ctx := context.Background()
	const n = 12
	g, ids := members(t, n, nil)
	random := rand.New(rand.NewPCG(1, 2))
	two := func() (a, b uuid.UUID) {
		i := random.IntN(n)
		return ids[i], ids[(i+1+random.IntN(n-1))%n]
	}
	var recorded []uuid.UUID
	refused, kept, within := 0, 0, 0
	for range 1000 {
		batch := &events.Batch{Recorder: "desk"}
		for range 1 + random.IntN(3) {
			e := judgedSame(two())
			j := e.Body.(*events.IdentityJudged)
			switch random.IntN(7) {
			case 0, 1:
				j.Verdict = events.Different
			case 2:
				j.Verdict = events.Unsure
			case 3, 4, 5:
				if len(recorded) > 0 {
					e.Body = &events.Retracted{Event: recorded[random.IntN(len(recorded))]}
				}
			}
			batch.Events = append(batch.Events, e)
		}
		if _, err := g.Record(ctx, batch); errors.Is(err, events.ErrInvalid) {
			refused++
		} else if err != nil {
			t.Fatal(err)
		} else {
			for i := range batch.Events {
				recorded = append(recorded, batch.Events[i].ID)
			}
			recorded = recorded[max(0, len(recorded)-30):]
		}
		f := g.fold
		here := f.here()
		for e, c := range f.clusters {
			kept++
			if c.within != nil {
				within++
			}
			want := here.cluster(nil, e)
			var different []difference
			for _, m := range want {
				here.verdictsOn(m, func(other uint32, v events.Verdict, event uint32) bool {
					if v == events.Different {
						different = append(different, difference{m, other, event})
					}
					return true
				})
			}
			if !sameEntries(c.members, want, func(a, b uint32) int { return int(a) - int(b) }) ||
				!sameEntries(c.different, different, func(a, b difference) int {
					return slices.Compare([]uint32{a.member, a.other, a.event}, []uint32{b.member, b.other, b.event})
				}) {
				t.Fatalf("the cluster of %d is kept as %v, want %v and %v", e, c, want, different)
			}
		}
	}
	if refused < 100 || kept < 1000 || within > 0 {
		t.Errorf("%d batches refused, %d clusters kept, %d of them with a difference within", refused, kept, within)
	}
}

// sameEntries reports whether two lists have the same entries, in whatever order.
func sameEntries[T any](a, b []T, order func(a, b T) int) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.SortFunc(a, order)
	slices.SortFunc(b, order)
	return slices.EqualFunc(a, b, func(a, b T) bool { return order(a, b) == 0 })
}
