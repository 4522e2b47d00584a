package events

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/language"

	"github.com/onrecord/onrecord/internal/enum"
)

func (c *shape) named(n *Name) *Error {
	return firstOf(c.name(n.Text).in("Text"), c.tag(n.Language).in("Language"))
}

// name checks what must be there and be readable: a name, a predicate, a role.
func (c *shape) name(s string) *Error {
	if s == "" {
		return refuse(s, "is empty")
	}
	if len(s) > MaxName {
		return refuse(s, fmt.Sprintf("has %d bytes", len(s))).want("at most %d", MaxName)
	}
	if !utf8.ValidString(s) {
		return refuse(s, "is not valid UTF-8")
	}
	for i, r := range s {
		switch {
		case unicode.IsControl(r):
			return refuse(s, fmt.Sprintf("has the control character %U at byte %d", r, i)).wantPlain(s)
		case bidi(r):
			return refuse(s, fmt.Sprintf("has the bidirectional control %U at byte %d", r, i)).wantPlain(s)
		}
	}
	switch trimmed := trimmed(s); {
	case trimmed == "":
		return refuse(s, "has only spaces")
	case c.now && trimmed != s:
		return refuse(s, "has white space around it").want("%q", trimmed)
	}
	if c.now {
		return readable(s)
	}
	return nil
}

// readable checks a name that is to be recorded now for having something in it that is seen,
// and nothing that is not and that no name needs.
func readable(s string) *Error {
	last := rune(0)
	for i, r := range s {
		switch {
		case separator(r):
			return refuse(s, fmt.Sprintf("has the separator of lines or paragraphs %U at byte %d", r, i)).wantPlain(s)
		case unseen(r, last):
			return refuse(s, fmt.Sprintf("has the invisible character %U at byte %d", r, i)).wantPlain(s)
		}
		last = r
	}
	if !strings.ContainsFunc(s, seen) {
		return refuse(s, "has nothing in it that is seen")
	}
	return nil
}

// trimmed returns a name without the white space around it, that of no width included.
func trimmed(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || breaks(r) })
}

// bidi reports whether r changes the direction of what follows it: embeddings,
// overrides and isolates (UAX 9, section 2). The marks LRM and RLM do not.
func bidi(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// breaks reports whether r shows nothing and only says where a line may or must not be
// broken, as texts have it that were copied from a page: the soft hyphen, the space of no
// width, the word joiner and the byte order mark.
func breaks(r rune) bool {
	return r == '\u00ad' || r == '\u200b' || r == '\u2060' || r == '\ufeff'
}

// separator reports whether r is of category Zl or Zp: U+2028 or U+2029.
func separator(r rune) bool { return r == '\u2028' || r == '\u2029' }

// unseen reports whether r, behind last, shows nothing and no name needs it: what breaks
// tells; the fillers of Hangul (U+115F, U+1160, U+3164, U+FFA0); the signs of formulas
// (U+2061 to U+2064) and of music (U+1D173 to U+1D17A); deprecated controls (U+206A to U+206F,
// U+E0001); the marks of annotations (U+FFF9 to U+FFFB); and tags (U+E0020 to U+E007F),
// but in a flag such as that of Scotland: behind U+1F3F4, or another tag.
//
// All else that shows nothing belongs to how names are written, beside what is seen: joiners
// (U+200C, U+200D, U+034F), the marks LRM, RLM and ALM, the vowel separator of Mongolian,
// and the selectors of variants, of which Japanese names have some.
func unseen(r, last rune) bool {
	switch {
	case r < '\u00ad':
		return false
	case r >= 0xE0020 && r <= 0xE007F:
		return last != 0x1F3F4 && !(last >= 0xE0020 && last <= 0xE007F)
	case r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0', r == 0xE0001,
		r >= '\u2061' && r <= '\u2064', r >= '\u206a' && r <= '\u206f', r >= '\ufff9' && r <= '\ufffb', r >= 0x1D173 && r <= 0x1D17A:
		return true
	}
	return breaks(r)
}

// seen reports whether r shows something: no white space, no control, nothing that Unicode
// has ignored by default (Default_Ignorable_Code_Point), no empty cell of Braille. A mark that
// combines does, and so does a character that is not assigned, or for private use.
func seen(r rune) bool {
	switch {
	case unicode.IsSpace(r), unicode.IsControl(r), r == '\u2800':
		return false
	case unicode.Is(unicode.Cf, r):
		return unicode.Is(unicode.Prepended_Concatenation_Mark, r)
	}
	return !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// wantPlain offers a name without what it may not have, if anything is left. As where a
// Builder compares names, each run of white space, line breaks included, is one space.
func (e *Error) wantPlain(s string) *Error {
	last := rune(0)
	plain := trimmed(strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) || bidi(r) || unseen(r, last) {
			return -1
		}
		last = r
		return r
	}, s)), " "))
	if !strings.ContainsFunc(plain, seen) {
		return e
	}
	return e.want("%q", plain)
}

// tag checks a language tag for being well-formed (RFC 5646, section 2.2.9);
// subtags that nobody has registered are let through.
func (c *shape) tag(s string) *Error {
	if s == "" || c.tags[s] {
		return nil
	}
	if len(s) > MaxName {
		return refuse(s, fmt.Sprintf("has %d bytes", len(s))).want("at most %d", MaxName)
	}
	if hyphened := strings.ReplaceAll(s, "_", "-"); hyphened != s {
		return refuse(s, "is not a BCP 47 language tag").want("%q", hyphened)
	}
	var unregistered language.ValueError
	if _, err := language.Parse(s); err != nil && !errors.As(err, &unregistered) {
		return refuse(s, "is not a BCP 47 language tag").want(`one such as "en" or "uk-Cyrl"`)
	}
	if c.tags == nil {
		c.tags = make(map[string]bool)
	}
	c.tags[s] = true
	return nil
}

// prose checks any other text, which may be empty.
func prose(s string) *Error {
	if len(s) > MaxText {
		return refuse(s, fmt.Sprintf("has %d bytes", len(s))).want("at most %d", MaxText)
	}
	if !utf8.ValidString(s) {
		return refuse(s, "is not valid UTF-8")
	}
	return nil
}

func required(id uuid.UUID) *Error {
	if id == uuid.Nil {
		return refuse(nil, "is missing").want("an id")
	}
	return nil
}

func atMost(n, most int) *Error {
	if n > most {
		return refuse(nil, fmt.Sprintf("has %d items", n)).want("at most %d", most)
	}
	return nil
}

// oneOf checks the number of an enumeration against the words of those in use.
func oneOf(w enum.Words, value any, i uint8) *Error {
	if w.Has(i) {
		return nil
	}
	return refuse(value, "is not in use").want("one of %s", strings.Join(w.InUse(), ", "))
}
