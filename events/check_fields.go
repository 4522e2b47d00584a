package events

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/language"
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
	if i := strings.IndexFunc(s, unseen); c.now && i >= 0 {
		r, _ := utf8.DecodeRuneInString(s[i:])
		return refuse(s, fmt.Sprintf("has the invisible character %U at byte %d", r, i)).wantPlain(s)
	}
	return nil
}

// trimmed returns a name without the white space around it, that of no width included.
func trimmed(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unseen(r) })
}

// bidi reports whether r changes the direction of what follows it: embeddings,
// overrides and isolates (UAX 9, section 2). The marks LRM and RLM do not.
func bidi(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// unseen reports whether r shows nothing and only says where a line may or must not be
// broken, as texts have it that were copied from a page: the soft hyphen, the space of no
// width, the word joiner and the byte order mark. Joiners (U+200C, U+200D) and the
// marks LRM and RLM belong to how names are written.
func unseen(r rune) bool {
	return r == '\u00ad' || r == '\u200b' || r == '\u2060' || r == '\ufeff'
}

// wantPlain offers a name without what it may not have, if anything is left. As where a
// Builder compares names, each run of white space, line breaks included, is one space.
func (e *Error) wantPlain(s string) *Error {
	plain := trimmed(strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) || bidi(r) || unseen(r) {
			return -1
		}
		return r
	}, s)), " "))
	if plain == "" {
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

// oneOf checks the number of an enumeration against the names of those in use.
func oneOf(n names, value any, i uint8) *Error {
	if n.has(i) {
		return nil
	}
	return refuse(value, "is not in use").want("one of %s", strings.Join(n.inUse(), ", "))
}
