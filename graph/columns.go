package graph

import (
	"encoding/binary"
	"hash/maphash"
	"iter"
	"math"
	"slices"
	"sort"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// columns hold everything that is known of the record but its text. Numbers
// begin at 1; 0 is none. One goroutine at a time adds to them; readers see what
// lies below the limits of their moment, which never changes but for rows'
// removal, redaction and the growth of lists.
type columns struct {
	symbols    symbols // predicates, roles, schemes, the values of ratings, recorders
	entities   things
	sources    things
	events     recorded
	rows       rows
	frames     frames
	words      column[uint32] // of readings; of registrations, entities and sources
	registered column[registration]
	verdicts   column[verdict]
	links      column[link]
	assessed   column[assessment]
	times      times
	literals   literals
	namings    column[naming]
	removals   column[removal] // in the order in which they happened
	batches    column[batch]   // by position
	recorders  column[uint32]  // by position; beside batch, which would grow by 8 bytes
	records    column[uint32]  // by number: its first event
	post       postings
	redactions *atomic.Uint32 // how often something was hidden
	lastKey    uint64         // the greatest id of a key that the record names
}

func newColumns() *columns {
	return &columns{events: recorded{redacted: &sparse{}}, redactions: &atomic.Uint32{}}
}

// again returns new columns for the same record. What is redacted they share.
func (c *columns) again() *columns {
	return &columns{events: recorded{redacted: c.events.redacted}, redactions: c.redactions}
}

// names notes that the record names a key. An id that is no unsigned varint, or 0, does not
// count.
func (c *columns) names(key []byte) {
	if n, size := binary.Uvarint(key); size == len(key) && n > c.lastKey {
		c.lastKey = n
	}
}

// things are entities or sources: an id and the head of the posting lists.
type things struct {
	ids
	head column[uint32]
}

// recorded is what is kept of every event.
type recorded struct {
	ids
	kinds    column[uint8] // the kind, and cascades
	first    series        // its first row
	head     sparse        // of the posting lists about it, atomic
	redacted *sparse       // 1 if it is, atomic
}

// cascades is set in the kind of a retraction with Cascade.
const cascades = 1 << 7

func (e *recorded) kind(n uint32) events.Kind { return events.Kind(*e.kinds.at(n) &^ cascades) }
func (e *recorded) hidden(n uint32) bool      { return atomic.LoadUint32(e.redacted.at(n)) != 0 }

func (e *recorded) truncate(n uint32) {
	e.ids.truncate(n)
	e.kinds.n = n
	e.first.truncate(n)
}

// rows are the stretches of events' standing, in the order in which they began: as
// of p an event stands in one if it began by p and is not removed by then.
type rows struct {
	event series
	row   column[row]
}

// row is what is kept of a row. It lies together, as who reads needs all of it.
type row struct {
	about
	removed uint32 // the position at which it ends, 0 if it does not, atomic
}

// about is what a row is about, which depends on the kind of its event.
type about struct {
	// of a statement's reading, those are its words; else a registration or a naming, a
	// verdict, a link, an assessment, the entity that is split, the target of a
	// retraction or redaction.
	what  uint32
	frame uint32 // of a reading
}

// stands reports whether a row that began by a position stands as of it.
func (t *rows) stands(r, position uint32) bool {
	return atomic.LoadUint32(&t.row.at(r).removed)-1 >= position
}

func (t *rows) about(r uint32) about { return t.row.at(r).about }
func (t *rows) what(r uint32) uint32 { return t.row.at(r).what }

func (t *rows) add(event uint32, a about) uint32 {
	t.event.add(event)
	return t.row.add(row{about: a})
}

func (t *rows) truncate(n uint32) {
	t.event.truncate(n)
	t.row.n = n
}

const never = math.MaxUint32

// removal is the end of a row, and the event that brought it about, 0 if that is
// only read anew. What keeps an event from standing may fall and leave it to
// another: then there is one more removal of the same row.
type removal struct{ row, by uint32 }

// manner is how a statement is made: its form in bits 0 to 2, the origin's act
// in bits 3 to 5, and in bit 6 whether its claim has conditions.
type manner uint8

func mannerOf(s *events.Statement) manner {
	m := manner(s.Form)
	if len(s.Voices) > 0 {
		m |= manner(s.Voices[0].Act) << 3
	}
	if len(s.Claim.If) > 0 {
		m |= 1 << 6
	}
	return m
}

func (m manner) form() events.Form { return events.Form(m & 7) }
func (m manner) act() events.Act   { return events.Act(m >> 3 & 7) }
func (m manner) conditional() bool { return m>>6 != 0 }

// held is how a voice holds it: its act in bits 0 to 2, its certainty in bits 3
// to 5 and its polarity in bits 6 and 7.
type held uint8

func heldBy(v *events.Voice) held {
	return held(v.Act) | held(v.Stance.Certainty)<<3 | held(v.Stance.Polarity)<<6
}

func (h held) act() events.Act { return events.Act(h & 7) }
func (h held) stance() events.Stance {
	return events.Stance{Certainty: events.Certainty(h >> 3 & 7), Polarity: events.Polarity(h >> 6)}
}

// registration is a source as one event registers it. Its words are its authors
// and publisher, then the sources it is derived from.
type registration struct {
	source     uint32
	title, url uint32 // literals
	published  uint32
	words      uint32 // the first
	authors    uint16
	derived    uint16
}

// naming is a name of an entity, as one event registers or names it.
type naming struct {
	entity uint32
	name   uint32            // a literal
	source uint32            // of one that names
	kind   events.EntityKind // of one that registers
}

type verdict struct {
	a, b    uint32
	verdict events.Verdict
}

type link struct {
	from, to uint32
	typ      events.LinkType
}

// assessment is a rating of a source, or else of a statement.
type assessment struct {
	source, statement uint32
	scheme, value     uint32
}

// batch is what is kept of every batch.
type batch struct {
	at       int64  // recorded at, nanoseconds, the running maximum
	rows     uint32 // rows before its end
	last     uint32 // events before its end
	entities uint32 // entities before its end
	removals uint32 // removals before its end
}

// key says what a posting list of a thing holds.
const (
	keyRegistered   = iota + 1 // entity, source: rows that register it
	keyNamed                   // entity: its names
	keyVerdict                 // entity: verdicts on it but Same
	keySame                    // entity: verdicts that it is the same as another
	keySplit                   // entity: splits that name it
	keyAuthored                // entity: sources it wrote or published
	keyOccurrence              // entity: statements of claims about it as an occurrence
	keyOrigin                  // entity: statements it is an origin of
	keyOriginFor               // entity: statements an origin made for it
	keyReports                 // entity: statements it speaks in otherwise
	keyReportsFor              // entity: statements made for it otherwise
	keyAddressed               // entity: statements in which a voice speaks to it
	keyNested                  // entity: statements whose nested claims mention it
	keyStatements              // predicate, source: statements
	keyDenials                 // predicate: statements whose origin denies the claim
	keyOfNobody                // predicate: those of them whose claims are about no entity
	keyDerived                 // source: sources derived from it
	keyNamesIn                 // source: names used in it
	keyAssessed                // source, statement: assessments of it
	keyRefers                  // statement: statements that refer to it
	keyReplacers               // statement: statements that replace it
	keyLinkFrom                // statement
	keyLinkTo                  // statement
	keySplitMention            // statement: splits that change how it is read
	keyDeclared                // predicate, scheme: declarations
	keyRemoved                 // event: rows of what it removed, in no order
	keyRows                    // event: its rows after the first
	keyRemovals                // event: removals of it
	keyLiteral                 // literal: rows in which it stands
	keyRedactions              // event 0, which is none: all redactions
	keyRole         = 1 << 8   // entity: fills the role with this number, added to it
)

// moment is a point in the record to look from. What lies at or above its
// limits is not there yet.
type moment struct {
	c        *columns
	position uint32
	rows     uint32
	events   uint32
	entities uint32
	sources  uint32
	symbols  uint32
	lists    uint32
	records  uint32
	verdicts uint32
	literals uint32
	times    uint32
}

// now is the moment after all that has been folded.
func (c *columns) now() moment {
	return moment{
		c: c, position: uint32(max(c.batches.n, 1) - 1), rows: c.rows.row.n, events: c.events.id.n,
		entities: c.entities.id.n, sources: c.sources.id.n, symbols: c.symbols.name.n, lists: c.post.lists.n, records: c.records.n,
		verdicts: c.verdicts.n, literals: c.literals.hash.n, times: c.times.time.n,
	}
}

// asOf moves a moment back to a position.
func (m *moment) asOf(p uint32) {
	if p < m.position {
		m.position = p
		m.rows = m.c.batches.at(p).rows
		m.entities = m.c.batches.at(p).entities
	}
}

// open walks one list of a thing whose lists begin at head.
func (m *moment) open(head *uint32, key uint32) cursor {
	return m.c.post.open(m.c.post.find(atomic.LoadUint32(head), key, m.lists), 0, m)
}

// rowsIn yields the rows of one list of a thing whose lists begin at head, those that stand
// as of the moment. What is walked often uses open, which takes no memory.
func (m *moment) rowsIn(head *uint32, key uint32) iter.Seq[uint32] {
	return func(yield func(row uint32) bool) {
		cur := m.open(head, key)
		for r := cur.next(); r != 0 && yield(r); r = cur.next() {
		}
	}
}

// listsOf yields each list of a thing and its number.
func (m *moment) listsOf(head *uint32) iter.Seq2[uint32, *list] {
	return func(yield func(n uint32, l *list) bool) {
		for n := atomic.LoadUint32(head); n != 0 && n < m.lists; {
			l := m.c.post.lists.at(n)
			if !yield(n, l) {
				return
			}
			n = atomic.LoadUint32(&l.next)
		}
	}
}

// positionOf returns the position of the batch that recorded an event.
func (m *moment) positionOf(event uint32) uint32 {
	return uint32(sort.Search(int(m.position+1), func(p int) bool { return m.c.batches.at(uint32(p)).last > event }))
}

// recorderOf returns who recorded an event, a symbol.
func (m *moment) recorderOf(event uint32) uint32 { return *m.c.recorders.at(m.positionOf(event)) }

// beginOf returns the position at which a row begins.
func (m *moment) beginOf(row uint32) uint32 {
	return uint32(sort.Search(int(m.position+1), func(p int) bool { return m.c.batches.at(uint32(p)).rows > row }))
}

// aboutOf returns what an event is about, as it was recorded.
func (c *columns) aboutOf(event uint32) about { return c.rows.about(c.events.first.at(event)) }

// whatOf returns what that is without a frame.
func (c *columns) whatOf(event uint32) uint32 { return c.aboutOf(event).what }

// kindOf returns the kind of a row's event.
func (c *columns) kindOf(row uint32) events.Kind { return c.events.kind(c.rows.event.at(row)) }

// readingOf returns how a row of a statement has it read.
func (c *columns) readingOf(row uint32) reading { return c.reading(c.rows.about(row)) }

// rowOf returns the row in which an event stands as of the moment, 0 if it does
// not.
func (m *moment) rowOf(event uint32) (found uint32) {
	standing := func(r uint32) bool {
		if r < m.rows && m.c.rows.stands(r, m.position) {
			found = r
		}
		return found == 0
	}
	if standing(m.c.events.first.at(event)) {
		m.c.post.raw(m.c.post.find(atomic.LoadUint32(m.c.events.head.at(event)), keyRows, m.lists), m.rows, standing)
	}
	return found
}

// eventsIn returns the events that stand in a list of a thing, as they were
// recorded.
func (m *moment) eventsIn(head *uint32, key uint32) (found []uint32) {
	for r := range m.rowsIn(head, key) {
		found = append(found, m.c.rows.event.at(r))
	}
	slices.Sort(found)
	return found
}

// symbols number the names of predicates, roles, schemes and recorders and the values of
// ratings, from 1.
type symbols struct {
	name  column[string]
	head  column[uint32]
	index index
}

func (s *symbols) hash(n uint32) uint64 { return maphash.String(seed, *s.name.at(n)) }

func (s *symbols) find(name string, limit uint32) uint32 {
	n, _ := s.index.find(maphash.String(seed, name), limit, func(n uint32) bool { return *s.name.at(n) == name })
	return n
}

func (s *symbols) number(name string) uint32 {
	if name == "" { // of what has been erased
		return 0
	}
	if n := s.find(name, s.name.n); n != 0 {
		return n
	}
	n := s.name.add(name)
	s.head.add(0)
	s.index.add(n, s.hash)
	return n
}

func (s *symbols) truncate(n uint32) {
	for s.name.n > n {
		s.name.n--
		s.head.n--
		s.index.remove(s.name.n, s.hash(s.name.n))
	}
}

// symbolsOf returns the numbers of those names that there are.
func (m *moment) symbolsOf(names []string) map[uint32]bool {
	found := make(map[uint32]bool, len(names))
	for _, name := range names {
		if n := m.c.symbols.find(name, m.symbols); n != 0 {
			found[n] = true
		}
	}
	return found
}

// number returns the number of the thing with this id, numbering it if need be.
func (t *things) number(id uuid.UUID) uint32 {
	if id == uuid.Nil {
		return 0
	}
	if n := t.find(id, t.id.n); n != 0 {
		return n
	}
	t.head.add(0)
	return t.add(id)
}

func (t *things) truncate(n uint32) {
	t.ids.truncate(n)
	t.head.n = n
}
