package events

import "strconv"

// names are the printed names of an enumeration, by its numbers; an empty name
// is a number not in use.
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
