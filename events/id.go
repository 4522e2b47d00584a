package events

import (
	"strconv"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"
)

// namespace is the name space of the ids that Key makes.
var namespace = uuid.MustParse("6f6e7265-636f-5264-8000-6576656e7473")

// Key returns the id of a thing that has a natural key: a UUID of version 5
// (RFC 9562, section 5.5), equal for equal parts. Parts are kept apart:
// Key("a", "bc") differs from Key("ab", "c").
func Key(parts ...string) uuid.UUID {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(strconv.Itoa(len(p)))
		b.WriteByte(':')
		b.WriteString(p)
	}
	return uuid.NewSHA1(namespace, []byte(b.String()))
}

// EntityKey returns the parts of which the id of an entity is made whose key is its name, as
// [Builder.Person] and the like make it: "entity", the kind, and the name in Unicode's form NFC
// with each run of white space as one space and none around it, so that names which differ in
// these are one. Hand them to graph.Graph.Key, which makes the id that the record has, sealed or
// not:
//
//	g.Key(events.EntityKey(events.Person, name)...)
//
// An entity that has a key of its own has the id Key("entity", kind, key...).
func EntityKey(kind EntityKind, name string) []string {
	return []string{"entity", kind.String(), natural(name)}
}

// natural is a name as the key of what it names.
func natural(name string) string {
	return strings.Join(strings.Fields(norm.NFC.String(name)), " ")
}
