package query

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// Changed is what two views of a graph, before and after, show differently.
type Changed struct {
	Came     []*StatementChange // after shows it, before does not
	Went     []*StatementChange // before shows it, after does not
	ReadAnew []*Rereading       // both show it, and read it otherwise

	Joined []*IdentityChange // one entity after, several before
	Parted []*IdentityChange // one entity before, several after

	Names       []*NameChange
	Sources     []*SourceChange
	Links       []*EventChange // events.StatementsLinked
	Assessments []*EventChange // events.Assessed

	// Redacted are the events of which no more may be told.
	Redacted []uuid.UUID
}

// StatementChange is a statement as the one view shows it, and why the other
// does not.
type StatementChange struct {
	*graph.Reading
	Missing
}

// Rereading is a statement as each view reads it, and the splits
// (events.EntitySplit) by which that differs.
type Rereading struct {
	Before, After *graph.Reading
	Splits        []*EventChange
}

// IdentityChange is an entity of one view that is several in the other.
type IdentityChange struct {
	Entity   uuid.UUID      // canonical where it is one
	Parts    []uuid.UUID    // canonical where they are several, ascending
	Verdicts []*EventChange // events.IdentityJudged: what holds it together in the one view only
}

// NameChange is a name that one view has for an entity and the other has not.
type NameChange struct {
	graph.NameUse
	Came bool // it is after that has it
	Missing
}

// SourceChange is a source as each view has it, nil where it has none, and the
// registrations (events.SourceAdded) that stand in one of them only.
type SourceChange struct {
	ID            uuid.UUID
	Before, After *events.Source
	Registrations []*EventChange
}

// EventChange is an event that stands in one view and not in the other.
type EventChange struct {
	*events.Event
	Came bool // it is after that it stands in
	Missing
}

// Missing is why a view does not show what another shows.
type Missing struct {
	Why Why
	// By is the retraction, or the statement in its place, for which it does not
	// stand there. It has no body if it is redacted.
	By     *events.Event
	Reason string // of the retraction
}

// Why is the reason for which a view does not show something.
type Why uint8

// The reasons.
const (
	NotRecorded    Why = iota // it was recorded later
	WasRetracted              // by Missing.By
	WasReplaced               // by Missing.By
	ReadsOtherwise            // it stands there, but a split has it read otherwise
	OutOfView                 // it stands there and reads the same; see the package comment
)

func (w Why) String() string {
	switch w {
	case NotRecorded:
		return "not recorded"
	case WasRetracted:
		return "retracted"
	case WasReplaced:
		return "replaced"
	case ReadsOtherwise:
		return "reads otherwise"
	case OutOfView:
		return "out of view"
	default:
		return fmt.Sprintf("Why(%d)", uint8(w))
	}
}

// Changes returns what two views of one graph show differently, of what a
// pattern concerns: usually the same lens at two positions, but any two views
// will do. The package comment defines each group. Without a difference all are
// empty. Views of different graphs are an error.
//
// It costs in proportion to what was recorded between the two positions, which
// it reads, statements aside, and to the answer. Only where the filters of the
// views differ, where entities were judged the same or no more, or where sources
// changed and the filters ask for dates, it also walks the pattern's lists in both
// views, and keeps a few words for each statement.
func Changes(ctx context.Context, before, after graph.View, p graph.Pattern) (*Changed, error) {
	if before.Graph() != after.Graph() || before.Graph() == nil {
		return nil, errors.New("query: changes: the two views are not of one graph")
	}
	d := &differ{before: before, after: after, p: p, every: namesAll(p), Changed: new(Changed)}
	if err := d.compare(ctx); err != nil {
		return nil, fmt.Errorf("query: changes from position %d to %d: %w", before.Position(), after.Position(), err)
	}
	return d.Changed, nil
}

// differ compares two views.
type differ struct {
	before, after graph.View
	p             graph.Pattern
	every         bool // the pattern concerns everything

	// What has changed between the positions.
	statements []uuid.UUID
	verdicts   []*EventChange // Same
	splits     []*EventChange
	entities   []uuid.UUID        // those registered or named
	naming     map[uuid.UUID]bool // the events that do so and stand in one view only
	sources    []uuid.UUID
	registered map[uuid.UUID][]*EventChange // by source
	hidden     []uuid.UUID                  // redacted in between

	*Changed
}

func (d *differ) compare(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		d.sortEvents, d.compareStatements, d.compareNames, d.compareSources,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	d.Joined = d.identities(d.after, d.before, true)
	d.Parted = d.identities(d.before, d.after, false)
	// Last, so that what is redacted meanwhile is there.
	for c := range d.changes() {
		if c.Redacted && c.Stood != c.Stands {
			d.Redacted = append(d.Redacted, c.Event)
		}
	}
	d.Redacted = distinct(append(d.Redacted, d.hidden...))
	return nil
}

// sortEvents puts what has changed where it belongs.
func (d *differ) sortEvents(ctx context.Context) error {
	d.naming = make(map[uuid.UUID]bool)
	d.registered = make(map[uuid.UUID][]*EventChange)
	for c := range d.changes() {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch {
		case c.Kind == events.KindStatementRecorded:
			d.statements = append(d.statements, c.Event)
			continue
		case c.Stood == c.Stands, c.Kind == events.KindRetracted, c.Kind == events.KindVocabularyDeclared:
			continue
		}
		e, err := d.eventChange(ctx, c)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err != nil {
			return err
		}
		switch body := e.Body.(type) {
		case *events.Redacted:
			d.hidden = append(d.hidden, body.Event)
		case *events.IdentityJudged:
			if body.Verdict == events.Same {
				d.verdicts = append(d.verdicts, e)
			}
		case *events.EntitySplit:
			d.splits = append(d.splits, e)
		case *events.EntityRegistered:
			d.entities, d.naming[e.ID] = append(d.entities, body.Entity.ID), true
		case *events.EntityNamed:
			d.entities, d.naming[e.ID] = append(d.entities, body.Entity), true
		case *events.SourceAdded:
			id := body.Source.ID
			d.sources = append(d.sources, id)
			d.registered[id] = append(d.registered[id], e)
		case *events.StatementsLinked:
			if d.concernsStatement(body.From) || d.concernsStatement(body.To) {
				d.Links = append(d.Links, e)
			}
		case *events.Assessed:
			if d.concernsSource(body.Source) || d.concernsStatement(body.Statement) {
				d.Assessments = append(d.Assessments, e)
			}
		}
	}
	return nil
}

// changes returns what has changed from before to after, or back.
func (d *differ) changes() iter.Seq[graph.Change] {
	if d.before.Position() <= d.after.Position() {
		return d.after.Changes(d.before.Position())
	}
	return func(yield func(graph.Change) bool) {
		for c := range d.before.Changes(d.after.Position()) {
			c.Stood, c.Stands = c.Stands, c.Stood
			if !yield(c) {
				return
			}
		}
	}
}

func (d *differ) eventChange(ctx context.Context, c graph.Change) (*EventChange, error) {
	has, other := d.before, d.after
	if c.Stands {
		has, other = d.after, d.before
	}
	e, err := has.Event(ctx, c.Event)
	if err != nil {
		return nil, err
	}
	why, err := missing(ctx, other, c.Event)
	return &EventChange{e, c.Stands, why}, err
}

// missing returns why an event does not stand in a view.
func missing(ctx context.Context, v graph.View, event uuid.UUID) (Missing, error) {
	id, removed := v.RemovedBy(event)
	if !removed {
		return Missing{Why: NotRecorded}, nil
	}
	by, err := v.Event(ctx, id)
	if errors.Is(err, graph.ErrRedacted) {
		return Missing{Why: WasReplaced, By: &events.Event{ID: id}}, nil
	}
	if err != nil {
		return Missing{}, err
	}
	if r, ok := by.Body.(*events.Retracted); ok {
		return Missing{WasRetracted, by, r.Reason}, nil
	}
	return Missing{Why: WasReplaced, By: by}, nil
}

// compareStatements finds the statements that came, went or are read otherwise.
func (d *differ) compareStatements(ctx context.Context) error {
	var old, now recorded
	if d.everywhere() {
		old, now = inOrder(d.before.Statements(d.p)), inOrder(d.after.Statements(d.p))
	} else {
		for _, id := range d.statements {
			if err := ctx.Err(); err != nil {
				return err
			}
			if s, ok := d.named(d.before, id); ok {
				old = append(old, rank(s))
			}
			if s, ok := d.named(d.after, id); ok {
				now = append(now, rank(s))
			}
		}
	}
	for len(old) > 0 || len(now) > 0 {
		var err error
		order := 0
		switch {
		case len(old) == 0:
			order = 1
		case len(now) == 0:
			order = -1
		default:
			order = old[0].compare(now[0])
		}
		switch {
		case order < 0:
			err = d.only(ctx, old[0], d.after, &d.Went)
		case order > 0:
			err = d.only(ctx, now[0], d.before, &d.Came)
		default:
			err = d.both(ctx, old[0], now[0])
		}
		if err != nil {
			return err
		}
		if order <= 0 {
			old = old[1:]
		}
		if order >= 0 {
			now = now[1:]
		}
	}
	return nil
}

// everywhere reports whether more statements may differ than those that have
// changed.
func (d *differ) everywhere() bool {
	a, b := d.before.Lens(), d.after.Lens()
	sameBound := func(a, b graph.Bound) bool { return a.Time.Equal(b.Time) && a.Possibly == b.Possibly }
	if !sameBound(a.SaidBy, b.SaidBy) || !sameBound(a.PublishedBy, b.PublishedBy) || !sameBound(a.Valid, b.Valid) ||
		!slices.Equal(a.According, b.According) || a.Least != b.Least {
		return true
	}
	dated := !a.SaidBy.Time.IsZero() || !a.PublishedBy.Time.IsZero()
	return len(d.verdicts) > 0 || dated && len(d.sources) > 0
}

// only answers with a statement that the other view does not show.
func (d *differ) only(ctx context.Context, s ranked, other graph.View, list *[]*StatementChange) error {
	r, err := read(ctx, s.Statement)
	if err == nil {
		var why Missing
		if why, err = missingStatement(ctx, s.Statement, r, other); err == nil {
			*list = append(*list, &StatementChange{r, why})
		}
	}
	return unlessRedacted(err)
}

func missingStatement(ctx context.Context, s graph.Statement, r *graph.Reading, other graph.View) (Missing, error) {
	if s.Shows(other.Unfiltered()) {
		return Missing{Why: OutOfView}, nil
	}
	there, err := other.Statement(r.ID)
	if errors.Is(err, graph.ErrNotInView) {
		return missing(ctx, other, r.ID)
	}
	if err != nil {
		return Missing{}, err
	}
	t, err := read(ctx, there)
	if err != nil {
		return Missing{}, err
	}
	same, err := saysSame(r, t)
	if same {
		return Missing{Why: OutOfView}, err
	}
	return Missing{Why: ReadsOtherwise}, err
}

// both answers with a statement that both views show, if they read it otherwise.
func (d *differ) both(ctx context.Context, old, now ranked) error {
	if now.Shows(d.before) {
		return nil
	}
	b, err := read(ctx, old.Statement)
	if err != nil {
		return unlessRedacted(err)
	}
	a, err := read(ctx, now.Statement)
	if err != nil {
		return unlessRedacted(err)
	}
	if same, err := saysSame(b, a); same || err != nil {
		return err
	}
	r := &Rereading{Before: b, After: a}
	for _, s := range d.splits {
		if mentions(s.Body.(*events.EntitySplit), old.id) {
			r.Splits = append(r.Splits, s)
		}
	}
	d.ReadAnew = append(d.ReadAnew, r)
	return nil
}

// unlessRedacted leaves out what is redacted meanwhile.
func unlessRedacted(err error) error {
	if errors.Is(err, graph.ErrRedacted) {
		return nil
	}
	return err
}

// saysSame reports whether two readings of one statement say the same.
func saysSame(a, b *graph.Reading) (bool, error) {
	x, err := events.EncodeBody(&events.StatementRecorded{Statement: a.Statement})
	if err != nil {
		return false, err
	}
	y, err := events.EncodeBody(&events.StatementRecorded{Statement: b.Statement})
	return bytes.Equal(x, y), err
}

func mentions(split *events.EntitySplit, statement uuid.UUID) bool {
	return slices.ContainsFunc(split.Parts, func(p events.SplitPart) bool {
		return slices.ContainsFunc(p.Mentions, func(m events.Mention) bool { return m.Statement == statement })
	})
}

// identities returns the entities that are one in a view and several in the
// other, because of verdicts that came or went.
func (d *differ) identities(one, several graph.View, came bool) (found []*IdentityChange) {
	at := make(map[uuid.UUID]*IdentityChange)
	for _, e := range d.verdicts {
		if e.Came != came {
			continue
		}
		cluster := one.Cluster(e.Body.(*events.IdentityJudged).A)
		x := at[cluster[0]]
		if x == nil {
			x = &IdentityChange{Entity: cluster[0]}
			at[x.Entity] = x
			for _, member := range cluster {
				x.Parts = append(x.Parts, several.Canonical(member))
			}
			slices.SortFunc(x.Parts, compareIDs)
			x.Parts = slices.Compact(x.Parts)
			if len(x.Parts) > 1 && slices.ContainsFunc(cluster, d.concernsEntity) {
				found = append(found, x)
			}
		}
		x.Verdicts = append(x.Verdicts, e)
	}
	return found
}

func (d *differ) compareNames(ctx context.Context) error {
	for _, id := range distinct(d.entities) {
		if !d.concernsEntity(id) {
			continue
		}
		was, err := namesOf(ctx, d.before, id)
		if err != nil {
			return err
		}
		is, err := namesOf(ctx, d.after, id)
		if err != nil {
			return err
		}
		for _, side := range []struct {
			has, other []graph.NameUse
			view       graph.View // the other
			came       bool
		}{{was, is, d.after, false}, {is, was, d.before, true}} {
			for i, n := range side.has {
				same := func(o graph.NameUse) bool { return o.Name == n.Name && o.Source == n.Source }
				if slices.ContainsFunc(side.other, same) || slices.ContainsFunc(side.has[:i], same) {
					continue
				}
				why := Missing{Why: OutOfView}
				if d.naming[n.Event] {
					if why, err = missing(ctx, side.view, n.Event); err != nil {
						return err
					}
				}
				d.Names = append(d.Names, &NameChange{n, side.came, why})
			}
		}
	}
	return nil
}

// namesOf returns the names in use for one entity, whatever is the same.
func namesOf(ctx context.Context, v graph.View, id uuid.UUID) ([]graph.NameUse, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e, err := v.Entity(ctx, id)
	if errors.Is(err, graph.ErrNotInView) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(e.Names, func(n graph.NameUse) bool { return n.Member != id }), nil
}

func (d *differ) compareSources(ctx context.Context) error {
	source := func(v graph.View, id uuid.UUID) (*events.Source, []byte, error) {
		s, err := v.Source(ctx, id)
		if errors.Is(err, graph.ErrNotInView) || errors.Is(err, graph.ErrRedacted) {
			return nil, nil, nil
		}
		if err != nil {
			return nil, nil, err
		}
		says, err := events.EncodeBody(&events.SourceAdded{Source: *s})
		return s, says, err
	}
	for _, id := range distinct(d.sources) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !d.concernsSource(id) {
			continue
		}
		was, before, err := source(d.before, id)
		if err != nil {
			return err
		}
		is, after, err := source(d.after, id)
		if err != nil {
			return err
		}
		if !bytes.Equal(before, after) {
			d.Sources = append(d.Sources, &SourceChange{id, was, is, d.registered[id]})
		}
	}
	return nil
}

// named returns a statement if a view shows it and the pattern names it there.
func (d *differ) named(v graph.View, id uuid.UUID) (graph.Statement, bool) {
	s, err := v.Statement(id)
	if err != nil || !s.Shows(v) || !s.Matches(d.p) {
		return graph.Statement{}, false
	}
	return s, true
}

// What the pattern concerns is what it does in one of the views.

func (d *differ) concernsStatement(id uuid.UUID) bool {
	if id == uuid.Nil || d.every {
		return id != uuid.Nil
	}
	_, before := d.named(d.before, id)
	_, after := d.named(d.after, id)
	return before || after
}

func (d *differ) concernsSource(id uuid.UUID) bool {
	if id == uuid.Nil || d.every {
		return id != uuid.Nil
	}
	if d.p.Source != uuid.Nil {
		return d.p.Source == id
	}
	p := d.p
	p.Source = id
	return d.eitherShows(p)
}

func (d *differ) concernsEntity(id uuid.UUID) bool {
	if d.every {
		return true
	}
	if named := d.p.Entities(); len(named) > 0 {
		return slices.ContainsFunc(named, func(n uuid.UUID) bool {
			return d.before.Canonical(id) == d.before.Canonical(n) || d.after.Canonical(id) == d.after.Canonical(n)
		})
	}
	p := d.p
	p.Entity = id
	return d.eitherShows(p)
}

func (d *differ) eitherShows(p graph.Pattern) bool {
	for _, v := range []graph.View{d.before, d.after} {
		for range v.Statements(p) {
			return true
		}
	}
	return false
}

// distinct leaves out repetitions of a long list, which it changes.
func distinct(ids []uuid.UUID) []uuid.UUID {
	seen := make(map[uuid.UUID]bool)
	return slices.DeleteFunc(ids, func(id uuid.UUID) bool {
		was := seen[id]
		seen[id] = true
		return was
	})
}

// namesAll reports whether a pattern names all statements.
func namesAll(p graph.Pattern) bool {
	return p.Predicate == "" && p.Entity == uuid.Nil && len(p.Args) == 0 && p.Occurrence == uuid.Nil &&
		p.Origin == uuid.Nil && p.Voice == uuid.Nil && p.Source == uuid.Nil && p.Refers == uuid.Nil &&
		p.Form == 0 && p.During.Time.IsZero()
}
