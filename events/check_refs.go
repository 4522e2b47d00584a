package events

import (
	"fmt"

	"github.com/google/uuid"
)

// needEntity, needSource and needStatement return nil if what the id refers to
// may be referred to, and otherwise the best explanation that the record has.

func needEntity(id uuid.UUID, s State) *Error {
	if _, ok := s.Entity(id); ok {
		return nil
	}
	return missing(id, KindEntityRegistered, s)
}

func needSource(id uuid.UUID, s State) *Error {
	if s.Source(id) {
		return nil
	}
	return missing(id, KindSourceAdded, s)
}

// needStatement lets a replaced statement through: what was said about it was
// said about what replaces it.
func needStatement(id uuid.UUID, s State) *Error {
	st, ok := s.Event(id)
	switch {
	case !ok:
		return missing(id, KindStatementRecorded, s)
	case st.Kind != KindStatementRecorded:
		return notKnown(id, fmt.Sprintf("is the id of an event of kind %s, not of a statement", st.Kind))
	case !st.Standing && !st.Replaced:
		return removed(id, st, s)
	}
	return nil
}

// things are the kinds of event that register something, and what they register.
var things = map[Kind]string{KindEntityRegistered: "an entity", KindSourceAdded: "a source", KindStatementRecorded: "a statement"}

// missing explains why id is not a standing thing of the kind that events of
// kind want register.
func missing(id uuid.UUID, want Kind, s State) *Error {
	kind, reg := registered(id, s)
	switch {
	case kind == 0:
	case kind != want:
		return notKnown(id, fmt.Sprintf("is the id of %s, not of %s", things[kind], things[want]))
	default:
		ev, _ := s.Event(reg)
		return removed(id, ev, s)
	}
	if ev, ok := s.Event(id); ok {
		e := notKnown(id, fmt.Sprintf("is the id of an event of kind %s, not of %s", ev.Kind, things[want]))
		if ev.Kind == want && ev.Standing {
			e.want("%s, which it registers", ev.Thing)
		}
		return e
	}
	return notKnown(id, fmt.Sprintf("is not known: no earlier event records %s with this id", things[want]))
}

// registered returns the newest event that registers a thing and its kind, 0 if
// none does.
func registered(thing uuid.UUID, s State) (Kind, uuid.UUID) {
	reg, ok := s.Registration(thing)
	if !ok {
		return 0, uuid.Nil
	}
	ev, _ := s.Event(reg)
	return ev.Kind, reg
}

func unknownEvent(id uuid.UUID, s State) *Error {
	if kind, reg := registered(id, s); kind != 0 {
		return notKnown(id, fmt.Sprintf("is the id of %s, not of an event", things[kind])).want("%s, which registers it", reg)
	}
	return notKnown(id, "is not known: no earlier event has this id")
}

func notKnown(id uuid.UUID, problem string) *Error {
	e := refuse(id, problem)
	e.Class = ErrUnknown
	return e
}

// removed says what removed an event that does not stand, and which statement
// stands in its place or how it would stand again.
func removed(id uuid.UUID, st EventState, s State) *Error {
	verb := "retracted by"
	if st.Replaced {
		verb = "replaced by the statement"
	}
	e := refuse(id, fmt.Sprintf("has been %s %s%s", verb, st.RemovedBy, whoRetracted(st, s)))
	e.Class, e.Events = ErrRemoved, []uuid.UUID{st.RemovedBy}
	if !st.Replaced {
		return e.want("one that stands, or that retraction retracted first")
	}

	const steps = 1000 // a longer chain gets no hint
	for range steps {
		if !st.Replaced {
			break
		}
		next := st.RemovedBy
		var ok bool
		if st, ok = s.Event(next); ok && st.Standing {
			return e.want("%s, which stands in its place", next)
		}
	}
	return e
}

// A retractionReader is a State that can read who recorded a retraction, and why; of one
// that it cannot read it returns nothing.
type retractionReader interface {
	Retraction(event uuid.UUID) (recorder, reason string)
}

// whoRetracted says who has retracted an event and why, if the state can tell.
func whoRetracted(st EventState, s State) string {
	r, ok := s.(retractionReader)
	if !ok || st.Replaced {
		return ""
	}
	recorder, reason := r.Retraction(st.RemovedBy)
	text := ""
	if recorder != "" {
		text = fmt.Sprintf(", which %s recorded", printed(recorder))
	}
	if reason != "" {
		text += fmt.Sprintf(", because %s", printed(reason))
	}
	return text
}

// describe names an event by its kind and id.
func describe(id uuid.UUID, s State) string {
	if st, ok := s.Event(id); ok {
		return st.Kind.String() + " " + id.String()
	}
	return id.String()
}
