package proof_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/proof"
)

// shapes are the batches of each record of a desk.
var shapes = [][]int{{1}, {1}, {2, 1}, {5}, {1, 1, 1, 1}, {3}, {8, 1, 4}, {1}, {17}, {2}, {16, 1}}

// shaped returns a desk with records of these shapes, and the head after each.
func shaped(t testing.TB) (*desk, []proof.Head) {
	d, tree := newDesk(), proof.NewTree()
	heads := []proof.Head{tree.Head()}
	for _, s := range shapes {
		d.record(t, s...)
		h, err := tree.Grow(ctx, d.store)
		if err != nil {
			t.Fatal(err)
		}
		heads = append(heads, h)
	}
	return d, heads
}

// trees runs a test on a tree in memory and on one in files.
func trees(t *testing.T, test func(t *testing.T, tree *proof.Tree)) {
	t.Run("memory", func(t *testing.T) { test(t, proof.NewTree()) })
	t.Run("files", func(t *testing.T) {
		tree, err := proof.OpenTree(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		test(t, tree)
		if err := tree.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestModel compares heads and all proofs with RFC 6962, section 2.1, as the test
// writes it out.
func TestModel(t *testing.T) {
	t.Run("plain", func(t *testing.T) { models(t, uuid.Nil) })
	t.Run("sealed", func(t *testing.T) { models(t, uuid.UUID{9}) })
}

func models(t *testing.T, keys uuid.UUID) {
	trees(t, func(t *testing.T, tree *proof.Tree) {
		d := newDesk()
		d.keys = keys
		for n, shape := range shapes {
			d.record(t, shape...)
			leaves := leafBytes(t, d.store)
			head, err := tree.Grow(ctx, d.store)
			if err != nil {
				t.Fatal(err)
			}
			want := proof.Head{Size: int64(len(leaves)), Root: mth(leaves), Record: events.Seq(n + 1), Position: d.first - 1, SHA256: d.sum}
			if head != want || tree.Head() != want {
				t.Fatalf("record %d: head %+v and %+v, want %+v", n+1, head, tree.Head(), want)
			}
			if again := grown(t, d.store).Head(); again != head {
				t.Fatalf("from scratch %+v, grown %+v", again, head)
			}
			msg := signed(t, head)
			for i, e := range d.ids {
				p, err := tree.Inclusion(ctx, d.store, msg, e.position, e.ID)
				if err != nil {
					t.Fatal(err)
				}
				if p.Index != int64(i) || !slices.Equal(p.Hashes, path(i, leaves)) || !bytes.Equal(p.Leaf.Bytes(), leaves[i]) {
					t.Fatalf("event %d of %d: %+v", i, len(leaves), p)
				}
				c, err := p.Check(key)
				if err != nil || c.Head != head || c.Origin != key.Name() {
					t.Fatalf("event %d of %d: %+v, %v", i, len(leaves), c, err)
				}
			}
		}
	})
}

// TestOldCheckpoint proves events against each checkpoint that there has been.
func TestOldCheckpoint(t *testing.T) {
	d, heads := shaped(t)
	leaves := leafBytes(t, d.store)
	trees(t, func(t *testing.T, tree *proof.Tree) {
		if _, err := tree.Grow(ctx, d.store); err != nil {
			t.Fatal(err)
		}
		for _, h := range heads {
			msg := signed(t, h)
			for i, e := range d.ids {
				p, err := tree.Inclusion(ctx, d.store, msg, e.position, e.ID)
				if int64(i) >= h.Size {
					if !errors.Is(err, proof.ErrNoEvent) {
						t.Fatalf("event %d of %d: %v", i, h.Size, err)
					}
					continue
				}
				if err != nil || !slices.Equal(p.Hashes, path(i, leaves[:h.Size])) {
					t.Fatalf("event %d of %d: %v, %v", i, h.Size, p, err)
				}
				if _, err := p.Check(key); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

func TestConsistencyOfAllPairs(t *testing.T) {
	const n = 70
	d, tree := newDesk(), proof.NewTree()
	msgs, heads := [][]byte{signed(t, tree.Head())}, []proof.Head{tree.Head()}
	for range n {
		d.record(t, 1)
		h, err := tree.Grow(ctx, d.store)
		if err != nil {
			t.Fatal(err)
		}
		msgs, heads = append(msgs, signed(t, h)), append(heads, h)
	}
	leaves := leafBytes(t, d.store)
	for a := range n + 1 {
		for b := range n + 1 {
			p, err := tree.Consistency(msgs[a], msgs[b])
			if a > b {
				if err == nil {
					t.Fatalf("%d extend %d", b, a)
				}
				continue
			}
			if err != nil || a > 0 && !slices.Equal(p.Hashes, consistency(a, leaves[:b])) {
				t.Fatalf("%d to %d: %v, %v", a, b, p, err)
			}
			again, err := proof.ParseConsistency(p.Bytes())
			if err != nil || !bytes.Equal(again.Bytes(), p.Bytes()) {
				t.Fatalf("%d to %d: %v", a, b, err)
			}
			older, newer, err := again.Check(key)
			if err != nil || older.Head != heads[a] || newer.Head != heads[b] {
				t.Fatalf("%d to %d: %+v, %+v, %v", a, b, older, newer, err)
			}
			again.Older, again.Newer = again.Newer, again.Older
			if _, _, err := again.Check(key); (err == nil) != (a == b) {
				t.Fatalf("%d to %d, the other way round: %v", a, b, err)
			}
		}
	}
}

// flips calls test with each bit of data flipped, one at a time.
func flips(data []byte, test func(at int, data []byte)) {
	for i := 0; i < len(data); i += stride {
		for bit := range 8 {
			data[i] ^= 1 << bit
			test(i, data)
			data[i] ^= 1 << bit
		}
	}
}

func TestFlippedBitsAreRefused(t *testing.T) {
	d, heads := shaped(t)
	tree := grown(t, d.store)
	msg := signed(t, heads[len(heads)-1])
	flips(bytes.Clone(msg), func(at int, data []byte) {
		if c, err := proof.Open(data, key); err == nil {
			t.Errorf("checkpoint, byte %d: %+v from\n%s", at, c, data)
		}
	})
	for _, n := range []int{0, 3, 20, len(d.ids) - 1} {
		p, err := tree.Inclusion(ctx, d.store, msg, d.ids[n].position, d.ids[n].ID)
		if err != nil {
			t.Fatal(err)
		}
		flips(p.Bytes(), func(at int, data []byte) {
			if p, err := proof.ParseInclusion(data); err == nil {
				if _, err = p.Check(key); err == nil {
					t.Errorf("event %d, byte %d: proved from\n%s", n, at, data)
				}
			}
		})
	}
	p, err := tree.Consistency(signed(t, heads[5]), msg)
	if err != nil {
		t.Fatal(err)
	}
	flips(p.Bytes(), func(at int, data []byte) {
		if p, err := proof.ParseConsistency(data); err == nil {
			if _, _, err = p.Check(key); err == nil {
				t.Errorf("consistency, byte %d: proved from\n%s", at, data)
			}
		}
	})
}

// TestProofOfAnother refuses a proof whose parts are good, but not together.
func TestProofOfAnother(t *testing.T) {
	d, heads := shaped(t)
	tree := grown(t, d.store)
	msg := signed(t, heads[len(heads)-1])
	of := func(n int) *proof.Inclusion {
		p, err := tree.Inclusion(ctx, d.store, msg, d.ids[n].position, d.ids[n].ID)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for name, change := range map[string]func(p *proof.Inclusion){
		"index":      func(p *proof.Inclusion) { p.Index++ },
		"beyond":     func(p *proof.Inclusion) { p.Index = 1 << 40 },
		"leaf":       func(p *proof.Inclusion) { p.Leaf = of(8).Leaf },
		"payload":    func(p *proof.Inclusion) { p.Payload = of(8).Payload },
		"hashes":     func(p *proof.Inclusion) { p.Hashes = of(8).Hashes },
		"one less":   func(p *proof.Inclusion) { p.Hashes = p.Hashes[1:] },
		"one more":   func(p *proof.Inclusion) { p.Hashes = append(p.Hashes, tlog.Hash{}) },
		"checkpoint": func(p *proof.Inclusion) { p.Checkpoint = signed(t, heads[9]) },
		"recorder":   func(p *proof.Inclusion) { p.Leaf.Recorder = "another" },
		"key":        func(p *proof.Inclusion) { p.Leaf.Key = []byte("another") },
		"shifted":    func(p *proof.Inclusion) { p.Leaf.Recorder, p.Leaf.Key = "des", []byte("k") },
		"time":       func(p *proof.Inclusion) { p.Leaf.At = p.Leaf.At.Add(1) },
	} {
		p := of(9)
		if change(p); slices.Equal(p.Bytes(), of(9).Bytes()) {
			t.Fatalf("%s: nothing changed", name)
		}
		if _, err := p.Check(key); err == nil {
			t.Errorf("%s: it is proved", name)
		}
	}
}

func TestWithheldAndSealed(t *testing.T) {
	plain, sealed := newDesk(), newDesk()
	sealed.keys = uuid.UUID{9}
	for _, d := range []*desk{plain, sealed} {
		d.record(t, 2, 1)
		d.record(t, 5)
		withheld(t, d)
	}
}

// withheld proves each event with its payload and without it.
func withheld(t *testing.T, d *desk) {
	t.Helper()
	tree := grown(t, d.store)
	msg := signed(t, tree.Head())
	for n, e := range d.ids {
		p, err := tree.Inclusion(ctx, d.store, msg, e.position, e.ID)
		if err != nil {
			t.Fatal(err)
		}
		event, err := p.Event()
		if sealed := len(e.Key) > 0; sealed {
			if err == nil {
				t.Fatalf("event %d: %+v, but it is sealed", n, event)
			}
		} else if err != nil || event.ID != e.ID || event.Position != e.position || event.Recorder != "desk" || event.Kind() != events.KindRetracted ||
			event.Body.(*events.Retracted).Reason != fmt.Sprint("misread ", n) {
			t.Fatalf("event %d: %+v, %v", n, event, err)
		}

		payload := p.Payload
		p.Payload = nil
		p, err = proof.ParseInclusion(p.Bytes())
		if err != nil || p.Payload != nil {
			t.Fatalf("event %d without its payload: %v", n, err)
		}
		if _, err := p.Check(key); err != nil {
			t.Fatalf("event %d without its payload: %v", n, err)
		}
		if event, err := p.Event(); err == nil {
			t.Fatalf("event %d without its payload: %+v", n, event)
		}
		if p.Payload = payload; !strings.HasPrefix(string(p.Bytes()), "c2sp.org/tlog-proof@v1\nextra ") {
			t.Fatalf("%s", p.Bytes())
		}
		if _, err := p.Check(key); err != nil {
			t.Fatalf("event %d with its payload again: %v", n, err)
		}
	}
}

// TestOneEventOnly looks for anything of its neighbours in a proof.
func TestOneEventOnly(t *testing.T) {
	d := newDesk()
	d.record(t, 4, 4)
	h := must((events.Record{Seq: 1, Data: d.data[0]}).Header())
	tree := grown(t, d.store)
	p, err := tree.Inclusion(ctx, d.store, signed(t, tree.Head()), d.ids[1].position, d.ids[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	bare := append(p.Leaf.Bytes(), p.Payload...)
	for i, e := range slices.Concat(h.Batches[0].Events, h.Batches[1].Events) {
		if found := bytes.Contains(bare, e.ID[:]) || bytes.Contains(bare, h.Payload(e)); found != (i == 1) {
			t.Errorf("event %d: %v", i, found)
		}
	}
}

func TestErrors(t *testing.T) {
	d, heads := shaped(t)
	tree, e := grown(t, d.store), d.ids[7]
	msg := signed(t, heads[len(heads)-1])
	for name, c := range map[string]struct {
		position events.Position
		id       uuid.UUID
	}{
		"no position":         {0, e.ID},
		"a position too high": {heads[len(heads)-1].Position + 1, e.ID},
		"the next position":   {e.position + 1, e.ID},
		"no such id":          {e.position, uuid.UUID{1}},
	} {
		if p, err := tree.Inclusion(ctx, d.store, msg, c.position, c.id); !errors.Is(err, proof.ErrNoEvent) {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	for i, next := range d.ids[1:] {
		was := d.ids[i]
		if next.record != was.record || next.position == was.position {
			continue
		}
		_, err := tree.Inclusion(ctx, d.store, msg, next.position, was.ID)
		if !errors.Is(err, proof.ErrNoEvent) || !strings.HasSuffix(err.Error(), fmt.Sprint("recorded at ", was.position)) {
			t.Errorf("recorded at %d: %v", was.position, err)
		}
	}

	young := grown(t, storeOf(t, d.data[:3]...))
	if _, err := young.Inclusion(ctx, d.store, msg, e.position, e.ID); !errors.Is(err, proof.ErrBehind) {
		t.Errorf("a tree that is behind: %v", err)
	}
	if _, err := young.Consistency(signed(t, heads[2]), msg); !errors.Is(err, proof.ErrBehind) {
		t.Errorf("a tree that is behind: %v", err)
	}

	other := forked(t, 0)
	if _, err := tree.Inclusion(ctx, d.store, signed(t, grown(t, other.store).Head()), e.position, e.ID); !errors.Is(err, proof.ErrForked) {
		t.Errorf("another record's checkpoint: %v", err)
	}
	if _, err := tree.Inclusion(ctx, other.store, msg, other.ids[7].position, other.ids[7].ID); !errors.Is(err, proof.ErrForked) {
		t.Errorf("another record: %v", err)
	}
	if _, err := tree.Consistency(signed(t, heads[3]), signed(t, grown(t, other.store).Head())); !errors.Is(err, proof.ErrForked) {
		t.Errorf("another record's checkpoint: %v", err)
	}
	foreign := signed(t, grown(t, other.store).Head())
	if _, err := tree.Consistency(foreign, foreign); !errors.Is(err, proof.ErrForked) {
		t.Errorf("another record's checkpoint, twice: %v", err)
	}
	for _, change := range []func(h *proof.Head){
		func(h *proof.Head) { h.SHA256[0]++ }, func(h *proof.Head) { h.Position++ }, func(h *proof.Head) { h.Record-- }} {
		h := heads[4]
		change(&h)
		if _, err := tree.Consistency(signed(t, h), signed(t, heads[4])); !errors.Is(err, proof.ErrForked) {
			t.Errorf("%+v and %+v: %v", h, heads[4], err)
		}
	}
}

// A checkpoint with the root that the tree has, and something else that it has not, is
// that of another record: its record, its position, and what the last record hashes to.
func TestFalseCheckpoints(t *testing.T) {
	d, heads := shaped(t)
	last := heads[len(heads)-1]
	trees(t, func(t *testing.T, tree *proof.Tree) {
		must(tree.Grow(ctx, d.store))
		for name, h := range map[string]proof.Head{
			"one record more":           {Size: last.Size, Root: last.Root, Record: last.Record + 1, Position: last.Position, SHA256: last.SHA256},
			"one record less":           {Size: last.Size, Root: last.Root, Record: last.Record - 1, Position: last.Position, SHA256: last.SHA256},
			"one position more":         {Size: last.Size, Root: last.Root, Record: last.Record, Position: last.Position + 1, SHA256: last.SHA256},
			"another SHA-256":           {Size: last.Size, Root: last.Root, Record: last.Record, Position: last.Position},
			"an older one, one more":    {Size: heads[4].Size, Root: heads[4].Root, Record: 5, Position: heads[4].Position, SHA256: heads[4].SHA256},
			"an older one, another end": {Size: heads[4].Size, Root: heads[4].Root, Record: 4, Position: heads[4].Position - 1, SHA256: heads[4].SHA256},
		} {
			msg, e := signed(t, h), d.ids[h.Size-1]
			if _, err := tree.Inclusion(ctx, d.store, msg, e.position, e.ID); !errors.Is(err, proof.ErrForked) {
				t.Errorf("%s: inclusion: %v", name, err)
			}
			if _, err := tree.Consistency(msg, msg); !errors.Is(err, proof.ErrForked) {
				t.Errorf("%s: consistency: %v", name, err)
			}
		}
	})
}

// TestSignedNonsense refuses what the holder of the key should not have signed.
func TestSignedNonsense(t *testing.T) {
	d, heads := shaped(t)
	tree := grown(t, d.store)
	good := string(must(note.Open(signed(t, heads[6]), note.VerifierList(key))).Text)
	for name, text := range map[string]string{
		"leading zero": strings.Replace(good, "\n", "\n0", 1),
		"plus":         strings.Replace(good, "\n", "\n+", 1),
		"one line":     "desk.example/record\n",
		"another line": good + "and more\n",
		"two spaces":   strings.Replace(good, "record ", "record  ", 2),
		"no extension": good[:strings.LastIndex(good, "record ")],
	} {
		msg := must(note.Sign(&note.Note{Text: text}, signer))
		if c, err := proof.Open(msg, key); err == nil || text == good {
			t.Errorf("%s: %+v from\n%s", name, c, msg)
		}
	}

	p, err := tree.Consistency(signed(t, heads[3]), signed(t, heads[6]))
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(h *proof.Head){
		func(h *proof.Head) { h.Record = 3 }, func(h *proof.Head) { h.Record, h.Position = 2, 4 }} {
		h := heads[6]
		change(&h)
		p.Newer = signed(t, h)
		if _, _, err := p.Check(key); err == nil {
			t.Errorf("%+v extends %+v", h, heads[3])
		}
	}
	q, err := tree.Inclusion(ctx, d.store, signed(t, heads[6]), d.ids[0].position, d.ids[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	q.Leaf.Recorder = "\xff"
	if _, err := proof.ParseInclusion(q.Bytes()); err == nil {
		t.Error("a recorder that is not UTF-8")
	}
}

func TestSignatures(t *testing.T) {
	d, heads := shaped(t)
	h := heads[len(heads)-1]
	msg := signed(t, h)
	if c, err := proof.Open(append(bytes.Clone(msg), msg[bytes.Index(msg, []byte("— ")):]...), key); err == nil {
		t.Errorf("with the same signature twice: %+v", c)
	}
	line := msg[bytes.Index(msg, []byte("— ")):]
	blob := must(base64.StdEncoding.DecodeString(string(bytes.Fields(line)[2])))
	blob[len(blob)-1] ^= 1
	second := fmt.Appendf(nil, "— %s %s\n", key.Name(), base64.StdEncoding.EncodeToString(blob))
	if c, err := proof.Open(slices.Concat(msg, second), key); err == nil {
		t.Errorf("with a false signature of the key behind the true one: %+v", c)
	}
	if c, err := proof.Open(slices.Concat(msg[:len(msg)-len(line)], second, line), key); err == nil {
		t.Errorf("with a false signature of the key before the true one: %+v", c)
	}
	skey, vkey := twoKeys(t, "witness.example")
	cosigned, err := note.Sign(must(note.Open(msg, note.VerifierList(key))), must(note.NewSigner(skey)))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := proof.Open(cosigned, key); err != nil || c.Head != h {
		t.Errorf("with a second signature: %+v, %v", c, err)
	}
	if c, err := proof.Open(cosigned, must(note.NewVerifier(vkey))); err == nil {
		t.Errorf("by a key with another name than the origin: %+v", c)
	}
	_, vkey = twoKeys(t, key.Name())
	var unverified *note.UnverifiedNoteError
	if c, err := proof.Open(msg, must(note.NewVerifier(vkey))); !errors.As(err, &unverified) {
		t.Errorf("by another key with the same name: %+v, %v", c, err)
	}
	p, err := grown(t, d.store).Inclusion(ctx, d.store, cosigned, d.ids[3].position, d.ids[3].ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Check(must(note.NewVerifier(vkey))); err == nil {
		t.Error("a proof under another key")
	}
	if p, err = proof.ParseInclusion(p.Bytes()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Check(key); err != nil {
		t.Error(err)
	}
}

// cosigned adds a line of so many bytes to a note, which nobody's key has written.
func cosigned(msg []byte, n int) []byte {
	n -= len("— w \n")
	return fmt.Appendf(bytes.Clone(msg), "— w%s %s\n", strings.Repeat("w", n%4), strings.Repeat("AAAA", n/4))
}

// What is as long as is read is read, and one more is not.
func TestLongest(t *testing.T) {
	d, heads := shaped(t)
	msg := signed(t, heads[len(heads)-1])
	proved := func(hashes, payload, line int) []byte {
		p, err := grown(t, d.store).Inclusion(ctx, d.store, msg, d.ids[3].position, d.ids[3].ID)
		if err != nil {
			t.Fatal(err)
		}
		p.Hashes, p.Payload, p.Checkpoint = make([]tlog.Hash, hashes), make([]byte, payload), cosigned(msg, line)
		return p.Bytes()
	}
	const payload = 2_000_000
	line := proof.MaxProof - len(proved(1, payload, 100)) + 100
	for more := range 2 {
		_, note := proof.Open(cosigned(msg, proof.MaxNote-len(msg)+more), key)
		_, hashes := proof.ParseInclusion(proved(proof.MaxHashes+more, 1, 100))
		_, whole := proof.ParseInclusion(proved(1, payload, line+more))
		for what, err := range map[string]error{"a note": note, "hashes": hashes, "a proof": whole} {
			if (err != nil) != (more > 0) || err != nil && !strings.Contains(err.Error(), "want at most") {
				t.Errorf("%s, with %d too many: %v", what, more, err)
			}
		}
	}
}

func twoKeys(t *testing.T, name string) (skey, vkey string) {
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	return skey, vkey
}

func TestHeadsThatCannotBe(t *testing.T) {
	_, heads := shaped(t)
	for name, change := range map[string]func(h *proof.Head){
		"negative":          func(h *proof.Head) { h.Size = -1 },
		"too large":         func(h *proof.Head) { h.Size = 1<<48 + 1 },
		"record > position": func(h *proof.Head) { h.Record = events.Seq(h.Position) + 1 },
		"position > size":   func(h *proof.Head) { h.Position = events.Position(h.Size) + 1 },
		"no record":         func(h *proof.Head) { h.Record = 0 },
		"empty with a root": func(h *proof.Head) { *h = proof.Head{} },
	} {
		h := heads[6]
		change(&h)
		if msg, err := proof.Sign(h, signer); err == nil {
			t.Errorf("%s: %s", name, msg)
		}
	}
}

// TestForkedAndCut grows a tree over a record that has been replaced.
func TestForkedAndCut(t *testing.T) {
	d, heads := shaped(t)
	fork := forked(t, 1)
	trees(t, func(t *testing.T, tree *proof.Tree) {
		if _, err := tree.Grow(ctx, storeOf(t, d.data[:5]...)); err != nil {
			t.Fatal(err)
		}
		for name, store := range map[string]*events.Mem{
			"cut off":           storeOf(t, d.data[:4]...),
			"empty":             storeOf(t),
			"forked":            storeOf(t, fork.data[:5]...),
			"forked and longer": fork.store,
			"forked at the end": storeOf(t, append(d.data[:5:5], fork.data[5])...),
		} {
			if h, err := tree.Grow(ctx, store); !errors.Is(err, proof.ErrForked) || h != heads[5] {
				t.Errorf("%s: %+v, %v", name, h, err)
			}
		}
		if h, err := tree.Grow(ctx, d.store); err != nil || h != heads[len(heads)-1] {
			t.Errorf("the record as it was: %+v, %v", h, err)
		}
	})
}

// TestGrowsUpToDamage takes what comes before a record that cannot be read.
func TestGrowsUpToDamage(t *testing.T) {
	d, heads := shaped(t)
	bad := slices.Clone(d.data)
	bad[6] = bytes.Clone(bad[6])
	bad[6][40] ^= 1
	trees(t, func(t *testing.T, tree *proof.Tree) {
		if h, err := tree.Grow(ctx, storeOf(t, bad...)); !errors.Is(err, events.ErrDamaged) || h != heads[6] {
			t.Errorf("%+v, %v", h, err)
		}
		if h, err := tree.Grow(ctx, d.store); err != nil || h != heads[len(heads)-1] {
			t.Errorf("after it has been put right: %+v, %v", h, err)
		}
	})
}

func TestTogether(t *testing.T) {
	trees(t, func(t *testing.T, tree *proof.Tree) {
		d := newDesk()
		d.record(t, 1)
		if _, err := tree.Grow(ctx, d.store); err != nil {
			t.Fatal(err)
		}
		first, e := signed(t, tree.Head()), d.ids[0]
		var running sync.WaitGroup
		stop := make(chan bool)
		for range 2 {
			running.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					h := tree.Head()
					msg, err := proof.Sign(h, signer)
					if err != nil {
						t.Error(err)
						return
					}
					p, err := tree.Inclusion(ctx, d.store, msg, e.position, e.ID)
					if err == nil {
						_, err = p.Check(key)
					}
					if err == nil {
						_, err = tree.Consistency(first, msg)
					}
					if err != nil {
						t.Errorf("%+v: %v", h, err)
						return
					}
				}
			})
		}
		for i := range 60 {
			d.record(t, 1+i%5)
			if _, err := tree.Grow(ctx, d.store); err != nil {
				t.Error(err)
			}
		}
		close(stop)
		running.Wait()
	})
}
