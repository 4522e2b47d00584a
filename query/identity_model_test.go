package query_test

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
	"github.com/onrecord/onrecord/query"
)

// identities asks who is who, and what is left to do.
func (x *exam) identities() {
	for range 6 {
		x.whySame()
	}

	who := x.entity("spelt")
	var want []string
	for _, s := range x.m.Spellings(x.l, who) {
		text := fmt.Sprint(s.Text, s.Languages, s.Recorded, s.Times)
		for _, o := range s.Outlets {
			text += fmt.Sprint(" / ", x.names[o.Publisher], o.Source, o.Times)
			for _, n := range o.Names {
				text += fmt.Sprint(" ", x.names[n.Entity], n.Name, n.Source)
			}
			for _, id := range o.Statements {
				text += " " + x.names[id]
			}
		}
		want = append(want, text)
	}
	x.same("Spellings", answers(x, query.Spellings(ctx, x.v, who), func(s *query.Spelling) string {
		text := fmt.Sprint(s.Text, s.Languages, s.Recorded, s.Times)
		for _, o := range s.Outlets {
			text += fmt.Sprint(" / ", x.names[o.Publisher], o.Source, o.Times)
			for _, n := range o.Names {
				text += fmt.Sprint(" ", x.names[n.Member], n.Name, n.Source)
			}
			for _, r := range o.Statements {
				text += " " + x.reading(r)
			}
		}
		return text
	}), want)

	want = nil
	for _, p := range x.m.Placeholders(x.l) {
		want = append(want, fmt.Sprint(x.names[p.Entity], x.wantedCandidates(p.Candidates), p.Mentions))
	}
	x.same("Placeholders", answers(x, query.Placeholders(ctx, x.v), func(u *query.Unidentified) string {
		return fmt.Sprint(x.names[u.ID], x.candidates(u.Candidates), u.Mentions)
	}), want)

	two := &query.WorklistOptions{Kinds: []query.TaskKind{query.AnchorCorrected, query.AmbiguousVoice}}
	for _, p := range []model.Pattern{x.p, {}} {
		tasks := x.m.Worklist(x.l, p)
		for _, t := range tasks {
			x.found["Worklist, "+t.Kind]++
		}
		x.same("Worklist", answers(x, query.Worklist(ctx, x.v, modeltest.Pattern(p), nil), x.task), x.wantedTasks(tasks))
		tasks = slices.DeleteFunc(tasks, func(t model.Task) bool { return t.Kind != "anchor corrected" && t.Kind != "ambiguous voice" })
		x.same("Worklist, two kinds", answers(x, query.Worklist(ctx, x.v, modeltest.Pattern(p), two), x.task), x.wantedTasks(tasks))
	}
}

// whySame asks why two entities are one. Of several shortest chains any will do.
func (x *exam) whySame() {
	a, b := x.entity("one"), x.entity("the other")
	answer, err := query.WhySame(ctx, x.v, a, b)
	if err != nil {
		x.t.Fatal(err)
	}
	distance := x.m.Distance(x.v.Position(), a, b)
	if answer.One != (distance >= 0) || len(answer.Chain) != max(distance, 0) {
		x.t.Fatalf("as of %d %s and %s are one: %v, by %d verdicts, want %d", x.v.Position(), x.names[a], x.names[b],
			answer.One, len(answer.Chain), distance)
	}
	x.found["WhySame"] += len(answer.Chain)
	standing := x.m.Verdicts(x.v.Position(), a)
	at := a
	for _, s := range answer.Chain {
		if s.From.ID != at || s.By.Verdict != events.Same || s.By.A != s.From.ID && s.By.A != s.To.ID || s.By.B != s.From.ID && s.By.B != s.To.ID {
			x.t.Fatalf("as of %d the chain from %s to %s has a wrong step: %+v", x.v.Position(), x.names[a], x.names[b], s)
		}
		if !slices.ContainsFunc(standing, func(j model.Judged) bool { return x.judged(j) == x.judgement(s.By) }) {
			x.t.Fatalf("as of %d the verdict %+v does not stand so", x.v.Position(), s.By)
		}
		for _, e := range []events.Entity{s.From, s.To} {
			want := x.m.Registered(x.v.Position(), e.ID)
			if want == nil {
				want = &events.Entity{ID: e.ID}
			}
			if e != *want {
				x.t.Fatalf("as of %d a step has %+v, want %+v", x.v.Position(), e, want)
			}
		}
		at = s.To.ID
	}
	if distance >= 0 && at != b {
		x.t.Fatalf("as of %d the chain from %s ends at %s, want %s", x.v.Position(), x.names[a], x.names[at], x.names[b])
	}
	var got, want []string
	for _, j := range answer.Others {
		got = append(got, x.judgement(j))
	}
	for _, j := range x.m.Between(x.v.Position(), a, b) {
		want = append(want, x.judged(j))
	}
	x.same("WhySame, others", got, want)
}

func (x *exam) judgement(j *query.Judgement) string {
	e, err := x.v.Event(ctx, j.ID)
	if err != nil || !j.At.Equal(e.At) {
		x.t.Fatalf("verdict %v was given at %v, want %+v, %v", j.ID, j.At, e, err)
	}
	return fmt.Sprint(x.names[j.ID], j.Position, j.Recorder, x.names[j.A], j.Verdict, x.names[j.B], j.Reason, j.Confidence)
}

func (x *exam) judged(j model.Judged) string {
	return fmt.Sprint(x.names[j.ID], j.Position, j.Recorder, x.names[j.A], j.Verdict, x.names[j.B], j.Reason, j.Confidence)
}

func (x *exam) candidates(list []query.Candidate) (all []string) {
	for _, c := range list {
		all = append(all, x.names[c.Entity])
		for _, j := range c.Verdicts {
			all = append(all, x.judgement(j))
		}
	}
	return all
}

func (x *exam) wantedCandidates(list []model.Candidate) (all []string) {
	for _, c := range list {
		all = append(all, x.names[c.Entity])
		for _, j := range c.Verdicts {
			all = append(all, x.judged(j))
		}
	}
	return all
}

func (x *exam) task(t *query.Task) string {
	return fmt.Sprint(x.reading(t.Reading), t.Kind, x.names[t.Entity], t.Role, x.candidates(t.Candidates), t.Times, t.Published, x.events(t.LinkedBy), x.events(t.SplitBy), x.entities(t.Also))
}

// events names events, in whatever order.
func (x *exam) events(ids []uuid.UUID) (names []string) {
	for _, id := range ids {
		names = append(names, x.names[id])
	}
	slices.Sort(names)
	return names
}

func (x *exam) wantedTasks(tasks []model.Task) (all []string) {
	for _, t := range tasks {
		all = append(all, fmt.Sprint(x.names[t.Statement], t.Kind, x.names[t.Entity], t.Role, x.wantedCandidates(t.Candidates), t.Times, t.Published, x.events(t.LinkedBy), x.events(t.SplitBy), x.entities(t.Also)))
	}
	return all
}
