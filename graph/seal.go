package graph

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"

	"github.com/onrecord/onrecord/events"
)

// A sealed snapshot is a salt of 32 bytes and pieces, each of which is 64 KiB but for
// the last, sealed by AES-256-GCM under HKDF-SHA-256(secret, salt). The nonce is the
// number of the piece in 8 bytes, the most significant one first, and 4 bytes that are
// zeros, or 1 in the last piece: no piece can be left out (STREAM, Hoang, Reyhanitabar,
// Rogaway and Vizár, 2015).
const (
	saltSize  = 32
	pieceSize = 64 << 10
)

func snapshotSeal(secret events.Secret, salt []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, secret[:], salt, "onrecord snapshot", len(secret))
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func pieceNonce(number uint64, last bool) []byte {
	nonce := binary.BigEndian.AppendUint64(make([]byte, 0, 12), number)
	if last {
		return append(nonce, 0, 0, 0, 1)
	}
	return append(nonce, 0, 0, 0, 0)
}

// sealedWriter seals what is written to it.
type sealedWriter struct {
	to     io.Writer
	seal   cipher.AEAD
	piece  []byte
	sealed []byte
	number uint64
}

func sealWriter(to io.Writer, secret events.Secret) (*sealedWriter, error) {
	salt := make([]byte, saltSize)
	rand.Read(salt)
	seal, err := snapshotSeal(secret, salt)
	if err != nil {
		return nil, err
	}
	if _, err := to.Write(salt); err != nil {
		return nil, err
	}
	return &sealedWriter{to: to, seal: seal, piece: make([]byte, 0, pieceSize)}, nil
}

func (w *sealedWriter) Write(data []byte) (n int, err error) {
	for len(data) > 0 {
		if len(w.piece) == pieceSize {
			if err := w.flush(false); err != nil {
				return n, err
			}
		}
		k := min(len(data), pieceSize-len(w.piece))
		w.piece = append(w.piece, data[:k]...)
		data, n = data[k:], n+k
	}
	return n, nil
}

func (w *sealedWriter) flush(last bool) error {
	w.sealed = w.seal.Seal(w.sealed[:0], pieceNonce(w.number, last), w.piece, nil)
	w.piece, w.number = w.piece[:0], w.number+1
	_, err := w.to.Write(w.sealed)
	return err
}

// close writes the last piece.
func (w *sealedWriter) close() error { return w.flush(true) }

// sealedReader opens what a sealedWriter has sealed.
type sealedReader struct {
	from   *bufio.Reader
	seal   cipher.AEAD
	sealed []byte
	piece  []byte // what is left of it
	number uint64
	last   bool
}

func sealReader(from io.Reader, secret events.Secret) (*sealedReader, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(from, salt); err != nil {
		return nil, errSnapshot
	}
	seal, err := snapshotSeal(secret, salt)
	if err != nil {
		return nil, err
	}
	return &sealedReader{from: bufio.NewReader(from), seal: seal, sealed: make([]byte, pieceSize+seal.Overhead())}, nil
}

func (r *sealedReader) Read(data []byte) (int, error) {
	for len(r.piece) == 0 {
		if r.last {
			return 0, io.EOF
		}
		n, err := io.ReadFull(r.from, r.sealed)
		if err == nil {
			_, err = r.from.Peek(1)
		}
		if r.last = errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF); err != nil && !r.last {
			return 0, err
		}
		if r.piece, err = r.seal.Open(r.sealed[:0], pieceNonce(r.number, r.last), r.sealed[:n], nil); err != nil {
			return 0, errSnapshot
		}
		r.number++
	}
	n := copy(data, r.piece)
	r.piece = r.piece[n:]
	return n, nil
}
