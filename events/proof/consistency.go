package proof

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Consistency is a proof that one checkpoint extends another: that all events of
// the older are in the newer, unchanged, in their order and before all others.
// Nothing in it counts before [Consistency.Check] has returned no error.
type Consistency struct {
	Older  []byte // a signed note
	Newer  []byte
	Hashes tlog.TreeProof
}

const consistencyLine = "onrecord/consistency@v1"

// Bytes returns the proof as text; the package comment specifies it.
func (p *Consistency) Bytes() []byte {
	var b bytes.Buffer
	b.WriteString(consistencyLine + "\n")
	writeHashes(&b, p.Hashes)
	b.WriteByte('\n')
	b.Write(p.Older)
	b.WriteByte('\n')
	b.Write(p.Newer)
	return b.Bytes()
}

// ParseConsistency reads what [Consistency.Bytes] has written, and nothing else:
// what it returns has these bytes. It does not check the proof.
func ParseConsistency(data []byte) (*Consistency, error) {
	p, err := parseConsistency(data)
	if err != nil {
		return nil, fmt.Errorf("proof: read a consistency: %w", err)
	}
	return p, nil
}

func parseConsistency(data []byte) (*Consistency, error) {
	if len(data) > maxProof {
		return nil, fmt.Errorf("%d bytes, want at most %d", len(data), maxProof)
	}
	// A note is two parts: its text, and the signatures.
	parts := strings.Split(string(data), "\n\n")
	lines := strings.Split(parts[0], "\n")
	if len(parts) != 5 || lines[0] != consistencyLine {
		return nil, fmt.Errorf("it begins with %.40q and has %d parts, want the line %q, hashes and two checkpoints", parts[0], len(parts), consistencyLine)
	}
	hashes, err := parseHashes(lines[1:])
	if err != nil {
		return nil, err
	}
	p := &Consistency{Hashes: hashes, Older: []byte(parts[1] + "\n\n" + parts[2] + "\n"), Newer: []byte(parts[3] + "\n\n" + parts[4])}
	if _, err := parse(p.Older); err != nil {
		return nil, fmt.Errorf("older checkpoint: %w", err)
	}
	if _, err := parse(p.Newer); err != nil {
		return nil, fmt.Errorf("newer checkpoint: %w", err)
	}
	if !bytes.Equal(p.Bytes(), data) {
		return nil, errors.New("it is not written in the one way that it can be")
	}
	return p, nil
}

// Check returns both checkpoints if the key of v has signed them and the newer
// extends the older or is the same. Whoever has kept an older checkpoint compares
// it with the one returned. It needs no store, and costs two checks of a signature
// and a hash or two for each doubling of the record.
func (p *Consistency) Check(v note.Verifier) (older, newer *Checkpoint, err error) {
	if older, err = open(p.Older, v); err != nil {
		return nil, nil, fmt.Errorf("proof: older checkpoint: %w", err)
	}
	if newer, err = open(p.Newer, v); err != nil {
		return nil, nil, fmt.Errorf("proof: newer checkpoint: %w", err)
	}
	if err := extends(&older.Head, &newer.Head, p.Hashes); err != nil {
		return nil, nil, fmt.Errorf("proof: that %d events extend %d is not proved: %w", newer.Size, older.Size, err)
	}
	return older, newer, nil
}

func extends(older, newer *Head, hashes tlog.TreeProof) error {
	switch {
	case older.Size == newer.Size && *older != *newer:
		return errors.New("as many events, but not the same")
	case older.Size < newer.Size && (older.Record >= newer.Record || older.Position >= newer.Position):
		return fmt.Errorf("more events, but record %d and batch %d after record %d and batch %d",
			newer.Record, newer.Position, older.Record, older.Position)
	case older.Size == 0 && len(hashes) == 0:
		return nil // whatever there is extends nothing
	}
	return tlog.CheckTree(hashes, newer.Size, newer.Root, older.Size, older.Root)
}
