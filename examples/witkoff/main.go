// Command witkoff records what one news article of August 2025 says about an
// envoy's trip to Moscow, what became known later, and prints a dossier of it.
//
// The article (cast.go, article.go) makes 43 statements, S1 to S43: who says it, for
// whom, how surely, and where it stands in the text. Its sentences are not kept
// here, short quotes aside; offsets and the SHA-256 of the text point at the
// rest. The desk's own conclusions and what other sources say (later.go) were
// recorded days later, so the same questions (dossier.go) have other answers as
// of 4 August.
//
// Everything has an id made of its content: running it again on the same file
// records nothing twice.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
)

const usage = `usage: witkoff [-db FILE] [-article FILE]

Records 43 statements of a news article about an envoy's trip to Moscow, and
what became known later, and prints a dossier.

  -db FILE       keep the record in this file, which is made if there is none;
                 what it holds already is not recorded again. Without -db the
                 record is gone when the program ends
  -article FILE  the article's text: check its SHA-256, and the place and the
                 words of every statement in it
  -h             show this text
`

func main() {
	err := run(context.Background(), os.Args[1:], os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "witkoff:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("witkoff", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	db := flags.String("db", "", "")
	article := flags.String("article", "", "")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(out, usage)
		return err
	case err != nil:
		return fmt.Errorf("%w\n%s", err, usage)
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q\n%s", flags.Arg(0), usage)
	}

	// A wrong text is told before anything is recorded.
	text, err := readArticle(*article)
	if err != nil {
		return err
	}
	store, err := openStore(*db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	var now clock
	g, err := graph.Open(ctx, store, &graph.Options{Now: now.time})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()

	done, err := record(ctx, g, &now)
	if err != nil {
		return err
	}
	if err := printDossier(ctx, out, g); err != nil {
		return err
	}
	if text != "" {
		if err := verify(ctx, out, g.View(nil), text); err != nil {
			return err
		}
	}
	where := "in memory; -db FILE keeps it"
	if *db != "" {
		where = "in " + *db
	}
	_, err = fmt.Fprintf(out, "Record: %d events in %d batches, %d of them new, %s.\n", done.events, done.batches, done.new, where)
	return err
}

func openStore(path string) (events.Store, error) {
	if path == "" {
		return events.NewMem(), nil
	}
	return sqlite.Open(path, nil)
}
