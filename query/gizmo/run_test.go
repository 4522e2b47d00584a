package gizmo_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cayleygraph/quad"
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
	"github.com/onrecord/onrecord/internal/leak"
	"github.com/onrecord/onrecord/query/gizmo"
)

// open returns a graph of what is written in each of some batches.
func open(t testing.TB, batches ...func(*events.Builder)) *graph.Graph {
	t.Helper()
	g, err := graph.Open(t.Context(), events.NewMem(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	for _, write := range batches {
		b := events.NewBatch("desk")
		write(b)
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.Record(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

// guests writes that a host met guests with these numbers, who each know the one
// before.
func guests(from, to int) func(*events.Builder) {
	return func(b *events.Builder) {
		src := b.Source("https://example.org/guests").By(b.Person("A. Reporter"))
		host, last := b.Person("host"), b.Person(fmt.Sprint("guest ", from))
		for i := from + 1; i <= to; i++ {
			guest := b.Person(fmt.Sprint("guest ", i))
			src.Says("meet", host, guest)
			src.Says("know", guest, last)
			last = guest
		}
	}
}

func run(ctx context.Context, v graph.View, text string, limits *quadstore.Limits) (list []gizmo.Result, err error) {
	for r, err := range gizmo.Run(ctx, v, text, limits) {
		if err != nil {
			return list, err
		}
		list = append(list, r)
	}
	return list, nil
}

const (
	host = `g.V("host").in("<onrecord:entity/name>")`
	met  = `out("<onrecord:meet>")`
	know = `"<onrecord:know>"`
)

// Values come with their types.
func TestTypes(t *testing.T) {
	g := open(t, func(b *events.Builder) {
		src := b.Source("https://example.org/1").By(b.Person("A. Reporter")).Title("Talks")
		src.Says("last", b.Person("Ann")).Arg("hours", events.Number("4", "h")).Arg("share", events.Number("2.5", "")).
			Arg("words", events.Text("quatre heures", "fr")).On("2025-08").If(events.Claim{Predicate: "agree"}, "if they agree")
	})
	list, err := run(t.Context(), g.View(nil), `g.V("Ann").in("<onrecord:entity/name>").in("<onrecord:role/subject>").tag("statement").
		save("<onrecord:role/hours>", "hours").save("<onrecord:unit/hours>", "unit").save("<onrecord:role/share>", "share").
		save("<onrecord:role/words>", "words").save("<onrecord:statement/when>", "when").save("<onrecord:statement/conditional>", "if").
		save("<onrecord:statement/form>", "form").out("<onrecord:statement/source>").save("<onrecord:source/title>", "title").all()`, nil)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	tags := list[0].Tags
	for _, name := range []string{"id", "statement"} {
		if _, ok := quadstore.ID(tags[name]); !ok {
			t.Errorf("%s is %v", name, tags[name])
		}
		delete(tags, name)
	}
	want := map[string]quad.Value{
		"hours": quad.Int(4), "unit": quad.String("h"), "share": quad.Float(2.5),
		"words": quad.LangString{Value: "quatre heures", Lang: "fr"},
		"when":  quad.TypedString{Value: "2025-08", Type: quadstore.EDTF}, "if": quad.Bool(true),
		"form": quadstore.Form(events.Paraphrase), "title": quad.String("Talks"),
	}
	if !maps.Equal(tags, want) {
		t.Errorf("found %v\n want %v", tags, want)
	}
}

// An object that JavaScript has for a text or a number is that.
func TestObjects(t *testing.T) {
	v := open(t, guests(0, 3)).View(nil)
	for text, want := range map[string]any{
		`g.emit(new String("x"))`: "x", `g.emit(new Number(4))`: int64(4), `g.emit(new Boolean(true))`: true,
		`g.V(new String("host")).count()`: int64(1), `g.emit(str("x"))`: quad.String("x"), `g.emit(iri("x"))`: quad.IRI("x"),
	} {
		list, err := run(t.Context(), v, text, nil)
		if err != nil || len(list) != 1 || list[0].Value != want {
			t.Errorf("%s: %v, %v, want %v", text, list, err, want)
		}
	}
}

// Where nothing is left, it counts none.
func TestCount(t *testing.T) {
	v := open(t, guests(0, 3)).View(nil)
	for text, want := range map[string]int64{
		host + `.` + met + `.count()`: 3,
		`g.V("guest 1", "guest 2", "guest 3").has("<onrecord:meet>", "host").count()`: 0,
		`g.V("guest 1", "guest 2", "guest 3").in("<onrecord:entity/name>").count()`:   3,
		host + `.` + met + `.has(` + know + `, "nobody").count()`:                     0,
		host + `.` + met + `.has("<onrecord:entity/name>", "guest 2").count()`:        1,
		`g.V("nobody").count()`: 0,
		`g.V("host", "nobody").in("<onrecord:entity/name>").count()`:                               1,
		`g.V("host").except(g.V("nobody")).count()`:                                                1,
		`g.V("host").except(g.V("host")).count()`:                                                  0,
		host + `.` + met + `.except(g.V("guest 1").in("<onrecord:entity/name>")).count()`:          2,
		host + `.` + met + `.except(g.V("guest 1").out("<onrecord:entity/name>")).count()`:         3,
		host + `.` + met + `.and(` + host + `).count()`:                                            0,
		`g.V("guest 3").in("<onrecord:entity/name>").followRecursive(` + know + `).count()`:        3,
		host + `.` + met + `.limit(0).count()`:                                                     0,
		host + `.` + met + `.tag("a", "b").out(` + know + `).tag("c").back("b").back("a").count()`: 3,
		host + `.` + met + `.order().count()`:                                                      3,
		`g.V("guest 1", "guest 2").has("<onrecord:meet>").order().count()`:                         0,
		host + `.` + met + `.order().skip(2).count()`:                                              1,
		host + `.followRecursive(g.M().both("<onrecord:meet>")).count()`:                           4,
		`g.V("guest 1").followRecursive(g.M().both()).has("<onrecord:meet>").count()`:              3,
		host + `.` + met + `.followRecursive(` + know + `).order().count()`:                        3,
		`g.V("<onrecord:stance/CT->").count()`:                                                     0,
		`g.V().has("<onrecord:statement/predicate>", "<onrecord:meet>").count()`:                   3,
		`g.V().has("<onrecord:statement/predicate>", "<onrecord:meet>").limit(2).count()`:          2,
		`var a = ` + host + `.` + met + `.toArray(); g.V.apply(g, a).out(` + know + `).count()`:    3,
	} {
		list, err := run(t.Context(), v, text, nil)
		if err != nil || len(list) != 1 || list[0].Value != want {
			t.Errorf("%s: %v, %v, want %d", text, list, err, want)
		}
	}
}

// Numbers are compared and sorted as numbers, whatever their types.
func TestCompare(t *testing.T) {
	v := open(t, func(b *events.Builder) {
		src := b.Source("https://example.org/costs").By(b.Person("A. Reporter"))
		for i, n := range []string{"-1", "0.1", "1", "1.5", "2", "1e30"} {
			src.Says("cost", b.Person(fmt.Sprint("person ", i))).Arg("cost", events.Number(n, "EUR"))
		}
		src.Says("cost", b.Person("person 9")).Arg("cost", events.Text("1", ""))
	}).View(nil)
	for filter, want := range map[string]int64{
		`lt(2)`: 4, `lt(2.5)`: 5, `lte(2)`: 5, `gt(-1)`: 5, `gte(-1)`: 6, `gt(1.5)`: 2, `gt(1e29)`: 1,
		`gte(typed("0.1", "http://www.w3.org/2001/XMLSchema#decimal"))`: 5, `lt("2")`: 1,
	} {
		list, err := run(t.Context(), v, `g.V().out("<onrecord:role/cost>").filter(`+filter+`).count()`, nil)
		if err != nil || len(list) != 1 || list[0].Value != want {
			t.Errorf("%s: %v, %v, want %d", filter, list, err, want)
		}
	}
	list, err := run(t.Context(), v, `g.emit(g.V().out("<onrecord:role/cost>").order().toArray().join(" "))`, nil)
	if want := `-1 "0.1"^^<http://www.w3.org/2001/XMLSchema#decimal> 1 1.5 2 "1000000000000000000000000000000"^^<http://www.w3.org/2001/XMLSchema#decimal> 1`; err != nil || list[0].Value != want {
		t.Errorf("in order: %v, %v, want %s", list, err, want)
	}
}

// The same query answers as of each position, and according to each speaker.
func TestLens(t *testing.T) {
	g := open(t, func(b *events.Builder) {
		b.Source("https://example.org/1").By(b.Person("Ann")).Says("meet", b.Person("host"), b.Person("Cid"))
	}, func(b *events.Builder) {
		b.Source("https://example.org/2").By(b.Person("Ben")).Says("meet", b.Person("host"), b.Person("Dan"))
	})
	ben := events.NewBatch("desk").Person("Ben").ID
	for _, c := range []struct {
		lens *graph.Lens
		want string
	}{
		{&graph.Lens{AsOf: 1}, "Cid"}, {nil, "Cid Dan"}, {&graph.Lens{According: []uuid.UUID{ben}}, "Dan"},
	} {
		list, err := run(t.Context(), g.View(c.lens), host+`.`+met+`.out("<onrecord:entity/name>").all()`, nil)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, r := range list {
			names = append(names, string(r.Tags["id"].(quad.String)))
		}
		slices.Sort(names)
		if found := strings.Join(names, " "); found != c.want {
			t.Errorf("%+v: found %s, want %s", c.lens, found, c.want)
		}
	}
}

// Nothing in a text ends the program, and each error tells what and where.
func TestErrors(t *testing.T) {
	v := open(t, guests(0, 3)).View(nil)
	for text, want := range map[string]string{
		"g.V(":                         "SyntaxError: (anonymous): Line 1:5 Unexpected end of input",
		"g.V()\n.nothing()":            "line 2, column 9: TypeError: Object has no member 'nothing'",
		"\n  missing":                  "line 2, column 3: ReferenceError: missing is not defined",
		"throw 'x'":                    "line 1, column 1: x",
		`g.V().out("<onrecord:p>", 5)`: "line 1, column 10: out: want the name of a tag, got 5",
		`g.V().out(3)`:                 `out: want a predicate, such as "<onrecord:meet>", got 3`,
		`g.V().in([null, true])`:       `in: want a predicate, such as "<onrecord:meet>", got true`,
		`g.V().both("meet")`:           `both: want a predicate, such as "<onrecord:meet>", got "meet"`,
		`g.V().has("<meet>")`:          `has: <meet> is no predicate that a view can have: want <onrecord:meet>`,
		`g.V().save("<onrecord:statement/speeker>")`: "save: <onrecord:statement/speeker> is no predicate that a view can have: want one of <onrecord:statement/",
		`g.V().followRecursive(1.5)`:                 `followRecursive: want a predicate, such as "<onrecord:meet>", got 1.5`,
		`g.V().labelContext("<onrecord:meet>")`:      `labelContext: <onrecord:meet> is no label that a view can have: want a statement, such as <onrecord:statement/00000000-0000-0000-0000-000000000000>`,
		`g.V().labelContext(7)`:                      `labelContext: want a label, such as "<onrecord:statement/…>", got 7`,
		`g.V({id: "<alice>"})`:                       `V: want a node, such as "<iri>", "text" or 4, got an object`,
		`g.V(/x/)`:                                   "V: argument 1: no value: RegExp",
		`g.V(function(){})`:                          "V: argument 1: no value: Function",
		`g.V(g.V())`:                                 "V: want a node, such as \"<iri>\", \"text\" or 4, got a path",
		`g.V(Symbol("x"))`:                           "V: argument 1: no value: ",
		`g.V().filter(/x/).all()`:                    "filter: argument 1: no value: RegExp",
		`g.V().filter("x").all()`:                    "filter: want filters, such as gt(4)",
		`g.V().filter().all()`:                       "filter: want filters, such as gt(4)",
		`g.V().back()`:                               "back: want the name of a tag",
		`g.V().tag(7)`:                               "tag: want the name of a tag, got 7",
		`g.V().has()`:                                "has: want a predicate",
		`g.V().has("<onrecord:p>", g.V())`:           "has: want a node",
		`g.V().save()`:                               "save: want a predicate",
		`g.V().save(g.V())`:                          "save: want a tag for what a path leads to",
		`g.V().save("<onrecord:p>", "a", "b")`:       "save: want one tag",
		`g.V().followRecursive()`:                    "followRecursive: want a predicate",
		`g.V().followRecursive(["<onrecord:a>","<onrecord:b>"])`: "followRecursive: want one predicate or path, got 2",
		`g.V().and(5)`:                                "and: want a path, got 5",
		`g.V().limit(-1)`:                             "limit: want a number from 0 on, got -1",
		`g.V().limit("x")`:                            `limit: want a whole number below 2^31, got "x"`,
		`g.V().limit(1.5)`:                            "limit: want a whole number below 2^31, got 1.5",
		`g.V().tag("a", "b").out().back("c")`:         `back: want a tag that this path has set with tag, got "c"`,
		`g.V().tag("a").tag("b").back("a").back("b")`: `back: want a tag that this path has set with tag, got "b"`,
		`g.V().save("<onrecord:p>", "a").back("a")`:   `back: want a tag that this path has set with tag, got "a"`,
		`g.V().skip(1e300)`:                           "skip: want a whole number below 2^31, got 1e+300",
		`g.V().forEach()`:                             "forEach: want a function",
		`g.V().forEach(5)`:                            "forEach: want a function",
		`g.V().toArray("x")`:                          `toArray: want a whole number`,
		`g.V().all.call(5)`:                           "all: it is a method of paths, such as g.V()",
		`regex("(")`:                                  "regex: error parsing regexp",
		`regex(5)`:                                    "regex: want a regular expression as a text, got 5",
		`regex("a", true, 5)`:                         "regex: want a regular expression",
		`g.V().limit(-2147483648)`:                    "limit: want a number from 0 on, got -2147483648",
		`g.V().limit(2147483648)`:                     "limit: want a whole number below 2^31, got 2147483648",
		`regex("a", 5)`:                               "regex: want true or false, got 5",
		`like(5)`:                                     `like: want one pattern, such as "al%"`,
		`gt()`:                                        "gt: want one value to compare with",
		`lang("x")`:                                   "lang: want two texts",
		`iri(5)`:                                      "iri: want one text",
		`g.addNamespace("x")`:                         "addNamespace: want two texts",
		`g.emit(g.V())`:                               "emit: want a value, got a path",
		`g.emit(function() {})`:                       "emit: no value: Function",
		`var o = {}; o.o = o; g.emit(o)`:              "no value: it is more than 100 deep",
		`g.V().saveInPredicates()`:                    "saveInPredicates: want the name of a tag",
		`g.V().getLimit("x")`:                         "getLimit: want a whole number",
		host + `.forEach(function(o) { o.x.y })`:      "TypeError: Cannot read property 'y' of undefined",
	} {
		list, err := run(t.Context(), v, text, nil)
		if err == nil || !strings.HasPrefix(err.Error(), "gizmo: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n%v, %v\n want %s", text, list, err, want)
		}
	}
}

// A path has its methods, in both spellings, and nothing else.
func TestMembers(t *testing.T) {
	v := open(t, guests(0, 3)).View(nil)
	list, err := run(t.Context(), v, `
		var p = g.V(), small = [], capital = [], own = Object.getOwnPropertyNames(p);
		for (var name in p) {
			if (typeof p[name] != "function") throw name;
			if (name[0] == name[0].toUpperCase()) capital.push(name[0].toLowerCase() + name.slice(1)); else small.push(name);
		}
		p.path = g.V("x"); p.Path = 5;
		({own: own.length, same: small.sort().join() == capital.sort().join(), methods: small.length,
			found: p.In("<onrecord:meet>").Out("<onrecord:meet>").Unique().Count()})`, nil)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	want := map[string]any{"own": int64(0), "same": true, "methods": int64(42), "found": int64(3)}
	if found := list[0].Value.(map[string]any); !maps.Equal(found, want) {
		t.Errorf("%v, want %v", found, want)
	}
}

// What is too much ends with an error that says what was too much.
func TestHostile(t *testing.T) {
	v := open(t, guests(0, 1500), guests(1500, 3000)).View(nil)
	few := &quadstore.Limits{Steps: 5000}
	soon := &quadstore.Limits{Time: 50 * time.Millisecond}
	for _, c := range []struct {
		text   string
		limits *quadstore.Limits
		want   string
	}{
		{`g.V().all()`, nil, "it has more than 10000 results"},
		{`g.V().toArray()`, nil, "it has more than 10000 results"},
		{`g.V().tagArray()`, nil, "it has more than 10000 results"},
		{`for (;;) g.emit(1)`, nil, "it has more than 10000 results"},
		{`g.emit(new Array(1e6))`, nil, "it has more than 10000 results"},
		{`for (;;) try { g.V().all() } catch (e) {}`, nil, "it has more than 10000 results"},
		{`g.V().all()`, few, "it takes more than 5000 steps"},
		{`g.V().count()`, few, "it takes more than 5000 steps"},
		{`for (;;) try { g.V().count() } catch (e) {}`, few, "it takes more than 5000 steps"},
		{`g.V().order().limit(1).all()`, few, "it takes more than 5000 steps"},
		{`g.V().filter(regex("nobody")).all()`, few, "it takes more than 5000 steps"},
		{`g.V("guest 3000").in("<onrecord:entity/name>").followRecursive(` + know + `, -1).count()`, few, "it takes more than 5000 steps"},
		{`g.V().followRecursive(g.M().out().in(), -1).count()`, few, "it takes more than 5000 steps"},
		{`var p = g.V(); for (var i = 0; i < 5; i++) p = p.out().in(); p.count()`, few, "it takes more than 5000 steps"},
		// A cross product: of each host's guest, all others, and so on.
		{host + `.out().tag("a").in().out().tag("b").in().out().tag("c").count()`, few, "it takes more than 5000 steps"},
		{host + `.out().in().out().in().and(g.V().out().in().out().in()).count()`, few, "it takes more than 5000 steps"},
		{`g.V().forEach(function(o) { g.V(o.id).out().forEach(function() {}) })`, few, "it takes more than 5000 steps"},
		{`var p = g.V(); for (;;) p = p.out()`, nil, "a path takes more than 500 steps"},
		{`var p = g.V(); for (;;) p = p.and(p)`, nil, "a path takes more than 500 steps"},
		{`var p = g.V(); for (var i = 0; i < 20; i++) p = p.both(); p.count()`, nil, "a path takes more than 500 steps"},
		{`var p = g.V(); for (var i = 0; i < 20; i++) p = p.both().unique(); p.count()`, nil, "a path takes more than 500 steps"},
		{`var p = g.V(); for (var i = 0; i < 20; i++) p = p.labels(); p.count()`, nil, "a path takes more than 500 steps"},
		{`var p = g.V(); for (var i = 0; i < 20; i++) p = p.tag("t").out().back("t"); p.count()`, nil, "a path takes more than 500 steps"},
		{`var m = g.M(), p = g.V(); for (var i = 0; i < 7; i++) m = m.both(); p.follow(m).follow(m).count()`, nil, "a path takes more than 500 steps"},
		{`var a = []; for (var i = 0; i < 101; i++) a.push("t" + i); g.V().tag(a)`, nil, "a path has more than 100 tags"},
		{`var a = []; for (var i = 0; i < 60; i++) a.push("t" + i); g.V().tag(a).and(g.M().out("<onrecord:p>", a))`, nil, "a path has more than 100 tags"},
		{`var p = g.V(); for (;;) p = p.follow(g.M().save("<onrecord:p>", "t" + p))`, nil, "a path has more than 100 tags"},
		{`var a = []; for (var i = 0; i < 100; i++) a.push("t" + i); g.V().tag(a).tag("x")`, nil, "a path has more than 100 tags"},
		{`var p = g.V(); for (var i = 0; i < 500; i++) p = p.unique()`, nil, "a path takes more than 500 steps"},
		{`var a = [1, 2]; for (var i = 0; i < 60; i++) a = [a, a]; g.emit(a)`, nil, "it has more than 10000 results"},
		{`for (;;);`, soon, "it takes longer than 50ms"},
		{`for (;;) try { for (;;); } catch (e) {} finally { for (;;); }`, soon, "it takes longer than 50ms"},
		{`g.V().forEach(function() { for (;;); })`, soon, "it takes longer than 50ms"},
		{`(function f() { f() })()`, nil, "calls are more than 1000 deep"},
		{strings.Repeat(" ", 8<<10+1), nil, "it has 8193 bytes, 8192 are allowed"},
	} {
		list, err := run(t.Context(), v, c.text, c.limits)
		if err == nil || !strings.Contains(err.Error(), c.want) || c.want != "" && !errors.Is(err, quadstore.ErrLimit) {
			t.Errorf("%.100s: %d results, %v\n want %s", c.text, len(list), err, c.want)
		}
	}
	for _, text := range []string{
		`var a = []; for (var i = 0; i < 100; i++) a.push("t" + i); g.V().tag(a)`,
		`var p = g.V(); for (var i = 0; i < 499; i++) p = p.unique()`,
		strings.Repeat(" ", 8<<10),
	} {
		if _, err := run(t.Context(), v, text, nil); err != nil {
			t.Errorf("%.100s, which is just allowed: %v", text, err)
		}
	}
	if list, err := run(t.Context(), v, `g.V().limit(10000).all()`, nil); len(list) != 10_000 || err != nil {
		t.Errorf("as many as there may be: %d, %v", len(list), err)
	}
	if list, err := run(t.Context(), v, `g.V().all()`, &quadstore.Limits{Results: -1}); len(list) <= 10_000 || err != nil {
		t.Errorf("without limit: %d, %v", len(list), err)
	}
}

// A context that ends stops the query where it is.
func TestCancel(t *testing.T) {
	v := open(t, guests(0, 100)).View(nil)
	for _, text := range []string{
		host + `.` + met + `.all()`,
		host + `.` + met + `.forEach(function(o) { g.emit(o.id) })`,
		`for (;;) try { g.emit(1) } catch (e) {}`,
		`g.emit(1); for (;;);`,
		`g.emit(1); g.V().followRecursive(g.M().out().in(), -1).count(); for (;;);`,
	} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		n := 0
		for _, err := range gizmo.Run(ctx, v, text, nil) {
			if n++; n == 1 {
				if err != nil {
					t.Fatal(err)
				}
				cancel()
				continue
			}
			if n > 2 || !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v as number %d after the end", text, err, n)
			}
		}
		if n != 2 {
			t.Errorf("%s: it ends with number %d", text, n)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, text := range []string{`g.V().all()`, `for (;;);`} {
		if list, err := run(ctx, v, text, nil); len(list) > 0 || !errors.Is(err, context.Canceled) {
			t.Errorf("%s after the end: %v, %v", text, list, err)
		}
	}
}

// Whoever leaves early, or late, or over an error leaves nothing behind.
func TestLeave(t *testing.T) {
	v := open(t, guests(0, 100)).View(nil)
	none := leak.Check(t)
	for range 20 {
		for _, text := range []string{host + `.` + met + `.all()`, `for (;;) try { g.emit(1) } catch (e) {}`} {
			n := 0
			for _, err := range gizmo.Run(t.Context(), v, text, nil) {
				if err != nil {
					t.Fatal(err)
				}
				if n++; n == 3 {
					break
				}
			}
		}
		for _, text := range []string{`g.V().count()`, `nothing`, `for (;;);`} {
			run(t.Context(), v, text, &quadstore.Limits{Time: time.Millisecond})
		}
	}
	none()
}

// What the caller panics with is the caller's.
func TestPanic(t *testing.T) {
	v := open(t, guests(0, 10)).View(nil)
	for _, text := range []string{host + `.` + met + `.all()`, `try { g.emit(1) } catch (e) {}`, `7`} {
		func() {
			defer func() {
				if r := recover(); r != "the caller's" {
					t.Errorf("%s: it panics with %v", text, r)
				}
			}()
			for _, err := range gizmo.Run(t.Context(), v, text, nil) {
				if err == nil {
					panic("the caller's")
				}
			}
		}()
	}
}

// A query can be run again, and by several at once, while others write.
func TestAtOnce(t *testing.T) {
	g := open(t, guests(0, 50))
	v := g.View(nil)
	again := gizmo.Run(t.Context(), v, host+`.`+met+`.out(`+know+`).all()`, nil)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				n := 0
				for _, err := range again {
					if err != nil {
						t.Error(err)
					}
					n++
				}
				if n != 50 {
					t.Errorf("%d results", n)
				}
			}
		})
	}
	for i := range 20 {
		b := events.NewBatch("desk")
		b.Source("https://example.org/later").By(b.Person("A. Reporter")).Says("meet", b.Person("host"), b.Person(fmt.Sprint("later ", i)))
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.Record(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
}

// What has been redacted is not told.
func TestRedacted(t *testing.T) {
	var id uuid.UUID
	g := open(t, func(b *events.Builder) {
		src := b.Source("https://example.org/1").By(b.Person("A. Reporter"))
		id = src.Says("meet", b.Person("host"), b.Person("Cid")).ID()
	})
	v := g.View(nil)
	text := host + `.` + met + `.all()`
	if list, err := run(t.Context(), v, text, nil); len(list) != 1 || err != nil {
		t.Fatal(list, err)
	}
	b := events.NewBatch("desk")
	b.Redact(id, "by request")
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Record(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if list, err := run(t.Context(), v, text, nil); len(list) != 0 || err != nil {
		t.Error(list, err)
	}
}

func FuzzRun(f *testing.F) {
	for _, text := range []string{
		host + `.` + met + `.all()`, `g.V().tag("a").out("<onrecord:p>", ["x"]).back("a").count()`, `g.V().has("<onrecord:p>", gt(4)).save("<onrecord:p>", "t").tagArray(3)`,
		`g.V("a", 5, true, 2.5).is("a").both(null, "p").except(g.V("b")).unique().labels().order().limit(2).skip(1).all()`,
		`g.V().followRecursive(g.M().in().out(), 2, "d").inPredicates().forEach(2, function(o) { g.emit(o) })`,
		`x = g.V().labelContext("<onrecord:statement/00000000-0000-8000-8000-000000000001>").filter(regex("a", true), like("%b")); g.V().followR(x).saveOptR("<onrecord:p>", "q").toValue()`,
		`try { g.V(lang("a", "b"), typed("c", "d"), bnode("f")).getLimit(-1) } catch (e) { g.emit("" + e) }`,
	} {
		f.Add(text)
	}
	v := open(f, guests(0, 3)).View(nil)
	f.Fuzz(func(t *testing.T, text string) {
		run(t.Context(), v, text, &quadstore.Limits{Results: 100, Steps: 10_000, Time: 100 * time.Millisecond})
	})
}
