package find

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
)

var splitCases = []struct{ text, want string }{
	{"", ""},
	{" \t—!", ""},
	{"They met in Moscow.", "they met in moscow"},
	{"COVID-19, U.S.", "covid 19 u s"},
	{"don't здоров'я здоровʼя здоров’я", "don t здоров я здоров я здоров я"},
	{"Café CAFE\u0301 cafe", "cafe cafe cafe"},
	{"Wałęsa Øre Þór Æneas STRASSE Straße", "walesa ore thor aeneas strasse strasse"},
	{"Σίσυφος ΣΙΣΥΦΟΣ", "σισυφοσ σισυφοσ"},
	{"Ёлка й Ї", "елка и і"},
	{"ᏣᎳᎩ ꮳꮃꭹ Ᏸ ᏸ", "ᏣᎳᎩ ᏣᎳᎩ Ᏸ Ᏸ"},
	{"ﬁnd ｆｕｌｌ ①½", "find full 11 2"},
	{"x\u00ady \u200bzero می\u200cخواهم", "xy zero میخواهم"},
	{"مُحَمَّد مـحمد أحمد", "محمد محمد احمد"},
	{"שָׁלוֹם", "שלום"},
	{"٣ ३ ３", "3 3 3"},
	{"नमस्ते दुनिया", "नमस्ते दुनिया"},
	{"한국 \u1112\u1161\u11ab\u1100\u116e\u11a8", "한국 한국"},
	{"普京会见Witkoff先生", "普 京 会 见 witkoff 先 生"},
	{"プーチン ﾌﾟｰﾁﾝ がか\u3099", "プ ー チ ン プ ー チ ン が が"},
	{"ปูติน", "ป ู ต ิ น"},
	{"2025年8月", "2025 年 8 月"},
	{"ə Əliyev", "ə əliyev"},
	{"a\ue000b\U0001F600c", "a b c"},
	{strings.Repeat("a\u0301", 40), strings.Repeat("a", 40)},
	{"bad \xff utf-8", "bad utf 8"},
}

func TestSplit(t *testing.T) {
	for _, c := range splitCases {
		var got []string
		for _, w := range split(c.text) {
			got = append(got, w.text)
			if w.start < 0 || w.start >= w.end || w.end > len(c.text) {
				t.Errorf("%q: the word %q is at %d to %d", c.text, w.text, w.start, w.end)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("split(%q) = %q, want %q", c.text, s, c.want)
		}
	}
}

// An index that was made of other words is made anew, since it has another version.
func TestVersionOfWords(t *testing.T) {
	h := sha256.New()
	for _, c := range splitCases {
		for _, w := range split(c.text) {
			fmt.Fprintln(h, w.text)
		}
	}
	got := fmt.Sprintf("version %d, words %x", userVersion, h.Sum(nil)[:8])
	if want := "version 3, words 392400581cf8b16f"; got != want {
		t.Errorf("%s, want %s: where words are made otherwise, raise userVersion", got, want)
	}
}

func TestSplitOffsets(t *testing.T) {
	text := "«Café» 普京, мост"
	var got []string
	for _, w := range split(text) {
		got = append(got, text[w.start:w.end])
	}
	if want := []string{"Café", "普", "京", "мост"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"one two one", "[one] [two]"},
		{`"one two" three`, "[one two] [three]"},
		{`“one two” «drei vier» „fünf sechs“`, "[one two] [drei vier] [funf sechs]"},
		{`wit* "steve wit"* mid*dle *`, "[wit]* [steve wit]* [mid dle]"},
		{`"no end * here`, "[no end here]"},
		{`"" " " ""*`, ""},
		{"covid-19 don't", "[covid 19] [don t]"},
		{"普京会见", "[普 京 会 见]"},
		{`NEAR(a b) AND NOT {x}: ^y + -z OR "q`, "[near a] [b] [and] [not] [x] [y] [z] [or] [q]"},
		{"a\x00b", "[a b]"},
	} {
		got, err := parse(c.text)
		if err != nil {
			t.Errorf("parse(%q): %v", c.text, err)
		}
		var all []string
		for _, p := range got {
			s := "[" + strings.Join(p.words, " ") + "]"
			if p.prefix {
				s += "*"
			}
			all = append(all, s)
		}
		if s := strings.Join(all, " "); s != c.want {
			t.Errorf("parse(%q) = %s, want %s", c.text, s, c.want)
		}
	}
	if _, err := parse(strings.Repeat("x", MaxText+1)); err == nil || !strings.Contains(err.Error(), "4001 bytes") {
		t.Errorf("a text that is too long: %v", err)
	}
}

func TestSnippet(t *testing.T) {
	long := strings.Repeat("before ", 40) + "the envoy left" + strings.Repeat(" afterwards", 40)
	for _, c := range []struct{ text, asked, want string }{
		{"The envoy met the envoy's driver.", "envoy", "The [envoy] met the [envoy]'s driver."},
		{"The envoy met him.", `"envoy met" met`, "The [envoy met] him."},
		{"普京会见维特科夫", "会见 见维", "普京[会见维]特科夫"},
		{long, "envoy", "…before before before before before before before before the [envoy] left afterwards afterwards afterwards afterwards afterwards afterwards afterwards afterwards afterwards afterwards afterwards…"},
		{strings.Repeat("x", 300), "x*", "[" + strings.Repeat("x", 200) + "]…"},
		{strings.Repeat("é", 150) + " end", "end", "…[end]"},
		{strings.Repeat("word ", 60) + strings.Repeat("ი", 56) + strings.Repeat(" more", 60), "ი*",
			"…" + strings.Repeat("word ", 12) + "[" + strings.Repeat("ი", 46) + "]…"},
	} {
		phrases, err := parse(c.asked)
		if err != nil {
			t.Fatal(err)
		}
		words := split(c.text)
		if got := snippet(c.text, words, look(phrases, words).spans).Mark("[", "]"); got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.asked, c.text, got, c.want)
		}
	}
}

// Names that are spelled alike have a key in common, or the index would not find
// what the score allows.
func TestKeys(t *testing.T) {
	letters := "aklmnrst"
	var all []spelling
	for i := range 8 * 8 * 8 * 8 {
		s := []byte{letters[i&7], letters[i>>3&7], letters[i>>6&7], letters[i>>9&7]}
		all = append(all, spelled(string(s), string(s)))
	}
	for i := 0; i < len(all); i += 7 {
		for k := 0; k < len(all); k += 5 {
			a, b := all[i], all[k]
			common := slices.ContainsFunc(a.keys(), func(key string) bool { return slices.Contains(b.keys(), key) })
			if alike(a, b) > 0 && !common {
				t.Fatalf("%q and %q are alike, but have no key in common: %q, %q", a.latin, b.latin, a.keys(), b.keys())
			}
		}
	}
}

func TestSound(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"Witkoff", "vitkov"}, {"Whitkoff", "vkitkov"}, {"Виткофф", "vitkov"}, {"维特科夫", "veitekevu"},
		{"Chruschtschow", "srusov"}, {"Хрущёв", "krusev"}, {"Щукин", "sukin"}, {"Schtschukin", "sukin"},
		{"Vučić", "vusis"}, {"Вучић", "vusis"}, {"Jinping", "sinpink"}, {"Xi", "si"}, {"Alexei", "aleksei"},
		{"Ντόναλντ", "tonalt"}, {"نتنياهو", "ntniko"}, {"ويتكوف", "vitkov"}, {"𐤀𐤁", ""}, {"Cecil", "sesil"}, {"", ""},
	} {
		var w string
		for _, x := range split(c.name) {
			w += x.text
		}
		if got := sound(latin(w)); got != c.want {
			t.Errorf("%q sounds %q, want %q", c.name, got, c.want)
		}
	}
}
