// Package decimal tells whether texts are the same number, and which is larger.
package decimal

import (
	"cmp"
	"math/big"
	"strconv"
	"strings"
)

// Number is the number 0.digits × 10^exponent. Its digits begin and end with
// another one than 0; without any it is zero. Equal numbers are equal structs.
// Nothing is computed with it, so that 1e1000000000 costs no more than its text. It never changes, so it
// may be shared.
type Number struct {
	negative bool
	digits   string
	exponent string
}

// Same reports whether two texts are one number, or the same text.
func Same(a, b string) bool {
	if a == b {
		return true
	}
	x, ok := Parse(a)
	y, same := Parse(b)
	return ok && same && x == y
}

// Parse reads -?digits[.digits][(e|E)[+-]digits]. It reports false for other
// texts.
func Parse(s string) (d Number, ok bool) {
	s, negative := strings.CutPrefix(s, "-")
	var exponent *big.Int
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e := strings.TrimPrefix(s[i+1:], "+")
		if !isDigits(strings.TrimPrefix(e, "-")) || len(e) < len(s[i+1:]) && e[0] == '-' {
			return d, false
		}
		exponent, _ = new(big.Int).SetString(e, 10)
		s = s[:i]
	}
	whole, fraction, point := strings.Cut(s, ".")
	if !isDigits(whole) || point && !isDigits(fraction) {
		return d, false
	}
	digits := strings.TrimLeft(whole+fraction, "0")
	zeros := len(whole) + len(fraction) - len(digits)
	magnitude := int64(len(whole) - zeros)
	if digits = strings.TrimRight(digits, "0"); digits == "" {
		return Number{}, true
	}
	d = Number{negative, digits, strconv.FormatInt(magnitude, 10)}
	if exponent != nil {
		d.exponent = exponent.Add(exponent, big.NewInt(magnitude)).String()
	}
	return d, true
}

// Compare returns -1 if d is less than e, 1 if it is more, and 0 if they are equal.
func (d Number) Compare(e Number) int {
	if a, b := d.sign(), e.sign(); a != b || a == 0 {
		return cmp.Compare(a, b)
	}
	// The digits are behind the point, and the first is not 0.
	size := cmp.Or(exponentOf(d).Cmp(exponentOf(e)), strings.Compare(d.digits, e.digits))
	return d.sign() * size
}

func (d Number) sign() int {
	switch {
	case d.digits == "":
		return 0
	case d.negative:
		return -1
	}
	return 1
}

func exponentOf(d Number) *big.Int {
	e, _ := new(big.Int).SetString(d.exponent, 10)
	return e
}

func isDigits(s string) bool {
	return s != "" && strings.TrimLeft(s, "0123456789") == ""
}

// String returns the number, the same text for equal numbers: "0", "4", "-0.25"
// or, where it is long, in the form "0.4e1000".
func (d Number) String() string {
	if d.digits == "" {
		return "0"
	}
	sign := ""
	if d.negative {
		sign = "-"
	}
	n, err := strconv.Atoi(d.exponent)
	switch {
	case err != nil || n < -20 || n > 40:
		return sign + "0." + d.digits + "e" + d.exponent
	case n <= 0:
		return sign + "0." + strings.Repeat("0", -n) + d.digits
	case n >= len(d.digits):
		return sign + d.digits + strings.Repeat("0", n-len(d.digits))
	}
	return sign + d.digits[:n] + "." + d.digits[n:]
}
