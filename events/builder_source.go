package events

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events/edtf"
)

// SourceRef is a source in a [Builder]'s batch, and makes the statements that
// are taken from it. A statement takes its voice, its language and its offsets
// from the source. So name authors, publisher, language and text before you take
// the id of one of its statements. Saying the same again is no change.
type SourceRef struct {
	b      *Builder
	source Source
	name   string // what it is called in errors
	event  bool   // to be recorded, not known before
	taken  bool
	text   *string
	points *indexed // the text, once a statement has asked for it

	newest   *Event    // how it is registered on record, or by the last Batch; may be nil
	asOf     Position  // as of when it is known
	redacted bool      // it stands, and nothing is left of how it was registered
	nameless string    // as in an EntityRef, of an author or publisher that it has not on record
	author   EntityRef // who is taken to be, if nobody is named
	by       bool      // authors have been named
	added    bool      // by the last Batch
	derived  bool      // what it derives from has been named
	refused  bool      // its event, which has been said
}

// Source adds the source with this URL, or another name of its own. The id is
// Key("source", url). The second call for a URL returns the same source.
//
// If the builder knows the record ([Builder.Knowing]), what is not said of a source
// stays as it is there. If it does not, and the record has the source already, what is
// not said again (title, authors, dates, hash) is gone from then on: take more
// statements from that source with [Builder.Known]. Two versions of a text at one URL are
// two sources: give each a name of its own, such as "url#2".
func (b *Builder) Source(url string) *SourceRef {
	if url == "" {
		b.fail(`source ""`, refuse(nil, "is empty").in("URL").want("one, or another name of its own"))
	}
	if trimmed := trimmed(url); trimmed != url {
		b.fail(fmt.Sprintf("source %q", cut(url)), refuse(url, "has white space around it").in("URL").want("%q", cut(trimmed)))
	}
	s := b.sourceWith(b.id("source", url))
	s.event, s.name = true, url
	if s.source.URL == "" {
		s.source.URL = url
	}
	return s
}

// Known returns a source that the record has already, and records nothing about
// it. Its statements take the voice of these authors, or of those on record if none is
// named and the builder knows the record ([Builder.Knowing]).
func (b *Builder) Known(source uuid.UUID, authors ...EntityRef) *SourceRef {
	s := b.sourceWith(source)
	if !s.event {
		s.By(authors...)
	}
	return s
}

func (b *Builder) sourceWith(id uuid.UUID) *SourceRef {
	s := b.sources[id]
	if s == nil {
		s = &SourceRef{b: b, source: Source{ID: id}, name: id.String(), asOf: b.position()}
		s.newest = b.registration(id)
		if s.newest != nil {
			if known, ok := s.newest.Body.(*SourceAdded); ok {
				s.source = known.Source
			}
		}
		s.redacted = b.isRedacted(id, s.newest)
		b.sources[id] = s
		b.sourceList = append(b.sourceList, s)
	}
	return s
}

// ID returns the source's id.
func (s *SourceRef) ID() uuid.UUID { return s.source.ID }

// Title sets the title. Here and in what follows, an empty value says nothing.
func (s *SourceRef) Title(title string) *SourceRef {
	if s.described("Title") && title != "" {
		s.source.Title = title
	}
	return s
}

// By adds authors. Several authors speak jointly. The first call takes the place of the
// authors on record.
func (s *SourceRef) By(authors ...EntityRef) *SourceRef {
	ids := make([]uuid.UUID, len(authors))
	for i, a := range authors {
		ids[i] = a.ID
		s.mention(a)
	}
	if said := joined(s.source.Authors, s.by, ids); !slices.Equal(said, s.source.Authors) && s.open("By") {
		s.source.Authors = said
	}
	s.by = s.by || len(ids) > 0
	return s
}

// joined returns a list and what it lacks of others, or only these if it has not been
// said here. It changes neither.
func joined(list []uuid.UUID, said bool, others []uuid.UUID) []uuid.UUID {
	if !said && len(others) > 0 {
		list = nil
	}
	list = slices.Clone(list)
	for _, id := range others {
		if !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}

// Publisher sets the publisher.
func (s *SourceRef) Publisher(publisher EntityRef) *SourceRef {
	s.mention(publisher)
	if publisher.ID != uuid.Nil && s.source.Publisher != publisher.ID && s.open("Publisher") {
		s.source.Publisher = publisher.ID
	}
	return s
}

// Published sets the date of publication, in EDTF.
func (s *SourceRef) Published(date string) *SourceRef {
	if s.described("Published") && date != "" {
		s.source.Published = dateOf(date, "Published", s.fail)
	}
	return s
}

// Retrieved sets when the source was looked at, in EDTF.
func (s *SourceRef) Retrieved(date string) *SourceRef {
	if s.described("Retrieved") && date != "" {
		s.source.Retrieved = dateOf(date, "Retrieved", s.fail)
	}
	return s
}

// Language sets the language, a BCP 47 tag. Statements with exact words take it.
func (s *SourceRef) Language(tag string) *SourceRef {
	if tag != "" && s.source.Language != tag && s.open("Language") {
		s.source.Language = tag
	}
	return s
}

// Text sets the SHA-256 and hands the full text in with the batch, so that offsets and words
// are checked against it, first by [Builder.Batch]. Exact words that stand in it once get
// their offsets. That takes hardly longer for many words than for few: from the 65th of a
// source on they are found in the text's sorted suffixes, which take five bytes for each byte
// of the text while the builder lives.
func (s *SourceRef) Text(full string) *SourceRef {
	if full != "" && (s.text == nil || *s.text != full) && s.open("Text") {
		sum := sha256.Sum256([]byte(full))
		s.source.SHA256 = sum[:]
		s.text = &full
	}
	return s
}

// indexed returns the text that has been handed in, nil if there is none that can be read.
func (s *SourceRef) indexed() *indexed {
	if s.points == nil && s.text != nil && utf8.ValidString(*s.text) {
		s.points = indexText(*s.text)
	}
	return s.points
}

// SHA256 sets the SHA-256 of a text that is not at hand, in hexadecimal.
func (s *SourceRef) SHA256(sum string) *SourceRef {
	if sum == "" {
		return s
	}
	b, err := hex.DecodeString(sum)
	if err != nil || len(b) != sha256.Size {
		s.fail("SHA256", refuse(sum, "is no SHA-256").want("64 hexadecimal digits"))
	} else if !bytes.Equal(s.source.SHA256, b) && s.open("SHA256") {
		s.source.SHA256 = b
	}
	return s
}

// DerivedFrom adds sources that this one repeats, translates or corrects. The first
// call takes the place of those on record.
func (s *SourceRef) DerivedFrom(sources ...uuid.UUID) *SourceRef {
	if s.described("DerivedFrom") {
		s.source.DerivedFrom = joined(s.source.DerivedFrom, s.derived, sources)
		s.derived = s.derived || len(sources) > 0
	}
	return s
}

// open reports whether what statements take from the source may still change.
func (s *SourceRef) open(call string) bool {
	if s.taken {
		s.fail(call, refuse(nil, "comes after the id of one of its statements was taken"))
	}
	return !s.taken
}

// described reports whether the source is to be recorded.
func (s *SourceRef) described(call string) bool {
	if !s.event {
		s.fail(call, refuse(nil, "nothing is recorded about a source that is Known"))
		return false
	}
	return true
}

// dateOf reads a date in EDTF, none if it is empty; what is wrong with it is a mistake of the call.
func dateOf(date, call string, fail func(call string, e *Error)) edtf.Time {
	if date == "" {
		return edtf.Time{}
	}
	t, err := edtf.Parse(date)
	if err != nil {
		fail(call, noDate(date, err))
	}
	return t
}

func (s *SourceRef) fail(call string, e *Error) {
	e.Kind = KindSourceAdded
	s.b.fail(fmt.Sprintf("source %q", cut(s.name)), e.in(call))
}

// Names adds a name that the source uses for an entity.
func (s *SourceRef) Names(entity EntityRef, name, language string) uuid.UUID {
	return s.b.addOf(&EntityNamed{Entity: entity.ID, Name: Name{name, language}, Source: s.source.ID}, entity)
}

// Assess rates the source in a scheme. Without [Builder.Occasion], a program that is run again
// records it again.
func (s *SourceRef) Assess(scheme, value, reason string) uuid.UUID {
	return s.b.Add(&Assessed{Source: s.source.ID, Scheme: scheme, Value: value, Reason: reason})
}

// Says adds a statement that the source makes in its own voice: that of its
// authors or, without any, of its publisher or, without either, of a
// placeholder, "author of " and the URL. [Builder.Claim] says which roles the
// entities fill: in order, or all the first one if the predicate is symmetric.
func (s *SourceRef) Says(predicate string, entities ...EntityRef) *StatementRef {
	st := s.b.statement(s, predicate, entities)
	st.st.Voices = []Voice{{Act: Assert, Stance: CertainAffirmed()}} // the speakers are known when the id is taken
	return st
}

// Reports adds a statement by a speaker whom the source reports: the speaker's
// voice, then the source's own.
func (s *SourceRef) Reports(speaker EntityRef, predicate string, entities ...EntityRef) *StatementRef {
	st := s.b.statement(s, predicate, entities)
	st.voice(speaker)
	return st
}

// Quotes is Reports with the speaker's words.
func (s *SourceRef) Quotes(speaker EntityRef, words, predicate string, entities ...EntityRef) *StatementRef {
	return s.Reports(speaker, predicate, entities...).Form(Quote).Exact(words)
}

// mention notes an author or publisher who is mentioned by a name that has been redacted,
// and is not the one whom the source has on record.
func (s *SourceRef) mention(e EntityRef) {
	if e.nameless == "" {
		return
	}
	if s.newest != nil {
		if was, ok := s.newest.Body.(*SourceAdded); ok && (was.Source.Publisher == e.ID || slices.Contains(was.Source.Authors, e.ID)) {
			return
		}
	}
	s.nameless = e.nameless
}

// own returns who speaks in the source's own voice, nobody if that is unknown, and who of
// them is mentioned by a name that has been redacted.
func (s *SourceRef) own() (speakers []Party, nameless string) {
	switch {
	case len(s.source.Authors) > 0:
		ps := make([]Party, len(s.source.Authors))
		for i, a := range s.source.Authors {
			ps[i].Entity = a
		}
		return ps, s.nameless
	case s.source.Publisher != uuid.Nil:
		return []Party{{Entity: s.source.Publisher}}, s.nameless
	case s.redacted:
		return nil, ""
	case s.event:
		if s.author.ID == uuid.Nil {
			s.author = s.b.Placeholder("author of " + s.name)
		}
		return []Party{{Entity: s.author.ID}}, s.author.nameless
	case s.source.URL != "":
		if s.author.ID == uuid.Nil {
			s.author = s.b.Placeholder("author of " + s.source.URL)
		}
		return []Party{{Entity: s.author.ID}}, s.author.nameless
	}
	return nil, ""
}

// register adds the source's event, if there is to be one.
func (s *SourceRef) register(events []Event) []Event {
	if s.redacted {
		s.b.met = append(s.b.met, s.source.ID)
	}
	if !s.event || s.redacted || s.refused {
		return events
	}
	body := &SourceAdded{s.source}
	id, err := s.b.registrationID(body, s.newest)
	other, here := s.b.latest[s.source.ID]
	switch {
	case err != nil:
		s.refused = true
		s.fail("SourceAdded", asError(err))
	case s.newest != nil && s.newest.ID == id && !s.added:
		s.b.met = append(s.b.met, s.source.ID)
	case here:
		if same, err := isSame(other.body, body); err != nil || !same {
			s.refused = true
			s.fail("SourceAdded", refuse(nil, "Add registers it otherwise").want("one of the two"))
		}
	case !s.b.recorded[id]:
		if s.newest == nil {
			if gone := s.b.comesBack(s.source.ID, body); gone != nil {
				s.refused = true
				s.fail("Source", gone)
				break
			}
		}
		if s.nameless != "" && s.b.isNew(id) {
			s.fail("Entity", noName(s.nameless))
			s.nameless = "" // which is said once
		}
		if s.added && s.newest.ID != id && !s.b.isNew(s.newest.ID) {
			events = append(events, *s.newest) // it is the batch's own, and no revision by others
		}
		e := Event{ID: id, Body: body, AsOf: s.asOf, built: -1}
		events = append(events, e)
		if s.b.record != nil {
			s.newest, s.added = &e, true
		}
	}
	return events
}

// byDerivation returns events that add sources in their order, but each behind those that
// first add what its source derives from, unless that is a circle.
func byDerivation(added []Event) []Event {
	first := make(map[uuid.UUID]int, len(added))
	for i, e := range slices.Backward(added) {
		first[sourceIn(&e).ID] = i
	}
	placed, ordered := make([]bool, len(added)), make([]Event, 0, len(added))
	var place func(i int)
	place = func(i int) {
		if placed[i] {
			return
		}
		placed[i] = true
		for _, from := range sourceIn(&added[i]).DerivedFrom {
			if j, ok := first[from]; ok {
				place(j)
			}
		}
		ordered = append(ordered, added[i])
	}
	for i := range added {
		place(i)
	}
	return ordered
}

// circles adds a fault for each source of a batch, ordered by derivation, that derives
// from one which is added behind it.
func (t *tally) circles(b *Batch) {
	last := make(map[uuid.UUID]int) // the place of the last event that adds a source
	for i := range b.Events {
		if s := sourceIn(&b.Events[i]); s != nil {
			last[s.ID] = i
		}
	}
	seen := make(map[uuid.UUID]bool, len(last))
	for i := range b.Events {
		s := sourceIn(&b.Events[i])
		if s == nil {
			continue
		}
		for j, from := range s.DerivedFrom {
			if last[from] > i && !seen[from] && from != s.ID {
				t.add(derivesBack(from, s.ID).at("DerivedFrom", j).in("Source").about(&b.Events[i], i))
			}
		}
		seen[s.ID] = true
	}
}

// sourceIn returns the source that an event adds, nil if it adds none.
func sourceIn(e *Event) *Source {
	if added, ok := e.Body.(*SourceAdded); ok {
		return &added.Source
	}
	return nil
}

// isSame reports whether two bodies say the same.
func isSame(x, y Body) (bool, error) {
	one, err := encodeBody(x)
	if err != nil {
		return false, err
	}
	two, err := encodeBody(y)
	return bytes.Equal(one, two), err
}
