package graph

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/onrecord/onrecord/events"
)

// What is sealed is read back whatever its size is, and is refused if a piece of it is
// another, in another place, missing or too much, or with another secret.
func TestSealedPieces(t *testing.T) {
	secret := events.Secret{1}
	open := func(sealed []byte, secret events.Secret) ([]byte, error) {
		r, err := sealReader(bytes.NewReader(sealed), secret)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(r)
	}
	const whole = pieceSize + 16 // with its tag
	for _, size := range []int{0, 1, pieceSize - 1, pieceSize, pieceSize + 1, 2 * pieceSize, 3*pieceSize + 100} {
		plain := make([]byte, size) // of pieces that are the same
		var sealed bytes.Buffer
		w, err := sealWriter(&sealed, secret)
		if err == nil {
			_, err = w.Write(plain)
		}
		if err = errors.Join(err, w.close()); err != nil {
			t.Fatal(err)
		}
		data := sealed.Bytes()
		if got, err := open(data, secret); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes are read as %d: %v", size, len(got), err)
		}
		pieces := data[saltSize:]
		bad := map[string][]byte{
			"cut":         data[:len(data)-1],
			"longer":      append(bytes.Clone(data), 0),
			"changed":     append(bytes.Clone(data[:len(data)-1]), data[len(data)-1]^1),
			"only a salt": data[:saltSize],
		}
		if size > 2*pieceSize {
			bad["without the last"] = data[:saltSize+2*whole]
			bad["without the first"] = append(bytes.Clone(data[:saltSize]), pieces[whole:]...)
			bad["exchanged"] = append(bytes.Clone(data[:saltSize]), bytes.Join([][]byte{pieces[whole : 2*whole], pieces[:whole], pieces[2*whole:]}, nil)...)
		}
		for what, data := range bad {
			if _, err := open(data, secret); !errors.Is(err, errSnapshot) {
				t.Errorf("%d bytes, %s: %v", size, what, err)
			}
		}
		if _, err := open(data, events.Secret{2}); !errors.Is(err, errSnapshot) {
			t.Errorf("%d bytes, another secret: %v", size, err)
		}
	}
}
