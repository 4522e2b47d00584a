package events_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// All words that do not stand in their text are told, up to a number.
func TestCheckTextTellsAll(t *testing.T) {
	b := &events.Batch{Texts: map[uuid.UUID]string{idOf("story"): "He said so twice."}}
	for i := range 100 {
		st := plainStatement()
		if st.Selector.Exact = "twice"; i%2 == 1 {
			st.Selector.Exact = "thrice"
		}
		b.Events = append(b.Events, eventOf(fmt.Sprint(i), &events.StatementRecorded{Statement: st}))
	}
	for n, want := range map[int]struct {
		errors int
		last   string
	}{2: {1, `event 1 (`}, 6: {3, `event 5 (`}, 40: {20, `event 39 (`}, 100: {21, "events: and 30 more"}} {
		err := checkText(&events.Batch{Events: b.Events[:n], Texts: b.Texts}, world())
		lines := strings.Split(fmt.Sprint(err), "\n")
		if !errors.Is(err, events.ErrInvalid) || len(lines) != want.errors || !strings.Contains(lines[len(lines)-1], want.last) {
			t.Errorf("%d events: %v", n, err)
		}
		if first := (*events.Error)(nil); !errors.As(err, &first) || first.Index != 1 {
			t.Errorf("%d events: the first is %v", n, first)
		}
	}
}

func TestCheckText(t *testing.T) {
	const text = "Президент сказав: «так». He said so twice: «так»." // "так" is 19 to 22 and 44 to 47
	sum := sha256.Sum256([]byte(text))
	statement := func(sel events.Selector) events.Event {
		st := plainStatement()
		st.Selector = sel
		return eventOf("x", &events.StatementRecorded{Statement: st})
	}
	for _, c := range []struct {
		name string
		sel  events.Selector
		want string
	}{
		{"no selector", events.Selector{}, ""},
		{"right", events.Selector{Start: 19, End: 22, Exact: "так"}, ""},
		{"right again", events.Selector{Start: 44, End: 47, Exact: "так"}, ""},
		{"without words", events.Selector{Start: 0, End: 49}, ""},
		{"words alone", events.Selector{Exact: "twice"}, ""},
		{"words not there", events.Selector{Exact: "thrice"}, `Exact "thrice": does not stand in the source's text, want the words as they stand there`},
		{"in bytes", events.Selector{Start: strings.Index(text, "так"), End: strings.Index(text, "так") + 3, Exact: "так"},
			"Start 35: offsets count code points, not bytes, want 19 (to 22)"},
		{"off by one", events.Selector{Start: 20, End: 23, Exact: "так"}, `Exact "так": does not stand at 20 to 23 of the source's text, want 19 to 22, where it stands`},
		{"nearer to the second", events.Selector{Start: 40, End: 43, Exact: "так"}, `Exact "так": does not stand at 40 to 43 of the source's text, want 44 to 47, where it stands`},
		{"nowhere", events.Selector{Start: 20, End: 23, Exact: "ні?"}, `Exact "ні?": does not stand at 20 to 23 of the source's text, nor elsewhere in it, want the words as they stand there`},
		{"behind the end", events.Selector{Start: 48, End: 51, Exact: "так"}, "End 51: lies behind the text, which has 49 code points, want 44 to 47, where it stands"},
		{"far behind the end", events.Selector{Start: 4800, End: 4803, Exact: "так"}, "End 4803: lies behind the text, which has 49 code points, want 44 to 47, where it stands"},
		{"behind the end without words", events.Selector{Start: 0, End: 50}, "End 50: lies behind the text, which has 49 code points, want at most 49"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := world()
			s.sources[idOf("story")] = sum[:]
			b := &events.Batch{Events: []events.Event{statement(c.sel)}, Texts: map[uuid.UUID]string{idOf("story"): text}}
			err := checkText(b, s)
			if c.want == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			want := fmt.Sprintf("events: event 0 (StatementRecorded %s): Statement.Selector.%s", b.Events[0].ID, c.want)
			if err == nil || err.Error() != want {
				t.Errorf("\n got %v\nwant %s", err, want)
			}
		})
	}
}

// Words that stand there in other type are refused, and it is said how they stand.
func TestCheckTextAlike(t *testing.T) {
	const text = "“I didn’t  pay,” she said – twice. Geld\u00adwäsche\u00a0? „Nein“."
	sum := sha256.Sum256([]byte(text))
	for _, c := range []struct {
		sel  events.Selector
		want string // but for the words
	}{
		{events.Selector{Exact: "I didn't pay"}, `, but "I didn’t  pay" stands at 1 to 14,`},
		{events.Selector{Exact: "I didn't pay", Start: 1, End: 13}, `, but "I didn’t  pay" stands at 1 to 14,`},
		{events.Selector{Exact: "\"I didn't pay,\""}, `, but "“I didn’t  pay,”" stands at 0 to 16,`},
		{events.Selector{Exact: "said - twice"}, `, but "said – twice" stands at 21 to 33,`},
		{events.Selector{Exact: "Geldwäsche ?"}, `, but "Geld\u00adwäsche\u00a0?" stands at 35 to 48,`},
		{events.Selector{Exact: "'Nein'."}, `, but "„Nein“." stands at 49 to 56,`},
		{events.Selector{Exact: "I DIDN'T PAY"}, "does not stand in the source's text,"},
		{events.Selector{Exact: "I did pay"}, "does not stand in the source's text,"},
		{events.Selector{Exact: "\u00ad"}, ""},
		{events.Selector{Exact: "\u200b"}, "does not stand in the source's text,"},
	} {
		s, st := world(), plainStatement()
		s.sources[idOf("story")], st.Selector = sum[:], c.sel
		err := checkText(&events.Batch{Texts: map[uuid.UUID]string{idOf("story"): text},
			Events: []events.Event{eventOf("x", &events.StatementRecorded{Statement: st})}}, s)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want+" want the words as they stand there") {
			t.Errorf("%q: %v", c.sel.Exact, err)
		}
	}
}

func TestCheckTextOfSource(t *testing.T) {
	sum := sha256.Sum256([]byte("the text"))
	story := func(text string) map[uuid.UUID]string { return map[uuid.UUID]string{idOf("story"): text} }
	added := eventOf("x", &events.SourceAdded{Source: events.Source{ID: idOf("new"), SHA256: sum[:]}})
	other := sha256.Sum256([]byte("other"))
	prefix := fmt.Sprintf("events: batch: Texts[%s]: ", idOf("story"))
	for _, c := range []struct {
		name  string
		batch events.Batch
		have  []byte
		want  string
	}{
		{"no texts", events.Batch{}, nil, ""},
		{"source without hash", events.Batch{Texts: story("anything")}, nil, ""},
		{"right", events.Batch{Texts: story("the text")}, sum[:], ""},
		{"another text", events.Batch{Texts: story("other")}, sum[:], prefix + fmt.Sprintf("has the SHA-256 %x, the source has another, want the text with %x", other, sum)},
		{"not UTF-8", events.Batch{Texts: story("\xff")}, nil, prefix + "is not valid UTF-8"},
		{"source of the batch", events.Batch{Events: []events.Event{added}, Texts: map[uuid.UUID]string{idOf("new"): "the text"}}, nil, ""},
		{"another text for it", events.Batch{Events: []events.Event{added}, Texts: map[uuid.UUID]string{idOf("new"): "other"}}, nil,
			fmt.Sprintf("events: batch: Texts[%s]: has the SHA-256 %x, the source has another, want the text with %x", idOf("new"), other, sum)},
		{"no such source", events.Batch{Texts: map[uuid.UUID]string{idOf("nobody"): ""}}, nil,
			fmt.Sprintf("events: batch: Texts[%s]: is not known: no earlier event records a source with this id", idOf("nobody"))},
	} {
		s := world()
		s.sources[idOf("story")] = c.have
		err := checkText(&c.batch, s)
		if got := fmt.Sprint(err); c.want == "" && err != nil || c.want != "" && got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
	s := world()
	s.broken = errors.New("disk gone")
	if err := checkText(&events.Batch{Texts: story("x")}, s); !errors.Is(err, s.broken) || errors.Is(err, events.ErrInvalid) {
		t.Errorf("got %v, want the error of the state", err)
	}
}

// Long texts are found their way around in by marks; compare with counting.
func TestCheckTextLong(t *testing.T) {
	text := []rune(strings.Repeat("aбв€𝄞", 400))
	for i := range text { // so that every word of 8 stands in few places
		if i%7 == 0 {
			text[i] = rune('a' + i/7%26)
		}
	}
	s := world()
	for start := 0; start+8 <= len(text); start += 13 {
		st := plainStatement()
		st.Selector = events.Selector{Start: start, End: start + 8, Exact: string(text[start : start+8])}
		b := &events.Batch{Events: []events.Event{eventOf("x", &events.StatementRecorded{Statement: st})}, Texts: map[uuid.UUID]string{idOf("story"): string(text)}}
		if err := checkText(b, s); err != nil {
			t.Fatalf("start %d: %v", start, err)
		}
		if start == 0 {
			continue
		}
		st.Selector.Start = len(string(text[:start])) // in bytes, which may lie behind the end
		st.Selector.End = st.Selector.Start + 8
		b.Events[0].Body = &events.StatementRecorded{Statement: st}
		if err := checkText(b, s); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("want %d (to %d)", start, start+8)) {
			t.Fatalf("start %d in bytes: %v", start, err)
		}
	}
}

// Words are found or missed all the same, however many are searched for.
func TestCheckTextMany(t *testing.T) {
	text := strings.Repeat("He said so twice: «так». ", 100) + "Ні."
	for _, words := range []string{"Ні.", "ні.", "He said so", "We said so", text, text + "."} {
		for _, before := range []int{0, 63, 64, 65, 1000} {
			b := &events.Batch{Texts: map[uuid.UUID]string{idOf("story"): text}}
			for i := range before + 1 {
				st := plainStatement()
				if st.Selector.Exact = "«так»"; i == before {
					st.Selector.Exact = words
				}
				b.Events = append(b.Events, eventOf(fmt.Sprint(i), &events.StatementRecorded{Statement: st}))
			}
			err := checkText(b, world())
			var refused *events.Error
			if want := strings.Contains(text, words); want && err != nil || !want && (!errors.As(err, &refused) || refused.Index != before) {
				t.Errorf("%.20q after %d others: %v", words, before, err)
			}
		}
	}
}

// Reading texts ends with its context, at any statement.
func TestReadTextsEnds(t *testing.T) {
	const statements = 100
	b := &events.Batch{Texts: map[uuid.UUID]string{idOf("story"): "text"}}
	for i := range statements {
		st := plainStatement()
		st.Selector.Exact = "text"
		b.Events = append(b.Events, eventOf(fmt.Sprint(i), &events.StatementRecorded{Statement: st}))
	}
	for looks := range statements {
		if texts, err := events.ReadTexts(&ending{Context: context.Background(), looks: looks}, b); texts != nil || !errors.Is(err, context.Canceled) {
			t.Fatalf("the context ended after %d looks: %v, %v", looks, texts, err)
		}
	}
}

// ending is a context that ends when it has been looked at so often.
type ending struct {
	context.Context
	looks int
}

func (e *ending) Err() error {
	if e.looks--; e.looks < 0 {
		return context.Canceled
	}
	return nil
}

// checkText checks a batch against its texts.
func checkText(b *events.Batch, s events.State) error {
	texts, err := events.ReadTexts(context.Background(), b)
	if err != nil {
		return err
	}
	return texts.Check(s)
}

// BenchmarkReadTexts searches the longest text that a batch may have for words that stand at
// its end and seem to stand everywhere.
func BenchmarkReadTexts(b *testing.B) {
	words := strings.Repeat("a", 30) + "b"
	text := strings.Repeat("a", events.MaxSourceText-1) + "b"
	for _, n := range []int{1, 400, 10_000} {
		batch := &events.Batch{Texts: map[uuid.UUID]string{idOf("story"): text}}
		for i := range n {
			st := plainStatement()
			st.Selector.Exact = words
			batch.Events = append(batch.Events, eventOf(fmt.Sprint(i), &events.StatementRecorded{Statement: st}))
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := events.ReadTexts(context.Background(), batch); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
