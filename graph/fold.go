package graph

import (
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// fold takes events into columns. What it has taken in since a mark can be
// taken back, until commit. It must not be used from several goroutines at once.
type fold struct {
	c        *columns
	position uint32 // of the batch being folded

	// load reads an event back from the record.
	load func(event uint32) (*events.Event, error)
	// fresh holds the events that the record cannot give yet.
	fresh map[uint32]*events.Event

	// What is rare is kept in maps, for folding only.
	replaces     map[uint32]uint32 // statement: the one it replaces
	splits       map[uint32][]uint32
	split        map[uint32]*events.EntitySplit
	declarations map[uint32]*events.VocabularyDeclared
	redacted     map[uint32]bool
	predicates   map[string]*events.Predicate // cache

	// failed is why the record could not be read for a check.
	failed error

	undo    []undo
	hide    []uint32        // redacted since the last commit
	touched map[uint32]bool // lists that lost rows since the last commit
	seen    []uint32        // scratch
}

func newFold(c *columns) *fold {
	f := &fold{
		c: c, fresh: map[uint32]*events.Event{}, replaces: map[uint32]uint32{}, splits: map[uint32][]uint32{},
		split: map[uint32]*events.EntitySplit{}, declarations: map[uint32]*events.VocabularyDeclared{},
		redacted: map[uint32]bool{}, predicates: map[string]*events.Predicate{}, touched: map[uint32]bool{},
	}
	// Number 0 is none of everything.
	c.symbols.name.add("")
	c.symbols.head.add(0)
	c.entities.id.add(uuid.Nil)
	c.entities.head.add(0)
	c.sources.id.add(uuid.Nil)
	c.sources.head.add(0)
	c.times.time.add(timeInfo{})
	c.row.add(row{})
	c.readings.add(reading{})
	c.registered.add(registration{})
	c.verdicts.add(verdict{})
	c.links.add(link{})
	c.post.lists.add(list{})
	c.batches.add(batch{rows: c.row.n})
	c.events.id.add(uuid.Nil)
	c.event.add(eventInfo{})
	c.records.add(0)
	return f
}

// here is the moment of the work in hand.
func (f *fold) here() moment {
	m := f.c.now()
	m.position = f.position
	return m
}

// undo is how one change is taken back: a word gets its old value, or a list its
// old state, or a map its old entry.
type undo struct {
	word *uint32
	old  uint32
	list *list
	was  list
	back func()
}

func (f *fold) set(word *uint32, v uint32) {
	f.undo = append(f.undo, undo{word: word, old: atomic.LoadUint32(word)})
	atomic.StoreUint32(word, v)
}

// mark is a state to go back to.
type mark struct {
	undo, hide                                       int
	symbols, entities, sources, events, rows         uint32
	readings, registered, args, voices, parties      uint32
	verdicts, links, times, closed, batches, records uint32
	lists, position                                  uint32
}

func (f *fold) mark() mark {
	c := f.c
	return mark{
		len(f.undo), len(f.hide), c.symbols.name.n, c.entities.id.n, c.sources.id.n, c.events.id.n, c.row.n,
		c.readings.n, c.registered.n, c.args.n, c.voices.n, c.parties.n,
		c.verdicts.n, c.links.n, c.times.time.n, c.closed.n, c.batches.n, c.records.n, c.post.lists.n, f.position,
	}
}

// rollback goes back to a mark.
func (f *fold) rollback(m mark) {
	for len(f.undo) > m.undo {
		u := &f.undo[len(f.undo)-1]
		switch {
		case u.word != nil:
			atomic.StoreUint32(u.word, u.old)
		case u.list != nil:
			f.c.post.restore(u.list, u.was)
		default:
			u.back()
		}
		f.undo = f.undo[:len(f.undo)-1]
	}
	c := f.c
	for n := m.events; n < c.events.id.n; n++ {
		delete(f.fresh, n)
		delete(f.replaces, n)
		delete(f.split, n)
		delete(f.declarations, n)
	}
	f.hide = f.hide[:m.hide]
	c.symbols.truncate(m.symbols)
	c.entities.truncate(m.entities)
	c.sources.truncate(m.sources)
	c.events.truncate(m.events)
	c.event.n, c.row.n, c.readings.n, c.registered.n = m.events, m.rows, m.readings, m.registered
	c.args.n, c.voices.n, c.parties.n = m.args, m.voices, m.parties
	c.verdicts.n, c.links.n, c.closed.n, c.batches.n, c.records.n = m.verdicts, m.links, m.closed, m.batches, m.records
	c.times.truncate(m.times)
	c.post.lists.n = m.lists
	f.position = m.position
	clear(f.predicates)
}

// restore puts a list back and frees the blocks it has got since.
func (p *postings) restore(l *list, was list) {
	if l.end != was.end {
		b := l.end - l.size - 1
		p.arena.free[log2(l.size)] = append(p.arena.free[log2(l.size)], b)
	}
	l.head, l.tail, l.end, l.size = was.head, was.tail, was.end, was.size
	atomic.StoreUint32(&l.count, was.count)
	atomic.StoreUint32(&l.live, was.live)
}

// commit makes what has been folded final: it is in the record.
func (f *fold) commit() moment {
	for _, n := range f.hide {
		info := f.c.event.at(n)
		atomic.StoreUint32(&info.flags, info.flags|hidden)
	}
	m := f.here()
	for n := range f.touched {
		if n < m.lists {
			f.c.post.settle(n, &m)
		}
	}
	f.hide = f.hide[:0]
	clear(f.undo)
	f.undo = f.undo[:0]
	clear(f.touched)
	clear(f.fresh)
	return m
}

// begin starts a batch.
func (f *fold) begin() { f.position = f.c.batches.n }

// end ends a batch that was recorded at a time, in nanoseconds.
func (f *fold) end(at int64) {
	at = max(at, f.c.batches.at(f.position-1).at)
	f.c.batches.add(batch{at: at, rows: f.c.row.n, last: f.c.events.id.n})
}

// event takes in one event. If check is set, what it restores is checked first.
func (f *fold) event(e *events.Event, check bool) error {
	c := f.c
	n := c.events.add(e.ID)
	c.event.add(eventInfo{flags: uint32(e.Kind())})
	info := c.event.at(n)
	f.fresh[n] = e
	what := uint32(0)
	switch b := e.Body.(type) {
	case *events.SourceAdded:
		info.detail = c.sources.number(b.Source.ID)
		what = f.register(&b.Source)
	case *events.EntityRegistered:
		info.detail = c.entities.number(b.Entity.ID)
		what = uint32(b.Entity.Kind)
	case *events.EntityNamed:
		info.detail = c.entities.number(b.Entity)
		what = c.sources.number(b.Source)
	case *events.IdentityJudged:
		info.detail = c.verdicts.add(verdict{c.entities.number(b.A), c.entities.number(b.B), b.Verdict})
	case *events.EntitySplit:
		info.detail = c.entities.number(b.Entity)
		f.split[n] = b
		f.addSplit(n, b)
	case *events.StatementRecorded:
		info.detail = f.read(&b.Statement)
		what = info.detail
		if b.Statement.Replaces != uuid.Nil {
			f.replaces[n] = c.events.find(b.Statement.Replaces, c.events.id.n)
		}
	case *events.StatementsLinked:
		from, to := c.events.find(b.From, c.events.id.n), c.events.find(b.To, c.events.id.n)
		info.detail = c.links.add(link{from, to, b.Link})
	case *events.Assessed:
		if b.Source != uuid.Nil {
			info.detail, what = c.sources.number(b.Source), 1
		} else {
			info.detail = c.events.find(b.Statement, c.events.id.n)
		}
	case *events.Retracted:
		info.detail = c.events.find(b.Event, c.events.id.n)
		if b.Cascade {
			info.flags |= cascades
		}
	case *events.Redacted:
		info.detail = c.events.find(b.Event, c.events.id.n)
		if t := info.detail; t != 0 && !f.redacted[t] {
			f.redacted[t] = true
			f.hide = append(f.hide, t)
			f.undo = append(f.undo, undo{back: func() { delete(f.redacted, t) }})
		}
	case *events.VocabularyDeclared:
		f.declarations[n] = b
	}
	f.open(n, what)
	return f.takeEffect(n, check)
}

// register keeps what matters of a source.
func (f *fold) register(s *events.Source) uint32 {
	c := f.c
	r := registration{published: c.times.number(s.Published.Constraint()), parties: c.parties.n}
	for _, a := range s.Authors {
		c.parties.add(c.entities.number(a))
		r.authors++
	}
	if s.Publisher != uuid.Nil {
		c.parties.add(c.entities.number(s.Publisher))
		r.authors++
	}
	for _, d := range s.DerivedFrom {
		c.parties.add(c.sources.number(d))
		r.derived++
	}
	return c.registered.add(r)
}

// read keeps what matters of a statement.
func (f *fold) read(s *events.Statement) uint32 {
	c := f.c
	r := reading{
		predicate:  c.symbols.number(s.Claim.Predicate),
		occurrence: c.entities.number(s.Claim.Occurrence),
		source:     c.sources.number(s.Source),
		when:       c.times.number(s.Claim.When.Time.Constraint()),
		args:       c.args.n,
		form:       s.Form,
	}
	if len(s.Voices) > 0 {
		r.stance = s.Voices[0].Stance
	}
	for i := range s.Claim.Args {
		a := &s.Claim.Args[i]
		g := arg{role: c.symbols.number(a.Role), kind: a.Value.Kind}
		switch a.Value.Kind {
		case events.EntityValue:
			g.ref = c.entities.number(a.Value.ID)
		case events.StatementValue:
			g.ref = c.events.find(a.Value.ID, c.events.id.n)
		}
		c.args.add(g)
	}
	var nested []uint32
	for i := range s.Claim.Args {
		if a := &s.Claim.Args[i]; a.Value.Kind == events.ClaimValue {
			nested = f.nested(a.Value.Claim, nested)
		}
	}
	for i := range s.Claim.If {
		nested = f.nested(&s.Claim.If[i].Claim, nested)
	}
	r.nargs = uint16(c.args.n - r.args)
	r.nested, r.nnested = c.parties.n, uint16(len(nested))
	for _, e := range nested {
		c.parties.add(e)
	}
	r.voices, r.nvoices = c.voices.n, uint8(len(s.Voices))
	for i := range s.Voices {
		v := &s.Voices[i]
		c.voices.add(voice{
			parties: c.parties.n, said: c.times.number(v.Said.Time.Constraint()),
			speakers: uint8(len(v.Speakers)), fors: uint8(len(v.For)), to: uint8(len(v.To)),
		})
		for _, ps := range [...][]events.Party{v.Speakers, v.For, v.To} {
			for _, p := range ps {
				c.parties.add(c.entities.number(p.Entity))
			}
		}
	}
	return c.readings.add(r)
}

// nested collects the entities of a nested claim. A statement that it refers to
// becomes an argument without a role.
func (f *fold) nested(claim *events.Claim, to []uint32) []uint32 {
	c := f.c
	if claim.Occurrence != uuid.Nil {
		to = append(to, c.entities.number(claim.Occurrence))
	}
	for i := range claim.Args {
		switch v := &claim.Args[i].Value; v.Kind {
		case events.EntityValue:
			to = append(to, c.entities.number(v.ID))
		case events.StatementValue:
			c.args.add(arg{kind: v.Kind, ref: c.events.find(v.ID, c.events.id.n)})
		case events.ClaimValue:
			to = f.nested(v.Claim, to)
		}
	}
	for i := range claim.If {
		to = f.nested(&claim.If[i].Claim, to)
	}
	return to
}

// open opens a row for an event, which stands from here on.
func (f *fold) open(n, what uint32) {
	c := f.c
	info := c.event.at(n)
	r := c.row.add(row{event: n, added: f.position, removed: never, reading: what})
	if info.first == 0 {
		info.first = r
	} else {
		f.push(&info.head, keyRows, r)
	}
	f.set(&info.row, r)
	if info.closer != 0 {
		f.set(&info.closer, 0)
	}
	f.postings(r, func(head *uint32, key uint32) { f.push(head, key, r) })
	if info.kind() == events.KindVocabularyDeclared {
		clear(f.predicates)
	}
}

// close closes an event's row.
func (f *fold) close(n uint32) {
	c := f.c
	r := c.event.at(n).row
	f.set(&c.row.at(r).removed, f.position)
	c.closed.add(r)
	f.seen = f.seen[:0]
	f.postings(r, func(head *uint32, key uint32) {
		k := c.post.find(*head, key, never)
		for _, s := range f.seen {
			if s == k {
				return
			}
		}
		f.seen = append(f.seen, k)
		l := c.post.lists.at(k)
		f.set(&l.live, l.live-1)
		f.touched[k] = true
	})
	if c.event.at(n).kind() == events.KindVocabularyDeclared {
		clear(f.predicates)
	}
}

// push enters a row in a list of a thing.
func (f *fold) push(head *uint32, key, row uint32) {
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
	f.undo = append(f.undo, undo{list: l, was: *l})
	if !p.push(l, row) {
		f.undo = f.undo[:len(f.undo)-1]
	}
}

// postings calls yield with each list that a row belongs to, perhaps with one
// more than once.
func (f *fold) postings(r uint32, yield func(head *uint32, key uint32)) {
	c := f.c
	w := c.row.at(r)
	info := c.event.at(w.event)
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
			yield(&c.event.at(n).head, key)
		}
	}
	switch info.kind() {
	case events.KindSourceAdded:
		source(info.detail, keyRegistered)
		reg := c.registered.at(w.reading)
		for i := range uint32(reg.authors) {
			entity(*c.parties.at(reg.parties + i), keyAuthored)
		}
		for i := range uint32(reg.derived) {
			source(*c.parties.at(reg.parties + uint32(reg.authors) + i), keyDerived)
		}
	case events.KindEntityRegistered:
		entity(info.detail, keyRegistered)
	case events.KindEntityNamed:
		entity(info.detail, keyNamed)
		source(w.reading, keyNamesIn)
	case events.KindIdentityJudged:
		v := c.verdicts.at(info.detail)
		entity(v.a, keyVerdict)
		entity(v.b, keyVerdict)
	case events.KindEntitySplit:
		entity(info.detail, keySplit)
		b := f.split[w.event]
		for i := range b.Parts {
			entity(c.entities.number(b.Parts[i].Entity), keySplit)
			for _, m := range b.Parts[i].Mentions {
				statement(c.events.find(m.Statement, c.events.id.n), keySplitMention)
			}
		}
	case events.KindStatementsLinked:
		l := c.links.at(info.detail)
		statement(l.from, keyLinkFrom)
		statement(l.to, keyLinkTo)
	case events.KindAssessed:
		if w.reading == 1 {
			source(info.detail, keyAssessed)
		} else {
			statement(info.detail, keyAssessed)
		}
	case events.KindVocabularyDeclared:
		b := f.declarations[w.event]
		for i := range b.Predicates {
			yield(c.symbols.head.at(c.symbols.number(b.Predicates[i].Name)), keyDeclared)
		}
		for i := range b.Schemes {
			yield(c.symbols.head.at(c.symbols.number(b.Schemes[i].Name)), keyDeclared)
		}
	case events.KindStatementRecorded:
		rd := c.readings.at(w.reading)
		yield(c.symbols.head.at(rd.predicate), keyStatements)
		source(rd.source, keyStatements)
		entity(rd.occurrence, keyOccurrence)
		for i := range uint32(rd.nargs) {
			switch a := c.args.at(rd.args + i); a.kind {
			case events.EntityValue:
				entity(a.ref, keyRole+a.role)
			case events.StatementValue:
				statement(a.ref, keyRefers)
			}
		}
		for i := range uint32(rd.nnested) {
			entity(*c.parties.at(rd.nested + i), keyNested)
		}
		for i := range uint32(rd.nvoices) {
			v := c.voices.at(rd.voices + i)
			for k := range uint32(v.speakers) + uint32(v.fors) + uint32(v.to) {
				key := uint32(keyAddressed)
				switch {
				case k < uint32(v.speakers) && i == 0:
					key = keyOrigin
				case k < uint32(v.speakers):
					key = keyReports
				case k < uint32(v.speakers)+uint32(v.fors) && i == 0:
					key = keyOriginFor
				}
				entity(*c.parties.at(v.parties + k), key)
			}
		}
	}
}
