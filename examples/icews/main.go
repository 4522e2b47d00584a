// Command icews records a year of coded news, who did what to whom on which day,
// and answers from it: the most active voices, who criticised whom most, one
// actor's timeline, the graph as of a date.
//
// It reads tab-separated rows of date, subject, relation, object and split
// (table.go), plain or gzip, as data sets of the Integrated Crisis Early Warning
// System are often passed on, and records each row as one statement of the coder,
// or of the subject as reported by the coder (coder.go, speech.go).
//
// Rows are recorded in batches, each all or nothing (load.go). Every id is made
// of content: the file's name, the line and what stands there. So the program may
// be interrupted or killed and run again, and a line may be put right and the
// file loaded again, and nothing is recorded twice.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
)

const usage = `usage: icews [-db FILE] [-actor NAME] [-asof DATE] [-batch N] TABLE

Records the rows of TABLE (date, subject, relation, object and split between
tabs, plain or gzip) and answers questions about them. Run it again to go on
after an interruption, or to ask only.

  -db FILE     the record; made if there is none (default icews.db, in the
               current directory)
  -actor NAME  whose timeline to show, or a part of the name
               (default: the most active voice)
  -asof DATE   the day to look back from, also a month or a year
               (default: the day in the middle of the record)
  -batch N     how many rows to record at once (default 1000); more than one
               batch takes are recorded in several
  -h           show this text
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return
	case errors.Is(err, errInterrupted), errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "icews:", err)
		os.Exit(130) // as a shell reports an interrupt
	case errors.As(err, new(*rowError)):
		fmt.Fprintln(os.Stderr, err) // begins with file and line
		os.Exit(1)
	default:
		fmt.Fprintln(os.Stderr, "icews:", err)
		os.Exit(1)
	}
}

var errInterrupted = errors.New("interrupted")

// settings are what the command line says.
type settings struct {
	table string
	db    string
	actor string    // empty: the most active voice
	asOf  edtf.Time // zero: the middle of the record
	batch int       // in rows
}

func parseArgs(args []string, out io.Writer) (s settings, err error) {
	flags := flag.NewFlagSet("icews", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.db, "db", "icews.db", "")
	flags.StringVar(&s.actor, "actor", "", "")
	asOf := flags.String("asof", "", "")
	flags.IntVar(&s.batch, "batch", 1000, "")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(out, usage)
		return s, err
	case err != nil:
		return s, fmt.Errorf("%w\n%s", err, usage)
	case flags.NArg() != 1:
		return s, fmt.Errorf("%d files given, want one\n%s", flags.NArg(), usage)
	case s.batch < 1:
		return s, fmt.Errorf("-batch %d: want 1 or more", s.batch)
	}
	s.table = flags.Arg(0)
	if *asOf != "" {
		if s.asOf, err = edtf.Parse(*asOf); err != nil {
			return s, fmt.Errorf("-asof: %w", err)
		}
		if _, err := upTo(s.asOf); err != nil {
			return s, fmt.Errorf("-asof %s: want one day, month or year", *asOf)
		}
	}
	return s, nil
}

// run loads the table and prints the answers to out, and how far it has got to
// progress.
func run(ctx context.Context, args []string, out, progress io.Writer) (err error) {
	s, err := parseArgs(args, out)
	if err != nil {
		return err
	}
	t, err := openTable(s.table)
	if err != nil {
		return err
	}
	store, err := sqlite.Open(s.db, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	g, err := graph.Open(ctx, store, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()

	bar := newBar(progress, t.rows())
	done, err := load(ctx, g, t, s.batch, bar.show)
	bar.end()
	switch bad := (*rowError)(nil); {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%w: %s of %s rows are in %s; the same command goes on from there",
			errInterrupted, grouped(done.rows), grouped(t.rows()), s.db)
	case errors.As(err, &bad):
		return fmt.Errorf("%w\nthe first %s rows are in %s; put the line right and run the same command again", err, grouped(done.rows), s.db)
	case err != nil:
		return err
	}
	if err := done.print(out, t, s.db, g.View(nil)); err != nil {
		return err
	}
	return answer(ctx, out, g, s)
}
