package edtf_test

import (
	"os"
	"testing"

	"github.com/onrecord/onrecord/events/edtf"
)

func FuzzParse(f *testing.F) {
	for _, text := range valid {
		f.Add(text)
	}
	for _, c := range invalid {
		f.Add(c.text)
	}
	if _, err := os.Stat("../../../shared/data/edtf"); err == nil {
		for _, name := range []string{"valid.tsv", "invalid.tsv", "bounds-go-edtf.tsv"} {
			for _, row := range rows(f, name) {
				f.Add(row[0])
			}
		}
	}
	var windows []edtf.Time
	for _, text := range []string{"1985", "[1667,1668,1670..1672]", "{2001-04,2004-06-11}", "1964/2008", "/1985", "2004/..", "156X-12-25"} {
		windows = append(windows, edtf.MustParse(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := edtf.Parse(text)
		if err != nil {
			if e := checkInvalid(t, text); e != nil {
				_ = e.Error()
			}
			return
		}
		if a.String() != text || a.IsZero() || len(text) > edtf.MaxText {
			t.Fatalf("%q prints as %q", text, a)
		}
		var read edtf.Time
		if err := read.UnmarshalText([]byte(text)); err != nil || !read.Equal(a) {
			t.Errorf("%q: UnmarshalText reads %s, %v", text, read, err)
		}
		if again, err := read.MarshalText(); err != nil || string(again) != text {
			t.Errorf("%q: MarshalText writes %q, %v", text, again, err)
		}
		bounds := a.Bounds()
		if again := edtf.MustParse(a.String()); again.Bounds() != bounds || !again.Equal(a) {
			t.Errorf("%q: parsed again, bounds are %+v, not %+v", text, again.Bounds(), bounds)
		}
		if bounds.StartMin > bounds.StartMax || bounds.EndMin > bounds.EndMax || bounds.StartMin > bounds.EndMax {
			t.Errorf("%q: bounds out of order: %+v", text, bounds)
		}
		checkConstraint(t, a)
		for _, w := range append(windows, a) {
			for r := edtf.Within; r <= edtf.Overlaps; r++ {
				if a.Certainly(r, w) && !a.Possibly(r, w) {
					t.Errorf("%s is certainly %s %s, but not possibly", a, r, w)
				}
				if w.Certainly(r, a) && !w.Possibly(r, a) {
					t.Errorf("%s is certainly %s %s, but not possibly", w, r, a)
				}
			}
		}
		if !a.Possibly(edtf.Within, a) || !a.Possibly(edtf.Overlaps, a) {
			t.Errorf("%s cannot be within itself", a)
		}
	})
}

// checkConstraint checks what Constraint promises of its stretches.
func checkConstraint(t *testing.T, a edtf.Time) {
	c, b := a.Constraint(), a.Bounds()
	if n := len(c.Stretches); n < 1 || n > edtf.MaxMembers || n > 1 && c.Combine == edtf.Throughout {
		t.Errorf("%s has %d stretches", a, n)
	}
	lo, hi := edtf.MaxInstant, edtf.MinInstant
	for i, s := range c.Stretches {
		if s.StartMin > s.EndMax || s.StartMin > s.StartMax || s.EndMin > s.EndMax {
			t.Errorf("%s: stretch %+v is out of order", a, s)
		}
		if i > 0 && s.StartMin < c.Stretches[i-1].StartMin {
			t.Errorf("%s: stretches are not sorted", a)
		}
		if i > 0 && c.Combine == edtf.OneOf && s.StartMin <= c.Stretches[i-1].EndMax+1 {
			t.Errorf("%s: stretches touch", a)
		}
		lo, hi = min(lo, s.StartMin), max(hi, s.EndMax)
	}
	if lo != b.StartMin || hi != b.EndMax {
		t.Errorf("%s: stretches reach from %d to %d, bounds from %d to %d", a, lo, hi, b.StartMin, b.EndMax)
	}
}
