package graph

import (
	"testing"

	"pgregory.net/rapid"
)

// A series gives back what was added, whatever is in series, out of it or taken
// back, and has memory for single numbers only where one is out of series.
func TestSeries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s series
		var want []uint32
		next := rapid.Uint32Range(1, 1<<20).Draw(t, "first")
		add := func(v uint32) {
			if i := s.add(v); i != uint32(len(want)) {
				t.Fatalf("%d is number %d, want %d", v, i, len(want))
			}
			want = append(want, v)
		}
		for range rapid.IntRange(1, 20).Draw(t, "runs") {
			for range rapid.IntRange(0, 700).Draw(t, "in series") {
				add(next)
				next++
			}
			switch rapid.IntRange(0, 3).Draw(t, "then") {
			case 0:
				add(rapid.Uint32Range(1, next).Draw(t, "out of series"))
			case 1:
				n := rapid.IntRange(0, len(want)).Draw(t, "left")
				s.truncate(uint32(n))
				want = want[:n]
			}
			if int(s.n) != len(want) {
				t.Fatalf("%d numbers, want %d", s.n, len(want))
			}
			for i, v := range want {
				if got := s.at(uint32(i)); got != v {
					t.Fatalf("number %d is %d, want %d", i, got, v)
				}
			}
		}
	})

	var s series
	for i := range uint32(10 * chunk) {
		s.add(i + 7)
	}
	s.add(3)
	s.add(10*chunk + 8)
	made := 0
	for i := range s.odd.now() {
		if s.odd.now()[i].Load() != nil {
			made++
		}
	}
	if made != 1 || s.first.n != 11 {
		t.Errorf("with one number out of series, %d chunks of such and %d first numbers, want 1 and 11", made, s.first.n)
	}
}

// A sparse column gives back what was written, 0 where nothing was, and a number
// stays where it is while the column grows.
func TestSparse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s sparse
		want := map[uint32]uint32{}
		places := map[uint32]*uint32{}
		for i, v := range rapid.MapOf(rapid.Uint32Range(0, 100_000), rapid.Uint32()).Draw(t, "numbers") {
			places[i] = s.to(i)
			*places[i], want[i] = v, v
		}
		for i := range uint32(100_000 + 2*sparseChunk) {
			if got := *s.at(i); got != want[i] {
				t.Fatalf("number %d is %d, want %d", i, got, want[i])
			}
		}
		for i, p := range places {
			if s.at(i) != p || s.to(i) != p {
				t.Fatalf("number %d has moved", i)
			}
		}
	})
	if zero != 0 {
		t.Errorf("what nothing was written to is %d", zero)
	}
}
