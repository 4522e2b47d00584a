package query_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

func TestLine(t *testing.T) {
	d := newDesk(t)
	a, b, office, talks := d.Person("A"), d.Person("B"), d.Organisation("the office"), d.Occurrence("the talks")
	src := d.Source("https://example.org/story").By(d.Person("Reporter"))
	met := src.Says("meet", a, b).On("[2025-08-06,2025-08-07]")
	promised := src.Quotes(a, "We shall pay \"all\"\nof it", "pay", a, b).With(b).For(office).Act(events.Commit).Stance("PR-").
		Occurrence(talks).Arg("amount", events.Number("4.50", "EUR")).Arg("due", events.At(edtf.MustParse("2025-09"))).
		If(d.Claim("agree", b), "").Unless(d.Claim("resign", a), "")
	held := src.Says("say").Arg("what", events.Nested(d.Claim("leave", a))).Arg("why", events.Text("too late", "en")).
		Arg("to", events.Unknown()).Arg("answering", events.Said(met.ID()))
	reply := src.Says("reply").Arg("to", events.Said(promised.ID())).Arg("and", events.Said(held.Locator("page 4").ID()))
	own := d.Infers(office, "rain")
	lines := map[uuid.UUID]string{
		met.ID():      `Reporter (CT+): meet A, B on [2025-08-06,2025-08-07] <https://example.org/story>`,
		promised.ID(): `A, B for the office (PR-, commit): pay A, B, amount 4.50 EUR, due 2025-09 (the talks) if (agree B) unless (resign A) "We shall pay \"all\"\nof it" <https://example.org/story>`,
		held.ID():     `Reporter (CT+): say what (leave A), why "too late", to unknown, answering statement (Reporter (CT+): meet A, B on [2025-08-06,2025-08-07]) <https://example.org/story> at "page 4"`,
		reply.ID(): `Reporter (CT+): reply to statement (A, B for the office (PR-, commit): "We shall pay \"all\"\nof it"), ` +
			`and statement (Reporter (CT+): say what (leave A), why "too late", to unknown, answering statement ` + met.ID().String() + ` at "page 4") <https://example.org/story>`,
		own.ID(): `the office (CT+): rain`,
	}
	d.record()
	v := d.g.View(nil)
	for r, err := range query.Statements(ctx, v, graph.Pattern{}) {
		if err != nil {
			t.Fatal(err)
		}
		line, err := query.Line(ctx, v, &r.Statement)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "line", line, lines[r.ID])
		delete(lines, r.ID)
	}
	if len(lines) > 0 {
		t.Errorf("missing: %v", lines)
	}

	// Where there is no name, there is the id.
	s, err := v.Statement(met.ID())
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Load(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for e, err := range v.Events(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		switch body := e.Body.(type) {
		case *events.EntityRegistered:
			if body.Entity.ID == b.ID {
				d.Redact(e.ID, "by request")
			}
		case *events.SourceAdded:
			d.Redact(e.ID, "by request")
		}
	}
	d.record()
	line, err := query.Line(ctx, d.g.View(nil), &r.Statement)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "redacted", line, "Reporter (CT+): meet A, "+b.ID.String()+" on [2025-08-06,2025-08-07] <"+src.ID().String()+">")
	r.Claim.Args[0].Value.ID = uuid.UUID{1}
	line, err = query.Line(ctx, d.g.View(nil), &r.Statement)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "unknown", line, "Reporter (CT+): meet "+uuid.UUID{1}.String()+", "+b.ID.String()+" on [2025-08-06,2025-08-07] <"+src.ID().String()+">")
}

// A line is one line, commands no terminal and turns no direction of writing, whatever the
// record has; a statement that nobody has checked does no harm.
func TestLineIsOneLine(t *testing.T) {
	d := newDesk(t)
	st := events.Statement{
		Claim:  events.Claim{Predicate: "say", Args: []events.Arg{{Role: "what", Value: events.Value{Kind: events.ClaimValue}}}},
		Source: d.Source("https://example.org/\x1b[2J\na\u2028b\u0085c\u202ed\u2066e\u200ff").ID(),

		Selector: events.Selector{Locator: "p.\x1b[2J\n4\u202e"},
	}
	d.record()
	line, err := query.Line(ctx, d.g.View(nil), &st)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "line", line, "say what () <https://example.org/ [2J a b c d e\u200ff> at \"p.\\x1b[2J\\n4\\u202e\"")
}
