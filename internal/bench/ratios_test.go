package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	ratios := []Ratio{{Name: "same", Value: 2}, {Name: "a fifth", Value: 2.4}, {Name: "more", Value: 2.41}, {Name: "better", Value: 0.1}, {Name: "new", Value: 9}}
	recorded := map[string]float64{"same": 2, "a fifth": 2, "more": 2, "better": 2, "gone": 1}
	worse := compare(ratios, recorded)
	if len(worse) != 1 || worse[0].Name != "more" || worse[0].Recorded != 2 {
		t.Errorf("worse: %+v, want the one that is worse by more than a fifth", worse)
	}
	if ratios[3].Recorded != 2 || ratios[4].Recorded != 0 {
		t.Errorf("what was recorded is not filled in: %+v", ratios)
	}
}

func TestRecord(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ratios.json")
	recorded, err := readRatios(file)
	if err != nil || len(recorded) != 0 {
		t.Fatalf("of no file: %v, %v", recorded, err)
	}
	if err := writeRatios(file, []Ratio{{Name: "b", Value: 1.23456}, {Name: "a", Value: 123456}}, recorded); err != nil {
		t.Fatal(err)
	}
	if recorded, err = readRatios(file); err != nil {
		t.Fatal(err)
	}
	if err := writeRatios(file, []Ratio{{Name: "b", Value: 3}}, recorded); err != nil {
		t.Fatal(err)
	}
	recorded, err = readRatios(file)
	if want := map[string]float64{"a": 123000, "b": 3}; err != nil || !maps.Equal(recorded, want) {
		t.Errorf("recorded %v, %v, want %v", recorded, err, want)
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(text), "{\n\t\"a\": 123000,\n\t\"b\": 3\n}") {
		t.Errorf("the file is %q, %v", text, err)
	}
	if err := os.WriteFile(file, []byte("[1]"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readRatios(file); err == nil || !strings.Contains(err.Error(), "want an object of numbers") {
		t.Errorf("error %v", err)
	}
}

func TestSizes(t *testing.T) {
	sizes, err := parseSizes("1000000, 1000,1000")
	if err != nil || len(sizes) != 2 || sizes[0] != 1000 || sizes[1] != 1_000_000 {
		t.Errorf("sizes %v, %v", sizes, err)
	}
	for _, bad := range []string{"", "ten", "10", "1000,", "1000000000"} {
		if sizes, err := parseSizes(bad); err == nil {
			t.Errorf("%q gives %v, want an error", bad, sizes)
		}
	}
}
