package query_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the examples into README.md")

// TestPage keeps README.md, the page of questions, true: it has every question,
// and what it shows of each is an example that is run, with its output. In the
// page, a comment such as <!-- query.ExampleSaid --> stands before the code and
// the output of that example, and <!-- func said --> before what the examples share;
// -update writes both.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := make(map[string]bool)
	marker := regexp.MustCompile("(?s)<!-- ([a-z]+)\\.(Example[A-Za-z_]+) -->\n(```go\n.*?```\n```text\n.*?```\n)?")
	examples := map[string]map[string]example{}
	folders := map[string]string{"query": ".", "find": "find", "relations": "relations"}
	for name, dir := range folders {
		examples[name] = examplesIn(t, dir)
	}
	examples["graph"] = examplesIn(t, filepath.Join("..", "graph"))
	written := marker.ReplaceAllStringFunc(string(page), func(found string) string {
		m := marker.FindStringSubmatch(found)
		e, ok := examples[m[1]][m[2]]
		if !ok {
			t.Errorf("the page shows %s.%s, which is no example with an output", m[1], m[2])
			return found
		}
		shown[m[1]+"."+m[2]] = true
		return fmt.Sprintf("<!-- %s.%s -->\n```go\n%s```\n```text\n%s```\n", m[1], m[2], e.code, e.output)
	})
	shared := functionsIn(t, "example_test.go")
	written = regexp.MustCompile("(?s)<!-- func ([a-z]+) -->\n(```go\n.*?```\n)?").ReplaceAllStringFunc(written, func(found string) string {
		name := strings.Fields(found)[2]
		if shared[name] == "" {
			t.Errorf("the page shows func %s, which is none of example_test.go", name)
			return found
		}
		return fmt.Sprintf("<!-- func %s -->\n```go\n%s\n```\n", name, shared[name])
	})
	if *update {
		if err := os.WriteFile("README.md", []byte(written), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if written != string(page) {
		t.Error("the page does not show the examples as they are: -update writes them")
	}
	for name, dir := range folders {
		for _, q := range questionsIn(t, dir) {
			if !shown[name+".Example"+q] {
				t.Errorf("the page does not show %s.%s", name, q)
			}
		}
	}
}

type example struct{ code, output string }

// boilerplate is what an example needs and a reader of the page does not.
var boilerplate = regexp.MustCompile(`(?m)^\t*(g := \w+\(.*\)|defer \w+\.Close\(\)|ctx := context\.Background\(\))\n|^\t*if err != nil \{\n\t*log\.Fatal\(err\)\n\t*\}\n`)

// examplesIn returns the examples of a package that have an output.
func examplesIn(t *testing.T, dir string) map[string]example {
	found := make(map[string]example)
	fset := token.NewFileSet()
	for path, f := range filesIn(t, fset, dir, "*_test.go") {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range doc.Examples(f) {
			if e.Output == "" {
				continue
			}
			body := string(source[fset.Position(e.Code.Pos()).Offset+2 : fset.Position(e.Code.End()).Offset-1])
			if i := strings.LastIndex(body, "// Output:"); i >= 0 {
				body = body[:i]
			} else if i := strings.LastIndex(body, "// Unordered output:"); i >= 0 {
				body = body[:i]
			}
			body = boilerplate.ReplaceAllString(strings.TrimRight(body, "\t\n")+"\n", "")
			var code strings.Builder
			for line := range strings.Lines(strings.TrimLeft(body, "\n")) {
				code.WriteString(strings.TrimPrefix(line, "\t"))
			}
			found["Example"+e.Name] = example{code.String(), e.Output}
		}
	}
	return found
}

// functionsIn returns the functions of a file, with their comments.
func functionsIn(t *testing.T, path string) map[string]string {
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fset, found := token.NewFileSet(), make(map[string]string)
	for _, d := range filesIn(t, fset, ".", path)[path].Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Doc != nil {
			found[fn.Name.Name] = string(source[fset.Position(fn.Doc.Pos()).Offset:fset.Position(fn.End()).Offset])
		}
	}
	return found
}

// questionsIn returns the exported functions and methods of a package that take
// a view or a graph.
func questionsIn(t *testing.T, dir string) (names []string) {
	fset := token.NewFileSet()
	for _, f := range filesIn(t, fset, dir, "*.go") {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !fn.Name.IsExported() || !asks(fn) {
				continue
			}
			name := fn.Name.Name
			if fn.Recv != nil {
				name = strings.TrimPrefix(fmt.Sprint(typeName(fn.Recv.List[0].Type)), "*") + "_" + name
			}
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		t.Errorf("no question is found in %s", dir)
	}
	return names
}

// asks reports whether a function takes a view or a graph to ask. Open takes one to
// follow.
func asks(fn *ast.FuncDecl) bool {
	return fn.Name.Name != "Open" && slices.ContainsFunc(fn.Type.Params.List, func(p *ast.Field) bool {
		name := typeName(p.Type)
		return name == "graph.View" || name == "*graph.Graph"
	})
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return "*" + typeName(e.X)
	case *ast.SelectorExpr:
		return typeName(e.X) + "." + e.Sel.Name
	case *ast.Ident:
		return e.Name
	}
	return ""
}

func filesIn(t *testing.T, fset *token.FileSet, dir, pattern string) map[string]*ast.File {
	paths, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no %s in %s: %v", pattern, dir, err)
	}
	files := make(map[string]*ast.File)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") != strings.HasSuffix(pattern, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files[path] = f
	}
	return files
}
