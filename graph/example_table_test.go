package graph_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"testing"

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
	// events: statement 2 ("pay"): Statement.Claim.Args[2].Value.Text "€300": is not a number in decimal digits, want one such as "4", "-2.50" or "1e6"
}

// A table with mistakes: each row is a batch of its own, so that the others are recorded, and
// the mistakes are told with the file and the line. When they have been corrected the table is
// imported again, and what is on record is left out.
func Example_tableWithMistakes() {
	ctx := context.Background()
	g := newGraph()
	defer g.Close()
	payments := "no,payer,payee,euros,day\nP-17,Harbour Board,Tom Vale,1200,11 February\nP-18,Harbour Board,,€300,2025-02-12\nP-19,Harbour Board,Ida Holm,50,2025-02-13\n"
	added := 0
	importTable := func() error {
		r := csv.NewReader(strings.NewReader(payments))
		if _, err := r.Read(); err != nil {
			return err
		}
		rows := func(yield func(*events.Batch, error) bool) {
			for row, err := r.Read(); err != io.EOF; row, err = r.Read() { // r is csv.NewReader(file)
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

	payments = strings.NewReplacer("11 February", "2025-02-11", ",,€300", ",Rolf Sand,300").Replace(payments)
	if err := importTable(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("payments:", count(g.View(nil), graph.Pattern{Predicate: "pay"}))
	// Output:
	// payments.csv:2: events: statement 0 ("pay"): On "11 February": is no date, at byte 2, want four digits, or X, for the year, found ' '
	// payments.csv:3: events: person("") before statement 0: Entity.Name.Text "": is empty
	// events: statement 0 ("pay"): Statement.Claim.Args[2].Value.Text "€300": is not a number in decimal digits, want one such as "4", "-2.50" or "1e6"
	// new events: 5
	// payments: 3
}

// A table that is published again with corrections: each row keeps its words, so that one that
// has changed is known by its number. It replaces what the row said before; a row that is gone is
// taken back.
func Example_tableThatChanges() {
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
		was := map[string]*graph.Reading{} // the rows as they are on record, by their numbers
		for s := range g.View(nil).Statements(graph.Pattern{Source: g.Key("source", "payments.csv")}) {
			r, err := s.Load(ctx)
			if err != nil {
				return err
			}
			was[r.Selector.Locator] = r
		}
		for _, row := range rows[1:] {
			no, words := "no. "+row[0], strings.Join(row, ",")
			old := was[no]
			if delete(was, no); old != nil && old.Selector.Exact == words {
				continue
			}
			s := table.Says("pay", b.Organisation(row[1]), b.Person(row[2])).
				Arg("amount", events.Number(row[3], "EUR")).On(row[4]).Exact(words).Locator(no)
			if old != nil {
				s.Replaces(old.ID)
			}
		}
		for no, gone := range was {
			b.RetractAll(gone.ID, no+" is not in the table any more")
		}
		n, err := g.RecordAll(ctx, b.Batches())
		fmt.Println("batches recorded:", n)
		return err
	}
	show := func(v graph.View) {
		for s := range v.Statements(graph.Pattern{Predicate: "pay"}) {
			r, err := s.Load(context.Background())
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(" ", r.Selector.Exact)
		}
	}
	if err := importTable(); err != nil {
		log.Fatal(err)
	}
	before := g.View(nil)
	payments = "no,payer,payee,euros,day\nP-17,Harbour Board,Tom Vale,1300,2025-02-11\nP-19,Harbour Board,Ida Holm,50,2025-02-13\n"
	for range 2 {
		if err := importTable(); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println("before:")
	show(before)
	fmt.Println("now:")
	show(g.View(nil))
	// Output:
	// batches recorded: 1
	// batches recorded: 1
	// batches recorded: 0
	// before:
	//   P-17,Harbour Board,Tom Vale,1200,2025-02-11
	//   P-18,Harbour Board,Rolf Sand,300,2025-02-12
	// now:
	//   P-17,Harbour Board,Tom Vale,1300,2025-02-11
	//   P-19,Harbour Board,Ida Holm,50,2025-02-13
}

// The README shows what the examples do with a table.
func TestREADMETable(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("example_table_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## Importing a table\n")
	section, _, _ = strings.Cut(section, "\n## ")
	programs := strings.Split(section, "\n```go\n")[1:]
	if len(programs) != 3 {
		t.Fatalf("the README shows %d ways to import a table", len(programs))
	}
	for _, shown := range programs {
		shown, _, _ = strings.Cut(shown, "```\n")
		var indented strings.Builder
		for line := range strings.Lines(shown) {
			indented.WriteString("\t\t" + line)
		}
		if !strings.Contains(string(source), indented.String()) {
			t.Errorf("no example has what the README shows:\n%s", shown)
		}
	}
}
