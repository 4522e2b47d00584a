package query

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/enum"
)

// Trace is an event in which somebody stands, or perhaps does.
type Trace struct {
	*events.Event // as it was recorded
	Why           TraceReason
	Text          string // for TraceWords: the text in which the words are
	// Stays says that the event is of a kind that cannot be redacted: a verdict, a
	// split, a retraction, a redaction, a declaration.
	Stays bool
}

// TraceReason is why an event is a trace. Of several it is the first.
type TraceReason uint8

// The reasons. The last two are suspicions: redact none of them that nobody has looked at.
const (
	TraceName    TraceReason = iota + 1 // it registers or names the entity
	TraceVerdict                        // it is a verdict on the entity, or a split that names it
	TraceSource                         // it adds a source that has the entity as an author or as its publisher
	TraceMention                        // it records a statement that mentions the entity anywhere
	TraceBearing                        // what it links, rates or refers to is one of the last two
	TraceWords                          // one of its texts contains a name of the entity
)

var traceReasonWords = enum.Of("query", "TraceReason", "", "name", "verdict", "source", "mention", "bearing", "words")

func (r TraceReason) String() string { return traceReasonWords.Of(uint8(r)) }

// MarshalText returns the word that String prints, an empty text for 0, which is not in use. Any
// other number that is not in use is an error.
func (r TraceReason) MarshalText() ([]byte, error) { return traceReasonWords.Marshal(uint8(r)) }

// UnmarshalText sets it to what a word stands for, to 0 if text is empty. Another word is an error,
// which names the nearest, and changes nothing.
func (r *TraceReason) UnmarshalText(text []byte) error {
	return enum.Unmarshal(traceReasonWords, text, r)
}

// Traces returns the events in which an entity or any member of its cluster stands,
// and those in which it perhaps stands, in the order of the record: what has to be
// redacted, or looked at, if it is to be erased. See the package comment. A word without a letter or a digit,
// with which nothing would be found, is an error.
func Traces(ctx context.Context, v graph.View, entity uuid.UUID, words ...string) iter.Seq2[*Trace, error] {
	return func(yield func(*Trace, error) bool) {
		x := &tracer{members: make(map[uuid.UUID]bool), found: make(map[uuid.UUID]bool), split: make(map[uuid.UUID]bool), fold: cases.Fold()}
		for i, w := range words {
			if !x.name(w) {
				yield(nil, fmt.Errorf("query: traces: words[%d] is %q: want a letter or a digit in it", i, w))
				return
			}
		}
		for _, id := range v.Cluster(entity) {
			x.members[id] = true
		}
		if len(x.members) == 0 {
			if err := ended(ctx); err != nil {
				yield(nil, err)
			}
			return
		}
		for e, err := range v.Events(ctx, 0) {
			if err != nil {
				yield(nil, fmt.Errorf("query: traces: %w", err))
				return
			}
			x.learn(e)
		}
		x.names = shortest(x.names)
		for e, err := range v.Events(ctx, 0) {
			if err != nil {
				yield(nil, fmt.Errorf("query: traces: %w", err))
				return
			}
			if t := x.trace(e); t != nil && !yield(t, nil) {
				return
			}
		}
	}
}

// tracer looks for one entity.
type tracer struct {
	members map[uuid.UUID]bool
	names   []string           // folded; once all are learnt, as shortest returns them
	split   map[uuid.UUID]bool // statements of which a split says that they mention it
	found   map[uuid.UUID]bool // statements that mention it and sources by it
	fold    cases.Caser
}

// name takes a name in, and reports whether there is anything in it to look for.
func (x *tracer) name(text string) (some bool) {
	for folded := range x.readings(text) {
		if folded == "" {
			continue
		}
		if strings.Count(folded, "")-1 > shortName {
			folded = strings.TrimSuffix(folded, " ") // or it would not be found with an ending
		}
		x.names = append(x.names, folded)
		some = true
	}
	return some
}

// shortest sorts texts and returns those that do not begin with another: what contains one
// that does contains the other, too.
func shortest(texts []string) (kept []string) {
	slices.Sort(texts)
	for _, t := range texts {
		if n := len(kept); n == 0 || !strings.HasPrefix(t, kept[n-1]) {
			kept = append(kept, t)
		}
	}
	return kept
}

// shortName is how many characters a folded name has at most of which only whole words
// are found: three letters with the spaces around them.
const shortName = 5

// learn takes in what must be known before the first event is looked at.
func (x *tracer) learn(e *events.Event) {
	switch b := e.Body.(type) {
	case *events.EntityRegistered:
		if x.members[b.Entity.ID] {
			x.name(b.Entity.Name.Text)
		}
	case *events.EntityNamed:
		if x.members[b.Entity] {
			x.name(b.Name.Text)
		}
	case *events.SourceAdded:
		if x.publishes(&b.Source) {
			x.found[b.Source.ID] = true // what was said of it before is about it, too
		}
	case *events.EntitySplit:
		for _, p := range b.Parts {
			for _, m := range p.Mentions {
				if x.members[p.Entity] {
					x.split[m.Statement] = true
				}
			}
		}
	}
}

// trace returns an event as a trace, or nil.
func (x *tracer) trace(e *events.Event) *Trace {
	t := &Trace{Event: e, Why: x.why(e)}
	switch e.Body.(type) {
	case nil:
		return nil
	case *events.IdentityJudged, *events.EntitySplit, *events.Retracted, *events.Redacted, *events.VocabularyDeclared:
		t.Stays = true
	}
	if t.Why == TraceMention {
		x.found[e.ID] = true
	}
	if t.Why != 0 {
		return t
	}
	textsOf(e.Body, func(text string) {
		if t.Why == 0 && x.named(text) {
			t.Why, t.Text = TraceWords, text
		}
	})
	if t.Why == 0 {
		return nil
	}
	return t
}

// publishes reports whether the entity is an author of a source or its publisher.
func (x *tracer) publishes(s *events.Source) bool {
	return x.members[s.Publisher] || slices.ContainsFunc(s.Authors, func(author uuid.UUID) bool { return x.members[author] })
}

// why returns why an event is a trace whatever its texts say, or 0.
func (x *tracer) why(e *events.Event) (why TraceReason) {
	is := false
	switch b := e.Body.(type) {
	case *events.EntityRegistered:
		is, why = x.members[b.Entity.ID], TraceName
	case *events.EntityNamed:
		is, why = x.members[b.Entity], TraceName
	case *events.IdentityJudged:
		is, why = x.members[b.A] || x.members[b.B], TraceVerdict
	case *events.EntitySplit:
		is, why = x.members[b.Entity], TraceVerdict
		for _, p := range b.Parts {
			is = is || x.members[p.Entity]
		}
	case *events.SourceAdded:
		is, why = x.publishes(&b.Source), TraceSource
	case *events.StatementRecorded:
		bears := false
		is, why = x.split[e.ID], TraceMention
		refersTo(&b.Statement, func(kind events.ValueKind, id uuid.UUID) {
			is = is || kind == events.EntityValue && x.members[id]
			bears = bears || kind == events.StatementValue && x.found[id]
		})
		if !is && bears {
			is, why = true, TraceBearing
		}
	case *events.StatementsLinked:
		is, why = b.Reason != "" && (x.found[b.From] || x.found[b.To]), TraceBearing
	case *events.Assessed:
		is, why = b.Reason != "" && (x.found[b.Source] || x.found[b.Statement]), TraceBearing
	}
	if !is {
		return 0
	}
	return why
}

// named reports whether a text, or what it says in a URL's encoding, contains one of
// the names.
func (x *tracer) named(text string) bool {
	var folded string
	for n := 0; ; n++ {
		for reading := range x.readings(text) {
			folded += reading
		}
		decoded := unescaped(text)
		if decoded == text || n == escapes {
			break
		}
		text = decoded
	}
	for i := range len(folded) {
		if folded[i] != ' ' { // a name begins with one
			continue
		}
		// None of the names begins with another, so only the last that is not behind the text
		// from here on can begin it.
		n, is := slices.BinarySearch(x.names, folded[i:])
		if is || n > 0 && strings.HasPrefix(folded[i:], x.names[n-1]) {
			return true
		}
	}
	return false
}

// escapes is how often a text is percent-decoded: a URL may stand in that of another.
const escapes = 3

// unescaped returns a text with each byte that is percent-encoded decoded, and all else as
// it is: a text need not be a URL throughout, nor a correct one.
func unescaped(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if x, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(x))
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// withoutSpaces are the scripts that do not part words.
var withoutSpaces = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

// unseen are the characters without width that stand within words and between them: the
// zero-width space, which is also written as a byte order mark, and the non-joiner.
const unseen = "\u200b\u200c\ufeff"

// readings yields the words of a text, as folded has them: once with what is unseen
// joining words, and where there is any, once with it parting them.
func (x *tracer) readings(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		if yield(x.folded(text, false)) && strings.ContainsAny(text, unseen) {
			yield(x.folded(text, true))
		}
	}
}

// plain are letters that have no decomposition, in lower case, and how they are written in
// alphabets without them or by who has only those keys. Tatweel only lengthens a word.
var plain = map[rune]string{
	'ı': "i", 'ł': "l", 'ø': "o", 'đ': "d", 'ð': "d", 'ħ': "h", 'ŧ': "t", 'ŋ': "n", 'ĸ': "k",
	'ɓ': "b", 'ɗ': "d", 'ƙ': "k", 'ƴ': "y", 'æ': "ae", 'œ': "oe", 'þ': "th",
	'ي': "ی", 'ى': "ی", 'ك': "ک", '\u0640': "",
}

// apostrophes are letters to Unicode, and parted from words like any apostrophe.
const apostrophes = "\u02b9\u02ba\u02bb\u02bc\u02bd\ua78c"

// folded returns the words of a text, with one space before each and one at the end.
func (x *tracer) folded(text string, parted bool) string {
	var b strings.Builder
	apart := true
	// Some letters have a case only once they are decomposed, as mathematical ones.
	for _, r := range norm.NFKD.String(x.fold.String(norm.NFKD.String(text))) {
		letter, mapped := "", false
		if r >= 0x80 {
			letter, mapped = plain[r]
		}
		alone := r >= 0x80 && unicode.In(r, withoutSpaces...)
		switch {
		case parted && strings.ContainsRune(unseen, r):
			apart = true
			continue
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r), mapped && letter == "":
			continue
		case !unicode.IsLetter(r) && !unicode.IsNumber(r), r >= 0x80 && strings.ContainsRune(apostrophes, r):
			apart = true
			continue
		case apart || alone:
			b.WriteByte(' ')
		}
		if mapped {
			b.WriteString(letter)
		} else {
			b.WriteRune(r)
		}
		apart = alone
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	return b.String()
}

// refersTo calls f with each entity and each statement that a statement mentions.
func refersTo(s *events.Statement, f func(kind events.ValueKind, id uuid.UUID)) {
	var claim func(c *events.Claim)
	claim = func(c *events.Claim) {
		f(events.EntityValue, c.Occurrence)
		for i := range c.Args {
			v := &c.Args[i].Value
			if v.Kind == events.ClaimValue {
				claim(v.Claim)
			} else {
				f(v.Kind, v.ID)
			}
		}
		for i := range c.If {
			claim(&c.If[i].Claim)
		}
	}
	claim(&s.Claim)
	for i := range s.Voices {
		v := &s.Voices[i]
		for _, ps := range [...][]events.Party{v.Speakers, v.For, v.To} {
			for k := range ps {
				f(events.EntityValue, ps[k].Entity)
			}
		}
	}
}

// textsOf calls f with every text of a body that anybody has written; languages are none.
func textsOf(body events.Body, f func(string)) {
	switch b := body.(type) {
	case *events.SourceAdded:
		f(b.Source.Title)
		f(b.Source.URL)
	case *events.EntityRegistered:
		f(b.Entity.Name.Text)
		f(b.Entity.Note)
	case *events.EntityNamed:
		f(b.Name.Text)
	case *events.IdentityJudged:
		f(b.Reason)
	case *events.EntitySplit:
		f(b.Reason)
	case *events.StatementRecorded:
		textsOfStatement(&b.Statement, f)
	case *events.StatementsLinked:
		f(b.Reason)
	case *events.Assessed:
		f(b.Scheme)
		f(b.Value)
		f(b.Reason)
	case *events.Retracted:
		f(b.Reason)
	case *events.Redacted:
		f(b.Reason)
	case *events.VocabularyDeclared:
		for _, p := range b.Predicates {
			f(p.Name)
			f(p.Inverse)
			for _, r := range p.Roles {
				f(r.Name)
			}
		}
		for _, s := range b.Schemes {
			f(s.Name)
			for _, value := range s.Values {
				f(value)
			}
		}
	}
}

func textsOfStatement(s *events.Statement, f func(string)) {
	var claim func(c *events.Claim)
	claim = func(c *events.Claim) {
		f(c.Predicate)
		f(c.When.As)
		for i := range c.Args {
			a := &c.Args[i]
			f(a.Role)
			f(a.As)
			f(a.Value.Text)
			f(a.Value.Unit)
			if a.Value.Kind == events.ClaimValue {
				claim(a.Value.Claim)
			}
		}
		for i := range c.If {
			f(c.If[i].As)
			claim(&c.If[i].Claim)
		}
	}
	f(s.Selector.Exact)
	f(s.Gloss)
	claim(&s.Claim)
	f(s.Selector.Locator)
	for i := range s.Voices {
		v := &s.Voices[i]
		f(v.Cue)
		f(v.Said.As)
		for _, ps := range [...][]events.Party{v.Speakers, v.For, v.To} {
			for k := range ps {
				f(ps[k].As)
			}
		}
	}
}
