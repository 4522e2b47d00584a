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
	"github.com/dennwc/graphql/gqlerrors"
	"github.com/dennwc/graphql/language/ast"
	"github.com/dennwc/graphql/language/kinds"
	"github.com/dennwc/graphql/language/lexer"
	"github.com/dennwc/graphql/language/parser"
	"github.com/dennwc/graphql/language/source"

	"github.com/onrecord/onrecord/graph/quadstore"
	"github.com/onrecord/onrecord/internal/textquery"
)

// deepest is how deep brackets may be. Cayley's parser would go as deep as a text
// does.
const deepest = 32

// checker refuses a text that Cayley would take too long to read, would read as something
// else than it says, or would refuse without saying where.
type checker struct {
	*textquery.Meter
	text string
}

// check checks a text; its errors are those of GraphQL, with the place.
func check(text string) error {
	m, err := textquery.NewMeter(text, deepest)
	if err != nil {
		return err
	}
	c := &checker{m, text}
	if err := c.tokens(); err != nil {
		return err
	}
	return c.document()
}

// refuse returns an error at a place.
func (c *checker) refuse(at *ast.Location, format string, args ...any) error {
	return c.Error(at.Start, fmt.Errorf(format, args...))
}

// syntax returns an error of the parser, which repeats the text, with the place alone.
func (c *checker) syntax(err error) error {
	line, _, _ := strings.Cut(err.Error(), "\n")
	var e *gqlerrors.Error
	if _, what, ok := strings.Cut(line, ") "); ok && errors.As(err, &e) && len(e.Positions) > 0 {
		return c.Error(e.Positions[0], errors.New(what))
	}
	return errors.New(line)
}

func (c *checker) tokens() error {
	next := lexer.Lex(source.NewSource(&source.Source{Body: []byte(c.text)}))
	for end := 0; ; {
		t, err := c.token(next, end)
		if err != nil {
			return err
		}
		// The lexer counts characters where it should count bytes, and goes
		// on within the comment.
		gap := c.text[end:min(t.Start, len(c.text))]
		if i := strings.IndexFunc(gap, func(r rune) bool { return r > unicode.MaxASCII }); i >= 0 {
			return c.Error(end+i, errors.New("a comment has other letters than ASCII"))
		}
		end = t.End
		switch t.Kind {
		case lexer.EOF:
			return nil
		case lexer.BRACE_L, lexer.BRACKET_L, lexer.PAREN_L:
			err = c.Open(t.Start)
		case lexer.BRACE_R, lexer.BRACKET_R, lexer.PAREN_R:
			c.Close()
		case lexer.NAME, lexer.INT, lexer.FLOAT, lexer.STRING, lexer.BLOCK_STRING:
			if err = c.Part(t.Start); err != nil {
				return err
			}
			if err = checkToken(t); err != nil {
				err = c.Error(t.Start, err)
			}
		}
		if err != nil {
			return err
		}
	}
}

// token returns the next token after a place. The lexer panics at a block string that has
// nothing but spaces in it.
func (c *checker) token(next lexer.Lexer, from int) (t lexer.Token, err error) {
	defer func() {
		if block := strings.Index(c.text[from:], `"""`); block >= 0 {
			if recover() != nil {
				err = c.Error(from+block, errors.New(`a block string has nothing in it: want "", or words`))
			}
		}
	}()
	if t, err = next(0); err != nil {
		err = c.syntax(err)
	}
	return t, err
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

// document checks that there is one query and, of its objects, what Cayley would turn
// around, mix up or leave out: two fields of one name, and slips for which it would answer nil.
func (c *checker) document() error {
	doc, err := parser.Parse(parser.ParseParams{Source: c.text})
	if err != nil {
		return c.syntax(err)
	}
	if len(doc.Definitions) == 0 {
		return c.Error(0, errors.New("there is no query: want one, as in {nodes {id}}"))
	}
	for i, d := range doc.Definitions {
		op, ok := d.(*ast.OperationDefinition)
		switch {
		case !ok:
			return c.refuse(d.GetLoc(), "%s: want a query only, as in {nodes {id}}", describe(d))
		case op.Operation != ast.OperationTypeQuery:
			return c.refuse(d.GetLoc(), "a %s: want a query, as a view never changes", op.Operation)
		case i > 0:
			return c.refuse(d.GetLoc(), "a second query: want one")
		}
		if _, err := c.names(op.SelectionSet, true); err != nil {
			return err
		}
	}
	return nil
}

// names returns the names that an object will have. At the top any name is that of all
// nodes.
func (c *checker) names(set *ast.SelectionSet, top bool) (names map[string]bool, err error) {
	if set == nil {
		return nil, nil
	}
	names = make(map[string]bool)
	for _, s := range set.Selections {
		f, ok := s.(*ast.Field)
		if !ok {
			part := s.(ast.Node)
			return nil, c.refuse(part.GetLoc(), "%s: want its fields themselves", describe(part))
		}
		if err := c.field(f, top); err != nil {
			return nil, err
		}
		if bare(f.Name.Value) == cayley.AnyKey {
			switch {
			case top:
				return nil, c.refuse(f.Name.Loc, "* at the top: want the name of an object, as in {nodes {*}}")
			case len(set.Selections) > 1:
				return nil, c.refuse(f.Name.Loc, "* beside other fields: want it alone, as it stands for all")
			case len(f.Arguments) > 0 || f.SelectionSet != nil:
				return nil, c.refuse(f.Name.Loc, "* has arguments or fields: want none")
			}
		}
		inner, err := c.names(f.SelectionSet, false)
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
				return nil, c.refuse(f.Loc, "there are two %q in one object: give one another name, as in other: %s", name, f.Name.Value)
			}
			names[name] = true
		}
	}
	return names, nil
}

// field refuses a field or an argument whose name is no predicate that any view has, a
// value that the language has not, and arguments where Cayley would drop them, or would turn
// them around.
func (c *checker) field(f *ast.Field, top bool) error {
	if !top {
		if err := checkName(f.Name.Value, "field", cayley.ValueKey, cayley.AnyKey); err != nil {
			return c.Error(f.Name.Loc.Start, err)
		}
	}
	for _, a := range f.Arguments {
		if err := checkName(a.Name.Value, "argument", cayley.ValueKey, cayley.LimitKey, cayley.SkipKey); err != nil {
			return c.Error(a.Name.Loc.Start, err)
		}
		if _, number := a.Value.(*ast.IntValue); !number && slices.Contains([]string{cayley.LimitKey, cayley.SkipKey}, bare(a.Name.Value)) {
			return c.refuse(a.Value.GetLoc(), "%s is %s: want a whole number", a.Name.Value, c.written(a.Value))
		}
		if err := c.value(a.Name.Value, a.Value); err != nil {
			return err
		}
	}
	for _, d := range f.Directives {
		switch name := d.Name.Value; name {
		case "label":
			if err := c.label(d); err != nil {
				return err
			}
		case "rev", "reverse", "opt", "optional", "unnest":
			if len(d.Arguments) > 0 {
				return c.refuse(d.Loc, "@%s has arguments: want them before it, as in %s(%s: 1) @%s; one that leads backwards begins with ~",
					name, f.Name.Value, cayley.LimitKey, name)
			}
		default:
			return c.refuse(d.Loc, "@%s is no directive: want @rev, @opt, @unnest or @label", name)
		}
	}
	return nil
}

// label refuses a directive @label that names what is no label in any view.
func (c *checker) label(d *ast.Directive) error {
	if len(d.Arguments) == 0 {
		return nil
	}
	const want = "want one statement or a list of them, as in @label(v: <onrecord:statement/…> )"
	if len(d.Arguments) > 1 || d.Arguments[0].Name.Value != "v" {
		return c.refuse(d.Loc, "@label has other arguments than v: %s", want)
	}
	v := d.Arguments[0].Value
	if err := c.value("v", v); err != nil {
		return err
	}
	values := []ast.Value{v}
	if list, ok := v.(*ast.ListValue); ok {
		values = list.Values
	}
	for _, v := range values {
		node, ok := v.(*ast.EnumValue)
		if !ok {
			return c.refuse(v.GetLoc(), "v is %s: %s", c.written(v), want)
		}
		if err := textquery.CheckLabel(bare(node.Value)); err != nil {
			return c.Error(v.GetLoc().Start, err)
		}
	}
	return nil
}

// value refuses a value of an argument that Cayley's GraphQL has not.
func (c *checker) value(name string, v ast.Value) error {
	list, ok := v.(*ast.ListValue)
	if !ok {
		list = &ast.ListValue{Values: []ast.Value{v}}
	}
	for _, v := range list.Values {
		switch v.(type) {
		case *ast.EnumValue, *ast.StringValue, *ast.IntValue, *ast.FloatValue, *ast.BooleanValue:
		case *ast.ListValue:
			return c.refuse(v.GetLoc(), "%s has the list %s in a list: want values in it", name, c.written(v))
		default:
			return c.refuse(v.GetLoc(), "%s is %s, %s: want a value, such as \"Putin\", 4, true or <onrecord:entity/…>, or a list of these",
				name, c.written(v), describe(v))
		}
	}
	return nil
}

// written returns what stands in the text for a value, cut off if it is long.
func (c *checker) written(v ast.Value) string {
	const most = 60
	at := v.GetLoc()
	text := []rune(c.text[min(at.Start, len(c.text)):min(at.End, len(c.text))])
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}

// describe says what a part of a query is, in the words of the language.
func describe(part interface{ GetKind() string }) string {
	switch kind := part.GetKind(); kind {
	case kinds.FragmentSpread, kinds.InlineFragment, kinds.FragmentDefinition:
		return "a fragment"
	case kinds.Variable:
		return "a variable"
	case kinds.ObjectValue:
		return "an object"
	default:
		return "a definition of another kind (" + kind + ")"
	}
}

// bare returns a name without what makes it lead backwards and without brackets.
func bare(name string) string {
	name = strings.TrimPrefix(name, "~")
	if inner, ok := strings.CutPrefix(name, "<"); ok {
		return strings.TrimSuffix(inner, ">")
	}
	return name
}

// checkName refuses the name of a field or an argument, as it is written, that is neither a
// word of the language nor a predicate that a view can have.
func checkName(written, what string, words ...string) error {
	switch name := bare(written); {
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
