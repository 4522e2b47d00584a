package quadstore

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/graph"
)

// projection is a view as quads, as the package comment has them.
type projection struct {
	numbers    *graph.Numbers
	busy       neighbours
	classes    indexes
	predicates atomic.Pointer[predicates] // nil: none is made yet

	size         sync.Once
	quadsGuessed int64 // how many there are
}

var _ space = (*projection)(nil)

// open chooses the shortest way to all quads that match.
func (p *projection) open(ctx context.Context, c *cursor) {
	want := c.want
	if n := want.label; n != 0 {
		if n.kind() == statementKind {
			p.openStatement(c, n)
		}
		return
	}
	switch s := want.subject; s.kind() {
	case statementKind:
		p.openStatement(c, s)
		return
	case entityKind:
		if k := want.predicate.kind(); k == 0 || k == partKind {
			c.entities = span{s.number(), s.number() + 1}
		}
		p.openEdges(ctx, c)
		return
	case sourceKind:
		c.sources = span{s.number(), s.number() + 1}
		return
	case 0:
	default:
		return
	}
	if want.object != 0 {
		p.openObject(ctx, c)
	} else {
		p.openPredicate(c)
	}
	if of := classOf(want); of != 0 {
		p.openClass(ctx, c, of)
	}
}

// openStatement walks the quads of one statement.
func (p *projection) openStatement(c *cursor, n node) {
	if row, ok := p.numbers.Row(n.number()); ok {
		if c.want.predicate == 0 {
			c.buf = slices.Grow(c.buf[:0], 16) // most statements have fewer
		}
		c.buf = p.quads(c.buf[:0], row, c.want)
		c.links = c.buf
	}
}

// openEdges walks the direct edges of an entity that is the subject, or, if that
// is none, the object, and with both those of the one that has fewer.
func (p *projection) openEdges(ctx context.Context, c *cursor) {
	want, k := c.want, c.want.predicate.kind()
	if k != 0 && k != predicateKind || want.object != 0 && want.object.kind() != entityKind {
		return
	}
	if want.subject != 0 && want.object != 0 {
		p.openBetween(c)
		return
	}
	from := want.subject
	if from == 0 {
		from = want.object
	}
	if known, ok := p.busy.remembered(p, from); ok && (k != 0 || want.object == 0) {
		c.walkEdges(known, from)
		return
	}
	rows := p.numbers.RowsOfArgumentIn(from.number(), want.predicate.number())
	if !c.plans && (k != 0 || want.object == 0) {
		if known, ok := p.busy.of(ctx, c.bound, p, from, rows.Len(), want); ok {
			c.walkEdges(known, from)
			return
		}
	}
	c.rows = rows
}

// openBetween walks the direct edges from an entity to another.
func (p *projection) openBetween(c *cursor) {
	least := math.MaxInt
	for _, end := range [...]node{c.want.subject, c.want.object} {
		if known, ok := p.busy.remembered(p, end); ok && c.want.predicate != 0 {
			c.rows = nil
			c.walkEdges(known, end)
			return
		}
		if rows := p.numbers.RowsOfArgumentIn(end.number(), c.want.predicate.number()); rows.Len() < least {
			c.rows, least = rows, rows.Len()
		}
	}
}

// walkEdges walks those of an entity's edges that match.
func (c *cursor) walkEdges(known *neighbourhood, from node) {
	want := c.want
	switch {
	case want.predicate == 0:
		c.busy = &known.out
	case want.object == 0:
		c.edges = known.out.with(want.predicate)
	case want.subject == 0:
		c.edges = known.in.with(want.predicate)
	case from == want.subject:
		c.edges = between(known.out.with(want.predicate), want.object)
	default:
		c.edges = between(known.in.with(want.predicate), want.subject)
	}
}

// openObject walks the quads with an object and any subject.
func (p *projection) openObject(ctx context.Context, c *cursor) {
	want, o, k := c.want, c.want.object, c.want.predicate.kind()
	switch o.kind() {
	case entityKind:
		switch k {
		case predicateKind:
			p.openEdges(ctx, c)
		case roleKind:
			c.rows, c.sure = p.numbers.RowsOfEntity(o.number(), graph.PlaceRole(want.predicate.number())), true
		case partKind, voiceKind:
			if place, sure := placeOf(want.predicate); place != 0 {
				c.rows, c.sure = p.numbers.RowsOfEntity(o.number(), place), sure
			}
		case 0:
			p.openMentions(ctx, c, o)
		}
	case statementKind:
		c.rows = p.numbers.RowsReferring(o.number())
	case sourceKind:
		c.openOnly(partSource, p.numbers.RowsOfSource(o.number()))
	case predicateKind:
		c.openOnly(partPredicate, p.numbers.RowsOfPredicate(o.number()))
	case literalKind:
		p.openLiteral(ctx, c, o)
	case timeKind:
		c.rows = p.numbers.AllRows()
		c.sources = p.allSources()
	case entityKindKind:
		c.entities = p.allEntities()
	case stanceKind, actKind, formKind, valueKind, trueKind:
		c.rows = p.numbers.AllRows()
	}
}

// openMentions walks all that leads to an entity.
func (p *projection) openMentions(ctx context.Context, c *cursor, n node) {
	rows := p.numbers.RowsOfEntity(n.number())
	statements := rows.Len()
	if c.plans {
		statements = 0
	}
	if stars, ok := p.busy.mentioning(ctx, c.bound, p, n, statements); ok {
		if edges, ok := p.busy.all(ctx, c.bound, p, n, statements); ok {
			c.busy, c.kept = &edges.in, stars.keep(c.want)
			return
		}
	}
	c.rows = rows
}

// openLiteral walks all that leads to a literal.
func (p *projection) openLiteral(ctx context.Context, c *cursor, n node) {
	rows := p.numbers.RowsOfLiteral(n.number())
	statements := rows.Len()
	if c.plans {
		statements = 0
	}
	if stars, ok := p.busy.mentioning(ctx, c.bound, p, n, statements); ok {
		c.kept = stars.keep(c.want)
	} else {
		c.rows = rows
	}
	p.openHolders(ctx, c, n.number())
}

// openOnly walks rows that lead to the object by one part, if that is wanted.
func (c *cursor) openOnly(number uint32, rows *graph.Rows) {
	if p := c.want.predicate; p == 0 || p == part(number) {
		c.want.predicate = part(number)
		c.rows, c.sure = rows, true
	}
}

// placeOf returns where a statement mentions the entities that a part leads to, and
// whether it leads to all that it mentions there.
func placeOf(predicate node) (place graph.Place, sure bool) {
	if predicate.kind() == voiceKind {
		switch predicate.number() % 32 {
		case partSpeaker:
			return graph.PlaceReports, false
		case partFor:
			return graph.PlaceReportsFor, false
		}
		return graph.PlaceAddressed, false
	}
	switch predicate.number() {
	case partOccurrence:
		return graph.PlaceOccurrence, true
	case partNested:
		return graph.PlaceNested, true
	case partSpeaker:
		return graph.PlaceOrigin, true
	case partFor:
		return graph.PlaceOriginFor, true
	case partTo:
		return graph.PlaceAddressed, false
	}
	return 0, false
}

// openHolders adds the entities and sources that have a literal.
func (p *projection) openHolders(ctx context.Context, c *cursor, literal uint32) {
	if k := c.want.predicate.kind(); k != 0 && k != partKind {
		return
	}
	entities, sources, err := p.numbers.Holders(ctx, literal)
	if err != nil {
		return
	}
	slices.Sort(entities)
	slices.Sort(sources)
	c.buf = c.buf[:0]
	for _, e := range slices.Compact(entities) {
		c.buf = p.thing(c.buf, nodeOf(entityKind, e), c.want)
	}
	for _, s := range slices.Compact(sources) {
		c.buf = p.thing(c.buf, nodeOf(sourceKind, s), c.want)
	}
	c.links = c.buf
}

// openPredicate walks the quads with any subject and object.
func (p *projection) openPredicate(c *cursor) {
	n := c.want.predicate
	switch n.kind() {
	case predicateKind:
		c.rows = p.numbers.RowsOfPredicate(n.number())
	case roleKind, unitKind, voiceKind:
		c.rows = p.numbers.AllRows()
	case partKind:
		switch {
		case n.number() >= firstEntityPart && n.number() < firstSourcePart:
			c.entities = p.allEntities()
		case n.number() >= firstSourcePart && n.number() < firstVoicePart:
			c.sources = p.allSources()
		default:
			c.rows = p.numbers.AllRows()
		}
	case 0:
		c.rows, c.entities, c.sources = p.numbers.AllRows(), p.allEntities(), p.allSources()
	}
}

func (p *projection) allEntities() span { return span{1, p.numbers.Entities()} }
func (p *projection) allSources() span  { return span{1, p.numbers.Sources()} }

// sample is how many quads, and statements, guess looks at.
const sample = 64

func (p *projection) guess(ctx context.Context, want link) int64 {
	if classOf(want) != 0 && want.subject == 0 && want.label == 0 {
		if made := p.classes.of(p, classOf(want)).index.Load(); made != nil {
			return int64(made.keep(want).len())
		}
		return p.classes.guess(want, func() int64 { return p.guessAnew(ctx, want) })
	}
	if want != (link{}) {
		return p.guessAnew(ctx, want)
	}
	p.size.Do(func() { p.quadsGuessed = p.guessAnew(ctx, want) })
	return p.quadsGuessed
}

func (p *projection) guessAnew(ctx context.Context, want link) int64 {
	c := cursor{space: p, want: want, edge: want, plans: true}
	p.open(ctx, &c)
	if c.edges != nil {
		return int64(len(c.edges))
	}
	if c.kept != nil {
		return int64(c.ready())
	}
	n := int64(c.ready()) + int64(c.entities.end-c.entities.first) + int64(c.sources.end-c.sources.first)
	if c.rows == nil {
		return n
	}
	most, looks := c.rows.Len(), sample
	if c.sure {
		looks = sample / 8 // only what the lens leaves out is to be found out
	}
	found := 0
	for range looks {
		row, shown, ok := c.rows.Step()
		if !ok {
			return n + int64(found)
		}
		switch {
		case shown && c.sure:
			found++
		case shown:
			c.buf = p.quads(c.buf[:0], row, want)
			found += len(c.buf)
		}
	}
	return n + int64(max(1, found))*int64(most)/int64(looks)
}

// value returns the value of a node.
func (p *projection) value(ctx context.Context, n node) (quad.Value, error) {
	g := p.numbers
	switch n.kind() {
	case entityKind:
		return Entity(g.EntityID(n.number())), nil
	case statementKind:
		return Statement(g.StatementID(n.number())), nil
	case sourceKind:
		return Source(g.SourceID(n.number())), nil
	case predicateKind:
		return Predicate(g.SymbolName(n.number())), nil
	case roleKind:
		return Role(g.SymbolName(n.number())), nil
	case unitKind:
		return Unit(g.SymbolName(n.number())), nil
	case literalKind:
		v, err := g.LiteralValue(ctx, n.number())
		if err != nil {
			return nil, err
		}
		return literal(v), nil
	case timeKind:
		return quad.TypedString{Value: quad.String(g.TimeText(n.number())), Type: EDTF}, nil
	case trueKind:
		return quad.Bool(true), nil
	}
	if n.fixed() {
		return n.iri(), nil
	}
	return nil, nil
}

func (p *projection) predicate(n node) cayley.Ref {
	table := p.predicates.Load()
	if table == nil {
		table = newPredicates(p.numbers.Symbols())
		if !p.predicates.CompareAndSwap(nil, table) {
			table = p.predicates.Load()
		}
	}
	return table.ref(n)
}
