package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// asOfMost is how many statements about one person are measured at most.
const asOfMost = 1_000_000

// story is a graph about one person, of whom statements are recorded and
// retracted.
type story struct {
	g        *graph.Graph
	random   *rand.Rand
	made     int
	standing []uuid.UUID
}

var person = events.Key("entity", "person")

// about names the statements about the person.
var about = graph.Pattern{Args: []graph.Fill{{Role: "who", Entity: person}}}

func newStory(ctx context.Context) (*story, error) {
	g, err := graph.Open(ctx, events.NewMem(), nil)
	if err != nil {
		return nil, err
	}
	s := &story{g: g, random: rand.New(rand.NewPCG(1, 2))}
	return s, s.record(ctx, 1, func(int) events.Event {
		return events.Event{ID: events.Key("person"), Body: &events.EntityRegistered{
			Entity: events.Entity{ID: person, Kind: events.Person, Name: events.Name{Text: "Who"}},
		}}
	})
}

func (s *story) record(ctx context.Context, n int, event func(int) events.Event) error {
	_, err := record(ctx, s.g, batches(n, event))
	return err
}

// grow records n statements more.
func (s *story) grow(ctx context.Context, n int) error {
	return s.record(ctx, n, func(int) events.Event {
		id := events.Key("statement", strconv.Itoa(s.made))
		s.made++
		s.standing = append(s.standing, id)
		return events.Event{ID: id, Body: &events.StatementRecorded{Statement: events.Statement{
			Claim:  events.Claim{Predicate: "meet", Args: []events.Arg{{Role: "who", Value: events.Ref(person)}}},
			Voices: []events.Voice{{Speakers: []events.Party{{Entity: person}}, Act: events.Assert, Stance: events.CertainAffirmed()}},
			Form:   events.Inferred,
		}}}
	})
}

// shrink retracts statements at random until n stand.
func (s *story) shrink(ctx context.Context, n int) error {
	return s.record(ctx, len(s.standing)-n, func(int) events.Event {
		last := len(s.standing) - 1
		i := s.random.IntN(len(s.standing))
		id := s.standing[i]
		s.standing[i] = s.standing[last]
		s.standing = s.standing[:last]
		return events.Event{ID: events.Key("retraction", id.String()), Body: &events.Retracted{Event: id}}
	})
}

// dying records n statements in ten steps and retracts so many after each that
// of all in the end living stand. It returns the positions at the ends of the
// steps.
func (s *story) dying(ctx context.Context, n, living int) (steps []events.Position, err error) {
	for step := 1; step <= 10; step++ {
		if err := s.grow(ctx, n*step/10-s.made); err != nil {
			return nil, err
		}
		if err := s.shrink(ctx, living*step/10); err != nil {
			return nil, err
		}
		steps = append(steps, s.g.View(nil).Position())
	}
	return steps, nil
}

// reading returns a way to read all statements about the person, as of a
// position, 0 being now. The view is made anew each time.
func (s *story) reading(at events.Position) way {
	lens := &graph.Lens{AsOf: at}
	return func() error {
		s.read(lens)
		return nil
	}
}

// walking returns a way to walk the person's rows now, without a pattern.
func (s *story) walking() way {
	return func() error {
		s.walk()
		return nil
	}
}

// What is measured are functions by themselves: in a closure that the compiler puts
// into another function, it does not inline calls, and then what a walk needs is
// allocated.

func (s *story) read(lens *graph.Lens) {
	for range s.g.View(lens).Statements(about) {
	}
}

func (s *story) walk() {
	numbers := s.g.View(nil).Numbers()
	rows := numbers.RowsOfArgument(numbers.Entity(person))
	for _, _, ok := rows.Step(); ok; _, _, ok = rows.Step() {
	}
}

// columns are what a read looks at of each statement, in slices: what the graph
// keeps in columns, but only of what stands.
type columns struct {
	row     []uint32 // of the statements that stand
	hidden  []bool   // by row
	reading []uint32
	args    []uint32 // by reading: the first, with one more at the end
	role    []uint32 // by argument
	entity  []uint32
}

// scanning returns a way to find the same in columns of only the living.
func (s *story) scanning() way {
	numbers := s.g.View(nil).Numbers()
	who, role := numbers.Entity(person), numbers.Symbol("who")
	var c columns
	rows := numbers.RowsOfArgument(who)
	for row, shown, ok := rows.Step(); ok; row, shown, ok = rows.Step() {
		if !shown {
			continue
		}
		n := uint32(len(c.row))
		c.row, c.hidden, c.reading = append(c.row, n), append(c.hidden, false), append(c.reading, n)
		c.args = append(c.args, uint32(len(c.role)))
		for i := range row.Args() {
			a := row.Arg(i)
			c.role, c.entity = append(c.role, a.Role), append(c.entity, a.Ref)
		}
	}
	c.args = append(c.args, uint32(len(c.role)))
	found := 0
	return func() error {
		for _, r := range c.row {
			if c.hidden[r] {
				continue
			}
			rd := c.reading[r]
			for a := c.args[rd]; a < c.args[rd+1]; a++ {
				if c.role[a] == role && c.entity[a] == who {
					found++
					break
				}
			}
		}
		return nil
	}
}

const asOfText = "n statements about one person are recorded in ten steps, and after each step so many retracted, at random, that the share " +
	"of the dead is as given. All that stand are read as of the end of each step, the making of the view included, and by turns as many " +
	"of a graph in which none was ever retracted, now. The ratio of the worst of the ten positions counts, apart for those where " +
	"at least 100 stand and those where fewer do. A read now is compared with a walk over a slice of only the living, which looks up " +
	"in columns like the graph's, of only the living too, whether each is hidden and has the person in the role; a *row* is " +
	"what `View.Numbers` walks, without a pattern."

// asOf measures reads as of positions of the history against reads now.
func (r *run) asOf(ctx context.Context, n int) error {
	n = min(n, asOfMost)
	title := "Reads as of"
	s := r.section(title, asOfText)
	for _, f := range s.Figures {
		if f.N == n {
			return nil // of a larger size
		}
	}
	for _, dead := range []int{0, 500, 900, 990, 999} {
		if err := r.asOfDead(ctx, s, n, dead); err != nil {
			return err
		}
	}
	return r.tenRows(ctx, s, n)
}

// asOfDead measures where some in a thousand are dead.
func (r *run) asOfDead(ctx context.Context, s *Section, n, dead int) error {
	old, err := newStory(ctx)
	if err != nil {
		return err
	}
	defer old.g.Close()
	steps, err := old.dying(ctx, n, n*(1000-dead)/1000)
	if err != nil {
		return err
	}
	fresh, err := newStory(ctx)
	if err != nil {
		return err
	}
	defer fresh.g.Close()

	row := fmt.Sprintf("%.1f %% dead", float64(dead)/10)
	type group struct {
		name   string
		worst  float64
		spread float64
	}
	many, few := group{name: "as of, 100 rows or more"}, group{name: "as of, fewer rows"}
	for _, at := range steps {
		rows := 0
		for range old.g.View(&graph.Lens{AsOf: at}).Statements(about) {
			rows++
		}
		if rows == 0 {
			continue
		}
		if err := fresh.grow(ctx, rows-fresh.made); err != nil {
			return err
		}
		taken, err := byTurns(r.rounds, old.reading(at), fresh.reading(0))
		if err != nil {
			return err
		}
		of := &many
		if rows < 100 {
			of = &few
		}
		ratio := taken[0].against(taken[1])
		if m := ratio.median(); m > of.worst {
			of.worst, of.spread = m, ratio.spread()
		}
	}
	for _, g := range []group{many, few} {
		if g.worst > 0 {
			s.add(row, g.name, n, r.ratioOf(row+", "+g.name+" / now", n, g.worst, g.spread), "×")
		}
	}
	taken, err := byTurns(r.rounds, old.reading(0), old.walking(), old.scanning())
	if err != nil {
		return err
	}
	s.add(row, "statements / slice", n, r.ratio(row+", statements now / slice", n, taken[0], taken[2]), "×")
	s.add(row, "rows / slice", n, r.ratio(row+", rows now / slice", n, taken[1], taken[2]), "×")
	return nil
}

// tenRows measures a read of ten statements that all others have died beside.
func (r *run) tenRows(ctx context.Context, s *Section, n int) error {
	ten, err := newStory(ctx)
	if err != nil {
		return err
	}
	defer ten.g.Close()
	if _, err := ten.dying(ctx, n, 10); err != nil {
		return err
	}
	taken, err := byTurns(r.rounds, ten.reading(0), ten.walking(), r.yardstick.measure)
	if err != nil {
		return err
	}
	s.add("all but 10 dead", "10 statements", n, taken[0].median(), "ns")
	s.add("all but 10 dead", "10 rows", n, taken[1].median(), "ns")
	r.ratio("10 statements / yardstick", n, taken[0], taken[2])
	r.ratio("10 rows / yardstick", n, taken[1], taken[2])
	return nil
}
