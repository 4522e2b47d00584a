package events

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the files in testdata anew")

var (
	exampleID   = uuid.MustParse("0198783a-2c00-7000-8000-000000000001")
	exampleTime = time.Date(2025, 8, 4, 12, 30, 0, 0, time.UTC)
)

func numbered(n byte) uuid.UUID { return uuid.UUID{15: n} }

func exampleBody() *StatementRecorded {
	return &StatementRecorded{Statement{
		Claim: Claim{
			Predicate: "visit",
			Args:      []Arg{{Role: "visitor", Value: Ref(numbered(1)), As: "Whitkoff"}, {Role: "place", Value: Ref(numbered(2))}},
			When:      When{Time: when("2025-08-06")},
		},
		Voices: []Voice{{Speakers: []Party{{Entity: numbered(3)}}, Act: Assert, Stance: Stance{Possible, Affirmed}}},
		Source: numbered(4),
		Form:   Paraphrase,
	}}
}

// goldenEvents are one event of each kind, with a value in every field.
func goldenEvents() []Event {
	nested := Claim{Predicate: "end", Args: []Arg{{Role: "what", Value: Text("війна", "uk")}}}
	bodies := []Body{
		&SourceAdded{Source{ID: numbered(4), Title: "A visit", URL: "https://example.org/visit", Authors: []uuid.UUID{numbered(3), numbered(5)},
			Publisher: numbered(6), Published: when("[2025-08-03,2025-08-04]"), Retrieved: when("2025-08-04T09:00:00Z"),
			SHA256: bytes.Repeat([]byte{0xab}, 32), Language: "en", DerivedFrom: []uuid.UUID{numbered(7)}}},
		&EntityRegistered{Entity{ID: numbered(1), Kind: Person, Name: Name{"Steve Witkoff", "en"}, Note: "envoy"}},
		&EntityNamed{Entity: numbered(1), Name: Name{"Віткофф", "uk-Cyrl"}, Source: numbered(4)},
		&IdentityJudged{A: numbered(1), B: numbered(8), Verdict: Unsure, Reason: "same title", Confidence: 0.7},
		&EntitySplit{Entity: numbered(1), Reason: "two people", Parts: []SplitPart{
			{Entity: numbered(8), Mentions: []Mention{{Statement: exampleID, Place: InArgument, Index: 1}, {Statement: exampleID}}}}},
		&StatementRecorded{Statement{
			Claim: Claim{Predicate: "visit", Occurrence: numbered(9),
				Args: []Arg{
					{Role: "visitor", Value: Ref(numbered(1)), As: "Whitkoff"},
					{Role: "times", Value: Number("4", "visits")},
					{Role: "since", Value: At(when("2025-02"))},
					{Role: "aim", Value: Nested(nested)},
					{Role: "after", Value: Said(exampleID)},
					{Role: "with", Value: None()},
					{Role: "whom", Value: Unknown()},
				},
				When: When{Time: when("[2025-08-04..2025-08-10]"), As: "later this week", Anchor: when("2025-08-04")},
				If:   []Condition{{Claim: nested, Denied: true, As: "unless it ends"}}},
			Voices: []Voice{
				{Speakers: []Party{{numbered(2), "the spokesperson"}}, For: []Party{{numbered(6), "the Kremlin"}}, To: []Party{{numbered(5), "reporters"}},
					Act: Assert, Cue: "may", Stance: Stance{Possible, Affirmed}, Said: When{Time: when("2025-08-04"), As: "on Monday"}},
				{Speakers: []Party{{Entity: numbered(3)}, {Entity: numbered(5)}}, Act: Assert, Stance: CertainAffirmed()}},
			Source: numbered(4), Selector: Selector{Start: 24, End: 300, Exact: "may go", Locator: "p. 3"}, Form: Quote,
			Language: "en", Gloss: "He may go.", Replaces: numbered(10)}},
		&StatementsLinked{From: exampleID, Link: Disputes, To: numbered(10), Reason: "says the opposite"},
		&Assessed{Source: numbered(4), Scheme: "admiralty", Value: "B2", Reason: "usually right"},
		&Retracted{Event: exampleID, Reason: "misread", Cascade: true},
		&Redacted{Event: numbered(10), Reason: "a private address"},
		&VocabularyDeclared{
			Predicates: []Predicate{{Name: "visit", Inverse: "visited_by", Symmetric: true, Once: true, Roles: []Role{
				{Name: "visitor", Values: []ValueKind{EntityValue, UnknownValue}, Entities: []EntityKind{Person, Group}, Functional: true}}}},
			Schemes: []Scheme{{Name: "admiralty", Values: []string{"A1", "B2"}}}},
	}
	events := make([]Event, len(bodies))
	for i, b := range bodies {
		events[i] = Event{ID: exampleID, Body: b, Position: 700, At: exampleTime, Recorder: "desk"}
		events[i].ID[15] = byte(i)
		if i >= 6 {
			events[i].Position, events[i].At, events[i].Recorder = 701, exampleTime.Add(1500*time.Nanosecond), "nightly import"
		}
	}
	return events
}

// pack makes a record of events, one batch for each position.
func pack(t testing.TB, seq Seq, events []Event) []byte {
	t.Helper()
	b := NewRecord(seq, events[0].Position, sha256.Sum256([]byte("the record before")))
	for len(events) > 0 {
		first := events[0]
		var batch []Encoded
		for len(events) > 0 && events[0].Position == first.Position {
			data, err := EncodeBody(events[0].Body)
			if err != nil {
				t.Fatal(err)
			}
			batch = append(batch, Encoded{ID: events[0].ID, Kind: events[0].Kind(), Payload: data})
			events = events[1:]
		}
		if err := b.Add(first.At, first.Recorder, batch); err != nil {
			t.Fatal(err)
		}
	}
	data := b.Bytes()
	if len(data) != b.Size() {
		t.Fatalf("%d bytes, Size says %d", len(data), b.Size())
	}
	return data
}

func unpack(r Record) ([]Event, error) {
	h, err := r.Header()
	if err != nil {
		return nil, err
	}
	var events []Event
	for e, err := range h.Events() {
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, nil
}

// TestGolden opens the records that released versions wrote.
func TestGolden(t *testing.T) {
	current := filepath.Join("testdata", fmt.Sprintf("record-v%d.txt", plainVersion))
	if *update {
		if err := os.WriteFile(current, annotate(t, pack(t, 17, goldenEvents())), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join("testdata", "record-v*.txt"))
	if err != nil || len(files) < plainVersion {
		t.Fatalf("%d files for %d versions: %v", len(files), plainVersion, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var digits strings.Builder
			for line := range strings.Lines(string(text)) {
				line, _, _ = strings.Cut(line, "#")
				digits.WriteString(line)
			}
			r := Record{17, unhex(t, digits.String())}

			got, err := unpack(r)
			if err != nil {
				t.Fatal(err)
			}
			if want := goldenEvents(); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			if file != current {
				return
			}
			if err := r.Verify(); err != nil {
				t.Error(err)
			}
			if again := pack(t, 17, got); !bytes.Equal(again, r.Data) {
				t.Errorf("encoded again it is\n%x\nwant\n%x", again, r.Data)
			}
		})
	}
}

// annotate prints a record as hex with comments.
func annotate(t *testing.T, data []byte) []byte {
	t.Helper()
	h, err := Record{17, data}.Header()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	section := func(title string, data []byte) {
		fmt.Fprintf(&b, "# %s, %d bytes\n", title, len(data))
		if s, err := cbor.Diagnose(data); err == nil {
			fmt.Fprintf(&b, "# %s\n", s)
		}
		for len(data) > 0 {
			n := min(32, len(data))
			fmt.Fprintf(&b, "%x\n", data[:n])
			data = data[n:]
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "# A record of format version %d. It must be readable for ever.\n\n", plainVersion)
	section("header", data[:h.Batches[0].Events[0].Offset])
	for _, batch := range h.Batches {
		for _, e := range batch.Events {
			section(e.Kind.String(), h.Payload(e))
		}
	}
	section("checksum", data[len(data)-checksumSize:])
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func TestRecordRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var want []Event
		position := Position(rapid.Uint64Range(1, math.MaxUint64-8).Draw(rt, "first"))
		for range rapid.IntRange(1, 5).Draw(rt, "batches") {
			at := time.Unix(0, rapid.Int64().Draw(rt, "at")).UTC()
			recorder := drawText(rt)
			for range rapid.IntRange(1, 4).Draw(rt, "events") {
				k := Kind(rapid.Uint8Range(1, 11).Draw(rt, "kind"))
				want = append(want, Event{ID: drawID(rt), Body: drawBody(rt, k), Position: position, At: at, Recorder: recorder})
			}
			position++
		}
		r := Record{Seq: Seq(rapid.Uint64Min(1).Draw(rt, "seq"))}
		r.Data = pack(t, r.Seq, want)
		got, err := unpack(r)
		if err != nil {
			rt.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			rt.Fatalf("got  %+v\nwant %+v", got, want)
		}
		if err := r.Verify(); err != nil {
			rt.Fatal(err)
		}
	})
}

// TestDamage flips each bit, and cuts at each byte.
func TestDamage(t *testing.T) {
	data := pack(t, 17, goldenEvents())
	damaged := func(what string, data []byte) {
		t.Helper()
		r := Record{17, data}
		if _, err := r.Header(); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: got %v, want ErrDamaged", what, err)
		}
		if err := r.Verify(); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: Verify: got %v, want ErrDamaged", what, err)
		}
	}
	for bit := range 8 * len(data) {
		flipped := bytes.Clone(data)
		flipped[bit/8] ^= 1 << (bit % 8)
		damaged(fmt.Sprintf("bit %d flipped", bit), flipped)
	}
	for n := range data {
		damaged(fmt.Sprintf("cut to %d bytes", n), data[:n])
		damaged(fmt.Sprintf("without the first %d bytes", n+1), data[n+1:])
	}
	damaged("a zero byte more", append(bytes.Clone(data), 0))
	damaged("all zero", make([]byte, len(data)))
	damaged("twice", append(bytes.Clone(data), data...))
}

// TestDamageUnderChecksum changes each byte and repairs the checksum: what
// Verify does not refuse must be another record that is written in the one way
// there is.
func TestDamageUnderChecksum(t *testing.T) {
	data := pack(t, 17, goldenEvents())
	for i := range len(data) - checksumSize {
		for _, x := range []byte{0x01, 0x20, 0x80, 0xff} {
			changed := bytes.Clone(data[:len(data)-checksumSize])
			changed[i] ^= x
			checkStrict(t, Record{17, sealed(changed)})
		}
	}
}

// sealed appends the checksum.
func sealed(data []byte) []byte {
	sum := crc32.Checksum(data, castagnoli)
	return append(bytes.Clone(data), byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum))
}

// checkStrict checks that whatever can be read encodes to the same bytes, and that Verify
// takes that and nothing else.
func checkStrict(t *testing.T, r Record) {
	t.Helper()
	verified := r.Verify()
	_, err := unpack(r)
	if errors.Is(err, errSealed) {
		return
	}
	if (err == nil) != (verified == nil) {
		t.Fatalf("read: %v, Verify: %v: %x", err, verified, r.Data)
	}
	if err != nil {
		return
	}
	if again, err := repack(t, r); err != nil || !bytes.Equal(again, r.Data) {
		t.Fatalf("%x is read; encoded again it is\n%x, %v", r.Data, again, err)
	}
}

// repack decodes a record and encodes it again.
func repack(t *testing.T, r Record) ([]byte, error) {
	t.Helper()
	h, err := r.Header()
	if err != nil {
		return nil, err
	}
	b := NewRecord(h.Seq, h.First, h.Previous)
	for _, batch := range h.Batches {
		encoded := make([]Encoded, len(batch.Events))
		for i, e := range batch.Events {
			body, err := DecodeBody(e.Kind, h.Payload(e))
			if err != nil {
				return nil, err
			}
			encoded[i] = Encoded{ID: e.ID, Kind: e.Kind}
			if encoded[i].Payload, err = EncodeBody(body); err != nil {
				return nil, err
			}
		}
		if err := b.Add(batch.At, batch.Recorder, encoded); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

func TestHeaderErrors(t *testing.T) {
	good := pack(t, 17, []Event{{ID: numbered(1), Body: &Redacted{Event: numbered(2)}, Position: 1, At: exampleTime}})
	header := "01 01 02 11 03 01 04 58 20" + strings.Repeat("00", 32)
	head := func(kind, key, length string) string {
		return "84 50 00000000000000000000000000000001" + kind + key + length
	}
	batch := func(heads string) string { return "05 81 a3 01 00 02 60 03" + heads }
	payload := "a1 01 50 00000000000000000000000000000002"
	for name, c := range map[string]struct {
		seq     Seq
		data    []byte
		want    string
		damaged bool
	}{
		"empty":         {17, nil, "events: record 17: it has 0 bytes: the bytes have been damaged", true},
		"other record":  {18, good, "events: record 18: it says that it is record 17: the bytes have been damaged", true},
		"newer version": {17, sealed(unhex(t, "a5 01 03 02 60 03 04 05 06 07 08")), "events: record 17: a newer release wrote it, in version 3 of the format; this release reads up to version 2", false},
		"version 0":     {17, sealed(unhex(t, "a5"+strings.Replace(header, "01 01", "01 00", 1)+"05 80")), "events: record 17: header: version 0 of the format: the bytes have been damaged", true},
		"no version":    {17, sealed(unhex(t, "a1 02 00")), "events: record 17: header: it is not written in the one way that it can be: the bytes have been damaged", true},
		"checksum": {17, append(bytes.Clone(good[:len(good)-4]), 1, 2, 3, 4),
			fmt.Sprintf("events: record 17: checksum %x, want 01020304: the bytes have been damaged", good[len(good)-4:]), true},
		"no batch":           {17, sealed(unhex(t, "a5"+header+"05 80")), "events: record 17: it holds no batch: the bytes have been damaged", true},
		"no event":           {17, sealed(unhex(t, "a5"+header+batch("80"))), "events: record 17: a batch without an event: the bytes have been damaged", true},
		"many events":        {17, sealed(unhex(t, "a5"+header+batch("9a 7fffffff"))), "events: record 17: header: cbor: exceeded max number of elements 50000 for CBOR array: the bytes have been damaged", true},
		"payload cut":        {17, sealed(unhex(t, "a5"+header+batch("81"+head("0a", "40", "14"))+"a1")), "events: record 17: event 00000000-0000-0000-0000-000000000001 has a payload of 20 bytes, but 1 are left: the bytes have been damaged", true},
		"payload longer":     {17, sealed(unhex(t, "a5"+header+batch("81"+head("0a", "40", "13"))+payload+"00")), "events: record 17: 1 bytes belong to no event: the bytes have been damaged", true},
		"huge payload":       {17, sealed(unhex(t, "a5"+header+batch("81"+head("0a", "40", "1b ffffffffffffffff")))), "events: record 17: header: cbor: cannot unmarshal positive integer into Go struct field events.storedHeader.5 of type int (18446744073709551615 overflows int): the bytes have been damaged", true},
		"negative payload":   {17, sealed(unhex(t, "a5"+header+batch("81"+head("0a", "40", "20")))), "events: record 17: event 00000000-0000-0000-0000-000000000001 has a payload of -1 bytes, but 0 are left: the bytes have been damaged", true},
		"short head":         {17, sealed(unhex(t, "a5"+header+batch("81 80"))), "events: record 17: header: cbor: cannot unmarshal array into Go struct field events.storedHeader.5 of type events.EventHead (cannot decode CBOR array to struct with different number of elements): the bytes have been damaged", true},
		"short hash":         {17, sealed(unhex(t, "a5 01 01 02 11 03 01 04 41 00 05 80")), "events: record 17: a hash of 1 bytes, want 32: the bytes have been damaged", true},
		"number longer":      {17, sealed(unhex(t, "a5 18"+header+batch("81"+head("0a", "40", "13"))+payload)), "events: record 17: header: it is not written in the one way that it can be: the bytes have been damaged", true},
		"length longer":      {17, sealed(unhex(t, "a5"+header+batch("81"+head("0a", "40", "18 13"))+payload)), "events: record 17: header: it is not written in the one way that it can be: the bytes have been damaged", true},
		"keys in disorder":   {17, sealed(unhex(t, "a5"+strings.Replace(header, "01 01 02 11", "02 11 01 01", 1)+batch("81"+head("0a", "40", "13"))+payload)), "events: record 17: header: it is not written in the one way that it can be: the bytes have been damaged", true},
		"payload longer way": {17, sealed(unhex(t, "a5"+header+batch("81"+head("0a", "40", "14"))+"a1 18"+payload[3:])), "events: record 17: event 00000000-0000-0000-0000-000000000001: Redacted: it is not written in the one way that it can be: the bytes have been damaged", true},
		"too large":          {17, sealed(make([]byte, MaxRecord)), "events: record 17: it has 900004 bytes: the bytes have been damaged", true},
		"other kind":         {17, sealed(unhex(t, "a5"+header+batch("81"+head("0c", "40", "13"))+payload)), "events: record 17: event 00000000-0000-0000-0000-000000000001: no such kind: Kind(12): the bytes have been damaged", true},
		"wrong payload":      {17, sealed(unhex(t, "a5"+header+batch("81"+head("01", "40", "13"))+payload)), "events: record 17: event 00000000-0000-0000-0000-000000000001: SourceAdded: cbor: cannot unmarshal byte string into Go struct field events.SourceAdded.1 of type events.Source: the bytes have been damaged", true},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := unpack(Record{c.seq, c.data})
			if err == nil || err.Error() != c.want || errors.Is(err, ErrDamaged) != c.damaged {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
	if _, err := unpack(Record{17, good}); err != nil {
		t.Error(err)
	}
}

// TestAdd fills a record to the last byte.
func TestAdd(t *testing.T) {
	batch := func(n int) []Encoded {
		return []Encoded{{ID: numbered(1), Kind: KindRedacted, Payload: make([]byte, n)}}
	}
	b := NewRecord(1, 1, [32]byte{})
	for b.Len() < 30 { // past 23, where the array's length takes a byte more
		if err := b.Add(exampleTime, "desk", batch(1000)); err != nil {
			t.Fatal(err)
		}
		if n := len(b.Bytes()); n != b.Size() {
			t.Fatalf("%d batches: %d bytes, Size says %d", b.Len(), n, b.Size())
		}
	}
	before := b.Bytes()
	const more = 44 // for a batch of one event with a length of four bytes
	fits := MaxRecord - b.Size() - more
	for _, c := range []struct {
		at       time.Time
		recorder string
		batch    []Encoded
		want     string
	}{
		{exampleTime, "desk", batch(fits + 1), "events: add a batch to record 1: record is empty or larger than 900,000 bytes"},
		{exampleTime, "desk", nil, "events: add a batch to record 1: a batch without an event"},
		{exampleTime, "\xff", batch(1), `events: add a batch to record 1: the text "\xff" is not UTF-8`},
		{time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC), "desk", batch(1), "events: add a batch to record 1: recorded at 2300-01-01 00:00:00 +0000 UTC, want a year from 1678 to 2261"},
	} {
		if err := b.Add(c.at, c.recorder, c.batch); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
		if !bytes.Equal(b.Bytes(), before) {
			t.Fatalf("a batch that was refused (%s) has changed the record", c.want)
		}
	}
	if err := b.Add(exampleTime, "desk", batch(fits+1)); !errors.Is(err, ErrRecordSize) {
		t.Errorf("got %v, want ErrRecordSize", err)
	}
	if err := b.Add(exampleTime, "desk", batch(fits)); err != nil || b.Size() != MaxRecord || len(b.Bytes()) != MaxRecord {
		t.Errorf("the largest record: %d bytes, Size says %d: %v", len(b.Bytes()), b.Size(), err)
	}
	if h, err := (Record{1, b.Bytes()}).Header(); err != nil || len(h.Batches) != b.Len() {
		t.Errorf("the largest record is not read: %v", err)
	}
}

func TestSealedPayload(t *testing.T) {
	b := NewSealedRecord(1, 1, [32]byte{}, numbered(9))
	if err := b.Add(exampleTime, "desk", []Encoded{{ID: exampleID, Kind: KindRedacted, Key: []byte("k1"), Payload: []byte("sealed")}}); err != nil {
		t.Fatal(err)
	}
	r := Record{1, b.Bytes()}
	h, err := r.Header()
	if err != nil {
		t.Fatal(err)
	}
	e := h.Batches[0].Events[0]
	if e.ID != exampleID || string(e.Key) != "k1" || string(h.Payload(e)) != "sealed" {
		t.Errorf("got %+v, %q", e, h.Payload(e))
	}
	if err := r.Verify(); err != nil {
		t.Error(err)
	}
	if _, err := unpack(r); !errors.Is(err, errSealed) || errors.Is(err, ErrDamaged) {
		t.Errorf("opened without its key: %v", err)
	}
}

func FuzzDecodeRecord(f *testing.F) {
	f.Add(pack(f, 17, goldenEvents()))
	f.Add(pack(f, 17, goldenEvents()[6:]))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		checkStrict(t, Record{17, data})
		sameHeader(t, data)
		// Past the checksum, which the fuzzer cannot guess.
		if len(data) > checksumSize {
			checkStrict(t, Record{17, sealed(data[:len(data)-checksumSize])})
		}
	})
}

// coded is what a coder of news records: who did what to whom on which day.
func coded(n int) Event {
	id, err := hex.DecodeString("0198783a2c0070008000000000000000")
	if err != nil {
		panic(err)
	}
	e := Event{ID: uuid.UUID(id), Position: 1, At: exampleTime, Recorder: "import"}
	e.ID[14], e.ID[15] = byte(n>>8), byte(n)
	predicates := []string{"Make statement", "Consult", "Make a visit", "Express intent to cooperate", "Criticize or denounce"}
	e.Body = &StatementRecorded{Statement{
		Claim: Claim{
			Predicate: predicates[n%len(predicates)],
			Args: []Arg{
				{Role: "source actor", Value: Ref(Key("entity", fmt.Sprint(n%997)))},
				{Role: "target actor", Value: Ref(Key("entity", fmt.Sprint(n%499)))}},
			When: When{Time: when(time.Date(2014, 1, 1+n/250, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))}},
		Voices:   []Voice{{Speakers: []Party{{Entity: Key("coder")}}, Act: Assert, Stance: CertainAffirmed()}},
		Source:   Key("icews14"),
		Selector: Selector{Locator: fmt.Sprintf("line %d", n+2)},
		Form:     Inferred,
	}}
	return e
}

func codedRecord(b *testing.B, n int) Record {
	events := make([]Event, n)
	for i := range events {
		events[i] = coded(i)
	}
	return Record{1, pack(b, 1, events)}
}

func BenchmarkEncodeBody(b *testing.B) {
	body := coded(1).Body
	b.ReportAllocs()
	size := 0
	for b.Loop() {
		data, err := EncodeBody(body)
		if err != nil {
			b.Fatal(err)
		}
		size = len(data)
	}
	b.ReportMetric(float64(size), "bytes/statement")
}

func BenchmarkDecodeBody(b *testing.B) {
	data, err := EncodeBody(coded(1).Body)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeBody(KindStatementRecorded, data); err != nil {
			b.Fatal(err)
		}
	}
}

// An operation is one record; ns/statement is the number to look at.
func BenchmarkRecord(b *testing.B) {
	for _, n := range []int{1, 1000, 4000} {
		r := codedRecord(b, n)
		each := func(b *testing.B) {
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/statement")
			b.ReportMetric(float64(len(r.Data))/float64(n), "bytes/statement")
		}
		b.Run(fmt.Sprintf("header/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Header(); err != nil {
					b.Fatal(err)
				}
			}
			each(b)
		})
		b.Run(fmt.Sprintf("decode/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h, err := r.Header()
				if err != nil {
					b.Fatal(err)
				}
				for _, err := range h.Events() {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			each(b)
		})
		b.Run(fmt.Sprintf("verify/%d", n), func(b *testing.B) {
			for b.Loop() {
				if err := r.Verify(); err != nil {
					b.Fatal(err)
				}
			}
			each(b)
		})
		b.Run(fmt.Sprintf("build/%d", n), func(b *testing.B) {
			h, err := r.Header()
			if err != nil {
				b.Fatal(err)
			}
			var batch []Encoded
			for _, e := range h.Batches[0].Events {
				batch = append(batch, Encoded{ID: e.ID, Kind: e.Kind, Payload: h.Payload(e)})
			}
			b.ReportAllocs()
			for b.Loop() {
				builder := NewRecord(1, 1, [32]byte{})
				if err := builder.Add(exampleTime, "import", batch); err != nil {
					b.Fatal(err)
				}
				builder.Bytes()
			}
			each(b)
		})
	}
}
