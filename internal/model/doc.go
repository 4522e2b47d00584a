// Package model says slowly and plainly what a graph is meant to answer. Tests
// compare package graph with it; nothing else uses it.
//
// A [Model] keeps the list of what was recorded and nothing more. Every answer
// replays that list from its beginning to the position asked for and looks
// through all of it. There is no index, no cache and no code shared with the
// packages it checks: even dates are read again, by the day, and asked by going
// through everything they may mean.
//
// # What the model decides where package graph's comment leaves room
//
// Recording:
//
//   - A batch is settled first (repeated ids), then its conditions, then its
//     rules. So a batch that is wrong in several ways is a [Conflict] before it
//     is [Changed], Changed before it is [Outdated], and that before it is
//     [Refused]. A batch of which nothing is new is [Recorded], takes no position and its conditions are not asked.
//   - A batch that says as of what it knows the record, or that of which an event says as of
//     what it is known, is Outdated if since the later of these by another
//     event than its own a thing that it registers has another newest registration of
//     those that stand and are not redacted, or one that has been redacted since, or a
//     name that it declares another newest declaration which says something else.
//   - What stands, order and newest go by the order in which events were first
//     recorded. A registration that is restored is not newer for that.
//   - Structure ignores redaction: a redacted registration still holds its
//     entity up and still gives its kind to the check of roles, and its
//     derivations to the check of cycles.
//   - What an undo restores may need each other in any order: what it rests on
//     is asked when all of it has taken effect, and only of what stands then. A
//     statement that is replaced anew may miss what it rests on.
//   - A statement that was replaced itself keeps what it had replaced. When it
//     comes back, because the statement in its place is retracted, it need not
//     find that standing. So a chain of replacements is undone link by link.
//   - Undoing the retraction of a retraction carries that one out anew, with
//     what rests on its target by now. That may be less, or more, than it had
//     removed at first. What it removes now is removed by it, so that the next
//     undo restores this and not what it had removed at first.
//   - What a cascade brings back takes no effect anew: it keeps what it had
//     replaced.
//   - A restored source is consistent if it closes no circle of derivations, as
//     if it were recorded now, even if a newer registration stands. So the undo
//     of a retraction is refused where others have been derived from it since.
//   - A split is recorded only if what it mentions is there, as it is read then.
//     After that it is never asked again.
//   - A redaction and a vocabulary rest on nothing. So does a retraction: it
//     does not rest on its target. What a statement replaces it does not rest on.
//   - The checks of a claim by its vocabulary go into nested claims and
//     conditions.
//   - A retraction may bring an older registration of a source back into force.
//     If that closes a circle of derivations, it is refused.
//
// Reading:
//
//   - A claim nested in an argument is part of that argument. Conditions are
//     reached by the place Anywhere only.
//   - The mentions of one split are checked against the reading before it, and
//     are then applied one after the other.
//
// Answering:
//
//   - Two fills of a pattern may be met by one argument.
//   - A statement that its lens bounds by when it was recorded counts with the
//     running maximum at its first recording, cut to the second.
//   - An entity is not unsure of one that is in its own cluster.
//   - A ladder lists a tied entity also if it has no rung.
//   - Conditions look at what stands after each event, not after each batch: a
//     statement recorded and retracted in one batch was recorded. What one event
//     does and undoes itself is not seen. A statement that was redacted before
//     is named by no pattern.
package model
