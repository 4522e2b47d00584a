package events

import (
	"errors"
	"fmt"
	"slices"
)

// Admiralty returns the Admiralty code, named "admiralty", by which NATO rates
// the reliability of a source and the credibility of what it says, each on its
// own (STANAG 2511, AJP-2.1; in public also FM 2-22.3 of 2006, appendix B, tables
// B-1 and B-2):
//
//	A completely reliable    1 confirmed by other sources
//	B usually reliable       2 probably true
//	C fairly reliable        3 possibly true
//	D not usually reliable   4 doubtful
//	E unreliable             5 improbable
//	F cannot be judged       6 cannot be judged
//
// Its values are the letters alone, for sources; the digits alone, for
// statements; and the pairs A1 to F6, for a statement together with where it
// comes from. The scheme does not keep anyone from rating a source by a pair.
// In this order they are declared, the best first; F and 6 are below nothing.
func Admiralty() Scheme {
	const letters, digits = "ABCDEF", "123456"
	s := Scheme{Name: "admiralty"}
	for _, l := range letters {
		s.Values = append(s.Values, string(l))
	}
	for _, d := range digits {
		s.Values = append(s.Values, string(d))
	}
	for _, l := range letters {
		for _, d := range digits {
			s.Values = append(s.Values, string(l)+string(d))
		}
	}
	return s
}

// Likelihood returns the degrees of likelihood that the US intelligence
// community uses, named "icd203", the likeliest first (Intelligence Community
// Directive 203, Analytic Standards, 2 January 2015, section D.6.e.(2)(a)). They
// are the terms of the first row of its table, where they mean 95 to 99, 80 to
// 95, 55 to 80, 45 to 55, 20 to 45, 5 to 20 and 1 to 5 %.
func Likelihood() Scheme {
	return Scheme{"icd203", []string{"almost certain", "very likely", "likely", "roughly even chance",
		"unlikely", "very unlikely", "almost no chance"}}
}

// Opinion returns the degrees of agreement of STIX 2.1, named "stix-opinion", the
// most agreeing first (OASIS Standard of 10 June 2021, section 10.18, Opinion
// Enumeration).
func Opinion() Scheme {
	return Scheme{"stix-opinion", []string{"strongly-agree", "agree", "neutral", "disagree", "strongly-disagree"}}
}

// AtLeast returns the scheme with those of its values only that are not below
// one of them: the values up to this one, as they are declared, the best first.
//
// Of [Admiralty], or of some of its values under its name, it compares letters with the letter and digits
// with the digit. So C3 leaves A, B and C; 1, 2 and 3; and the pairs of these. It
// leaves F and 6, too, alone and in pairs: what cannot be judged is not rated
// below anything. C alone leaves every digit, 3 alone every letter.
//
// There is an error if the scheme does not have the value, or if the value is an
// F or a 6, with which nothing can be compared.
func (s Scheme) AtLeast(value string) (Scheme, error) {
	at := slices.Index(s.Values, value)
	if at < 0 {
		err := fmt.Sprintf("events: scheme %q: at least %s: is not a value of it", s.Name, printed(value))
		if e := refuse(value, "").among(value, s.Values); e.Want != "" {
			err += ", want " + e.Want
		}
		return Scheme{}, errors.New(err)
	}
	if !s.isAdmiralty() {
		return Scheme{s.Name, slices.Clone(s.Values[:at+1])}, nil
	}
	letter, digit := halves(value)
	if letter == 'F' || digit == '6' {
		return Scheme{}, fmt.Errorf("events: scheme %q: at least %q: has a half that cannot be judged, want a letter from A to E, a digit from 1 to 5, or both", s.Name, value)
	}
	left := Scheme{Name: s.Name}
	for _, v := range s.Values {
		l, d := halves(v)
		if !below(l, letter, 'F') && !below(d, digit, '6') {
			left.Values = append(left.Values, v)
		}
	}
	return left, nil
}

// isAdmiralty reports whether a scheme is the Admiralty code, or a part of it.
func (s Scheme) isAdmiralty() bool {
	code := Admiralty()
	return s.Name == code.Name && !slices.ContainsFunc(s.Values, func(v string) bool { return !slices.Contains(code.Values, v) })
}

// halves returns the letter and the digit of a value of the Admiralty code, 0
// for one that it does not have.
func halves(value string) (letter, digit byte) {
	for _, c := range []byte(value) {
		if c >= 'A' {
			letter = c
		} else {
			digit = c
		}
	}
	return letter, digit
}

// below reports whether a half of a rating is below that of another; one that is
// not there and one that cannot be judged are not.
func below(half, than, unjudged byte) bool {
	return than != 0 && half > than && half != unjudged
}
