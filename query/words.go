package query

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/graph"
)

// ErrText says that a text is not the one that a statement was taken from, or
// that the record does not say enough to tell.
var ErrText = errors.New("words not verified")

// Quotation is the exact words of a source behind a statement.
type Quotation struct {
	*graph.Reading
	Words    string
	Verified bool // found in a text of the source whose SHA-256 is on record, as [Words] says
}

// Words returns the exact words behind a statement that stands in the view,
// whether or not it passes the view's filters. If no such statement is there the
// error is graph.ErrNotInView or graph.ErrRedacted.
//
// With an empty text it returns the recorded words, not verified; they are empty
// if none were recorded. With the full text of the source it returns the code
// points of the selector's offsets, start <= i < end, or, where there are no
// offsets, the recorded words, which must stand somewhere in the text. The text is
// the one of now or the one of when the statement was recorded, by its SHA-256; where
// no words were recorded, and the source had a SHA-256 then, only that one: in another
// text the offsets are those of other words. Otherwise the error is ErrText, and says
// what differs: also if no SHA-256 was recorded, if the statement has no source and no
// place in it, or if the recorded words are others.
func Words(ctx context.Context, v graph.View, statement uuid.UUID, text string) (*Quotation, error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	s, err := v.Statement(statement)
	if err != nil {
		return nil, fmt.Errorf("query: words: %w", err)
	}
	r, err := read(ctx, s)
	if err != nil {
		return nil, err
	}
	q := &Quotation{Reading: r, Words: r.Selector.Exact}
	if text == "" {
		return q, nil
	}
	fail := func(format string, args ...any) (*Quotation, error) {
		return nil, fmt.Errorf("query: words of statement %v: %w: %s", statement, ErrText, fmt.Sprintf(format, args...))
	}
	if r.Source == uuid.Nil {
		return fail("it has no source: nobody's text is behind it")
	}
	src, err := v.Source(ctx, r.Source)
	if err != nil {
		return nil, fmt.Errorf("query: words of statement %v: %w", statement, err)
	}
	sel := r.Selector
	// Offsets without words are those of one text only.
	sum := sha256.Sum256([]byte(text))
	if now := bytes.Equal(sum[:], src.SHA256); !now || sel.Exact == "" {
		var before []byte // as it was when the statement was recorded
		switch then, err := v.Unfiltered().AsOf(r.Position).Source(ctx, r.Source); {
		case err == nil:
			before = then.SHA256
		case !errors.Is(err, graph.ErrRedacted):
			return nil, fmt.Errorf("query: words of statement %v: %w", statement, err)
		case now:
			return fail("what source %v was when the statement was recorded, without its words, is redacted", src.ID)
		}
		switch {
		case bytes.Equal(sum[:], before): // the page may have changed since
		case now && len(before) == 0: // the text was not on record before
		case now:
			return fail("the text has SHA-256 %x, source %v had %x when the statement was recorded, without its words", sum, src.ID, before)
		case len(src.SHA256) == 0:
			return fail("source %v was recorded without the SHA-256 of its text", src.ID)
		case len(before) > 0 && !bytes.Equal(src.SHA256, before):
			return fail("the text has SHA-256 %x, source %v has %x, and had %x when the statement was recorded", sum, src.ID, src.SHA256, before)
		default:
			return fail("the text has SHA-256 %x, source %v has %x", sum, src.ID, src.SHA256)
		}
	}
	if sel.Start == 0 && sel.End == 0 {
		if sel.Exact == "" {
			return fail("neither offsets nor words were recorded")
		}
		if !strings.Contains(text, sel.Exact) {
			return fail("the text does not have the recorded words %q", short(sel.Exact))
		}
		q.Verified = true
		return q, nil
	}
	words, ok := codePoints(text, sel.Start, sel.End)
	if !ok {
		return fail("its offsets are %d to %d, the text has %d code points", sel.Start, sel.End, utf8.RuneCountInString(text))
	}
	if sel.Exact != "" && words != sel.Exact {
		return fail("code points %d to %d are %q, recorded are %q", sel.Start, sel.End, short(words), short(sel.Exact))
	}
	q.Words, q.Verified = words, true
	return q, nil
}

// codePoints returns the code points start <= i < end of a text, and false if it
// has not that many.
func codePoints(text string, start, end int) (string, bool) {
	if start < 0 || end <= start {
		return "", false
	}
	n, from := 0, 0
	for i := range text {
		if n == start {
			from = i
		}
		if n == end {
			return text[from:i], true
		}
		n++
	}
	return text[from:], n == end
}

func short(s string) string {
	const limit = 80
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
