package events

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// CheckText checks the batch against the texts that came with it (Batch.Texts):
// each must be the text whose SHA-256 its source has, if it has one, by the
// batch's last registration of it or else by s; a statement's offsets must lie
// within, and its exact words must stand there, or anywhere if it has no
// offsets. Sources without a text are not looked at. [CheckShape] must have
// passed.
//
// It returns nil, an [*Error], or the error with which s could not be read. The error says
// where words stand that differ in quotation marks, dashes and white space only. It
// takes time in proportion to the texts and the words searched for in them.
func CheckText(b *Batch, s State) error {
	if len(b.Texts) == 0 {
		return nil
	}
	added := make(map[uuid.UUID]*Source)
	for i := range b.Events {
		if sa, ok := b.Events[i].Body.(*SourceAdded); ok && sa != nil {
			added[sa.Source.ID] = &sa.Source
		}
	}
	order := make([]uuid.UUID, 0, len(b.Texts))
	for id := range b.Texts {
		order = append(order, id)
	}
	slices.SortFunc(order, func(x, y uuid.UUID) int { return bytes.Compare(x[:], y[:]) })
	texts := make(map[uuid.UUID]*indexed, len(order))
	for _, id := range order {
		content := b.Texts[id]
		e, err := checkContent(id, content, added[id], s)
		if err != nil {
			return fmt.Errorf("events: check text of source %s: %w", id, err)
		}
		if e != nil {
			return e.in(fmt.Sprintf("Texts[%s]", id)).of(&Event{}, -1)
		}
		texts[id] = indexText(content)
	}
	for i := range b.Events {
		sr, ok := b.Events[i].Body.(*StatementRecorded)
		if !ok || sr == nil {
			continue
		}
		if t := texts[sr.Statement.Source]; t != nil {
			if e := t.check(&sr.Statement.Selector); e != nil {
				return e.in("Statement.Selector").of(&b.Events[i], i)
			}
		}
	}
	return nil
}

func checkContent(id uuid.UUID, content string, added *Source, s State) (*Error, error) {
	if !utf8.ValidString(content) {
		return refuse(nil, "is not valid UTF-8"), nil
	}
	var want []byte
	if added != nil {
		want = added.SHA256
	} else {
		if e := needSource(id, s); e != nil {
			e.Value = nil // the path has it
			return e, nil
		}
		var err error
		if want, err = s.SourceSHA256(id); err != nil {
			return nil, err
		}
	}
	got := sha256.Sum256([]byte(content))
	if len(want) > 0 && !bytes.Equal(got[:], want) {
		return refuse(nil, fmt.Sprintf("has the SHA-256 %x, the source has another", got)).want("the text with %x", want), nil
	}
	return nil, nil
}

// indexed is a text in which code points can be found by number.
type indexed struct {
	text  string
	marks []int // byte offset of every stride-th code point
	total int   // code points
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
	if i < 0 {
		return 0
	}
	return i*stride + utf8.RuneCountInString(t.text[t.marks[i]:at])
}

func (t *indexed) check(sel *Selector) *Error {
	if sel.Start == 0 && sel.End == 0 {
		if sel.Exact != "" && !strings.Contains(t.text, sel.Exact) {
			return t.alike(refuse(sel.Exact, "does not stand in the source's text").in("Exact"), sel.Exact)
		}
		return nil
	}
	if sel.Start >= 0 && sel.Start < sel.End && sel.End <= t.total {
		there := t.text[t.byteAt(sel.Start):t.byteAt(sel.End)]
		if sel.Exact == "" || there == sel.Exact {
			return nil
		}
	}
	return t.misplaced(sel)
}

// misplaced explains why the words are not at the offsets: they count bytes, or
// the words stand elsewhere, or nowhere.
func (t *indexed) misplaced(sel *Selector) *Error {
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
	var text, wanted strings.Builder
	plain(t.text, func(_ int, r rune) { text.WriteRune(r) })
	plain(words, func(_ int, r rune) { wanted.WriteRune(r) })
	if at := strings.Index(text.String(), wanted.String()); at >= 0 && wanted.Len() > 0 {
		n, from, to := 0, 0, len(t.text)
		plain(t.text, func(i int, r rune) {
			switch n {
			case at:
				from = i
			case at + wanted.Len():
				to = i
			}
			n += utf8.RuneLen(r)
		})
		e.Problem += fmt.Sprintf(", but %q stands at %d to %d", cut(t.text[from:to]), t.pointAt(from), t.pointAt(to))
	}
	return e.want("the words as they stand there")
}

// plain calls f with the characters of a text, with one form of quotation mark, dash and
// white space, and with the byte at which each begins.
func plain(text string, f func(i int, r rune)) {
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
		f(i, r)
	}
}
