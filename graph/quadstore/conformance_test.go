package quadstore

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/graphtest"
)

// TestConformance runs Cayley's own tests of a store, and its queries on the films
// of Freebase, on a double. No case is skipped for the store's sake; Cayley itself
// skips "order with a next path", which it cannot do. The films are left out where
// the race detector is on, and with -short.
func TestConformance(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/cayleygraph/cayley").Output()
	if err != nil {
		t.Skip("Cayley's data is found with the go command: ", err)
	}
	// They look for their data from there.
	t.Chdir(filepath.Join(strings.TrimSpace(string(dir)), "graph", "memstore"))
	graphtest.TestAll(t, func(t testing.TB) (cayley.QuadStore, cayley.Options, func()) {
		d := newDouble(t)
		return d, nil, func() { d.g.Close() }
	}, &graphtest.Config{AlwaysRunIntegration: !raceDetected})
}
