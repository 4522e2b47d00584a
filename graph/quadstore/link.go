package quadstore

import (
	"slices"

	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// link is a quad; as a pattern, it matches quads that have its nodes, 0 any. A
// pointer to one is Cayley's reference of a quad.
type link struct {
	subject, predicate, object, label node
}

func (l *link) Key() any { return *l }

// at returns the node in a direction, 0 in quad.Any.
func (l link) at(d quad.Direction) node {
	switch d {
	case quad.Subject:
		return l.subject
	case quad.Predicate:
		return l.predicate
	case quad.Object:
		return l.object
	case quad.Label:
		return l.label
	}
	return 0
}

// with returns the link with another node in a direction.
func (l link) with(d quad.Direction, n node) link {
	switch d {
	case quad.Subject:
		l.subject = n
	case quad.Predicate:
		l.predicate = n
	case quad.Object:
		l.object = n
	case quad.Label:
		l.label = n
	}
	return l
}

// matches reports whether a quad matches a pattern.
func (l link) matches(want link) bool {
	return (want.subject == 0 || l.subject == want.subject) && (want.predicate == 0 || l.predicate == want.predicate) &&
		(want.object == 0 || l.object == want.object) && (want.label == 0 || l.label == want.label)
}

// collector gathers the quads of one statement, or of one entity or source, that
// match a pattern, each once.
type collector struct {
	want    link
	objects kind // what the objects are, 0 anything
	label   node
	links   []link
	first   int // of the links among which the next one may be already
}

func (c *collector) add(subject, predicate, object node) {
	l := link{subject, predicate, object, c.label}
	if object == 0 || c.objects != 0 && object.kind() != c.objects || !l.matches(c.want) || slices.Contains(c.links[c.first:], l) {
		return
	}
	c.links = append(c.links, l)
}

// section says that what is added from here on has not been added before.
func (c *collector) section() { c.first = len(c.links) }

// quads appends those of a statement's quads that match.
func (p *projection) quads(links []link, row graph.Row, want link) []link {
	return p.collect(collector{want: want, objects: want.object.kind(), links: links}, row)
}

// collect gathers those of a statement's quads that the collector wants, and returns
// its links.
func (p *projection) collect(c collector, row graph.Row) []link {
	want, self := c.want, nodeOf(statementKind, row.Statement)
	if want.label != 0 && want.label != self {
		return c.links
	}
	c.label, c.first = self, len(c.links)
	k, o := want.predicate.kind(), c.objects
	if k == 0 || k == predicateKind && want.predicate.number() == row.Predicate() {
		if a, b, ok := ends(row); ok {
			c.add(p.entity(a), nodeOf(predicateKind, row.Predicate()), p.entity(b))
		}
	}
	if want.subject != 0 && want.subject != self {
		return c.links
	}
	switch n := want.predicate.number(); k {
	case 0:
		if o.in(predicateKind, timeKind, trueKind, sourceKind, formKind) {
			p.parts(&c, self, row)
		}
		if o.in(entityKind, statementKind) {
			p.mentions(&c, self, row)
		}
		if o.in(entityKind, actKind, stanceKind, timeKind) {
			for i := range row.Voices() {
				p.voice(&c, self, row, i)
			}
		}
		if o.in(entityKind, statementKind, literalKind, timeKind, valueKind) {
			p.args(&c, self, row)
		}
	case partKind, voiceKind:
		i, n := int(n/32), n%32
		switch {
		case n >= firstVoicePart && i >= row.Voices():
		case n == partOccurrence || n == partNested:
			p.mentions(&c, self, row)
		case n == partSpeaker || n == partFor || n == partTo:
			p.voice(&c, self, row, i)
		default:
			c.add(self, want.predicate, only(row, i, n))
		}
	case roleKind, unitKind:
		p.args(&c, self, row)
	}
	return c.links
}

// ends returns what the direct edge of a statement leads from and to, if it has
// one.
func ends(row graph.Row) (from, to uint32, ok bool) {
	if row.Stance().Polarity != events.Affirmed {
		return 0, 0, false
	}
	entities := 0
	for i := range row.Args() {
		if a := row.Arg(i); a.Kind == events.EntityValue {
			switch entities++; entities {
			case 1:
				from = a.Ref
			case 2:
				to = a.Ref
			default:
				return 0, 0, false
			}
		}
	}
	return from, to, entities == 2
}

func (p *projection) parts(c *collector, self node, row graph.Row) {
	c.section()
	for _, number := range [...]uint32{partPredicate, partWhen, partConditional, partSource, partForm} {
		c.add(self, part(number), only(row, 0, number))
	}
}

// only returns the object of a part that has one at most, of a voice where it is a
// voice's.
func only(row graph.Row, voice int, number uint32) node {
	switch number {
	case partPredicate:
		return nodeOf(predicateKind, row.Predicate())
	case partWhen:
		return nodeOf(timeKind, row.When())
	case partConditional:
		if row.Conditional() {
			return isTrue
		}
	case partSource:
		return nodeOf(sourceKind, row.Source())
	case partForm:
		return nodeOf(formKind, uint32(row.Form()))
	case partAct:
		return nodeOf(actKind, uint32(row.Voice(voice).Act))
	case partStance:
		return stanceNode(row.Voice(voice).Stance)
	case partSaid:
		return nodeOf(timeKind, row.Voice(voice).Said)
	}
	return 0
}

// mentions adds the claim's occurrence and what is inside its nested claims.
func (p *projection) mentions(c *collector, self node, row graph.Row) {
	c.section()
	c.add(self, part(partOccurrence), p.entity(row.Occurrence()))
	if want := c.want.predicate; want != 0 && want != part(partNested) {
		return
	}
	c.section()
	nested := make([]node, 0, row.Nested())
	for i := range row.Nested() {
		nested = append(nested, p.entity(row.NestedEntity(i)))
	}
	for i := range row.Args() {
		if a := row.Arg(i); a.Kind == events.StatementValue && a.Role == 0 {
			nested = append(nested, nodeOf(statementKind, a.Ref))
		}
	}
	// There may be thousands, in which add would look for each.
	slices.Sort(nested)
	for _, n := range slices.Compact(nested) {
		c.add(self, part(partNested), n)
		c.section()
	}
}

func (p *projection) voice(c *collector, self node, row graph.Row, i int) {
	v := row.Voice(i)
	parties := v.Speakers + v.For + v.To
	if c.objects != 0 && c.objects != entityKind {
		parties = 0
	}
	for k := range parties {
		number := uint32(partSpeaker)
		switch {
		case k >= v.Speakers+v.For:
			number = partTo
		case k >= v.Speakers:
			number = partFor
		}
		if k == 0 || k == v.Speakers || k == v.Speakers+v.For {
			c.section()
		}
		c.add(self, voiceNode(i, number), p.entity(row.Party(v, k)))
	}
	c.section()
	c.add(self, voiceNode(i, partAct), nodeOf(actKind, uint32(v.Act)))
	c.add(self, voiceNode(i, partStance), stanceNode(v.Stance))
	c.add(self, voiceNode(i, partSaid), nodeOf(timeKind, v.Said))
}

func (p *projection) args(c *collector, self node, row graph.Row) {
	c.section()
	for i := range row.Args() {
		p.arg(c, self, row.Arg(i))
	}
}

func (p *projection) arg(c *collector, self node, a graph.RowArg) {
	if a.Role == 0 {
		return // a nested claim's
	}
	role := nodeOf(roleKind, a.Role)
	switch a.Kind {
	case events.EntityValue:
		c.add(self, role, p.entity(a.Ref))
	case events.StatementValue:
		c.add(self, role, nodeOf(statementKind, a.Ref))
	case events.TextValue, events.NumberValue:
		c.add(self, role, nodeOf(literalKind, a.Ref))
	case events.TimeValue:
		c.add(self, role, nodeOf(timeKind, a.Ref))
	case events.NoneValue:
		c.add(self, role, nodeOf(valueKind, valueNone))
	case events.UnknownValue:
		c.add(self, role, nodeOf(valueKind, valueUnknown))
	case events.ClaimValue:
		c.add(self, role, nodeOf(valueKind, valueClaim))
	case 0:
		c.add(self, nodeOf(unitKind, a.Role), nodeOf(literalKind, a.Ref))
	}
}

func (p *projection) stands(n node) bool {
	_, shown := p.numbers.Row(n.number())
	return shown
}

// thing appends the quads of an entity or a source that match. They have no
// label.
func (p *projection) thing(links []link, n node, want link) []link {
	c := collector{want: want, links: links, first: len(links)}
	if want.label != 0 || want.subject != 0 && want.subject != n {
		return links
	}
	c.links = slices.Grow(c.links, 4)
	switch n.kind() {
	case entityKind:
		if p.numbers.Canonical(n.number()) != n.number() {
			return links
		}
		var buf [8]uint32
		names, k := p.numbers.Names(n.number(), buf[:0])
		for _, name := range names {
			c.add(n, part(partEntityName), nodeOf(literalKind, name))
			c.section()
		}
		c.add(n, part(partEntityKind), nodeOf(entityKindKind, uint32(k)))
	case sourceKind:
		title, url, published := p.numbers.Published(n.number())
		c.add(n, part(partTitle), nodeOf(literalKind, title))
		c.add(n, part(partURL), nodeOf(literalKind, url))
		c.add(n, part(partPublished), nodeOf(timeKind, published))
	}
	return c.links
}

func (p *projection) entity(n uint32) node {
	return nodeOf(entityKind, p.numbers.Canonical(n))
}
