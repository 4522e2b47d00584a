package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.tsv")
	const one = "2031-03-05\tA\tMake statement\tB\ttrain"
	for _, c := range []struct {
		text        string
		rows, first int
	}{
		{columns + "\n" + one + "\n", 1, 2},
		{one + "\r\n" + one, 2, 1},
		{columns + "\r\n" + one, 1, 2},
		{columns, 0, 0},
		{"", 0, 0},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		tab, err := openTable(path)
		if c.rows == 0 {
			if err == nil || err.Error() != path+": it has no rows" {
				t.Errorf("%q: %v", c.text, err)
			}
			continue
		}
		if err != nil || tab.rows() != c.rows || tab.first != c.first {
			t.Errorf("%q: %+v, %v", c.text, tab, err)
			continue
		}
		if _, err := tab.read(0, c.rows); err != nil {
			t.Errorf("%q: %v", c.text, err)
		}
	}
}

func TestNotUTF8(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.tsv")
	if err := os.WriteFile(path, []byte(columns+"\n2031-03-05\tA\xff\tMake statement\tB\ttrain"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := openTable(path); err == nil || err.Error() != path+":2: is not UTF-8" {
		t.Error(err)
	}
}
