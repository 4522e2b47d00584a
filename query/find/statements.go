package find

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/google/uuid"
	sqlite3 "github.com/ncruces/go-sqlite3"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/enum"
	"github.com/onrecord/onrecord/internal/option"
)

// Options narrow an answer. Nil and the zero Options mean all of it.
type Options struct {
	Most int // how many hits at most; 0: all
}

// most returns how many hits are answered.
func (o *Options) most() (most int, err error) {
	if o != nil {
		most = o.Most
	}
	err = option.Count("Most", &most, math.MaxInt, math.MaxInt)
	return most, err
}

// Field is where in a statement words stand.
type Field uint8

// The fields.
const (
	Exact   Field = 1 // the words of the source: Selector.Exact
	Gloss   Field = 2 // the recorder's own sentence
	Value   Field = 3 // a text as the value of an argument
	Written Field = 4 // as written, of arguments, parties, times and conditions; the cue of a voice
)

var fieldWords = enum.Of("find", "Field", "", "exact", "gloss", "value", "written")

func (f Field) String() string { return fieldWords.Of(uint8(f)) }

// MarshalText returns the word that String prints, an empty text for 0, which is not in use. Any
// other number that is not in use is an error.
func (f Field) MarshalText() ([]byte, error) { return fieldWords.Marshal(uint8(f)) }

// UnmarshalText sets it to what a word stands for, to 0 if text is empty. Another word is an error,
// which names the nearest, and changes nothing.
func (f *Field) UnmarshalText(text []byte) error { return enum.Unmarshal(fieldWords, text, f) }

// StatementHit is a statement in which words were found.
type StatementHit struct {
	*graph.Reading
	// Field is where most of what was asked for was found: in the first text that
	// has most of it, of those that the fields order.
	Field   Field
	Snippet Snippet // of that text
}

// Statements returns the statements that the view shows and in which all words of
// a text occur, the best first and of equals the one recorded first. The package
// comment says what a word is, and what the text may hold. There is nothing where
// it holds no word; the error says so where it is longer than [MaxText]. The view
// must be one of the index's graph.
//
// All that match, shown or not, are looked up before the first is returned; each
// is read from the record when its turn comes. The sequence may be ranged over
// again. Other questions may be asked inside the loop.
func (x *Index) Statements(ctx context.Context, v graph.View, text string, opts *Options) iter.Seq2[*StatementHit, error] {
	return func(yield func(*StatementHit, error) bool) {
		fail := func(err error) { yield(nil, x.wrap("statements", err)) }
		entries, phrases, most, err := x.search(ctx, v, text, "said", opts)
		if err != nil {
			fail(err)
			return
		}
		n := 0
		for _, e := range entries {
			if n == most {
				return
			}
			h, err := readHit(ctx, v, e.event, phrases)
			if err != nil {
				fail(err)
				return
			}
			if h == nil {
				continue
			}
			n++
			if !yield(h, nil) {
				return
			}
		}
	}
}

// readHit reads a statement and looks at it again: the index is not trusted. It
// returns nil if the view does not show it so.
func readHit(ctx context.Context, v graph.View, id uuid.UUID, phrases []phrase) (*StatementHit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, err := v.Statement(id)
	if err != nil || !s.Shows(v) { // it is redacted or does not stand there
		return nil, nil
	}
	r, err := s.Load(ctx)
	if errors.Is(err, graph.ErrRedacted) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p, m, ok := lookAll(phrases, parts(&r.Statement))
	if !ok {
		return nil, nil
	}
	return &StatementHit{r, p.field, snippet(p.text, split(p.text), m.spans)}, nil
}

// SourceHit is a source in whose title words were found.
type SourceHit struct {
	*events.Source
	Snippet Snippet // of the title
}

// Sources returns the sources in whose titles all words of a text occur, as the
// view has them ([graph.View.Source]), like [Index.Statements] otherwise. The
// view's filters do not apply.
func (x *Index) Sources(ctx context.Context, v graph.View, text string, opts *Options) iter.Seq2[*SourceHit, error] {
	return func(yield func(*SourceHit, error) bool) {
		fail := func(err error) { yield(nil, x.wrap("sources", err)) }
		entries, phrases, most, err := x.search(ctx, v, text, "titled", opts)
		if err != nil {
			fail(err)
			return
		}
		n := 0
		seen := make(map[uuid.UUID]bool) // a revised title may be another or the same
		for _, e := range entries {
			if n == most {
				return
			}
			if seen[e.subject] {
				continue
			}
			seen[e.subject] = true
			if err := ctx.Err(); err != nil {
				fail(err)
				return
			}
			s, err := v.Source(ctx, e.subject)
			if errors.Is(err, graph.ErrNotInView) || errors.Is(err, graph.ErrRedacted) {
				continue
			}
			if err != nil {
				fail(err)
				return
			}
			words := split(s.Title)
			m := look(phrases, words)
			if m.count() < len(phrases) {
				continue
			}
			n++
			if !yield(&SourceHit{s, snippet(s.Title, words, m.spans)}, nil) {
				return
			}
		}
	}
}

// entry is what the index has of an event.
type entry struct {
	event   uuid.UUID
	subject uuid.UUID // the entity or the source; none for a statement
}

// search looks up what has all words of a text in a table of the index. It also
// returns what is asked for and how much of it; there is nothing where the text
// holds no word.
func (x *Index) search(ctx context.Context, v graph.View, text, table string, opts *Options) (entries []entry, phrases []phrase, most int, err error) {
	if most, err = opts.most(); err != nil {
		return nil, nil, 0, err
	}
	if phrases, err = parse(text); err != nil || phrases == nil {
		return nil, nil, 0, err
	}
	entries, err = x.match(ctx, v, table, expression(phrases))
	return entries, phrases, most, err
}

// match returns the entries that match an expression of FTS5, the best first.
func (x *Index) match(ctx context.Context, v graph.View, table, expression string) (entries []entry, err error) {
	err = x.ask(ctx, v, func(d *database) (err error) {
		entries, err = d.entries(fmt.Sprintf(`SELECT id, subject FROM %[1]s JOIN entry ON entry.row = %[1]s.rowid
			WHERE %[1]s MATCH ?1 ORDER BY bm25(%[1]s), %[1]s.rowid`, table), expression)
		return err
	})
	return entries, err
}

// entries returns the entries that a query gives, by id and subject.
func (d *database) entries(sql string, args ...any) (entries []entry, err error) {
	err = d.rows(sql, func(s *sqlite3.Stmt) error {
		var e entry
		if copy(e.event[:], s.ColumnRawBlob(0)) != len(e.event) || copy(e.subject[:], s.ColumnRawBlob(1)) != len(e.subject) {
			return errDamaged
		}
		entries = append(entries, e)
		return nil
	}, args...)
	return entries, err
}
