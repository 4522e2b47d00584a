package graph

import (
	"slices"

	"github.com/onrecord/onrecord/events"
)

// open opens a row for an event, which stands from here on.
func (f *fold) open(n uint32, a about) {
	c := f.c
	if n == c.events.first.n && f.unhurried && c.events.kind(n) == events.KindStatementRecorded {
		f.unlisted = append(f.unlisted, c.rows.add(n, a))
		c.events.first.add(f.unlisted[len(f.unlisted)-1])
		return
	}
	f.listAll()
	r := c.rows.add(n, a)
	if n == c.events.first.n {
		c.events.first.add(r)
	} else {
		f.push(c.events.head.to(n), keyRows, r, 0)
	}
	f.list(r)
	switch c.events.kind(n) {
	case events.KindVocabularyDeclared:
		clear(f.predicates)
	case events.KindIdentityJudged:
		f.judged(n, *c.verdicts.at(a.what))
	}
}

// list enters a row in the lists that it belongs to.
func (f *fold) list(r uint32) {
	tag := f.c.tag(r)
	f.postings(r, func(head *uint32, key uint32) { f.push(head, key, r, tag) })
}

// listAll enters in their lists the rows of statements that are not yet. That is due at the
// end of a record, and before anything reads lists that statements enter or adds to others,
// so that these are the same as if each had been entered at once. It moves nothing for the
// batch in hand, which need not be the one that they are of.
func (f *fold) listAll() {
	if len(f.unlisted) == 0 {
		return
	}
	rows, moved := f.unlisted, f.moved
	f.unlisted = nil
	f.journal.add(undo{back: func() { f.unlisted = rows }})
	for _, r := range rows {
		f.list(r)
	}
	f.moved = moved
}

// close closes an event's row.
func (f *fold) close(n uint32) {
	f.listAll()
	c := f.c
	r := f.row(n)
	f.set(&c.rows.row.at(r).removed, f.position)
	f.seen = f.seen[:0]
	f.postings(r, func(head *uint32, key uint32) {
		k := c.post.find(*head, key, never)
		if slices.Contains(f.seen, k) {
			return
		}
		f.seen = append(f.seen, k)
		f.moved++
		l := c.post.lists.at(k)
		f.set(&l.live, l.live-1)
		f.touched[k] = true
	})
	switch c.events.kind(n) {
	case events.KindVocabularyDeclared:
		clear(f.predicates)
	case events.KindIdentityJudged:
		f.fell(*c.verdicts.at(c.rows.what(r)))
	}
}

// row returns the newest row of an event.
func (f *fold) row(n uint32) uint32 {
	if r := f.last(n, keyRows); r != 0 {
		return r
	}
	return f.c.events.first.at(n)
}

// last returns the last entry of a list of an event, 0 if it has none.
func (f *fold) last(n, key uint32) uint32 {
	p := &f.c.post
	if l := p.lists.at(p.find(*f.c.events.head.at(n), key, never)); l.count > 0 {
		return p.last(l)
	}
	return 0
}

// push enters a row in a list of a thing; the tag is the row's.
func (f *fold) push(head *uint32, key, row, tag uint32) {
	f.moved++
	p := &f.c.post
	n := p.find(*head, key, never)
	if n == 0 {
		n = p.lists.add(list{key: key})
		end := head
		for *end != 0 {
			end = &p.lists.at(*end).next
		}
		f.set(end, n)
	}
	l := p.lists.at(n)
	if last := l.last; p.push(l, row, tag) {
		f.journal.add(undo{list: l, old: last})
	}
}

// tag returns the tag of a row, 0 if it is not of a statement.
func (c *columns) tag(row uint32) uint32 {
	if c.kindOf(row) != events.KindStatementRecorded {
		return 0
	}
	return tagOf(c.readingOf(row).predicate)
}

// postings calls yield with each list that a row belongs to, perhaps with one
// more than once.
func (f *fold) postings(r uint32, yield func(head *uint32, key uint32)) {
	c := f.c
	event, what := c.rows.event.at(r), c.rows.what(r)
	entity := func(n, key uint32) {
		if n != 0 {
			yield(c.entities.head.at(n), key)
		}
	}
	source := func(n, key uint32) {
		if n != 0 {
			yield(c.sources.head.at(n), key)
		}
	}
	statement := func(n, key uint32) {
		if n != 0 {
			yield(c.events.head.to(n), key)
		}
	}
	literal := func(n uint32) {
		if n != 0 {
			yield(c.literals.head.at(n), keyLiteral)
		}
	}
	switch c.events.kind(event) {
	case events.KindSourceAdded:
		reg := c.registered.at(what)
		source(reg.source, keyRegistered)
		literal(reg.title)
		literal(reg.url)
		for i := range uint32(reg.authors) {
			entity(*c.words.at(reg.words + i), keyAuthored)
		}
		for i := range uint32(reg.derived) {
			source(*c.words.at(reg.words + uint32(reg.authors) + i), keyDerived)
		}
	case events.KindEntityRegistered:
		entity(c.namings.at(what).entity, keyRegistered)
		literal(c.namings.at(what).name)
	case events.KindEntityNamed:
		entity(c.namings.at(what).entity, keyNamed)
		source(c.namings.at(what).source, keyNamesIn)
		literal(c.namings.at(what).name)
	case events.KindIdentityJudged:
		v := c.verdicts.at(what)
		key := uint32(keyVerdict)
		if v.verdict == events.Same {
			key = keySame
		}
		entity(v.a, key)
		entity(v.b, key)
	case events.KindEntitySplit:
		entity(what, keySplit)
		b := f.split[event]
		for i := range b.Parts {
			entity(f.entity(b.Parts[i].Entity), keySplit)
			for _, m := range b.Parts[i].Mentions {
				statement(c.events.find(m.Statement, c.events.id.n), keySplitMention)
			}
		}
	case events.KindStatementsLinked:
		l := c.links.at(what)
		statement(l.from, keyLinkFrom)
		statement(l.to, keyLinkTo)
	case events.KindAssessed:
		a := c.assessed.at(what)
		source(a.source, keyAssessed)
		statement(a.statement, keyAssessed)
	case events.KindRedacted:
		yield(c.events.head.to(0), keyRedactions)
	case events.KindVocabularyDeclared:
		b := f.declarations[event]
		for i := range b.Predicates {
			yield(c.symbols.head.at(c.symbols.number(b.Predicates[i].Name)), keyDeclared)
		}
		for i := range b.Schemes {
			yield(c.symbols.head.at(c.symbols.number(b.Schemes[i].Name)), keyDeclared)
		}
	case events.KindStatementRecorded:
		rd := c.readingOf(r)
		if rd.predicate != 0 {
			yield(c.symbols.head.at(rd.predicate), keyStatements)
		}
		if rd.stance.Polarity == events.Denied {
			yield(c.symbols.head.at(rd.predicate), keyDenials)
			if !rd.aboutSomebody() {
				yield(c.symbols.head.at(rd.predicate), keyOfNobody)
			}
		}
		source(rd.source(), keyStatements)
		statement(f.replaces[event], keyReplacers)
		entity(rd.occurrence(), keyOccurrence)
		for i := range uint32(rd.nargs) {
			switch s := rd.slot(i); s.kind {
			case events.EntityValue:
				entity(rd.ref(i), keyRole+s.role)
			case events.StatementValue:
				statement(rd.ref(i), keyRefers)
			case events.TextValue, events.NumberValue, unitOf:
				literal(rd.ref(i))
			}
		}
		for i := range uint32(rd.nnested) {
			entity(rd.nested(i), keyNested)
		}
		for i := range uint32(rd.nvoices) {
			v := rd.voice(i)
			for k := range uint32(v.speakers) + uint32(v.fors) + uint32(v.to) {
				key := uint32(keyAddressed)
				switch {
				case k < uint32(v.speakers) && i == 0:
					key = keyOrigin
				case k < uint32(v.speakers):
					key = keyReports
				case k < uint32(v.speakers)+uint32(v.fors) && i == 0:
					key = keyOriginFor
				case k < uint32(v.speakers)+uint32(v.fors):
					key = keyReportsFor
				}
				entity(rd.party(v, k), key)
			}
		}
	}
}
