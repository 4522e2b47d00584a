package quadstore

import (
	"context"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/graph"
)

// space is a set of quads, as iterators walk it. Its methods may be called from
// several goroutines at once.
type space interface {
	// open has a new cursor walk all quads that match its pattern.
	open(ctx context.Context, c *cursor)
	// quads appends the quads of a statement that match, thing those of an
	// entity or a source.
	quads(links []link, row graph.Row, want link) []link
	thing(links []link, n node, want link) []link
	// stands reports whether a node is a statement with quads of its own.
	stands(n node) bool
	// guess returns about how many quads match. It helps Cayley to begin where
	// there are few, and takes no longer than to begin a walk.
	guess(ctx context.Context, want link) int64
	// parse returns the node that a value would be, 0 if no quad can have it.
	parse(v quad.Value) node
	// value returns the value of a node, nil if nothing is left of it.
	value(ctx context.Context, n node) (quad.Value, error)
	// predicate returns the reference of a node that is a quad's predicate.
	predicate(n node) cayley.Ref
}

// cursor walks the quads that match a pattern. It may be used again.
type cursor struct {
	space space
	bound *bound
	want  link
	link  link // the one that next has come to
	err   error
	plans bool // it is only to be guessed how many there are, and so nothing is remembered

	// What is still to be walked, in this order.
	links    []link // of the statement or thing at hand, from the next one on
	edges    []edge // of a busy node and one predicate
	edge     link   // what these match
	busy     *pairs // of a busy node, from a group on
	group    int
	kept     *kept // of an index, or nil
	entities span
	sources  span
	rows     *graph.Rows
	labels   bool // of the quads of a row, one will do, of which only the label counts
	sure     bool // a row that is shown has one quad that matches: of the star, with all that is wanted

	// What has been looked at is noted for the class that is walked, unless it is nil.
	progress *progress
	noted    int // what was left when it was last noted
	looks    int

	buf []link
}

// span is some numbers in a row: from first, below end.
type span struct{ first, end uint32 }

// start begins to walk what matches a pattern. When the context has ended, next
// comes to nothing.
func (c *cursor) start(ctx context.Context, s *Store, want link) {
	*c = cursor{space: s.space, bound: s.bound, want: want, edge: want, buf: c.buf}
	c.space.open(s.bound.context(ctx), c)
}

// next comes to the next quad. It reports false at the end, and, with err set,
// when the context or the query has ended.
func (c *cursor) next(ctx context.Context) bool {
	for {
		if c.err = ctx.Err(); c.err == nil {
			c.err = c.bound.step()
		}
		if c.err != nil {
			return false
		}
		if len(c.links) > 0 {
			c.link, c.links = c.links[0], c.links[1:]
			return true
		}
		if len(c.edges) > 0 {
			c.link, c.edges = c.edges[0].link(c.edge), c.edges[1:]
			return true
		}
		if c.kept.here() {
			c.link = c.kept.take()
			return true
		}
		if c.nextPredicate() || c.kept.more() {
			continue
		}
		if c.progress != nil {
			c.note()
		}
		switch {
		case c.entities.first < c.entities.end:
			c.buf = c.space.thing(c.buf[:0], nodeOf(entityKind, c.entities.first), c.want)
			c.entities.first++
		case c.sources.first < c.sources.end:
			c.buf = c.space.thing(c.buf[:0], nodeOf(sourceKind, c.sources.first), c.want)
			c.sources.first++
		case c.rows != nil:
			row, shown, ok := c.rows.Step()
			if !ok {
				c.rows = nil
			}
			if !shown {
				continue
			}
			if c.sure {
				self := nodeOf(statementKind, row.Statement)
				c.link = link{self, c.want.predicate, c.want.object, self}
				return true
			}
			if c.labels {
				c.link = link{object: c.want.object, label: nodeOf(statementKind, row.Statement)}
				return true
			}
			c.buf = c.space.quads(c.buf[:0], row, c.want)
		default:
			return false
		}
		c.links = c.buf
	}
}

// ready returns how many quads come next without a walk.
func (c *cursor) ready() int {
	n := len(c.links) + len(c.edges)
	if c.busy != nil && c.group < len(c.busy.predicates) {
		n += len(c.busy.edges) - int(c.busy.ends[c.group]) + len(c.busy.at(c.group))
	}
	return n + c.kept.len()
}

// unlooked returns at how many statements, entities and sources the walk has yet to
// look at most.
func (c *cursor) unlooked() int {
	n := int(c.entities.end-c.entities.first) + int(c.sources.end-c.sources.first)
	if c.rows != nil {
		n += c.rows.Len()
	}
	return n
}

// note notes now and then how much has been looked at.
func (c *cursor) note() {
	c.looks++
	left := c.unlooked()
	if c.looks%64 == 0 || left == 0 {
		c.progress.looked.Add(int64(c.noted - left))
		c.noted = left
	}
}

// ahead returns the quad at hand and those that come next without a walk, at most
// so many.
func (c *cursor) ahead(most int) []link {
	list := make([]link, 1, min(1+c.ready(), most))
	list[0] = c.link
	n := min(cap(list)-1, len(c.links))
	list, c.links = append(list, c.links[:n]...), c.links[n:]
	for {
		n := min(cap(list)-len(list), len(c.edges))
		for _, e := range c.edges[:n] {
			list = append(list, e.link(c.edge))
		}
		c.edges = c.edges[n:]
		for len(list) < cap(list) && c.kept.here() {
			list = append(list, c.kept.take())
		}
		if len(list) == cap(list) || !c.nextPredicate() && !c.kept.more() {
			return list
		}
	}
}

// nextPredicate comes to the next of a busy node's predicates, and reports false
// after the last.
func (c *cursor) nextPredicate() bool {
	if c.busy == nil || c.group == len(c.busy.predicates) {
		return false
	}
	c.edge.predicate, c.edges = c.busy.predicates[c.group], c.busy.at(c.group)
	c.group++
	return true
}
