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

// TestMap keeps the list of packages in the README complete and free of what is not
// there.
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
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## Packages\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var got []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z/]+)` \\|").FindAllStringSubmatch(section, -1) {
		got = append(got, m[1])
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("README.md has rows for\n  %s\nthe packages are\n  %s", strings.Join(got, " "), strings.Join(want, " "))
	}
}
