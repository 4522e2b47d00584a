package edtf_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events/edtf"
)

// valid has a text for each feature, so that there is a test without the shared
// data. All of it also seeds the fuzz test.
var valid = []string{
	"1985-04-12", "1985-04", "1985", "0000", "-0001-12-31", "2000-02-29",
	"1985-04-12T23:20:30", "1985-04-12T23:20:30Z", "1985-04-12T23:20:30-04", "-1985-04-12T23:20:30+04:30",
	"1985-04-12T00:00:00+00:00", "1985-04-12T23:59:59-23:59",
	"1964/2008", "2004-02-01/2005", "2004-06-XX/2004-06-03", "1950S2/1960", "1985-04/1985-XX",
	"2025-02/2025-33", "2004-12-15/2004-24", "2005-01/2004-24", "../1985", "/1985-04", "1985/..", "1985-04-12/", "/..", "../", "../..",
	"Y170000002", "Y-17E7", "Y20E2", "Y9E999999999999999999", "Y-99999999999999999999999S3",
	"1950S2", "-1859S5", "Y171010000S3", "Y-20E2S3", "0000S1",
	"2001-21", "2019-24", "2019-28", "-2001-32", "2001-34", "2001-41", "19XX-24", "XXXX-21",
	"1984?", "2004-06~", "2004-06-11%", "?2004-06-~11", "2004?-%06", "~-0100/~2020", "%-2011-06-13", "1950S2~", "Y12345?",
	"201X", "20XX", "XXXX", "-XXXX", "-000X", "X5X5", "2004-XX", "1985-XX-XX", "XXXX-12-XX", "156X-12-25", "-1X32-X1-X2",
	"1984-1X", "XXXX-02-29", "2016-02-X9", "XX00-02-29", "XXX4-XX-X1",
	"[1667,1668,1670..1672]", "[..1760-12-03]", "[1760-12..]", "[1760-01,1760-02,1760-12..]", "[1667,1760-12]", "[1667]",
	"{1667,1668,1670..1672}", "{1960,1961-12}", "{..1984}", "[156X-12-25,15XX-01-01]", "[2001-21..2001-23]", "[2003?,19XX~]", "[2004-06..2004-XX]",
	"[XXX1-01-01,XXX2-01-01]", "{156X-12-25,1600}", "[..1984,1986..]",
}

var invalid = []struct {
	text   string
	offset int
	msg    string // part of it
}{
	{"", 0, "found the end"},
	{" 1985", 0, "found ' '"},
	{"198", 3, "four digits"},
	{"19850", 4, "Y before a longer year"},
	{"198x", 3, "four digits, or X"},
	{"-0000", 0, "0000"},
	{"-0000-01", 0, "0000"},
	{"1985-4", 6, "two digits"},
	{"1985-13", 5, "month from 01 to 12"},
	{"1985-20", 5, "21 to 41"},
	{"1985-42", 5, "21 to 41"},
	{"1985-2X", 5, "month from 01 to 12"},
	{"1985-00", 5, "month"},
	{"1960-06-31", 8, "from 01 to 30"},
	{"1900-02-29", 8, "from 01 to 28"},
	{"1985-02-3X", 8, "from 01 to 28"},
	{"1985-06-00", 8, "day from 01"},
	{"19X1-02-29", 0, "a date that exists"},
	{"1985-02-30/..", 8, "from 01 to 28"},
	{"2001-21-03", 7, `"/"`},
	{"1984??", 5, `"-" and a month, "/" or the end`},
	{"1985-04-12T23:20", 16, `":" and a second`},
	{"1985-04-12T24:00:00", 11, "from 00 to 23"},
	{"1985-04-12T23:59:60", 17, "from 00 to 59"},
	{"1985-04-12T23:59:59.5", 19, `want "1985-04-12T23:59:59": fractions of a second`},
	{"2004-06-11T10:10:10.500Z", 19, `want "2004-06-11T10:10:10Z": fractions of a second`},
	{"2004-06-11T10:10:10.0+01:00", 19, `want "2004-06-11T10:10:10+01:00": fractions of a second`},
	{"2004-06-11T10:10:10.", 19, "the end"},
	{"[1985-04-12T23:20:30..1986]", 1, "stands alone"},
	{"1985-04-12T23:20:30-00:00", 19, "Z or +00:00"},
	{"1985-04-12T23:20:30+24", 20, "from 00 to 23"},
	{"1985-04-12~T23:20:30", 11, "no time of day"},
	{"1985-04-12T23:20:30/..", 19, "stands alone"},
	{"../1985-04-12T23:20:30", 3, "stands alone"},
	{"[1985-04-12T23:20:30]", 1, "stands alone"},
	{"Y2006", 1, "five digits"},
	{"Y0170000", 1, "1 to 9"},
	{"Y17E0", 4, "1 to 9"},
	{"Y17000-01", 6, "the end"},
	{"Y17000/..", 6, "stands alone"},
	{"[Y17000]", 1, "stands alone"},
	{"1950S0", 5, "from 1"},
	{"19XXS2", 4, "no S"},
	{"1950S2-01", 6, `"/"`},
	{"/", 1, `a date or ".."`},
	{"..", 2, `"/"`},
	{"../1985/1986", 7, "end of the interval"},
	{"1985/1984", 5, "not before the start"},
	{"1985-04/1985", 8, "begin before"},
	{"1985-04-12/1985-04", 11, "begin before"},
	{"2004-12-15/2004-23", 11, "not before the start"},
	{"..1985", 2, "in brackets"},
	{"1985..", 4, "in brackets"},
	{"1985,1986", 4, "in brackets"},
	{"[]", 1, "four digits"},
	{"[..]", 3, "four digits"},
	{"[1985", 5, `"]"`},
	{"[1985}", 5, `"]"`},
	{"[1985]?", 6, "the end"},
	{"[1985, 1986]", 6, "found ' '"},
	{"[1985 ,1986]", 5, "without spaces"},
	{"[1985..,1986]", 7, "last member"},
	{"[1985,..1986]", 6, "first member"},
	{"[1985..1986-01]", 7, "same precision"},
	{"[1986..1985]", 7, "not before"},
	{"[1985/1986]", 5, `","`},
	{"1985\x00", 4, `found '\x00'`},
	{"1985\xff", 4, "found"},
	{"1985–1986", 4, "found '–'"},
	{strings.Repeat("[", edtf.MaxText+1), edtf.MaxText, "at most 1000 bytes"},
	{"[1985" + strings.Repeat(",1985", edtf.MaxMembers) + "]", 1 + 5*edtf.MaxMembers, "at most 64 members"},
}

func TestParse(t *testing.T) {
	for _, text := range valid {
		checkValid(t, text)
	}
	for _, c := range invalid {
		e := checkInvalid(t, c.text)
		if e != nil && (e.Offset != c.offset || !strings.Contains(e.Msg, c.msg)) {
			t.Errorf("%q: error at %d: %s; want at %d: %s", c.text, e.Offset, e.Msg, c.offset, c.msg)
		}
	}
	checkValid(t, "["+strings.Repeat("1985,", edtf.MaxMembers-1)+"1985]")
	checkValid(t, "Y"+strings.Repeat("9", edtf.MaxText-1))
}

func TestBounds(t *testing.T) {
	for _, c := range []struct {
		text string
		want string // first letters of the four instants
	}{
		{"1985", "1985-01-01T00 1985-01-01T23 1985-12-31T00 1985-12-31T23"},
		{"1985-04-12", "1985-04-12T00:00:00 1985-04-12T00:00:00 1985-04-12T23:59:59 1985-04-12T23:59:59"},
		{"1985-04-12T23:20:30-04", "1985-04-13T03:20:30 1985-04-13T03:20:30 1985-04-13T03:20:30 1985-04-13T03:20:30"},
		{"1964/2008", "1964-01-01T00 1964-12-31T23 2008-01-01T00 2008-12-31T23"},
		{"1950S2", "1900-01-01T00 1900-12-31T23 1999-01-01T00 1999-12-31T23"},
		{"-1859S5", "-1859-01-01T00 -1859-12-31T23 -1859-01-01T00 -1859-12-31T23"},
		{"2001-30", "2001-12-01T00 2001-12-01T23 2002-02-28T00 2002-02-28T23"},
		{"2001-31", "2001-03-01T00 2001-03-01T23 2001-05-31T00 2001-05-31T23"},
		{"2001-38", "2001-05-01T00 2001-05-01T23 2001-08-31T00 2001-08-31T23"},
		{"2001-41", "2001-07-01T00 2001-07-01T23 2001-12-31T00 2001-12-31T23"},
		{"-20XX", "-2099-01-01T00 -2099-01-01T23 -2000-12-31T00 -2000-12-31T23"},
		{"-000X", "-0009-01-01T00 -0009-01-01T23 -0001-12-31T00 -0001-12-31T23"},
		{"-156X-12-25", "-1569-12-25T00 -1569-12-25T23 -1560-12-25T00 -1560-12-25T23"},
		{"XXXX-02-29", "0000-02-29T00 0000-02-29T23 9996-02-29T00 9996-02-29T23"},
		{"1984-1X", "1984-10-01T00 1984-10-01T23 1984-12-31T00 1984-12-31T23"},
		{"[1985,1985-06]", "1985-01-01T00 1985-06-30T23 1985-06-01T00 1985-12-31T23"},
	} {
		b := edtf.MustParse(c.text).Bounds()
		want := strings.Fields(c.want)
		for i, v := range []int64{b.StartMin, b.StartMax, b.EndMin, b.EndMax} {
			if s := time.Unix(v, 0).UTC().Format("2006-01-02T15:04:05"); !strings.HasPrefix(s, want[i]) {
				t.Errorf("%s: instant %d is %s, want %s", c.text, i+1, s, want[i])
			}
		}
	}
	b := edtf.MustParse("Y9E99").Bounds()
	if b.StartMin != edtf.MaxInstant || b.StartOpen || b.EndOpen {
		t.Errorf("Y9E99: %+v", b)
	}
	// The last year that is told apart from those behind it, and the next.
	last, next := edtf.MustParse("Y292277000000").Bounds(), edtf.MustParse("Y292277000001").Bounds()
	if last.EndMax == edtf.MaxInstant || next.StartMin != edtf.MaxInstant {
		t.Errorf("the last year: %+v; the next: %+v", last, next)
	}
	if b := (edtf.Time{}).Bounds(); !b.StartUnknown || !b.EndUnknown {
		t.Errorf("zero Time: %+v", b)
	}
}

// odd lists so many years that do not touch.
func odd(n int) string {
	years := make([]string, n)
	for i := range years {
		years[i] = fmt.Sprint(1701 + 2*i)
	}
	return strings.Join(years, ",")
}

func TestConstraint(t *testing.T) {
	for _, c := range []struct {
		text    string
		combine edtf.Combine
		n       int
	}{
		{"1985", edtf.OneOf, 1},
		{"2004-XX", edtf.OneOf, 1},
		{"1985-XX-XX", edtf.OneOf, 1},
		{"20XX", edtf.OneOf, 1},
		{"XXXX", edtf.OneOf, 1},
		{"156X-12-25", edtf.OneOf, 10},
		{"1984-1X", edtf.OneOf, 1},
		{"2004-X1", edtf.OneOf, 2},
		{"19X5", edtf.OneOf, 10},
		{"X5X5", edtf.OneOf, 1},       // a hundred years
		{"15XX-12-25", edtf.OneOf, 1}, // a hundred days
		{"XX00-02-29", edtf.OneOf, 25},
		{"2004-XX-X1", edtf.OneOf, 37}, // 31 and 1 touch six times
		{"[1667,1668,1670..1672]", edtf.OneOf, 2},
		{"[1667,1667-05,1666]", edtf.OneOf, 1},
		{"[1990,1985..]", edtf.OneOf, 1},
		{"[156X-12-25,1500]", edtf.OneOf, 11},
		{"[XX00-02-29,XX00-01-01]", edtf.OneOf, 1}, // the second is one stretch, around the first
		{"[XX00-02-29,156X-12-25,157X-12-25,158X-12-25,159X-12-25]", edtf.OneOf, 1},
		{"[" + odd(edtf.MaxMembers-10) + ",156X-12-25]", edtf.OneOf, edtf.MaxMembers},
		{"[" + odd(edtf.MaxMembers-9) + ",156X-12-25]", edtf.OneOf, edtf.MaxMembers - 8}, // the last as a whole
		{"{1667,1668,1670..1672}", edtf.AllOf, 3},
		{"{156X-12-25,1500}", edtf.AllOf, 2},
		{"156X-12-25/157X-12-25", edtf.Throughout, 1},
	} {
		got := edtf.MustParse(c.text).Constraint()
		if got.Combine != c.combine || len(got.Stretches) != c.n {
			t.Errorf("%s: combine %d, %d stretches; want %d, %d", c.text, got.Combine, len(got.Stretches), c.combine, c.n)
		}
	}
	if c := (edtf.Time{}).Constraint(); len(c.Stretches) != 0 {
		t.Errorf("the zero Time has stretches")
	}
}

// Every text with unspecified digits is compared with all the dates that match
// it, each parsed by itself.
func TestUnspecified(t *testing.T) {
	const layout = "2006-01-02"
	for _, text := range []string{
		"198X", "198X-12", "198X-XX", "1985-X1", "1985-1X", "19X5-0X", "1985-04-XX", "1985-04-3X", "1985-XX-XX",
		"1985-XX-31", "19X4-02-29", "1985-X2-X8", "2000-XX-X1", "20X4-02-29", "000X-01-01", "-000X-12-31", "-001X-X1-3X",
	} {
		pattern := strings.TrimPrefix(text, "-")
		sign := strings.TrimSuffix(text, pattern)
		matched := make(map[int64]bool)
		for day := time.Date(-30, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2100; day = day.AddDate(0, 0, 1) {
			if day.Year() == 20 {
				day = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
			}
			digits := strings.TrimPrefix(day.Format(layout), "-")
			if (day.Year() < 0) != (sign != "") {
				continue
			}
			same := true
			for i := range pattern {
				same = same && (pattern[i] == 'X' || pattern[i] == digits[i])
			}
			if same {
				matched[day.Unix()/86400] = true
			}
		}
		c := edtf.MustParse(text).Constraint()
		n := 0
		for _, s := range c.Stretches {
			for sec := s.StartMin; sec < s.EndMax; sec += 86400 {
				if !matched[sec/86400] {
					t.Fatalf("%s has %s", text, time.Unix(sec, 0).UTC().Format(layout))
				}
				n++
			}
		}
		if n != len(matched) {
			t.Errorf("%s has %d days, want %d", text, n, len(matched))
		}
	}
}

func TestQualifiers(t *testing.T) {
	for text, want := range map[string][2]bool{
		"1984": {}, "1984?": {true, false}, "1984~": {false, true}, "1984%": {true, true},
		"1984/?2004~-06": {true, true}, "[1984,1985?]": {true, false}, "1950S2~": {false, true}, "../~1985": {false, true},
	} {
		if got := edtf.MustParse(text); got.Uncertain() != want[0] || got.Approximate() != want[1] {
			t.Errorf("%s: uncertain %v, approximate %v", text, got.Uncertain(), got.Approximate())
		}
	}
}

func TestMade(t *testing.T) {
	for _, c := range []struct {
		got  edtf.Time
		want string
	}{
		{edtf.Date(2025, time.August, 6), "2025-08-06"},
		{edtf.Date(-44, 3, 15), "-0044-03-15"},
		{edtf.Date(0, 2, 29), "0000-02-29"},
		{edtf.Date(2025, 2, 29), ""},
		{edtf.Date(2025, 13, 1), ""},
		{edtf.Date(2025, 0, 1), ""},
		{edtf.Date(2025, 1, 0), ""},
		{edtf.Date(10000, 1, 1), ""},
		{edtf.At(0), "1970-01-01T00:00:00Z"},
		{edtf.At(-62198755200), "-0001-01-01T00:00:00Z"},
		{edtf.At(253402300799), "9999-12-31T23:59:59Z"},
		{edtf.At(253402300800), ""},
		{edtf.At(edtf.MinInstant), ""},
		{edtf.At(edtf.MaxInstant), ""},
		{edtf.At(time.Date(2025, 8, 6, 12, 0, 0, 999, time.FixedZone("", 3*3600)).Unix()), "2025-08-06T09:00:00Z"},
	} {
		if c.got.String() != c.want {
			t.Errorf("made %q, want %q", c.got, c.want)
		}
		if c.want == "" {
			continue
		}
		parsed := edtf.MustParse(c.want)
		if !c.got.Equal(parsed) || c.got.Bounds() != parsed.Bounds() ||
			!slices.Equal(c.got.Constraint().Stretches, parsed.Constraint().Stretches) {
			t.Errorf("%s as made differs from as parsed", c.want)
		}
	}
}

func TestText(t *testing.T) {
	type record struct {
		At   edtf.Time
		None edtf.Time
		Some edtf.Time `json:",omitzero"`
	}
	const want = `{"At":"[2025-08-06,2025-08-07]","None":""}`
	var r record
	if err := json.Unmarshal([]byte(want), &r); err != nil {
		t.Fatal(err)
	}
	if got, err := json.Marshal(r); err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	at := r.At
	if err := at.UnmarshalText([]byte("2025-02-30")); err == nil || !at.Equal(r.At) {
		t.Errorf("a failed UnmarshalText leaves %v, %v", at, err)
	}
	if err := at.UnmarshalText(nil); err != nil || !at.IsZero() {
		t.Errorf("no text gives %v, %v", at, err)
	}
}

func TestAllocs(t *testing.T) {
	for _, text := range []string{"2025-08-06", "2025-08", "1985-04-12T23:20:30-04", "1964/2008", "../1985?", "2019-24", "20XX"} {
		if n := testing.AllocsPerRun(100, func() { _, _ = edtf.Parse(text) }); n != 0 {
			t.Errorf("Parse(%q) allocates %v times", text, n)
		}
	}
	times := []edtf.Time{edtf.MustParse("2025-08-06"), edtf.MustParse("[2025-08-06,156X-12-25]"), edtf.MustParse("../1985")}
	n := testing.AllocsPerRun(100, func() {
		for _, a := range times {
			for _, b := range times {
				for r := edtf.Within; r <= edtf.Overlaps; r++ {
					_, _ = a.Possibly(r, b), a.Certainly(r, b)
				}
			}
		}
	})
	if n != 0 {
		t.Errorf("relations allocate %v times", n)
	}
}

func BenchmarkParse(b *testing.B) {
	for _, text := range []string{
		"2025-08-06", "2025-08", "2021-12-10T01:29:00Z", "1985-04-12/..", "[2025-08-06,2025-08-07]", "156X-12-25", "XXXX-12-XX",
	} {
		b.Run(strings.ReplaceAll(text, "/", "_"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := edtf.Parse(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRelation(b *testing.B) {
	w := edtf.MustParse("2025-08-01/2025-08-31")
	for _, text := range []string{"2025-08-06", "[2025-08-06,2025-08-07]", "156X-12-25"} {
		t := edtf.MustParse(text)
		b.Run(fmt.Sprintf("%s within %s", text, strings.ReplaceAll(w.String(), "/", "_")), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				t.Possibly(edtf.Within, w)
				t.Certainly(edtf.Within, w)
			}
		})
	}
}
