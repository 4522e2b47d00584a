package quadstore_test

import (
	"testing"

	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph/quadstore"
)

// FuzzValueOf wants the value of a node that a value is read as to be that value: one
// node, one value.
func FuzzValueOf(f *testing.F) {
	g := open(f)
	b := events.NewBatch("desk")
	x := b.Person("Witkoff")
	src := b.Source("https://example.org/a").Title("Talks").Published("2025-08-06")
	src.Says("meet/в", x, b.Person("Putin")).Arg("hours", events.Number("3.0", "h")).Arg("share", events.Number("0.1", "")).
		Arg("words", events.Text("four hours", "en")).On("2025-08~")
	record(f, g, b)
	view := g.View(nil)
	qs := quadstore.New(view)
	it := qs.NodesAllIterator()
	for it.Next(ctx) {
		switch v := qs.NameOf(it.Result()).(type) {
		case quad.TypedString:
			f.Add(byte(2), string(v.Value), string(v.Type))
		case quad.LangString:
			f.Add(byte(1), string(v.Value), v.Lang)
		case quad.IRI:
			f.Add(byte(0), string(v), "")
		case quad.String:
			f.Add(byte(3), string(v), "")
		}
	}
	if err := it.Err(); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, kind byte, text, more string) {
		var v quad.Value
		switch kind % 4 {
		case 0:
			v = quad.IRI(text)
		case 1:
			v = quad.LangString{Value: quad.String(text), Lang: more}
		case 2:
			v = quad.TypedString{Value: quad.String(text), Type: quad.IRI(more)}
		case 3:
			v = quad.String(text)
		}
		r := qs.ValueOf(v)
		if walked := quadstore.New(view).ValueOf(v); (r == nil) != (walked == nil) {
			t.Errorf("%#v is %v in a list of all nodes, and %v without", v, r, walked)
		}
		if r != nil {
			if again := qs.NameOf(r); again != v {
				t.Errorf("%#v is the node of %#v", v, again)
			}
		}
	})
}
