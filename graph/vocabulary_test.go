package graph_test

import (
	"fmt"
	"log"
	"reflect"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
)

// sameVocabulary compares what is declared, all of it and one by one.
func sameVocabulary(t *rapid.T, v graph.View, m *model.Model) {
	got, err := v.Vocabulary(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want := m.Vocabulary(v.Position())
	if !model.SameContent(got, want) {
		t.Fatalf("as of %d is declared %+v, want %+v", v.Position(), got, want)
	}
	one := &events.VocabularyDeclared{}
	for _, d := range want.Predicates {
		p, ok, err := v.Predicate(ctx, d.Name)
		if !ok || err != nil {
			t.Fatalf("as of %d the predicate %q is declared, by itself it is %v, %v", v.Position(), d.Name, ok, err)
		}
		one.Predicates = append(one.Predicates, p)
	}
	for _, d := range want.Schemes {
		s, ok, err := v.Scheme(ctx, d.Name)
		if !ok || err != nil {
			t.Fatalf("as of %d the scheme %q is declared, by itself it is %v, %v", v.Position(), d.Name, ok, err)
		}
		one.Schemes = append(one.Schemes, s)
	}
	if !model.SameContent(one, want) {
		t.Fatalf("as of %d is declared, one by one, %+v, want %+v", v.Position(), one, want)
	}
}

// A name may be that of a predicate and of a scheme; what is retracted is as it was before, and
// filters do not matter.
func TestVocabulary(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		short, long := events.Scheme{Name: "rate", Values: []string{"A"}}, events.Scheme{Name: "rate", Values: []string{"A", "B"}}
		rate, zone := events.Predicate{Name: "rate"}, events.Predicate{Name: "zone", Symmetric: true}
		var views []graph.View
		add := func(bodies ...events.Body) (id uuid.UUID) {
			b := g.NewBatch(ctx, "desk")
			for _, body := range bodies {
				id = b.Add(body)
			}
			record(t, g, b)
			views = append(views, g.View(&graph.Lens{SaidBy: graph.Certainly(edtf.MustParse("1900"))}))
			return id
		}
		add(&events.EntityRegistered{Entity: events.Entity{ID: g.Key("x"), Kind: events.Person, Name: events.Name{Text: "rate"}}})
		add(&events.VocabularyDeclared{Predicates: []events.Predicate{zone, rate}, Schemes: []events.Scheme{short}})
		revised := add(&events.VocabularyDeclared{Schemes: []events.Scheme{long}})
		add(&events.Retracted{Event: revised})
		all := []events.Predicate{rate, zone}
		for i, want := range []events.VocabularyDeclared{
			{}, {Predicates: all, Schemes: []events.Scheme{short}}, {Predicates: all, Schemes: []events.Scheme{long}}, {Predicates: all, Schemes: []events.Scheme{short}},
		} {
			got, err := views[i].Vocabulary(ctx)
			if err != nil || !reflect.DeepEqual(*got, want) {
				t.Errorf("as of %d: %+v, %v, want %+v", i+1, got, err, want)
			}
			s, ok, err := views[i].Scheme(ctx, "rate")
			if err != nil || ok != (want.Schemes != nil) || ok && !reflect.DeepEqual(s, want.Schemes[0]) {
				t.Errorf("as of %d: the scheme is %+v, %v, %v, want %+v", i+1, s, ok, err, want.Schemes)
			}
		}
		if _, ok, err := g.View(nil).Scheme(ctx, "zone"); ok || err != nil {
			t.Errorf("a predicate is a scheme, %v", err)
		}
	})
}

// A program asks what it may use, and how much of it was declared at an earlier time.
func ExampleView_Vocabulary() {
	g := newGraph()
	defer g.Close()
	for _, p := range []events.Predicate{
		{Name: "pay", Roles: []events.Role{{Name: "payer"}, {Name: "payee"}}},
		{Name: "meet", Symmetric: true},
	} {
		b := g.NewBatch(ctx, "desk")
		b.Declare(p)
		b.DeclareScheme(events.Opinion())
		must(g, b)
	}
	for _, lens := range []*graph.Lens{{AsOf: 1}, nil} {
		declared, err := g.View(lens).Vocabulary(ctx)
		if err != nil {
			log.Fatal(err)
		}
		for _, p := range declared.Predicates {
			fmt.Print(p.Name, " ")
		}
		for _, s := range declared.Schemes {
			fmt.Println(s.Name, s.Values)
		}
	}
	// Output:
	// pay stix-opinion [strongly-agree agree neutral disagree strongly-disagree]
	// meet pay stix-opinion [strongly-agree agree neutral disagree strongly-disagree]
}
