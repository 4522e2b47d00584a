package events

import (
	"strconv"
	"strings"

	"github.com/google/uuid"
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
