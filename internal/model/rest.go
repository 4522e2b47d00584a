package model

import (
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// needs is what an event rests on. An empty id among them is no need.
type needs struct {
	entities, sources, statements []uuid.UUID
}

func needsOf(body events.Body) (n needs) {
	switch b := body.(type) {
	case *events.SourceAdded:
		n.entities = append(n.entities, b.Source.Authors...)
		n.entities = append(n.entities, b.Source.Publisher)
		n.sources = b.Source.DerivedFrom
	case *events.EntityNamed:
		n.entities = []uuid.UUID{b.Entity}
		n.sources = []uuid.UUID{b.Source}
	case *events.IdentityJudged:
		n.entities = []uuid.UUID{b.A, b.B}
	case *events.EntitySplit:
		n.entities = []uuid.UUID{b.Entity}
		for _, part := range b.Parts {
			n.entities = append(n.entities, part.Entity)
			for _, mention := range part.Mentions {
				n.statements = append(n.statements, mention.Statement)
			}
		}
	case *events.StatementRecorded:
		rewrite(b.Statement, func(_ place, id uuid.UUID) uuid.UUID {
			n.entities = append(n.entities, id)
			return id
		})
		n.sources = []uuid.UUID{b.Statement.Source}
		eachClaim(b.Statement.Claim, func(c events.Claim) {
			for _, arg := range c.Args {
				if arg.Value.Kind == events.StatementValue {
					n.statements = append(n.statements, arg.Value.ID)
				}
			}
		})
	case *events.StatementsLinked:
		n.statements = []uuid.UUID{b.From, b.To}
	case *events.Assessed:
		n.sources = []uuid.UUID{b.Source}
		n.statements = []uuid.UUID{b.Statement}
	}
	return n
}

// missing names something that an event rests on and that is not there, or
// returns "".
func (s *state) missing(body events.Body) string {
	n := needsOf(body)
	for _, id := range n.entities {
		if id != uuid.Nil && s.entity(id) == nil {
			return fmt.Sprintf("entity %v", id)
		}
	}
	for _, id := range n.sources {
		if id != uuid.Nil && s.source(id) == nil {
			return fmt.Sprintf("source %v", id)
		}
	}
	for _, id := range n.statements {
		if id != uuid.Nil && !s.statementThere(id) {
			return fmt.Sprintf("statement %v", id)
		}
	}
	return ""
}

// statementThere reports whether a statement may be referred to.
func (s *state) statementThere(id uuid.UUID) bool {
	e := s.find(id)
	return e != nil && e.statement() != nil && (e.standing || e.replaced)
}

// entity returns the newest standing registration of an entity, nil if there
// is none. Newest is last in the record.
func (s *state) entity(id uuid.UUID) (newest *events.Entity) {
	for _, e := range s.standing() {
		if b, ok := e.Body.(*events.EntityRegistered); ok && b.Entity.ID == id {
			newest = &b.Entity
		}
	}
	return newest
}

// source is as entity, for a source.
func (s *state) source(id uuid.UUID) (newest *events.Source) {
	for _, e := range s.standing() {
		if b, ok := e.Body.(*events.SourceAdded); ok && b.Source.ID == id {
			newest = &b.Source
		}
	}
	return newest
}

// checkDerivation refuses a source that is derived from itself.
func (s *state) checkDerivation(src events.Source) error {
	for _, from := range src.DerivedFrom {
		if from == src.ID || s.derives(from, src.ID, nil) {
			return fmt.Errorf("source %v is derived from itself", src.ID)
		}
	}
	return nil
}

// derives reports whether a source is derived from another, directly or through
// others, on a path without those passed.
func (s *state) derives(from, to uuid.UUID, passed []uuid.UUID) bool {
	for _, id := range passed {
		if id == from {
			return false
		}
	}
	src := s.source(from)
	if src == nil {
		return false
	}
	for _, next := range src.DerivedFrom {
		if next == to || s.derives(next, to, append(passed, from)) {
			return true
		}
	}
	return false
}

// checkClaim holds a claim and every claim in it against the vocabulary.
func (s *state) checkClaim(claim events.Claim) (err error) {
	eachClaim(claim, func(c events.Claim) {
		declared := s.predicate(c.Predicate)
		if declared == nil || len(declared.Roles) == 0 {
			return
		}
		for _, arg := range c.Args {
			if !s.fits(declared.Roles, arg) {
				err = fmt.Errorf("predicate %q: the argument of role %q does not fit", c.Predicate, arg.Role)
			}
		}
	})
	return err
}

// fits reports whether an argument may stand with a predicate that declares
// roles. None and unknown may fill any of them.
func (s *state) fits(roles []events.Role, arg events.Arg) bool {
	for _, role := range roles {
		if role.Name != arg.Role {
			continue
		}
		if arg.Value.Kind == events.NoneValue || arg.Value.Kind == events.UnknownValue {
			return true
		}
		if len(role.Values) > 0 && !contains(role.Values, arg.Value.Kind) {
			return false
		}
		if arg.Value.Kind == events.EntityValue && len(role.Entities) > 0 {
			kind := s.entity(arg.Value.ID).Kind
			return kind == events.Placeholder || contains(role.Entities, kind)
		}
		return true
	}
	return false
}

// predicate returns the newest standing declaration of a predicate, or nil.
func (s *state) predicate(name string) (newest *events.Predicate) {
	for _, e := range s.standing() {
		if b, ok := e.Body.(*events.VocabularyDeclared); ok {
			for _, p := range b.Predicates {
				if p.Name == name {
					newest = &p
				}
			}
		}
	}
	return newest
}

// scheme returns the newest standing declaration of a scheme, or nil.
func (s *state) scheme(name string) (newest *events.Scheme) {
	for _, e := range s.standing() {
		if b, ok := e.Body.(*events.VocabularyDeclared); ok {
			for _, scheme := range b.Schemes {
				if scheme.Name == name {
					newest = &scheme
				}
			}
		}
	}
	return newest
}

// checkScheme holds a rating against its scheme, if that is declared.
func (s *state) checkScheme(a *events.Assessed) error {
	if declared := s.scheme(a.Scheme); declared != nil && !contains(declared.Values, a.Value) {
		return fmt.Errorf("%q is not in scheme %q", a.Value, a.Scheme)
	}
	return nil
}

// Vocabulary returns what is declared of any name as of a position, in the order of the names.
func (m *Model) Vocabulary(p events.Position) *events.VocabularyDeclared {
	s, names := m.asOf(p), map[string]bool{}
	for _, e := range s.standing() {
		if b, ok := e.Body.(*events.VocabularyDeclared); ok {
			for _, declared := range b.Predicates {
				names[declared.Name] = true
			}
			for _, declared := range b.Schemes {
				names[declared.Name] = true
			}
		}
	}
	all := &events.VocabularyDeclared{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if declared := s.predicate(name); declared != nil {
			all.Predicates = append(all.Predicates, *declared)
		}
		if declared := s.scheme(name); declared != nil {
			all.Schemes = append(all.Schemes, *declared)
		}
	}
	return all
}

func contains[T comparable](list []T, x T) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}
