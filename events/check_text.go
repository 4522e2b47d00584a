package events

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"index/suffixarray"
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Texts are the texts that came with a batch (Batch.Texts), read as far as that can be
// done without the record: searching them takes time, and whoever holds the record would
// keep others waiting.
//
// It never changes, so it may be shared.
type Texts struct {
	read  []readText // in the order of their ids
	words tally      // statements whose words are not there
}

type readText struct {
	source uuid.UUID
	valid  bool // UTF-8
	sum    [sha256.Size]byte
	added  bool   // by the batch,
	want   []byte // with this SHA-256
}

// ReadTexts reads the texts that came with a batch, for [Texts.Check]. [CheckShape] must
// have passed. If there are none, it returns nil.
//
// It takes time in proportion to the texts, and hardly more for many words than for few:
// a second or two for [MaxSourceText], whatever is searched for. It allocates up to twelve
// times the size of the texts. The error is the context's, which is looked at before each
// text and each statement.
func ReadTexts(ctx context.Context, b *Batch) (*Texts, error) {
	if len(b.Texts) == 0 {
		return nil, nil
	}
	added := make(map[uuid.UUID]*Source)
	for i := range b.Events {
		if sa, ok := b.Events[i].Body.(*SourceAdded); ok && sa != nil {
			added[sa.Source.ID] = &sa.Source
		}
	}
	t := &Texts{read: make([]readText, 0, len(b.Texts))}
	texts := make(map[uuid.UUID]*indexed, len(b.Texts))
	for id, content := range b.Texts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r := readText{source: id, valid: utf8.ValidString(content)}
		if source := added[id]; source != nil {
			r.added, r.want = true, source.SHA256
		}
		if r.valid {
			r.sum = sha256.Sum256([]byte(content))
			texts[id] = indexText(content)
		}
		t.read = append(t.read, r)
	}
	slices.SortFunc(t.read, func(x, y readText) int { return bytes.Compare(x.source[:], y.source[:]) })
	for i := range b.Events {
		sr, ok := b.Events[i].Body.(*StatementRecorded)
		if !ok || sr == nil {
			continue
		}
		text := texts[sr.Statement.Source]
		if text == nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		sel := &sr.Statement.Selector
		switch {
		case text.stands(sel):
		case len(t.words.found) < maxFaults:
			t.words.add(text.misplaced(sel).in("Statement.Selector").about(&b.Events[i], i))
		default:
			t.words.more++ // to say why takes time
		}
	}
	return t, nil
}

// Check checks the batch against its texts: each must be the text whose SHA-256 its
// source has, if it has one, by the batch's last registration of it or else by s; a
// statement's offsets must lie within, and its exact words must stand there, or anywhere
// if it has no offsets. Sources without a text are not looked at.
//
// It returns nil, an [*Error], or the error with which s could not be read. If the words of
// several statements do not stand in their texts, each is an [*Error], in the batch's order,
// joined as by [CheckShape]: of more than 20 the first, and behind them how many more there
// are. The error says where words stand that differ in quotation marks, dashes and white
// space only. Nil Texts have no fault.
func (t *Texts) Check(s State) error {
	if t == nil {
		return nil
	}
	for i := range t.read {
		r := &t.read[i]
		e, err := r.check(s)
		if err != nil {
			return fmt.Errorf("events: check text of source %s: %w", r.source, err)
		}
		if e != nil {
			return e.in(fmt.Sprintf("Texts[%s]", r.source)).of(&Event{}, -1)
		}
	}
	return t.words.err()
}

func (r *readText) check(s State) (*Error, error) {
	if !r.valid {
		return refuse(nil, "is not valid UTF-8"), nil
	}
	want := r.want
	if !r.added {
		if e := needSource(r.source, s); e != nil {
			e.Value = nil // the path has it
			return e, nil
		}
		var err error
		if want, err = s.SourceSHA256(r.source); err != nil {
			return nil, err
		}
	}
	if len(want) > 0 && !bytes.Equal(r.sum[:], want) {
		return refuse(nil, fmt.Sprintf("has the SHA-256 %x, the source has another", r.sum)).want("the text with %x", want), nil
	}
	return nil, nil
}

// indexed is a text in which code points can be found by number, and words.
type indexed struct {
	text  string
	marks []int // byte offset of every stride-th code point
	total int   // code points

	searches int
	suffixes *suffixarray.Index // nil at first
	plain    string             // the text in one form, once words have been looked for in that
}

const stride = 256

func indexText(s string) *indexed {
	t := &indexed{text: s}
	for at := range s {
		if t.total%stride == 0 {
			t.marks = append(t.marks, at)
		}
		t.total++
	}
	return t
}

// byteAt returns the byte offset of code point n, 0 <= n <= total.
func (t *indexed) byteAt(n int) int {
	if n == t.total {
		return len(t.text)
	}
	at := t.marks[n/stride]
	for range n % stride {
		_, size := utf8.DecodeRuneInString(t.text[at:])
		at += size
	}
	return at
}

// pointAt returns the number of the code point that begins at a byte offset.
func (t *indexed) pointAt(at int) int {
	i, found := slices.BinarySearch(t.marks, at)
	if !found {
		i--
	}
	return i*stride + utf8.RuneCountInString(t.text[t.marks[i]:at])
}

// fewSearches is how many words are searched for one by one: sorting the suffixes of a
// text takes longer than some hundred searches of prose, and in the worst case as long
// as these.
const fewSearches = 64

// has reports whether words stand anywhere in the text.
func (t *indexed) has(words string) bool {
	if t.searches++; t.searches <= fewSearches {
		return strings.Contains(t.text, words)
	}
	return len(t.sorted().Lookup([]byte(words), 1)) > 0
}

// find returns a byte offset at which words stand, negative if they stand nowhere, and whether
// they stand at another one, too.
func (t *indexed) find(words string) (at int, twice bool) {
	if t.searches++; t.searches <= fewSearches {
		at = strings.Index(t.text, words)
		return at, at >= 0 && strings.Contains(t.text[at+1:], words)
	}
	places := t.sorted().Lookup([]byte(words), 2)
	if len(places) == 0 {
		return -1, false
	}
	return places[0], len(places) > 1
}

// sorted returns the sorted suffixes of the text, in which many words are soon found.
func (t *indexed) sorted() *suffixarray.Index {
	if t.suffixes == nil {
		t.suffixes = suffixarray.New([]byte(t.text))
	}
	return t.suffixes
}

// stands reports whether a selector's words stand where it says.
func (t *indexed) stands(sel *Selector) bool {
	switch {
	case sel.Start == 0 && sel.End == 0:
		return sel.Exact == "" || t.has(sel.Exact)
	case sel.Start < 0 || sel.Start >= sel.End || sel.End > t.total:
		return false
	}
	return sel.Exact == "" || t.text[t.byteAt(sel.Start):t.byteAt(sel.End)] == sel.Exact
}

// misplaced explains why the words are not where a selector says: they stand nowhere, the
// offsets count bytes, or they stand elsewhere.
func (t *indexed) misplaced(sel *Selector) *Error {
	if sel.Start == 0 && sel.End == 0 {
		return t.alike(refuse(sel.Exact, "does not stand in the source's text").in("Exact"), sel.Exact)
	}
	words := sel.Exact
	if words != "" && sel.Start >= 0 && sel.Start <= len(t.text) && strings.HasPrefix(t.text[sel.Start:], words) {
		at := t.pointAt(sel.Start)
		return refuse(sel.Start, "offsets count code points, not bytes").in("Start").
			want("%d (to %d)", at, at+utf8.RuneCountInString(words))
	}
	if sel.End > t.total {
		e := refuse(sel.End, fmt.Sprintf("lies behind the text, which has %d code points", t.total)).in("End")
		return t.elsewhere(e, sel)
	}
	e := refuse(words, fmt.Sprintf("does not stand at %d to %d of the source's text", sel.Start, sel.End)).in("Exact")
	return t.elsewhere(e, sel)
}

// elsewhere adds to e where the words stand, the nearest of several.
func (t *indexed) elsewhere(e *Error, sel *Selector) *Error {
	if sel.Exact == "" {
		return e.want("at most %d", t.total)
	}
	from := t.byteAt(min(max(sel.Start, 0), t.total))
	before := strings.LastIndex(t.text[:min(len(t.text), from+len(sel.Exact))], sel.Exact)
	after := strings.Index(t.text[from:], sel.Exact)
	at := before
	if after >= 0 && (before < 0 || after < from-before) {
		at = from + after
	}
	if at < 0 {
		e.Problem += ", nor elsewhere in it"
		return t.alike(e, sel.Exact)
	}
	n := t.pointAt(at)
	return e.want("%d to %d, where it stands", n, n+utf8.RuneCountInString(sel.Exact))
}

// alike adds to e where the words stand but for the form of quotation marks, dashes and
// white space, as where a program that sets type has changed them.
func (t *indexed) alike(e *Error, words string) *Error {
	if t.plain == "" {
		t.plain = plain(t.text)
	}
	wanted := plain(words)
	if at := strings.Index(t.plain, wanted); at >= 0 && wanted != "" {
		n, from, to := 0, 0, len(t.text)
		for i, r := range inPlain(t.text) {
			if n == at {
				from = i
			}
			if n == at+len(wanted) {
				to = i
				break
			}
			n += utf8.RuneLen(r)
		}
		e.Problem += fmt.Sprintf(", but %q stands at %d to %d", cut(t.text[from:to]), t.pointAt(from), t.pointAt(to))
	}
	return e.want("the words as they stand there")
}

// plain returns a text with one form of quotation mark, dash and white space.
func plain(text string) string {
	var b strings.Builder
	for _, r := range inPlain(text) {
		b.WriteRune(r)
	}
	return b.String()
}

// inPlain yields the characters of what plain returns, with the byte of the text at which each
// begins.
func inPlain(text string) iter.Seq2[int, rune] {
	return func(yield func(int, rune) bool) {
		space := false
		for i, r := range text {
			switch {
			case strings.ContainsRune("'‘’‚‛′`´ʼ\"“”„‟″«»‹›", r):
				r = '\''
			case unicode.Is(unicode.Pd, r), r == '−':
				r = '-'
			case unicode.IsSpace(r):
				if space {
					continue
				}
				r = ' '
			case unicode.Is(unicode.Cf, r): // is not seen, such as a soft hyphen
				continue
			}
			space = r == ' '
			if !yield(i, r) {
				return
			}
		}
	}
}
