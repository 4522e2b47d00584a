package events

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/internal/enum"
)

// What a refusal can be tested for with errors.Is. Every [Error] is ErrInvalid
// and at most one of the others, or of ErrRecordSize, which say what the caller can
// do about it.
var (
	ErrInvalid  = errors.New("refused")                             // nothing of the batch is recorded
	ErrUnknown  = errors.New("refers to what is not known")         // record that first, or correct the id
	ErrRemoved  = errors.New("refers to what no longer stands")     // look again: somebody retracted, replaced or redacted it
	ErrIdentity = errors.New("contradicts a standing verdict")      // retract one of Error.Events first
	ErrInUse    = errors.New("something that stands rests upon it") // retract Error.Events first, or Cascade
)

// Error says why a batch was refused: where, what stands there and what could
// stand there instead.
type Error struct {
	// Index is the event's place in Batch.Events, from 0. It is -1 where the
	// batch itself is at fault, or where only the one event was checked; who
	// knows the place may fill it in.
	Index int
	ID    uuid.UUID // the event's; empty if the batch itself is at fault
	Kind  Kind      // the event's; 0 as above, or if the event has no body
	// What the caller of a Builder knows the event by: statement 12 ("pay"), counted from
	// 0 in the order in which the builder was given them, source "https://…", person("Ada")
	// before statement 12; decision 3 (IdentityJudged), of links, verdicts, assessments, splits,
	// retractions and redactions counted together in the same way. Empty if a Builder has not
	// made it.
	What string
	// Statement is the number of that statement, the one before which an entity was given
	// included: in a program that says one of each row of a table, the row's. An entity that is
	// given in a call on a statement, as in Says(...).Role("payee", b.Person(name)), comes before
	// the next one. -1 if What names none.
	Statement int

	// Field is the path from the event's body or the batch, "Statement.Voices[0].Stance",
	// or the Builder's method that was given what is wrong, "On".
	Field string
	// Role is that of the argument in which Field is, the innermost if a claim stands in it;
	// empty if Field is in none.
	Role    string
	Value   any    // what stands there; nil if nothing does
	Problem string // "is not a stance"
	Want    string // the nearest valid value, or which are valid; may be empty

	Class  error            // ErrUnknown, ErrRemoved, ErrIdentity, ErrInUse, ErrRecordSize or nil
	Chain  []IdentityJudged // ErrIdentity: the standing verdicts that lead from A to B
	Events []uuid.UUID      // ErrRemoved: what removed it; ErrInUse: up to three that rest upon it; ErrIdentity: the events of Chain
}

// Error returns the refusal in one line; long values are cut.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("events: ")
	switch {
	case e.What != "":
		b.WriteString(e.What + ": ")
	case e.Index >= 0:
		fmt.Fprintf(&b, "event %d (%s): ", e.Index, e.event())
	case e.ID != uuid.Nil || e.Kind != 0:
		b.WriteString(e.event() + ": ")
	default:
		b.WriteString("batch: ")
	}
	if e.Field != "" {
		b.WriteString(e.Field)
		if e.Value != nil {
			b.WriteString(" " + printed(e.Value))
		}
		if e.Role != "" && !strings.HasSuffix(e.Field, ".Role") && !strings.Contains(e.Problem, inRole(e.Role)) {
			b.WriteString(" (" + inRole(e.Role) + ")")
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Problem)
	if e.Want != "" {
		b.WriteString(", want " + e.Want)
	}
	return b.String()
}

// Is reports whether target is ErrInvalid or the error's class.
func (e *Error) Is(target error) bool {
	return target == ErrInvalid || e.Class != nil && target == e.Class
}

func (e *Error) event() string {
	if e.Kind == 0 {
		return e.ID.String()
	}
	return e.Kind.String() + " " + e.ID.String()
}

// printed is a value as a message shows it: strings quoted, so that what cannot
// be seen is escaped, and cut after 80 bytes.
func printed(v any) string {
	s, ok := v.(string)
	if !ok {
		return fmt.Sprint(v)
	}
	if len(s) <= 80 {
		return fmt.Sprintf("%q", s)
	}
	n := 80
	for n > 76 && !utf8.RuneStart(s[n]) {
		n--
	}
	return fmt.Sprintf("%q…", s[:n])
}

// refuse starts an error about the field that the caller names with in or at.
func refuse(value any, problem string) *Error {
	return &Error{Index: -1, Statement: -1, Value: value, Problem: problem}
}

func (e *Error) want(format string, args ...any) *Error {
	e.Want = fmt.Sprintf(format, args...)
	return e
}

// in puts the error below a field. An error that is nil stays nil.
func (e *Error) in(field string) *Error {
	if e == nil {
		return nil
	}
	switch {
	case e.Field == "":
		e.Field = field
	case e.Field[0] == '[':
		e.Field = field + e.Field
	default:
		e.Field = field + "." + e.Field
	}
	return e
}

// at puts the error below an item of a list.
func (e *Error) at(field string, i int) *Error {
	if e == nil {
		return nil
	}
	return e.in(fmt.Sprintf("%s[%d]", field, i))
}

// arg puts the error below an argument.
func (e *Error) arg(a *Arg, i int) *Error {
	if e != nil && e.Role == "" {
		e.Role = a.Role
	}
	return e.at("Args", i)
}

func inRole(role string) string { return "role " + printed(role) }

// of is about that returns an error without a value if e is nil.
func (e *Error) of(ev *Event, index int) error {
	if e == nil {
		return nil
	}
	return e.about(ev, index)
}

// about says which event the error is about.
func (e *Error) about(ev *Event, index int) *Error {
	e.Index, e.ID = index, ev.ID
	e.What, e.Statement = ev.called()
	if isBody(ev.Body) {
		e.Kind = ev.Kind()
	}
	return e
}

// firstOf returns the first of the errors that is not nil.
func firstOf(errs ...*Error) *Error {
	for _, e := range errs {
		if e != nil {
			return e
		}
	}
	return nil
}

// isBody reports whether a body is one of the eleven and not nil. Other types
// can satisfy Body by embedding one.
func isBody(b Body) bool {
	switch b := b.(type) {
	case *SourceAdded:
		return b != nil
	case *EntityRegistered:
		return b != nil
	case *EntityNamed:
		return b != nil
	case *IdentityJudged:
		return b != nil
	case *EntitySplit:
		return b != nil
	case *StatementRecorded:
		return b != nil
	case *StatementsLinked:
		return b != nil
	case *Assessed:
		return b != nil
	case *Retracted:
		return b != nil
	case *Redacted:
		return b != nil
	case *VocabularyDeclared:
		return b != nil
	}
	return false
}

// among offers the nearest of the valid values and, while they are few, all.
func (e *Error) among(s string, valid []string) *Error {
	e.Want = enum.Want(s, valid)
	return e
}

// orList joins names for a message: "a, b or c".
func orList[T fmt.Stringer](items []T) string {
	var b strings.Builder
	for i, it := range items {
		switch {
		case i > 0 && i == len(items)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(it.String())
	}
	return b.String()
}
