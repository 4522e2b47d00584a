package proof_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/proof"
)

// revealing is a record of sealed events, its keys, and a proof of each event.
type revealing struct {
	keys   *events.MemKeys
	events []events.Event
	proofs [][]byte
}

func newRevealing(t *testing.T) *revealing {
	t.Helper()
	r := &revealing{keys: events.NewMemKeys()}
	seal, err := events.NewSeal(t.Context(), r.keys)
	if err != nil {
		t.Fatal(err)
	}
	store, previous := events.NewMem(), [sha256.Size]byte{}
	for seq := events.Seq(1); seq <= 3; seq++ {
		batch := &events.Batch{Recorder: "desk"}
		for i := range 3 {
			batch.Events = append(batch.Events, events.Event{ID: uuid.UUID{6: 0x70, 8: 0x80, 15: byte(3*int(seq) + i)}, Body: &events.EntityRegistered{Entity: events.Entity{
				ID: uuid.UUID{6: 0x80, 8: 0x80, 15: byte(3*int(seq) + i)}, Kind: events.Person, Name: events.Name{Text: fmt.Sprint("Witness ", seq, " ", i)},
			}}})
		}
		sealed, err := seal.Seal(t.Context(), batch.Events, must(events.EncodeBatch(batch)))
		if err != nil {
			t.Fatal(err)
		}
		b := events.NewSealedRecord(seq, events.Position(seq), previous, seal.Record())
		if err := b.Add(time.Unix(int64(seq), 0), batch.Recorder, sealed); err != nil {
			t.Fatal(err)
		}
		previous = sha256.Sum256(b.Bytes())
		if _, err := store.Append(t.Context(), seq-1, b.Bytes()); err != nil {
			t.Fatal(err)
		}
		r.events = append(r.events, batch.Events...)
	}
	tree := grown(t, store)
	checkpoint := signed(t, tree.Head())
	for i, e := range r.events {
		p, err := tree.Inclusion(t.Context(), store, checkpoint, events.Position(1+i/3), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		r.proofs = append(r.proofs, p.Bytes())
	}
	return r
}

// A proof in which an event's key is revealed opens that event, without keys, and no other.
// What has been given out opens for good; what has been erased is not revealed any more.
func TestReveal(t *testing.T) {
	r := newRevealing(t)
	var revealed []*proof.Inclusion
	for i, e := range r.events {
		p := must(proof.ParseInclusion(r.proofs[i]))
		if _, err := p.Event(); err == nil || p.Secret != (events.Secret{}) {
			t.Fatalf("event %d opens without its key", i)
		}
		other := events.NewMemKeys()
		must(other.New(ctx, 100))
		if err := p.Reveal(ctx, other); !errors.Is(err, events.ErrKeys) || !bytes.Equal(p.Bytes(), r.proofs[i]) {
			t.Errorf("event %d with the keys of another record: %v", i, err)
		}
		if err := p.Reveal(ctx, r.keys); err != nil {
			t.Fatal(err)
		}
		again := must(proof.ParseInclusion(p.Bytes()))
		if !reflect.DeepEqual(p, again) {
			t.Errorf("event %d: written and read it is %+v, it was %+v", i, again, p)
		}
		if _, err := again.Check(key); err != nil {
			t.Errorf("event %d: %v", i, err)
		}
		if got, err := again.Event(); err != nil || got.ID != e.ID || !reflect.DeepEqual(got.Body, e.Body) || got.Recorder != "desk" {
			t.Errorf("event %d: %+v, %v, want %+v", i, got, err, e)
		}
		revealed = append(revealed, again)
	}
	for i := range revealed {
		for k := range revealed {
			p := must(proof.ParseInclusion(r.proofs[k]))
			p.Secret = revealed[i].Secret
			if _, err := p.Event(); i != k && !errors.Is(err, events.ErrKeys) {
				t.Errorf("the key of event %d on event %d: %v", i, k, err)
			}
		}
	}

	if err := r.keys.Destroy(ctx, [][]byte{revealed[4].Leaf.Key}); err != nil {
		t.Fatal(err)
	}
	erased := must(proof.ParseInclusion(r.proofs[4]))
	if err := erased.Reveal(ctx, r.keys); err == nil || !strings.Contains(err.Error(), "destroyed") || !bytes.Equal(erased.Bytes(), r.proofs[4]) {
		t.Errorf("an event that was erased is revealed: %v", err)
	}
	if _, err := must(proof.ParseInclusion(revealed[4].Bytes())).Event(); err != nil {
		t.Errorf("what was given out before: %v", err)
	}
	erased.Payload = nil
	if err := erased.Reveal(ctx, r.keys); err == nil {
		t.Error("a payload that is not in the proof is revealed")
	}
	bare := *revealed[5]
	bare.Payload = nil
	if p := must(proof.ParseInclusion(bare.Bytes())); p.Secret != (events.Secret{}) || len(p.Payload) > 0 {
		t.Error("a key is given out without what it opens")
	}

	d := newDesk()
	d.record(t, 1)
	tree := grown(t, d.store)
	h := must(events.Record{Seq: 1, Data: must(d.store.Read(ctx, 1))}.Header())
	plain := must(tree.Inclusion(ctx, d.store, signed(t, tree.Head()), 1, h.Batches[0].Events[0].ID))
	if err := plain.Reveal(ctx, r.keys); err == nil || !strings.Contains(err.Error(), "not sealed") {
		t.Errorf("an event that is not sealed: %v", err)
	}
}

// No byte of what is proved and revealed can be another: the proof is refused, or it does not
// open.
func TestRevealAltered(t *testing.T) {
	r := newRevealing(t)
	p := must(proof.ParseInclusion(r.proofs[1]))
	if err := p.Reveal(t.Context(), r.keys); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitN(string(p.Bytes()), "\n", 3)
	extra := must(base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra ")))
	with := func(extra []byte) string {
		return lines[0] + "\nextra " + base64.StdEncoding.EncodeToString(extra) + "\n" + lines[2]
	}
	if with(extra) != string(p.Bytes()) {
		t.Fatal("the proof is not put together as it was")
	}
	opens := func(data string) bool {
		p, err := proof.ParseInclusion([]byte(data))
		if err != nil {
			return false
		}
		if _, err := p.Check(key); err != nil {
			return false
		}
		_, err = p.Event()
		return err == nil
	}
	if !opens(with(extra)) {
		t.Fatal("it does not open as it is")
	}
	for i := range extra {
		altered := bytes.Clone(extra)
		altered[i] ^= 1
		if opens(with(altered)) {
			t.Errorf("it opens with another byte %d", i)
		}
		if opens(with(extra[:i])) {
			t.Errorf("it opens when it is cut after %d bytes", i)
		}
	}
	if opens(with(append(extra, 0))) || opens(with(append(extra[:len(extra)-32:len(extra)-32], make([]byte, 32)...))) {
		t.Error("it opens with a byte more, or with a key of zeros")
	}
}
