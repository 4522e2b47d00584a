package mql

import (
	"context"
	"fmt"
	"strconv"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/query"
	"github.com/cayleygraph/cayley/query/mql"
	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
	"github.com/onrecord/onrecord/internal/textquery"
)

// Run returns the answer of a view to a query: an object, a map[string]any, for
// each node that it finds, nil if there is none.
//
// An error tells what is wrong with the text and, mostly, where; or wraps
// [quadstore.ErrLimit], the [context.Cause] of the context, or the error of
// reading the record. There is no answer then, not even a part of one.
func Run(ctx context.Context, v graph.View, text string, limits *quadstore.Limits) (answer []any, err error) {
	err = textquery.Run(ctx, v, limits, func(ctx context.Context, store *quadstore.Store, end context.CancelCauseFunc) error {
		keys, err := check(text)
		if err != nil {
			return err
		}
		names := &naming{Gathering: textquery.Gathering{Store: store}, limits: limits, end: end, each: keys + 1, number: make(map[any]int)}
		found, err := mql.NewSession(names).Execute(ctx, text, query.Options{Collation: query.JSON})
		if err != nil {
			return err
		}
		defer found.Close()
		values := 0
		for found.Next(ctx) {
			answer = append(answer, names.restore(found.Result(), &values))
		}
		if err := found.Err(); err != nil {
			return err
		}
		return limits.Check(values)
	})
	if err != nil {
		return nil, fmt.Errorf("mql: %w", err)
	}
	return answer, nil
}

// naming is a store that gives each node a number for a name. Cayley makes
// strings of the names, tells nodes apart by them, and does nothing else with
// them; so that, afterwards, each is replaced by the node's value.
type naming struct {
	textquery.Gathering
	limits *quadstore.Limits
	end    context.CancelCauseFunc

	number map[any]int // by the key of a node
	values []quad.Value

	named int // how many times
	each  int // and, at most, for each way through the query
}

func (n *naming) NameOf(r cayley.Ref) quad.Value {
	// Each way has something for the answer, so that there are not more of
	// them than results.
	n.named++
	if err := n.limits.Check(n.named / n.each); err != nil {
		n.end(err)
	}
	key := cayley.ToKey(r)
	i, ok := n.number[key]
	if !ok {
		i = len(n.values)
		n.number[key] = i
		n.values = append(n.values, n.Store.NameOf(r))
	}
	return quad.String(strconv.Itoa(i))
}

// restore returns an answer of Cayley's with the values of its nodes, counts
// them, and drops what is in a list again: Cayley adds to all lists of an object for
// each way to it.
func (n *naming) restore(answer any, values *int) any {
	switch a := answer.(type) {
	case string:
		*values++
		i, err := strconv.Atoi(a)
		if err != nil || i < 0 || i >= len(n.values) {
			panic(fmt.Sprintf("%q is no node", a))
		}
		return n.values[i]
	case []any:
		list := make([]any, 0, len(a))
		seen := make(map[string]bool)
		for _, x := range a {
			if name, ok := x.(string); ok {
				if seen[name] {
					continue
				}
				seen[name] = true
			}
			list = append(list, n.restore(x, values))
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(a))
		for key, x := range a {
			object[key] = n.restore(x, values)
		}
		return object
	}
	return answer
}
