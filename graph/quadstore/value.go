package quadstore

import (
	"context"
	"math"
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
		if f := float64(v); !math.IsNaN(f) && !math.IsInf(f, 0) {
			// All digits: the shortest that are read as f may be another number.
			return p.parseNumber(v, strconv.FormatFloat(f, 'e', mostDigits, 64))
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
	if id, ok := ID(iri); ok {
		switch {
		case strings.HasPrefix(text, entitySpace):
			return nodeOf(entityKind, g.Entity(id))
		case strings.HasPrefix(text, statementSpace):
			return nodeOf(statementKind, g.Statement(id))
		}
		return nodeOf(sourceKind, g.Source(id))
	}
	if n := partNode(iri); n != 0 {
		return n
	}
	cut := func(space string) (rest string, ok bool) {
		rest, ok = strings.CutPrefix(text, space)
		if ok {
			rest, _ = url.PathUnescape(rest)
		}
		return rest, ok
	}
	if name, ok := cut(roleSpace); ok {
		n = nodeOf(roleKind, g.Symbol(name))
	} else if name, ok := cut(unitSpace); ok {
		n = nodeOf(unitKind, g.Symbol(name))
	} else if name, ok := cut(stanceSpace); ok {
		st, _ := events.ParseStance(name)
		n = stanceNode(st)
	} else if name, ok := cut(actSpace); ok {
		a, _ := events.ActNamed(name)
		n = nodeOf(actKind, uint32(a))
	} else if name, ok := cut(formSpace); ok {
		f, _ := events.FormNamed(name)
		n = nodeOf(formKind, uint32(f))
	} else if name, ok := cut(kindSpace); ok {
		for k := events.Person; k <= events.Placeholder; k++ {
			if k.String() == name {
				n = nodeOf(entityKindKind, uint32(k))
			}
		}
	} else if name, ok := cut(voiceSpace); ok {
		voice, name, _ := strings.Cut(name, "/")
		i, err := strconv.Atoi(voice)
		part := partNode(statementSpace + quad.IRI(name))
		if err == nil && i > 0 && i < events.MaxVoices && part.number() >= firstVoicePart {
			n = voiceNode(i, part.number())
		}
	} else if name, ok := cut(predicateSpace); ok {
		for v := uint32(1); v <= lastValue; v++ {
			if n := nodeOf(valueKind, v); n.iri() == iri {
				return n
			}
		}
		n = nodeOf(predicateKind, g.Symbol(name))
	}
	// One name, one node: "onrecord:%6Deet" is none.
	if named, err := p.value(context.Background(), n); err != nil || named != iri {
		return 0
	}
	return n
}

// numberOf returns the number that a value is, and false if it is none.
func numberOf(v quad.Value) (d decimal.Number, ok bool) {
	switch v := v.(type) {
	case quad.Int:
		return decimal.Parse(strconv.FormatInt(int64(v), 10))
	case quad.Float:
		// All digits: the shortest that are read as it may be another number.
		return decimal.Parse(strconv.FormatFloat(float64(v), 'e', mostDigits, 64))
	case quad.TypedString:
		if v.Type == Decimal {
			return decimal.Parse(string(v.Value))
		}
	}
	return d, false
}
