package events

import "github.com/google/uuid"

// State is what checking needs to know of the record so far, the earlier events
// of the same batch included. Package graph implements it, and nobody else need: it may be
// given more methods.
//
// An event stands if nothing has removed it: no retraction, no cascade, no
// statement that replaces it. A thing (an entity or a source) stands while at
// least one event that registers it stands.
type State interface {
	// Event returns what is known of the event with this id.
	Event(id uuid.UUID) (EventState, bool)

	// Entity returns the newest standing registration of an entity: its kind.
	// It reports false if there is none.
	Entity(id uuid.UUID) (EntityKind, bool)

	// Source reports whether a source stands.
	Source(id uuid.UUID) bool

	// SourceDerives reports whether the source from, by the newest standing
	// registrations, is derived from the source to, directly or through others.
	SourceDerives(from, to uuid.UUID) bool

	// SourceSHA256 returns the SHA-256 of a standing source's text, nil if it
	// has none. An error means that the record could not be read.
	SourceSHA256(id uuid.UUID) ([]byte, error)

	// Predicate and Scheme return the newest standing declaration of a name.
	Predicate(name string) (Predicate, bool)
	Scheme(name string) (Scheme, bool)

	// Registration returns the newest event that registers the entity or source
	// with this id, standing or not. It reports false if none ever did.
	Registration(thing uuid.UUID) (event uuid.UUID, ok bool)

	// SameChain returns the entities from a to b, each held to be the same as
	// the next by a standing verdict, and these verdicts' events, one fewer; nil
	// if a and b are not in one cluster. SameChain(a, a) is [a] and no verdicts.
	SameChain(a, b uuid.UUID) (chain, verdicts []uuid.UUID)

	// Different returns two entities, the first in a's cluster and the second in
	// b's, that a standing verdict holds to be different, and its event.
	Different(a, b uuid.UUID) (x, y, verdict uuid.UUID, ok bool)

	// ClusterSize returns how many entities the clusters of a and b have together, these
	// included: those of one cluster if they are in the same.
	ClusterSize(a, b uuid.UUID) int

	// Mentions reports whether the statement, as it is read now (with the
	// standing splits), mentions the entity in that place.
	Mentions(m Mention, entity uuid.UUID) bool

	// Dependants returns up to max standing events that rest on the event and
	// would dangle without it.
	Dependants(event uuid.UUID, max int) []uuid.UUID
}

// EventState is what a State knows of one event.
type EventState struct {
	Kind     Kind
	Standing bool
	Redacted bool
	// RemovedBy is the event that removed this one, if it does not stand: a
	// retraction, or the statement that replaces it.
	RemovedBy uuid.UUID
	// Replaced says that RemovedBy is a statement. What is replaced may still be
	// referred to.
	Replaced bool
	// Undoes is how many retractions a retraction is the last of: 1 if it
	// retracts anything else, 2 if it retracts such a retraction, and so on.
	Undoes int
	// Thing is the source or entity that the event registers or names.
	Thing uuid.UUID
}
