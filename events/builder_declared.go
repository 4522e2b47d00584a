package events

import (
	"fmt"

	"github.com/google/uuid"
)

// A kindReader is a Recorded that knows of what kind entities are. A graph is one.
type kindReader interface {
	// Kind returns the kind of an entity that stands, also of a redacted one. It reports false
	// if none does.
	Kind(entity uuid.UUID) (EntityKind, bool)
}

// inForce is the vocabulary that holds for each event of a batch in its turn: the record's, and
// what the batch has declared and registered before. A batch that is cut into parts is gone through
// as a whole.
type inForce struct {
	b          *Builder
	kinds      kindReader            // nil: none
	predicates map[string]*Predicate // nil: not declared
	schemes    map[string]*Scheme    // likewise
	entities   map[uuid.UUID]EntityKind
	noted      map[uuid.UUID]bool // the events that are in these
	declared   map[string]bool    // the predicates that those of the batch declare
	retracted  bool               // something, perhaps of the vocabulary
}

// inForce returns nil if the builder knows no record: what it declares may be on that already,
// and have been revised.
func (b *Builder) inForce() *inForce {
	if b.record == nil {
		return nil
	}
	v := &inForce{
		b:          b,
		predicates: make(map[string]*Predicate),
		schemes:    make(map[string]*Scheme),
		entities:   make(map[uuid.UUID]EntityKind),
		noted:      make(map[uuid.UUID]bool),
		declared:   make(map[string]bool),
	}
	v.kinds, _ = b.record.(kindReader)
	return v
}

func (v *inForce) Predicate(name string) (Predicate, bool) {
	p, known := v.predicates[name]
	if !known {
		if declared, ok := v.b.predicateOnRecord(name); ok {
			p = &declared
		}
		v.predicates[name] = p
	}
	if p == nil {
		return Predicate{}, false
	}
	return *p, true
}

func (v *inForce) Scheme(name string) (Scheme, bool) {
	s, known := v.schemes[name]
	if !known {
		if declared, ok := v.b.schemeOnRecord(name); ok {
			s = &declared
		}
		v.schemes[name] = s
	}
	if s == nil {
		return Scheme{}, false
	}
	return *s, true
}

func (v *inForce) Entity(id uuid.UUID) (EntityKind, bool) {
	kind, known := v.entities[id]
	if !known && v.kinds != nil {
		kind, known = v.kinds.Kind(id)
	}
	return kind, known
}

// check returns what recording the next event of the batch would refuse for what is declared,
// and notes what that event declares and registers. What is on record is not checked again.
func (v *inForce) check(e *Event) *Error {
	if v == nil {
		return nil
	}
	switch body := e.Body.(type) {
	case *VocabularyDeclared:
		if v.isEffective(e.ID) {
			for i := range body.Predicates {
				v.predicates[body.Predicates[i].Name] = &body.Predicates[i]
				v.declared[body.Predicates[i].Name] = true
			}
			for i := range body.Schemes {
				v.schemes[body.Schemes[i].Name] = &body.Schemes[i]
			}
		}
	case *EntityRegistered:
		if v.isEffective(e.ID) {
			v.entities[body.Entity.ID] = body.Entity.Kind
		}
	case *Retracted:
		v.retracted = true
	case *Assessed:
		if v.retracted {
			return nil // only the record knows by which scheme
		}
	}
	err := declared(e, v)
	if err == nil || !v.b.isNew(e.ID) {
		return nil
	}
	if id, ok := err.Value.(uuid.UUID); ok {
		if entity, known := v.b.entities[id]; known { // by the name that the caller has given
			err.Problem = fmt.Sprintf("%s %s", called(&entity), err.Problem)
		}
	}
	if s, ok := e.Body.(*StatementRecorded); ok && v.isRevised(s.Statement.Claim.Predicate) {
		who := "the record"
		if v.declared[s.Statement.Claim.Predicate] {
			who = "this batch"
		}
		err.Problem += ", which " + who + " declares otherwise since"
	}
	return err
}

// isRevised reports whether a predicate is not declared as Declare was given it, which has no
// effect then.
func (v *inForce) isRevised(predicate string) bool {
	given, ok := v.b.given[predicate]
	if !ok {
		return false
	}
	now, _ := v.Predicate(predicate)
	same, err := isSame(&VocabularyDeclared{Predicates: []Predicate{given}}, &VocabularyDeclared{Predicates: []Predicate{now}})
	return err == nil && !same
}

// isEffective reports whether an event takes effect here: it is neither on record nor in an
// earlier part of the batch.
func (v *inForce) isEffective(event uuid.UUID) bool {
	if v.noted[event] || !v.b.isNew(event) {
		return false
	}
	v.noted[event] = true
	return true
}
