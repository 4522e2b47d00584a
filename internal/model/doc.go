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
//     is [Changed], and Changed before it is [Refused]. A batch of which nothing
//     is new is [Recorded], takes no position and its conditions are not asked.
//   - What stands, order and newest go by the order in which events were first
//     recorded. A registration that is restored is not newer for that.
//   - Structure ignores redaction: a redacted registration still holds its
//     entity up and still gives its kind to the check of roles, and its
//     derivations to the check of cycles.
//   - An undo restores in the order of the record, and each event must find what
//     it rests on when its turn comes. So a cascade that took a revised source
//     cannot be undone if the registration that carried it is recorded later
//     than a statement taken from it.
//   - Undoing the retraction of a retraction carries that one out anew, with
//     what rests on its target by now. That may be less, or more, than it had
//     removed at first.
//   - A redaction and a vocabulary rest on nothing. So does a retraction: it
//     does not rest on its target. What a statement replaces it does not rest on.
//   - The checks of a claim by its vocabulary go into nested claims and
//     conditions.
//   - A retraction may bring an older registration of a source back into force,
//     and with it a cycle of derivations. That is not refused.
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
