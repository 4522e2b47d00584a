package graphql

import (
	"slices"
	"strings"

	"github.com/dennwc/graphql/language/ast"
	"github.com/dennwc/graphql/language/parser"
)

// ordered returns a query with the optional fields of each object behind the others, which
// means the same: Cayley forgets an optional one behind another one with one in between
// that must be there.
func ordered(text string) (string, error) {
	doc, err := parser.Parse(parser.ParseParams{Source: text})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	end := 0
	for _, d := range doc.Definitions {
		if op, ok := d.(*ast.OperationDefinition); ok {
			b.WriteString(text[end:op.SelectionSet.Loc.Start])
			order(&b, text, op.SelectionSet)
			end = op.SelectionSet.Loc.End
		}
	}
	b.WriteString(text[end:])
	return b.String(), nil
}

// order writes the fields of an object in their order.
func order(b *strings.Builder, text string, set *ast.SelectionSet) {
	fields := slices.Clone(set.Selections)
	slices.SortStableFunc(fields, func(x, y ast.Selection) int {
		switch a, b := optional(x), optional(y); {
		case a == b:
			return 0
		case b:
			return -1
		}
		return 1
	})
	b.WriteByte('{')
	for _, s := range fields {
		loc := s.(ast.Node).GetLoc()
		b.WriteByte('\n') // and so the end of a comment
		f, ok := s.(*ast.Field)
		if !ok || f.SelectionSet == nil {
			b.WriteString(text[loc.Start:loc.End])
			continue
		}
		b.WriteString(text[loc.Start:f.SelectionSet.Loc.Start])
		order(b, text, f.SelectionSet)
	}
	b.WriteString("\n}")
}

// optional reports whether a field need not be there.
func optional(s ast.Selection) bool {
	f, ok := s.(*ast.Field)
	return ok && slices.ContainsFunc(f.Directives, func(d *ast.Directive) bool {
		return d.Name != nil && (d.Name.Value == "opt" || d.Name.Value == "optional")
	})
}
