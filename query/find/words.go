package find

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// word is a word of a text, or a character of a script that does not part words,
// folded as the package comment has it.
type word struct {
	text       string
	start, end int  // in bytes of the text
	character  bool // of a script without spaces
}

// spaceless are the scripts of which each character is searched for on its own.
var spaceless = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

// pointed are the scripts whose marks change no letter into another word: they
// are accents, vowel points, stress marks.
var pointed = []*unicode.RangeTable{
	unicode.Inherited, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew, unicode.Syriac,
}

const (
	tatweel    = 'ـ'      // stretches an Arabic word, and is no letter
	longVowel  = 'ー'      // of both kana scripts, so Unicode gives it to neither
	voiced     = '\u3099' // a kana's mark, which makes another letter of it
	halfVoiced = '\u309a'
)

// split parts a text into its words, in order.
func split(text string) (words []word) {
	fold := cases.Fold()
	var w strings.Builder
	start, end, ascii := 0, 0, true
	flush := func() {
		if w.Len() == 0 {
			return
		}
		s := w.String()
		if !ascii {
			s = norm.NFC.String(s) // Hangul may have come letter by letter
		}
		words = append(words, word{text: s, start: start, end: end})
		w.Reset()
		ascii = true
	}
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf && (i+1 == len(text) || text[i+1] < utf8.RuneSelf) {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' {
				if w.Len() == 0 {
					start = i
				}
				w.WriteByte(c)
				end = i + 1
			} else {
				flush()
			}
			i++
			continue
		}
		// A letter with its marks.
		n := norm.NFKD.NextBoundaryInString(text[i:], true)
		for _, r := range norm.NFC.String(bare(fold.String(norm.NFKD.String(text[i : i+n])))) {
			switch {
			case unicode.In(r, spaceless...) || r == longVowel:
				flush()
				words = append(words, word{string(r), i, i + n, true})
			case unicode.Is(unicode.Lm, r) && unicode.Is(unicode.Common, r):
				flush() // an apostrophe that is a letter to Unicode
			case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r):
				if w.Len() == 0 {
					start = i
				}
				s := reduce(r)
				ascii = ascii && s[0] < utf8.RuneSelf
				w.WriteString(s)
				end = i + n
			default:
				flush()
			}
		}
		i += n
	}
	flush()
	return words
}

// bare drops what is written on or between letters without being one.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == voiced || r == halfVoiced:
		case '\uab70' <= r && r <= '\uabbf': // package cases turns Cherokee's cases around
			return r - '\uab70' + '\u13a0'
		case '\u13f8' <= r && r <= '\u13fd':
			return r - '\u13f8' + '\u13f0'
		case r == tatweel, unicode.Is(unicode.Cf, r), unicode.Is(unicode.Mn, r) && unicode.In(r, pointed...):
			return -1
		}
		return r
	}, s)
}

// reduce returns a Latin letter or a decimal digit in ASCII, anything else as it
// is.
func reduce(r rune) string {
	if r >= utf8.RuneSelf && (unicode.Is(unicode.Latin, r) || unicode.Is(unicode.Nd, r)) {
		if s := letters(unidecode.Unidecode(string(r))); s != "" {
			return s
		}
	}
	return string(r)
}

// letters returns the ASCII letters and digits of a text, in lower case.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			return r
		}
		return -1
	}, s)
}
