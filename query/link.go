package query

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/enum"
	"github.com/onrecord/onrecord/internal/option"
)

// Side is one end of a link.
type Side struct {
	ID      uuid.UUID      // empty: not known which statement
	Reading *graph.Reading // nil: not known, redacted, or it does not stand
	Shown   bool           // it passes the view's filters
}

// Link is somebody's word that one statement bears on another.
type Link struct {
	Type     events.LinkType
	From, To Side
	// By is the event of the recorder who made the link, or the statement that
	// makes it; Statement is that statement in full, nil for a recorder's link.
	By        uuid.UUID
	Statement *graph.Reading
}

// Links returns where somebody says that one statement bears on another in one of
// these ways, or in any if none is given: one of the two, or the one that says so, is
// named by the pattern. So what was taken back or put right is found: it stands as
// before, since a withdrawal or correction is a link of its own. A type that there is not
// is an error. For each statement that the pattern names it walks the lists of its links
// and of the statements that refer to it; it keeps 48 bytes for each.
func Links(ctx context.Context, v graph.View, p graph.Pattern, types ...events.LinkType) iter.Seq2[*Link, error] {
	return func(yield func(*Link, error) bool) {
		all := option.Range(events.RepliesTo, events.Contrasts)
		if err := option.Among("types", types, all); err != nil {
			yield(nil, fmt.Errorf("query: links: %w", err))
			return
		}
		if len(types) == 0 {
			types = all
		}
		named, err := namedInOrder(ctx, v, p)
		if err != nil {
			yield(nil, err)
			return
		}
		links(ctx, v, named, types)(yield)
	}
}

// Disputes is [Links] that dispute.
func Disputes(ctx context.Context, v graph.View, p graph.Pattern) iter.Seq2[*Link, error] {
	return Links(ctx, v, p, events.Disputes)
}

// takingBack returns the links by which somebody withdraws or corrects one of these
// statements, given in order of recording.
func takingBack(ctx context.Context, v graph.View, rs []*graph.Reading) (found []*Link, err error) {
	types := []events.LinkType{events.Withdraws, events.Corrects}
	var named recorded
	ours := make(map[uuid.UUID]bool, len(rs))
	for _, r := range rs {
		ours[r.ID] = true
		s, err := v.Statement(r.ID)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("query: %w", err)
		}
		if touched(v, s, types) {
			named = append(named, rank(s))
		}
	}
	for l, err := range links(ctx, v, named, types) {
		if err != nil {
			return nil, err
		}
		if ours[l.To.ID] {
			found = append(found, l)
		}
	}
	return found, nil
}

// touched reports whether a statement may be in a link of these types, or make one. It looks
// in memory only: of most statements none is.
func touched(v graph.View, s graph.Statement, types []events.LinkType) bool {
	if t, makes := events.LinkNamed(s.Predicate()); makes && slices.Contains(types, t) {
		return true
	}
	for _, l := range v.Links(s.ID()) {
		if slices.Contains(types, l.Type) {
			return true
		}
	}
	for _, t := range types {
		for range making(v, t, s.ID()) {
			return true
		}
	}
	return false
}

// takers tells by which links statements were taken back. Of those that are in many pairs it
// looks once whether there is any.
type takers struct {
	v   graph.View
	not map[uuid.UUID]bool // statements that nothing takes back
}

// either returns the links by which somebody withdraws or corrects the first of two statements,
// then those by which somebody does the second.
func (t *takers) either(ctx context.Context, first, second *graph.Reading) (found []*Link, err error) {
	for _, r := range []*graph.Reading{first, second} {
		if t.not[r.ID] {
			continue
		}
		own, err := takingBack(ctx, t.v, []*graph.Reading{r})
		if err != nil {
			return nil, err
		}
		if len(own) == 0 {
			t.not[r.ID] = true
		}
		found = append(found, own...)
	}
	return found, nil
}

// Reply is a link by which one statement replies to another.
type Reply struct {
	Link
	Commits Commitment
}

// Commitment is what a reply commits to about the statement it replies to.
type Commitment uint8

// The commitments.
const (
	Nothing  Commitment = iota // neither confirms nor denies: no contradiction
	Confirms                   // the same is held, or a link says so
	Denies                     // they oppose one another, or a link says so
)

var commitmentWords = enum.Of("query", "Commitment", "nothing", "confirms", "denies")

func (c Commitment) String() string { return commitmentWords.Of(uint8(c)) }

// MarshalText returns the word that String prints. A number that is not in use is an error.
func (c Commitment) MarshalText() ([]byte, error) { return commitmentWords.Marshal(uint8(c)) }

// UnmarshalText sets it to what a word stands for, to 0 if text is empty. Another word is an error,
// which names the nearest, and changes nothing.
func (c *Commitment) UnmarshalText(text []byte) error {
	return enum.Unmarshal(commitmentWords, text, c)
}

// Replies returns where somebody says that one statement replies to another, and
// to what the reply commits. The pattern and the cost are as for [Links].
func Replies(ctx context.Context, v graph.View, p graph.Pattern) iter.Seq2[*Reply, error] {
	return func(yield func(*Reply, error) bool) {
		c := newComparer(v)
		for l, err := range Links(ctx, v, p, events.RepliesTo) {
			reply := &Reply{}
			if err == nil {
				reply.Link = *l
				reply.Commits, err = c.commits(ctx, l)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(reply, nil) {
				return
			}
		}
	}
}

// commits returns to what a reply commits.
func (c *comparer) commits(ctx context.Context, l *Link) (Commitment, error) {
	from, to := l.From.Reading, l.To.Reading
	same := false
	if from != nil && to != nil {
		for _, r := range []*graph.Reading{from, to} {
			if err := c.learn(ctx, &r.Claim); err != nil {
				return 0, err
			}
		}
		if c.opposed(from, to) {
			return Denies, nil
		}
		f, t := stance(from).Polarity, stance(to).Polarity
		same = f == t && (f == events.Affirmed || f == events.Denied) && c.agree(&from.Claim, &to.Claim)
	}
	if l.From.ID == uuid.Nil || l.To.ID == uuid.Nil {
		return Nothing, nil
	}
	if denied, err := linked(ctx, c.v, l.From.ID, events.Disputes, l.To.ID); denied || err != nil {
		return Denies, err
	}
	if same {
		return Confirms, nil
	}
	if confirmed, err := linked(ctx, c.v, l.From.ID, events.Confirms, l.To.ID); confirmed || err != nil {
		return Confirms, err
	}
	return Nothing, nil
}

// linked reports whether somebody links two statements so.
func linked(ctx context.Context, v graph.View, from uuid.UUID, t events.LinkType, to uuid.UUID) (bool, error) {
	for _, l := range v.Links(from) {
		if l.From == from && l.Type == t && l.To == to {
			return true, nil
		}
	}
	for s := range making(v, t, from) {
		r, err := read(ctx, s)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err != nil {
			return false, err
		}
		for f, t := range ends(&r.Claim) {
			if f == from && t == to {
				return true, nil
			}
		}
	}
	return false, nil
}

// making returns the shown affirmations of a link that refer to a statement.
func making(v graph.View, t events.LinkType, refers uuid.UUID) iter.Seq[graph.Statement] {
	return func(yield func(graph.Statement) bool) {
		for s := range v.Statements(graph.Pattern{Predicate: t.String(), Refers: refers}) {
			if affirms(s) && !yield(s) {
				return
			}
		}
	}
}

// ends returns each From with each To of a claim that links statements, the
// empty id for what it does not know.
func ends(cl *events.Claim) iter.Seq2[uuid.UUID, uuid.UUID] {
	in := func(role string) (ids []uuid.UUID) {
		for _, a := range cl.Args {
			if a.Role != role {
				continue
			}
			id := uuid.Nil
			if a.Value.Kind == events.StatementValue {
				id = a.Value.ID
			}
			ids = append(ids, id)
		}
		if ids == nil {
			return []uuid.UUID{uuid.Nil}
		}
		return ids
	}
	return func(yield func(uuid.UUID, uuid.UUID) bool) {
		for _, from := range in(events.RoleFrom) {
			for _, to := range in(events.RoleTo) {
				if !yield(from, to) {
					return
				}
			}
		}
	}
}

// links yields the links of these types that touch what is named.
func links(ctx context.Context, v graph.View, named recorded, types []events.LinkType) iter.Seq2[*Link, error] {
	return func(yield func(*Link, error) bool) {
		w := &weaver{v: v, named: named}
		for i, s := range w.named {
			type key struct{ from, to, by uuid.UUID }
			seen := make(map[key]bool)
			if err := ended(ctx); err != nil {
				yield(nil, err)
				return
			}
			// offer yields a link unless it has come before; false ends the loop.
			offer := func(from uuid.UUID, t events.LinkType, to, by uuid.UUID, st *graph.Reading) bool {
				k := key{from, to, by}
				if seen[k] {
					return true
				}
				seen[k] = true
				l, err := w.link(ctx, i, from, to, by, st)
				if l == nil && err == nil {
					return true
				}
				if l != nil {
					l.Type = t
				}
				return yield(l, err) && err == nil
			}
			for _, l := range v.Links(s.id) {
				if slices.Contains(types, l.Type) && !offer(l.From, l.Type, l.To, l.ID, nil) {
					return
				}
			}
			var lists []iter.Seq[graph.Statement]
			for _, t := range types {
				lists = append(lists, making(v, t, s.id))
			}
			makers, err := inOrder(ctx, lists...)
			if err != nil {
				yield(nil, err)
				return
			}
			if t, makes := events.LinkNamed(s.Predicate()); makes && slices.Contains(types, t) && affirms(s.Statement) {
				makers = append(makers, s).sorted()
			}
			for _, m := range makers {
				r, err := read(ctx, m.Statement)
				if errors.Is(err, graph.ErrRedacted) {
					continue
				}
				if err != nil {
					yield(nil, err)
					return
				}
				t, _ := events.LinkNamed(r.Claim.Predicate)
				for from, to := range ends(&r.Claim) {
					if (from == s.id || to == s.id || m.id == s.id) && !offer(from, t, to, m.id, r) {
						return
					}
				}
			}
		}
	}
}

// weaver makes links of what a pattern names.
type weaver struct {
	v     graph.View
	named recorded
}

// link returns a link that touches the named statement i, nil if it touches an
// earlier one, too.
func (w *weaver) link(ctx context.Context, i int, from, to, by uuid.UUID, st *graph.Reading) (*Link, error) {
	if st != nil && w.named[:i].has(ranked{position: st.Position, index: st.Index}) {
		return nil, nil
	}
	l := &Link{By: by, Statement: st}
	for _, e := range []struct {
		id   uuid.UUID
		side *Side
	}{{from, &l.From}, {to, &l.To}} {
		e.side.ID = e.id
		if e.id == uuid.Nil {
			continue
		}
		s, err := w.v.Statement(e.id)
		if err == nil {
			if w.named[:i].has(rank(s)) {
				return nil, nil
			}
			e.side.Shown = s.Shows(w.v)
			e.side.Reading, err = read(ctx, s)
		}
		if errors.Is(err, graph.ErrRedacted) || errors.Is(err, graph.ErrNotInView) {
			*e.side = Side{ID: e.id}
		} else if err != nil {
			return nil, fmt.Errorf("query: link %v: %w", by, err)
		}
	}
	return l, nil
}
