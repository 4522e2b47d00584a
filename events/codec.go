package events

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/fxamacker/cbor/v2"
)

// ErrDamaged is wrapped by every error about stored bytes that no release can
// have written. What a newer release wrote is refused with ErrNewer instead.
var ErrDamaged = errors.New("the bytes have been damaged")

// ErrNewer is wrapped by every error about a record that a newer release wrote, in a
// version of the format that this one does not know.
var ErrNewer = errors.New("a newer release wrote it")

// EncodeBody returns the deterministic encoding of a body, as FORMAT.md beside
// this package specifies it: equal bodies, and only those, have equal encodings. A
// nil slice equals an empty one. [DecodeBody] reads whatever it returns.
//
// The body need not have been checked, but text that is not UTF-8, a number
// that is not finite, claims nested deeper than [MaxDepth], lists longer than
// [MaxEvents] and an encoding larger than [MaxRecord] are refused, the last with
// ErrRecordSize. Each body is read back once before it is returned.
func EncodeBody(b Body) ([]byte, error) {
	data, err := encodeBody(b)
	if err == nil {
		// Any text is written, and a list of any length, but not all can be read.
		_, err = decodeBody(b.Kind(), data)
	}
	if err != nil {
		e := Event{}
		if isBody(b) {
			e.Body = b
		}
		return nil, fmt.Errorf("events: encode %v: %w", e.Kind(), err)
	}
	return data, nil
}

// EncodeBatch checks the shape of a batch that is to be recorded, as [CheckShape] does,
// and encodes its events, on all cores if there are many. A name, a predicate, a role or
// the like is refused, too, with white space around it, or with a line separator, a soft hyphen
// or the like in it that shows nothing: it would be another one than that without. So is one in
// which nothing is seen. It costs less than EncodeBody for each: what has been checked need not
// be read back.
func EncodeBatch(b *Batch) ([]Encoded, error) {
	if err := check(b, true); err != nil {
		return nil, err
	}
	encoded := make([]Encoded, len(b.Events))
	err := onAllCores(len(b.Events), func(i int) error {
		e := &b.Events[i]
		data, err := encodeChecked(e.Body)
		if err != nil {
			return fmt.Errorf("events: encode event %d (%v %v): %w", i, e.Kind(), e.ID, err)
		}
		encoded[i] = Encoded{ID: e.ID, Kind: e.Kind(), Payload: data}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return encoded, nil
}

// share is how many events one core takes before it looks for more.
const share = 64

// onAllCores calls f with each number below n, and returns the first error of a
// share that has failed.
func onAllCores(n int, f func(i int) error) error {
	if n <= share {
		for i := range n {
			if err := f(i); err != nil {
				return err
			}
		}
		return nil
	}
	failed := make([]error, (n+share-1)/share)
	work := func(part int) {
		for i := part * share; i < min((part+1)*share, n) && failed[part] == nil; i++ {
			failed[part] = f(i)
		}
	}
	var next atomic.Int64
	all := func() {
		for part := next.Add(1) - 1; part < int64(len(failed)); part = next.Add(1) - 1 {
			work(int(part))
		}
	}
	var helpers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(failed)) - 1 {
		helpers.Go(all)
	}
	all()
	helpers.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

// encodeBody is EncodeBody without reading back.
func encodeBody(b Body) ([]byte, error) {
	if !isBody(b) {
		return nil, errors.New("no body")
	}
	// Before what is shared is written out, and before a cycle of claims is followed.
	if least := leastSize(b); least > MaxRecord {
		return nil, fmt.Errorf("at least %d bytes: %w", least, ErrRecordSize)
	}
	if err := checkDepth(b); err != nil {
		return nil, err
	}
	return encodeChecked(b)
}

// encodeChecked is encodeBody for what has been checked or read.
func encodeChecked(b Body) ([]byte, error) {
	data := written(b)
	if data == nil {
		var err error
		if data, err = encoding.Marshal(b); err != nil {
			return nil, err
		}
	}
	if len(data) > MaxRecord {
		return nil, fmt.Errorf("%d bytes: %w", len(data), ErrRecordSize)
	}
	return data, nil
}

// DecodeBody returns the body of the kind that payload encodes. It takes
// whatever EncodeBody can return and refuses everything else with ErrDamaged: what is
// not well-formed or does not fit the kind, claims nested too deep, more than
// [MaxRecord] bytes, and what is not written in the one way that it can be. It does not
// look at the numbers of enumerations: that is for checking to do.
//
// Statements and entities are read so that they cannot be written in another way; the
// other kinds are written again and compared, which costs up to as much again.
//
// The body shares no memory with payload. It takes at most 300 bytes for each
// byte of payload, and about 7 in what releases write.
func DecodeBody(k Kind, payload []byte) (Body, error) {
	b, err := decodeBody(k, payload)
	if err != nil {
		return nil, fmt.Errorf("events: decode: %w: %w", err, ErrDamaged)
	}
	return b, nil
}

func decodeBody(k Kind, payload []byte) (Body, error) {
	if len(payload) > MaxRecord {
		return nil, fmt.Errorf("%v: %d bytes", k, len(payload))
	}
	if b := read(k, payload); b != nil {
		return b, nil
	}
	b := newBody(k)
	if b == nil {
		return nil, fmt.Errorf("no such kind: %v", k)
	}
	err := decoding.Unmarshal(payload, b)
	if err == nil {
		err = checkDepth(b)
	}
	if err != nil {
		return nil, fmt.Errorf("%v: %w", k, err)
	}
	if leastSize(b) > len(payload) { // so that what is refused is not written
		return nil, fmt.Errorf("%v: %w", k, errOtherWay)
	}
	if again, err := encodeChecked(b); err != nil || !bytes.Equal(again, payload) {
		return nil, fmt.Errorf("%v: %w", k, errOtherWay)
	}
	return b, nil
}

var errOtherWay = errors.New("it is not written in the one way that it can be")

func newBody(k Kind) Body {
	switch k {
	case KindSourceAdded:
		return new(SourceAdded)
	case KindEntityRegistered:
		return new(EntityRegistered)
	case KindEntityNamed:
		return new(EntityNamed)
	case KindIdentityJudged:
		return new(IdentityJudged)
	case KindEntitySplit:
		return new(EntitySplit)
	case KindStatementRecorded:
		return new(StatementRecorded)
	case KindStatementsLinked:
		return new(StatementsLinked)
	case KindAssessed:
		return new(Assessed)
	case KindRetracted:
		return new(Retracted)
	case KindRedacted:
		return new(Redacted)
	case KindVocabularyDeclared:
		return new(VocabularyDeclared)
	}
	return nil
}

func checkDepth(b Body) error {
	if s, ok := b.(*StatementRecorded); ok && deeper(&s.Statement.Claim, MaxDepth) {
		return fmt.Errorf("claims are nested deeper than %d", MaxDepth)
	}
	return nil
}

// deeper reports whether c is nested deeper than depth, c itself being 1.
func deeper(c *Claim, depth int) bool {
	if depth == 0 {
		return true
	}
	return slices.ContainsFunc(c.Args, func(a Arg) bool { return a.Value.Claim != nil && deeper(a.Value.Claim, depth-1) }) ||
		slices.ContainsFunc(c.If, func(i Condition) bool { return deeper(&i.Claim, depth-1) })
}

// The format is led by the struct tags; these are its rules. Statements and entities,
// which most events are, are written and read by hand (see written and read), as headers
// are written: that saves 30 % of the CPU time of recording in memory and of opening
// (BenchmarkRecordMem and BenchmarkOpen of package graph). What is right the library
// says for these, too: tests want the same bytes and values of both.
var (
	encoding = must(encodingRules().EncMode())
	decoding = must(decodingRules().DecMode())
)

// encodingRules leave out MarshalText: enumerations are numbers here. An edtf.Time, which is
// text, has methods for CBOR.
func encodingRules() cbor.EncOptions {
	rules := cbor.CoreDetEncOptions()
	rules.NilContainers = cbor.NilContainerAsEmpty
	rules.NaNConvert = cbor.NaNConvertReject
	rules.InfConvert = cbor.InfConvertReject
	rules.IndefLength = cbor.IndefLengthForbidden
	rules.TagsMd = cbor.TagsForbidden
	return rules
}

func decodingRules() cbor.DecOptions {
	return cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		UTF8:              cbor.UTF8RejectInvalid,
		NaN:               cbor.NaNDecodeForbidden,
		Inf:               cbor.InfDecodeForbidden,
		SimpleValues:      onlyTrue(),
		// Each claim but the first is in a value in an argument in a list in the
		// claim above; the first is in a statement in a body.
		MaxNestedLevels:  4*MaxDepth + 2,
		MaxArrayElements: MaxEvents,
		MaxMapPairs:      16, // the least that the library takes; 10 are the most in use
	}
}

// onlyTrue refuses false, null, undefined and all simple values without a name.
func onlyTrue() *cbor.SimpleValueRegistry {
	var rules []func(*cbor.SimpleValueRegistry) error
	for v := range 256 {
		const isTrue, reserved, unreserved = 21, 24, 32
		if v != isTrue && (v < reserved || v >= unreserved) {
			rules = append(rules, cbor.WithRejectedSimpleValue(cbor.SimpleValue(v)))
		}
	}
	return must(cbor.NewSimpleValueRegistryFromDefaults(rules...))
}

// must is for rules that are written above and so cannot be wrong.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
