package eventstest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/onrecord/onrecord/events"
)

// TestStoreFindsFaults runs the suite on stores that each break one clause, in
// a process of its own because there it fails, and checks that it fails at a
// subtest that tells of the fault, and prints its clause.
func TestStoreFindsFaults(t *testing.T) {
	if os.Getenv("EVENTSTEST_FAULT") != "" {
		t.Skip("this is the process with the fault")
	}
	for _, f := range slices.Concat(appendFaults, scanFaults, clockFaults, snapshotFaults, historyFaults, backupFaults) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			timeout := "24s" // some faults make a call hang
			if f.found == "" {
				timeout = "2m"
			}
			cmd := exec.Command(os.Args[0], "-test.run=^TestFaulty$", "-test.timeout="+timeout)
			cmd.Env = append(os.Environ(), "EVENTSTEST_FAULT="+f.name)
			out, err := cmd.CombinedOutput()

			if f.found == "" {
				if err != nil {
					t.Fatalf("a store without a fault fails: %v\n%s", err, out)
				}
				return
			}
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Fatalf("the suite did not fail as tests do: %v\n%s", err, out)
			}
			if bytes.Contains(out, []byte("panic:")) {
				t.Fatalf("the suite panicked:\n%s", out)
			}
			name := strings.ReplaceAll(f.found, " ", "_")
			if !bytes.Contains(out, []byte("--- FAIL: TestFaulty/"+name+" ")) {
				t.Errorf("%s did not fail:\n%s", name, out)
			}
			if fails, clauses := bytes.Count(out, []byte("--- FAIL: TestFaulty/")), bytes.Count(out, []byte("the contract says: ")); fails > clauses {
				t.Errorf("%d subtests failed, %d printed their clause:\n%s", fails, clauses, out)
			}
		})
	}
}

// TestFaulty is what TestStoreFindsFaults runs.
func TestFaulty(t *testing.T) {
	name := os.Getenv("EVENTSTEST_FAULT")
	if name == "" {
		t.Skip("only for TestStoreFindsFaults")
	}
	for _, f := range slices.Concat(appendFaults, scanFaults, clockFaults, snapshotFaults, historyFaults, backupFaults) {
		if f.name == name {
			open := func(*testing.T) events.Store { return f.store(events.NewMem()) }
			opts := &Options{Reopen: f.reopen}
			if f.backup {
				opts.Restore = unpack
			}
			TestStore(t, open, opts)
			return
		}
	}
	t.Fatalf("no fault %q", name)
}
