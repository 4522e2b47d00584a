// Command notary looks after a record that is kept in a file: it verifies the file,
// signs how far it has come, proves single statements to people who have nothing but
// a key, makes backups, and exports and imports. The README shows a session.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/keys"
	"github.com/onrecord/onrecord/events/proof"
)

const usage = `usage: notary COMMAND ...

Looks after a record in a file, which other programs may have open.

  verify FILE [-checkpoint C -key PUBLIC]
                 read all of it and say what is wrong; with a checkpoint, also
                 whether it is the record that was signed for, or extends it;
                 of an erasable record, all but what its events say
  head FILE      print how far it has come
  list FILE [-n COUNT]
                 print all events, or the last ones: the position, the kind, the id
                 and what it says in short, with tabs between them; of a source or
                 an entity that begins with the id of its own; what is redacted or
                 sealed is not shown
  key NAME TO    make a key for the record of this name, such as
                 desk.example/story: TO.secret to sign with, TO.public to give away
  sign FILE -key SECRET [TO]
                 sign how far the record has come, as a checkpoint
  prove FILE ID -checkpoint C [-reveal KEYS [-identity AGE]] [TO]
                 prove that a statement, or any event, is in the record that the
                 checkpoint was signed for; the id of a source or an entity stands
                 for the event that registers it, if there is one only; what is
                 redacted is proved without its words, and what is sealed as it is;
                 with the file of its keys the key of this event is given out with
                 it, and whoever has the proof can read it from then on, also when
                 it has been erased; a wrapped file of keys is opened with the
                 identities of age in a file
  check PROOF -key PUBLIC
                 check such a proof, without the record, and print what it proves
  backup FILE TO copy the record while others write to it
  export FILE [TO]
                 write it as JSON Lines: each record's bytes, and what they say;
                 like a backup, TO is open for nobody but its owner
  import FROM FILE
                 put an export into a file, which is made if there is none; what
                 it has already is compared, and the rest added
  help, -h       show this text

What goes to TO is printed if there is no TO. No file is ever overwritten.

It exits with
  0  if all is well
  1  if something is refused or not valid: damage, a file that is no record, one
     of a newer release, a forged proof, a file that would be overwritten
  2  if the command is not one of these
  3  if something cannot be read or written
  4  if the record that is verified is whole, but erasable: what its events say
     is sealed, and was not checked
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	n := notary{out: os.Stdout, random: rand.Reader}
	err := n.run(ctx, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "notary:", err)
	}
	os.Exit(exitCode(err))
}

// A notary carries out one command.
type notary struct {
	out    io.Writer
	random io.Reader // keys are made from it
}

// errRefused is wrapped by what the record, a proof or the file system is to blame
// for, rather than a disk.
var errRefused = errors.New("refused")

// errUsage is wrapped by what the command line is to blame for.
var errUsage = errors.New("try notary -h")

func exitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		return 2
	case errors.Is(err, errSealed):
		return 4
	case errors.Is(err, errRefused), errors.Is(err, fs.ErrExist), errors.Is(err, events.ErrDamaged),
		errors.Is(err, events.ErrNewer), errors.Is(err, proof.ErrForked), errors.Is(err, proof.ErrBehind), errors.Is(err, proof.ErrNoEvent),
		errors.Is(err, events.ErrOther), errors.Is(err, events.ErrKeys), errors.Is(err, keys.ErrNotKeys), errors.Is(err, io.ErrUnexpectedEOF):
		return 1
	}
	return 3
}

// A command is what its name on the command line stands for: from least to most
// arguments, and these flags, each of which takes a value.
type command struct {
	least, most int
	flags       []string
	run         func(ctx context.Context, args []string, flags map[string]string) error
}

func (n *notary) commands() map[string]command {
	return map[string]command{
		"verify": {1, 1, []string{"checkpoint", "key"}, n.verify},
		"head":   {1, 1, nil, n.head},
		"list":   {1, 1, []string{"n"}, n.list},
		"key":    {2, 2, nil, n.key},
		"sign":   {1, 2, []string{"key"}, n.sign},
		"prove":  {2, 3, []string{"checkpoint", "reveal", "identity"}, n.prove},
		"check":  {1, 1, []string{"key"}, n.check},
		"backup": {2, 2, nil, n.backup},
		"export": {1, 2, nil, n.export},
		"import": {2, 2, nil, n.importFrom},
	}
}

func (n *notary) run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("no command: %w", errUsage)
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		_, err := io.WriteString(n.out, usage)
		return err
	}
	c, ok := n.commands()[args[0]]
	if !ok {
		return fmt.Errorf("no command %q: %w", args[0], errUsage)
	}

	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, f := range c.flags {
		flags.String(f, "", "")
	}
	var files []string
	for rest := args[1:]; len(rest) > 0; rest = flags.Args() { // flags may stand anywhere
		err := flags.Parse(rest)
		if errors.Is(err, flag.ErrHelp) {
			_, err := io.WriteString(n.out, usage)
			return err
		}
		if err != nil {
			return fmt.Errorf("%s: %w: %w", args[0], err, errUsage)
		}
		if flags.NArg() == 0 {
			break
		}
		files = append(files, flags.Arg(0))
		if err := flags.Parse(flags.Args()[1:]); err != nil {
			return fmt.Errorf("%s: %w: %w", args[0], err, errUsage)
		}
	}
	if len(files) < c.least || len(files) > c.most {
		return fmt.Errorf("%s takes %s, and here are %d: %w", args[0], arguments(c.least, c.most), len(files), errUsage)
	}
	given := make(map[string]string)
	var empty error // as when a script's variable is
	flags.Visit(func(f *flag.Flag) {
		if given[f.Name] = f.Value.String(); given[f.Name] == "" {
			empty = fmt.Errorf("%s: -%s is empty: give it a value or leave it out: %w", args[0], f.Name, errUsage)
		}
	})
	if empty != nil {
		return empty
	}
	return c.run(ctx, files, given)
}

func arguments(least, most int) string {
	switch {
	case least == most && least == 1:
		return "1 argument"
	case least == most:
		return fmt.Sprintf("%d arguments", least)
	}
	return fmt.Sprintf("%d or %d arguments", least, most)
}

// needs returns an error unless a flag was given.
func needs(flags map[string]string, name, what string) error {
	if flags[name] == "" {
		return fmt.Errorf("-%s is missing, %s: %w", name, what, errUsage)
	}
	return nil
}
