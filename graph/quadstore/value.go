package quadstore

import (
	"math/big"
	"net/url"
	"strconv"
	"strings"

	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/decimal"
)

// literal returns the value of a text or of a number without its unit.
func literal(v events.Value) quad.Value {
	switch {
	case v.Kind == events.NumberValue:
		return number(v.Text)
	case v.Language != "":
		return quad.LangString{Value: quad.String(v.Text), Lang: v.Language}
	}
	return quad.String(v.Text)
}

// mostDigits is more than the decimal digits that any float has.
const mostDigits = 800

// number returns a number, the same value for equal numbers: Int or Float where
// that is exact, otherwise a Decimal.
func number(digits string) quad.Value {
	d, ok := decimal.Parse(digits)
	if !ok {
		return quad.String(digits)
	}
	text := d.String()
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return quad.Int(i)
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && f != 0 && len(text) <= mostDigits {
		exact, ok := new(big.Rat).SetString(text)
		if ok && exact.Cmp(new(big.Rat).SetFloat64(f)) == 0 {
			return quad.Float(f)
		}
	}
	return quad.TypedString{Value: quad.String(text), Type: Decimal}
}

// Digits returns the number that a value is, as a decimal number without loss, and
// false if it is none.
func Digits(v quad.Value) (digits string, ok bool) {
	switch v := v.(type) {
	case quad.Int:
		return strconv.FormatInt(int64(v), 10), true
	case quad.Float:
		// All digits: the shortest that are read as it may be another number.
		digits = strconv.FormatFloat(float64(v), 'e', mostDigits, 64)
	case quad.TypedString:
		if v.Type == Decimal {
			digits = string(v.Value)
		}
	}
	_, ok = decimal.Parse(digits)
	return digits, ok
}

// parse returns the node that a value is, if it is one by the graph's numbers;
// the view may not show it.
func (p *projection) parse(v quad.Value) node {
	g := p.numbers
	switch v := v.(type) {
	case quad.IRI:
		return p.parseIRI(v)
	case quad.Bool:
		if v {
			return isTrue
		}
	case quad.String:
		return nodeOf(literalKind, g.Literal(events.Text(string(v), "")))
	case quad.LangString:
		if v.Lang != "" {
			return nodeOf(literalKind, g.Literal(events.Text(string(v.Value), v.Lang)))
		}
	case quad.Int:
		return nodeOf(literalKind, g.Literal(events.Number(strconv.FormatInt(int64(v), 10), "")))
	case quad.Float:
		if digits, ok := Digits(v); ok {
			return p.parseNumber(v, digits)
		}
	case quad.TypedString:
		switch v.Type {
		case EDTF:
			return nodeOf(timeKind, g.Time(string(v.Value)))
		case Decimal:
			return p.parseNumber(v, string(v.Value))
		}
	}
	return 0
}

// parseNumber returns the node of a number if it is one whose value is v.
func (p *projection) parseNumber(v quad.Value, digits string) node {
	if number(digits) != v {
		return 0
	}
	return nodeOf(literalKind, p.numbers.Literal(events.Number(digits, "")))
}

func (p *projection) parseIRI(iri quad.IRI) (n node) {
	g := p.numbers
	text := string(iri)
	if name, ok := strings.CutPrefix(text, predicateSpace); ok && !strings.Contains(name, "/") {
		return p.parseSymbol(predicateKind, name)
	}
	if id, ok := ID(iri); ok {
		switch {
		case strings.HasPrefix(text, entitySpace):
			return nodeOf(entityKind, g.Entity(id))
		case strings.HasPrefix(text, statementSpace):
			return nodeOf(statementKind, g.Statement(id))
		}
		return nodeOf(sourceKind, g.Source(id))
	}
	if name, ok := strings.CutPrefix(text, roleSpace); ok {
		return p.parseSymbol(roleKind, name)
	}
	if name, ok := strings.CutPrefix(text, unitSpace); ok {
		return p.parseSymbol(unitKind, name)
	}
	if n := partNode(iri); n != 0 {
		return n
	}
	if n := parseFixed(text); n.iri() == iri {
		return n
	}
	return 0
}

// parseSymbol returns the node of a name. One name, one node: "%6Deet" is none.
func (p *projection) parseSymbol(k kind, encoded string) node {
	name, err := url.PathUnescape(encoded)
	if err != nil || url.PathEscape(name) != encoded {
		return 0
	}
	return nodeOf(k, p.numbers.Symbol(name))
}

// parseFixed returns a fixed node that is no part. Other texts may be read as it,
// too.
func parseFixed(text string) (n node) {
	if name, ok := strings.CutPrefix(text, stanceSpace); ok {
		st, _ := events.ParseStance(name)
		return stanceNode(st)
	}
	if name, ok := strings.CutPrefix(text, actSpace); ok {
		a, _ := events.ActNamed(name)
		return nodeOf(actKind, uint32(a))
	}
	if name, ok := strings.CutPrefix(text, formSpace); ok {
		f, _ := events.FormNamed(name)
		return nodeOf(formKind, uint32(f))
	}
	if name, ok := strings.CutPrefix(text, kindSpace); ok {
		for k := events.Person; k <= events.Placeholder; k++ {
			if k.String() == name {
				return nodeOf(entityKindKind, uint32(k))
			}
		}
		return 0
	}
	if name, ok := strings.CutPrefix(text, voiceSpace); ok {
		voice, name, _ := strings.Cut(name, "/")
		i, err := strconv.Atoi(voice)
		part := partNode(statementSpace + quad.IRI(name))
		if err == nil && i > 0 && i < events.MaxVoices && part.number() >= firstVoicePart {
			return voiceNode(i, part.number())
		}
		return 0
	}
	for v := uint32(1); v <= lastValue; v++ {
		if n := nodeOf(valueKind, v); string(n.iri()) == text {
			return n
		}
	}
	return 0
}
