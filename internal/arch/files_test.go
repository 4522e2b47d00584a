package arch

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// goFiles returns the names of all Go files of the module, slash-separated and
// relative to its root, whatever system they are built for.
func goFiles(t *testing.T) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() && name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || isModule(name)) {
			return fs.SkipDir
		}
		if strings.HasSuffix(base, ".go") {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Fatalf("no Go file in %s", root)
	}
	return names
}

// isModule reports whether a directory has a go.mod: what is in it is of another
// module.
func isModule(name string) bool {
	_, err := os.Stat(filepath.Join(root, filepath.FromSlash(name), "go.mod"))
	return err == nil
}

const root = "../.."

// unfinished is put together so that this file does not match it.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b|(?i:not imple` + `mented)`)

func TestNothingUnfinished(t *testing.T) {
	for _, name := range goFiles(t) {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		line := 1
		for l := range strings.Lines(string(text)) {
			if found := unfinished.FindString(l); found != "" {
				t.Errorf("%s:%d: %s", name, line, found)
			}
			line++
		}
	}
}
