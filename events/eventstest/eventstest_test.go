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
	for _, f := range storeFaults {
		mustFind(t, f.name, f.found)
	}
}

// TestKeysFindFaults does so for keys.
func TestKeysFindFaults(t *testing.T) {
	for _, f := range keysFaults {
		mustFind(t, f.name, f.found)
	}
}

var storeFaults = slices.Concat(appendFaults, scanFaults, clockFaults, syncFaults, snapshotFaults, historyFaults, backupFaults)

// mustFind runs the suite with a fault that makes a subtest fail, or with none that does.
func mustFind(t *testing.T, fault, found string) {
	if os.Getenv("EVENTSTEST_FAULT") != "" {
		t.Skip("this is the process with the fault")
	}
	t.Run(fault, func(t *testing.T) {
		t.Parallel()
		timeout := "24s" // some faults make a call hang
		if found == "" {
			timeout = "2m"
		}
		cmd := exec.Command(os.Args[0], "-test.run=^TestFaulty$", "-test.timeout="+timeout)
		cmd.Env = append(os.Environ(), "EVENTSTEST_FAULT="+fault)
		out, err := cmd.CombinedOutput()

		if found == "" {
			if err != nil {
				t.Fatalf("what is without a fault fails: %v\n%s", err, out)
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
		name := strings.ReplaceAll(found, " ", "_")
		if !bytes.Contains(out, []byte("--- FAIL: TestFaulty/"+name+" ")) {
			t.Errorf("%s did not fail:\n%s", name, out)
		}
		if fails, clauses := bytes.Count(out, []byte("--- FAIL: TestFaulty/")), bytes.Count(out, []byte("the contract says: ")); fails > clauses {
			t.Errorf("%d subtests failed, %d printed their clause:\n%s", fails, clauses, out)
		}
	})
}

// TestFaulty is what mustFind runs.
func TestFaulty(t *testing.T) {
	name := os.Getenv("EVENTSTEST_FAULT")
	if name == "" {
		t.Skip("only for TestStoreFindsFaults and TestKeysFindFaults")
	}
	for _, f := range keysFaults {
		if f.name == name {
			keys := func(*testing.T) events.Keys { return &faultyKeys{MemKeys: events.NewMemKeys(), fault: name} }
			TestKeys(t, keys, f.beside)
			return
		}
	}
	for _, f := range storeFaults {
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
