package query

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// compareStatements finds the statements that came, went or are read otherwise.
func (d *differ) compareStatements(ctx context.Context) error {
	old, now, err := d.candidates(ctx)
	if err != nil {
		return err
	}
	for len(old) > 0 || len(now) > 0 {
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

// candidates returns the statements that each view shows and the pattern names there, less
// some that both do.
func (d *differ) candidates(ctx context.Context) (old, now recorded, err error) {
	if d.narrow || d.everywhere() {
		if old, err = inOrder(ctx, d.before.Statements(d.p)); err != nil {
			return nil, nil, err
		}
		if now, err = inOrder(ctx, d.after.Statements(d.p)); err != nil {
			return nil, nil, err
		}
	} else {
		for _, id := range d.statements {
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
			if s, ok := d.named(d.before, id); ok {
				old = append(old, rank(s))
			}
			if s, ok := d.named(d.after, id); ok {
				now = append(now, rank(s))
			}
		}
	}
	return old, now, nil
}

// everywhere reports whether more statements may differ than those that have
// changed.
func (d *differ) everywhere() bool {
	a, b := d.before.Lens(), d.after.Lens()
	sameBound := func(a, b graph.Bound) bool { return a.Time.Equal(b.Time) && a.Possibly == b.Possibly }
	if !sameBound(a.SaidBy, b.SaidBy) || !sameBound(a.PublishedBy, b.PublishedBy) || !sameBound(a.Valid, b.Valid) ||
		!slices.Equal(a.According, b.According) || a.Least != b.Least || !slices.EqualFunc(a.Rated, b.Rated, samePolicy) {
		return true
	}
	dated := !a.SaidBy.Time.IsZero() || !a.PublishedBy.Time.IsZero()
	return len(d.verdicts) > 0 || dated && d.revised || len(a.Rated) > 0 && d.rated
}

func samePolicy(a, b graph.Rating) bool {
	return a.Required == b.Required && a.Scheme.Name == b.Scheme.Name && slices.Equal(a.Scheme.Values, b.Scheme.Values) && slices.Equal(a.By, b.By)
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
	for _, id := range eachOnce(d.entities) {
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
	for _, id := range eachOnce(d.sources) {
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
