package events

import (
	"fmt"

	"github.com/google/uuid"
)

// RetractVersions takes back a statement, the one that it has replaced, the one that that one
// had replaced, and so on, so that no view from then on shows any of them. It retracts each by
// itself, the statement first, except those that have been retracted already. It returns the ids
// of the retractions; to undo them, retract them, the last first.
//
// As with Retract, nothing that stands may rest on any of them. If something does, call
// Cascade for the statement and then for each of graph.View.Replaced, in its order. If all have
// been retracted already, that is a mistake, which is [ErrRemoved]; [Builder.Occasion] lets a
// program be run again. If another statement, beside these, has replaced one of them, that is a
// mistake, too, which names it: RetractVersions of that one takes back both.
//
// The builder must know the record ([Builder.Knowing], of a graph), which tells what was
// replaced. It looks that up in memory.
func (b *Builder) RetractVersions(statement uuid.UUID, reason string) (retractions []uuid.UUID) {
	fail := func(e *Error) []uuid.UUID {
		b.failRetraction("RetractVersions", statement, e)
		return nil
	}
	if b.record == nil {
		return fail(refuse(nil, "the builder does not know the record, and so not what the statement has replaced").
			want("one that does (graph.Graph.NewBatch), or Retract for each"))
	}
	var gone *Error
	for last, id := uuid.Nil, statement; id != uuid.Nil; last, id = id, b.replacedBy(id) {
		retraction := &Retracted{Event: id, Reason: reason}
		by, kind, removed := b.record.RemovedBy(id)
		switch {
		case b.occasion != "" && b.isRecorded(retraction), !b.retracts(id) && (!removed || by == last):
			retractions = append(retractions, b.Add(retraction))
		case b.retracts(id):
		case kind == KindStatementRecorded:
			e := refuse(id, "has been replaced by the statement "+by.String()).want("that one, which takes back this, too").in("Statement")
			e.Class, e.Events = ErrRemoved, []uuid.UUID{by}
			return fail(e)
		case gone == nil:
			gone = refuse(nil, "has been retracted already, by "+by.String()+", and so has all that it replaced").
				want("one that stands (Builder.Occasion lets a program that is run again retract once)")
			gone.Class, gone.Events = ErrRemoved, []uuid.UUID{by}
		}
	}
	if len(retractions) == 0 && gone != nil {
		return fail(gone)
	}
	if len(retractions) > 0 {
		b.together[retractions[0]] = len(retractions) - 1
	}
	return retractions
}

// Restore takes back the retraction that keeps an event, or a source or an entity by its id, from
// standing. That restores all that the retraction has removed: saying again what has been
// retracted does not bring it back. Restore returns the id of what it adds. If no registration of
// a source or an entity stands, it restores the newest; if one stands, restore a retracted one by
// the id of its event.
//
// Three calls are mistakes, which name what would be right: if nothing has been retracted, as when
// a program is run again; if a statement has been replaced, since retracting the other restores it;
// and if the event is redacted, which is for good. If it rests on what has been retracted, too,
// recording is refused: restore that before. So restore the statements that RetractVersions took
// back in the opposite order, beginning with the one that was replaced first.
//
// The builder must know the record, as for [Builder.RetractVersions].
func (b *Builder) Restore(id uuid.UUID, reason string) uuid.UUID {
	fail := func(e *Error) uuid.UUID {
		b.failRetraction("Restore", id, e)
		return uuid.Nil
	}
	if b.record == nil {
		return fail(refuse(nil, "the builder does not know the record, and so not what has retracted it").
			want("one that does (graph.Graph.NewBatch), or Retract of the retraction"))
	}
	by, kind, removed := b.record.RemovedBy(id)
	_, known := b.record.Event(id)
	redacted := b.record.Redacted(id)
	if !known {
		known, redacted = b.record.Registered(id)
		if by, removed = b.record.Retracted(id); removed {
			known, kind = true, KindRetracted
		}
	}
	switch {
	case !known:
		return fail(notKnown(id, "is not known: the record has no event, source or entity with this id"))
	case redacted:
		return fail(refuse(nil, "is redacted, which is for good"))
	case !removed:
		return fail(refuse(nil, "stands").want("what has been retracted"))
	case kind == KindStatementRecorded:
		e := refuse(nil, "has been replaced by the statement "+by.String()).want("Retract of that one")
		e.Class, e.Events = ErrRemoved, []uuid.UUID{by}
		return fail(e)
	case b.retracts(by):
		return b.retracted[by]
	}
	return b.Retract(by, reason)
}

// retracts reports whether the batch retracts an event.
func (b *Builder) retracts(event uuid.UUID) bool {
	_, ok := b.retracted[event]
	return ok
}

// failRetraction collects a mistake in a call about what is to be retracted or restored.
func (b *Builder) failRetraction(call string, id uuid.UUID, e *Error) {
	e.Kind = KindRetracted
	b.fail(fmt.Sprintf("%s(%s)", call, id), e)
}

// replacedBy returns the statement that one in the batch or on record was recorded to replace.
func (b *Builder) replacedBy(statement uuid.UUID) uuid.UUID {
	if replaced, here := b.replaces[statement]; here {
		return replaced
	}
	return b.record.Replaces(statement)
}

// isRecorded reports whether a decision is on record, by the id that its occasion gives it.
func (b *Builder) isRecorded(decision Body) bool {
	id, err := b.eventID(decision)
	return err == nil && !b.isNew(id)
}
