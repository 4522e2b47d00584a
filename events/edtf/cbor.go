package edtf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"unicode/utf8"
)

// MarshalCBOR returns the text as a text string of deterministic CBOR (RFC 8949, sections 3.1
// and 4.2.1), an empty one for the zero Time. It does not fail. The records of package events
// have times so.
func (t Time) MarshalCBOR() ([]byte, error) {
	return append(textHead(len(t.text)), t.text...), nil
}

// UnmarshalCBOR sets t to what a text string as MarshalCBOR writes it says. If it fails, as
// [Parse] does or because it is no such string, t is unchanged. It copies data.
func (t *Time) UnmarshalCBOR(data []byte) error {
	for _, n := range [...]int{1, 2, 3} {
		if n <= len(data) && bytes.Equal(textHead(len(data)-n), data[:n]) {
			if !utf8.Valid(data[n:]) {
				return errors.New("edtf: invalid UTF-8 string")
			}
			return t.UnmarshalText(data[n:])
		}
	}
	return errors.New("edtf: not a text string of deterministic CBOR")
}

// textHead is what stands before the n bytes of a text string in CBOR. A Time has at most
// MaxText.
func textHead(n int) []byte {
	const text = 3 << 5
	switch {
	case n < 24:
		return []byte{text | byte(n)}
	case n <= math.MaxUint8:
		return []byte{text | 24, byte(n)}
	}
	return binary.BigEndian.AppendUint16([]byte{text | 25}, uint16(n))
}
