package query

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Sets of instants do what they say for each instant, and say it in one way.
func TestInstants(t *testing.T) {
	edges := []int64{math.MinInt64, math.MinInt64 + 1, -2, -1, 0, 1, 2, 3, 4, 5, 6, math.MaxInt64 - 1, math.MaxInt64}
	set := rapid.Custom(func(t *rapid.T) instants {
		var all []Window
		for range rapid.IntRange(0, 4).Draw(t, "windows") {
			a, b := rapid.SampledFrom(edges).Draw(t, "a"), rapid.SampledFrom(edges).Draw(t, "b")
			all = append(all, Window{min(a, b), max(a, b)})
		}
		return joined(all)
	})
	has := func(s instants, i int64) bool {
		for _, w := range s {
			if w.First <= i && i <= w.Last {
				return true
			}
		}
		return false
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := set.Draw(t, "a"), set.Draw(t, "b")
		or, and, without := a.or(b), a.and(b), a.without(b)
		for _, i := range edges {
			x, y := has(a, i), has(b, i)
			if has(or, i) != (x || y) || has(and, i) != (x && y) || has(without, i) != (x && !y) {
				t.Fatalf("of %v and %v at %d: or %v, and %v, without %v", a, b, i, or, and, without)
			}
		}
		for _, s := range []instants{or, and, without} {
			for i, w := range s {
				if w.First > w.Last || i > 0 && (s[i-1].Last == math.MaxInt64 || w.First <= s[i-1].Last+1) {
					t.Fatalf("of %v and %v: %v is not in order", a, b, s)
				}
			}
		}
	})
}

// What is gathered takes memory as the set, however often the same is added; and it is not
// joined anew for each addition.
func TestGather(t *testing.T) {
	const n, times = 100, 1000
	var same, apart []Window
	var more instants
	for i := range int64(n) {
		more = append(more, Window{10 * i, 10*i + 1})
	}
	for range times {
		if same = gather(same, more); cap(same) > 4*n {
			t.Fatalf("room for %d windows, where there are %d", cap(same), n)
		}
	}
	if got := joined(same); !slices.Equal(got, more) {
		t.Errorf("joined they are %d windows, want %d", len(got), n)
	}
	rooms, room := 0, 0
	for i := range int64(n * times) {
		if apart = gather(apart, instants{{10 * i, 10*i + 1}}); cap(apart) != room {
			rooms, room = rooms+1, cap(apart)
		}
	}
	if got := joined(apart); len(got) != n*times || rooms > 20 {
		t.Errorf("%d windows, want %d, joined %d times", len(got), n*times, rooms)
	}
}
