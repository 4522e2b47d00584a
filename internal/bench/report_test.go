package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata anew")

// TestReport makes the page and its pictures from testdata/report.json. They
// must be as they lie beside it.
func TestReport(t *testing.T) {
	text, err := os.ReadFile("testdata/report.json")
	if err != nil {
		t.Fatal(err)
	}
	var r Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	files := r.files()
	var names []string
	for name, got := range files {
		names = append(names, name)
		file := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
		}
	}
	slices.Sort(names)
	if want := []string{"README.md", "hops.svg", "memory.svg"}; !slices.Equal(names, want) {
		t.Errorf("files %v, want %v", names, want)
	}
}

// TestPicture holds that a picture is well-formed, whatever the names of its
// lines are, and that names do not lie upon one another.
func TestPicture(t *testing.T) {
	var lines []line
	for range 20 {
		lines = append(lines, line{"a < b & \"c\"", []float64{1e5, 1e6}, []float64{3, 3}})
	}
	for d := xml.NewDecoder(strings.NewReader(picture("t < u", "ns", lines))); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	up := axis{from: height - bottom, to: top}
	up.take([]float64{1, 10})
	y := places(lines, up)
	slices.Sort(y)
	for i := 1; i < len(y); i++ {
		if y[i]-y[i-1] < 12 {
			t.Errorf("names at %v and %v", y[i-1], y[i])
		}
	}
	if y[len(y)-1] > height-bottom {
		t.Errorf("a name at %v, below the axis", y[len(y)-1])
	}
}

func TestAmount(t *testing.T) {
	for _, c := range []struct {
		value float64
		unit  string
		want  string
	}{
		{208, "ns", "208 ns"}, {9100, "ns", "9.10 µs"}, {385e6, "ns", "385 ms"}, {150e9, "ns", "150 s"},
		{3600e9, "ns", "3,600 s"}, {160, "B", "160 B"}, {6000, "B", "6 kB"}, {1234567, "/s", "1,234,567/s"},
		{1.849, "×", "1.85 ×"}, {0.00064, "", "0.00064"}, {0, "", "0"}, {12.34, "", "12.3"},
	} {
		if got := amount(c.value, c.unit); got != c.want {
			t.Errorf("%v %s: %q, want %q", c.value, c.unit, got, c.want)
		}
	}
}
