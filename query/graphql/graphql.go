package graphql

import (
	"context"
	"fmt"
	"strings"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/query/graphql"
	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
	"github.com/onrecord/onrecord/internal/textquery"
)

// Run returns the answer of a view to a query. It has an entry for each object at
// the top of the query, nil where nothing is found.
//
// An error tells what is wrong with the text and, mostly, where; or wraps
// [quadstore.ErrLimit], the [context.Cause] of the context, or the error of
// reading the record. There is no answer then, not even a part of one.
func Run(ctx context.Context, v graph.View, text string, limits *quadstore.Limits) (answer map[string]any, err error) {
	err = textquery.Run(ctx, v, limits, func(ctx context.Context, store *quadstore.Store, end context.CancelCauseFunc) error {
		if err := check(text); err != nil {
			return err
		}
		text, err := ordered(text)
		if err != nil {
			return err
		}
		q, err := graphql.Parse(strings.NewReader(text))
		if err != nil {
			return err
		}
		c := &counting{Gathering: textquery.Gathering{Store: store}, limits: limits, end: end}
		answer, err = q.Execute(ways{ctx, c}, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("graphql: %w", err)
	}
	return answer, nil
}

// counting is a store that ends the query when more values have been read for
// its answer than it may have, or more ways to them taken. Nothing else reads values:
// the language has no filter but by equality.
type counting struct {
	textquery.Gathering
	limits *quadstore.Limits
	end    context.CancelCauseFunc
	values int
	ways   int
}

func (c *counting) count(sum *int, more int) {
	*sum += more
	if err := c.limits.Check(*sum); err != nil {
		c.end(err)
	}
}

func (c *counting) NameOf(r cayley.Ref) quad.Value {
	c.count(&c.values, 1)
	return c.Store.NameOf(r)
}

func (c *counting) ValuesOf(ctx context.Context, refs []cayley.Ref) ([]quad.Value, error) {
	c.count(&c.values, len(refs))
	return c.Store.ValuesOf(ctx, refs)
}

func (c *counting) Quad(r cayley.Ref) quad.Quad {
	c.count(&c.values, 1)
	return c.Store.Quad(r)
}

// ways is a context that counts ways. Cayley asks whether it is done before each
// object and after each further way to one, and nowhere else; it gathers them all
// before it reads a value, and compares each with all before.
type ways struct {
	context.Context
	counting *counting
}

func (w ways) Done() <-chan struct{} {
	w.counting.count(&w.counting.ways, 1)
	return w.Context.Done()
}
