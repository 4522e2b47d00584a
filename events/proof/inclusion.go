package proof

import (
	"bytes"
	"context"
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

// Inclusion is a proof that an event is in the record that a checkpoint was signed
// for. Nothing in it counts before [Inclusion.Check] has returned no error.
type Inclusion struct {
	Checkpoint []byte           // the signed note
	Index      int64            // of the event among all events, from 0
	Hashes     tlog.RecordProof // from the leaf's sibling up to the root's child
	Leaf       Leaf
	// Payload is the event's body as it is stored. It may be taken out, which
	// leaves a proof that something was recorded then, by him, under this id.
	Payload []byte
	// Secret is the key that the payload is sealed under, if it has been revealed; else
	// zeros.
	Secret events.Secret
}

const (
	inclusionLine = "c2sp.org/tlog-proof@v1"
	// maxProof is the size in bytes of the longest proof that is read: the largest
	// payload and recorder, in base64, and a checkpoint.
	maxProof = 2*events.MaxRecord*4/3 + maxNote
	// maxHashes is how many hashes a proof has at most.
	maxHashes = 2 * maxLevel
)

// Bytes returns the proof as text, in the form of C2SP tlog-proof.
func (p *Inclusion) Bytes() []byte {
	extra := append(p.Leaf.Bytes(), p.Payload...)
	if len(p.Payload) > 0 && p.Secret != (events.Secret{}) {
		extra = append(extra, p.Secret[:]...)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nextra %s\nindex %d\n", inclusionLine, base64.StdEncoding.EncodeToString(extra), p.Index)
	writeHashes(&b, p.Hashes)
	b.WriteByte('\n')
	b.Write(p.Checkpoint)
	return b.Bytes()
}

// ParseInclusion reads what [Inclusion.Bytes] has written, and nothing else: what
// it returns has these bytes. It does not check the proof.
func ParseInclusion(data []byte) (*Inclusion, error) {
	p, err := parseInclusion(data)
	if err != nil {
		return nil, fmt.Errorf("proof: read an inclusion: %w", err)
	}
	return p, nil
}

func parseInclusion(data []byte) (*Inclusion, error) {
	if len(data) > maxProof {
		return nil, fmt.Errorf("%d bytes, want at most %d", len(data), maxProof)
	}
	head, checkpoint, _ := strings.Cut(string(data), "\n\n")
	lines := strings.Split(head, "\n")
	if len(lines) < 3 || lines[0] != inclusionLine {
		return nil, fmt.Errorf("it begins with %.40q, want the line %q, an extra and an index", head, inclusionLine)
	}
	extra, err1 := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	index, err2 := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	hashes, err3 := parseHashes(lines[3:])
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	leaf, payload, err := cutLeaf(extra)
	if err != nil {
		return nil, err
	}
	if len(payload) == 0 {
		payload = nil
	}
	p := &Inclusion{Checkpoint: []byte(checkpoint), Index: index, Hashes: hashes, Leaf: leaf, Payload: payload}
	// What lies behind a sealed payload is its key.
	if end := len(payload) - len(p.Secret); len(leaf.Key) > 0 && end > 0 && sha256.Sum256(payload[:end]) == leaf.SHA256 {
		p.Payload, p.Secret = payload[:end:end], events.Secret(payload[end:])
	}
	if _, err := parse(p.Checkpoint); err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	if !bytes.Equal(p.Bytes(), data) {
		return nil, errors.New("it is not written in the one way that it can be")
	}
	return p, nil
}

// Check returns the checkpoint if the key of v has signed it and the event is in
// the record that it is for, with all that Leaf says of it and with the payload,
// if that is there. It needs no store, and costs one check of a signature and a
// hash for each doubling of the record.
func (p *Inclusion) Check(v note.Verifier) (*Checkpoint, error) {
	c, err := p.check(v)
	if err != nil {
		return nil, fmt.Errorf("proof: event %v is not proved: %w", p.Leaf.ID, err)
	}
	return c, nil
}

func (p *Inclusion) check(v note.Verifier) (*Checkpoint, error) {
	c, err := open(p.Checkpoint, v)
	if err != nil {
		return nil, err
	}
	if len(p.Payload) > 0 && sha256.Sum256(p.Payload) != p.Leaf.SHA256 {
		return nil, fmt.Errorf("the payload has the SHA-256 %x, the leaf says %x", sha256.Sum256(p.Payload), p.Leaf.SHA256)
	}
	if err := tlog.CheckRecord(p.Hashes, c.Size, c.Root, p.Index, tlog.RecordHash(p.Leaf.Bytes())); err != nil {
		return nil, fmt.Errorf("event %d of %d: %w", p.Index, c.Size, err)
	}
	return c, nil
}

// Reveal puts the key into the proof that the event is sealed under, so that whoever has the
// proof can read the event, and no other: [Inclusion.Event] opens it then, without keys.
// It cannot be taken back: what has been given out opens also after the event has been
// erased. With an error the proof is as it was: its event is not sealed, its payload was
// taken out, its key has been destroyed, or, with [events.ErrKeys], the keys are another
// record's. Whether the record has a redaction whose key is not destroyed yet is not looked
// at: a graph that has opened the record with these keys has destroyed it.
func (p *Inclusion) Reveal(ctx context.Context, keys events.Keys) error {
	l := &p.Leaf
	if len(l.Key) == 0 {
		return fmt.Errorf("proof: reveal event %v: it is not sealed", l.ID)
	}
	found, err := keys.Read(ctx, [][]byte{l.Key})
	if err != nil {
		return fmt.Errorf("proof: reveal event %v: %w", l.ID, err)
	}
	if found[0].Secret == (events.Secret{}) {
		return fmt.Errorf("proof: reveal event %v: its key has been destroyed", l.ID)
	}
	revealed := *p
	revealed.Secret = found[0].Secret
	if _, err := revealed.Event(); err != nil {
		return err
	}
	p.Secret = revealed.Secret
	return nil
}

// Event decodes the event. It fails if the payload was taken out, or is sealed and its key
// not in the proof, and as [events.EventKey.Open] and [events.DecodeBody] do.
func (p *Inclusion) Event() (*events.Event, error) {
	l := &p.Leaf
	switch {
	case len(p.Payload) == 0:
		return nil, fmt.Errorf("proof: event %v: its payload is not in the proof", l.ID)
	case len(l.Key) > 0 && p.Secret == (events.Secret{}):
		return nil, fmt.Errorf("proof: event %v: its payload is sealed", l.ID)
	}
	var body events.Body
	var err error
	if len(l.Key) > 0 {
		key := events.EventKey{ID: l.Key, Secret: p.Secret}
		body, err = key.Open(events.EventHead{ID: l.ID, Kind: l.Kind, Key: l.Key}, p.Payload)
	} else {
		body, err = events.DecodeBody(l.Kind, p.Payload)
	}
	if err != nil {
		return nil, fmt.Errorf("proof: event %v: %w", l.ID, err)
	}
	return &events.Event{ID: l.ID, Body: body, Position: l.Position, At: l.At, Recorder: l.Recorder}, nil
}

func writeHashes(b *bytes.Buffer, hashes []tlog.Hash) {
	for _, h := range hashes {
		b.WriteString(h.String())
		b.WriteByte('\n')
	}
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	if len(lines) > maxHashes {
		return nil, fmt.Errorf("%d hashes, want at most %d", len(lines), maxHashes)
	}
	hashes := make([]tlog.Hash, len(lines))
	for i, l := range lines {
		var err error
		if hashes[i], err = tlog.ParseHash(l); err != nil {
			return nil, fmt.Errorf("hash %d: %w", i, err)
		}
	}
	return hashes, nil
}
