package quadstore_test

import (
	"math/rand/v2"
	"regexp"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/iterator"
	"github.com/cayleygraph/cayley/graph/path"
	"github.com/cayleygraph/cayley/graph/shape"
	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/graph/quadstore"
)

// args are what one query is about: two actors, as often as they are mentioned,
// three predicates, a statement, and of predicates of the star an object that they have.
type args struct {
	a, b    quad.IRI
	p, q, r quad.IRI
	s       quad.IRI
	o       map[quad.IRI]quad.Value
}

// objects has some objects of each predicate, an object that is there more often more
// often.
type objects map[quad.IRI]*reservoir

type reservoir struct {
	met  int
	kept []quad.Value
}

func (o objects) add(q quad.Quad) {
	p := q.Predicate.(quad.IRI)
	if o[p] == nil {
		o[p] = &reservoir{}
	}
	r := o[p]
	if r.met++; len(r.kept) < 1000 {
		r.kept = append(r.kept, q.Object)
	} else if i := rand.New(rand.NewPCG(5, uint64(r.met))).IntN(r.met); i < len(r.kept) {
		r.kept[i] = q.Object
	}
}

func (o objects) some(rnd *rand.Rand) map[quad.IRI]quad.Value {
	some := map[quad.IRI]quad.Value{}
	for _, p := range starred {
		some[p] = o[p].kept[rnd.IntN(len(o[p].kept))]
	}
	return some
}

var (
	when, said, stance   = quadstore.StatementWhen, quadstore.StatementSaid, quadstore.StatementStance
	act, form, source    = quadstore.StatementAct, quadstore.StatementForm, quadstore.StatementSource
	speaker, predicateOf = quadstore.StatementSpeaker, quadstore.StatementPredicate
	reporter             = quadstore.Voice(1, quadstore.StatementSpeaker)
	topic, amount, due   = quadstore.Role("topic"), quadstore.Role("amount"), quadstore.Role("due")
	target               = quadstore.Role("target")
	name, published      = quadstore.EntityName, quadstore.SourcePublished

	starred = []quad.IRI{
		when, said, stance, act, form, source, speaker, predicateOf, reporter, topic, amount, due, target, name, published, quadstore.EntityKind,
		quadstore.SourceTitle,
	}
)

// class is queries of one kind.
type class struct {
	name string
	ask  func(qs cayley.QuadStore, x args) *path.Path
	tags bool // what is saved is asked for, too
}

// into asks for all that lead to an object by a predicate.
func into(p quad.IRI) func(qs cayley.QuadStore, x args) *path.Path {
	return func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.o[p]).In(p) }
}

var classes = []class{
	// Along edges.
	{name: "1-hop", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.a).Out(x.p) }},
	{name: "2-hop", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.a).Out(x.p).Out(x.q) }},
	{name: "3-hop", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.a).Out(x.p).Out(x.q).Out(x.r)
	}},
	{name: "reverse", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.a).In(x.p) }},
	{name: "both", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.a).Both(x.p) }},
	{name: "1-hop-by-3", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.a).Out(x.p, x.q, x.r) }},
	{name: "2-hop-by-2", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.a).Out(x.p, x.q).Out(x.q, x.r)
	}},
	{name: "there-and-back", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.a).Out(x.p).In(x.q) }},
	{name: "has-save", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.a).Out(x.p).Has(x.q, x.b).Save(x.r, "saved")
	}},
	{name: "tags", tags: true, ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.a).Tag("from").Out(x.p).Tag("via").Out(x.q)
	}},
	{name: "save", tags: true, ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.a).Out(x.p).Save(name, "name")
	}},
	{name: "count", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.a).Out(x.p).Out(x.q).Count() }},
	{name: "intersection", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.a).Out(x.p).And(path.StartPath(qs, x.b).Out(x.q))
	}},
	{name: "union", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.a).Out(x.p).Or(path.StartPath(qs, x.b).Out(x.q))
	}},
	{name: "except", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.a).Out(x.p).Except(path.StartPath(qs, x.b).Out(x.q))
	}},
	{name: "unique", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.a).Out(x.p).Out(x.q).Unique()
	}},
	{name: "first-ten", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.a).Out(x.p).Out(x.q).Limit(10)
	}},
	{name: "recursive", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.a).FollowRecursive(x.p, 2, nil)
	}},
	{name: "by-name", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs).HasFilter(name, false, shape.Regexp{Re: regexp.MustCompile(`^Actor 12?$`)}).Out(x.p)
	}},
	{name: "in-label", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.s).Out(quadstore.Role("source")).LabelContext(x.s).Out()
	}},

	// All that an entity has.
	{name: "label", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.a).Labels() }},
	{name: "entity-out", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.a).Out() }},
	{name: "entity-in", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.a).In() }},
	{name: "entity-both", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.a).Both() }},
	{name: "entity-in-tagged", tags: true, ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.a).InWithTags([]string{"by"})
	}},
	{name: "entity-out-predicates", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.a).OutPredicates() }},
	{name: "entity-in-predicates", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.a).InPredicates() }},
	{name: "entity-2-out", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.a).Out().Out(x.p).Limit(1000)
	}},

	// From what a statement has to the statement.
	{name: "from-when", ask: into(when)},
	{name: "from-said", ask: into(said)},
	{name: "from-stance", ask: into(stance)},
	{name: "from-act", ask: into(act)},
	{name: "from-form", ask: into(form)},
	{name: "from-source", ask: into(source)},
	{name: "from-speaker", ask: into(speaker)},
	{name: "from-reporter", ask: into(reporter)},
	{name: "from-predicate", ask: into(predicateOf)},
	{name: "from-role", ask: into(target)},
	{name: "from-text", ask: into(topic)},
	{name: "from-number", ask: into(amount)},
	{name: "from-time-in-role", ask: into(due)},
	{name: "from-name", ask: into(name)},
	{name: "from-kind", ask: into(quadstore.EntityKind)},
	{name: "from-title", ask: into(quadstore.SourceTitle)},
	{name: "from-published", ask: into(published)},
	{name: "from-time-by-any", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.o[when]).In() }},
	{name: "from-stance-first-ten", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.o[stance]).In(stance).Limit(10)
	}},
	{name: "from-when-to-speaker", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.o[when]).In(when).Out(speaker)
	}},
	{name: "from-when-count", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.o[when]).In(when).Count()
	}},

	// From a statement.
	{name: "statement-out-one", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.s).Out(when) }},
	{name: "statement-out", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.s).Out() }},
	{name: "statement-out-predicates", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.s).OutPredicates() }},
	{name: "source-out", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.o[source]).Out() }},

	// Statements that have something.
	{name: "according-to", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.a).In(speaker).Has(predicateOf, x.p)
	}},
	{name: "has-when", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs).Has(when, x.o[when]) }},
	{name: "has-when-and-predicate", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs).Has(predicateOf, x.p).Has(when, x.o[when])
	}},
	{name: "has-stance-and-form", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs).Has(stance, x.o[stance]).Has(form, x.o[form])
	}},
	{name: "speaker-has-when", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.a).In(speaker).Has(when, x.o[when])
	}},
	{name: "speaker-has-stance", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.a).In(speaker).Has(stance, x.o[stance])
	}},
	{name: "speaker-has-number", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.a).In(speaker).Has(amount)
	}},
	{name: "speaker-since", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.a).In(speaker).HasFilter(when, false, shape.Comparison{Op: iterator.CompareGT, Val: x.o[when]})
	}},
	{name: "has-reverse", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs).HasReverse(when, x.s) }},
	{name: "has-reverse-any", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs, x.o[when]).HasReverse(when)
	}},

	// All of something.
	{name: "has-role", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs).Has(due) }},
	{name: "all-when", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs).Has(when) }},
	{name: "all-due", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs).Out(due) }},
	{name: "all-due-unique", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs).Out(due).Unique() }},
	{name: "all-of-predicate", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs).Out(x.p) }},
	{name: "since", ask: func(qs cayley.QuadStore, x args) *path.Path {
		return path.StartPath(qs).HasFilter(due, false, shape.Comparison{Op: iterator.CompareGT, Val: x.o[due]})
	}},
	{name: "nodes", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs) }},
	{name: "nodes-count", ask: func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs).Count() }},
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
