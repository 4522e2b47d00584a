package graph_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// hung is a store that from some time on reads nothing until the context ends.
type hung struct {
	*events.Mem
	read func() // nil: it reads
}

func (s *hung) Read(ctx context.Context, seq events.Seq) ([]byte, error) {
	if s.read != nil {
		s.read()
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return s.Mem.Read(ctx, seq)
}

func (s *hung) ReadPart(ctx context.Context, seq events.Seq, start, end int) ([]byte, error) {
	if s.read != nil {
		return s.Read(ctx, seq)
	}
	return s.Mem.ReadPart(ctx, seq, start, end)
}

// Whatever a builder reads ends with its context, and then there is no batch, not even of
// what needs no reading; the builder does not turn to the store again, and reports nothing
// that comes of not having read.
func TestBuilderContext(t *testing.T) {
	meet := events.Predicate{Name: "meet", Roles: []events.Role{{Name: "one"}}}
	rated := events.Scheme{Name: "rated", Values: []string{"good"}}
	for what, program := range map[string]func(b *events.Builder){
		"a source":             func(b *events.Builder) { b.Source("u") },
		"a source known":       func(b *events.Builder) { b.Known(events.Key("source", "u")).Says("rain") },
		"an entity with a key": func(b *events.Builder) { b.Entity(events.Person, "Adam", "key") },
		"a claim":              func(b *events.Builder) { b.Claim("meet", b.Person("Ben")) },
		"a claim as declared":  func(b *events.Builder) { b.Declare(meet); b.Infers(b.Person("Ben"), "meet") },
		"a rating": func(b *events.Builder) {
			b.Add(&events.Assessed{Source: events.Key("source", "u"), Scheme: "rated", Value: "good"})
		},
		"a declaration by Add": func(b *events.Builder) { b.Add(&events.VocabularyDeclared{Predicates: []events.Predicate{meet}}) },
		"a scheme by Add":      func(b *events.Builder) { b.Add(&events.VocabularyDeclared{Schemes: []events.Scheme{rated}}) },
		"a registration by Add": func(b *events.Builder) {
			b.Add(&events.SourceAdded{Source: events.Source{ID: events.Key("source", "u"), URL: "v"}})
		},
		"nothing new, by Batch": func(b *events.Builder) { b.Person("Ada") },
		"all that there is read": func(b *events.Builder) {
			b.Source("u").Says("meet", b.Entity(events.Person, "Adam", "key"))
			b.Declare(meet)
		},
	} {
		store := &hung{Mem: events.NewMem()}
		g, err := graph.Open(ctx, store, &graph.Options{CacheSize: -1})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		build(t, g, func(b *events.Builder) {
			b.Declare(meet)
			b.DeclareScheme(rated)
			b.Entity(events.Person, "Ada", "key")
			b.Person("Ada")
			b.Source("u").Title("One")
		})
		ended, cancel := context.WithCancel(ctx)
		reads := 0
		store.read = func() { reads++; cancel() }
		b := g.NewBatch(ended, "desk")
		program(b)
		for range 2 {
			batch, err := b.Batch()
			if batch != nil || !errors.Is(err, context.Canceled) || errors.Is(err, events.ErrInvalid) {
				t.Errorf("%s: %v, %v", what, batch, err)
			}
		}
		b.Person("Cleo")
		parts := slices.Collect(func(yield func(error) bool) {
			for batch, err := range b.Batches() {
				if batch != nil || !yield(err) {
					t.Errorf("%s: Batches yields a batch", what)
				}
			}
		})
		if len(parts) != 1 || !errors.Is(parts[0], context.Canceled) {
			t.Errorf("%s: Batches yields %v", what, parts)
		}
		if reads != 1 {
			t.Errorf("%s: %d reads, want one", what, reads)
		}
	}
}
