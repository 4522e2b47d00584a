package relations

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/option"
)

// ErrTooLarge says that a graph would be larger than a limit of its options
// allows.
var ErrTooLarge = errors.New("the graph is too large")

// Options say what makes an edge and how large a graph may become. Nil and zero
// values mean the defaults.
type Options struct {
	// Predicates are those whose statements make the graph, such as two words for one
	// relation. Default: any that the pattern names. All that the pattern names is gone
	// through, so one predicate is better named there.
	Predicates []string
	// From and To are roles: edges lead from arguments of the one to arguments of
	// the other. Default: any, in the order of the arguments; see the package
	// comment.
	From, To string
	// AnyStance takes all statements that the pattern names. Default: only those
	// whose origin affirms the claim.
	AnyStance bool

	MaxNodes int // entities. Default: 100,000.
	MaxEdges int // pairs of entities. Default: 1,000,000.
	// MaxLines is how many statements may make edges, each counted once for each
	// pair of entities. Default: 10,000,000; never more than 2,147,483,647.
	MaxLines int
}

// New returns the graph of who is related to whom in a view, by the statements
// that a pattern names. The package comment says what its nodes and edges are.
//
// The error is ErrTooLarge as soon as a limit is passed, and says which; the
// context's if that ends. A limit below 0 is an error, too. New walks the pattern's statements once, in memory,
// and reads only how their predicates are declared from the record; then it sorts
// the lines. What it returns keeps 16 bytes for each line and each statement, 36
// for each node and at most 84 for each edge; while it is made, about twice that.
func New(ctx context.Context, v graph.View, p graph.Pattern, opts *Options) (*Graph, error) {
	if opts == nil {
		opts = &Options{}
	}
	b := &builder{
		opts: *opts, g: &Graph{v: v},
		numbers: make(map[uuid.UUID]uint32), pairs: make(map[[2]uint32]bool), symmetric: make(map[string]bool),
		canonical: make(map[uuid.UUID]uuid.UUID), at: make(map[[2]uint32]int),
	}
	if err := cmp.Or(option.Count("MaxNodes", &b.opts.MaxNodes, 100_000, math.MaxInt),
		option.Count("MaxEdges", &b.opts.MaxEdges, 1_000_000, math.MaxInt),
		option.Count("MaxLines", &b.opts.MaxLines, 10_000_000, math.MaxInt), p.Check()); err != nil {
		return nil, fmt.Errorf("relations: %w", err)
	}
	b.opts.MaxLines = min(b.opts.MaxLines, math.MaxInt32)
	err := ctx.Err()
	for s := range v.Statements(p) {
		if err = ctx.Err(); err != nil {
			break
		}
		if !opts.AnyStance && s.Stance().Polarity != events.Affirmed {
			continue
		}
		if len(opts.Predicates) > 0 && !slices.Contains(opts.Predicates, s.Predicate()) {
			continue
		}
		if err = b.add(ctx, s); err != nil {
			break
		}
	}
	if err == nil {
		err = b.finish(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("relations: %w", err)
	}
	return b.g, nil
}

// builder makes a graph. Until finish, nodes are numbered as they come.
type builder struct {
	opts Options
	g    *Graph

	numbers   map[uuid.UUID]uint32
	pairs     map[[2]uint32]bool
	symmetric map[string]bool
	canonical map[uuid.UUID]uuid.UUID
	origins   [][]uuid.UUID // of each statement that makes a line

	// Of the statement in hand: its arguments, and where its lines are.
	args []argument
	at   map[[2]uint32]int
}

type argument struct {
	role string
	node uint32
}

// add takes in one statement.
func (b *builder) add(ctx context.Context, s graph.Statement) error {
	b.args = b.args[:0]
	for role, end := range s.Ends() {
		if role == "" {
			continue // it is the occurrence
		}
		entity, known := b.canonical[end]
		if !known { // a view looks through the whole cluster
			entity = b.g.v.Canonical(end)
			for _, member := range b.g.v.Cluster(end) {
				b.canonical[member] = entity
			}
		}
		n, known := b.numbers[entity]
		if !known {
			n = uint32(len(b.g.nodes))
			if len(b.g.nodes) >= b.opts.MaxNodes {
				return tooLarge(b.opts.MaxNodes, "entities", "MaxNodes")
			}
			b.numbers[entity] = n
			b.g.nodes = append(b.g.nodes, Node{entity: entity})
		}
		b.args = append(b.args, argument{role, n})
	}
	if len(b.args) < 2 {
		return nil
	}
	symmetric, err := b.isSymmetric(ctx, s.Predicate())
	if err != nil {
		return err
	}
	number := uint32(len(b.g.statements))
	before := len(b.g.lines)
	clear(b.at)
	for i, from := range b.args {
		for j, to := range b.args {
			if from.node == to.node || !b.leads(i, j, symmetric) {
				continue
			}
			l := line{from.node, to.node, number, forth}
			if l.u > l.v {
				l.u, l.v, l.ways = l.v, l.u, back
			}
			pair := [2]uint32{l.u, l.v}
			if k, known := b.at[pair]; known {
				b.g.lines[k].ways |= l.ways
				continue
			}
			if !b.pairs[pair] {
				if len(b.pairs) >= b.opts.MaxEdges {
					return tooLarge(b.opts.MaxEdges, "pairs of entities", "MaxEdges")
				}
				b.pairs[pair] = true
			}
			if len(b.g.lines) >= b.opts.MaxLines {
				return tooLarge(b.opts.MaxLines, "lines", "MaxLines")
			}
			b.at[pair] = len(b.g.lines)
			b.g.lines = append(b.g.lines, l)
		}
	}
	if len(b.g.lines) > before {
		speakers, _ := s.Speakers(0)
		b.g.statements = append(b.g.statements, s)
		b.origins = append(b.origins, speakers)
	}
	return nil
}

func tooLarge(limit int, what, option string) error {
	return fmt.Errorf("there are more than %d %s: narrow the pattern or the view, or raise Options.%s: %w", limit, what, option, ErrTooLarge)
}

// leads reports whether an edge leads from one argument to another.
func (b *builder) leads(from, to int, symmetric bool) bool {
	x, y := b.args[from].role, b.args[to].role
	if b.opts.From != "" || b.opts.To != "" {
		return (b.opts.From == "" || b.opts.From == x) && (b.opts.To == "" || b.opts.To == y)
	}
	return from < to || x == y || symmetric
}

// isSymmetric reports whether the view declares a predicate to be so.
func (b *builder) isSymmetric(ctx context.Context, predicate string) (bool, error) {
	symmetric, known := b.symmetric[predicate]
	if known {
		return symmetric, nil
	}
	p, _, err := b.g.v.Predicate(ctx, predicate)
	if err != nil {
		return false, fmt.Errorf("predicate %q: %w", predicate, err)
	}
	b.symmetric[predicate] = p.Symmetric
	return p.Symmetric, nil
}

// finish numbers the nodes for good and puts together what belongs together.
func (b *builder) finish(ctx context.Context) error {
	g := b.g
	slices.SortFunc(g.nodes, func(x, y Node) int { return compareIDs(x.entity, y.entity) })
	final := make([]uint32, len(g.nodes))
	for i := range g.nodes {
		g.nodes[i].id = int64(i)
		final[b.numbers[g.nodes[i].entity]] = uint32(i)
	}
	for i := range g.lines {
		l := &g.lines[i]
		l.u, l.v = final[l.u], final[l.v]
		if l.u > l.v {
			l.u, l.v = l.v, l.u
			l.ways = l.ways&forth<<1 | l.ways&back>>1
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	slices.SortFunc(g.lines, func(x, y line) int {
		return cmp.Or(cmp.Compare(x.u, y.u), cmp.Compare(x.v, y.v), cmp.Compare(x.statement, y.statement))
	})
	seen := [3]map[uuid.UUID]bool{{}, {}, {}}
	for i, l := range g.lines {
		if i == 0 || l.u != g.lines[i-1].u || l.v != g.lines[i-1].v {
			if err := ctx.Err(); err != nil {
				return err
			}
			g.edges = append(g.edges, edge{u: l.u, v: l.v, first: uint32(i)})
			for way := range seen {
				clear(seen[way])
			}
		}
		e := &g.edges[len(g.edges)-1]
		for way := range seen {
			if way != either && l.ways&uint8(way) == 0 {
				continue
			}
			e.statements[way]++
			for _, speaker := range b.origins[l.statement] {
				seen[way][speaker] = true
			}
			e.origins[way] = uint32(len(seen[way]))
		}
	}
	g.around = g.adjacency(func(e *edge) (bool, bool) { return true, true })
	g.out = g.adjacency(func(e *edge) (bool, bool) { return e.statements[forth] > 0, e.statements[back] > 0 })
	g.in = g.adjacency(func(e *edge) (bool, bool) { return e.statements[back] > 0, e.statements[forth] > 0 })
	return ctx.Err()
}

// adjacency lists the neighbours of every node. Which of the ends of an edge have
// the other as a neighbour, u or v, has is asked for.
func (g *Graph) adjacency(has func(*edge) (u, v bool)) adjacency {
	a := adjacency{first: make([]uint32, len(g.nodes)+1)}
	each := func(yield func(node, neighbour uint32, edge int)) {
		for i := range g.edges {
			e := &g.edges[i]
			u, v := has(e)
			if u {
				yield(e.u, e.v, i)
			}
			if v {
				yield(e.v, e.u, i)
			}
		}
	}
	each(func(node, _ uint32, _ int) { a.first[node+1]++ })
	for i := range g.nodes {
		a.first[i+1] += a.first[i]
	}
	a.ends = make([]end, a.first[len(g.nodes)])
	next := slices.Clone(a.first)
	each(func(node, neighbour uint32, edge int) {
		a.ends[next[node]] = end{neighbour, uint32(edge)}
		next[node]++
	})
	return a
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
