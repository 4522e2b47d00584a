package graph

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// fold takes events into columns. What it has taken in since a mark can be
// taken back, until that is committed. It must not be used from several goroutines at once.
type fold struct {
	c        *columns
	position uint32 // of the batch being folded

	// load reads an event back from the record, with ctx: that of whoever the work in hand
	// is done for. It is kept here because the checks of package events ask for events
	// through a State, which has no contexts. What fails halfway is rolled back.
	load  func(ctx context.Context, event uint32) (*events.Event, error)
	ctx   context.Context
	fresh newcomers

	// What is rare is kept in maps, for folding only.
	replaces     map[uint32]uint32 // statement: the one it replaces
	splits       map[uint32][]uint32
	split        map[uint32]*events.EntitySplit
	declarations map[uint32]*events.VocabularyDeclared
	redacted     map[uint32]bool
	erased       map[uint32]bool              // what could not be read because its key is destroyed
	lost         map[uint32]bool              // of these, what the record does not say has been redacted
	predicates   map[string]*events.Predicate // cache
	clusters     map[uint32]*cluster          // cache, by member
	retraction   *events.Event                // cache: the one that an error has named last
	judgements   int                          // verdicts that have come to stand or fallen, ever

	// failed is why the record could not be read for a check.
	failed error

	unknown bool // the event in hand refers to what is not there, or is of another kind
	moved   int  // entries of lists that the batch in hand has added, closed or walked over
	limit   int  // how many it may
	most    int  // how many one may that is recorded

	journal journal
	// unlisted are rows of statements that stand and are in no list yet, in order; unhurried
	// is set while those of the batch in hand may wait. They wait until their record is being
	// stored, when a processor has little to do.
	unlisted  []uint32
	unhurried bool

	hide    []uint32        // redacted by what is not in the record yet
	hidden  int             // redacted before
	touched map[uint32]bool // lists that have lost rows in the record in hand
	seen    []uint32        // scratch
}

// makeFold returns a fold into columns that have been loaded.
func makeFold(c *columns) *fold {
	return &fold{
		c: c, most: events.MaxMoved, replaces: map[uint32]uint32{}, splits: map[uint32][]uint32{},
		split: map[uint32]*events.EntitySplit{}, declarations: map[uint32]*events.VocabularyDeclared{},
		redacted: map[uint32]bool{}, erased: map[uint32]bool{}, lost: map[uint32]bool{}, predicates: map[string]*events.Predicate{},
		clusters: map[uint32]*cluster{}, touched: map[uint32]bool{},
	}
}

// newFold returns a fold into new columns.
func newFold(c *columns) *fold {
	f := makeFold(c)
	c.post.slack = slack
	var key [16]byte // so that nobody can choose texts that collide
	rand.Read(key[:])
	c.literals.key = [2]uint64{binary.LittleEndian.Uint64(key[:]), binary.LittleEndian.Uint64(key[8:])}
	// Number 0 is none of everything.
	c.symbols.name.add("")
	c.symbols.head.add(0)
	c.entities.id.add(uuid.Nil)
	c.entities.head.add(0)
	c.sources.id.add(uuid.Nil)
	c.sources.head.add(0)
	c.times.time.add(timeInfo{})
	c.literals.hash.add([2]uint64{})
	c.literals.head.add(0)
	c.namings.add(naming{})
	c.frames.frame.add(frame{})
	c.words.add(0)
	c.registered.add(registration{})
	c.verdicts.add(verdict{})
	c.links.add(link{})
	c.assessed.add(assessment{})
	c.post.lists.add(list{})
	c.events.id.add(uuid.Nil)
	c.events.kinds.add(0)
	c.events.first.add(c.rows.add(0, about{}))
	c.batches.add(batch{at: math.MinInt64, rows: c.rows.row.n, last: c.events.id.n, entities: c.entities.id.n, removals: c.removals.n})
	c.recorders.add(0)
	c.records.add(0)
	return f
}

// here is the moment of the work in hand.
func (f *fold) here() moment {
	f.listAll()
	return f.hereUnlisted()
}

// hereUnlisted is here for who reads no lists that statements enter, which need not be up to
// date.
func (f *fold) hereUnlisted() moment {
	m := f.c.now()
	m.position = f.position
	return m
}

// seal ends a record: lists that are due get their checkpoints. It returns what commit
// makes final.
func (f *fold) seal() sealed {
	p, m := &f.c.post, f.here()
	for n := range f.touched {
		if n >= m.lists {
			continue
		}
		if k := p.settle(n, &m); k != 0 {
			f.set(p.mark.to(n), k)
		}
	}
	clear(f.touched)
	return sealed{m, f.journal.end(), f.hidden + len(f.hide)}
}

// sealed is the end of a record that has been folded.
type sealed struct {
	moment
	undo, hide int // by number
}

// commit makes final what has been folded up to the end of a record: it is stored.
// What has been folded since can still be taken back.
func (f *fold) commit(s sealed) {
	n := s.hide - f.hidden
	for _, e := range f.hide[:n] {
		atomic.StoreUint32(f.c.events.redacted.to(e), 1)
	}
	if n > 0 {
		f.c.redactions.Add(1)
	}
	f.hide, f.hidden = append(f.hide[:0], f.hide[n:]...), s.hide
	f.journal.forget(s.undo)
	f.fresh.forget(s.events)
}

// begin starts a batch that may move as much as the limit.
func (f *fold) begin(limit int) {
	f.position, f.moved, f.limit, f.unhurried = f.c.batches.n, 0, limit, false
	if len(f.clusters) > keptClusters {
		f.clusters = map[uint32]*cluster{}
	}
}

// end ends a batch that somebody recorded at a time, in nanoseconds.
func (f *fold) end(at int64, recorder string) {
	at = max(at, f.c.batches.at(f.position-1).at)
	f.c.batches.add(batch{
		at: at, rows: f.c.rows.row.n, last: f.c.events.id.n, entities: f.c.entities.id.n, removals: f.c.removals.n,
	})
	f.c.recorders.add(f.c.symbols.number(recorder))
}

// event takes in one event. If check is set, what it restores is checked first. An event
// that refers to what is not there, or is of another kind, is refused without having been
// checked: it costs nothing, since all that an event refers to is looked up.
func (f *fold) event(e *events.Event, check bool) error {
	c := f.c
	n := c.events.id.n // its number to be, so that it does not find itself
	kind := uint8(e.Kind())
	if f.unknown = false; f.earlier(e.ID) != 0 {
		return &events.Error{Index: -1, Statement: -1, ID: e.ID, Kind: e.Kind(), Field: "ID", Value: e.ID, Problem: "is the id of an earlier event", Want: "an id of its own"}
	}
	var a about
	switch b := e.Body.(type) {
	case *events.SourceAdded:
		a.what = f.register(&b.Source)
	case *events.EntityRegistered:
		a.what = c.namings.add(naming{
			entity: c.entities.number(b.Entity.ID), name: c.literals.number(events.TextValue, b.Entity.Name.Text, ""), kind: b.Entity.Kind})
	case *events.EntityNamed:
		a.what = c.namings.add(naming{
			entity: f.entityIn(b.Entity), name: c.literals.number(events.TextValue, b.Name.Text, ""), source: f.sourceIn(b.Source)})
	case *events.IdentityJudged:
		a.what = c.verdicts.add(verdict{f.entityIn(b.A), f.entityIn(b.B), b.Verdict})
	case *events.EntitySplit:
		a.what = f.entityIn(b.Entity)
		f.split[n] = b
		f.addSplit(n, b)
	case *events.StatementRecorded:
		a = f.read(&b.Statement)
		if t := f.statementIn(b.Statement.Replaces); t != 0 {
			f.replaces[n] = t
		}
	case *events.StatementsLinked:
		a.what = c.links.add(link{f.statementIn(b.From), f.statementIn(b.To), b.Link})
	case *events.Assessed:
		a.what = c.assessed.add(assessment{
			f.sourceIn(b.Source), f.statementIn(b.Statement), c.symbols.number(b.Scheme), c.symbols.number(b.Value)})
	case *events.Retracted:
		a.what = f.eventIn(b.Event, events.KindRedacted)
		if b.Cascade {
			kind |= cascades
		}
	case *events.Redacted:
		a.what = f.eventIn(b.Event, structure...)
		if t := a.what; t != 0 && !f.redacted[t] {
			f.redacted[t] = true
			f.hide = append(f.hide, t)
			was := f.lost[t]
			delete(f.lost, t)
			f.journal.add(undo{back: func() {
				delete(f.redacted, t)
				if was {
					f.lost[t] = true
				}
			}})
		}
	case *events.VocabularyDeclared:
		f.declarations[n] = b
	}
	if f.unknown {
		return f.refused(e)
	}
	c.events.add(e.ID)
	c.events.kinds.add(kind)
	f.fresh.add(n, e)
	f.open(n, a)
	err := cmp.Or(f.takeEffect(n, check), f.room())
	if errors.Is(err, errMoved) {
		return &events.Error{Index: -1, Statement: -1, ID: e.ID, Kind: e.Kind(),
			Problem: "makes the batch remove, restore, read anew and compare what has too many entries in the graph's lists",
			Want:    fmt.Sprintf("at most %d; record it in several batches, or first retract some of what rests on it", f.limit)}
	}
	return err
}

// earlier returns the number of an event that has been folded, 0 if there is none.
func (f *fold) earlier(id uuid.UUID) uint32 { return f.c.events.find(id, f.c.events.id.n) }

// entityIn, sourceIn, statementIn and eventIn return the number of what an event refers
// to, 0 if it refers to none, and note if that is not there.

func (f *fold) entityIn(id uuid.UUID) uint32 {
	if id == uuid.Nil {
		return 0
	}
	n := f.entity(id)
	f.unknown = f.unknown || n == 0
	return n
}

func (f *fold) sourceIn(id uuid.UUID) uint32 {
	if id == uuid.Nil {
		return 0
	}
	n := f.c.sources.find(id, f.c.sources.id.n)
	f.unknown = f.unknown || n == 0
	return n
}

func (f *fold) statementIn(id uuid.UUID) uint32 {
	if id == uuid.Nil {
		return 0
	}
	n := f.earlier(id)
	f.unknown = f.unknown || n == 0 || f.c.events.kind(n) != events.KindStatementRecorded
	return n
}

func (f *fold) eventIn(id uuid.UUID, not ...events.Kind) uint32 {
	n := f.earlier(id)
	f.unknown = f.unknown || n == 0 || slices.Contains(not, f.c.events.kind(n))
	return n
}

// structure are the kinds of event that cannot be redacted.
var structure = []events.Kind{events.KindIdentityJudged, events.KindEntitySplit, events.KindRetracted, events.KindRedacted, events.KindVocabularyDeclared}

// refused says what an event refers to that is not there. That could not have been
// recorded.
func (f *fold) refused(e *events.Event) error {
	if !f.erased[f.c.events.id.n] { // what remains of an event cannot be checked
		if err := events.Check(e, f); err != nil {
			return err
		}
	}
	return &events.Error{Index: -1, Statement: -1, ID: e.ID, Kind: e.Kind(), Problem: "refers to what is not there, or is of another kind"}
}

// errMoved says that a batch moves too much.
var errMoved = errors.New("the batch moves too much")

// room is asked before something is moved.
func (f *fold) room() error {
	if f.moved > f.limit {
		return errMoved
	}
	return nil
}

// erase notes that the event folded next has been erased.
func (f *fold) erase() {
	n := f.c.events.id.n
	f.erased[n], f.lost[n] = true, true
	f.hide = append(f.hide, n)
	f.journal.add(undo{back: func() {
		delete(f.erased, n)
		delete(f.lost, n)
	}})
}

// register keeps what matters of a source.
func (f *fold) register(s *events.Source) uint32 {
	c := f.c
	r := registration{
		source: c.sources.number(s.ID),
		title:  c.literals.number(events.TextValue, s.Title, ""), url: c.literals.number(events.TextValue, s.URL, ""),
		published: c.times.number(s.Published), words: c.words.n,
	}
	for _, a := range s.Authors {
		c.words.add(f.entityIn(a))
		r.authors++
	}
	if s.Publisher != uuid.Nil {
		c.words.add(f.entityIn(s.Publisher))
		r.authors++
	}
	for _, d := range s.DerivedFrom {
		c.words.add(f.sourceIn(d))
		r.derived++
	}
	return c.registered.add(r)
}

// read keeps what matters of a statement.
func (f *fold) read(s *events.Statement) about {
	c := f.c
	before := c.words.n - 1
	place := func() uint32 { return c.words.n - before }
	word := func(n uint32) (at uint32) {
		if n == 0 {
			return 0
		}
		return c.words.add(n) - before
	}
	r := frame{
		predicate: c.symbols.number(s.Claim.Predicate), manner: mannerOf(s),
		slots: c.frames.slots.n, nvoices: uint8(len(s.Voices)), voices: c.frames.voices.n,
		sourceAt:     uint8(word(f.sourceIn(s.Source))),
		whenAt:       uint8(word(c.times.number(s.Claim.When.Time))),
		occurrenceAt: uint8(word(f.entityIn(s.Claim.Occurrence))),
		refsAt:       uint8(place()),
	}
	if len(s.Voices) > 0 {
		r.stance = s.Voices[0].Stance
	}
	nested := f.args(&s.Claim)
	r.nargs, r.nnested = uint16(c.frames.slots.n-r.slots), uint16(len(nested))
	for _, e := range nested {
		c.words.add(e)
	}
	for i := range s.Voices {
		v := &s.Voices[i]
		said := word(c.times.number(v.Said.Time)) != 0
		c.frames.voices.add(voice{
			partiesAt: place(), said: said,
			speakers: uint8(len(v.Speakers)), fors: uint8(len(v.For)), to: uint8(len(v.To)), held: heldBy(v),
		})
		for _, ps := range [...][]events.Party{v.Speakers, v.For, v.To} {
			for _, p := range ps {
				c.words.add(f.entityIn(p.Entity))
			}
		}
	}
	return about{before, c.frames.number(r)}
}

// args keeps the arguments of a claim and returns the entities that are nested in
// it.
func (f *fold) args(claim *events.Claim) (nested []uint32) {
	c := f.c
	for i := range claim.Args {
		a := &claim.Args[i]
		role, ref := c.symbols.number(a.Role), uint32(0)
		switch a.Value.Kind {
		case events.EntityValue:
			ref = f.entityIn(a.Value.ID)
		case events.StatementValue:
			ref = f.statementIn(a.Value.ID)
		case events.TimeValue:
			ref = c.times.number(a.Value.Time)
		case events.TextValue, events.NumberValue:
			ref = c.literals.number(a.Value.Kind, a.Value.Text, a.Value.Language)
		}
		f.arg(role, a.Value.Kind, ref)
		if a.Value.Unit != "" {
			f.arg(role, unitOf, c.literals.number(events.TextValue, a.Value.Unit, ""))
		}
	}
	for i := range claim.Args {
		if a := &claim.Args[i]; a.Value.Kind == events.ClaimValue {
			nested = f.nested(a.Value.Claim, nested)
		}
	}
	for i := range claim.If {
		nested = f.nested(&claim.If[i].Claim, nested)
	}
	return nested
}

func (f *fold) arg(role uint32, kind events.ValueKind, ref uint32) {
	f.c.frames.slots.add(slot{role, kind})
	f.c.words.add(ref)
}

// nested collects the entities of a nested claim. A statement that it refers to
// becomes an argument without a role.
func (f *fold) nested(claim *events.Claim, to []uint32) []uint32 {
	if claim == nil { // only in what remains of an event, which is not checked
		f.unknown = true
		return to
	}
	if claim.Occurrence != uuid.Nil {
		to = append(to, f.entityIn(claim.Occurrence))
	}
	for i := range claim.Args {
		switch v := &claim.Args[i].Value; v.Kind {
		case events.EntityValue:
			to = append(to, f.entityIn(v.ID))
		case events.StatementValue:
			f.arg(0, v.Kind, f.statementIn(v.ID))
		case events.ClaimValue:
			to = f.nested(v.Claim, to)
		}
	}
	for i := range claim.If {
		to = f.nested(&claim.If[i].Claim, to)
	}
	return to
}
