package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/onrecord/onrecord/events"
)

// Head says how far a record has come and what it is up to there. It is always at
// the end of a record of the store.
type Head struct {
	Size     int64             // how many events there are
	Root     tlog.Hash         // the root of the tree over them
	Record   events.Seq        // the last record
	Position events.Position   // of its last batch
	SHA256   [sha256.Size]byte // of the whole last record; zero if there is none
}

// noHead is the head of a record without an event.
var noHead = Head{Root: emptyRoot}

// Checkpoint is a head that somebody has signed for.
type Checkpoint struct {
	Origin string // the name of the key, and so of the record
	Head
}

// Sign returns the checkpoint of a head as a signed note. Its origin is the
// signer's name: one key is for one record only.
//
// What has been signed binds. Sign no head of a [Tree] whose record has been
// replaced by an older copy: two checkpoints that no [Consistency] joins are
// proof against whoever signed them.
func Sign(h Head, signer note.Signer) ([]byte, error) {
	c := Checkpoint{Origin: signer.Name(), Head: h}
	if _, err := parseText(c.text()); err != nil {
		return nil, fmt.Errorf("proof: sign: %w", err)
	}
	msg, err := note.Sign(&note.Note{Text: c.text()}, signer)
	if err != nil {
		return nil, fmt.Errorf("proof: sign a checkpoint of %d events: %w", h.Size, err)
	}
	return msg, nil
}

// Open returns what a signed checkpoint says, if the key of v has signed it, once, and
// its origin is the key's name. Signatures by other keys are ignored. It costs one
// check of a signature.
func Open(msg []byte, v note.Verifier) (*Checkpoint, error) {
	c, err := open(msg, v)
	if err != nil {
		return nil, fmt.Errorf("proof: open a checkpoint: %w", err)
	}
	return c, nil
}

func open(msg []byte, v note.Verifier) (*Checkpoint, error) {
	c, err := parse(msg)
	if err != nil {
		return nil, err
	}
	if c.Origin != v.Name() {
		return nil, fmt.Errorf("its origin is %q, the key's name is %q", c.Origin, v.Name())
	}
	n, err := note.Open(msg, note.VerifierList(v))
	if err != nil {
		return nil, fmt.Errorf("%w (want the key %s+%08x)", err, v.Name(), v.KeyHash())
	}
	// Behind the first signature of a key note.Open drops others of it, unverified.
	if lines := bytes.Count(msg[len(n.Text):], []byte("\n")) - 1; lines != len(n.Sigs)+len(n.UnverifiedSigs) {
		return nil, fmt.Errorf("the key %s+%08x has signed it more than once", v.Name(), v.KeyHash())
	}
	return c, nil
}

// parse reads a checkpoint without looking at who has signed it. It refuses what
// is not written in the one way that it can be, apart from the signatures' order.
func parse(msg []byte) (*Checkpoint, error) {
	if len(msg) > maxNote {
		return nil, fmt.Errorf("a note of %d bytes, want at most %d", len(msg), maxNote)
	}
	_, err := note.Open(msg, nil)
	var unverified *note.UnverifiedNoteError
	if !errors.As(err, &unverified) {
		return nil, err
	}
	n := unverified.Note
	for _, s := range n.UnverifiedSigs {
		if _, err := base64.StdEncoding.Strict().DecodeString(s.Base64); err != nil {
			return nil, fmt.Errorf("signature of %s: %w", s.Name, err)
		}
	}
	if again, err := note.Sign(n); err != nil || !bytes.Equal(again, msg) {
		return nil, errors.New("a signature is there twice")
	}
	return parseText(n.Text)
}

// maxNote is the size in bytes of the longest note that is read.
const maxNote = 1 << 20

// text returns what is signed.
func (c *Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\nrecord %d %d %s\n", c.Origin, c.Size, c.Root,
		c.Record, c.Position, base64.StdEncoding.EncodeToString(c.SHA256[:]))
}

func parseText(text string) (*Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 || lines[0] == "" || lines[4] != "" {
		return nil, fmt.Errorf("a checkpoint of %d lines, want an origin, a size, a root and a record", len(lines)-1)
	}
	fields := strings.Split(lines[3], " ")
	if len(fields) != 4 || fields[0] != "record" {
		return nil, fmt.Errorf("the line %.80q, want record, its number, a position and a SHA-256", lines[3])
	}
	size, err1 := strconv.ParseInt(lines[1], 10, 64)
	root, err2 := tlog.ParseHash(lines[2])
	record, err3 := strconv.ParseUint(fields[1], 10, 64)
	position, err4 := strconv.ParseUint(fields[2], 10, 64)
	sum, err5 := tlog.ParseHash(fields[3])
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return nil, err
	}
	c := &Checkpoint{lines[0], Head{size, root, events.Seq(record), events.Position(position), sum}}
	if c.text() != text {
		return nil, fmt.Errorf("the text %.80q is not written in the one way that it can be", text)
	}
	return c, c.check()
}

// check refuses what no record can be: each has a batch, each batch an event.
func (h *Head) check() error {
	switch {
	case h.Size < 0, h.Size > 1<<maxLevel:
		return fmt.Errorf("%d events, want 0 to %d", h.Size, int64(1)<<maxLevel)
	case uint64(h.Record) > uint64(h.Position), uint64(h.Position) > uint64(h.Size), (h.Record == 0) != (h.Size == 0):
		return fmt.Errorf("%d records, %d batches and %d events, want each to be no more than the next", h.Record, h.Position, h.Size)
	case h.Size == 0 && *h != noHead:
		return fmt.Errorf("the root %v of no event, want %v", h.Root, emptyRoot)
	}
	return nil
}
