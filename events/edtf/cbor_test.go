package edtf_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/onrecord/onrecord/events/edtf"
)

// A time in CBOR is its text, with the shortest head, and nothing else is read as one.
func TestCBOR(t *testing.T) {
	set := func(n int) string { // of n days, 11 bytes each but for the last
		return "[" + strings.Repeat("2025-08-06,", n-1) + "2025-08-06]"
	}
	for head, text := range map[string]string{
		"\x60":         "",
		"\x64":         "2025",
		"\x77":         set(2),
		"\x78\x22":     set(3),
		"\x79\x01\x09": set(24),
	} {
		var at, back edtf.Time
		if err := at.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		data, err := at.MarshalCBOR()
		if want := []byte(head + text); err != nil || !bytes.Equal(data, want) {
			t.Errorf("%s is written as %q, %v; want %q", text, data, err, want)
		}
		if err := back.UnmarshalCBOR(data); err != nil || !back.Equal(at) {
			t.Errorf("%q is read as %v, %v", data, back, err)
		}
	}
	at := edtf.MustParse("2025")
	for _, wrong := range []string{"", "\xf6", "\x192025", "\x442025", "\x632025", "\x652025", "\x78\x042025", "\x79\x00\x042025", "\x7f\x642025\xff", "\x642O25",
		"\x79\x04\x0c" + set(94), "\x79\x00\x00" + strings.Repeat("2", 1<<16)} {
		if err := at.UnmarshalCBOR([]byte(wrong)); err == nil || at.String() != "2025" {
			t.Errorf("%.40q is read as %v, %v", wrong, at, err)
		}
	}
}
