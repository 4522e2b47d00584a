package decimal

import (
	"cmp"
	"testing"
)

func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"4", "4", true}, {"4", "4.0", true}, {"4", "04", true}, {"2.50", "25e-1", true}, {"0.004", "4E-3", true},
		{"-0", "0.00e9", true}, {"-1", "1", false}, {"1e6", "1000000", true}, {"1e+6", "1e6", true}, {"1e7", "1e6", false},
		{"10", "1", false}, {"0.1", "0.01", false}, {"1e99999999999999999999", "10e99999999999999999998", true},
		{"1e99999999999999999999", "1e99999999999999999998", false},
		{"four", "four", true}, {"four", "4", false}, {"1e", "1", false}, {"1.", "1", false}, {".5", "0.5", false}, {"1e+-6", "1e-6", false},
		{"", "0", false}, {"-", "0", false}, {"1e--6", "1e-6", false},
	} {
		if Same(c.a, c.b) != c.want || Same(c.b, c.a) != c.want {
			t.Errorf("%q and %q: want %v", c.a, c.b, c.want)
		}
	}
}

func TestString(t *testing.T) {
	for text, want := range map[string]string{
		"4": "4", "4.0": "4", "40e-1": "4", "-2.50": "-2.5", "0.004": "0.004", "-0": "0", "1e6": "1000000",
		"1200": "1200", "12.034": "12.034", "1e100": "0.1e101", "1e-30": "0.1e-29",
		"1e99999999999999999999": "0.1e100000000000000000000",
	} {
		d, ok := Parse(text)
		if !ok || d.String() != want || !Same(d.String(), text) {
			t.Errorf("%q is %v, want %s", text, d, want)
		}
	}
}

func TestCompare(t *testing.T) {
	// Ascending; those in a row are equal.
	rows := [][]string{
		{"-1e1000000000"}, {"-12.5", "-125e-1"}, {"-12"}, {"-0.1"}, {"-1e-1000000000"},
		{"0", "-0.0", "0e5"},
		{"1e-1000000000"}, {"0.1", "1e-1"}, {"0.11"}, {"0.2"}, {"1", "1.0"}, {"1.5"}, {"2", "02"}, {"9"}, {"10", "1e1"}, {"12"}, {"100"}, {"1e1000000000", "10e999999999"},
	}
	for i, row := range rows {
		for j, other := range rows {
			for _, a := range row {
				for _, b := range other {
					x, _ := Parse(a)
					y, ok := Parse(b)
					if found := x.Compare(y); !ok || found != cmp.Compare(i, j) {
						t.Errorf("%s to %s: %d", a, b, found)
					}
				}
			}
		}
	}
}
