package graphql

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	cayley "github.com/cayleygraph/cayley/query/graphql"
	"github.com/dennwc/graphql/language/ast"
	"github.com/dennwc/graphql/language/lexer"
	"github.com/dennwc/graphql/language/parser"
	"github.com/dennwc/graphql/language/source"

	"github.com/onrecord/onrecord/graph/quadstore"
	"github.com/onrecord/onrecord/internal/textquery"
)

// deepest is how deep brackets may be. Cayley's parser would go as deep as a text
// does.
const deepest = 32

// check refuses a text that Cayley would take too long to read, or would read as
// something else than it says.
func check(text string) error {
	m, err := textquery.NewMeter(text, deepest)
	if err != nil {
		return err
	}
	next := lexer.Lex(source.NewSource(&source.Source{Body: []byte(text)}))
	for end := 0; ; {
		t, err := next(0)
		if err != nil {
			return firstLine(err)
		}
		// The lexer counts characters where it should count bytes, and goes
		// on within the comment.
		gap := text[end:min(t.Start, len(text))]
		if i := strings.IndexFunc(gap, func(r rune) bool { return r > unicode.MaxASCII }); i >= 0 {
			return m.Error(end+i, errors.New("a comment has other letters than ASCII"))
		}
		end = t.End
		switch t.Kind {
		case lexer.EOF:
			return checkNames(m, text)
		case lexer.BRACE_L, lexer.BRACKET_L, lexer.PAREN_L:
			err = m.Open(t.Start)
		case lexer.BRACE_R, lexer.BRACKET_R, lexer.PAREN_R:
			m.Close()
		case lexer.NAME, lexer.INT, lexer.FLOAT, lexer.STRING, lexer.BLOCK_STRING:
			if err = m.Part(t.Start); err != nil {
				return err
			}
			if err = checkToken(t); err != nil {
				err = m.Error(t.Start, err)
			}
		}
		if err != nil {
			return err
		}
	}
}

// checkToken refuses a name that runs on into what was to follow it, and a
// number that Cayley would replace by the nearest one that it has.
func checkToken(t lexer.Token) error {
	switch t.Kind {
	case lexer.NAME:
		name := strings.TrimPrefix(t.Value, "~")
		if inner, ok := strings.CutPrefix(name, "<"); ok {
			if inner, ok = strings.CutSuffix(inner, ">"); !ok || inner == "" || strings.ContainsAny(inner, "<>") {
				return fmt.Errorf("%q is no name: it begins with <, and must end with the first >, then a space", t.Value)
			}
		} else if i := strings.IndexAny(name, "<>,[]@"); i >= 0 {
			return fmt.Errorf("%q would be one name: write a space before or after the %q", t.Value, name[i])
		}
	case lexer.INT:
		if _, err := strconv.Atoi(t.Value); err != nil {
			return fmt.Errorf("%s is out of range: from %d to %d", t.Value, math.MinInt, math.MaxInt)
		}
	case lexer.FLOAT:
		if _, err := strconv.ParseFloat(t.Value, 64); err != nil {
			return fmt.Errorf("%s is out of range: up to %g", t.Value, math.MaxFloat64)
		}
	}
	return nil
}

// checkNames refuses two fields of one name in one object, of which Cayley keeps
// one or mixes both, and the slips for which it would answer nil.
func checkNames(m *textquery.Meter, text string) error {
	doc, err := parser.Parse(parser.ParseParams{Source: text})
	if err != nil {
		return firstLine(err)
	}
	for _, d := range doc.Definitions {
		if op, ok := d.(*ast.OperationDefinition); ok {
			if _, err := namesIn(m, op.SelectionSet, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// namesIn returns the names that an object will have. At the top any name is that of all
// nodes.
func namesIn(m *textquery.Meter, set *ast.SelectionSet, top bool) (names map[string]bool, err error) {
	if set == nil {
		return nil, nil
	}
	names = make(map[string]bool)
	for _, s := range set.Selections {
		f, ok := s.(*ast.Field)
		if !ok {
			continue // Cayley refuses it
		}
		if err := checkField(m, f, top); err != nil {
			return nil, err
		}
		inner, err := namesIn(m, f.SelectionSet, false)
		if err != nil {
			return nil, err
		}
		if !unnests(f) {
			name := f.Name.Value
			if f.Alias != nil {
				name = f.Alias.Value
			}
			inner = map[string]bool{name: true}
		}
		for name := range inner {
			if names[name] {
				return nil, m.Error(f.Loc.Start, fmt.Errorf("there are two %q in one object: give one another name, as in other: %s", name, f.Name.Value))
			}
			names[name] = true
		}
	}
	return names, nil
}

// checkField refuses a field or an argument whose name is no predicate that any view has,
// and arguments where Cayley would drop them, or would turn them around.
func checkField(m *textquery.Meter, f *ast.Field, top bool) error {
	refuse := func(at *ast.Location, format string, args ...any) error {
		return m.Error(at.Start, fmt.Errorf(format, args...))
	}
	if !top {
		if err := checkName(f.Name.Value, "field", cayley.ValueKey, cayley.AnyKey); err != nil {
			return m.Error(f.Name.Loc.Start, err)
		}
	}
	for _, a := range f.Arguments {
		if err := checkName(a.Name.Value, "argument", cayley.ValueKey, cayley.LimitKey, cayley.SkipKey); err != nil {
			return m.Error(a.Name.Loc.Start, err)
		}
	}
	for _, d := range f.Directives {
		if len(d.Arguments) > 0 && d.Name.Value != "label" {
			return refuse(d.Loc, "@%s has arguments: want them before it, as in %s(%s: 1) @%s; one that leads backwards begins with ~",
				d.Name.Value, f.Name.Value, cayley.LimitKey, d.Name.Value)
		}
	}
	return nil
}

// checkName refuses the name of a field or an argument, as it is written, that is neither a
// word of the language nor a predicate that a view can have.
func checkName(written, what string, words ...string) error {
	name := strings.TrimPrefix(written, "~")
	if inner, ok := strings.CutPrefix(name, "<"); ok {
		name = strings.TrimSuffix(inner, ">")
	}
	switch {
	case slices.Contains(words, name):
		return nil
	case !strings.HasPrefix(name, string(quadstore.Predicate(""))):
		return fmt.Errorf("%s is no %s: want %s or a predicate's IRI, as in <onrecord:entity/name>", written, what, strings.Join(words, ", "))
	default:
		return textquery.CheckPredicate(name)
	}
}

// unnests reports whether what a field has is put into the object above.
func unnests(f *ast.Field) bool {
	for _, d := range f.Directives {
		if d.Name != nil && d.Name.Value == "unnest" {
			return true
		}
	}
	return false
}

// firstLine returns an error of the parser without the lines of the text, which
// it repeats.
func firstLine(err error) error {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(line)
}
