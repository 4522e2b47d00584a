package decimal

import (
	"math/big"
	"testing"
)

// FuzzParse wants a number to be read again from what it prints, and to be compared as
// its fraction is.
func FuzzParse(f *testing.F) {
	for _, a := range []string{"0", "-4", "2.50", "25e-1", "-0.00e9", "1e+6", "1e99999999999999999999", "1e--6", ".5", "٤"} {
		f.Add(a, "1200")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, ok := Parse(a)
		if !ok {
			return
		}
		if again, ok := Parse(x.String()); !ok || again != x || again.String() != x.String() {
			t.Errorf("%q prints as %q, which is read as %+v", a, x, again)
		}
		y, ok := Parse(b)
		if !ok {
			return
		}
		if x.Compare(y) != -y.Compare(x) || (x.Compare(y) == 0) != (x == y) {
			t.Errorf("%q and %q compare as %d and %d", a, b, x.Compare(y), y.Compare(x))
		}
		if len(x.exponent) > 3 || len(y.exponent) > 3 {
			return // their fractions are long
		}
		p, ok1 := new(big.Rat).SetString(x.String())
		q, ok2 := new(big.Rat).SetString(y.String())
		if !ok1 || !ok2 || p.Cmp(q) != x.Compare(y) {
			t.Errorf("%q and %q compare as %d, want %d", a, b, x.Compare(y), p.Cmp(q))
		}
	})
}
