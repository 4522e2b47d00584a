package query

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// Line returns a statement in one line for people to read, with the names that the
// view has: who says it, for whom, how surely (and the act, if it is no assertion),
// what, in which words, and where, with the page, the line or the minute if that is known:
//
//	Ada Brandt (CT-): meet Ada Brandt, Tom Vale "I have never met the man" <https://gazette.example/12>
//	Rolf Sand (CT+): drive Tom Vale <https://podcast.example/3> at "00:12:40"
//
// A role stands before what fills it, but for "subject" and "object"; the occurrence is
// in brackets. The voices through which it came are left out. What the view has no name
// for has its id. A control character in a title or a URL, such as a line break or one that
// turns the direction of writing, is a space. The names are read from the record. The form
// may change: it is not for programs to read.
func Line(ctx context.Context, v graph.View, st *events.Statement) (string, error) {
	if err := ended(ctx); err != nil {
		return "", err
	}
	t := &teller{v: v}
	var b strings.Builder
	b.WriteString(t.origin(ctx, st) + t.claim(ctx, &st.Claim))
	if words := st.Selector.Exact; words != "" {
		fmt.Fprintf(&b, " %q", words)
	}
	if st.Source != uuid.Nil {
		b.WriteString(" <" + t.source(ctx, st.Source) + ">")
	}
	b.WriteString(located(st))
	if t.err != nil {
		return "", fmt.Errorf("query: line: %w", t.err)
	}
	return strings.Map(printable, b.String()), nil
}

// printable returns a space for what would end a line, command a terminal or change the
// direction of what follows: embeddings, overrides and isolates (UAX 9, section 2).
func printable(r rune) rune {
	if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
		return ' '
	}
	return r
}

// teller puts things into words.
type teller struct {
	v      graph.View
	err    error // the first with which something could not be read
	inside bool  // a statement that another refers to
}

// origin returns who says a statement, for whom and how surely, with a colon.
func (t *teller) origin(ctx context.Context, st *events.Statement) string {
	if len(st.Voices) == 0 {
		return ""
	}
	origin := &st.Voices[0]
	s := t.parties(ctx, origin.Speakers)
	if len(origin.For) > 0 {
		s += " for " + t.parties(ctx, origin.For)
	}
	s += fmt.Sprintf(" (%v", origin.Stance)
	if origin.Act != events.Assert {
		s += fmt.Sprintf(", %v", origin.Act)
	}
	return s + "): "
}

// statement returns a statement that another refers to.
func (t *teller) statement(ctx context.Context, id uuid.UUID) string {
	s, err := t.v.Statement(id)
	if t.isUnknown(err) || t.inside {
		return id.String()
	}
	r, err := s.Load(ctx)
	if t.isUnknown(err) {
		return id.String()
	}
	t.inside = true
	defer func() { t.inside = false }()
	said := fmt.Sprintf("%q", r.Selector.Exact)
	if r.Selector.Exact == "" {
		said = t.claim(ctx, &r.Claim)
	}
	return "(" + t.origin(ctx, &r.Statement) + said + located(&r.Statement) + ")"
}

// located returns where in its source a statement is, as its locator says.
func located(st *events.Statement) string {
	if st.Selector.Locator == "" {
		return ""
	}
	return fmt.Sprintf(" at %q", st.Selector.Locator)
}

func (t *teller) name(ctx context.Context, id uuid.UUID) string {
	e, err := t.v.Entity(ctx, id)
	if t.isUnknown(err) || e.Redacted {
		return id.String()
	}
	return e.Name.Text
}

func (t *teller) source(ctx context.Context, id uuid.UUID) string {
	src, err := t.v.Source(ctx, id)
	if t.isUnknown(err) {
		return id.String()
	}
	return cmp.Or(src.URL, src.Title, id.String())
}

// isUnknown reports whether a name could not be read, and keeps the error if it is not
// that there is none.
func (t *teller) isUnknown(err error) bool {
	if err != nil && !errors.Is(err, graph.ErrNotInView) && !errors.Is(err, graph.ErrRedacted) {
		t.err = cmp.Or(t.err, err)
	}
	return err != nil
}

func (t *teller) parties(ctx context.Context, ps []events.Party) string {
	var names []string
	for i := range ps {
		names = append(names, t.name(ctx, ps[i].Entity))
	}
	return strings.Join(names, ", ")
}

func (t *teller) claim(ctx context.Context, cl *events.Claim) string {
	var parts []string
	for i := range cl.Args {
		a := &cl.Args[i]
		part := t.value(ctx, &a.Value)
		if a.Role != "subject" && a.Role != "object" {
			part = a.Role + " " + part
		}
		parts = append(parts, part)
	}
	s := strings.TrimRight(cl.Predicate+" "+strings.Join(parts, ", "), " ")
	if cl.Occurrence != uuid.Nil {
		s += " (" + t.name(ctx, cl.Occurrence) + ")"
	}
	if !cl.When.Time.IsZero() {
		s += fmt.Sprintf(" on %v", cl.When.Time)
	}
	for i := range cl.If {
		word := " if ("
		if cl.If[i].Denied {
			word = " unless ("
		}
		s += word + t.claim(ctx, &cl.If[i].Claim) + ")"
	}
	return s
}

func (t *teller) value(ctx context.Context, x *events.Value) string {
	switch x.Kind {
	case events.EntityValue:
		return t.name(ctx, x.ID)
	case events.TextValue:
		return fmt.Sprintf("%q", x.Text)
	case events.NumberValue:
		return strings.TrimRight(x.Text+" "+x.Unit, " ")
	case events.TimeValue:
		return x.Time.String()
	case events.ClaimValue:
		if x.Claim == nil {
			return "()"
		}
		return "(" + t.claim(ctx, x.Claim) + ")"
	case events.StatementValue:
		return "statement " + t.statement(ctx, x.ID)
	default:
		return x.Kind.String()
	}
}
