package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/onrecord/onrecord/events"
)

// tokens reads JSON token by token, so that it takes no more memory however deep
// and wide what is read may be.
type tokens struct{ *json.Decoder }

func newTokens(data []byte) tokens {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return tokens{d}
}

// token is the next token. There must be one.
func (t tokens) token() (json.Token, error) {
	tok, err := t.Token()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("it is cut off")
	}
	if err != nil {
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	return tok, nil
}

// open reads up to the first key of an object.
func (t tokens) open() (key string, err error) {
	tok, err := t.token()
	if err != nil {
		return "", err
	}
	if tok != json.Delim('{') {
		return "", fmt.Errorf("it begins with %s, want an object", show(tok))
	}
	if tok, err = t.token(); err != nil {
		return "", err
	}
	key, _ = tok.(string) // or it is the end of the object
	return key, nil
}

// field reads a key, which must be this one, and its text.
func (t tokens) field(key string) (string, error) {
	tok, err := t.token()
	if err != nil {
		return "", err
	}
	if tok != key {
		return "", fmt.Errorf("%s stands where %s must", show(tok), key)
	}
	if tok, err = t.token(); err != nil {
		return "", err
	}
	text, ok := tok.(string)
	if !ok {
		return "", fmt.Errorf("%s is %s, want text", key, show(tok))
	}
	return text, nil
}

func (t tokens) number(key string) (events.Seq, error) {
	tok, err := t.token()
	if err != nil {
		return 0, err
	}
	text, _ := tok.(json.Number)
	n, err := strconv.ParseUint(string(text), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is %s, want a number", key, show(tok))
	}
	return events.Seq(n), nil
}

// same returns nil if two lines have the same JSON: the same fields in the same
// order, with the same values. Otherwise the error names the first field in which
// got differs.
func same(want, got []byte) error {
	if bytes.Equal(want, got) {
		return nil
	}
	if !utf8.Valid(got) { // which the decoder would replace in silence
		return errors.New("it is not UTF-8")
	}
	c := comparison{want: newTokens(want), got: newTokens(got)}
	if err := c.value(""); err != nil {
		return err
	}
	if tok, err := c.got.Token(); err != io.EOF {
		return fmt.Errorf("%s follows behind the object", show(tok))
	}
	return nil
}

type comparison struct{ want, got tokens }

func (c *comparison) value(path string) error {
	want, got, err := c.next()
	if err != nil {
		return at(path, err)
	}
	if want != got {
		return at(path, fmt.Errorf("is %s, the bytes say %s", show(got), show(want)))
	}
	switch want {
	case json.Delim('{'):
		return c.object(path)
	case json.Delim('['):
		return c.list(path)
	}
	return nil
}

func (c *comparison) object(path string) error {
	if path != "" {
		path += "."
	}
	for {
		want, got, err := c.next()
		if err != nil {
			return at(path, err)
		}
		key, isKey := want.(string)
		switch {
		case want == got && !isKey:
			return nil // both are at the end
		case isKey && want != got:
			return fmt.Errorf("%s%s is missing, or not in its place: there is %s", path, key, show(got))
		case want != got:
			return fmt.Errorf("%s%s is not known, or there twice", path, show(got))
		}
		if err := c.value(path + key); err != nil {
			return err
		}
	}
}

func (c *comparison) list(path string) error {
	for i := 0; c.want.More() && c.got.More(); i++ {
		if err := c.value(fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	want, got, err := c.next()
	if err != nil {
		return at(path, err)
	}
	if want != got {
		return at(path, fmt.Errorf("has another number of items than the bytes: %s, want %s", show(got), show(want)))
	}
	return nil
}

func (c *comparison) next() (want, got json.Token, err error) {
	if want, err = c.want.token(); err != nil {
		return nil, nil, err
	}
	got, err = c.got.token()
	return want, got, err
}

// at puts a path before what is wrong there.
func at(path string, err error) error {
	if path == "" {
		return err
	}
	return fmt.Errorf("%s %w", path, err)
}

// show is a token as a message shows it; long text is cut.
func show(t json.Token) string {
	switch t := t.(type) {
	case string:
		if len(t) > 80 {
			n := 80
			for n > 76 && !utf8.RuneStart(t[n]) {
				n--
			}
			return strconv.Quote(t[:n]) + "…"
		}
		return strconv.Quote(t)
	case json.Number:
		return fmt.Sprintf("%.40s", string(t))
	case nil:
		return "null"
	}
	return fmt.Sprint(t)
}
