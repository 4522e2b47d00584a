package gizmo

import (
	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/iterator"
	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/graph/quadstore"
	"github.com/onrecord/onrecord/internal/decimal"
)

// comparison keeps the numbers that compare to another one. Cayley compares whole
// numbers with whole numbers only, and floating-point ones with such.
type comparison struct {
	op iterator.Operator
	to decimal.Number
}

func (c comparison) BuildIterator(qs cayley.QuadStore, it cayley.Iterator) cayley.Iterator {
	return iterator.NewValueFilter(qs, it, func(v quad.Value) (bool, error) {
		d, ok := numberOf(v)
		return ok && c.holds(d.Compare(c.to)), nil
	})
}

func (c comparison) holds(order int) bool {
	switch c.op {
	case iterator.CompareLT:
		return order < 0
	case iterator.CompareLTE:
		return order <= 0
	case iterator.CompareGT:
		return order > 0
	case iterator.CompareGTE:
		return order >= 0
	}
	return false
}

// numberOf returns the number that a value is, and false if it is none.
func numberOf(v quad.Value) (d decimal.Number, ok bool) {
	digits, ok := quadstore.Digits(v)
	if ok {
		d, ok = decimal.Parse(digits)
	}
	return d, ok
}
