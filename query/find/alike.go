package find

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hbollon/go-edlib"
	"github.com/mozillazg/go-unidecode"
)

// spelling is a word of a name, written and heard.
type spelling struct {
	text  string // folded
	latin string // in Latin letters
	sound string // what is left of the ways to spell it
	bones string // the sound without its vowels
}

// A name's words run together are a spelling of it, too, if that has at most this
// many bones: "Xi Jin Ping" is 习近平, but nobody runs a ministry's name together.
const maxJoined = 12

// Bones outside these bounds are alike only if they are equal: there are too many
// short ones, and too many ways to leave one out of a long one.
const (
	minBones = 3
	maxBones = 24
)

// spell returns the words of a name that can be written in Latin letters, and
// the whole of it as one; that is empty where there is none.
func spell(name string, words []word) (spellings []spelling, whole spelling) {
	var text, all strings.Builder
	for _, w := range run(name, words) {
		if s := spelled(w, latin(w)); s.latin != "" {
			spellings = append(spellings, s)
			text.WriteString(s.text)
			all.WriteString(s.latin)
		}
	}
	if s := spelled(text.String(), all.String()); len(spellings) == 1 || len(s.bones) <= maxJoined {
		whole = s
	}
	return spellings, whole
}

// run runs together what is one word in a name: characters that follow one
// another, and what only an apostrophe parts.
func run(name string, words []word) (all []string) {
	for i, w := range words {
		if i > 0 {
			switch last := words[i-1]; {
			case w.character && last.character && w.start <= last.end,
				!w.character && !last.character && last.end <= w.start && strings.Trim(name[last.end:w.start], "'’ʼʻ`") == "":
				all[len(all)-1] += w.text
				continue
			}
		}
		all = append(all, w.text)
	}
	return all
}

func spelled(text, latin string) spelling {
	s := spelling{text: text, latin: latin, sound: sound(latin)}
	s.bones = bones(s.sound)
	return s
}

// Where unidecode goes by the letter, and names do not.
var (
	romanised = strings.NewReplacer(
		"ντ", "d", "γκ", "g", "γγ", "ng", "τζ", "j", "ου", "u", "β", "v",
		"خ", "kh", "غ", "g", "ذ", "d", "ث", "t", "ش", "sh",
		"フ", "fu", "ə", "e",
	)
	// Hebrew and Arabic have one letter for a vowel and a consonant, which begins
	// a word as a consonant and is mostly a vowel further on.
	vowels = strings.NewReplacer("و", "o", "ו", "o", "ي", "i", "ی", "i", "י", "i")
)

// latin returns a folded word in Latin letters and digits; empty if there is no
// way.
func latin(w string) string {
	if _, size := utf8.DecodeRuneInString(w); size < len(w) {
		w = w[:size] + vowels.Replace(w[size:])
	}
	if after, ok := strings.CutPrefix(w, "μπ"); ok { // further on it is often spoken as it is written
		w = "b" + after
	}
	return letters(unidecode.Unidecode(romanised.Replace(w)))
}

// classes are the letters, and groups of letters, that stand for one sound in
// some language, longest first: b and p, d and t, f and v and w, g and h and k,
// all hissing ones. What is not here stands for itself.
var classes = []struct{ spelled, sound string }{
	{"schtsch", "s"}, {"chtch", "s"}, {"stsch", "s"}, {"shch", "s"}, {"szcz", "s"}, {"tsch", "s"}, {"dsch", "s"},
	{"dzh", "s"}, {"dsh", "s"}, {"sch", "s"}, {"tch", "s"}, {"tsh", "s"}, {"tsz", "s"},
	{"ch", "s"}, {"cz", "s"}, {"dj", "s"}, {"dz", "s"}, {"sc", "s"}, {"sh", "s"}, {"sz", "s"}, {"ts", "s"}, {"tz", "s"},
	{"zh", "s"}, {"ce", "se"}, {"ci", "si"}, {"cy", "si"},
	{"bh", "p"}, {"ck", "k"}, {"dh", "t"}, {"gh", "k"}, {"kh", "k"}, {"ph", "v"}, {"th", "t"},
	{"ee", "i"}, {"oo", "u"}, {"ou", "u"},
	{"b", "p"}, {"c", "k"}, {"d", "t"}, {"f", "v"}, {"g", "k"}, {"h", "k"}, {"j", "i"}, {"q", "k"}, {"w", "v"},
	{"x", "ks"}, {"y", "i"}, {"z", "s"},
}

// sound reduces a word in Latin letters to what is heard, nothing twice in a row.
func sound(latin string) string {
	b := make([]byte, 0, len(latin))
	put := func(s string) {
		for i := range len(s) {
			if len(b) == 0 || b[len(b)-1] != s[i] {
				b = append(b, s[i])
			}
		}
	}
	rest := latin
	if strings.HasPrefix(rest, "j") || strings.HasPrefix(rest, "x") { // Jinping, Xi
		put("s")
		rest = rest[1:]
	}
	final := ""
	if len(rest) > 2 && strings.HasSuffix(rest, "ic") { // Milošević, without its accents
		rest, final = rest[:len(rest)-1], "s"
	}
next:
	for rest != "" {
		for _, c := range classes {
			if after, ok := strings.CutPrefix(rest, c.spelled); ok {
				put(c.sound)
				rest = after
				continue next
			}
		}
		put(rest[:1])
		rest = rest[1:]
	}
	put(final)
	return string(b)
}

// bones returns a sound without its vowels; that there was one in front is kept.
func bones(sound string) string {
	b := make([]byte, 0, len(sound))
	for i := range len(sound) {
		switch c := sound[i]; c {
		case 'a', 'e', 'i', 'o', 'u':
			if i == 0 {
				b = append(b, 'a')
			}
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

// keys returns what the index has a spelling under: its bones, and these with any
// one of them left out. Two spellings that can be alike have a key in common.
func (s spelling) keys() []string {
	if s.latin == "" {
		return nil
	}
	keys := []string{s.bones}
	if n := len(s.bones); minBones <= n && n <= maxBones {
		for i := range n {
			keys = append(keys, s.bones[:i]+s.bones[i+1:])
		}
	}
	return keys
}

// alike returns how alike two spellings are, from 0 to 1.
func alike(a, b spelling) float64 {
	switch n := max(len(a.bones), len(b.bones)); {
	case a.latin == "" || b.latin == "":
		return 0
	case a.text == b.text:
		return 1
	case a.bones == b.bones:
	case n < minBones || n > maxBones || edlib.LevenshteinDistance(a.bones, b.bones) > 1:
		return 0
	}
	return sameLatin * (ratio(a.latin, b.latin) + ratio(a.sound, b.sound) + ratio(a.bones, b.bones)) / 3
}

const sameLatin = 0.95 // of two words that are written the same in Latin letters only

// ratio returns how much of two words in ASCII stays the same.
func ratio(a, b string) float64 {
	n := max(len(a), len(b))
	if n == 0 {
		return 1
	}
	return 1 - float64(edlib.LevenshteinDistance(a, b))/float64(n)
}

// How much of the score is how well a name has what was asked for; the rest is
// how well what was asked for has the name.
const asked = 0.9

// least is the score that a name must reach to be found.
const least = 0.55

// wanted is a name that is asked for.
type wanted struct {
	phrases   []phrase
	spellings []spelling
	whole     spelling
}

func want(name string) (w wanted, err error) {
	if w.phrases, err = parse(name); err != nil {
		return w, err
	}
	name = strings.ToValidUTF8(name, " ")
	w.spellings, w.whole = spell(name, split(name))
	return w, nil
}

// score returns how well a name is what was asked for, from 0 to 1.
func (w *wanted) score(name string) float64 {
	words := split(name)
	spellings, whole := spell(name, words)
	return max(w.held(words), alike(w.whole, whole),
		asked*cover(w.spellings, spellings)+(1-asked)*cover(spellings, w.spellings))
}

// held returns the score of a name that holds all phrases, 0 for any other.
func (w *wanted) held(words []word) float64 {
	m := look(w.phrases, words)
	if m.count() < len(w.phrases) {
		return 0
	}
	all, found := 0, 0
	for _, word := range words {
		n := utf8.RuneCountInString(word.text)
		all += n
		if slices.ContainsFunc(m.spans, func(s Span) bool { return s.Start <= word.start && word.end <= s.End }) {
			found += n
		}
	}
	return asked + (1-asked)*float64(found)/float64(all)
}

// cover returns how much of the spellings the others have, by length.
func cover(spellings, others []spelling) float64 {
	all, had := 0.0, 0.0
	for _, s := range spellings {
		best := 0.0
		for _, o := range others {
			best = max(best, alike(s, o))
		}
		n := float64(len(s.latin))
		all += n
		had += n * best
	}
	if all == 0 {
		return 0
	}
	return had / all
}
