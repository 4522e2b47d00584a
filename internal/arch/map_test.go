package arch

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestMap keeps the map in the module's package comment, and the one in the
// README, complete and free of what is not there.
func TestMap(t *testing.T) {
	var want []string
	for _, name := range goFiles(t) {
		pkg := path.Dir(name)
		if within(pkg, "examples") {
			pkg = "examples"
		}
		if pkg != "." && !within(pkg, "internal") && !slices.Contains(want, pkg) {
			want = append(want, pkg)
		}
	}
	slices.Sort(want)
	for file, row := range map[string]string{
		"doc.go":    `(?m)^//\t([a-z/]+) {2,}`,
		"README.md": "(?m)^\\| `([a-z/]+)` \\|",
	} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Error(err)
			continue
		}
		var got []string
		for _, m := range regexp.MustCompile(row).FindAllStringSubmatch(string(text), -1) {
			got = append(got, m[1])
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s has rows for\n  %s\nthe packages are\n  %s", file, strings.Join(got, " "), strings.Join(want, " "))
		}
	}
}
