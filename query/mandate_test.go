package query

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/onrecord/onrecord/events/edtf"
)

// The windows found are those that a walk over all of them finds.
func TestTerms(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	ends := []int64{edtf.MinInstant, edtf.MaxInstant, math.MinInt64, math.MaxInt64, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	window := func() Window {
		a, b := ends[rnd.IntN(len(ends))], ends[rnd.IntN(len(ends))]
		return Window{min(a, b), max(a, b)}
	}
	some := 0
	for range 2000 {
		var list terms
		for i := range rnd.IntN(20) {
			list = append(list, term{Window: window(), holding: i})
		}
		var want []int
		w := window()
		for _, x := range list {
			if x.First <= w.Last && x.Last >= w.First {
				want = append(want, x.holding)
			}
		}
		list.index()
		got := list.meeting(w.First, w.Last, nil)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("%v of %v: %v, want %v", w, list, got, want)
		}
		some += len(got)
	}
	if some == 0 {
		t.Error("none was found")
	}
}
