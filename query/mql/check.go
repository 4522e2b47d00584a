package mql

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode"

	"github.com/onrecord/onrecord/internal/textquery"
)

// deepest is how deep objects may be in objects. Each level doubles the time that
// Cayley takes to plan a query.
const deepest = 8

// check refuses a text that Cayley would take too long to plan, or would read as
// something else than it says. It returns how many keys the query has.
func check(text string) (keys int, err error) {
	m, err := textquery.NewMeter(text, deepest)
	if err != nil {
		return 0, err
	}
	c := &checker{Meter: m, dec: json.NewDecoder(strings.NewReader(text))}
	c.dec.UseNumber()
	var top any
	if err := json.Unmarshal([]byte(text), &top); err != nil {
		return 0, c.place(err)
	}
	if list, ok := top.([]any); ok && len(list) == 1 {
		top = list[0]
	}
	if _, ok := top.(map[string]any); !ok {
		return 0, errors.New("the query must be an object, or a list with one object in it")
	}
	err = c.value()
	return c.keys, err
}

// checker walks a text that is JSON.
type checker struct {
	*textquery.Meter
	dec  *json.Decoder
	keys int

	inList bool // and in nothing else since
	isID   bool // the value to come is that of an id
}

// place adds to an error of package json the place in the text.
func (c *checker) place(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return c.Error(int(max(syntax.Offset-1, 0)), err)
	case errors.As(err, &kind):
		return c.Error(int(kind.Offset), err)
	}
	return err
}

// next returns the next token and the offset at which it ends.
func (c *checker) next() (json.Token, int, error) {
	t, err := c.dec.Token()
	return t, int(c.dec.InputOffset()), err
}

func (c *checker) value() error {
	t, end, err := c.next()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '[' {
			return c.list(end - 1)
		}
		if c.isID {
			return c.Error(end-1, errors.New("the id is an object: it must be null or a node"))
		}
		if err := c.Open(end - 1); err != nil {
			return err
		}
		defer c.Close()
		c.inList = false
		return c.object()
	case json.Number:
		if err := checkNumber(t); err != nil {
			return c.Error(end-len(t), err)
		}
	}
	return c.Part(end - 1)
}

// list checks what is in a list. Cayley takes a list in a list for that list.
func (c *checker) list(at int) error {
	if c.inList {
		return c.Error(at, errors.New("a list in a list: it must have a value or an object"))
	}
	for c.dec.More() {
		c.inList = true
		if err := c.value(); err != nil {
			return err
		}
	}
	c.inList = false
	_, _, err := c.next()
	return err
}

func (c *checker) object() error {
	seen := make(map[string]bool)
	for c.dec.More() {
		t, end, err := c.next()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		start := end - len(key) - 2
		c.keys++
		if err := c.Part(start); err != nil {
			return err
		}
		if err = checkKey(key); err == nil && seen[key] {
			err = fmt.Errorf("the key %q is there twice: write \"@a:%s\" and \"@b:%s\"", key, key, key)
		}
		if err != nil {
			return c.Error(start, err)
		}
		seen[key] = true
		c.isID, c.inList = key == "id", false
		if err := c.value(); err != nil {
			return err
		}
	}
	_, _, err := c.next()
	return err
}

// checkKey refuses a key that is no predicate as Cayley reads it, or none that a view can
// have: there would be no value, whatever is on record.
func checkKey(key string) error {
	if key == "id" {
		return nil
	}
	predicate := key
	if strings.HasPrefix(key, "@") {
		if _, rest, ok := strings.Cut(key, ":"); ok {
			predicate = rest
		}
	}
	predicate = strings.TrimPrefix(predicate, "!")
	inner, ok := strings.CutPrefix(predicate, "<")
	inner, closed := strings.CutSuffix(inner, ">")
	if !ok || !closed || inner == "" || strings.ContainsFunc(key, unicode.IsControl) {
		return fmt.Errorf("the key %q is no predicate: it must be \"id\", \"<onrecord:meet>\", \"!<onrecord:meet>\" or \"@a:<onrecord:meet>\"", key)
	}
	return textquery.CheckPredicate(inner)
}

// checkNumber refuses a number that Cayley would replace by another one.
func checkNumber(n json.Number) error {
	const exact int64 = 1 << 53
	f, err := n.Float64()
	if err != nil || math.Abs(f) >= float64(exact) {
		return fmt.Errorf("%v is not kept exactly: numbers below %d are", n, exact)
	}
	return nil
}
