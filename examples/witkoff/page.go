package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// width is the longest line of a page, in characters.
const width = 79

// page is text in lines. It must not be used from several goroutines at once.
type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) {
	fmt.Fprintln(p, strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

func (p *page) title(format string, args ...any) {
	p.line("")
	p.line(format, args...)
}

// item prints text indented, over as many lines as it needs.
func (p *page) item(text string) {
	indent := "  " + text[:len(text)-len(strings.TrimLeft(text, " "))]
	line := indent
	for _, word := range strings.Fields(text) {
		if line != indent && len([]rune(line))+1+len([]rune(word)) > width {
			p.line("%s", line)
			line = indent + "  "
		}
		if strings.TrimSpace(line) != "" {
			line += " "
		}
		line += word
	}
	p.line("%s", line)
}

func quoted(words string) string { return "“" + words + "”" }

// certainty says a stance in words.
func certainty(s events.Stance) string {
	switch {
	case s.Certainty == events.Uncommitted:
		return "open"
	case s.Polarity == events.Undetermined:
		return "knows, and does not tell"
	}
	word := map[events.Certainty]string{events.Certain: "certain", events.Probable: "probable", events.Possible: "possible"}[s.Certainty]
	if s.Polarity == events.Denied {
		word = map[events.Certainty]string{events.Certain: "certainly not", events.Probable: "probably not", events.Possible: "possibly not"}[s.Certainty]
	}
	return word
}

// date says a time in words, without the year if that is 2025.
func date(t edtf.Time) string {
	s := t.String()
	inner := strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	if from, to, ok := strings.Cut(inner, ".."); ok && inner != s {
		switch {
		case from == "":
			return "by " + day(to)
		case to == "":
			return "from " + day(from)
		}
		return joined(from, " to ", to)
	}
	if from, to, ok := strings.Cut(inner, ","); ok && inner != s && !strings.Contains(to, ",") {
		return joined(from, " or ", to)
	}
	return day(s)
}

// joined says two days, and their month once if it is the same.
func joined(from, word, to string) string {
	a, b := day(from), day(to)
	if n, month, ok := strings.Cut(a, " "); ok && strings.HasSuffix(b, " "+month) {
		a = n
	}
	return a + word + b
}

// day says a day or a month, and returns anything else as it is.
func day(s string) string {
	if t, err := time.Parse("2006-01-02", s); err == nil && t.Year() == 2025 {
		return t.Format("2 January")
	}
	if t, err := time.Parse("2006-01", s); err == nil && t.Year() == 2025 {
		return t.Format("January")
	}
	return s
}

// short cuts a text to at most n characters, between words.
func short(text string, n int) string {
	r := []rune(text)
	if len(r) <= n {
		return text
	}
	cut := string(r[:n-1])
	if i := strings.LastIndex(cut, " "); i > 0 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, ",;:") + " …"
}
