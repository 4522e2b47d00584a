// Package find finds words and names in a record: what anybody said with these
// words in it, in any language and script, and who is called like this, however
// it is spelled.
//
//	x, err := find.Open(ctx, g, "story.find")
//	for hit, err := range x.Statements(ctx, g.View(nil), `envoy "old harbour"`, nil) { … }
//	for hit, err := range x.Entities(ctx, g.View(nil), "Виткофф", nil) { … } // Steve Witkoff
//
// # Nouns
//
// An [Index] follows the record of a [graph.Graph], whatever store that stands on.
// It answers three questions, each as of any view: [Index.Statements] finds
// statements by the words in them, [Index.Sources] sources by those of their
// titles, and [Index.Entities] entities by their names. What is said about
// somebody is another question: find who it is, then ask
// [github.com/onrecord/onrecord/query.Statements] with a pattern.
//
// What is found is a hit. A [StatementHit] has the statement as the view reads
// it, the [Field] where the words stand, and a [Snippet] of the text there.
//
// # What is searched
//
// Of a statement: the words of the source (Selector.Exact), the gloss, texts that
// are the value of an argument, and what is kept as it was written: of arguments,
// parties, times, conditions, and the cue of a voice. Nested claims and conditions
// are looked into. Names of the entities that it mentions are not among them, nor
// are predicates, roles, numbers, locators and reasons.
//
// So what a source calls somebody ([events.EntityRef.As]) finds the statement, and not the
// entity; [github.com/onrecord/onrecord/query.Spellings] has, of an entity, what sources
// call it. His name finds the entity, and not the statements about him: for them, ask with a
// pattern.
//
// Of a source its title, and of an entity its names, the registered and the added
// ones, as the view has them ([graph.View.Source], [graph.View.Entity]): a name
// that was not in use as of the view, or is no longer, finds nobody.
//
// # Words
//
// A word is a run of letters, digits and marks. Anything else parts words, an
// apostrophe as well. Words are the same if they are once
//
//   - compatible characters are one (NFKC) and case does not matter (full case
//     folding: "STRASSE" is "straße");
//   - accents, vowel points and stress marks are left out, where the script is
//     Latin, Greek, Cyrillic, Arabic, Hebrew or Syriac: "Zelenský" is "zelensky",
//     "Ёлка" is "елка". In other scripts a mark is a part of its letter;
//   - Latin letters and decimal digits are written in ASCII: "Wałęsa" is "walesa";
//   - invisible characters and the Arabic tatweel are left out.
//
// No word is reduced to its stem. Han, Hiragana, Katakana, Thai, Lao, Khmer and
// Myanmar do not part words by spaces; there each character is a word, so that any
// part of a text can be found.
//
// # What can be asked for
//
// A text is terms that spaces part. All must occur, in any order, in any of the
// statement's texts. A term of several words is a phrase (covid-19, 北京, don't),
// as is what stands in quotation marks ("…", “…”, „…“, «…»): its words follow one
// another in one text. A term or phrase followed by * goes on: its last word may be
// the beginning of one. Nothing else has a meaning, and no text is an error, unless
// it is longer than [MaxText]. One without a word asks for nothing.
//
// The best is first, by bm25 as FTS5 has it, with all fields alike; then what was
// recorded first. How rare a word is counts over all statements on record, or all titles,
// so two hits may change places when more is recorded; which they are does not.
//
// # Names that are alike
//
// A name is found if it holds the terms that are asked for, as above, or if it is
// alike. Names are compared in Latin letters, word by word (characters that follow
// one another are one word, and an apostrophe joins), and as a whole where its
// sound has at most 12 consonants, or it is one word. The sound of a word is what is left
// when letters and groups of letters that stand for one sound in some language are
// one: b and p, d and t, f and v and w, g and h and k, all hissing ones ("sh",
// "sch", "tz", "cz"), y and i; and nothing stands twice in a row.
//
// Two words are alike if the consonants of their sounds, in order, are the same, or
// differ by one that is missing, added or another one and there are 3 to 24 of
// them. (A vowel in front counts as one consonant.) How alike they are is 1 if they
// are the same word, and otherwise 0.95 times the mean of three ratios, of the
// letters, of the sounds and of their consonants, where a ratio is 1 less the edits
// (Levenshtein) by the longer one's length. The score is 0.9 times how well the
// name's words cover those asked for, by length, and 0.1 times the other way round;
// 0.9 and more for a name that holds what is asked for; and never less than how
// alike the two are as a whole. From 0.55 on it is found.
//
// A score says how alike two spellings are, not that somebody is meant: "Person 3" finds
// Person 2 with 0.86, and 1 are the same words, in any order, which others may have as a
// name too. Never erase, merge or decide by it: let somebody look.
//
// That finds, with TestFigures, 296 of 322 spellings of 42 public figures, all of
// them as the first of these; among the 7,100 actors of a year of coded news
// (ICEWS 2014) 279 of them are the first, and 4 others are found with each.
// By script: Latin 87 of 87, Cyrillic 86 of 87, Greek 49 of 50, Arabic 36 of 40,
// Hebrew, Devanagari and Georgian all 11, kana 8 of 10, Hangul 4 of 7, Han 15 of
// 30. The rules were made with that list. With TestUkraine, all 76 English
// spellings of Ukrainian speakers and places in 364 statements of 2022 are the
// first to be found among 233 names; no rule was made for these.
//
// What it does not find: names that another language has in another way
// (普京 is read Pǔjīng, 特朗普 Tèlǎngpǔ; 安倍晋三 is read as Chinese), some
// that run an article together with a name (القذافي), translations and nicknames.
// For these, record the name: [events.Builder.Name]. Short names are found if
// their consonants are the same ("Li", "Lee", 李), and so are others.
//
// # The view
//
// The whole view counts: its position, its identities, its filters for statements.
// One of another graph than the index's, even on the same store, is an error.
// An entity is in canonical form and comes once, with all its names. A question
// first takes in what the graph has seen, if its view has seen more than the
// index. What is found is looked at again in the record, so that nothing is shown
// for which the record does not have the words.
//
// What is redacted is found in no view, at once. When the index takes the redaction
// in it deletes the words, writes the whole file anew and empties its log, so that
// no byte of them is left in either; that takes time in proportion to the index. If
// that fails, or its context ends, the next taking in begins with it, as do
// [Index.Refresh] and [Open] where there is nothing to take in.
// Until then they are in the file, and what a file system or a backup keeps is not
// in its reach. Where the record is erasable, an index that is open takes a redaction
// in before the call returns that recorded or followed it ([graph.Graph.OnErase]).
// One that is closed does when it is opened again; and since its words are not sealed,
// a copy of its file keeps what is erased later: keep the index of an erasable record
// in memory, or out of all backups.
//
// # The file
//
// The index is a cache, and can be deleted at any time while it is closed. It is an
// SQLite file with the application id 0x4F526669 ("ORfi") and the user version 2.
// It holds no texts, but the words of each, in order, and keys of names. Beside it,
// while it is open, is its log (-wal), and, for ever, an empty file that is locked
// (-lock). Files that are made are open for nobody but their owner, the log a moment
// after it is made: a directory that others may not open keeps it from them in that, too.
//
// It is trusted for what it leaves out, and for nothing else. So it keeps the
// position up to which it has taken the record in, and the digest of the record
// there ([graph.View.Digest]); if the graph has another one, or the file is of
// another version, it is made anew. Each page has a checksum, which is looked at
// when the page is read, and a file that is damaged, cut or not of whole pages is
// made anew, also when that shows later, in the midst of a question. What damages
// a page and its checksum alike is not noticed. A log that is damaged ends there,
// and what it had is taken in again. A file that is something else, such as a
// record, is refused (ErrNotIndex), as is one of which too little is left to tell: it
// must have two of SQLite's magic at its beginning, the application id, and the name
// of our table onrecord_find_state on the first page; or else beside it a journal of
// SQLite's (-journal) that says that the file was empty, as a crash leaves it in the
// making of one.
//
// A crash of the machine at any moment leaves what a new index would answer, or what is
// made anew, and no word that was gone from the file before it.
//
// One Index at a time has the file open; another one, of any process, is refused
// with ErrInUse, and can be opened in memory instead.
//
// # Costs
//
// All from BenchmarkOpen, BenchmarkStatements, BenchmarkEntities and BenchmarkSaidName, with 20,000
// statements of 15 words (125 bytes) and 10,000 names of two words.
//
// The file has 224 bytes for each of them. Making it takes some 16 times as long as
// putting the texts into a plain table (about 40 µs of processor time for each;
// names take four times as long as statements), and opening it again reads a few
// pages. What is added later costs the same. Taking in is not synced to disk: after
// a crash of the machine some of it may have to be repeated.
//
// A question costs in proportion to what matches in the whole record, shown or not;
// only as many as are asked for are read from it. The 10 best of 33 statements
// come 16 times as fast as LIKE goes through the same texts, and 5 times as fast
// as strings.Contains does in memory; the 10 best of 1,171, one in seventeen,
// 1.3 times as fast as LIKE, and strings.Contains is four times faster.
// A phrase costs its words times those of the texts that it may be in, where they say
// one word again and again.
// A name costs in proportion to those with similar consonants, all of which are
// read: among 10,000 names made of 20 syllables, where many are alike, 20 times
// less than comparing it with each. How many statements or titles have the name in their
// texts does not matter, as it does not for titles how many statements have their words.
//
// In memory there is a cache of 16 MB for a file, and all of the index for one
// that is in memory.
package find
