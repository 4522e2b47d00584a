package query

import "testing"

func TestSameNumber(t *testing.T) {
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
		if sameNumber(c.a, c.b) != c.want || sameNumber(c.b, c.a) != c.want {
			t.Errorf("%q and %q: want %v", c.a, c.b, c.want)
		}
	}
}
