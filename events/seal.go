package events

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"

	"github.com/google/uuid"
)

// Keys is where the keys of one erasable record lie: outside the record, its
// snapshots and all backups of them, so that a key which is destroyed is lost to
// every copy. Package keys keeps them in a file.
//
// A key is made for one event and never used for another. Whoever has the keys can
// read the record; whoever loses them has lost it.
//
// If ctx has ended before a call, the call does nothing and returns the context's error. What
// makes keys correct is written as tests in package eventstest.
//
// Its methods may be called from several goroutines at once. Several processes that
// have the record open must have the same keys.
type Keys interface {
	// Root returns what belongs to the record as a whole.
	Root(ctx context.Context) (Root, error)
	// New returns n new keys. When it returns they survive a crash of the machine,
	// so that a record which is sealed with them can be opened afterwards. Ids that are
	// numbers ascend and are unsigned varints: a graph asks for the greatest of a
	// snapshot, and so learns that keys are older than the record.
	New(ctx context.Context, n int) ([]EventKey, error)
	// Read returns the keys with these ids, in their order; one that has been
	// destroyed is zero. An id of no key is an error.
	Read(ctx context.Context, ids [][]byte) ([]EventKey, error)
	// Destroy replaces Root.Snapshot and then destroys the keys with these ids for good, those
	// that it has not destroyed yet. If there are none, Root.Snapshot stays: everybody who
	// follows a record destroys again what one has, and nobody's snapshots may be lost with
	// that. When it returns, what it has destroyed or replaced, then or in a call before, does
	// not come back after a crash of the machine. If one of the ids is of no key, that is an
	// error, and none is destroyed. An id that New has not returned must not be given: its key
	// may have been made ahead.
	Destroy(ctx context.Context, ids [][]byte) error
}

// EventKey is the key of one event's payload.
type EventKey struct {
	ID     []byte // 1 to 64 bytes; it stands in the record
	Secret Secret
}

// Secret is 256 random bits.
type Secret [32]byte

// Root is what Keys have for a record as a whole.
type Root struct {
	// Record is a random id by which the record and its keys know one another.
	Record uuid.UUID
	// Ids are keyed with Secret, and what remains of an erased event is sealed under
	// it. It never changes.
	Secret Secret
	// Snapshot seals what is made of the record and kept beside it. It changes
	// whenever a key is destroyed: what was sealed before cannot be opened then.
	Snapshot Secret
}

// ErrKeys says that the keys are not those of the record, or not all of them.
var ErrKeys = errors.New("not the keys of this record")

// maxKeyID is the length of the longest id of a key, in bytes.
const maxKeyID = 64

// Open opens the payload of the event that it is the key of, and needs nothing else for it:
// head and payload are those of the record ([Header.Payload]). The payload commits to its
// key (FORMAT.md): nobody can make one that says one thing by one key and something else by
// another. The error is ErrKeys if it commits to another key, and ErrDamaged if it does not
// open with the key as this event's or is no array of FORMAT.md. What remains after an erasure
// is sealed under another key and not looked at: to see that all of the payload is as it was
// recorded, compare its SHA-256. Whether key and event belong to a record is not looked at
// either.
func (k *EventKey) Open(head EventHead, payload []byte) (Body, error) {
	body, err := k.open(head, payload)
	if err != nil {
		return nil, fmt.Errorf("events: event %v: %w", head.ID, err)
	}
	return body, nil
}

func (k *EventKey) open(head EventHead, payload []byte) (Body, error) {
	p, err := cutSealed(payload)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", err, ErrDamaged)
	case !bytes.Equal(k.ID, head.Key):
		return nil, fmt.Errorf("it is sealed under key %x, this is key %x: %w", head.Key, k.ID, ErrKeys)
	case !p.commits(k.Secret):
		return nil, fmt.Errorf("%w: %w", errCommitment, ErrKeys)
	}
	body, err := p.open(head, k.Secret)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrDamaged)
	}
	return body, nil
}

// A Seal seals the events of an erasable record, and opens them. FORMAT.md
// specifies what it writes.
//
// What remains of events is sealed under one key, with random nonces of 96 bits, of which
// NIST SP 800-38D, section 8.3, allows 2^32 for a key: a graph takes fewer events.
//
// It never changes, so it may be shared.
type Seal struct {
	keys   Keys
	record uuid.UUID
	ids    []byte      // the key of ids
	rest   cipher.AEAD // for what remains
}

// NewSeal returns the seal of the record whose keys these are.
func NewSeal(ctx context.Context, keys Keys) (*Seal, error) {
	root, err := keys.Root(ctx)
	if err != nil {
		return nil, fmt.Errorf("events: keys: %w", err)
	}
	if root.Record == uuid.Nil {
		return nil, errors.New("events: keys: an id of zeros, want a random one")
	}
	s := &Seal{keys: keys, record: root.Record}
	if s.ids, err = hkdf.Expand(sha256.New, root.Secret[:], "onrecord ids", sha256.Size); err != nil {
		return nil, err
	}
	rest, err := hkdf.Expand(sha256.New, root.Secret[:], "onrecord rest", len(Secret{}))
	if err != nil {
		return nil, err
	}
	s.rest, err = aead(Secret(rest))
	return s, err
}

func aead(key Secret) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Record returns the id by which the record and its keys know one another.
func (s *Seal) Record() uuid.UUID { return s.record }

// Key returns the id of a thing that has a natural key, as [Key] does, but one that
// only who has the record's keys can make: a UUID of version 8 (RFC 9562, section
// 5.8) of the first bits of an HMAC-SHA-256. It confirms no guess at the parts to who has not
// the keys; who has them can make the id of a guess, and see whether it is in the record or
// was erased from it.
func (s *Seal) Key(parts ...string) uuid.UUID {
	mac := hmac.New(sha256.New, s.ids)
	for _, p := range parts {
		mac.Write(strconv.AppendInt(nil, int64(len(p)), 10))
		mac.Write([]byte{':'})
		mac.Write([]byte(p))
	}
	id := uuid.UUID(mac.Sum(nil)[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	return id
}

// NewBatch starts a batch, as [NewBatch] does, whose ids are those of Key.
func (s *Seal) NewBatch(recorder string) *Builder {
	b := NewBatch(recorder)
	b.id, b.sealed = s.Key, true
	return b
}

// Seal returns events as they are recorded, each sealed under a new key: encoded
// holds what [EncodeBatch] returned for them, which it does not change. The keys
// are durable when it returns. An id of version 3 or 5 is refused, that of the event
// as well as one that it gives a source or an entity: it is made from what it names,
// so that whoever guesses that can confirm it.
func (s *Seal) Seal(ctx context.Context, es []Event, encoded []Encoded) ([]Encoded, error) {
	for i := range es {
		for _, id := range given(&es[i]) {
			if v := id.Version(); v == 3 || v == 5 {
				e := refuse(id, fmt.Sprintf("is of version %d, which can be made again by whoever guesses what it is of", v))
				return nil, e.want("an id of Graph.NewBatch or Graph.Key in an erasable record, or a random one").of(&es[i], i)
			}
		}
	}
	keys, err := s.keys.New(ctx, len(encoded))
	if err != nil {
		return nil, fmt.Errorf("events: new keys: %w", err)
	}
	sealed := make([]Encoded, len(encoded))
	err = onAllCores(len(encoded), func(i int) error {
		e := encoded[i]
		e.Key = keys[i].ID
		rest, err := encodeBody(remains(es[i].Body))
		if err != nil {
			return err
		}
		under, err := aead(keys[i].Secret)
		if err != nil {
			return err
		}
		bound := boundTo(e.ID, e.Kind, e.Key)
		payload := appendBytes(appendHead(nil, cborArray, 3), s.rest.Seal(nil, nil, rest, bound))
		payload = appendBytes(payload, under.Seal(nil, nil, e.Payload, bound))
		commitment := commitmentTo(keys[i].Secret)
		e.Payload = appendBytes(payload, commitment[:])
		sealed[i] = e
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("events: seal: %w", err)
	}
	return sealed, nil
}

// given returns the ids that an event gives.
func given(e *Event) []uuid.UUID {
	switch b := e.Body.(type) {
	case *SourceAdded:
		return []uuid.UUID{e.ID, b.Source.ID}
	case *EntityRegistered:
		return []uuid.UUID{e.ID, b.Entity.ID}
	}
	return []uuid.UUID{e.ID}
}

// boundTo is what a payload is bound to: it cannot be opened as another event's.
func boundTo(id uuid.UUID, kind Kind, key []byte) []byte {
	b := make([]byte, 0, len(id)+1+len(key))
	b = append(append(b, id[:]...), byte(kind))
	return append(b, key...)
}

// Opened is an event of a sealed record.
type Opened struct {
	Event
	// Erased says that its key has been destroyed. The body is then what remains of
	// it: what it refers to, in no particular place. It breaks the rules of a body.
	Erased bool
}

// Open opens events of a record: those with these heads, which must be the record's and in
// its order, or, without any, all of them. What is not as Seal has written it is ErrDamaged.
func (s *Seal) Open(ctx context.Context, h *Header, heads ...EventHead) ([]Opened, error) {
	if h.Keys != s.record {
		return nil, fmt.Errorf("events: record %d is sealed with keys %v, these are keys %v: %w", h.Seq, h.Keys, s.record, ErrKeys)
	}
	var opened []Opened
	var ids [][]byte
	wanted, all := heads, len(heads) == 0
	heads = nil // those of the record
	for n, b := range h.Batches {
		for _, head := range b.Events {
			if !all && (len(wanted) == 0 || wanted[0].Offset != head.Offset) {
				continue
			}
			if !all {
				wanted = wanted[1:]
			}
			heads, ids = append(heads, head), append(ids, head.Key)
			opened = append(opened, Opened{Event: Event{ID: head.ID, Position: h.First + Position(n), At: b.At, Recorder: b.Recorder}})
		}
	}
	if len(wanted) > 0 {
		return nil, fmt.Errorf("events: record %d: event %v is not in it, or comes before another that was asked for", h.Seq, wanted[0].ID)
	}
	keys, err := s.keys.Read(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("events: record %d: read keys: %w", h.Seq, err)
	}
	for i, head := range heads {
		o := &opened[i]
		o.Erased = len(keys[i].ID) == 0
		if o.Body, err = s.open(head, h.Payload(head), &keys[i]); err != nil {
			return nil, fmt.Errorf("events: record %d: event %v: %w: %w", h.Seq, head.ID, err, ErrDamaged)
		}
	}
	return opened, nil
}

func (s *Seal) open(head EventHead, payload []byte, key *EventKey) (Body, error) {
	p, err := cutSealed(payload)
	switch {
	case err != nil:
		return nil, err
	case len(key.ID) == 0:
		return opened(s.rest, head, p.rest)
	case !p.commits(key.Secret):
		return nil, errCommitment
	}
	return p.open(head, key.Secret)
}

// sealedPayload is what a payload has that is sealed.
type sealedPayload struct {
	rest, body []byte
	commitment []byte // to the key of the body
}

var errCommitment = errors.New("it is sealed under another key than this one")

func cutSealed(payload []byte) (p sealedPayload, err error) {
	r := reader{data: payload}
	n := r.head(cborArray)
	p.rest, p.body, p.commitment = r.bytes(), r.bytes(), r.bytes()
	if n != 3 || len(p.commitment) != sha256.Size || r.gaveUp || len(r.data) > 0 {
		return p, errors.New("it is not an array of two byte strings and one of 32 bytes")
	}
	return p, nil
}

// commitmentTo returns what binds a payload to one key, and tells nothing of it.
func commitmentTo(key Secret) [sha256.Size]byte {
	const label = "onrecord commitment"
	var b [len(label) + len(key)]byte
	copy(b[copy(b[:], label):], key[:])
	return sha256.Sum256(b[:])
}

func (p *sealedPayload) commits(key Secret) bool {
	c := commitmentTo(key)
	return bytes.Equal(p.commitment, c[:])
}

func (p *sealedPayload) open(head EventHead, key Secret) (Body, error) {
	under, err := aead(key)
	if err != nil {
		return nil, err
	}
	return opened(under, head, p.body)
}

func opened(under cipher.AEAD, head EventHead, data []byte) (Body, error) {
	plain, err := under.Open(nil, nil, data, boundTo(head.ID, head.Kind, head.Key))
	if err != nil {
		return nil, fmt.Errorf("it does not open with its key: %w", err)
	}
	return decodeBody(head.Kind, plain)
}
