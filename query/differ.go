package query

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// differ compares two views.
type differ struct {
	before, after graph.View
	p             graph.Pattern
	every         bool // the pattern concerns everything
	narrow        bool // the pattern's lists are shorter than what was recorded in between

	// What has changed between the positions.
	statements []uuid.UUID
	verdicts   []*EventChange // Same
	splits     []*EventChange
	entities   []uuid.UUID        // those registered or named
	naming     map[uuid.UUID]bool // the events that do so and stand in one view only
	sources    []uuid.UUID
	revised    bool                         // some source may have another date of publication
	rated      bool                         // some rating has come or gone
	registered map[uuid.UUID][]*EventChange // by source
	inSource   map[uuid.UUID]bool           // whether either view shows anything of the pattern in a source
	hidden     []uuid.UUID                  // redacted in between

	*Changed
}

func newDiffer(before, after graph.View, p graph.Pattern) *differ {
	d := &differ{before: before, after: after, p: p, every: namesAll(p), Changed: new(Changed)}
	between := after.Extent(graph.Pattern{}) - before.Extent(graph.Pattern{})
	d.narrow = before.Extent(p)+after.Extent(p) < max(between, -between)
	return d
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
	d.Redacted = eachOnce(append(d.Redacted, d.hidden...))
	return nil
}

// sortEvents puts what has changed where it belongs.
func (d *differ) sortEvents(ctx context.Context) error {
	d.inSource = make(map[uuid.UUID]bool)
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
			// What stands in both views is from sources that are registered in both.
			if !d.revised {
				d.revised = len(d.before.Registrations(id)) > 0 && len(d.after.Registrations(id)) > 0
			}
		case *events.StatementsLinked:
			if d.concernsStatement(body.From) || d.concernsStatement(body.To) {
				d.Links = append(d.Links, e)
			}
		case *events.Assessed:
			d.rated = true
			if d.concernsSource(body.Source) || d.concernsStatement(body.Statement) {
				d.Assessments = append(d.Assessments, e)
			}
		}
	}
	return nil
}

// changes returns what has changed from before to after, or back: statements only if the
// pattern is not narrow.
func (d *differ) changes() iter.Seq[graph.Change] {
	between := graph.View.Changes
	if d.narrow {
		between = graph.View.OtherChanges
	}
	if d.before.Position() <= d.after.Position() {
		return between(d.after, d.before.Position())
	}
	return func(yield func(graph.Change) bool) {
		for c := range between(d.before, d.after.Position()) {
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
		return Missing{Why: WasReplaced, By: &events.Event{ID: id, Redacted: events.KindStatementRecorded}}, nil
	}
	if err != nil {
		return Missing{}, err
	}
	if r, ok := by.Body.(*events.Retracted); ok {
		return Missing{WasRetracted, by, r.Reason}, nil
	}
	return Missing{Why: WasReplaced, By: by}, nil
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
	shown, known := d.inSource[id]
	if !known {
		p := d.p
		p.Source = id
		shown = d.eitherShows(p)
		d.inSource[id] = shown
	}
	return shown
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

// namesAll reports whether a pattern names all statements.
func namesAll(p graph.Pattern) bool {
	return p.Predicate == "" && p.Entity == uuid.Nil && len(p.Args) == 0 && p.Occurrence == uuid.Nil &&
		p.Origin == uuid.Nil && p.Voice == uuid.Nil && p.Addressee == uuid.Nil && p.Source == uuid.Nil && p.Refers == uuid.Nil &&
		p.Recorder == "" && p.Form == 0 && p.Polarity == 0 && !p.AboutNobody && p.During.Time.IsZero()
}
