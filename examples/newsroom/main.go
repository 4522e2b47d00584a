// Command newsroom has several desks, on one machine or on many, share one record:
// each adds to it, follows what the others add, and asks. The README shows two of them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

const usage = `usage: newsroom ROLE [-db WHERE] ...

  record [-desk NAME] [FILE]  put on record what a file says, or standard input, line
                              by line:
                                SPEAKER | [not] PREDICATE | WHO, WHOM, ... | WHEN | URL
                              A name is a person's, unless it begins with place: or
                              org:. WHEN may be empty.
  follow [-from BATCH]        print what any desk has recorded after a batch, and what
                              it records from then on, until interrupted
  ask [-after BATCH] NAME     print what is said about somebody, and by whom; after a
                              batch that another desk has told of, at the earliest
  copy TO                     copy the record to another place, or what it lacks

WHERE the record is kept:
  story.db                    a file of this machine (the default), which the first
                              desk to record makes
  postgres://...              a PostgreSQL database
  nats://...                  a stream of NATS JetStream
  cluster:DIRECTORY           three servers of NATS that the first newsroom to ask runs
                              itself, to try it out; it ends with them, and the next
                              one runs them on

  -accept-loss                use servers that may lose what was acknowledged
  -sync-always                all NATS servers have sync_interval: always
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal kills
	d := desk{in: os.Stdin, out: os.Stdout, now: time.Now}
	err := d.run(ctx, os.Args[1:])
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = context.Cause(ctx) // says which signal it was
	}
	switch {
	case err == nil:
	case errors.Is(err, errUsage):
		fmt.Fprintf(os.Stderr, "newsroom: %v\n\n%s", err, usage)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "newsroom:", err)
		os.Exit(1)
	}
}

// errUsage is wrapped by what the command line is to blame for.
var errUsage = errors.New("see the usage")

// A desk plays one role.
type desk struct {
	in  io.Reader
	out io.Writer
	now func() time.Time

	lookEvery time.Duration // who follows looks how far behind it is; 0 is a second

	db, name    string
	from, after uint64
	acceptLoss  bool
	syncAlways  bool
}

func (d *desk) run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("no role: %w", errUsage)
	}
	roles := map[string]func(context.Context, []string) error{
		"record": d.record, "follow": d.follow, "ask": d.ask, "copy": d.copy,
	}
	play, ok := roles[args[0]]
	switch {
	case args[0] == "help", args[0] == "-h", args[0] == "-help", args[0] == "--help":
		_, err := io.WriteString(d.out, usage)
		return err
	case !ok:
		return fmt.Errorf("no role %q: %w", args[0], errUsage)
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&d.db, "db", "story.db", "")
	flags.BoolVar(&d.acceptLoss, "accept-loss", false, "")
	flags.BoolVar(&d.syncAlways, "sync-always", false, "")
	switch args[0] {
	case "record":
		flags.StringVar(&d.name, "desk", "desk", "")
	case "follow":
		flags.Uint64Var(&d.from, "from", 0, "")
	case "ask":
		flags.Uint64Var(&d.after, "after", 0, "")
	}
	if err := flags.Parse(args[1:]); err != nil {
		return fmt.Errorf("%s: %w: %w", args[0], err, errUsage)
	}
	return play(ctx, flags.Args())
}

// withGraph opens the record and its graph, and follows what others add to it while a role
// is played with it. The role's context ends early if the record cannot be followed any
// more, and the error is why.
func (d *desk) withGraph(ctx context.Context, mayMake bool, play func(context.Context, *graph.Graph) error) error {
	store, closeStore, err := d.open(ctx, d.db, mayMake)
	if err != nil {
		return err
	}
	g, err := graph.Open(ctx, store, &graph.Options{Now: d.now})
	if err != nil {
		return errors.Join(err, closeStore())
	}
	ctx, end := context.WithCancelCause(ctx)
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		end(g.Follow(ctx))
	}()
	if err = play(ctx, g); errors.Is(err, context.Canceled) {
		err = context.Cause(ctx)
	}
	err = errors.Join(err, g.Close())
	<-followed
	return errors.Join(err, closeStore())
}

// copy copies the record to another place.
func (d *desk) copy(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("copy: to one place, not %d: %w", len(args), errUsage)
	}
	from, closeFrom, err := d.open(ctx, d.db, false)
	if err != nil {
		return err
	}
	to, closeTo, err := d.open(ctx, args[0], true)
	if err != nil {
		return errors.Join(err, closeFrom())
	}
	head, err := events.Copy(ctx, to, from, func(done, last events.Seq) {
		if done%1000 == 0 || done == last {
			fmt.Fprintf(d.out, "%d of %d records\n", done, last)
		}
	})
	if err == nil {
		fmt.Fprintf(d.out, "the same up to record %d, SHA-256 %x...\n", head.Seq, head.SHA256[:8])
	}
	return errors.Join(err, closeTo(), closeFrom())
}
