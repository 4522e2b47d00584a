package query

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/enum"
	"github.com/onrecord/onrecord/internal/option"
)

// Task is something that a statement leaves open, or that needs another look.
type Task struct {
	Kind TaskKind
	*graph.Reading

	// Also are, of UnknownSpeaker and AmbiguousVoice, the other statements that the pattern
	// names of which the same speaker is an origin, in order of recording: who he is, is to
	// be found out once.
	Also []uuid.UUID
	// Who or what is not identified, in canonical form, and who that may be,
	// ascending by id. UnknownParticipant also says as what, empty meaning as the
	// occurrence; there the entity is empty if a value is said to be unknown.
	Entity     uuid.UUID
	Role       string
	Candidates []Candidate
	// The times that AnchorCorrected and SaidAfterPublication are about, and when
	// the source was published as the view has it: empty if that is not known any
	// more.
	Times     []events.When
	Published edtf.Time
	// Of LinkedBeforeReplaced: what links the statement that this one has replaced, or
	// one that that one had, each once: links of recorders, then statements that refer to
	// it. Of both come first those of the latest that was replaced; of one, links are in
	// order of recording, statements in the view's.
	LinkedBy []uuid.UUID
	// Of SplitBeforeReplaced: the splits, each once, those of the latest that was replaced
	// first.
	SplitBy []uuid.UUID
}

// TaskKind says what is to be done. The package comment defines the kinds.
type TaskKind uint8

// The kinds of task, in their order.
const (
	UnknownSpeaker       TaskKind = iota + 1 // find out who said it
	AmbiguousVoice                           // decide which of the candidates said it
	UnknownParticipant                       // find out whom or what it is about
	Withheld                                 // ask again
	AnchorCorrected                          // work out the times anew
	SaidAfterPublication                     // look which version of the page has it
	LinkedBeforeReplaced                     // link this one instead, or nothing
	SplitBeforeReplaced                      // split this one, too
)

var taskKindWords = enum.Of("query", "TaskKind", "", "unknown speaker", "ambiguous voice", "unknown participant", "withheld", "anchor corrected", "said after publication", "linked before it was replaced", "split before it was replaced")

func (k TaskKind) String() string { return taskKindWords.Of(uint8(k)) }

// MarshalText returns the word that String prints, an empty text for 0, which is not in use. Any
// other number that is not in use is an error.
func (k TaskKind) MarshalText() ([]byte, error) { return taskKindWords.Marshal(uint8(k)) }

// UnmarshalText sets it to what a word stands for, to 0 if text is empty. Another word is an error,
// which names the nearest, and changes nothing.
func (k *TaskKind) UnmarshalText(text []byte) error { return enum.Unmarshal(taskKindWords, text, k) }

// WorklistOptions narrow what [Worklist] returns.
type WorklistOptions struct {
	Kinds []TaskKind // none: all
}

// Worklist returns what the statements that the pattern names leave to be done,
// in order of recording and for each statement in order of the kinds. Who has said it is a task
// once for each speaker, with the first of his statements. Nil options
// mean all kinds. A kind that there is not is an error.
//
// It decides in memory which statements are on the list, keeps 48 bytes for each
// of these, as much again for each whose speaker is not identified, and a few for each entity,
// and reads those with a task when their turn comes. So it
// does with every statement whose source has been revised since, to compare its
// times with the source's time of publication, and with every statement that has replaced one
// that a split names, to see whom the statement mentions. Each split that names either it reads
// once, and keeps 48 bytes for each of the split's mentions. Where
// [LinkedBeforeReplaced] is asked for, it looks whether anything links what each statement has
// replaced, and when the statement's turn comes it walks the lists of its links and of the
// statements that refer to it.
func Worklist(ctx context.Context, v graph.View, p graph.Pattern, opts *WorklistOptions) iter.Seq2[*Task, error] {
	return func(yield func(*Task, error) bool) {
		w := &worklist{namer: newNamer(v), said: make(map[uuid.UUID]recorded), splits: make(map[uuid.UUID]*splitRead)}
		if opts != nil {
			w.kinds = opts.Kinds
		}
		if err := option.Among("option Kinds", w.kinds, option.Range(UnknownSpeaker, SplitBeforeReplaced)); err != nil {
			yield(nil, fmt.Errorf("query: worklist: %w", err))
			return
		}
		var listed recorded
		for s, err := range named(ctx, v, p) {
			if err != nil {
				yield(nil, err)
				return
			}
			open, err := w.open(ctx, s)
			if err != nil {
				yield(nil, err)
				return
			}
			if len(open) > 0 {
				listed = append(listed, rank(s))
			}
			for _, t := range open {
				if t.isVoice() {
					w.said[t.Entity] = append(w.said[t.Entity], rank(s))
				}
			}
		}
		for e, list := range w.said {
			w.said[e] = list.sorted()
		}
		for _, s := range listed.sorted() {
			tasks, err := w.tasks(ctx, s)
			if errors.Is(err, graph.ErrRedacted) {
				continue
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, t := range tasks {
				if !yield(t, nil) {
					return
				}
			}
		}
	}
}

// worklist serves one loop.
type worklist struct {
	namer
	kinds []TaskKind
	said  map[uuid.UUID]recorded // by speakers who are not identified and are yet to come

	splits map[uuid.UUID]*splitRead // by id, those read so far
}

// splitRead is what a split moves from an entity.
type splitRead struct {
	entity uuid.UUID
	moved  []moved // ascending by statement
}

// moved is a mention that means another entity.
type moved struct {
	events.Mention
	to uuid.UUID
}

// isVoice reports whether a task is to find out who speaks.
func (t *Task) isVoice() bool { return t.Kind == UnknownSpeaker || t.Kind == AmbiguousVoice }

// open returns what a statement leaves open, for all that is in memory. It may
// turn out that no time was resolved against a time of publication that has been
// corrected, or that no split is about whom it mentions. It does not say what links
// what has been replaced, nor which splits name that.
func (w *worklist) open(ctx context.Context, s graph.Statement) (tasks []*Task, err error) {
	asked := func(k TaskKind) bool { return len(w.kinds) == 0 || slices.Contains(w.kinds, k) }
	add := func(t Task) {
		if asked(t.Kind) {
			tasks = append(tasks, &t)
		}
	}
	speakers, _ := s.Speakers(0)
	for _, e := range eachOnce(speakers) {
		if !w.unidentified(e) {
			continue
		}
		if len(unsureOf(w.v, e)) > 0 {
			add(Task{Kind: AmbiguousVoice, Entity: e})
		} else {
			add(Task{Kind: UnknownSpeaker, Entity: e})
		}
	}
	type place struct {
		role   string
		entity uuid.UUID
	}
	var seen []place
	participant := func(role string, e uuid.UUID) {
		if p := (place{role, e}); !slices.Contains(seen, p) {
			seen = append(seen, p)
			add(Task{Kind: UnknownParticipant, Entity: e, Role: role})
		}
	}
	for role, e := range w.ends(s) {
		if w.unidentified(e) {
			participant(role, e)
		}
	}
	for role, kind := range s.Roles() {
		if kind == events.UnknownValue {
			participant(role, uuid.Nil)
		}
	}

	if s.Act() == events.Withhold || s.Stance() == (events.Stance{Certainty: events.Certain, Polarity: events.Undetermined}) {
		add(Task{Kind: Withheld})
	}
	if s.SourceRevised() {
		add(Task{Kind: AnchorCorrected})
	}
	said, _ := s.Said()
	if _, published, ok := s.Published(); ok && said > published {
		add(Task{Kind: SaidAfterPublication})
	}
	if asked(LinkedBeforeReplaced) {
		for _, err := range w.linking(ctx, s.ID()) {
			if err != nil {
				return nil, err
			}
			add(Task{Kind: LinkedBeforeReplaced})
			break
		}
	}
	if asked(SplitBeforeReplaced) {
		for t := range w.v.Replaced(s.ID()) {
			if len(w.v.Splits(t)) > 0 {
				add(Task{Kind: SplitBeforeReplaced})
				break
			}
		}
	}
	slices.SortStableFunc(tasks, func(a, b *Task) int { return cmp.Compare(a.Kind, b.Kind) })
	return tasks, nil
}

// linking returns what links a statement that one has replaced, as [Task.LinkedBy], some
// perhaps twice.
func (w *worklist) linking(ctx context.Context, statement uuid.UUID) iter.Seq2[uuid.UUID, error] {
	return func(yield func(uuid.UUID, error) bool) {
		for t := range w.v.Replaced(statement) {
			for _, l := range w.v.Links(t) {
				if !yield(l.ID, nil) {
					return
				}
			}
		}
		for t := range w.v.Replaced(statement) {
			for s, err := range walk(ctx, w.v.Statements(graph.Pattern{Refers: t})) {
				if err != nil {
					yield(uuid.Nil, err)
					return
				}
				if !yield(s.ID(), nil) {
					return
				}
			}
		}
	}
}

// tasks reads what a statement leaves to be done and none before it did.
func (w *worklist) tasks(ctx context.Context, s ranked) (tasks []*Task, err error) {
	open, err := w.open(ctx, s.Statement)
	if err != nil {
		return nil, err
	}
	open = slices.DeleteFunc(open, func(t *Task) bool { return t.isVoice() && w.said[t.Entity] == nil })
	if len(open) == 0 {
		return nil, nil
	}
	r, err := read(ctx, s.Statement)
	if err != nil {
		return nil, err
	}
	for _, t := range open {
		t.Reading = r
		if t.isVoice() {
			for _, o := range w.said[t.Entity] {
				if s.compare(o) < 0 {
					t.Also = append(t.Also, o.id)
				}
			}
			delete(w.said, t.Entity)
		}
		switch t.Kind {
		case AmbiguousVoice, UnknownParticipant:
			if t.Entity != uuid.Nil {
				t.Candidates, err = candidates(ctx, w.v, t.Entity)
			}
		case AnchorCorrected:
			if t.Times, t.Published, err = w.corrected(ctx, r); len(t.Times) == 0 && err == nil {
				continue
			}
		case SaidAfterPublication:
			t.Times = []events.When{r.Voices[0].Said}
			t.Published, err = publication(ctx, w.v, r.Source)
		case LinkedBeforeReplaced:
			for by, err := range w.linking(ctx, s.ID()) {
				if err != nil {
					return nil, err
				}
				t.LinkedBy = append(t.LinkedBy, by)
			}
			if t.LinkedBy = eachOnce(t.LinkedBy); len(t.LinkedBy) == 0 { // redacted meanwhile
				continue
			}
		case SplitBeforeReplaced:
			if t.SplitBy, err = w.splitBefore(ctx, r); len(t.SplitBy) == 0 && err == nil {
				continue
			}
		}
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, t)
	}
	return tasks, nil
}

// splitBefore returns the splits that have a statement that this one has replaced read
// otherwise, and not this one, as [Task.SplitBy].
func (w *worklist) splitBefore(ctx context.Context, r *graph.Reading) (by []uuid.UUID, err error) {
	var done []uuid.UUID // of whom a split names this one
	for _, id := range w.v.Splits(r.ID) {
		split, err := w.split(ctx, id)
		if err != nil {
			return nil, err
		}
		done = append(done, w.canonical(split.entity))
	}
	for t := range w.v.Replaced(r.ID) {
		for _, id := range w.v.Splits(t) {
			split, err := w.split(ctx, id)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(done, w.canonical(split.entity)) && w.misses(split, t, &r.Statement) {
				by = append(by, id)
			}
		}
	}
	return eachOnce(by), nil
}

// split returns what a split moves, read the first time that it is asked for.
func (w *worklist) split(ctx context.Context, id uuid.UUID) (*splitRead, error) {
	if split := w.splits[id]; split != nil {
		return split, nil
	}
	e, err := w.v.Event(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("query: read split %v: %w", id, err)
	}
	body := e.Body.(*events.EntitySplit)
	n := 0
	for i := range body.Parts {
		n += len(body.Parts[i].Mentions)
	}
	split := &splitRead{body.Entity, make([]moved, 0, n)}
	for i := range body.Parts {
		for _, m := range body.Parts[i].Mentions {
			split.moved = append(split.moved, moved{m, body.Parts[i].Entity})
		}
	}
	slices.SortFunc(split.moved, func(a, b moved) int { return compareIDs(a.Statement, b.Statement) })
	w.splits[id] = split
	return split, nil
}

// misses reports whether a statement mentions the entity of a split as the one that it has
// replaced does without the split: in the place that the split names, or without the other.
func (w *worklist) misses(split *splitRead, replaced uuid.UUID, s *events.Statement) bool {
	entity := w.canonical(split.entity)
	i, _ := slices.BinarySearchFunc(split.moved, replaced, func(m moved, id uuid.UUID) int { return compareIDs(m.Statement, id) })
	for ; i < len(split.moved) && split.moved[i].Statement == replaced; i++ {
		m := split.moved[i]
		if other := w.canonical(m.to); other != entity && (w.mentions(s, m.Mention, entity) ||
			w.mentions(s, events.Mention{}, entity) && !w.mentions(s, events.Mention{}, other)) {
			return true
		}
	}
	return false
}

// mentions reports whether a statement mentions an entity, or one that is the same, in the
// place that a mention names.
func (w *worklist) mentions(s *events.Statement, m events.Mention, entity uuid.UUID) (found bool) {
	var place events.Statement
	switch {
	case m.Place == events.Anywhere:
		place = *s
	case m.Place == events.InOccurrence:
		place.Claim.Occurrence = s.Claim.Occurrence
	case m.Place == events.InArgument && m.Index < len(s.Claim.Args):
		place.Claim.Args = s.Claim.Args[m.Index : m.Index+1]
	case m.Place == events.InVoice && m.Index < len(s.Voices):
		place.Voices = s.Voices[m.Index : m.Index+1]
	}
	refersTo(&place, func(kind events.ValueKind, id uuid.UUID) {
		found = found || kind == events.EntityValue && id != uuid.Nil && w.canonical(id) == entity
	})
	return found
}

// corrected returns the times of a statement that were resolved against what was
// the source's time of publication then and is not now, and that of now.
func (w *worklist) corrected(ctx context.Context, r *graph.Reading) (times []events.When, now edtf.Time, err error) {
	then, err := publication(ctx, w.v.Unfiltered().AsOf(r.Position), r.Source)
	if err == nil {
		now, err = publication(ctx, w.v, r.Source)
	}
	if err != nil {
		return nil, now, err
	}
	for when := range timesOf(&r.Statement) {
		if !when.Anchor.IsZero() && isPublication(when.Anchor, then) && !isPublication(when.Anchor, now) {
			times = append(times, when)
		}
	}
	return times, now, nil
}

// publication returns when a source was published, the zero Time if the view does
// not say.
func publication(ctx context.Context, v graph.View, source uuid.UUID) (t edtf.Time, err error) {
	src, err := v.Source(ctx, source)
	if errors.Is(err, graph.ErrRedacted) || errors.Is(err, graph.ErrNotInView) {
		return t, nil
	}
	if err != nil {
		return t, fmt.Errorf("query: read source %v: %w", source, err)
	}
	return src.Published, nil
}

// isPublication reports whether an anchor is a time of publication, or the date
// of one that is a time of day.
func isPublication(anchor, published edtf.Time) bool {
	date, _, _ := strings.Cut(published.String(), "T")
	return anchor.Equal(published) || anchor.String() == date
}

// timesOf returns the times of a statement: of its claim, of the claims in it and
// of its voices.
func timesOf(s *events.Statement) iter.Seq[events.When] {
	return func(yield func(events.When) bool) {
		for c := range claimsOf(&s.Claim) {
			if !yield(c.When) {
				return
			}
		}
		for i := range s.Voices {
			if !yield(s.Voices[i].Said) {
				return
			}
		}
	}
}

// claimsOf returns a claim and those in it: in its arguments, then in its
// conditions, each before those within it.
func claimsOf(c *events.Claim) iter.Seq[*events.Claim] {
	return func(yield func(*events.Claim) bool) { walkClaims(c, yield) }
}

func walkClaims(c *events.Claim, yield func(*events.Claim) bool) bool {
	if !yield(c) {
		return false
	}
	for i := range c.Args {
		if nested := c.Args[i].Value.Claim; nested != nil && !walkClaims(nested, yield) {
			return false
		}
	}
	for i := range c.If {
		if !walkClaims(&c.If[i].Claim, yield) {
			return false
		}
	}
	return true
}
