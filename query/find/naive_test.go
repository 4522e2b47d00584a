package find_test

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/query/find"
)

// This file says slowly and plainly what is found: it goes through everything,
// and takes a text as a whole where the package goes letter by letter.

// naiveWords returns the words of a text. Of letters that Unicode does not take
// apart it knows only those that the tests use.
func naiveWords(text string) []string {
	s := norm.NFKD.String(text)
	var b strings.Builder
	for _, r := range s {
		if r == 'ـ' || unicode.Is(unicode.Cf, r) {
			continue
		}
		if unicode.Is(unicode.Mn, r) && r != 0x3099 && r != 0x309a &&
			unicode.In(r, unicode.Inherited, unicode.Hebrew, unicode.Arabic, unicode.Cyrillic) {
			continue
		}
		b.WriteRune(r)
	}
	s = norm.NFC.String(cases.Fold().String(b.String()))
	s = strings.NewReplacer("ł", "l", "ø", "o", "æ", "ae", "ı", "i", "٣", "3").Replace(s)
	b.Reset()
	for _, r := range s {
		switch {
		case r == 'ー' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
			b.WriteString(" " + string(r) + " ")
		case r == 'ʼ':
			b.WriteByte(' ')
		case unicode.In(r, unicode.L, unicode.N, unicode.M):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Fields(b.String())
}

// naivePhrase is a phrase that is asked for.
type naivePhrase struct {
	words  []string
	prefix bool
}

func (p naivePhrase) in(text string) bool {
	words := naiveWords(text)
	for i := range words {
		if i+len(p.words) > len(words) {
			break
		}
		ok := true
		for k, w := range p.words {
			has := words[i+k] == w || p.prefix && k == len(p.words)-1 && strings.HasPrefix(words[i+k], w)
			ok = ok && has
		}
		if ok {
			return true
		}
	}
	return false
}

func naiveFinds(phrases []naivePhrase, texts []string) bool {
	asked := false
	for _, p := range phrases {
		if len(p.words) == 0 {
			continue
		}
		asked = true
		if !slices.ContainsFunc(texts, p.in) {
			return false
		}
	}
	return asked
}

// naiveTexts returns what of a statement is searched.
func naiveTexts(st events.Statement) (texts []string) {
	texts = append(texts, st.Selector.Exact, st.Gloss)
	texts = append(texts, claimTexts(st.Claim)...)
	for _, v := range st.Voices {
		texts = append(texts, v.Cue, v.Said.As)
		for _, p := range slices.Concat(v.Speakers, v.For, v.To) {
			texts = append(texts, p.As)
		}
	}
	return texts
}

func claimTexts(c events.Claim) (texts []string) {
	texts = append(texts, c.When.As)
	for _, a := range c.Args {
		texts = append(texts, a.As)
		if a.Value.Kind == events.TextValue {
			texts = append(texts, a.Value.Text)
		}
		if a.Value.Claim != nil {
			texts = append(texts, claimTexts(*a.Value.Claim)...)
		}
	}
	for _, cond := range c.If {
		texts = append(texts, cond.As)
		texts = append(texts, claimTexts(cond.Claim)...)
	}
	return texts
}

// naiveName is a name, taken apart.
type naiveName struct {
	words []string // in Latin letters, those that can be
	text  []string // the same as they are
}

func newNaiveName(name string) (n naiveName) {
	// What characters and apostrophes hold together is parted by naiveWords only.
	for _, w := range strings.FieldsFunc(name, func(r rune) bool {
		return !strings.ContainsRune("'’ʼ", r) && !unicode.In(r, unicode.L, unicode.N, unicode.M, unicode.Cf)
	}) {
		w = strings.Join(naiveWords(w), "")
		if latin := find.Latin(w); latin != "" {
			n.words, n.text = append(n.words, latin), append(n.text, w)
		}
	}
	return n
}

func consonants(sound string) string {
	first := ""
	if sound != "" && strings.Contains("aeiou", sound[:1]) {
		first = "a"
	}
	return first + strings.Map(func(r rune) rune {
		if strings.ContainsRune("aeiou", r) {
			return -1
		}
		return r
	}, sound)
}

// edits counts the letters to insert, to drop or to change, by trying all.
func edits(a, b string) int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
		for j := range table[i] {
			switch {
			case i == 0 || j == 0:
				table[i][j] = i + j
			case a[i-1] == b[j-1]:
				table[i][j] = table[i-1][j-1]
			default:
				table[i][j] = 1 + min(table[i-1][j-1], table[i-1][j], table[i][j-1])
			}
		}
	}
	return table[len(a)][len(b)]
}

func share(a, b string) float64 {
	if a == b {
		return 1
	}
	longest := max(len(a), len(b))
	return float64(longest-edits(a, b)) / float64(longest)
}

func naiveAlike(text1, latin1, text2, latin2 string) float64 {
	if text1 == text2 {
		return 1
	}
	sound1, sound2 := find.Sound(latin1), find.Sound(latin2)
	bones1, bones2 := consonants(sound1), consonants(sound2)
	if bones1 != bones2 {
		longest := max(len(bones1), len(bones2))
		if longest < 3 || longest > 24 || edits(bones1, bones2) > 1 {
			return 0
		}
	}
	return 0.95 * (share(latin1, latin2) + share(sound1, sound2) + share(bones1, bones2)) / 3
}

func naiveCover(a, b naiveName) float64 {
	sum, length := 0.0, 0.0
	for i := range a.words {
		best := 0.0
		for j := range b.words {
			best = max(best, naiveAlike(a.text[i], a.words[i], b.text[j], b.words[j]))
		}
		sum += best * float64(len(a.words[i]))
		length += float64(len(a.words[i]))
	}
	if length == 0 {
		return 0
	}
	return sum / length
}

// naiveScore returns how alike a name is to one that is asked for, word by word
// or as a whole; what holds the words asked for is looked at elsewhere.
func naiveScore(asked, name string) float64 {
	a, b := newNaiveName(asked), newNaiveName(name)
	s := 0.9*naiveCover(a, b) + 0.1*naiveCover(b, a)
	w1, w2 := strings.Join(a.words, ""), strings.Join(b.words, "")
	if w1 != "" && w2 != "" && runs(a, w1) && runs(b, w2) {
		s = max(s, naiveAlike(strings.Join(a.text, ""), w1, strings.Join(b.text, ""), w2))
	}
	return s
}

func runs(n naiveName, whole string) bool {
	return len(n.words) == 1 || len(consonants(find.Sound(whole))) <= 12
}
