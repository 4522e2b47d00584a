package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// droppedErrors returns the loops over a func(yield func(T, error) bool) that do
// not name the error. The compiler accepts them, and they end early as if there
// were no more.
func droppedErrors(files []*ast.File, info *types.Info) (loops []*ast.RangeStmt) {
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			loop, ok := n.(*ast.RangeStmt)
			if ok && yieldsError(info.TypeOf(loop.X)) && isBlank(loop.Value) {
				loops = append(loops, loop)
			}
			return true
		})
	}
	return loops
}

func isBlank(e ast.Expr) bool {
	name, ok := e.(*ast.Ident)
	return e == nil || ok && name.Name == "_"
}

// yieldsError reports whether a type is a sequence whose second value is an error.
func yieldsError(t types.Type) bool {
	if t == nil {
		return false
	}
	seq, ok := t.Underlying().(*types.Signature)
	if !ok || seq.Params().Len() != 1 || seq.Results().Len() != 0 {
		return false
	}
	yield, ok := seq.Params().At(0).Type().Underlying().(*types.Signature)
	return ok && yield.Params().Len() == 2 && types.Identical(yield.Params().At(1).Type(), types.Universe.Lookup("error").Type())
}

// listed is a package as "go list" describes it. Its tests make a package of
// their own, "p [p.test]", which holds the files of p too.
type listed struct {
	ImportPath string
	ForTest    string
	Dir        string
	Export     string // the file with what it exports
	GoFiles    []string
	ImportMap  map[string]string
	Module     *struct{ Main bool }
}

func list(t *testing.T) (packages []*listed) {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-export", "-deps", "-test",
		"-json=ImportPath,ForTest,Dir,Export,GoFiles,ImportMap,Module", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		p := new(listed)
		if err := d.Decode(p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// check type-checks files, taking what they import from export files.
func check(fset *token.FileSet, path string, files []*ast.File, exports, importMap map[string]string) (*types.Info, error) {
	lookup := func(path string) (io.ReadCloser, error) {
		if mapped, ok := importMap[path]; ok {
			path = mapped
		}
		if exports[path] == "" {
			return nil, fmt.Errorf("no export file for %s", path)
		}
		return os.Open(exports[path])
	}
	info := &types.Info{Types: make(map[ast.Expr]types.TypeAndValue), Uses: make(map[*ast.Ident]types.Object), Defs: make(map[*ast.Ident]types.Object)}
	conf := types.Config{Importer: importer.ForCompiler(fset, "gc", lookup)}
	_, err := conf.Check(path, fset, files, info)
	return info, err
}

func TestLoopsNameTheirErrors(t *testing.T) {
	if testing.Short() {
		t.Skip("type-checks the module")
	}
	packages := list(t)
	exports := make(map[string]string)
	tested := make(map[string]bool)
	for _, p := range packages {
		exports[p.ImportPath] = p.Export
		if p.ImportPath == p.ForTest+" ["+p.ForTest+".test]" {
			tested[p.ForTest] = true
		}
	}

	t.Run("rule", func(t *testing.T) { testRule(t, exports) })

	checked := 0
	for _, p := range packages {
		path, variant, _ := strings.Cut(p.ImportPath, " [")
		switch {
		case p.Module == nil || !p.Module.Main || strings.HasSuffix(path, ".test"):
			continue // another module's, or generated
		case variant == "" && tested[path]:
			continue // its files are in the variant with tests
		case variant != "" && path != p.ForTest && path != p.ForTest+"_test":
			continue // compiled again for another package's test
		}
		fset := token.NewFileSet()
		var files []*ast.File
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		info, err := check(fset, path, files, exports, p.ImportMap)
		if err != nil {
			t.Errorf("%s: %v", p.ImportPath, err)
			continue
		}
		checked++
		for _, loop := range droppedErrors(files, info) {
			at := fset.Position(loop.Pos())
			t.Errorf("%s/%s:%d: the loop does not name its error", path, filepath.Base(at.Filename), at.Line)
		}
	}
	if checked < 5 {
		t.Errorf("only %d packages were checked", checked)
	}
}

// testRule holds the rule against loops of each form: those marked "bad" are
// what it must find.
func testRule(t *testing.T, exports map[string]string) {
	const text = `package p

import "iter"

type named iter.Seq2[string, error]

func loops[T any](seq iter.Seq2[int, error], n named, of func() iter.Seq2[T, error], plain func(func(int, error) bool),
	other iter.Seq2[int, string], one iter.Seq[error], m map[int]error, s []error) (err error) {
	for range seq { // bad
	}
	for x := range seq { // bad
		_ = x
	}
	for x, _ := range seq { // bad
		_ = x
	}
	for _, _ = range seq { // bad
	}
	for range n { // bad
	}
	for x := range of() { // bad
		_ = x
	}
	for x := range plain { // bad
		_ = x
	}
	func() {
		for range seq { // bad
		}
	}()

	for _, err := range seq {
		_ = err
	}
	for _, err = range seq {
	}
	for x, err := range of() {
		_, _ = x, err
	}
	for range other {
	}
	for range one {
	}
	for range m {
	}
	for range s {
	}
	for range 3 {
	}
	return err
}
`
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	info, err := check(fset, "p", []*ast.File{f}, exports, nil)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[int]bool)
	for _, loop := range droppedErrors([]*ast.File{f}, info) {
		found[fset.Position(loop.Pos()).Line] = true
	}
	number, bad := 1, 0
	for line := range strings.Lines(text) {
		marked := strings.Contains(line, "// bad")
		if marked {
			bad++
		}
		if marked != found[number] {
			t.Errorf("p.go:%d: marked bad: %v, found: %v: %s", number, marked, found[number], line)
		}
		number++
	}
	if bad == 0 {
		t.Error("no loop is marked")
	}
}
