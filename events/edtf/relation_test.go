package edtf_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/onrecord/onrecord/events/edtf"
)

// The model of a small universe: the days 1 to 9 of January 2000, the time
// before them (0) and after them (10). It lists every resolution.

const last = 10

type days [last + 1]bool

// model is a time of that universe.
type model struct {
	text        string
	resolutions []days // the days on which it holds, or happens
	window      days
}

func day(n int) string { return fmt.Sprintf("2000-01-%02d", n) }

// from returns the days a to b.
func from(a, b int) (d days) {
	for i := a; i <= b; i++ {
		d[i] = true
	}
	return d
}

func (d days) union(o days) days {
	for i := range d {
		d[i] = d[i] || o[i]
	}
	return d
}

// member makes a member of a set: its text and its days.
func member(r *rand.Rand, first, final bool) (string, days) {
	a := 1 + r.IntN(9)
	b := a + r.IntN(10-a)
	switch n := r.IntN(8); {
	case n == 0 && first:
		return ".." + day(a), from(0, a)
	case n == 1 && final:
		return day(a) + "..", from(a, last)
	case n == 2:
		return "2000-01-0X", from(1, 9)
	case n <= 4:
		return day(a) + ".." + day(b), from(a, b)
	}
	return day(a), from(a, a)
}

func set(r *rand.Rand, n int, all bool) model {
	var texts []string
	var members []days
	var window days
	for i := range n {
		text, d := member(r, i == 0, i == n-1)
		texts, members = append(texts, text), append(members, d)
		window = window.union(d)
	}
	if !all {
		m := model{text: "[" + strings.Join(texts, ",") + "]", window: window}
		for i, in := range window {
			if in {
				m.resolutions = append(m.resolutions, from(i, i))
			}
		}
		return m
	}
	m := model{text: "{" + strings.Join(texts, ",") + "}", window: window, resolutions: []days{{}}}
	for _, d := range members {
		var longer []days
		for _, chosen := range m.resolutions {
			for i, in := range d {
				if in {
					longer = append(longer, chosen.union(from(i, i)))
				}
			}
		}
		m.resolutions = longer
	}
	return m
}

func interval(r *rand.Rand) model {
	type end struct {
		text   string
		lo, hi int
	}
	a := 1 + r.IntN(9)
	b := a + r.IntN(10-a)
	start := []end{{day(a), a, a}, {"2000-01-0X", 1, 9}, {"..", 0, 0}, {"", 0, last}}[r.IntN(4)]
	finish := []end{{day(b), b, b}, {"2000-01-0X", 1, 9}, {"..", last, last}, {"", 0, last}}[r.IntN(4)]
	if start.text == "" && finish.text == "" {
		return interval(r)
	}
	m := model{text: start.text + "/" + finish.text}
	for s := start.lo; s <= start.hi; s++ {
		for e := max(s, finish.lo); e <= finish.hi; e++ {
			m.resolutions = append(m.resolutions, from(s, e))
			m.window = m.window.union(from(s, e))
		}
	}
	return m
}

func random(r *rand.Rand) model {
	switch r.IntN(4) {
	case 0:
		n := 1 + r.IntN(9)
		return model{text: day(n), resolutions: []days{from(n, n)}, window: from(n, n)}
	case 1:
		return set(r, 1+r.IntN(4), false)
	case 2:
		return set(r, 1+r.IntN(3), true)
	}
	return interval(r)
}

func holds(d days, r edtf.Relation, w days) bool {
	first, final := 0, last
	for !w[first] {
		first++
	}
	for !w[final] {
		final--
	}
	within, before, after, overlaps := true, true, true, false
	for i, in := range d {
		if in {
			within = within && w[i]
			before = before && i < first
			after = after && i > final
			overlaps = overlaps || w[i]
		}
	}
	return map[edtf.Relation]bool{
		edtf.Within: within, edtf.Before: before, edtf.After: after, edtf.Overlaps: overlaps,
	}[r]
}

func TestRelationsAgainstModel(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	held := make(map[string]int)
	for range 30_000 {
		a, b := random(r), random(r)
		x, y := edtf.MustParse(a.text), edtf.MustParse(b.text)
		for rel := edtf.Within; rel <= edtf.Overlaps; rel++ {
			possibly, certainly := false, true
			for _, d := range a.resolutions {
				h := holds(d, rel, b.window)
				possibly, certainly = possibly || h, certainly && h
			}
			if got := x.Possibly(rel, y); got != possibly {
				t.Fatalf("%s possibly %s %s: %v, want %v", x, rel, y, got, possibly)
			}
			if got := x.Certainly(rel, y); got != certainly {
				t.Fatalf("%s certainly %s %s: %v, want %v", x, rel, y, got, certainly)
			}
			held[fmt.Sprint(rel, possibly, certainly)]++
		}
	}
	if len(held) != 4*3 {
		t.Errorf("not every answer was seen: %v", held)
	}
}

func TestRelations(t *testing.T) {
	for _, c := range []struct {
		time, window string
		want         string // for within, before, after, overlaps: c certainly, p possibly, - not
	}{
		{"2025-08-06", "2025-08", "c--c"},
		{"2025-08", "2025-08-06", "pppp"},
		{"2025-08-06", "2025-08-06", "c--c"},
		{"[2025-08-06,2025-08-08]", "2025-08-07", "-pp-"},
		{"{2025-04,2025-06}", "2025-04", "---c"},
		{"{2025-04,2025-06}", "2025", "c--c"},
		{"../1985", "1900", "---c"},
		{"/1985", "1900", "--pp"},
		{"/1985", "1985", "p--c"},
		{"1985/", "2000", "-p-p"},
		{"1985/..", "2000", "---c"},
		{"1985/..", "../..", "c--c"},
		{"2004-06-XX/2004-06-03", "2004-06-05", "-c--"},
		{"156X-12-25", "1565-12-25", "pppp"},
		{"156X-12-25", "1560/1569", "c--c"},
		{"1565-06", "156X-12-25", "----"},
		{"1950/1960", "[1950..1954,1955..1960]", "c--c"},
		{"1950/1960", "{1950..1954,1956..1960}", "---c"},
		{"1950-XX/1960-XX", "{1950..1954,1954..1960}", "c--c"},
		{"Y9E99", "Y8E88", "c--c"},
		{"", "1985", "pppp"},
		{"1985", "", "pppp"},
		{"", "", "pppp"},
	} {
		var a, b edtf.Time
		if err := a.UnmarshalText([]byte(c.time)); err != nil {
			t.Fatal(err)
		}
		if err := b.UnmarshalText([]byte(c.window)); err != nil {
			t.Fatal(err)
		}
		got := ""
		for rel := edtf.Within; rel <= edtf.Overlaps; rel++ {
			switch {
			case a.Certainly(rel, b):
				got += "c"
			case a.Possibly(rel, b):
				got += "p"
			default:
				got += "-"
			}
		}
		if got != c.want {
			t.Errorf("%q to %q: %s, want %s", c.time, c.window, got, c.want)
		}
	}
	x := edtf.MustParse("1985")
	if none := edtf.Overlaps + 1; !x.Possibly(none, x) || x.Certainly(none, x) || none.String() != "unknown" {
		t.Errorf("a relation that is none is certain")
	}
}
