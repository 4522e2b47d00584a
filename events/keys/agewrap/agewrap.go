// Package agewrap wraps the master key of a file of keys for recipients of age
// (age-encryption.org/v1), so that only who has an identity of theirs can use the
// keys. It is a package of its own so that nobody else needs filippo.io/age.
package agewrap

import (
	"bytes"
	"errors"
	"io"

	"filippo.io/age"

	"github.com/onrecord/onrecord/events/keys"
)

// Wrapper is a [keys.Wrapper]. The recipients of a file that is there are changed with
// [keys.Rewrap], by who has an identity of one of them.
//
// It must not be changed while it is in use, and may then be shared.
type Wrapper struct {
	Recipients []age.Recipient // needed when the file is made
	Identities []age.Identity  // needed when it is opened again
}

var _ keys.Wrapper = (*Wrapper)(nil)

// Wrap encrypts a secret to the recipients.
func (w *Wrapper) Wrap(secret []byte) ([]byte, error) {
	if len(w.Recipients) == 0 {
		return nil, errors.New("agewrap: no recipient")
	}
	var out bytes.Buffer
	to, err := age.Encrypt(&out, w.Recipients...)
	if err != nil {
		return nil, err
	}
	if _, err := to.Write(secret); err != nil {
		return nil, err
	}
	if err := to.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Unwrap decrypts a secret with the identities.
func (w *Wrapper) Unwrap(wrapped []byte) ([]byte, error) {
	if len(w.Identities) == 0 {
		return nil, errors.New("agewrap: no identity")
	}
	from, err := age.Decrypt(bytes.NewReader(wrapped), w.Identities...)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(from, 1<<10))
}
