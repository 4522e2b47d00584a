package query_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// What is said many times about the same is read a few times each, not each time for all
// the others. A question looks at its context before each reading.
func TestFewReadings(t *testing.T) {
	const n = 300
	texts := func(d *desk, i int) *events.StatementRef {
		return d.page(fmt.Sprint(i)).Reports(d.Person("B"), "say", d.Person("A")).Via(d.Person("C")).Arg("what", events.Text(fmt.Sprint(i), ""))
	}
	sums := func(d *desk, i int) *events.StatementRef {
		return d.page(fmt.Sprint(i)).Reports(d.Person("B"), "pay", d.Person("A")).Via(d.Person("C")).Arg("amount", events.Number(fmt.Sprint(i), "EUR"))
	}
	denied := func(d *desk, i int) *events.StatementRef {
		what, stance := i, "CT+"
		if i%10 == 7 {
			what, stance = i-1, "CT-"
		}
		return d.page(fmt.Sprint(i)).Reports(d.Person("B"), "say", d.Person("A")).Arg("what", events.Text(fmt.Sprint(what), "")).Stance(stance)
	}
	var before, firm uuid.UUID // in a chain; for which somebody speaks
	for _, c := range []struct {
		name string
		say  func(d *desk, i int) *events.StatementRef
		q    func(c *lasting, v graph.View) (int, []error)
		most int // for each statement
	}{
		{"Deadlines", func(d *desk, i int) *events.StatementRef {
			return d.page(fmt.Sprint(i)).Says("pay", d.Person("A")).Occurrence(d.Occurrence("O")).Arg(events.RoleDue, events.At(edtf.MustParse("2025")))
		}, func(c *lasting, v graph.View) (int, []error) {
			return outcome(query.Deadlines(c, v, all, edtf.Time{}))
		}, 4},
		{"SingleSourced, of texts", texts, func(c *lasting, v graph.View) (int, []error) {
			return outcome(query.SingleSourced(c, v, all))
		}, 10},
		{"SecondHand, of texts", texts, func(c *lasting, v graph.View) (int, []error) {
			return outcome(query.SecondHand(c, v, all))
		}, 10},
		{"SingleSourced, of sums", sums, func(c *lasting, v graph.View) (int, []error) {
			return outcome(query.SingleSourced(c, v, all))
		}, 10},
		{"SecondHand, of sums", sums, func(c *lasting, v graph.View) (int, []error) {
			return outcome(query.SecondHand(c, v, all))
		}, 10},
		{"SingleSourced, a chain", func(d *desk, i int) *events.StatementRef {
			s := d.page(fmt.Sprint(i)).Says("rest", d.Person("A"))
			if i > 0 {
				d.Link(s.ID(), events.Repeats, before, "")
			}
			before = s.ID()
			return s
		}, func(c *lasting, v graph.View) (int, []error) {
			return outcome(query.SingleSourced(c, v, all))
		}, 10},
		{"Shifts", func(d *desk, i int) *events.StatementRef {
			return d.page(fmt.Sprint(i)).Reports(d.Person("B"), "like", d.Person("A")).
				Said(fmt.Sprint(1700 + i)).Stance([]string{"CT+", "CT-"}[i%2])
		}, func(c *lasting, v graph.View) (int, []error) {
			return outcome(query.Shifts(c, v, all))
		}, 6},
		{"Conflicts, of nothing that can be", func(d *desk, i int) *events.StatementRef {
			return d.page(fmt.Sprint(i)).Reports(d.Person("B"), "meet", d.Person(fmt.Sprint(i))).Occurrence(d.Occurrence("O"))
		}, func(c *lasting, v graph.View) (int, []error) {
			n, errs := outcome(query.Conflicts(c, v, all))
			return n + 1, errs
		}, 2},
		{"Conflicts, of copies", func(d *desk, i int) *events.StatementRef {
			return d.page(fmt.Sprint(i)).Says("attend", d.Person("A")).Occurrence(d.Occurrence("O")).
				On("2025-05-01").Arg("count", events.Number(fmt.Sprint(12000+i/(n-1)), ""))
		}, func(c *lasting, v graph.View) (int, []error) {
			return outcome(query.Conflicts(c, v, all))
		}, 10},
		{"Conflicts, of what is once", func(d *desk, i int) *events.StatementRef {
			d.Declare(events.Predicate{Name: "die", Once: true})
			return d.page(fmt.Sprint(i)).Says("die", d.Person("A")).On(fmt.Sprint("2025-05-0", 1+i/(n-1)))
		}, func(c *lasting, v graph.View) (int, []error) {
			return outcome(query.Conflicts(c, v, all))
		}, 10},
		{"Conflicts, of a role of what is once", func(d *desk, i int) *events.StatementRef {
			d.Declare(events.Predicate{Name: "born_in", Once: true, Roles: []events.Role{{Name: "who"}, {Name: "where", Functional: true}}})
			return d.page(fmt.Sprint(i)).Says("born_in", d.Person("A"), d.Place(fmt.Sprint("B", i/(n-1))))
		}, func(c *lasting, v graph.View) (int, []error) {
			return outcome(query.Conflicts(c, v, all))
		}, 10},
		{"Conflicts, of what is once, of nobody known", func(d *desk, i int) *events.StatementRef {
			d.Declare(events.Predicate{Name: "born_in", Once: true, Roles: []events.Role{{Name: "who"}, {Name: "where", Functional: true}}})
			return d.page(fmt.Sprint(i)).Says("born_in").Arg("who", events.Unknown()).Role("where", d.Place(fmt.Sprint("B", i)))
		}, func(c *lasting, v graph.View) (int, []error) {
			n, errs := outcome(query.Conflicts(c, v, all))
			return n + 1, errs
		}, 2},
		{"Oppositions, of texts", denied, func(c *lasting, v graph.View) (int, []error) {
			return outcome(query.Oppositions(c, v, all))
		}, 6},
		{"SingleSourced, some denied", denied, func(c *lasting, v graph.View) (int, []error) {
			return outcome(query.SingleSourced(c, v, all))
		}, 10},
		{"Fallout, of texts", denied, func(c *lasting, v graph.View) (int, []error) {
			var b uuid.UUID
			for s := range v.Statements(all) {
				speakers, _ := s.Speakers(0)
				b = speakers[0]
			}
			a, err := query.Fallout(c, v, b)
			if err != nil {
				return 0, []error{err}
			}
			return len(a.Fallen), nil
		}, 15},
		{"SaidFor, of a holder of whom all say so", func(d *desk, i int) *events.StatementRef {
			firm = d.Organisation("B").ID
			d.page(fmt.Sprint(i)).Says(events.HoldPosition).Role(events.RoleHolder, d.Person("A")).
				Role(events.RolePosition, d.Entity(events.Office, "O")).Role("of", d.Organisation("B")).ID()
			return d.page(fmt.Sprint(i)).Reports(d.Person("A"), "rest")
		}, func(c *lasting, v graph.View) (int, []error) {
			return outcome(query.SaidFor(c, v, firm, all))
		}, 4},
	} {
		d := newDesk(t)
		for i := range n {
			c.say(d, i).ID()
		}
		d.record()
		looks := &lasting{ctx, c.most * n}
		answers, errs := c.q(looks, d.g.View(nil))
		if len(errs) > 0 || answers == 0 {
			t.Errorf("%s: %d answers, %v", c.name, answers, errs)
		}
	}
}

// What is denied of others costs nothing where somebody is asked about of whom nothing is
// denied, but what is denied of nobody is looked at.
func TestQuietAmongDenials(t *testing.T) {
	const n = 6000
	d := newDesk(t)
	page := d.page("1")
	for i := range n {
		page.Says("rest", d.Person(fmt.Sprint(i))).Stance("CT-").ID()
	}
	said := page.Says("rest", d.Person("A")).ID()
	for _, b := range []string{"B", "C"} { // together they have more than all
		for i := range n {
			page.Says("rest", d.Person(b), d.Person(fmt.Sprint(i))).ID()
		}
	}
	page.Says("rest", d.Person("C")).Stance("CT-").ID()
	page.Says("rest").Arg("how", events.None()).Stance("CT-").ID()
	page.Says("rest", d.Person("D")).Arg("how", events.None()).ID()
	if _, err := d.g.RecordAll(ctx, d.Batches()); err != nil {
		t.Fatal(err)
	}
	v := d.g.View(nil)
	for _, c := range []struct {
		name    string
		q       func(c *lasting) (int, []error)
		answers int
		most    int // looks at the context, one at every 256th statement
	}{
		{"Support", func(c *lasting) (int, []error) { return single(query.Support(c, v, said)) }, 1, 20},
		{"Oppositions", func(c *lasting) (int, []error) {
			return outcome(query.Oppositions(c, v, graph.Pattern{Entity: d.Person("A").ID}))
		}, 0, 10},
		{"Oppositions, of nobody", func(c *lasting) (int, []error) {
			return outcome(query.Oppositions(c, v, graph.Pattern{Entity: d.Person("D").ID}))
		}, 1, 20},
		{"Oppositions, all", func(c *lasting) (int, []error) {
			return outcome(query.Oppositions(c, v, graph.Pattern{Predicate: "rest", Polarity: events.Affirmed}))
		}, n + 1, 40 * n},
	} {
		looks := &lasting{ctx, c.most}
		answers, errs := c.q(looks)
		if len(errs) > 0 || answers != c.answers {
			t.Errorf("%s: %d answers, want %d; %v", c.name, answers, c.answers, errs)
		}
	}
}

// Where many things are each at another time, answers take memory as there are many.
func TestManyTimes(t *testing.T) {
	for _, c := range []struct {
		name    string
		say     func(d *desk, i int, on string)
		q       func(v graph.View, a, b uuid.UUID) (int, []error)
		answers func(n int) int
	}{
		{"paths at one time", func(d *desk, i int, on string) {
			x := d.Person(fmt.Sprint(i))
			d.page("1").Says("meet", d.Person("A"), x).On(on).ID()
			d.page("1").Says("meet", x, d.Person("B")).On(on).ID()
		}, func(v graph.View, a, b uuid.UUID) (int, []error) {
			return outcome(query.Paths(ctx, v, a, b, &query.PathOptions{AtOneTime: true, Most: 1}))
		}, func(int) int { return 1 }},
		{"oppositions", func(d *desk, i int, on string) {
			d.page("1").Says("rest", d.Person("A")).On(on).ID()
			d.page("2").Says("rest", d.Person("A")).On(on).Stance("CT-").ID()
		}, func(v graph.View, a, b uuid.UUID) (int, []error) {
			return outcome(query.Oppositions(ctx, v, all))
		}, func(n int) int { return n }},
		{"said for", func(d *desk, i int, on string) {
			d.page("1").Says(events.HoldPosition).Role(events.RoleHolder, d.Person("A")).
				Role(events.RolePosition, d.Entity(events.Office, "O")).Role("of", d.Person("B")).On(on).ID()
			d.page("1").Reports(d.Person("A"), "rest").Said(on).ID()
		}, func(v graph.View, a, b uuid.UUID) (int, []error) {
			return outcome(query.SaidFor(ctx, v, b, all))
		}, func(n int) int { return n }},
	} {
		bytes := func(n int) uint64 {
			d := newDesk(t)
			a, b := d.Person("A"), d.Person("B")
			for i := range n {
				c.say(d, i, edtf.At(int64(i)*60).String())
			}
			d.record()
			v := d.g.View(nil)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			answers, errs := c.q(v, a.ID, b.ID)
			runtime.ReadMemStats(&after)
			if answers != c.answers(n) || len(errs) > 0 {
				t.Fatalf("%s: %d answers, %v", c.name, answers, errs)
			}
			return after.TotalAlloc - before.TotalAlloc
		}
		few, many := bytes(500), bytes(2000)
		t.Logf("%s: %d bytes for 500, %d for 2000", c.name, few, many)
		if many > 8*few {
			t.Errorf("%s: %d bytes for 500, %d for 2000", c.name, few, many)
		}
	}
}

// Answers in order of time read what was recorded together together, and begin with what
// the graph still has.
func TestReadTogether(t *testing.T) {
	const records, each = 40, 20
	d, store := newDesk(t), &rereading{Store: events.NewMem()}
	var err error
	if d.g, err = graph.Open(ctx, store, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.g.Close() })
	a := d.Person("A")
	random := rand.New(rand.NewPCG(1, 2))
	days := random.Perm(records * each)
	for range records {
		p := d.page("1").Published("0999")
		for range each {
			p.Says("pay", a).On(fmt.Sprint(1000+days[0])).Arg(events.RoleDue, events.At(edtf.MustParse(fmt.Sprint(1000+days[0])))).ID()
			days = days[1:]
		}
		d.record()
	}
	size := 0
	for r, err := range store.Scan(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		size += len(r.Data)
	}
	for _, c := range []struct {
		name string
		q    func(v graph.View) (int, []error)
		most int
	}{
		// 16, 64, 256 and 464 statements, of which about half the records are in the cache
		// but for the first time.
		{"Timeline", func(v graph.View) (int, []error) { return outcome(query.Timeline(ctx, v, a.ID, nil)) }, 16 + 40 + 2*30},
		{"Predictions", func(v graph.View) (int, []error) { return outcome(query.Predictions(ctx, v, all, edtf.Time{})) }, 16 + 40 + 2*30},
		{"Deadlines", func(v graph.View) (int, []error) { return outcome(query.Deadlines(ctx, v, all, edtf.Time{})) }, 40 + 16 + 40 + 2*30},
	} {
		g, err := graph.Open(ctx, store, &graph.Options{CacheSize: size * 2 / 3})
		if err != nil {
			t.Fatal(err)
		}
		store.reads = 0
		answers, errs := c.q(g.View(nil))
		if len(errs) > 0 || answers != records*each || store.reads > c.most {
			t.Errorf("%s: %d answers after %d reads of records, want %d after %d at most; %v", c.name, answers, store.reads, records*each, c.most, errs)
		}
		g.Close()
	}
}

// A split is read once, however many statements have replaced those that it names.
func TestWorklistReadsSplitOnce(t *testing.T) {
	const n = 100
	d, store := newDesk(t), &rereading{Store: events.NewMem()}
	var err error
	if d.g, err = graph.Open(ctx, store, &graph.Options{CacheSize: -1}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.g.Close() })
	a, b, c := d.Person("A"), d.Person("B"), d.Person("C")
	first, second := events.SplitPart{Entity: b.ID}, events.SplitPart{Entity: c.ID}
	for i := range n {
		id := d.page("1").Says("meet", a, a).Arg("why", events.Text(fmt.Sprint(i), "")).ID()
		first.Mentions = append(first.Mentions, events.Mention{Statement: id, Place: events.InArgument})
		second.Mentions = append(second.Mentions, events.Mention{Statement: id, Place: events.InArgument, Index: 1})
	}
	d.record()
	split := d.Add(&events.EntitySplit{Entity: a.ID, Parts: []events.SplitPart{first, second}})
	d.record()
	for i, m := range first.Mentions {
		d.page("1").Says("meet", b, []events.EntityRef{a, c}[i%2]).Arg("why", events.Text(fmt.Sprint(i), "")).On("2025").Replaces(m.Statement).ID()
	}
	d.record()
	store.reads = 0
	tasks := answersOf(t, query.Worklist(ctx, d.g.View(nil), all, &query.WorklistOptions{Kinds: []query.TaskKind{query.SplitBeforeReplaced}}))
	if len(tasks) != n/2 || !slices.Equal(tasks[0].SplitBy, []uuid.UUID{split}) || store.reads > n+1 {
		t.Errorf("%d tasks after %d reads of records, want %d after %d at most", len(tasks), store.reads, n/2, n+1)
	}
}

// rereading is a store that counts how often a record is read.
type rereading struct {
	events.Store
	reads int
}

func (s *rereading) Read(ctx context.Context, seq events.Seq) ([]byte, error) {
	s.reads++
	return s.Store.(events.Reader).Read(ctx, seq)
}
