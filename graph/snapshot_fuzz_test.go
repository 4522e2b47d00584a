package graph

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/onrecord/onrecord/events"
)

// FuzzSnapshot wants a snapshot that is read to be written as the same bytes. Only one
// with the right checksums is: nobody else writes them.
func FuzzSnapshot(f *testing.F) {
	g, err := Open(context.Background(), events.NewMem(), nil)
	if err != nil {
		f.Fatal(err)
	}
	defer g.Close()
	ann, annEvent := aPerson("Ann")
	_, bobEvent := aPerson("Bob")
	for n, es := range [][]events.Event{{annEvent, bobEvent}, {aMeeting(1, ann), aMeeting(2, ann)}, {aRetraction(1)}} {
		if _, err := g.Record(context.Background(), &events.Batch{Recorder: "desk", Events: es}); err != nil {
			f.Fatal(err)
		}
		var snapshot bytes.Buffer
		<-g.folding
		err := g.freeze().save(&snapshot)
		g.folding <- struct{}{}
		if err != nil {
			f.Fatal(n, err)
		}
		f.Add(snapshot.Bytes())
		for i := range newColumns().parts() { // more than there is memory for
			many := bytes.Clone(snapshot.Bytes())
			binary.NativeEndian.PutUint32(many[len(snapshotMagic)+32+8+32+4*i:], 0xf0000005)
			f.Add(many)
		}
	}
	f.Add([]byte(snapshotMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		head := len(snapshotMagic) + 32 + 8 + 32 + 4*len(newColumns().parts())
		sealed := bytes.Clone(data) // past the first checksum, which the fuzzer cannot guess
		if len(sealed) >= head+4 {
			binary.NativeEndian.PutUint32(sealed[head:], crc32.Checksum(sealed[:head], castagnoli))
		}
		for _, data := range [][]byte{data, sealed} {
			c := newColumns()
			from := bytes.NewReader(data)
			seq, sum, err := c.load(t.Context(), from)
			if err != nil {
				continue
			}
			again := &frozen{seq: seq, sum: sum}
			parts := c.parts()
			again.layout = layoutOf(parts)
			for _, p := range parts {
				n := p.count()
				again.counts, again.parts = append(again.counts, n), append(again.parts, p.freeze(n))
			}
			var out bytes.Buffer
			if err := again.save(&out); err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(data, out.Bytes()) {
				t.Fatalf("%d bytes are read, and %d others written", len(data), out.Len())
			}
		}
	})
}

// A snapshot with any bit flipped, or cut at any byte, is not read.
func TestSnapshotEveryByte(t *testing.T) {
	g, record := onceOpen(t, events.NewMem())
	ann, annEvent := aPerson("Ann")
	_, bobEvent := aPerson("Bob")
	record(annEvent, bobEvent)
	record(aMeeting(1, ann), aMeeting(2, ann))
	var snapshot bytes.Buffer
	<-g.folding
	err := g.freeze().save(&snapshot)
	g.folding <- struct{}{}
	if err != nil {
		t.Fatal(err)
	}
	whole := snapshot.Bytes()
	flips, cuts := 0, 0
	refused := func(data []byte) bool {
		_, _, err := newColumns().load(t.Context(), bytes.NewReader(data))
		return err != nil
	}
	if refused(whole) {
		t.Fatal("the snapshot is not read")
	}
	for i := range whole {
		changed := bytes.Clone(whole)
		changed[i] ^= 1 << (i % 8)
		if flips++; !refused(changed) {
			t.Errorf("bit %d of byte %d: it is read", i%8, i)
		}
		if cuts++; !refused(whole[:i]) {
			t.Errorf("cut at %d: it is read", i)
		}
	}
	t.Logf("%d bytes, %d flipped, %d cuts", len(whole), flips, cuts)
}
