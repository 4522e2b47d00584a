package edtf_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/onrecord/onrecord/events/edtf"
)

// What the package comment says of how a source says it: each date that its table has, and each
// that is easily mistaken, with what certainly and perhaps holds of it and what does not.
var said = map[string]string{
	"2025-08-06":               "certainly within 2025-08-06",
	"2025-08":                  "certainly within 2025-08, perhaps within 2025-08-31",
	"1763":                     "certainly within 1763, perhaps within 1763-05",
	"[2025-08-06,2025-08-07]":  "perhaps within 2025-08-06, perhaps within 2025-08-07, certainly before 2025-08-08, certainly after 2025-08-05",
	"[2025-08-04..2025-08-10]": "perhaps within 2025-08-04, perhaps within 2025-08-10, certainly within 2025-08-04/2025-08-10",
	"2025-08-04/2025-08-10":    "certainly overlaps 2025-08-04, certainly overlaps 2025-08-07, certainly overlaps 2025-08-10, not overlaps 2025-08-11",
	"[2025-08-07..2025-08-10]": "perhaps within 2025-08-07, perhaps within 2025-08-10, certainly after 2025-08-06, certainly before 2025-08-11",
	"2025-04/":                 "certainly overlaps 2025-04, perhaps overlaps 2025-04-15, perhaps overlaps 2025-08-06, perhaps overlaps 2100, not overlaps 2025-03",
	"2025-04/2025-08-06":       "certainly overlaps 2025-05, certainly overlaps 2025-08-06, perhaps overlaps 2025-04-15, not overlaps 2025-08-07",
	"175X":                     "certainly within 1750/1759, perhaps within 1750, perhaps within 1759",
	"[1701..1800]":             "perhaps within 1800, not overlaps 1700",
	"17XX":                     "perhaps within 1700, not overlaps 1800",
	"[1748..1752]":             "certainly within 1748/1752, perhaps within 1748, perhaps within 1750, perhaps within 1752",
	"[..1761]":                 "certainly before 1762, perhaps within 1761, perhaps within 1700, perhaps before 1700",
	"/1761":                    "certainly overlaps 1761, perhaps overlaps 1700, certainly before 1762",
	"1763-24":                  "certainly within 1763-12/1764-02, perhaps within 1764, not overlaps 1763-02",
	"1751-02-21":               "certainly within 1751-02-21",

	"1750~":                               "certainly within 1750, not overlaps 1749, not overlaps 1751",
	"../1761-12-31":                       "certainly overlaps 1700, certainly overlaps 1761, certainly before 1762",
	"2025-04/..":                          "certainly overlaps 2100, perhaps overlaps 2025-04-15",
	"[1762-12..1763-02]":                  "certainly within 1762-12/1763-02, perhaps within 1762",
	"1750/1751":                           "certainly overlaps 1750, certainly overlaps 1751, perhaps overlaps 1750-07, perhaps overlaps 1751-07",
	"[1762-12..1763-02,1763-12..1764-02]": "perhaps within 1762, perhaps within 1764, perhaps within 1763-01, not overlaps 1763-07",
	"[1751-02-12..1751-03-11]":            "perhaps within 1751-02-21, certainly after 1751-02-11, certainly before 1751-03-12",
	"[1751-02-10,1751-02-21]":             "perhaps within 1751-02-10, perhaps within 1751-02-21",
}

func TestHowASourceSaysIt(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(doc), "// # How a source says it\n")
	section, _, _ = strings.Cut(section, "\n// # ")
	rows := regexp.MustCompile(`(?m)^//\t.+?  +(\S+)  +\S.*$`).FindAllStringSubmatch(section, -1)
	if len(rows) < 12 || rows[0][1] != "write" {
		t.Fatalf("the table has %d rows, %q", len(rows), rows)
	}
	for _, row := range rows[1:] {
		if said[row[1]] == "" {
			t.Errorf("nothing checks what %s says", row[1])
		}
	}
	for date, holds := range said {
		if !strings.Contains(section, date) {
			t.Errorf("the section does not have %s", date)
		}
		d := edtf.MustParse(date)
		for what := range strings.SplitSeq(holds, ", ") {
			f := strings.Fields(what)
			r := map[string]edtf.Relation{"overlaps": edtf.Overlaps, "within": edtf.Within, "before": edtf.Before, "after": edtf.After}[f[1]]
			if r.String() != f[1] {
				t.Fatalf("%q names no relation", what)
			}
			w, got := edtf.MustParse(f[2]), "not"
			if d.Certainly(r, w) {
				got = "certainly"
			} else if d.Possibly(r, w) {
				got = "perhaps"
			}
			if got != f[0] {
				t.Errorf("%s is %s %s %s, want %s", date, got, f[1], f[2], f[0])
			}
		}
	}
	if _, err := edtf.Parse("1750/51"); err == nil {
		t.Error("1750/51 is read")
	}
	if !edtf.MustParse("1750~").Approximate() {
		t.Error("1750~ is not marked")
	}
}
