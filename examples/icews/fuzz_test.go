package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzTable wants the rows of a table that is read to be its lines.
func FuzzTable(f *testing.F) {
	const one = "2031-03-05\tA\tMake statement\tB\ttrain"
	for _, text := range []string{
		one, columns + "\n" + one + "\n", columns + "\r\n" + one + "\r\n" + one, one + "\n\n" + one, "2031-03\tA\tx\tB\ttest",
		"\x1f\x8b", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x01\x00\x00\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00", "\xff", "",
	} {
		f.Add([]byte(text))
	}
	path := filepath.Join(f.TempDir(), "a.tsv")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		tab, err := openTable(path)
		if err != nil {
			return
		}
		lines := strings.Split(tab.text, "\n")
		for i := range tab.rows() {
			rows, err := tab.read(i, i+1)
			if err != nil {
				if _, ok := err.(*rowError); !ok {
					t.Errorf("row %d: %v", i, err)
				}
				continue
			}
			r := rows[0]
			line := strings.TrimRight(lines[r.line-1], "\r\n")
			if want := strings.Join([]string{r.date, r.subject, r.relation, r.object, ""}, "\t"); !strings.HasPrefix(line, want) {
				t.Errorf("line %d is %q, read as %+v", r.line, line, r)
			}
		}
	})
}
