package events

import (
	"fmt"
	"strconv"
	"strings"
)

// names are the words of an enumeration, by its numbers; an empty name is a number not in
// use. They are what String prints, MarshalText writes and UnmarshalText reads, and what
// exports (events/jsonl) and the graph's quads have.
type names []string

func (n names) of(typ string, i uint8) string {
	if n.has(i) {
		return n[i]
	}
	return typ + "(" + strconv.Itoa(int(i)) + ")"
}

func (n names) has(i uint8) bool { return int(i) < len(n) && n[i] != "" }

func (n names) number(s string) (uint8, bool) {
	for i, name := range n {
		if name == s && name != "" {
			return uint8(i), true
		}
	}
	return 0, false
}

// inUse returns the words in the order of their numbers.
func (n names) inUse() (words []string) {
	for _, word := range n {
		if word != "" {
			words = append(words, word)
		}
	}
	return words
}

// marshal is MarshalText of the type.
func (n names) marshal(typ string, i uint8) ([]byte, error) {
	if !n.has(i) && i != 0 {
		return nil, fmt.Errorf("events: %s: is not in use, want one of %s", n.of(typ, i), strings.Join(n.inUse(), ", "))
	}
	return []byte(n[i]), nil
}

// unmarshal is UnmarshalText of the type.
func unmarshal[E ~uint8](n names, typ string, text []byte, e *E) error {
	word := string(text)
	i, ok := n.number(word)
	if !ok && word != "" {
		return fmt.Errorf("events: %s %s: is not in use, want %s", typ, printed(word), refuse(word, "").among(word, n.inUse()).Want)
	}
	*e = E(i)
	return nil
}
