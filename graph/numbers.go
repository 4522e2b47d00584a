package graph

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// Numbers is a view in the numbers that the graph itself works with. It is a
// low-level way in for packages that show a view in another form, such as
// graph/quadstore; questions are asked of the view. Numbers, [Row], [Rows] and what
// belongs to them are outside the promise that version 1 is stable: they may change
// with the columns.
//
// Entities, sources, statements, symbols (names of predicates, roles and the like), literals
// (texts and numbers) and times each have numbers of their own, from 1; 0 is
// none. A number is valid in every view of the same graph that shows what it is
// of, as long as the graph is open, and means nothing in another graph or run. (In an
// erasable record those of symbols, literals and times are good in views that were
// made between the same redactions; see Redactions.) A
// number that was not obtained from the graph may cause a panic.
//
// Methods read columns in memory and cost some tens of nanoseconds, unless they
// say something else. Its methods may be called from several goroutines at once.
type Numbers struct {
	v         View
	canonical *canonical // nil if no verdict is recorded
}

// canonical are canonical members, by entity, those that have been asked for.
type canonical struct {
	members  []uint32
	allocate sync.Once
}

// Numbers returns the view in numbers. It costs nothing.
func (v View) Numbers() *Numbers {
	n := &Numbers{v: v}
	if v.m.verdicts > 1 {
		n.canonical = new(canonical)
	}
	return n
}

// Redactions changes with every redaction in the graph: what was derived from a
// view before it did may show what is redacted.
func (n *Numbers) Redactions() uint32 { return n.v.m.c.redactions.Load() }

// Entity returns the canonical member of an entity's cluster, 0 if the view does
// not know it.
func (n *Numbers) Entity(id uuid.UUID) uint32 {
	return n.Canonical(n.v.m.c.entities.find(id, n.v.m.entities))
}

// Entities returns the number after the last entity.
func (n *Numbers) Entities() uint32 { return n.v.m.entities }

// EntityID returns the id of an entity.
func (n *Numbers) EntityID(entity uint32) uuid.UUID { return *n.v.m.c.entities.id.at(entity) }

// Canonical returns the canonical member of an entity's cluster, which is looked for
// once.
func (n *Numbers) Canonical(entity uint32) uint32 {
	if entity == 0 || n.canonical == nil {
		return entity
	}
	return n.canonical.of(entity, &n.v.m)
}

func (t *canonical) of(entity uint32, m *moment) uint32 {
	t.allocate.Do(func() { t.members = make([]uint32, m.entities) })
	if entity >= uint32(len(t.members)) {
		return m.canonical(entity)
	}
	known := &t.members[entity]
	if c := atomic.LoadUint32(known); c != 0 {
		return c
	}
	c := m.canonical(entity)
	atomic.StoreUint32(known, c)
	return c
}

// Names appends the names of an entity's cluster, literals, each once, ascending, and
// returns its kind, as [View.Entity] has them; 0 if no registration of it is
// left. The entity must be canonical.
func (n *Numbers) Names(entity uint32, names []uint32) ([]uint32, events.EntityKind) {
	m := &n.v.m
	members := []uint32{entity}
	if m.verdicts > 1 {
		members = m.cluster(nil, entity)
		slices.Sort(members)
	}
	first := len(names)
	add := func(name uint32) {
		if name != 0 {
			names = append(names, name)
		}
	}
	var kind events.EntityKind
	for _, e := range members {
		head := m.c.entities.head.at(e)
		if r := m.newest(head, false); r != 0 {
			x := m.c.namings.at(m.c.rows.what(r))
			if kind == 0 || kind == events.Placeholder && x.kind != events.Placeholder {
				kind = x.kind
			}
			add(x.name)
		}
		cur := m.open(head, keyNamed)
		for r := cur.next(); r != 0; r = cur.next() {
			if !m.c.events.hidden(m.c.rows.event.at(r)) {
				add(m.c.namings.at(m.c.rows.what(r)).name)
			}
		}
	}
	slices.Sort(names[first:])
	return names[:first+len(slices.Compact(names[first:]))], kind
}

// Source returns the number of a source, 0 if there is none.
func (n *Numbers) Source(id uuid.UUID) uint32 { return n.v.m.c.sources.find(id, n.v.m.sources) }

// Sources returns the number after the last source.
func (n *Numbers) Sources() uint32 { return n.v.m.sources }

// SourceID returns the id of a source.
func (n *Numbers) SourceID(source uint32) uuid.UUID { return *n.v.m.c.sources.id.at(source) }

// Published returns the title and the URL of a source, literals, and the time of
// its publication, as [View.Source] has them.
func (n *Numbers) Published(source uint32) (title, url, at uint32) {
	r := n.v.m.newest(n.v.m.c.sources.head.at(source), false)
	reg := n.v.m.c.registered.at(n.v.m.c.rows.what(r))
	return reg.title, reg.url, reg.published
}

// Symbol returns the number of a name of a predicate or a role, 0 if there is
// none.
func (n *Numbers) Symbol(name string) uint32 {
	if !n.hasSymbol(name) {
		return 0
	}
	return n.v.m.c.symbols.find(name, n.v.m.symbols)
}

// Symbols returns the number after the last symbol.
func (n *Numbers) Symbols() uint32 { return n.v.m.symbols }

// SymbolName returns the name that a symbol is; none if all that had it has been erased
// since the view was made.
func (n *Numbers) SymbolName(symbol uint32) string {
	name := *n.v.m.c.symbols.name.at(symbol)
	if !n.hasSymbol(name) {
		return ""
	}
	return name
}

// Time returns the number of a time with this text, 0 if there is none.
func (n *Numbers) Time(text string) uint32 {
	if !n.hasTime(text) {
		return 0
	}
	return n.v.m.c.times.find(text, n.v.m.times)
}

// TimeText returns the text of a time; none if all that had it has been erased since the
// view was made.
func (n *Numbers) TimeText(at uint32) string {
	var buf [edtf.MaxText]byte
	text := string(n.v.m.c.times.textOf(at, &buf))
	if !n.hasTime(text) {
		return ""
	}
	return text
}

// hasSymbol reports whether the columns that the graph goes on with have a name, too, if
// they are others than the view's: only an erasure leaves anything out of them.
func (n *Numbers) hasSymbol(name string) bool {
	now := n.v.g.seen.Load()
	return now.c == n.v.m.c || now.c.symbols.find(name, now.symbols) != 0
}

// hasTime does so for the text of a time.
func (n *Numbers) hasTime(text string) bool {
	now := n.v.g.seen.Load()
	return now.c == n.v.m.c || now.c.times.find(text, now.times) != 0
}

// Literal returns the number of a text or a number, 0 if there is none. Equal
// numbers have one, whatever their digits and their units.
func (n *Numbers) Literal(v events.Value) uint32 {
	if v.Kind != events.TextValue && v.Kind != events.NumberValue {
		return 0
	}
	return n.v.m.c.literals.find(v.Kind, v.Text, v.Language, n.v.m.literals)
}

// LiteralValue reads from the record what a literal is: the text, or the number
// without a unit, as it was written where it was first recorded. The error is
// ErrRedacted if all that wrote it has been redacted.
func (n *Numbers) LiteralValue(ctx context.Context, literal uint32) (found events.Value, err error) {
	c := n.v.m.c
	sum := *c.literals.hash.at(literal)
	same := func(v events.Value) bool {
		h, ok := n.v.m.c.literals.hashOf(v.Kind, v.Text, v.Language)
		if ok = ok && h == sum; ok {
			found = v
		}
		return ok
	}
	text := func(s string) bool { return same(events.Text(s, "")) }
	err = fmt.Errorf("graph: literal %d: %w", literal, ErrRedacted)
	c.post.raw(c.post.find(atomic.LoadUint32(c.literals.head.at(literal)), keyLiteral, n.v.m.lists), n.v.m.rows, func(r uint32) bool {
		event := c.rows.event.at(r)
		if c.events.hidden(event) {
			return true
		}
		e, failed := n.v.g.read(ctx, event)
		if errors.Is(failed, ErrRedacted) {
			return true
		}
		if failed != nil {
			err = failed
			return false
		}
		ok := false
		switch b := e.Body.(type) {
		case *events.EntityRegistered:
			ok = text(b.Entity.Name.Text)
		case *events.EntityNamed:
			ok = text(b.Name.Text)
		case *events.SourceAdded:
			ok = text(b.Source.Title) || text(b.Source.URL)
		case *events.StatementRecorded:
			for _, a := range b.Statement.Claim.Args {
				switch a.Value.Kind {
				case events.TextValue:
					ok = ok || same(a.Value)
				case events.NumberValue:
					ok = ok || same(events.Number(a.Value.Text, "")) || text(a.Value.Unit)
				}
			}
		}
		if ok {
			err = nil
		}
		return !ok
	})
	return found, err
}

// Statement returns the number of a statement, 0 if there is none with this id.
func (n *Numbers) Statement(id uuid.UUID) uint32 {
	e := n.v.m.c.events.find(id, n.v.m.events)
	if e == 0 || n.v.m.c.events.kind(e) != events.KindStatementRecorded {
		return 0
	}
	return e
}

// StatementID returns the id of a statement.
func (n *Numbers) StatementID(statement uint32) uuid.UUID { return *n.v.m.c.events.id.at(statement) }

// Row returns a statement in numbers, and false if the view does not show it.
func (n *Numbers) Row(statement uint32) (Row, bool) {
	if statement >= n.v.m.events || n.v.m.positionOf(statement) > n.v.m.position {
		return Row{}, false
	}
	r := n.v.m.rowOf(statement)
	if r == 0 || !n.v.shows(r) {
		return Row{}, false
	}
	return n.row(r), true
}

func (n *Numbers) row(r uint32) Row {
	c := n.v.m.c
	return Row{c.rows.event.at(r), c.readingOf(r)}
}
