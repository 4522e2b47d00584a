// Package jsonl exports a record as text, one record a line, and imports it again,
// bit for bit. Each line carries the record's bytes beside all that they say in
// words, so that it can be read without this module, searched, and compared.
//
//	head, err := jsonl.Export(ctx, store, w)
//	head, err := jsonl.Import(ctx, other, r)
//
// The bytes are what is imported. What the words say must be the same, so an export
// cannot show one thing and record another.
//
// # The format
//
// JSON Lines: each line is a JSON object (RFC 8259) in UTF-8 and ends with a line
// feed. There is a line for each record from number 1 on, and one for the end, by
// which an export that was cut off is known. No line is longer than [MaxLine].
// Fields come in the order that is given here; between them there may be spaces, and
// text may be escaped in any way that JSON knows. A field marked with ? is left out
// if it is zero or empty, and no field is there that is not listed. There is no null.
//
//	record     record    number of the record
//	           sha256    of its bytes, 64 hexadecimal digits
//	           bytes     the record, in base64 (RFC 4648, section 4, with padding)
//	           previous  SHA-256 of the record before; zeros in record 1
//	           keys      ? id of the keys, if the record's events are sealed
//	           batches   [batch]
//	batch      position  number of the batch in the whole record
//	           at        recorded at, RFC 3339 in UTC, to the nanosecond
//	           recorder  text
//	           events    [event]
//	event      id        UUID in its usual form
//	           kind      such as "StatementRecorded"
//	           body      what that kind has; not there if the payload is sealed
//	           sealed    id of the key, hexadecimal; there only if it is sealed
//	the end    end       number of the last record, 0 if there is none
//	           sha256    of its bytes; zeros if there is none
//
// A body has the fields that package events lists for it and in that order, with an
// underscore for a space ("derived_from"). Ids are UUIDs in their usual form; times
// are text as package edtf prints it; enumerations are the words that package events
// has for them ("paraphrase", "affirmed"), and a number that it has none for is
// written as "Form(9)"; sets are arrays; the SHA-256 of a source is hexadecimal.
//
// # A worked example
//
// The worked example of package events, with the end behind it, is these two lines.
// They are broken here to fit the page, and most of the bytes are left out.
//
//	{"record":1,
//	 "sha256":"1a33c990c7060fcc40ab76bbabf98e01ef9dc847cfb60e47a0ccb6919400ab0a",
//	 "bytes":"pQEBAgEDAQRYIAAA...",
//	 "previous":"0000000000000000000000000000000000000000000000000000000000000000",
//	 "batches":[{"position":1,"at":"2025-08-04T12:30:00Z","recorder":"desk","events":[
//	  {"id":"0198783a-2c00-7000-8000-000000000001","kind":"StatementRecorded","body":
//	   {"statement":{
//	    "claim":{"predicate":"visit",
//	     "args":[{"role":"visitor",
//	       "value":{"kind":"entity","id":"00000000-0000-0000-0000-000000000001"},
//	       "as":"Whitkoff"},
//	      {"role":"place",
//	       "value":{"kind":"entity","id":"00000000-0000-0000-0000-000000000002"}}],
//	     "when":{"time":"2025-08-06"}},
//	    "voices":[{"speakers":[{"entity":"00000000-0000-0000-0000-000000000003"}],
//	      "act":"assert",
//	      "stance":{"certainty":"possible","polarity":"affirmed"}}],
//	    "source":"00000000-0000-0000-0000-000000000004",
//	    "form":"paraphrase"}}}]}]}
//	{"end":1,
//	 "sha256":"1a33c990c7060fcc40ab76bbabf98e01ef9dc847cfb60e47a0ccb6919400ab0a"}
package jsonl
