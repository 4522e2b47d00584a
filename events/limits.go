package events

// Limits that keep a hostile or careless batch from exhausting memory. Sizes
// are in bytes of UTF-8, counts in items; a batch over one is refused. They may be
// raised but are never lowered: what has been recorded stays readable. The package
// comment says what they add up to.
const (
	MaxEvents     = 50_000        // events in a batch; its encoding must fit MaxRecord, too
	MaxName       = 1_000         // a name, predicate, role, scheme, recorder, language or unit
	MaxText       = 64_000        // any other text: a title, quote, gloss, reason, value
	MaxArgs       = 200           // arguments of a claim
	MaxVoices     = 32            // voices of a statement
	MaxParties    = 64            // speakers, for, to: of one voice, each
	MaxConditions = 32            // conditions of a claim
	MaxDepth      = 4             // claims within claims, the statement's own claim being 1
	MaxClaims     = 1_000         // claims in a statement, nested ones and conditions included
	MaxSources    = 200           // sources that one is derived from, and authors
	MaxMentions   = 10_000        // mentions moved by one split
	MaxCluster    = 1_000         // entities held to be the same
	MaxUndo       = 16            // retractions of retractions of retractions, and so on
	MaxMoved      = 10_000_000    // entries of a graph's lists that a batch adds, closes or looks through; see package graph
	MaxSourceText = 10_000_000    // the texts of sources handed in with a batch, together
	MaxOffset     = 1_000_000_000 // code points from the beginning of a source's text to what a selector points at
	MaxDeclared   = 1_000         // predicates and schemes in one declaration, roles and values in each
)
