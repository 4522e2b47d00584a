package graph_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// A table becomes one statement a row, in as many batches as it takes, and may be
// imported again, also when it has grown.
func Example_table() {
	g := newGraph()
	defer g.Close()
	payments := "no,payer,payee,euros,day\nP-17,Harbour Board,Tom Vale,1200,2025-02-11\nP-18,Harbour Board,Rolf Sand,300,2025-02-12\n"
	importTable := func() error {
		ctx := context.Background()
		rows, err := csv.NewReader(strings.NewReader(payments)).ReadAll()
		if err != nil {
			return err
		}
		b := g.NewBatch(ctx, "import")
		table := b.Source("payments.csv").By(b.Organisation("City Treasury"))
		for _, row := range rows[1:] {
			table.Says("pay", b.Organisation(row[1]), b.Person(row[2])).
				Arg("amount", events.Number(row[3], "EUR")).On(row[4]).Locator("no. " + row[0])
		}
		n, err := g.RecordAll(ctx, b.Batches())
		fmt.Println("batches recorded:", n)
		return err
	}
	for range 2 {
		if err := importTable(); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println("payments:", count(g.View(nil), graph.Pattern{Predicate: "pay"}))

	payments = strings.Replace(payments, "day\n", "day\nP-16,Harbour Board,Ida Holm,50,2025-02-10\n", 1) // on top
	if err := importTable(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("payments:", count(g.View(nil), graph.Pattern{Predicate: "pay"}))

	payments = strings.NewReplacer("2025-02-11", "11 February", "300", "€300").Replace(payments)
	err := importTable()
	fmt.Println(errors.Is(err, events.ErrInvalid))
	fmt.Println(err)
	// Output:
	// batches recorded: 1
	// batches recorded: 1
	// payments: 2
	// batches recorded: 1
	// payments: 3
	// batches recorded: 0
	// true
	// events: statement 1 ("pay"): On "11 February": is no date, at byte 2, want four digits, or X, for the year, found ' '
	// events: statement 2 ("pay"): Statement.Claim.Args[2].Value.Text "€300" (role "amount"): is not a number in decimal digits, want one such as "4", "-2.50" or "1e6"
}

// A table with mistakes: each row is a batch of its own, so that the others are recorded, and
// the mistakes are told with the file and the line. When they have been corrected the table is
// imported again, and what is on record is left out.
func Example_tableWithMistakes() {
	ctx := context.Background()
	g := newGraph()
	defer g.Close()
	payments := "no,payer,payee,euros,day\nP-17,Harbour Board,Tom Vale,1200,11 February\nP-18,Harbour Board,,€300,2025-02-12\nP-19,Harbour Board,Ida Holm,50,2025-02-13\nP-20,Harbour Board,Tom Vale,70\n"
	added := 0
	importTable := func() error {
		r := csv.NewReader(strings.NewReader(payments))
		if _, err := r.Read(); err != nil {
			return err
		}
		rows := func(yield func(*events.Batch, error) bool) {
			for row, err := r.Read(); err != io.EOF; row, err = r.Read() { // r is csv.NewReader(file)
				if errors.Is(err, csv.ErrFieldCount) {
					fmt.Println("payments.csv:", err) // which has the line
					continue
				}
				if err != nil {
					yield(nil, err)
					return
				}
				b := g.NewBatch(ctx, "import")
				b.Source("payments.csv").By(b.Organisation("City Treasury")).
					Says("pay", b.Organisation(row[1]), b.Person(row[2])).
					Arg("amount", events.Number(row[3], "EUR")).On(row[4]).Locator("no. " + row[0])
				line, _ := r.FieldPos(0)
				switch batch, err := b.Batch(); {
				case errors.Is(err, events.ErrInvalid): // not if the store fails
					fmt.Printf("payments.csv:%d: %v\n", line, err)
				case !yield(batch, err) || err != nil:
					return
				}
			}
		}
		for receipt, err := range g.RecordEach(ctx, rows) {
			if err != nil {
				return err
			}
			added += receipt.New
		}
		return nil
	}
	if err := importTable(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("new events:", added)

	payments = strings.NewReplacer("11 February", "2025-02-11", ",,€300", ",Rolf Sand,300", "70\n", "70,2025-02-14\n").Replace(payments)
	if err := importTable(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("payments:", count(g.View(nil), graph.Pattern{Predicate: "pay"}))
	// Output:
	// payments.csv:2: events: statement 0 ("pay"): On "11 February": is no date, at byte 2, want four digits, or X, for the year, found ' '
	// payments.csv:3: events: person("") before statement 0: Entity.Name.Text "": is empty
	// events: statement 0 ("pay"): Statement.Claim.Args[2].Value.Text "€300" (role "amount"): is not a number in decimal digits, want one such as "4", "-2.50" or "1e6"
	// payments.csv: record on line 5: wrong number of fields
	// new events: 5
	// payments: 4
}

// importer imports a table anew whenever it is called.
func importer(g *graph.Graph, payments *string) func() error {
	ctx := context.Background()
	return func() error {
		rows, err := csv.NewReader(strings.NewReader(*payments)).ReadAll()
		if err != nil {
			return err
		}
		b := g.NewBatch(ctx, "import")
		v, said, leftOut := g.View(nil), map[uuid.UUID]bool{}, map[string]bool{}
		ours := func(ids ...uuid.UUID) (e *events.Event, err error) { // the last; nil if one is not of the import, or redacted
			for _, id := range ids {
				e, err = v.Event(ctx, id)
				if errors.Is(err, graph.ErrRedacted) {
					return nil, nil
				}
				if err != nil || e.Recorder != "import" {
					return nil, err
				}
			}
			return e, nil
		}
		for _, row := range rows[1:] {
			locator := "no. " + row[0]
			say := func(b *events.Builder) *events.StatementRef {
				return b.Source("payments.csv").By(b.Organisation("City Treasury")).
					Says("pay", b.Organisation(row[1]), b.Person(row[2])).
					Arg("amount", events.Number(row[3], "EUR")).On(row[4]).Locator(locator)
			}
			alone := g.NewBatch(ctx, "import") // to see whether this row is right
			say(alone)
			if _, err := alone.Batch(); errors.Is(err, events.ErrInvalid) {
				fmt.Printf("payments.csv, %s: %v\n", locator, err)
				leftOut[locator] = true
				continue
			}
			id := say(b).ID()
			said[id] = true
			if by, gone := v.RemovedBy(id); gone {
				back, err := ours(id, by)
				if err != nil {
					return err
				}
				if back != nil {
					b.Restore(id, "in the table again")
				}
			}
		}
		for s := range v.Statements(graph.Pattern{Source: g.Key("source", "payments.csv")}) {
			versions := slices.AppendSeq([]uuid.UUID{s.ID()}, v.Replaced(s.ID())) // the row's own is the last
			row, err := ours(versions[len(versions)-1])
			if err != nil {
				return err
			}
			if row == nil || slices.ContainsFunc(versions, func(id uuid.UUID) bool { return said[id] }) {
				continue
			}
			if leftOut[row.Body.(*events.StatementRecorded).Statement.Selector.Locator] {
				continue // nobody knows yet what the table says of it now
			}
			for _, id := range versions {
				b.Cascade(id, "not in the table any more")
			}
		}
		_, err = g.RecordAll(ctx, b.Batches())
		return err
	}
}

// A table that is published again with corrections: what its rows say now is said, what they said
// before and do not say any more is taken back, and what a colleague has done stays. So does what a row
// said before that is wrong now.
func Example_tableThatChanges() {
	ctx := context.Background()
	g := newGraph()
	defer g.Close()
	payments := "no,payer,payee,euros,day\nP-17,Harbour Board,Tom Vale,1200,2025-02-11\nP-18,Harbour Board,Rolf Sand,300,2025-02-12\n"
	importTable := importer(g, &payments)
	show := func(v graph.View) {
		for s := range v.Statements(graph.Pattern{Source: g.Key("source", "payments.csv")}) {
			r, err := s.Load(ctx)
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(" ", s.Predicate(), r.Selector.Locator, r.Claim.Args[len(r.Claim.Args)-1].Value.Text)
		}
	}
	again := func() {
		for range 2 {
			if err := importTable(); err != nil {
				log.Fatal(err)
			}
			fmt.Println("position", g.View(nil).Position())
		}
		show(g.View(nil))
	}
	again()
	before := g.View(nil)
	b := g.NewBatch(ctx, "a colleague")
	b.Source("payments.csv").Says("approve", b.Person("Ada Brandt")).Arg("note", events.Text("in ink", "en")).Locator("no. P-17")
	must(g, b)

	payments = "no,payer,payee,euros,day\nP-17,Harbour Board,Tom Vale,1300,2025-02-11\nP-19,Harbour Board,Ida Holm,50,2025-02-13\n"
	again()
	for s := range g.View(nil).Statements(graph.Pattern{Entity: g.Key(events.EntityKey(events.Person, "Ida Holm")...)}) {
		b := g.NewBatch(ctx, "a colleague")
		b.Retract(s.ID(), "she never got it")
		must(g, b)
	}
	payments = strings.NewReplacer("1300", "1200").Replace(payments) // corrected back
	again()
	payments = strings.NewReplacer("1200", "1 250").Replace(payments) // wrong: what the row said stays
	again()
	payments = strings.NewReplacer("1 250", "1250").Replace(payments)
	again()
	fmt.Println("before:")
	show(before)
	// Output:
	// position 1
	// position 1
	//   pay no. P-17 1200
	//   pay no. P-18 300
	// position 3
	// position 3
	//   approve no. P-17 in ink
	//   pay no. P-17 1300
	//   pay no. P-19 50
	// position 5
	// position 5
	//   approve no. P-17 in ink
	//   pay no. P-17 1200
	// payments.csv, no. P-17: events: statement 0 ("pay"): Statement.Claim.Args[2].Value.Text "1 250" (role "amount"): is not a number in decimal digits, want "1250"
	// position 5
	// payments.csv, no. P-17: events: statement 0 ("pay"): Statement.Claim.Args[2].Value.Text "1 250" (role "amount"): is not a number in decimal digits, want "1250"
	// position 5
	//   approve no. P-17 in ink
	//   pay no. P-17 1200
	// position 6
	// position 6
	//   approve no. P-17 in ink
	//   pay no. P-17 1250
	// before:
	//   pay no. P-17 1200
	//   pay no. P-18 300
}

// A table of decisions, each row a verdict: what the record refuses is told with the file and the
// line, since the error has the id of the decision. Nothing is recorded then.
func Example_tableOfDecisions() {
	ctx := context.Background()
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	page := b.Source("https://gazette.example/12")
	for _, name := range []string{"Tom Vale", "T. Vale", "Tomas Vale"} {
		page.Says("resign", b.Person(name))
	}
	must(g, b)

	verdicts := map[string]events.Verdict{"same": events.Same, "different": events.Different, "unsure": events.Unsure}
	decisions := "Tom Vale,same,T. Vale\nT. Vale,same,Tomas Vale\nTomas Vale,different,Tom Vale\n"
	importTable := func() error {
		b := g.NewBatch(ctx, "import").Occasion("decisions.csv")
		lines := map[uuid.UUID]int{}
		r := csv.NewReader(strings.NewReader(decisions))
		for row, err := r.Read(); err != io.EOF; row, err = r.Read() {
			if err != nil {
				return err // which has the line
			}
			line, _ := r.FieldPos(0)
			lines[b.Judge(b.Person(row[0]), verdicts[row[1]], b.Person(row[2]), "by hand")] = line
		}
		batch, err := b.Batch()
		if err == nil {
			_, err = g.Record(ctx, batch)
		}
		var refused *events.Error
		if errors.As(err, &refused) && lines[refused.ID] > 0 {
			return fmt.Errorf("decisions.csv:%d: %w", lines[refused.ID], err)
		}
		return err
	}
	err := importTable()
	fmt.Println(errors.Is(err, events.ErrIdentity))
	where, _, _ := strings.Cut(err.Error(), ": Verdict")
	fmt.Println(where)

	decisions = strings.Replace(decisions, "different", "unsure", 1)
	fmt.Println(importTable())
	// Output:
	// true
	// decisions.csv:3: events: decision 2 (IdentityJudged)
	// <nil>
}

// A colleague's correction of a row stays while the table says what it corrects, and goes
// when the table says something else of it, or nothing: no row ever counts twice.
func TestTableCorrected(t *testing.T) {
	ctx := t.Context()
	const head, other = "no,payer,payee,euros,day\n", "P-18,Harbour Board,Rolf Sand,300,2025-02-12\n"
	row := func(amount string) string {
		return head + "P-17,Harbour Board,Tom Vale," + amount + ",2025-02-11\n" + other
	}
	// Each is what the table says and what stands then of P-17, by whom.
	for name, versions := range map[string][][2]string{
		"the same":            {{row("100"), "ann 1000"}},
		"as corrected":        {{row("1000"), "import 1000"}},
		"as written":          {{row("1000.00"), "import 1000.00"}},
		"another value":       {{row("70"), "import 70"}, {row("80"), "import 80"}},
		"gone":                {{head + other, ""}},
		"changed and back":    {{row("1000.00"), "import 1000.00"}, {row("100"), "import 100"}},
		"gone and back":       {{head + other, ""}, {row("100"), "import 100"}},
		"the same, then gone": {{row("100"), "ann 1000"}, {head + other, ""}},
		"wrong":               {{row("€70"), "ann 1000"}, {row("70"), "import 70"}},
		"another, then wrong": {{row("70"), "import 70"}, {row("€80"), "import 70"}, {head + other, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, twice := range []bool{false, true} {
				g := newGraph()
				defer g.Close()
				payments := row("100")
				again := importer(g, &payments)
				stands := func(v graph.View) (amounts []string) {
					for s := range v.Statements(graph.Pattern{Source: g.Key("source", "payments.csv")}) {
						if r, err := s.Load(ctx); err != nil {
							t.Fatal(err)
						} else if r.Selector.Locator == "no. P-17" {
							amounts = append(amounts, r.Recorder+" "+r.Claim.Args[2].Value.Text)
						}
					}
					return amounts
				}
				run := func() {
					t.Helper()
					if err := again(); err != nil {
						t.Fatal(err)
					}
				}
				run()
				corrects := func(amount string, id uuid.UUID) (correction uuid.UUID) {
					b := g.NewBatch(ctx, "ann")
					s := b.Known(g.Key("source", "payments.csv")).Says("pay", b.Organisation("Harbour Board"), b.Person("Tom Vale")).
						Arg("amount", events.Number(amount, "EUR")).On("2025-02-11").Locator("no. P-17").Replaces(id)
					s.Assess("own", "good", "a receipt")
					must(g, b)
					return s.ID()
				}
				var id uuid.UUID
				for s := range g.View(nil).Statements(graph.Pattern{Entity: g.Key(events.EntityKey(events.Person, "Tom Vale")...)}) {
					id = s.ID()
				}
				if twice {
					id = corrects("999", id)
				}
				corrects("1000", id)
				corrected := g.View(nil)
				for i, version := range versions {
					payments = version[0]
					run()
					now := g.View(nil)
					if got := strings.Join(stands(now), ", "); got != version[1] {
						t.Fatalf("corrected twice: %v; version %d: %q stands, want %q", twice, i, got, version[1])
					}
					if run(); g.View(nil).Position() != now.Position() {
						t.Errorf("corrected twice: %v; version %d: a second run records something", twice, i)
					}
				}
				if got := fmt.Sprint(stands(corrected)); got != "[ann 1000]" {
					t.Errorf("as of before, %v stands", got)
				}
			}
		})
	}
}

// What a colleague redacts of a row and of its corrections stays so, and no import fails for it.
func TestTableRedacted(t *testing.T) {
	ctx := t.Context()
	g := newGraph()
	defer g.Close()
	var payments string
	again := importer(g, &payments)
	var stands []graph.Statement
	table := func(amount, want string) {
		t.Helper()
		payments = "no,payer,payee,euros,day\nP-17,Harbour Board,Tom Vale," + amount + ",2025-02-11\n"
		var got []string
		for range 2 {
			if err := again(); err != nil {
				t.Fatal(err)
			}
			got, stands = nil, slices.Collect(g.View(nil).Statements(graph.Pattern{Predicate: "pay"}))
			for _, s := range stands {
				r, err := s.Load(ctx)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, r.Recorder+" "+r.Claim.Args[2].Value.Text)
			}
			if got := strings.Join(got, ", "); got != want {
				t.Errorf("the table says %s: %q stands, want %q", amount, got, want)
			}
		}
	}
	corrects := func(amount string, id uuid.UUID) (correction uuid.UUID) {
		b := g.NewBatch(ctx, "ann")
		correction = b.Known(g.Key("source", "payments.csv")).Says("pay", b.Organisation("Harbour Board"), b.Person("Tom Vale")).
			Arg("amount", events.Number(amount, "EUR")).On("2025-02-11").Locator("no. P-17").Replaces(id).ID()
		must(g, b)
		return correction
	}
	redact := func(id uuid.UUID) {
		b := g.NewBatch(ctx, "ann")
		b.Redact(id, "by order")
		must(g, b)
	}

	table("100", "import 100")
	redact(corrects("1000", stands[0].ID()))
	table("100", "")
	table("70", "import 70")
	gone := stands[0].ID()
	table("80", "import 80")
	redact(gone)
	table("70", "")
	table("80", "import 80")
	between := corrects("800", stands[0].ID())
	corrects("8000", between)
	redact(between)
	table("80", "ann 8000")
	table("90", "import 90")
	row := stands[0].ID()
	corrects("9000", row)
	redact(row)
	table("90", "ann 9000")
	table("60", "ann 9000, import 60") // nobody can say any more that it corrects a row of the import
}

// A table with codes names an entity beside its key only if it is not on record, so that what a
// colleague has corrected stays corrected.
func Example_tableOfCodes() {
	ctx := context.Background()
	g := newGraph()
	defer g.Close()
	importRow := func(code, name string) {
		b := g.NewBatch(ctx, "import")
		id := g.Key("entity", events.Group.String(), "icews", code)
		who := events.EntityRef{ID: id}
		if g.View(nil).Kind(id) == 0 {
			who = b.Entity(events.Group, name, "icews", code)
		}
		b.Source("events.csv").By(b.Organisation("The Desk")).Says("protest", who)
		must(g, b)
		e, err := g.View(nil).Entity(ctx, id)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(e.Name.Text)
	}
	importRow("7", "Harbor Workers")

	b := g.NewBatch(ctx, "ann")
	b.Rename(events.EntityRef{ID: g.Key("entity", events.Group.String(), "icews", "7")}, "Harbour Workers")
	must(g, b)
	importRow("7", "Harbor Workers")
	// Output:
	// Harbor Workers
	// Harbour Workers
}

// IMPORT.md shows what the examples do with a table.
func TestImportPage(t *testing.T) {
	page, err := os.ReadFile("IMPORT.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("example_table_test.go")
	if err != nil {
		t.Fatal(err)
	}
	programs := strings.Split(string(page), "\n```go\n")[1:]
	if len(programs) != 4 {
		t.Fatalf("the page shows %d ways to import a table", len(programs))
	}
	for _, shown := range programs {
		shown, _, _ = strings.Cut(shown, "```\n")
		var indented strings.Builder
		for line := range strings.Lines(shown) {
			indented.WriteString("\t\t" + line)
		}
		if !strings.Contains(string(source), indented.String()) {
			t.Errorf("no example has what the page shows:\n%s", shown)
		}
	}
}
