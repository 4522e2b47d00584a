package events

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events/edtf"
)

// SourceRef is a source in a [Builder]'s batch, and makes the statements that
// are taken from it. A statement takes its voice, its language and its offsets
// from the source, so name authors, publisher, language and text before the id
// of one of its statements is taken. Saying the same again is no change.
type SourceRef struct {
	b      *Builder
	source Source
	event  bool // to be recorded, not known before
	taken  bool
	text   *string
}

// Source adds the source with this URL, or another name of its own. The id is
// Key("source", url). The second call for a URL returns the same source.
//
// Beware: a source that the record has already is revised by it, so what is not
// said again (title, authors, dates, hash) is gone from then on. To take more
// statements from such a source use [Builder.Known]. Two versions of a text at
// one URL are two sources: give each a name of its own, such as "url#2".
func (b *Builder) Source(url string) *SourceRef {
	if url == "" {
		b.fail("Source: is empty, want a URL or another name of its own")
	}
	s := b.sourceWith(b.id("source", url))
	s.event = true
	s.source.URL = url
	return s
}

// Known returns a source that the record has already; nothing is recorded about
// it. The authors are whose voice its statements take: the batch does not know
// them.
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
		s = &SourceRef{b: b, source: Source{ID: id}}
		b.sources[id] = s
		b.sourceList = append(b.sourceList, s)
	}
	return s
}

// ID returns the source's id.
func (s *SourceRef) ID() uuid.UUID { return s.source.ID }

// Title sets the title.
func (s *SourceRef) Title(title string) *SourceRef {
	if s.described("Title") {
		s.source.Title = title
	}
	return s
}

// By adds authors. With several, they speak jointly.
func (s *SourceRef) By(authors ...EntityRef) *SourceRef {
	for _, a := range authors {
		if !slices.Contains(s.source.Authors, a.ID) && s.open("By") {
			s.source.Authors = append(s.source.Authors, a.ID)
		}
	}
	return s
}

// Publisher sets the publisher.
func (s *SourceRef) Publisher(publisher EntityRef) *SourceRef {
	if s.source.Publisher != publisher.ID && s.open("Publisher") {
		s.source.Publisher = publisher.ID
	}
	return s
}

// Published sets the date of publication, in EDTF; empty: not
// known.
func (s *SourceRef) Published(date string) *SourceRef {
	if s.described("Published") {
		s.source.Published = s.date("Published", date)
	}
	return s
}

// Retrieved sets when the source was looked at, in EDTF; empty: not
// known.
func (s *SourceRef) Retrieved(date string) *SourceRef {
	if s.described("Retrieved") {
		s.source.Retrieved = s.date("Retrieved", date)
	}
	return s
}

// Language sets the language, a BCP 47 tag. Statements with exact words take it.
func (s *SourceRef) Language(tag string) *SourceRef {
	if s.source.Language != tag && s.open("Language") {
		s.source.Language = tag
	}
	return s
}

// Text sets the SHA-256 and hands the full text in with the batch, so that
// offsets and words are checked against it. Exact words that stand in it once
// get their offsets.
func (s *SourceRef) Text(full string) *SourceRef {
	if (s.text == nil || *s.text != full) && s.open("Text") {
		sum := sha256.Sum256([]byte(full))
		s.source.SHA256 = sum[:]
		s.text = &full
	}
	return s
}

// SHA256 sets the SHA-256 of a text that is not at hand, in hexadecimal.
func (s *SourceRef) SHA256(sum string) *SourceRef {
	b, err := hex.DecodeString(sum)
	if err != nil || len(b) != sha256.Size {
		s.fail("SHA256", fmt.Errorf("%q: want 64 hexadecimal digits", sum))
	} else if !bytes.Equal(s.source.SHA256, b) && s.open("SHA256") {
		s.source.SHA256 = b
	}
	return s
}

// DerivedFrom adds sources that this one repeats, translates or corrects.
func (s *SourceRef) DerivedFrom(sources ...uuid.UUID) *SourceRef {
	if s.described("DerivedFrom") {
		for _, id := range sources {
			if !slices.Contains(s.source.DerivedFrom, id) {
				s.source.DerivedFrom = append(s.source.DerivedFrom, id)
			}
		}
	}
	return s
}

// open reports whether what statements take from the source may still change.
func (s *SourceRef) open(call string) bool {
	if s.taken {
		s.fail(call, errors.New("comes after the id of one of its statements was taken"))
	}
	return !s.taken
}

// described reports whether the source is to be recorded.
func (s *SourceRef) described(call string) bool {
	if !s.event {
		s.fail(call, errors.New("nothing is recorded about a source that is Known"))
		return false
	}
	return true
}

func (s *SourceRef) date(call, date string) edtf.Time {
	t, err := parseDate(date)
	if err != nil {
		s.fail(call, err)
	}
	return t
}

// parseDate returns the zero Time for the empty string.
func parseDate(date string) (edtf.Time, error) {
	if date == "" {
		return edtf.Time{}, nil
	}
	return edtf.Parse(date)
}

func (s *SourceRef) fail(call string, err error) {
	name := s.source.URL
	if name == "" {
		name = s.source.ID.String()
	}
	s.b.fail("source %q: %s: %w", name, call, err)
}

// Names adds a name that the source uses for an entity.
func (s *SourceRef) Names(entity EntityRef, name, language string) uuid.UUID {
	return s.b.Add(&EntityNamed{Entity: entity.ID, Name: Name{name, language}, Source: s.source.ID})
}

// Assess rates the source in a scheme.
func (s *SourceRef) Assess(scheme, value, reason string) uuid.UUID {
	return s.b.Add(&Assessed{Source: s.source.ID, Scheme: scheme, Value: value, Reason: reason})
}

// Says adds a statement that the source makes in its own voice: that of its
// authors; without any that of its publisher; without either that of a
// placeholder, "author of " and the URL. [Builder.Claim] says which roles the
// entities fill.
func (s *SourceRef) Says(predicate string, entities ...EntityRef) *StatementRef {
	st := s.b.statement(s, predicate, entities)
	st.st.Voices = []Voice{{Act: Assert, Stance: Sure}} // the speakers are known when the id is taken
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

// own returns who speaks in the source's own voice, nobody if that is unknown.
func (s *SourceRef) own() []Party {
	switch {
	case len(s.source.Authors) > 0:
		ps := make([]Party, len(s.source.Authors))
		for i, a := range s.source.Authors {
			ps[i].Entity = a
		}
		return ps
	case s.source.Publisher != uuid.Nil:
		return []Party{{Entity: s.source.Publisher}}
	case s.event:
		return []Party{{Entity: s.b.Placeholder("author of " + s.source.URL).ID}}
	}
	return nil
}

// place adds the source's event behind those of the sources that it derives
// from. A circle is left for the check to refuse.
func (s *SourceRef) place(placed map[*SourceRef]bool, events *[]Event) {
	if placed[s] {
		return
	}
	placed[s] = true
	for _, id := range s.source.DerivedFrom {
		if from := s.b.sources[id]; from != nil {
			from.place(placed, events)
		}
	}
	if !s.event {
		return
	}
	body := &SourceAdded{s.source}
	id, err := s.b.eventID(body, false)
	if err != nil {
		s.fail("SourceAdded", err)
		return
	}
	if !s.b.recorded[id] {
		*events = append(*events, Event{ID: id, Body: body})
	}
}
