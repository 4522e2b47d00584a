package find

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/onrecord/onrecord/events"
)

// MaxText is the size in bytes of the longest text that can be asked for.
const MaxText = 4_000

// phrase is words that follow one another, as they are asked for.
type phrase struct {
	words  []string
	prefix bool // the last word may go on
}

func (p phrase) equal(q phrase) bool { return p.prefix == q.prefix && slices.Equal(p.words, q.words) }

// parse returns the phrases that a text asks for, each once; none if there is no
// word in it.
func parse(text string) (phrases []phrase, err error) {
	if len(text) > MaxText {
		return nil, fmt.Errorf("the text has %d bytes, more than %d", len(text), MaxText)
	}
	text = strings.ToValidUTF8(text, " ")
	add := func(term string, prefix bool) {
		p := phrase{prefix: prefix}
		for _, w := range split(term) {
			p.words = append(p.words, w.text)
		}
		if p.words != nil && !slices.ContainsFunc(phrases, p.equal) {
			phrases = append(phrases, p)
		}
	}
	for text != "" {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case unicode.IsSpace(r):
			text = text[size:]
		case isQuote(r):
			term, rest := text[size:], ""
			if end := strings.IndexFunc(term, isQuote); end >= 0 {
				_, size := utf8.DecodeRuneInString(term[end:])
				term, rest = term[:end], term[end+size:]
			}
			var prefix bool
			text, prefix = strings.CutPrefix(rest, "*")
			add(term, prefix)
		default:
			end := strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) || isQuote(r) })
			if end < 0 {
				end = len(text)
			}
			add(text[:end], strings.HasSuffix(text[:end], "*"))
			text = text[end:]
		}
	}
	return phrases, nil
}

func isQuote(r rune) bool { return strings.ContainsRune(`"“”„«»`, r) }

// expression returns what FTS5 calls a query: all phrases, in any of the columns.
// A word holds letters, digits and marks only, so there is nothing to escape.
func expression(phrases []phrase) string {
	var b strings.Builder
	for i, p := range phrases {
		if i > 0 {
			b.WriteString(" AND ")
		}
		b.WriteString(`"` + strings.Join(p.words, " ") + `"`)
		if p.prefix {
			b.WriteString(" *")
		}
	}
	return b.String()
}

// part is a text of a statement, and where it stands.
type part struct {
	field Field
	text  string
}

// parts returns the texts of a statement, those of one field together.
func parts(st *events.Statement) (all []part) {
	add := func(f Field, text string) {
		if text != "" {
			all = append(all, part{f, text})
		}
	}
	var claim func(c *events.Claim)
	claim = func(c *events.Claim) {
		for i := range c.Args {
			a := &c.Args[i]
			add(Written, a.As)
			switch a.Value.Kind {
			case events.TextValue:
				add(Value, a.Value.Text)
			case events.ClaimValue:
				claim(a.Value.Claim)
			}
		}
		add(Written, c.When.As)
		for i := range c.If {
			add(Written, c.If[i].As)
			claim(&c.If[i].Claim)
		}
	}
	add(Exact, st.Selector.Exact)
	add(Gloss, st.Gloss)
	claim(&st.Claim)
	for i := range st.Voices {
		v := &st.Voices[i]
		for _, parties := range [][]events.Party{v.Speakers, v.For, v.To} {
			for k := range parties {
				add(Written, parties[k].As)
			}
		}
		add(Written, v.Cue)
		add(Written, v.Said.As)
	}
	slices.SortStableFunc(all, func(a, b part) int { return cmp.Compare(a.field, b.field) })
	return all
}

// match is where phrases were found in a text.
type match struct {
	found []bool // by phrase
	spans []Span // ascending, none within another
}

func (m *match) count() (n int) {
	for _, found := range m.found {
		if found {
			n++
		}
	}
	return n
}

// look looks for phrases among the words of a text.
func look(phrases []phrase, words []word) *match {
	m := &match{found: make([]bool, len(phrases))}
	for i := range words {
		end := 0
		for k, p := range phrases {
			if p.at(words[i:]) {
				m.found[k] = true
				end = max(end, words[i+len(p.words)-1].end)
			}
		}
		if end == 0 {
			continue
		}
		if last := len(m.spans) - 1; last >= 0 && words[i].start < m.spans[last].End {
			m.spans[last].End = max(m.spans[last].End, end)
		} else {
			m.spans = append(m.spans, Span{words[i].start, end})
		}
	}
	return m
}

// at reports whether words begin with the phrase.
func (p phrase) at(words []word) bool {
	last := len(p.words) - 1
	if len(words) <= last {
		return false
	}
	for i, w := range p.words[:last] {
		if words[i].text != w {
			return false
		}
	}
	return words[last].text == p.words[last] || p.prefix && strings.HasPrefix(words[last].text, p.words[last])
}

// lookAll looks for phrases in several texts. It returns the first of those that
// have most of them, with what was found there, and false if not every phrase is
// in one of them.
func lookAll(phrases []phrase, all []part) (best part, in *match, ok bool) {
	found := make([]bool, len(phrases))
	for _, p := range all {
		m := look(phrases, split(p.text))
		for k := range found {
			found[k] = found[k] || m.found[k]
		}
		if in == nil || m.count() > in.count() {
			best, in = p, m
		}
	}
	return best, in, !slices.Contains(found, false) && in != nil
}
