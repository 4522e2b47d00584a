package events

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// TestHeads reads heads of events, some of them damaged and some not written as
// shortly as they can be, as the library does by reflection.
func TestHeads(t *testing.T) {
	var read, refused int
	rapid.Check(t, func(t *rapid.T) {
		data := drawHeads(t)
		for range 20 {
			damaged := slices.Clone(data)
			at := rapid.IntRange(0, len(data)-1).Draw(t, "at")
			damaged[at] = rapid.Byte().Draw(t, "instead")
			if decoding.Wellformed(damaged) != nil {
				continue // it is not read, as it is not by the library
			}
			if sameHeads(t, damaged) {
				read++
			} else {
				refused++
			}
		}
		if !sameHeads(t, data) {
			t.Fatalf("%x is refused", data)
		}
	})
	if read == 0 || refused == 0 {
		t.Errorf("of what is damaged, %d are read, %d refused", read, refused)
	}
}

// sameHeads wants the heads to be read as the library reads them, and reports whether
// they are read.
func sameHeads(t *rapid.T, data []byte) bool {
	var ours storedHeads
	var theirs []EventHead
	err, want := ours.UnmarshalCBOR(data), decoding.Unmarshal(data, &theirs)
	impossible := slices.ContainsFunc(theirs, func(e EventHead) bool { return e.Length < 0 || e.Length > MaxRecord })
	if (err != nil) != (want != nil || impossible) {
		t.Fatalf("%x: %v, the library says %v", data, err, want)
	}
	if err == nil && !slices.EqualFunc(ours, theirs, func(a, b EventHead) bool {
		return a.ID == b.ID && a.Kind == b.Kind && bytes.Equal(a.Key, b.Key) && a.Length == b.Length
	}) {
		t.Fatalf("%x is read as %v, the library reads %v", data, ours, theirs)
	}
	return err == nil
}

// TestHeaderAsLibrary wants the header to be written as the library writes it.
func TestHeaderAsLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seq, first := rapid.Uint64().Draw(t, "seq"), rapid.Uint64Max(math.MaxUint64-100).Draw(t, "first")
		previous := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "previous"))
		want := storedHeader{Version: plainVersion, Seq: Seq(seq), First: Position(first), Previous: previous[:]}
		b := NewRecord(want.Seq, want.First, previous)
		keyLength := [2]int{0, 0}
		if keys := drawID(t); keys != uuid.Nil {
			want.Version, want.Keys = sealedVersion, keys[:]
			b = NewSealedRecord(want.Seq, want.First, previous, keys)
			keyLength = [2]int{1, maxKeyID}
		}
		var payloads []byte
		for range rapid.IntRange(1, 30).Draw(t, "batches") {
			stored := storedBatch{At: rapid.Int64().Draw(t, "at"), Recorder: rapid.String().Draw(t, "recorder")}
			var batch []Encoded
			var heads []EventHead
			for range rapid.IntRange(1, 30).Draw(t, "events") {
				e := Encoded{ID: drawID(t), Kind: drawEnum[Kind](t), Payload: make([]byte, rapid.IntRange(0, 300).Draw(t, "length"))}
				e.Key = rapid.SliceOfN(rapid.Byte(), keyLength[0], keyLength[1]).Draw(t, "key")
				batch = append(batch, e)
				heads = append(heads, EventHead{ID: e.ID, Kind: e.Kind, Key: e.Key, Length: len(e.Payload)})
				payloads = append(payloads, e.Payload...)
			}
			stored.Events = heads
			want.Batches = append(want.Batches, stored)
			if err := b.Add(time.Unix(0, stored.At), stored.Recorder, batch); err != nil {
				t.Fatal(err)
			}
		}
		header, err := encoding.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got := b.Bytes()
		if len(got) != b.Size() || !bytes.Equal(got[:len(got)-checksumSize], append(header, payloads...)) {
			t.Fatalf("got  %x\nwant %x", got, header)
		}
	})
}

func drawHeads(t *rapid.T) []byte {
	n := rapid.IntRange(0, 30).Draw(t, "heads")
	data := drawItem(t, cborArray, uint64(n))
	for range n {
		data = append(data, drawItem(t, cborArray, 4)...)
		data = append(data, drawItem(t, cborBytes, 16)...)
		data = append(data, rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")...)
		data = append(data, drawItem(t, cborUnsigned, uint64(rapid.Byte().Draw(t, "kind")))...)
		key := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "key")
		data = append(append(data, drawItem(t, cborBytes, uint64(len(key)))...), key...)
		data = append(data, drawItem(t, cborUnsigned, rapid.Uint64Range(0, MaxRecord).Draw(t, "length"))...)
	}
	return data
}

// drawItem returns the head of an item, not always the shortest.
func drawItem(t *rapid.T, major byte, n uint64) []byte {
	least := 3
	switch {
	case n < 24:
		least = -1
	case n < 1<<8:
		least = 0
	case n < 1<<16:
		least = 1
	case n < 1<<32:
		least = 2
	}
	width := rapid.IntRange(least, 3).Draw(t, "width")
	if width < 0 {
		return []byte{major<<5 | byte(n)}
	}
	all := binary.BigEndian.AppendUint64(nil, n)
	return append([]byte{major<<5 | byte(24+width)}, all[8-1<<width:]...)
}
