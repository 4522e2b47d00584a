package quadstore_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cayleygraph/cayley/graph/path"
	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph/quadstore"
)

// TestWays wants each way to each node, by what is saved on it, and no other.
func TestWays(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	src := b.Source("https://example.org")
	for _, edge := range strings.Fields("A>B A>C Z>B") {
		src.Says("meet", b.Person(edge[:1]), b.Person(edge[2:]))
	}
	for _, edge := range strings.Fields("A?D A?E") {
		src.Says("ask", b.Person(edge[:1]), b.Person(edge[2:]))
	}
	record(t, g, b)
	names := map[quad.Value]string{}
	entity := func(name string) quad.Value {
		v := quadstore.Entity(b.Person(name).ID)
		names[v] = name
		return v
	}
	for _, name := range strings.Fields("A B C D E Z") {
		entity(name)
	}
	meet := quadstore.Predicate("meet")
	ask := quadstore.Predicate("ask")
	m := func(names ...string) *path.Path {
		var nodes []quad.Value
		for _, n := range names {
			nodes = append(nodes, entity(n))
		}
		return path.StartMorphism(nodes...)
	}
	for _, test := range []struct {
		name string
		path *path.Path
		want string // nodes, each with what is saved, sorted
	}{
		{"saved twice", m("A").Save(meet, "m").Save(ask, "a"), "A,a=D,m=B A,a=D,m=C A,a=E,m=B A,a=E,m=C"},
		{"saved three times", m("A").Save(meet, "m").Save(ask, "a").SaveOptional(meet, "n"),
			"A,a=D,m=B,n=B A,a=D,m=B,n=C A,a=D,m=C,n=B A,a=D,m=C,n=C A,a=E,m=B,n=B A,a=E,m=B,n=C A,a=E,m=C,n=B A,a=E,m=C,n=C"},
		{"saved twice if there", m("A", "Z").SaveOptional(meet, "m").SaveOptional(ask, "a"), "A,a=D,m=B A,a=D,m=C A,a=E,m=B A,a=E,m=C Z,m=B"},
		{"saved twice, and on", m("A").Save(meet, "m").Save(ask, "a").Out(ask), "D,a=D,m=B D,a=D,m=C D,a=E,m=B D,a=E,m=C E,a=D,m=B E,a=D,m=C E,a=E,m=B E,a=E,m=C"},
		{"saved twice on the way back", m("C").And(m("A").Save(meet, "m").Save(ask, "a").Out(meet)), "C,a=D,m=B C,a=D,m=C C,a=E,m=B C,a=E,m=C"},
		{"saved in another path", m("A").Save(meet, "m").And(m().Save(ask, "a")), "A,a=D,m=B A,a=D,m=C A,a=E,m=B A,a=E,m=C"},
		{"saved in another path, in order", m("A").And(m("A", "Z").Save(meet, "m").Order()), "A,m=B A,m=C"},
		{"saved and in order", m("A", "Z").Save(meet, "m").Save(ask, "a").Order(), "A,a=D,m=B A,a=D,m=C A,a=E,m=B A,a=E,m=C"},
		{"except what is tagged", m("A", "B", "C").Except(m("B").Tag("t")), "A C"},
		{"except where a tagged one leads", m("A", "B", "D").Except(m("A").Tag("t").Out(meet)), "A D"},
		{"except what has something saved", m("A", "B", "D").Except(m().Save(ask, "t")), "B D"},
		{"tagged before except", m("A", "B").Tag("t").Except(m("B").Tag("u")), "A,t=A"},
		{"except in an index", m("A").Save(meet, "m").And(m().Except(m("B").Tag("t"))), "A,m=B A,m=C"},
	} {
		for name, qs := range map[string]*quadstore.Store{"walked": quadstore.New(g.View(nil)), "remembered": quadstore.Eager(quadstore.New(g.View(nil)))} {
			var found []string
			err := path.StartPath(qs).Follow(test.path).Tag("").Iterate(ctx).TagValues(qs, func(tags map[string]quad.Value) {
				line := names[tags[""]]
				delete(tags, "")
				for _, tag := range slices.Sorted(maps.Keys(tags)) {
					line += fmt.Sprint(",", tag, "=", names[tags[tag]])
				}
				found = append(found, line)
			})
			slices.Sort(found)
			if got := strings.Join(found, " "); err != nil || got != test.want {
				t.Errorf("%s, %s: %s (%v), want %s", test.name, name, got, err, test.want)
			}
		}
	}
}

// What is left of all nodes is never thought to be fewer than none.
func TestExceptMany(t *testing.T) {
	view, host := met(t)
	qs := quadstore.New(view)
	all := path.StartPath(qs).BuildIterator().Stats().Size
	for _, n := range []int64{all, all + 1, all + 2} {
		many := slices.Repeat([]quad.Value{quadstore.Entity(host.ID)}, int(n))
		p := path.StartPath(qs, quad.String("guest 1"), quadstore.Entity(host.ID)).Except(path.StartMorphism(many...))
		if n, err := p.Iterate(ctx).Count(); n != 1 || err != nil {
			t.Errorf("counted %d, %v", n, err)
		}
	}
}
