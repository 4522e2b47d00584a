package find

import (
	"strings"
	"unicode/utf8"
)

// Snippet is a piece of a text around what was found in it, at most some 200
// bytes long. Where it is cut it begins or ends with "…".
type Snippet struct {
	Text  string
	Found []Span // what was asked for, ascending
}

// Span is a piece of a text: the bytes Start <= i < End.
type Span struct {
	Start, End int
}

// Mark returns the snippet's text with a mark before and after each piece that
// was asked for. The text itself is as it was recorded, not escaped for HTML or
// a terminal.
func (s Snippet) Mark(before, after string) string {
	var b strings.Builder
	at := 0
	for _, f := range s.Found {
		b.WriteString(s.Text[at:f.Start])
		b.WriteString(before)
		b.WriteString(s.Text[f.Start:f.End])
		b.WriteString(after)
		at = f.End
	}
	b.WriteString(s.Text[at:])
	return b.String()
}

const (
	snippetBefore = 60  // bytes kept before the first piece found
	snippetLength = 200 // bytes kept
	cut           = "…"
)

// snippet cuts a text around what was found in it, between words, or in one that was
// found and is too long.
func snippet(text string, words []word, spans []Span) Snippet {
	from, to := 0, len(text)
	if len(text) > snippetLength {
		first := 0
		if len(spans) > 0 {
			first = spans[0].Start
		}
		// Near the end there is more room before it.
		least := min(first-snippetBefore, len(text)-snippetLength)
		if least > 0 {
			from = first
			for i := len(words) - 1; i >= 0 && words[i].start >= least; i-- {
				from = min(from, words[i].start)
			}
		}
		if limit := from + snippetLength; limit < len(text) {
			for to = limit; !utf8.RuneStart(text[to]); to-- {
			}
			for _, w := range words {
				if w.start >= from && w.end <= limit && w.end > first {
					to = w.end
				}
			}
		}
	}
	s := Snippet{Text: text[from:to]}
	shift := -from
	if from > 0 {
		s.Text = cut + s.Text
		shift += len(cut)
	}
	if to < len(text) {
		s.Text += cut
	}
	for _, f := range spans {
		if f.Start < to {
			s.Found = append(s.Found, Span{f.Start + shift, min(f.End, to) + shift})
		}
	}
	return s
}
