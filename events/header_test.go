package events

import (
	"bytes"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// sameHeader wants what is read by hand to be what the library reads and writes, and
// reports whether it is read by hand.
func sameHeader(t interface{ Fatalf(string, ...any) }, data []byte) bool {
	r := reader{data: data}
	var got, want storedHeader
	if r.header(&got); r.gaveUp {
		return false
	}
	rest, err := decoding.UnmarshalFirst(data, &want)
	if err != nil || !bytes.Equal(r.data, rest) || !reflect.DeepEqual(plainKeys(got), plainKeys(want)) {
		t.Fatalf("%x is read as\n%+v\nthe library reads\n%+v, %v", data, got, want, err)
	}
	if again, err := encoding.Marshal(want); err != nil || !bytes.Equal(append(again, rest...), data) {
		t.Fatalf("%x is read; the library writes\n%x, %v", data, again, err)
	}
	return true
}

// plainKeys makes key ids of no bytes nil: it is all the same which they are.
func plainKeys(h storedHeader) storedHeader {
	for _, b := range h.Batches {
		for i := range b.Events {
			if len(b.Events[i].Key) == 0 {
				b.Events[i].Key = nil
			}
		}
	}
	return h
}

// TestHeaderDamaged changes what is stored.
func TestHeaderDamaged(t *testing.T) {
	var read, left int
	rapid.Check(t, func(t *rapid.T) {
		header := drawHeader(t)
		data := append(slices.Clone(header), rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "payloads")...)
		if !sameHeader(t, data) {
			t.Fatalf("%x is left to the library", data)
		}
		for at := range header {
			if sameHeader(t, data[:at]) {
				t.Fatalf("%x is read, cut at %d", data, at)
			}
		}
		for range 100 {
			damaged := slices.Clone(data)
			for range rapid.IntRange(1, 2).Draw(t, "damages") {
				at := rapid.IntRange(0, len(data)-1).Draw(t, "at")
				damaged[at] = rapid.OneOf(rapid.Byte(), rapid.SampledFrom(data)).Draw(t, "instead")
			}
			if sameHeader(t, damaged) {
				read++
			} else {
				left++
			}
		}
	})
	if read == 0 || left == 0 {
		t.Errorf("of what is damaged, %d are read by hand, %d left to the library", read, left)
	}
}

// TestHeaderAsLibrary wants the header to be written as the library writes it, and to be
// read by hand.
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
		if !sameHeader(t, got) {
			t.Fatalf("%x is left to the library", got)
		}
	})
}

// drawHeader returns a header with numbers that are not those of a record.
func drawHeader(t *rapid.T) []byte {
	field := func(data []byte, key byte, major byte, n uint64) []byte {
		return append(append(data, key), appendHead(nil, major, n)...)
	}
	sealed := rapid.Bool().Draw(t, "sealed")
	keys := uint64(5)
	if sealed {
		keys = 6
	}
	data := appendHead(nil, cborMap, keys)
	data = field(data, 1, cborUnsigned, rapid.Uint64().Draw(t, "version"))
	data = field(data, 2, cborUnsigned, rapid.Uint64().Draw(t, "seq"))
	data = field(data, 3, cborUnsigned, rapid.Uint64().Draw(t, "first"))
	data = append(field(data, 4, cborBytes, 32), make([]byte, 32)...)
	batches := rapid.IntRange(0, 3).Draw(t, "batches")
	data = field(data, 5, cborArray, uint64(batches))
	for range batches {
		data = append(data, appendHead(nil, cborMap, 3)...)
		data = field(data, 1, rapid.SampledFrom([]byte{cborUnsigned, cborNegative}).Draw(t, "sign"), rapid.Uint64Max(math.MaxInt64).Draw(t, "at"))
		data = append(field(data, 2, cborText, 4), "desk"...)
		n := rapid.IntRange(0, 5).Draw(t, "heads")
		data = field(data, 3, cborArray, uint64(n))
		for range n {
			data = append(data, appendHead(nil, cborArray, 4)...)
			data = append(data, appendHead(nil, cborBytes, 16)...)
			data = append(data, rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")...)
			data = append(data, appendHead(nil, cborUnsigned, uint64(rapid.Byte().Draw(t, "kind")))...)
			key := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "key")
			data = append(append(data, appendHead(nil, cborBytes, uint64(len(key)))...), key...)
			data = append(data, appendHead(nil, cborUnsigned, rapid.Uint64Range(0, MaxRecord).Draw(t, "length"))...)
		}
	}
	if sealed {
		data = append(field(data, 6, cborBytes, 16), make([]byte, 16)...)
	}
	return data
}

// BenchmarkHeader reads the header of a record of 56 batches of one statement, as many who
// record one a call leave them.
func BenchmarkHeader(b *testing.B) {
	const n = 56
	r := NewRecord(1, 1, [32]byte{})
	for i := range n {
		batch, err := EncodeBatch(&Batch{Recorder: "desk", Events: []Event{coded(i)}})
		if err != nil {
			b.Fatal(err)
		}
		if err := r.Add(exampleTime, "desk", batch); err != nil {
			b.Fatal(err)
		}
	}
	record := Record{1, r.Bytes()}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := record.Header(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/batch")
}
