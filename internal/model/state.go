package model

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// state is every event up to some point of the record, and what became of each.
type state struct {
	pos     events.Position // of the batch that is being added
	at      time.Time       // of that batch: the running maximum of the clock
	entries []*entry        // in the order of the record
}

// entry is an event and what became of it. It is in one of three conditions:
//
//	stands    standing
//	replaced  not standing, replaced: remover is the statement in its place
//	fallen    not standing, not replaced: remover is a retraction
type entry struct {
	events.Event
	latest   time.Time // the running maximum of At, when it was recorded
	standing bool
	replaced bool
	remover  uuid.UUID
	since    events.Position // of the batch in which it last began to stand
	redacted bool
}

func (e *entry) statement() *events.Statement {
	if b, ok := e.Body.(*events.StatementRecorded); ok {
		return &b.Statement
	}
	return nil
}

func (s *state) clone() *state {
	c := *s
	c.entries = nil
	for _, e := range s.entries {
		copied := *e
		c.entries = append(c.entries, &copied)
	}
	return &c
}

func (s *state) find(id uuid.UUID) *entry {
	for _, e := range s.entries {
		if e.ID == id {
			return e
		}
	}
	return nil
}

// standing returns the entries that stand, in the order of the record.
func (s *state) standing() []*entry {
	found := make([]*entry, 0, len(s.entries)) // growing would be half of a long test
	for _, e := range s.entries {
		if e.standing {
			found = append(found, e)
		}
	}
	return found
}

// add records an event whose id is new. After an error the state is of no use.
func (s *state) add(ev events.Event) error {
	ev.Position = s.pos
	e := &entry{Event: ev, latest: s.at}
	if err := s.consistent(e.Body); err != nil {
		return err
	}
	if err := s.checkNew(e.Body); err != nil {
		return err
	}
	s.entries = append(s.entries, e)
	s.stand(e)
	return s.takeEffect(e)
}

// consistent reports what keeps an event from standing, be it new or restored.
func (s *state) consistent(body events.Body) error {
	if what := s.missing(body); what != "" {
		return fmt.Errorf("%s is not there", what)
	}
	switch b := body.(type) {
	case *events.SourceAdded:
		return s.checkDerivation(b.Source)
	case *events.IdentityJudged:
		return s.checkVerdict(b)
	}
	return nil
}

// checkNew holds an event against what is asked only when it is recorded.
func (s *state) checkNew(body events.Body) error {
	switch b := body.(type) {
	case *events.EntitySplit:
		return s.checkSplit(b)
	case *events.Assessed:
		return s.checkScheme(b)
	case *events.StatementRecorded:
		return s.checkClaim(b.Statement.Claim)
	}
	return nil
}

// takeEffect does what an event that has come to stand does to others. A split
// does it wherever a statement is read.
func (s *state) takeEffect(e *entry) error {
	switch b := e.Body.(type) {
	case *events.StatementRecorded:
		if b.Statement.Replaces != uuid.Nil {
			return s.replace(b.Statement.Replaces, e.ID)
		}
	case *events.Retracted:
		return s.retract(b, e.ID)
	case *events.Redacted:
		return s.redact(b)
	}
	return nil
}

func (s *state) stand(e *entry) {
	e.standing, e.replaced, e.remover, e.since = true, false, uuid.Nil, s.pos
}

func (s *state) fall(e *entry, remover uuid.UUID) {
	e.standing, e.replaced, e.remover = false, false, remover
}

// replace puts a statement in the place of another.
func (s *state) replace(old, by uuid.UUID) error {
	e := s.find(old)
	if e != nil && e.replaced && e.remover == by {
		return nil // by was itself replaced meanwhile, and this one never came back
	}
	if e == nil || e.statement() == nil || !e.standing {
		return fmt.Errorf("replaces %v, which is no statement that stands", old)
	}
	e.standing, e.replaced, e.remover = false, true, by
	return nil
}

// retract removes an event, or undoes a removal.
func (s *state) retract(b *events.Retracted, by uuid.UUID) error {
	target := s.find(b.Event)
	if target == nil || !target.standing {
		return fmt.Errorf("%v does not stand", b.Event)
	}
	switch target.Body.(type) {
	case *events.Redacted:
		return fmt.Errorf("%v is a redaction", b.Event)
	case *events.Retracted:
		return s.undo(target, by)
	}

	if err := s.remove(target, b.Cascade, by); err != nil {
		return err
	}
	for _, e := range s.entries {
		fallen, ok := e.Body.(*events.SourceAdded)
		if !ok || e.standing || e.remover != by {
			continue
		}
		if older := s.source(fallen.Source.ID); older != nil {
			if err := s.checkDerivation(*older); err != nil {
				return fmt.Errorf("uncovering a registration: %w", err)
			}
		}
	}
	return nil
}

// remove has a target fall and, with cascade, what rests on it.
func (s *state) remove(target *entry, cascade bool, by uuid.UUID) error {
	s.fall(target, by)
	if !cascade {
		if d := s.dangling(); d != nil {
			return fmt.Errorf("%v rests on %v", d.ID, target.ID)
		}
		if y := s.bereft(); y != nil {
			return s.restore(y)
		}
		return nil
	}
	for {
		if d := s.dangling(); d != nil {
			s.fall(d, by)
			continue
		}
		y := s.bereft()
		if y == nil {
			return nil
		}
		if s.missing(y.Body) == "" {
			s.stand(y)
		} else {
			s.fall(y, by)
		}
	}
}

// undo takes a retraction back: what it removed is restored.
func (s *state) undo(retraction *entry, by uuid.UUID) error {
	s.fall(retraction, by)
	var removed []*entry
	for _, e := range s.entries {
		if !e.standing && e.remover == retraction.ID {
			removed = append(removed, e)
		}
	}
	return s.restore(removed...)
}

// restore makes events, in the order of the record, stand again: all of them at
// once, then each takes effect anew, and those that still stand then must be
// consistent with what stands.
func (s *state) restore(removed ...*entry) error {
	for _, e := range removed {
		s.stand(e)
	}
	for _, e := range removed {
		if err := s.takeEffect(e); err != nil {
			return fmt.Errorf("restoring %v: %w", e.ID, err)
		}
	}
	for _, e := range removed {
		if !e.standing {
			continue
		}
		if err := s.consistent(e.Body); err != nil {
			return fmt.Errorf("restoring %v: %w", e.ID, err)
		}
	}
	return nil
}

// dangling returns the first standing event that misses something it rests on.
func (s *state) dangling() *entry {
	for _, e := range s.standing() {
		if s.missing(e.Body) != "" {
			return e
		}
	}
	return nil
}

// bereft returns the first statement that was replaced by one that has fallen.
func (s *state) bereft() *entry {
	for _, e := range s.entries {
		if e.replaced {
			if by := s.find(e.remover); !by.standing && !by.replaced {
				return e
			}
		}
	}
	return nil
}

func (s *state) redact(b *events.Redacted) error {
	target := s.find(b.Event)
	if target == nil {
		return fmt.Errorf("%v is not recorded", b.Event)
	}
	if target.redacted {
		return fmt.Errorf("%v is redacted already", b.Event)
	}
	switch target.Body.(type) {
	case *events.SourceAdded, *events.EntityRegistered, *events.EntityNamed,
		*events.StatementRecorded, *events.StatementsLinked, *events.Assessed:
		target.redacted = true
		return nil
	}
	return fmt.Errorf("a %v cannot be redacted", target.Kind())
}
