package main

import (
	"errors"
	"math"
	"testing"
	"time"
)

func TestExponent(t *testing.T) {
	x := []float64{1e4, 1e5, 1e6}
	for _, want := range []float64{0, 0.5, 1, 2, -1} {
		y := make([]float64, len(x))
		for i := range x {
			y[i] = 7 * math.Pow(x[i], want)
		}
		if e, ok := exponent(x, y); !ok || math.Abs(e-want) > 1e-9 {
			t.Errorf("y = 7x^%v: got exponent %v, %v", want, e, ok)
		}
	}
	// Least squares: what one point is off is shared.
	if e, ok := exponent(x, []float64{1, 10, 1000}); !ok || math.Abs(e-1.5) > 1e-9 {
		t.Errorf("got %v, %v, want 1.5", e, ok)
	}
	for name, c := range map[string][2][]float64{
		"nothing":      {nil, nil},
		"one point":    {{10}, {10}},
		"one size":     {{10, 10}, {10, 20}},
		"zero":         {{10, 100}, {0, 20}},
		"less than it": {{10, 100}, {20, -1}},
	} {
		if e, ok := exponent(c[0], c[1]); ok {
			t.Errorf("%s: got exponent %v, want none", name, e)
		}
	}
}

func TestSamples(t *testing.T) {
	s := samples{5, 1, 4, 2, 3}
	if s.median() != 3 || s.at(0.95) != 5 || s.at(0) != 1 || s.sum() != 15 || s[0] != 5 {
		t.Errorf("median %v, p95 %v, p0 %v, sum %v of %v", s.median(), s.at(0.95), s.at(0), s.sum(), s)
	}
	if got := s.spread(); math.Abs(got-1.0/3) > 1e-9 {
		t.Errorf("spread %v, want a third: quartiles 2 and 4, median 3", got)
	}
	if got := (samples{6, 8}).against(samples{2, 4}); len(got) != 2 || got[0] != 3 || got[1] != 2 {
		t.Errorf("ratios by rounds: %v, want 3 and 2", got)
	}
	if got := (samples{6, 8}).minus(samples{2, 9}); got[0] != 4 || got[1] != 0.008 {
		t.Errorf("differences by rounds: %v, want 4 and 0.008, since nothing takes less than nothing", got)
	}
	if (samples{}).median() != 0 {
		t.Error("the median of nothing is not 0")
	}
}

// TestByTurns holds that ways are called by turns and each as often as it was
// found to be needed, and that an error ends it.
func TestByTurns(t *testing.T) {
	quick, slow := 0, 0
	taken, err := byTurns(4, func() error {
		quick++
		return nil
	}, func() error {
		slow++
		for began := time.Now(); time.Since(began) < 4*time.Millisecond; { // longer than a sample
		}
		return nil
	})
	if err != nil || len(taken) != 2 || len(taken[0]) != 4 || len(taken[1]) != 4 {
		t.Fatal(taken, err)
	}
	if slow != 5 || quick < 10 {
		t.Errorf("%d calls of what is slow, want 5; %d of what is quick", slow, quick)
	}
	want := errors.New("out")
	if _, err := byTurns(1, func() error { return nil }, func() error { return want }); !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

// TestBest holds that what is short is tried five times, and what is long once.
func TestBest(t *testing.T) {
	for _, c := range []struct {
		takes time.Duration
		most  int
	}{{0, 5}, {101 * time.Millisecond, 1}} {
		tries := 0
		took, err := best(func() error {
			tries++
			for began := time.Now(); time.Since(began) < c.takes; {
			}
			return nil
		})
		if err != nil || tries > c.most || tries == 0 || took < float64(c.takes) {
			t.Errorf("what takes %v is tried %d times, best %v, %v", c.takes, tries, time.Duration(took), err)
		}
	}
	want := errors.New("out")
	if _, err := best(func() error { return want }); !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}
