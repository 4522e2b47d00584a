// Package query asks a view of a graph what a journalist asks: who said it, how
// surely, since when, who disputes it, and in which words.
//
//	for item, err := range query.Timeline(ctx, g.View(nil), witkoff, nil) { … }
//
// Each question is a function of a [graph.View]. Its answers carry their
// evidence, the statements as they were recorded ([graph.Reading]). A question
// about a corner of the graph walks posting lists in memory and reads from the
// record only what it answers with or must compare word for word. Two always look
// at everything: [Placeholders] at the entities, in memory, and [Traces] at the
// record, which it reads twice.
//
// # What all answers have in common
//
// The whole view is respected: its position, identities and filters. "Shown"
// means that the statement stands as of the view's position, is not redacted and
// passes the view's filters. A pattern names only what is shown.
//
// Two entities are one if the view has them in one cluster. Where an answer has
// an entity of its own, beside the reading, it is in canonical form.
//
// The empty id asks for nothing, and so does an entity that the view does not
// know: there is no answer and no error. An option that makes no sense, such as an unknown
// kind or type or a number below 0, is an error, even if there is nothing to answer.
//
// "In order of recording" means by position, and within a position by the place
// in the batch. The view's order is a different one: that in which statements came
// to stand.
//
// A sequence with errors ends after the first one. Every sequence may be ranged
// over again and gives the same, redactions aside: a statement that is redacted
// while a sequence runs is left out, or shown by its id only. A question looks at its
// context at the beginning and on the way, and returns the context's error, wrapped, even if
// there is nothing to answer.
//
// The origin of a statement is its first voice, Voices[0]. It is X, or speaks for
// X, if one of its speakers, or of those that they speak for, is in X's cluster.
// An affirmation is a statement whose origin's polarity is [events.Affirmed], a
// denial one where it is [events.Denied], however certain. Undetermined is neither.
//
// # Statements, and who said them
//
// [Statements] are those that a pattern names, in the view's order, and [Count]
// is how many. [AccordingTo] keeps those whose origin is somebody or speaks for
// him; [Said] those of them that are about somebody or something: it is the
// claim's occurrence or fills one of its arguments. Nested claims and conditions
// are not looked into. Both are in the view's order.
//
// [Timeline] has the statements that are, in this sense, about an entity: first
// those with a time ([Item].Dated), by the earliest instant of the claim's time,
// then the latest, then in order of recording; then those without, in order of
// recording. An item is Uncertain if its time leaves more than one calendar day
// (UTC) open:
//
//   - a date or a set in brackets: its earliest and its latest instant are on
//     different days;
//   - a set in braces: that is so for one of its stretches;
//   - an interval: its earliest and its latest start are on different days, or
//     its earliest and latest end. So 2025-04-11/2025-08-06 and 2025-08-06/.. are
//     not uncertain, but 2025-04/2025-08 is, and an unknown end is;
//   - anything marked by ?, ~ or %.
//
// What has no time is not Uncertain, but not Dated either.
//
// # How surely
//
// [Ladder] has a rung for each shown statement whose claim's occurrence is in the
// occurrence's cluster: by the origin's certainty ascending (U, PS, PR, CT), then
// in order of recording. Denials are rungs, too. Related are the rungs of each
// entity that is tied to this one: a shown affirmation with predicate
// [events.PartOf] has this one among its arguments with role [events.RolePart]
// and the other among those with role [events.RoleWhole], or the other way round.
// One step only, and never an entity of the occurrence's own cluster. They are in
// order of recording of their first tie, then by the tied entity's id.
//
// # When claims are alike
//
// Values are equal if they are of one kind and
//
//   - entities are one, statements have one id, times one text;
//   - texts are the same, and their languages are, or one of them is not given;
//   - numbers are numerically equal ("2.50" and "25e-1"), in the same unit; what
//     is no decimal number is compared as text;
//   - nested claims are equal;
//   - both are none, or both unknown.
//
// An argument is held by a claim if one of the claim's arguments has the same
// role and an equal value. If the predicate is declared symmetric, roles do not
// matter between two arguments that are entities. How often a claim has an
// argument does not matter.
//
// Conditions are the same if each condition of one claim is equal to one of the
// other, and the other way round: both denied or both not, and their claims
// equal.
//
// Claims are equal if they have the same predicate, the same occurrence (one
// entity, or none on both sides), each argument of one is held by the other and
// the other way round, the conditions are the same, and their times have the same
// text or are both missing. What was written (As), and what a time was resolved
// against, does not matter.
//
// The times of two claims may meet if one of them is missing, or if one possibly
// overlaps the other as package edtf defines it.
//
// A declaration is the newest that stands in the view ([graph.View.Predicate]);
// inverse predicates are not followed.
//
// # Dissent
//
// Four questions, four answers, never mixed. A pattern names one side of it; the
// other side is any statement that the view shows. A pair comes once: with the
// first statement of it, in order of recording, that the pattern names. Pairs of
// one such statement are in order of recording of the other.
//
// A pair of [Oppositions] or [Conflicts] stands even if somebody withdraws or corrects one of
// its sides: it has the links that say so in TakenBack, whoever made them, as [Links] has them
// for that side, first those to the pair's first statement, then those to the other. The reader
// decides whether to leave it out. [Disputes] and [Replies] have no such mark: they tell
// that somebody bears on a statement, which stays so when that one is taken back.
//
// [Disputes] are asserted: somebody says that one statement disputes another. It
// is a recorder's link of type [events.Disputes], or a shown affirmation with the
// predicate "disputes". Each of that statement's arguments with role "from" gives
// a From, each with role "to" a To: the statement that it refers to. If the argument is
// no statement, or there is none, that side is unknown. Each From goes
// with each To. The pattern names From, To or the statement that makes the link.
// [Links] of the other types are told in the same two ways, with their own names.
//
// Nothing is dropped because of the other side: if that does not pass the view's
// filters it is there and marked ([Side].Shown is false), and if it does not
// stand or is redacted its id is there. Links come with the first of their two or three
// statements that the pattern names. Those of one statement are in this order: first the
// recorders', as they were recorded; then those that statements make, in order of
// recording of these and, within one, of its arguments, From before To.
//
// [Oppositions] are logical: a denial and an affirmation, both shown, such that
//
//   - they have the same predicate;
//   - the denial has no occurrence, or both have the same one;
//   - each argument of the denial is held by the affirmation, so that "they did
//     not meet" denies "they met in Moscow" but not the reverse; "she did not meet
//     him" denies "he met her" only if the predicate is declared symmetric;
//   - a denial with neither occurrence nor arguments opposes only an affirmation
//     with neither;
//   - their conditions are the same, and their times may meet.
//
// Somebody may oppose himself: the pair has the SameOrigin if one of the speakers
// of one origin is a speaker of the other. For whom they speak does not matter.
//
// [Conflicts] are between two affirmations, both shown, of the same predicate that
// have the same occurrence, or both none.
//
// Their times are in conflict if both have one, these may not meet, and either
// they have the same occurrence, or neither has one, the predicate is declared
// once-only, each argument of one is held by the other and the other way round,
// and their conditions are the same.
//
// A role is in conflict if the predicate declares it functional, both claims fill it, no
// filler of one agrees with a filler of the other, and
//
//   - they have the same occurrence; or
//   - neither has one, the predicate is declared once-only, and everything else is alike,
//     whatever their times: each argument in another role is held by the other claim, both
//     ways, there is at least one, none is unknown, and the conditions are the same.
//
// So of "born in Turku" and "born in Tampere" one is wrong if both are said
// of one person, but somebody may have met another in Turku and in Tampere.
// Fillers agree if they are equal; if they are times that may meet; if
// they are numbers in different units, since these are not compared; or if they
// are entities of which one is part of the other, through at most 32 shown
// affirmations of [events.PartOf], as above. What is unknown fills nothing, nor
// does somebody or something that is not identified, as below.
// If all fillers on both sides are numbers, it is the numbers that are in conflict.
//
// Numbers are also in conflict if both fill a role with numbers in one unit, none
// of one side equal to one of the other, everything else is alike (each argument
// but these numbers is held by the other claim, both ways, and the conditions are
// the same), and
//
//   - they have the same occurrence; or
//   - neither has one, and their times have the same text; or
//   - neither has one, their times may meet, and the predicate declares the role
//     functional.
//
// So "four visits in 2025" and "five visits in 2025" are in conflict. Two sums that
// somebody paid are in conflict only if they are of one payment, of one time, or declared
// to be one. Numbers in different units are never compared.
//
// A conflict of times comes first, then those about roles by name, at most one
// for each role.
//
// [Replies] are asserted as disputes are, by links of type [events.RepliesTo] or
// statements with the predicate "replies_to", in the same order, and say to what
// the reply commits. It [Denies] if a link as above says that From disputes To,
// or the two oppose one another as above, either way. Otherwise it [Confirms] if
// such a link says that From confirms To, or if both are affirmations or both
// denials, and their predicate, occurrence, arguments (both ways) and conditions
// are the same and their times may meet. Otherwise it commits to [Nothing], and a
// reply that commits to nothing contradicts nobody. Links decide by the ids of
// the two sides; claims are compared where both sides can be read, shown or not.
//
// # Who is who, and what is left to do
//
// [WhySame] gives the verdicts by which two entities are one, and those that say
// otherwise: the standing verdicts "different" and "unsure" with one side in the
// cluster of each (of one cluster: with both sides in it). Verdicts are
// recorders', so the view's filters do not apply to them.
//
// [Spellings] are the texts that an entity is called by, compared to the letter:
// registered names, names in use, and the words as written (As) of the shown
// statements in which somebody of its cluster stands: in an argument, also of
// nested claims and of conditions, or in a voice, as speaker or otherwise. Names
// are recorders', so the view's filters do not apply to them. Each name counts once, and so
// does each place in a statement. The language is the name's or the statement's. A use
// belongs to the publisher of its source as the view has it, or to the source if it has
// none or is redacted.
//
// Somebody or something is not identified if it is registered as a placeholder and
// is one with nobody but placeholders. Its candidates are the entities that a
// standing verdict "unsure" names with it; a verdict "different" rules none of them out,
// but is shown. Another that is not identified is a candidate only if the verdict names it
// second (B): that an unknown voice (A) may be the nameless author of a page leaves nothing
// open where that author speaks. [Placeholders] are all who are not identified.
//
// [Worklist] has these kinds of task:
//
//   - [UnknownSpeaker]: a speaker of the origin is not identified and has no
//     candidates. Each speaker comes once, with the first statement, in order of
//     recording, that the pattern names, and the others are in [Task.Also]; those of one
//     statement are in its order.
//   - [AmbiguousVoice]: the same, with candidates.
//   - [UnknownParticipant]: the occurrence or an argument that is an entity is not
//     identified, or the value of an argument is unknown. For each role and entity
//     once: the occurrence, then entities by argument, then unknown values.
//   - [Withheld]: the origin's act is [events.Withhold], or its stance CTu: it
//     knows but does not tell.
//   - [AnchorCorrected]: the source has another time of publication than when the
//     statement was recorded, and times of it were resolved (Anchor) against that
//     of then and not that of now. Looked at are the times of the claim, of those
//     in it and of conditions, and when each voice spoke. An anchor is a time of
//     publication if it has the same text, or is the date of one that is a time
//     of day. Recorded times stay as they are.
//   - [SaidAfterPublication]: the origin spoke, at the earliest, after the source
//     was published, at the latest. No other time is taken for one that the view
//     does not know.
//   - [LinkedBeforeReplaced]: a link that stands, or a shown statement, is from or to
//     or about the statement that this one has replaced, or one that that one had
//     replaced. It says nothing of this one: what was withdrawn, disputed or confirmed
//     is no longer so, until somebody says it anew. The task is done when those links and
//     statements are retracted or replaced.
//   - [SplitBeforeReplaced]: a split that stands names the statement that this one has
//     replaced, or one that that one had replaced, and this one mentions the entity that was
//     split, or one that is the same: in the place that the split names, or anywhere and
//     nowhere the other. The split says nothing of this one. The task is done when a split
//     of that entity names this one, too, or that split is retracted.
//
// # Connections
//
// A claim's ends are its occurrence and the arguments that are entities. A shown
// statement connects each two entities that are ends of its claim, whatever its
// predicate and their roles. Conditions do not matter, nor does how sure the
// origin is; a view with a least certainty asks for that.
//
// A hop is two entities that at least one affirmation connects. Its Denied are
// the denials that connect them, too: what is denied may be something else than
// what is affirmed. Two entities that only denials connect are not a hop.
//
// A path is a sequence of entities without repetition in which each two that
// follow one another are a hop. [Paths] have at least one hop. They are ordered
// by the number of hops, then by the ids along the path: the smaller first, where
// two differ for the first time. From an entity to itself there is none.
//
// Entities of the kinds that the options leave out (Without) are on no path but as its ends,
// and are no neighbours: it is as if they were not ends of any claim.
//
// A claim possibly holds at an instant if its time possibly overlaps it, as
// package edtf defines that; one without a time holds always. Hops can hold at
// one time if there is an instant at which each has an affirmation whose claim
// possibly holds. All such instants are the path's Windows. Of each hop only those
// statements, affirmations and denials, are given whose claim possibly holds at one of
// these instants. So each statement can hold at some time together with
// affirmations of all other hops, but two of them need not hold at the same time.
//
// An entity's distance from another is the number of hops of a shortest path.
// [Neighbours] are ordered by distance, then by the number of statements that
// connect them to entities one hop nearer, the most first, then by their ids.
// These statements are their Relations, denials included.
//
// A question looks at the statements about an entity once, and again for each other
// entity that they are about, if it looks around that one, too. That is what a limit
// counts; whether it is reached depends on the view and the question only.
//
// # Offices
//
// That somebody holds an office is a claim with predicate [events.HoldPosition]:
// each entity with role [events.RoleHolder] holds each with role
// [events.RolePosition], for the claim's time. [Holders] and [Offices] have a
// [Tenure] for each pair of a holder and an office that a shown affirmation or
// denial makes whose time overlaps the date. If no entity has the other role,
// because the claim has none, nobody or somebody unknown there, the tenure's
// other side is empty. Offices that are part of the office are not asked about.
//
// An office of an organisation is, in such a claim, an entity with role position
// that is part of the organisation, through at most 32 affirmations as above; and
// if the organisation itself has a role other than holder and position, every
// position of the claim, even one that is not named.
//
// A shown statement is [SaidFor] an organisation by its own word if its origin
// is the organisation or speaks for it. It is so by an office if a shown affirmation
// says that one of the origin's speakers held an office of the organisation when the
// statement was said. It was said at some instant from the earliest to the latest
// of [graph.Statement.Said]. The holding covers that time possibly if the claim
// possibly holds at one of these instants; certainly if it certainly holds at the
// earliest and at the latest. So a term from 2020 to 2024 certainly covers what
// was said in 2021 but not what was said in 2020, since nobody says when in that
// year it began; and a holding with only a date, which is so at some time within
// it, certainly covers nothing. Denials of such holdings that possibly cover the
// time stand beside, and take nothing away. For whom the origin speaks matters
// only to the statement's own word.
//
// # How well founded
//
// The support of a claim is all shown affirmations whose claims agree with it:
// the predicate, the occurrence, the arguments (both ways) and the conditions are
// the same, and the times may meet. So "they met in Moscow" is no support for
// "they met". Against it are the shown denials that oppose it, as above. Both are
// told by independent origins: three papers are no better than one if two of them have it
// from the third. The rules below say whose words a statement is in, what it is taken from
// and which statements are of one mouth. That tells which mouths are copies; the others make
// the origins.
//
// Own words. A voice is the source's own if one of its speakers is an author or the
// publisher of the source, as the view has it. Where the source has neither, or
// there is no source, it is the last voice. A statement is in its source's own
// words if it has a source and its origin is that voice. Any other in a source is a report.
//
// Taken from. A statement is taken from another
//
//   - if somebody says that it repeats it: by a recorder's link of type [events.Repeats], or a
//     shown affirmation with the predicate "repeats", read as disputes are; directly or
//     through others, shown or not. Links decide by ids;
//   - if it is in its source's own words, and the same source reports the other;
//   - if it is in its source's own words, and its source is derived from the other's, be the
//     other in own words or a report: a source that is derived from a paper and leaves out whom
//     the paper has it from has it from that person, too. A silent source, which has no statement on this side, for the claim or
//     against it, is looked through to those that it is derived from; one that is not silent
//     hides them. Nobody has it from a source in which he speaks himself: one with a statement
//     of the same mouth, as below, is left out, and so is a silent one derived only from such.
//
// Two statements have a common third if both are taken from one statement, or both from one
// source, even a silent one.
//
// Mouths. Two statements are of one mouth if somebody speaks or is spoken for in both
// origins, so that two who speak for one ministry are one, or if both are in the own words of
// one source. Mouths are joined through any number of statements.
//
// Copies. A mouth comes from another if one of its statements is taken from one of the
// other's, or if it comes from one that does. It is a copy if it comes from one that does not
// come from it. All others are original, even those that come from each other, since nobody
// knows which of them was first.
//
// Origins. Original mouths are of one origin if they come from each other or have two
// statements with a common third, through any number of mouths. A copy belongs to the origin
// that it comes from, of several to the first, in order of recording of the original
// statements. Origins are in order of recording of their first statement, copies
// included; their Speakers are those of the original statements.
//
// An example. Of the bridge, these say that it closes:
//
//	1  the Gazette, by Ann: the mayor says so               a report, mouth: the mayor
//	2  the Digest, derived from the Gazette: it closes      own words, mouth: the Digest
//	3  the Herald, by Bob: the mayor says so                a report, mouth: the mayor
//
// 1 and 3 are of one mouth. 2 is taken from 1, and 1 from nothing, so that the Digest is a
// copy. One origin, the mayor, with three statements. Another:
//
//	1  a wire: it closes                                    mouth: the wire
//	2  another wire: it closes                              mouth: the other wire
//	3  the Digest, derived from both: it closes             mouth: the Digest
//
// 3 is taken from 1 and from 2, which are taken from nothing. Two origins; the Digest is no
// third, does not make the two one, and stands with the first. A third:
//
//	1  the Post, by Cara: the aide says that the mayor says so    mouth: the mayor
//	2  the Blog, derived from the Post: the mayor says so         mouth: the mayor
//
// One mouth, one origin; and it is known second-hand, as below.
//
// It follows that a wire that forty outlets copy is one origin. A paper that reports what
// somebody says, and says it or takes it for granted in its own words as well, makes no second
// origin. Two people who both derive their own pages from the paper that reports them do not
// become one: neither has it from there. A derived source that says what none before it says,
// or that has another say it, is an origin of its own.
//
// Within an origin two statements are of one utterance, through any number of others, if
// somebody says that one repeats the other, if they have a common third, or if the same
// speakers made both and the times of saying are given and may meet. A source's own words
// go with the first statement that it reports. What is taken from a source, of the same
// mouth or not, goes with the first statement in that source's own words or, if the origin
// has none of these, with the first that the source reports; and where no time of saying
// is given, the statement goes with the first other one of the same speakers. So two
// outlets' wordings of a remark are one utterance, and two remarks on two days stay two
// although a copy or a third report has no day. Utterances are in order of recording of
// their first statement.
//
// What a speaker withdraws or an outlet corrects is neither retracted nor left out:
// that is a link of its own, to the statement that stands as before and counts. An
// utterance has such links to its statements, whoever made them, in TakenBack, as
// [Links] has them for these statements. The reader decides whether to leave it out.
//
// [Support] tells the origins of one statement's claim, [SingleSourced] the claims with one
// origin. [SecondHand] are claims that no affirmation has first-hand. The last two give
// each claim once: an affirmation that agrees with one that has been given is
// passed over, as it is among the statements that this one rests on.
//
// Second-hand is a chain of three: who said it, a go-between, and the source. A go-between
// speaks in a voice that is neither the origin nor the source's own. So somebody whom the
// author of a page quotes himself is first-hand. A statement that names no go-between is not
// first-hand either
//
//   - if its mouth is a copy of another, as above; or
//   - if it only passes on what its own mouth has been reported to say: no author or
//     publisher of its source tells it as his own, and what it repeats, or a source that
//     its own is derived from, has a statement of the same mouth, however many statements and
//     sources, silent or not, are between them; unless that one comes so from it in turn.
//
// So in the third example the Blog drops the aide, and knows it no better. The Blog would be
// first-hand if it were the mayor's own, or were not derived from the Post. If it named a
// clerk, he would be another go-between.
//
// [Fallout] is a dry run. With a source falls what retracting all its
// registrations with Cascade would remove ([graph.View.Falls]): what it and the
// sources derived from it say, and what refers to that. With somebody fall the
// statements, shown or not but not redacted, in which he, or whoever is one with
// him, is the only speaker of a voice, be it the first or a later one; a joint
// statement stands on its other speakers. With them falls what retracting them
// with Cascade would remove. Fallout tells what of all this is shown, in order of
// recording. It also tells which sources would be left derived from themselves: for these
// the retraction would be refused.
//
// What remains of a claim are the origins of Support, without the statements that fall. Who
// is a copy, and of whom, is as it was with them: nobody becomes an origin because
// another falls, and there are never more than before. An origin remains if one of its original
// statements remains that does more than pass on, as above, what its own mouth said in others.
// All else has it from the fallen alone, and no longer supports the claim. A copy stands with
// the first of its origins that remain. In the first example, if Ann falls, the mayor remains
// by the Herald, and with it the Digest, which goes back to him. If the mayor falls, nothing
// remains, though the Digest does not name him. In the third, nothing remains if the aide falls.
// What a fallen statement had replaced, and a retraction would bring back, is not
// counted.
//
// # Ratings
//
// [RatingDifferences] are dissent among those who assess: recorders rate one source
// or one statement differently in one scheme. Each recorder's newest rating counts that
// stands as of the view's position and is not redacted, so that nobody differs with
// himself; values are compared as text. It looks at each statement that the pattern names,
// in the view's order, and before it at its source, once. To look only at what is rated
// well enough, see [graph.Rating].
//
// # What changed
//
// [Changes] compares two views of one graph. A statement Came if after shows it
// and the pattern names it there, and before does not show it or the pattern does
// not name it there; it Went the other way round; and it is ReadAnew if both show
// it, the pattern names it in both, and what it says is not the same, which splits
// bring about. Why the other view does not show it is one of these:
//
//   - NotRecorded: it was recorded after that view's position. A statement that
//     came for this reason is new.
//   - WasRetracted, WasReplaced: it does not stand there, because of a retraction,
//     its own or one that cascades, or because of the statement in its place. A
//     statement that came for this reason is reinstated.
//   - ReadsOtherwise: it stands there, and reads otherwise than here.
//   - OutOfView: it stands there and reads the same, and only the filters,
//     identities or dates of publication keep it from being shown or named.
//
// What is told of other things depends on positions only, not on filters. With
// the zero pattern all is told, else what the pattern concerns in one of the
// views. The statements are those that it names and the view shows. The source is the
// one that it names or, if it names none, the sources are those of such statements. The
// entities are those that it names, with all that are one with them or, if it names none,
// those that such statements are about. So:
//
//   - Joined: entities that are one in after and several in before, with the
//     verdicts that hold them together there and do not stand in before. Parted is
//     the reverse. One member must be concerned.
//   - Names: those in use for a concerned entity by itself, whatever is one with
//     it, in one view only: the name of the registration that counts, and others.
//     A name with the same source is the same name. If its event stands in both
//     views, because a newer registration counts, why is OutOfView.
//   - Sources: those concerned that are not the same in both views, as the
//     registration has them that counts.
//   - Links, Assessments: those that stand in one view only, if one of the two
//     statements, or what is rated, is concerned.
//
// A redaction reaches into both views, so no difference comes from it. Redacted
// are, whatever the pattern, the ids of the redacted events that stand in one view
// only, then of those whose redaction was recorded between the two positions.
//
// All lists are in order of recording: of the statements, of the events that stand
// in one view only, or, for entities and sources, of the first of these events.
// Of one entity the names that went come first, each in the order of
// [graph.View.Entity].
//
// [Watch] has the differences in the answers to any question, position by
// position, as the record grows, and [WatchStatements] those in the statements that a
// pattern names, at the cost of what is new.
//
// # Change over time
//
// When a statement was said has bounds, as [graph.Statement.Said] gives them. The
// order of saying is by the latest instant, then the earliest, then in order of
// recording. It is certain between two statements if the latest instant of one is
// before the earliest of the other.
//
// [Shifts] are changes of position. Two statements are about the same if their
// claims have the same predicate, occurrence, arguments (both ways) and conditions
// and their times may meet, or if they oppose one another as above, either way. Of two
// affirmations with an occurrence it is enough that one holds each argument of the other,
// if that one is no less certain: somebody sure of a visit after a trip is sure of the visit,
// but somebody less sure of when it is has not changed his mind about it. Somebody's stance
// shifts between two such statements, both shown, if he is among
// the speakers of both origins, the origins' stances differ in certainty or in
// polarity, and in the order of saying no third shown statement that he is an
// origin's speaker of lies between them and is about the same as each of them. So what
// is said again changes nothing, and a change counts from the last time that the
// old position was held. For whom they speak does not matter; each speaker of a
// joint statement shifts by himself. The pattern names one of the two, and a pair
// comes with the first one, as above; pairs of the same two statements are in
// order of the speaker's id.
//
// After these come the statements that were taken back: links as [Disputes] has
// them, and in that order, but of type [events.Withdraws] or made by statements
// with the predicate "withdraws". Earlier is what the link refers to by To, Later
// by From, shown or not. Whoever speaks in the origin of Earlier took it back,
// since that is what such a link says, whoever speaks in Later. If Earlier
// cannot be read it is whoever speaks in Later; if neither can, there is no
// answer. Two statements between which the stance shifts may also be linked so:
// then they come twice.
//
// [Stances] are what each speaker of an origin holds now of a claim, whichever way the
// statement that the pattern names holds it. A shown statement
//
//   - affirms the claim if it is an affirmation whose claim agrees with it, as in
//     [Support], or that its denial would oppose: to say that they met in Moscow is to say
//     that they met;
//   - denies it if it is a denial and opposes it;
//   - leaves it open if it agrees with it and is neither;
//   - stands beside it if it is no affirmation and says more, so that the claim's denial would
//     oppose it if it were an affirmation; or if it is an affirmation of the claim's occurrence and says
//     less, so that it would oppose the claim if it were a denial.
//
// All these bear on the claim. What a speaker takes back stands apart and is left out, as if
// he had not said it: what he had said before is newest again. He takes back
// what a link of type [events.Withdraws] or [events.Corrects], read as disputes are, leads to,
// if he speaks in the statement that makes the link or, where a recorder made it, in its From.
// What others correct or would have withdrawn is not taken from him: [Links] has that. Of a
// joint statement each takes back his own part. If the view is of what had been said or
// published by a date, a link does not count yet whose From stands and had not been. Whether
// the link was itself taken back is not looked into.
//
// Of the rest, he has left a statement if he has said another later, for certain, that is
// about the same as for a shift and either has another stance or holds each argument of the
// earlier one. What he has not left is his newest. Statements beside the claim are told only where
// he has left, or may have left, for them one that is not beside: somebody who was sure of a
// visit after a trip, and now holds a visit possible, is not sure of one after the trip. They
// affirm and deny nothing. A joint statement is each speaker's; for whom they speak does not
// matter.
//
// A claim is held if the newest of somebody affirms it, denied if it denies it, and disputed if
// both are so, even of one speaker whose times leave it open. If none does either, it is once
// held if anything that bears on it affirms it, left or taken back, and otherwise unheld. Claims
// on which the same statements bear in the same ways come once, with the first statement that
// the pattern names.
//
// A statement foresees, it speaks of what was to come, if
//
//   - the origin commits to it ([events.Commit]: a promise, a threat); or
//   - its claim has conditions; or
//   - its claim has a time that begins, at the earliest, after it was said at the
//     latest; or that ends, at the latest, after the day on which it was said, and
//     does not begin before it. The day lasts from the beginning of the first day
//     (UTC) on which it may have been said to the end of the last; where no time of
//     saying is recorded it is the last day alone.
//
// So what was going on when somebody spoke of it, like an office held since 2024,
// is not foreseen, nor is what is dated to the very day on which it was said.
//
// [Predictions] are the affirmations among these that the pattern names. A report
// on one is a shown statement that foresees nothing itself, is certain (CT), and
// was said in between: by the date, its latest instant not after that of the date;
// and not too early, its latest instant neither before the day on which the
// prediction was said nor before the earliest instant of the prediction's time.
// Its own time, if it has one, is over: it ends, at the latest, by the day on which
// it was said. Of an interval it is enough that it began by then, for certain: an
// unknown start may be as late as the end.
//
// A report is for the prediction if it affirms the same predicate, their times may
// meet, and
//
//   - both have the same occurrence, no role is in conflict between them as above,
//     whatever the prediction's conditions are, so that a visit to Moscow is one to
//     Russia if Moscow is part of Russia, and where both have numbers of one unit in a
//     role they share one, whatever else either says; or
//   - one of them has no occurrence, and each argument of the prediction, which
//     has one or more, is held by the report; or
//   - neither has an occurrence or an argument.
//
// Where both have occurrences, and these are two, they are two happenings, however
// alike. Arguments with role [events.RoleDue] do not matter here, the prediction's or
// the report's. A report is against the prediction if it denies it for all of its
// time: if it opposes it as above, whatever the prediction's conditions are, and
// what it speaks of, its claim's time or, without one, the time up to when it was
// said, does not end before the prediction's time does. So "not as of Monday" says
// nothing against "by Friday". Against a prediction without an end, which no report can
// outlast, any denial counts that opposes it.
//
// A prediction [CameTrue] if there are reports for it only, [Failed] if against it
// only, and is [Disputed] if both. If there is none it has [Lapsed] if its time ends
// before the date begins, and otherwise it is [StillOpen]. Its time is its claim's or,
// without one, the first that it is due by; without either it has no end.
// Promises not to do something are denials, and no predictions.
//
// [Deadlines] are, of each shown statement that the pattern names, affirmed or
// not, the arguments with role [events.RoleDue] that are times, and the conditions
// of the claim itself: what a condition's time is, or that it has none, which comes
// as a deadline without a time. A deadline has Passed if its latest instant is
// before the earliest of the date. Those of one latest instant come together,
// however they are worded, and those without a time after all others. [Deadline.Others]
// has what else is said about the claim's occurrence.
//
// # What to erase
//
// [Traces] are the events of the record, up to the view's position, in which an entity
// or any member of its cluster stands, and those in which it perhaps does. The view's
// filters do not apply. What has been retracted or replaced is among them, since it
// is in the record; what has been redacted is not. Each has a reason:
//
//   - it registers the entity, or names it;
//   - it is a verdict on it, or a split that names it;
//   - it adds a source that has it as an author or as its publisher;
//   - it records a statement that mentions it: in the claim, in those nested in it and
//     in conditions, or in a voice; or of which some split says that it does;
//   - it bears on one of these statements or sources: a statement whose claim refers to
//     it, a link or an assessment that has a reason in words;
//   - it contains one of its names, or one of the words that are given besides, in any
//     text, percent-encoded or not, up to three times over: a title, a URL, a quote, the
//     name or the note of another entity.
//
// Names are those that the events of the record have for it, standing or not. A name is
// in a text if its words are there one after the other, whatever the case, the accents,
// the form of the letters and what parts them; the last may have an ending if the name has
// four letters. The letters ı ł ø đ ð ħ ŧ ŋ ĸ ɓ ɗ ƙ ƴ æ œ þ ß are as i l o d d h t n k b d k
// y ae oe th ss, the Arabic ي ى ك as the Persian ی ک, and tatweel is none. A zero-width
// space or non-joiner parts words or not: a name is looked for, and a text looked
// through, both with all of them parting words and with none. A surname alone, another
// spelling (Soeren for Søren) or another case must be given as a word: [Spellings] and
// package find have them.
//
// The last two are suspicions, which may concern somebody else: a trace of a man called
// Will is "I will build it". Of these redact only what somebody has looked at. The other events
// that do not Stay can be redacted in one batch, or in several if there are many thousands. A
// verdict, a split, a retraction, a redaction or a declaration Stays: it has ids, and its reason
// or its names, which nothing erases. Who recorded an event is no trace: every event says
// it. Ask before anything is redacted: names that are gone are not looked for.
// Entities that are perhaps the same are not looked at. It reads the whole record
// twice.
//
// # Words and edges
//
// [Words] are the exact words behind a statement, verified against the text of
// its source. [Line] is a statement in one line, for people to read. [Edges] are an
// entity's relations, as a graph has them: from each end of a claim that is the entity, to
// each end that is another.
package query
