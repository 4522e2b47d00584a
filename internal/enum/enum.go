// Package enum gives the numbers of an enumeration their words.
package enum

import (
	"fmt"
	"strconv"
	"strings"
)

// Words are the words of a type, by its numbers: what String prints, MarshalText writes and
// UnmarshalText reads.
type Words struct {
	pkg, typ string
	words    []string
}

// Of returns the words of a type of a package. An empty one is a number that is not in use.
func Of(pkg, typ string, words ...string) Words { return Words{pkg, typ, words} }

// Of returns the word of a number, the type and the number if it has none.
func (w Words) Of(i uint8) string {
	if w.Has(i) {
		return w.words[i]
	}
	return w.typ + "(" + strconv.Itoa(int(i)) + ")"
}

// Has reports whether a number is in use.
func (w Words) Has(i uint8) bool { return int(i) < len(w.words) && w.words[i] != "" }

// Number returns the number of a word.
func (w Words) Number(word string) (uint8, bool) {
	for i, is := range w.words {
		if is == word && word != "" {
			return uint8(i), true
		}
	}
	return 0, false
}

// InUse returns the words in the order of their numbers.
func (w Words) InUse() (words []string) {
	for _, word := range w.words {
		if word != "" {
			words = append(words, word)
		}
	}
	return words
}

// Marshal is MarshalText of the type. A zero that is not in use is an empty text.
func (w Words) Marshal(i uint8) ([]byte, error) {
	if w.Has(i) {
		return []byte(w.words[i]), nil
	}
	if i == 0 {
		return nil, nil
	}
	return nil, fmt.Errorf("%s: %s: is not in use, want one of %s", w.pkg, w.Of(i), strings.Join(w.InUse(), ", "))
}

// Unmarshal is UnmarshalText of the type. An empty text is zero.
func Unmarshal[E ~uint8](w Words, text []byte, e *E) error {
	i, ok := w.Number(string(text))
	if !ok && len(text) > 0 {
		return fmt.Errorf("%s: %s %.80q: is not in use, want %s", w.pkg, w.typ, text, Want(string(text), w.InUse()))
	}
	*e = E(i)
	return nil
}

// Want says which of the valid words is nearest to another and, while they are few, which are
// valid.
func Want(word string, valid []string) (want string) {
	if n := nearest(word, valid); n != "" {
		want = fmt.Sprintf("%q", n)
	}
	if len(valid) < 2 || len(valid) > 12 {
		return want
	}
	all := "one of " + strings.Join(valid, ", ")
	if want == "" {
		return all
	}
	return want + " (" + all + ")"
}

// nearest returns the candidate with the least edit distance to s, the first of
// several; "" if there is none. Words longer than 64 bytes are not compared: it
// is only a hint.
func nearest(s string, candidates []string) string {
	best, least := "", -1
	for _, c := range candidates {
		if len(c) > 64 || len(s) > 64 {
			continue
		}
		if d := distance(s, c); least < 0 || d < least {
			best, least = c, d
		}
	}
	return best
}

// distance counts the code points to insert, delete or change (Levenshtein).
func distance(s, t string) int {
	a, b := []rune(s), []rune(t)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
