package query

import (
	"math/big"
	"strings"
)

// decimal is the number 0.digits × 10^exponent. Its digits begin and end with
// another one than 0; without any it is zero. Equal numbers are equal structs.
// Nothing is computed with it, so that 1e1000000000 costs no more than its text.
type decimal struct {
	negative bool
	digits   string
	exponent string
}

// sameNumber reports whether two texts are one number, or the same text.
func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	x, ok := parseDecimal(a)
	y, same := parseDecimal(b)
	return ok && same && x == y
}

// parseDecimal reads -?digits[.digits][(e|E)[+-]digits].
func parseDecimal(s string) (d decimal, ok bool) {
	s, negative := strings.CutPrefix(s, "-")
	exponent := new(big.Int)
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e := strings.TrimPrefix(s[i+1:], "+")
		if !isDigits(strings.TrimPrefix(e, "-")) || len(e) < len(s[i+1:]) && e[0] == '-' {
			return d, false
		}
		exponent.SetString(e, 10)
		s = s[:i]
	}
	whole, fraction, point := strings.Cut(s, ".")
	if !isDigits(whole) || point && !isDigits(fraction) {
		return d, false
	}
	digits := strings.TrimLeft(whole+fraction, "0")
	zeros := len(whole) + len(fraction) - len(digits)
	exponent.Add(exponent, big.NewInt(int64(len(whole)-zeros)))
	if digits = strings.TrimRight(digits, "0"); digits == "" {
		return decimal{}, true
	}
	return decimal{negative, digits, exponent.String()}, true
}

func isDigits(s string) bool {
	return s != "" && strings.TrimLeft(s, "0123456789") == ""
}
