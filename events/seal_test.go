package events

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// exampleKeys are those of the worked example.
type exampleKeys struct{ destroyed bool }

func (*exampleKeys) Root(context.Context) (Root, error) {
	r := Root{Record: numbered(42)}
	for i := range r.Secret {
		r.Secret[i] = byte(32 + i)
	}
	return r, nil
}

func (*exampleKeys) New(context.Context, int) ([]EventKey, error) {
	return nil, errors.New("read only")
}

func (k *exampleKeys) Read(_ context.Context, ids [][]byte) ([]EventKey, error) {
	key := EventKey{ID: []byte{7}}
	for i := range key.Secret {
		key.Secret[i] = byte(i)
	}
	if k.destroyed {
		key = EventKey{}
	}
	return slices.Repeat([]EventKey{key}, len(ids)), nil
}

func (k *exampleKeys) Destroy(context.Context, [][]byte) error {
	k.destroyed = true
	return nil
}

func mustSeal(t testing.TB, keys Keys) *Seal {
	t.Helper()
	s, err := NewSeal(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSealedExample opens the sealed payload of the specification.
func TestSealedExample(t *testing.T) {
	doc, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(doc), "has this payload if the nonces are as they are here:\n")
	if !ok {
		t.Fatal("FORMAT.md has no sealed example")
	}
	section, rest, _ := strings.Cut(section, "The rest, of 106 bytes, is\n")
	var digits string
	for _, m := range regexp.MustCompile(`(?m)^\t([0-9a-f]{2}(?: ?[0-9a-f]{2})*)(?:$|  )`).FindAllStringSubmatch(section, -1) {
		digits += m[1]
	}
	keys := &exampleKeys{}
	seal := mustSeal(t, keys)
	record := NewSealedRecord(1, 1, [32]byte{}, seal.Record())
	err = record.Add(exampleTime, "desk", []Encoded{{ID: exampleID, Kind: KindStatementRecorded, Key: []byte{7}, Payload: unhex(t, digits)}})
	if err != nil {
		t.Fatal(err)
	}
	h, err := Record{1, record.Bytes()}.Header()
	if err != nil {
		t.Fatal(err)
	}
	opened, err := seal.Open(t.Context(), h)
	if err != nil || len(opened) != 1 || opened[0].Erased || !reflect.DeepEqual(opened[0].Body, Body(exampleBody())) {
		t.Errorf("%+v, %v", opened, err)
	}
	keys.destroyed = true
	if opened, err = seal.Open(t.Context(), h); err != nil || !opened[0].Erased {
		t.Fatal(opened, err)
	}
	left, err := cbor.Diagnose(mustEncode(t, opened[0].Body))
	if err != nil {
		t.Fatal(err)
	}
	rest, _, _ = strings.Cut(rest, "\n[RFC")
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
	if squeeze(rest) != squeeze(left) {
		t.Errorf("FORMAT.md has\n%s\nwant\n%s", squeeze(rest), left)
	}
}

// sealedRecord seals the golden events.
func sealedRecord(t testing.TB, seal *Seal) ([]Event, Record) {
	t.Helper()
	es := goldenEvents()
	b := NewSealedRecord(17, 700, [32]byte{1}, seal.Record())
	for _, part := range [][]Event{es[:6], es[6:]} {
		plain := make([]Encoded, len(part))
		for i, e := range part {
			plain[i] = Encoded{ID: e.ID, Kind: e.Kind(), Payload: mustEncode(t, e.Body)}
		}
		sealed, err := seal.Seal(t.Context(), part, plain)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Add(part[0].At, part[0].Recorder, sealed); err != nil {
			t.Fatal(err)
		}
	}
	data := b.Bytes()
	if len(data) != b.Size() {
		t.Fatalf("%d bytes, Size says %d", len(data), b.Size())
	}
	return es, Record{17, data}
}

// What has been sealed opens, all of it and each event alone; one whose key is
// destroyed leaves ids and nothing else.
func TestSeal(t *testing.T) {
	keys := NewMemKeys()
	seal := mustSeal(t, keys)
	es, r := sealedRecord(t, seal)
	if err := r.Verify(); err != nil {
		t.Fatal(err)
	}
	h, err := r.Header()
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range h.Events() {
		if !errors.Is(err, errSealed) {
			t.Errorf("read without keys: %v", err)
		}
	}
	heads := slices.Concat(h.Batches[0].Events, h.Batches[1].Events)
	opened, err := seal.Open(t.Context(), h)
	if err != nil || len(opened) != len(es) {
		t.Fatal(len(opened), err)
	}
	some, err := seal.Open(t.Context(), h, heads[1], heads[len(heads)-1])
	if err != nil || !reflect.DeepEqual(some, []Opened{opened[1], opened[len(heads)-1]}) {
		t.Errorf("two of them: %+v, %v", some, err)
	}
	for _, wrong := range [][]EventHead{{heads[2], heads[1], heads[0]}, {heads[1], heads[1]}, {heads[0], {ID: heads[1].ID, Offset: 1}}} {
		if some, err := seal.Open(t.Context(), h, wrong...); err == nil {
			t.Errorf("%d heads that are not in the record's order: %d events", len(wrong), len(some))
		}
	}
	for i, o := range opened {
		if o.Erased || !reflect.DeepEqual(o.Event, es[i]) {
			t.Errorf("event %d: %+v, want %+v", i, o, es[i])
		}
		alone, err := seal.Open(t.Context(), h, heads[i])
		if err != nil || len(alone) != 1 || !reflect.DeepEqual(alone[0], o) {
			t.Errorf("event %d alone: %+v, %v", i, alone, err)
		}
		if err := keys.Destroy(t.Context(), [][]byte{heads[i].Key}); err != nil {
			t.Fatal(err)
		}
	}
	if opened, err = seal.Open(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	for i, o := range opened {
		texts := textsIn(reflect.ValueOf(o.Body))
		if !o.Erased || o.Kind() != es[i].Kind() || len(texts) > 0 {
			t.Errorf("event %d: erased: %v, %v, left: %q", i, o.Erased, o.Kind(), texts)
		}
		if want := idsIn(reflect.ValueOf(es[i].Body)); !reflect.DeepEqual(idsIn(reflect.ValueOf(o.Body)), want) {
			t.Errorf("event %d: it refers to %v, want %v", i, idsIn(reflect.ValueOf(o.Body)), want)
		}
	}
}

// What an event does to others is left of it, and whom a claim within another mentions.
func TestRemains(t *testing.T) {
	inner := Claim{Predicate: "end", Occurrence: numbered(20), Args: []Arg{{Role: "what", Value: Ref(numbered(21))}}}
	said := &StatementRecorded{Statement{
		Claim:  Claim{Predicate: "fear", Args: []Arg{{Role: "what", Value: Nested(inner)}}, If: []Condition{{Claim: Claim{Predicate: "rain", Occurrence: numbered(22)}}}},
		Gloss:  "They fear the end.",
		Source: numbered(4),
	}}
	for _, c := range []struct{ body, want Body }{
		{&Retracted{Event: exampleID, Reason: "misread", Cascade: true}, &Retracted{Event: exampleID, Cascade: true}},
		{said, &StatementRecorded{Statement{
			Claim:  Claim{Args: []Arg{{Value: Ref(numbered(20))}, {Value: Ref(numbered(21))}, {Value: Ref(numbered(22))}}},
			Source: numbered(4),
		}}},
	} {
		if got := remains(c.body); !reflect.DeepEqual(got, c.want) {
			t.Errorf("of %v there is left %+v, want %+v", c.body.Kind(), got, c.want)
		}
	}
}

// An id that was never given out leaves the keys as they are, whichever come before it.
func TestDestroyNone(t *testing.T) {
	keys := NewMemKeys()
	made, err := keys.New(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	root, err := keys.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ids := [][]byte{made[0].ID, {99}, made[1].ID}
	if err := keys.Destroy(t.Context(), ids); err == nil {
		t.Error("a key that is not there is destroyed")
	}
	read, err := keys.Read(t.Context(), [][]byte{made[0].ID, made[1].ID})
	if again, failed := keys.Root(t.Context()); err != nil || failed != nil || !reflect.DeepEqual(read, made) || again != root {
		t.Errorf("the keys are %v and %v, %v, %v; they were %v and %v", read, again, err, failed, made, root)
	}
}

// textsIn returns the texts that are not empty.
func textsIn(v reflect.Value) (texts []string) {
	each(v, func(v reflect.Value) {
		if v.Kind() == reflect.String && v.Len() > 0 {
			texts = append(texts, v.String())
		}
	})
	return texts
}

func idsIn(v reflect.Value) map[uuid.UUID]bool {
	ids := map[uuid.UUID]bool{}
	each(v, func(v reflect.Value) {
		if id, ok := v.Interface().(uuid.UUID); ok && id != uuid.Nil {
			ids[id] = true
		}
	})
	return ids
}

func each(v reflect.Value, yield func(reflect.Value)) {
	if v.CanInterface() {
		yield(v)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			each(v.Elem(), yield)
		}
	case reflect.Slice:
		for i := range v.Len() {
			each(v.Index(i), yield)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			each(v.Field(i), yield)
		}
	}
}

// No bit of a sealed payload can be changed, and none opens as another event's or
// with another record's keys.
func TestSealDamage(t *testing.T) {
	keys := NewMemKeys()
	seal := mustSeal(t, keys)
	_, r := sealedRecord(t, seal)
	h, err := r.Header()
	if err != nil {
		t.Fatal(err)
	}
	e := h.Batches[0].Events[5]
	again := func(change func(e *Encoded)) error {
		enc := Encoded{ID: e.ID, Kind: e.Kind, Key: e.Key, Payload: bytes.Clone(h.Payload(e))}
		change(&enc)
		b := NewSealedRecord(1, 1, [32]byte{}, seal.Record())
		if err := b.Add(exampleTime, "desk", []Encoded{enc}); err != nil {
			t.Fatal(err)
		}
		h, err := Record{1, b.Bytes()}.Header()
		if err != nil {
			return err
		}
		_, err = seal.Open(t.Context(), h)
		return err
	}
	if err := again(func(*Encoded) {}); err != nil {
		t.Fatal(err)
	}
	var sealed [3][]byte
	if err := decoding.Unmarshal(h.Payload(e), &sealed); err != nil {
		t.Fatal(err)
	}
	for i := e.Length - len(sealed[1]) - 2 - len(sealed[2]); i < e.Length; i += 7 {
		if err := again(func(e *Encoded) { e.Payload[i] ^= 4 }); !errors.Is(err, ErrDamaged) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
	other := h.Batches[0].Events[4]
	for what, change := range map[string]func(e *Encoded){
		"another id":         func(e *Encoded) { e.ID[0]++ },
		"another kind":       func(e *Encoded) { e.Kind = KindRedacted },
		"another key":        func(e *Encoded) { e.Key = other.Key },
		"another commitment": func(e *Encoded) { e.Payload[len(e.Payload)-1]++ },
		"no commitment":      func(e *Encoded) { e.Payload = append([]byte{0x82}, e.Payload[1:len(e.Payload)-34]...) },
		"cut":                func(e *Encoded) { e.Payload = e.Payload[:len(e.Payload)-34] },
		"half a commitment": func(e *Encoded) {
			e.Payload = append(append(e.Payload[:len(e.Payload)-34:len(e.Payload)-34], 0x50), make([]byte, 16)...)
		},
		"no array":     func(e *Encoded) { e.Payload = []byte{0xa0} },
		"a longer way": func(e *Encoded) { e.Payload = append([]byte{0x98, 3}, e.Payload[1:]...) },
		"more behind":  func(e *Encoded) { e.Payload = append(e.Payload, 0) },
	} {
		if err := again(change); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := mustSeal(t, NewMemKeys()).Open(t.Context(), h); !errors.Is(err, ErrKeys) {
		t.Errorf("another record's keys: %v", err)
	}
}

// One event opens with its key and nothing else, with no other key, and not as another event.
func TestEventKeyOpen(t *testing.T) {
	keys := NewMemKeys()
	es, r := sealedRecord(t, mustSeal(t, keys))
	h, err := r.Header()
	if err != nil {
		t.Fatal(err)
	}
	heads := slices.Concat(h.Batches[0].Events, h.Batches[1].Events)
	var ids [][]byte
	for _, head := range heads {
		ids = append(ids, head.Key)
	}
	all, err := keys.Read(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	for i, head := range heads {
		for k, other := range heads {
			body, err := all[i].Open(other, h.Payload(other))
			if i == k && (err != nil || !reflect.DeepEqual(body, es[i].Body)) || i != k && !errors.Is(err, ErrKeys) {
				t.Errorf("event %d with the key of %d: %+v, %v", k, i, body, err)
			}
		}
		payload := h.Payload(head)
		wrong := all[i]
		wrong.Secret[31] ^= 1
		moved, kind := head, head
		moved.ID[0] ^= 1
		if kind.Kind = KindAssessed; kind.Kind == head.Kind {
			kind.Kind = KindRetracted
		}
		rest := bytes.Clone(payload) // what remains after an erasure: not looked at
		rest[8] ^= 1
		if body, err := all[i].Open(head, rest); err != nil || !reflect.DeepEqual(body, es[i].Body) {
			t.Errorf("event %d, what remains is another: %+v, %v", i, body, err)
		}
		altered := bytes.Clone(payload)
		altered[len(altered)-40] ^= 1
		for what, c := range map[string]struct {
			key     EventKey
			head    EventHead
			payload []byte
			want    error
		}{
			"another secret":  {wrong, head, payload, ErrKeys},
			"a destroyed key": {EventKey{}, head, payload, ErrKeys},
			"another id":      {all[i], moved, payload, ErrDamaged},
			"another kind":    {all[i], kind, payload, ErrDamaged},
			"altered":         {all[i], head, altered, ErrDamaged},
			"cut":             {all[i], head, payload[:len(payload)-1], ErrDamaged},
			"nothing":         {all[i], head, nil, ErrDamaged},
		} {
			if body, err := c.key.Open(c.head, c.payload); !errors.Is(err, c.want) || body != nil || strings.Contains(fmt.Sprint(err), "decode") {
				t.Errorf("event %d, %s: %+v, %v, want %v", i, what, body, err, c.want)
			}
		}
	}
}

// The header says that the events are sealed, and they are.
func TestSealedHeader(t *testing.T) {
	b := NewSealedRecord(1, 1, [32]byte{}, numbered(9))
	for _, key := range [][]byte{nil, make([]byte, 65)} {
		if err := b.Add(exampleTime, "desk", []Encoded{{ID: exampleID, Kind: KindRedacted, Key: key, Payload: []byte{1}}}); err == nil {
			t.Errorf("a key id of %d bytes is added", len(key))
		}
	}
	for _, n := range []int{1, 64} {
		if err := b.Add(exampleTime, "desk", []Encoded{{ID: exampleID, Kind: KindRedacted, Key: make([]byte, n), Payload: []byte{1}}}); err != nil {
			t.Errorf("a key id of %d bytes: %v", n, err)
		}
	}
	if _, err := (Record{1, b.Bytes()}).Header(); err != nil {
		t.Error(err)
	}
	plain := NewRecord(1, 1, [32]byte{})
	if err := plain.Add(exampleTime, "desk", []Encoded{{ID: exampleID, Kind: KindRedacted, Key: []byte{7}, Payload: []byte{1}}}); err == nil {
		t.Error("a key id is added to a record that is not sealed")
	}
	batch := func(key string) string {
		return "05 81 a3 01 00 02 60 03 81 84 50" + strings.Repeat("01", 16) + "0a" + key + "00"
	}
	for what, header := range map[string]string{
		"keys in version 1":     "a6 01 01 02 01 03 01 04 5820" + strings.Repeat("00", 32) + "05 80 06 50" + strings.Repeat("09", 16),
		"no keys in version 2":  "a5 01 02 02 01 03 01 04 5820" + strings.Repeat("00", 32) + "05 80",
		"event without a key":   "a6 01 02 02 01 03 01 04 5820" + strings.Repeat("00", 32) + batch("40") + "06 50" + strings.Repeat("09", 16),
		"event with a long key": "a6 01 02 02 01 03 01 04 5820" + strings.Repeat("00", 32) + batch("5841"+strings.Repeat("07", 65)) + "06 50" + strings.Repeat("09", 16),
		"key in version 1":      "a5 01 01 02 01 03 01 04 5820" + strings.Repeat("00", 32) + batch("4107"),
		"keys of zeros":         "a6 01 02 02 01 03 01 04 5820" + strings.Repeat("00", 32) + batch("4107") + "06 50" + strings.Repeat("00", 16),
	} {
		if _, err := (Record{1, sealed(unhex(t, header))}).Header(); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Ids of an erasable record are made with its secret, and no others are taken.
func TestSealKey(t *testing.T) {
	seal, other := mustSeal(t, NewMemKeys()), mustSeal(t, NewMemKeys())
	id := seal.Key("entity", "person", "Ann")
	if id != seal.Key("entity", "person", "Ann") || id == seal.Key("entity", "perso", "nAnn") || id == other.Key("entity", "person", "Ann") {
		t.Error("an id is not that of its parts and its record")
	}
	if id.Version() != 8 || id.Variant() != uuid.RFC4122 {
		t.Errorf("%v is of version %d", id, id.Version())
	}
	b := seal.NewBatch("desk")
	if ann := b.Person("Ann"); ann.ID != id {
		t.Errorf("the batch has %v, want %v", ann.ID, id)
	}
	src := b.Source("https://example.org/1").By(b.Person("A. Reporter"))
	src.Says("walk", b.Person("Ann"))
	b.Occasion("today").Redact(src.Says("sing", b.Person("Ann")).ID(), "by request")
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := EncodeBatch(batch)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range batch.Events {
		if e.ID.Version() != 8 {
			t.Errorf("%v %v is of version %d", e.Kind(), e.ID, e.ID.Version())
		}
	}
	if _, err := seal.Seal(t.Context(), batch.Events, encoded); err != nil {
		t.Error(err)
	}
	for i, e := range []Event{
		{ID: Key("x"), Body: &Retracted{Event: id}},
		{ID: uuid.Must(uuid.NewV7()), Body: &EntityRegistered{Entity{ID: Key("Ann"), Kind: Person, Name: Name{Text: "Ann"}}}},
		{ID: uuid.Must(uuid.NewV7()), Body: &SourceAdded{Source{ID: Key("source"), Title: "A"}}},
		{ID: uuid.Must(uuid.NewV7()), Body: &SourceAdded{Source{ID: uuid.NewMD5(uuid.NameSpaceURL, []byte("A")), Title: "A"}}},
	} {
		_, err := seal.Seal(t.Context(), []Event{e}, []Encoded{{ID: e.ID, Kind: e.Kind(), Payload: mustEncode(t, e.Body)}})
		want := "version 5"
		if i == 3 {
			want = "version 3"
		}
		if !errors.Is(err, ErrInvalid) || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("event %d: %v", i, err)
		}
	}
}
