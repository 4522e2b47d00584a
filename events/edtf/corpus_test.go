package edtf_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events/edtf"
)

// rows returns the lines of a file of the shared data below the header, split
// at tabs. It skips the test where the data is absent.
func rows(t testing.TB, name string) [][]string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
	file := filepath.Join(filepath.Dir(dir), "shared", "data", "edtf", name)
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("the shared data is absent: no ../shared/data/edtf/%s beside the module", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")[1:]
	if len(lines) == 0 {
		t.Fatalf("%s has no rows", name)
	}
	var all [][]string
	for _, line := range lines {
		all = append(all, strings.Split(line, "\t"))
	}
	return all
}

func TestValidCorpus(t *testing.T) {
	for _, row := range rows(t, "valid.tsv") {
		checkValid(t, row[0])
	}
}

func TestInvalidCorpus(t *testing.T) {
	for _, row := range rows(t, "invalid.tsv") {
		checkInvalid(t, row[0])
	}
}

func checkValid(t *testing.T, text string) {
	t.Helper()
	got, err := edtf.Parse(text)
	if err != nil {
		t.Error(err)
		return
	}
	if got.String() != text {
		t.Errorf("%q prints as %q", text, got)
	}
}

func checkInvalid(t *testing.T, text string) *edtf.SyntaxError {
	t.Helper()
	got, err := edtf.Parse(text)
	if err == nil {
		t.Errorf("%q parses, want an error", text)
		return nil
	}
	if !got.IsZero() {
		t.Errorf("%q gives %v with its error", text, got)
	}
	var syntax *edtf.SyntaxError
	if !errors.As(err, &syntax) {
		t.Errorf("%q: error is a %T", text, err)
		return nil
	}
	if syntax.Text != text || syntax.Offset < 0 || syntax.Offset > len(text) ||
		!strings.Contains(syntax.Msg, "want ") {
		t.Errorf("%q: the error does not say where and what would be right: %#v", text, syntax)
	}
	return syntax
}

// otherwise lists the rows of bounds-go-edtf.tsv whose bounds differ, since the
// specification says otherwise. The four instants are ours.
var otherwise = map[string]struct {
	reason string
	bounds [4]string
}{
	"Y-20E2S3": {
		"Significant digits (ISO 8601-2:2019, 4.7.4): as 1950S2 is a year of 1900 to 1999 and " +
			"Y3388E2S3 of 338000 to 338999, three digits of -2000 leave one open: " +
			"-2009 to -2000, not -2999 to -2000",
		[4]string{"-2009-01-01T00:00:00Z", "-2009-12-31T23:59:59Z", "-2000-01-01T00:00:00Z", "-2000-12-31T23:59:59Z"},
	},
	"2019-28": {
		"Sub-year groupings (4.8.1): 28 is the winter of the north, the same months as the row " +
			"2019-24, so it ends on its last day as that does, not anywhere in its last month",
		[4]string{"2019-12-01T00:00:00Z", "2019-12-01T23:59:59Z", "2020-02-29T00:00:00Z", "2020-02-29T23:59:59Z"},
	},
	"[1760-01,1760-02,1760-12..]": {
		"One of a set (6.2): the first member is January 1760, so the start is over by its end, as in " +
			"the row [1667,1668,1670..1672], not by the end of December",
		[4]string{"1760-01-01T00:00:00Z", "1760-01-31T23:59:59Z", "", ""},
	},
}

func TestBoundsCorpus(t *testing.T) {
	seen := make(map[string]bool)
	for _, row := range rows(t, "bounds-go-edtf.tsv") {
		text, feature := row[0], row[2]
		got, err := edtf.Parse(text)
		if err != nil {
			t.Error(err)
			continue
		}
		want := [4]string(row[3:7])
		if other, ok := otherwise[text]; ok {
			seen[text] = true
			if want == other.bounds {
				t.Errorf("%s is listed as differing, but does not", text)
			}
			want = other.bounds
		}
		expect := make(map[string]string)
		if row[7] != "" {
			if err := json.Unmarshal([]byte(row[7]), &expect); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		}
		checkBounds(t, got, want, strings.Contains(feature, "YEAR") || strings.Contains(feature, "SIGNIFICANT"))
		b := got.Bounds()
		for _, f := range []struct {
			name string
			got  bool
		}{
			{"StartLowerIsOpen", b.StartOpen}, {"StartLowerIsUnknown", b.StartUnknown},
			{"EndLowerIsOpen", b.EndOpen}, {"EndLowerIsUnknown", b.EndUnknown},
		} {
			if want := expect[f.name] == "true"; f.got != want {
				t.Errorf("%s: %s is %v, want %v", text, f.name, f.got, want)
			}
		}
		for name := range expect {
			if strings.HasSuffix(name, "Uncertain") && !got.Uncertain() {
				t.Errorf("%s is not uncertain", text)
			}
			if strings.HasSuffix(name, "Approximate") && !got.Approximate() {
				t.Errorf("%s is not approximate", text)
			}
		}
	}
	for text := range otherwise {
		if !seen[text] {
			t.Errorf("%s is listed as differing, but is no row", text)
		}
	}
}

// checkBounds compares with instants as printed. An empty one stands for an open
// or unknown end, or, if extreme, for anything.
func checkBounds(t *testing.T, got edtf.Time, want [4]string, extreme bool) {
	t.Helper()
	b := got.Bounds()
	for i, v := range [4]int64{b.StartMin, b.StartMax, b.EndMin, b.EndMax} {
		name := [4]string{"earliest start", "latest start", "earliest end", "latest end"}[i]
		switch {
		case want[i] != "":
			if s := time.Unix(v, 0).UTC().Format("2006-01-02T15:04:05Z"); s != want[i] {
				t.Errorf("%s: %s is %s, want %s", got, name, s, want[i])
			}
		case extreme:
		case i < 2 && v != edtf.MinInstant, i >= 2 && v != edtf.MaxInstant:
			t.Errorf("%s: %s is %d, want it open", got, name, v)
		}
	}
	if got.Earliest() != b.StartMin || got.Latest() != b.EndMax {
		t.Errorf("%s: Earliest and Latest differ from Bounds", got)
	}
}
