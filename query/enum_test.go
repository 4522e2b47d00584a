package query

import (
	"encoding"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/onrecord/onrecord/internal/enum"
)

// Every value of every enumeration is in JSON the word that it prints, and is read from it; all
// else is refused.
func TestWordsOfEnumerations(t *testing.T) {
	worded[Commitment](t, commitmentWords)
	worded[Outcome](t, outcomeWords)
	worded[Holding](t, holdingWords)
	worded[Why](t, whyWords)
	worded[TaskKind](t, taskKindWords)
	worded[ConflictKind](t, conflictKindWords)
	worded[TraceReason](t, traceReasonWords)
	const want = `query: Outcome "fails": is not in use, want "failed" (one of open, came true, failed, disputed, lapsed)`
	if err := new(Outcome).UnmarshalText([]byte("fails")); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func worded[E interface {
	~uint8
	fmt.Stringer
	encoding.TextMarshaler
}, P interface {
	*E
	encoding.TextUnmarshaler
}](t *testing.T, w enum.Words) {
	t.Helper()
	for i := range 256 {
		e, back := E(i), E(i+1)
		data, err := json.Marshal(e)
		if i > 0 && !w.Has(uint8(i)) {
			if err == nil {
				t.Errorf("%T %d is written as %s", e, i, data)
			}
			continue
		}
		want := ""
		if w.Has(uint8(i)) {
			want = e.String()
		}
		if err != nil || string(data) != fmt.Sprintf("%q", want) {
			t.Errorf("%v is written as %s, %v, want %q", e, data, err, want)
		}
		if err := json.Unmarshal(data, P(&back)); err != nil || back != e {
			t.Errorf("%s is read as %v, %v, want %v", data, back, err, e)
		}
	}
	if was := E(1); P(&was).UnmarshalText([]byte("no word")) == nil || was != 1 {
		t.Errorf("%q is read as %v", "no word", was)
	}
}
