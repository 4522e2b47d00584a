package arch

import (
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "github.com/onrecord/onrecord"
	cayley = "github.com/cayleygraph/"
	gonum  = "gonum.org/v1/gonum/"
	sumdb  = "golang.org/x/mod/sumdb/"
)

// layers in the order in which they may import: each only itself and those
// before it. What is in none of them (internal) is bound by the compiler, which
// allows no circle.
var layers = []string{"events", "graph", "query", "examples"}

// cayleyPackages are those whose code may import Cayley.
var cayleyPackages = []string{"graph/quadstore", "query/gizmo", "query/graphql", "query/mql", "internal/textquery"}

// cayleyStores are Cayley's own stores, which only tests compare with.
var cayleyStores = []string{
	cayley + "cayley/graph/kv", cayley + "cayley/graph/memstore", cayley + "cayley/graph/nosql", cayley + "cayley/graph/sql",
}

// proofImports are what whoever checks a proof has to trust, beside the standard
// library.
var proofImports = []string{module + "/events", module + "/internal/lock", module + "/internal/names", sumdb + "note", sumdb + "tlog", "github.com/google/uuid"}

// wrong says why the package in the folder from, relative to the module's root,
// must not import a path, or nothing. test says that the import is in a test.
func wrong(from, imported string, test bool) string {
	to, own := strings.CutPrefix(imported, module+"/")
	thirdParty := strings.Contains(strings.Split(imported, "/")[0], ".")

	if from == "events/edtf" && thirdParty && !(test && imported == module+"/events/edtf") {
		return "events/edtf imports only the standard library"
	}
	if from == "events/proof" && !test && thirdParty && !slices.Contains(proofImports, imported) {
		return "events/proof imports only " + strings.Join(proofImports, ", ") + " and the standard library"
	}
	if within(imported, "filippo.io/age") && from != "events/keys/agewrap" && from != "examples/notary" && !(test && within(from, "events/keys")) {
		return "only events/keys/agewrap imports age, and the example that reads identities"
	}
	if strings.HasPrefix(imported, cayley) {
		switch {
		case test && layer(from) != 0:
			return ""
		case !slices.Contains(cayleyPackages, from):
			return "only " + strings.Join(cayleyPackages, ", ") + " and tests of graph and query import Cayley"
		case slices.ContainsFunc(cayleyStores, func(s string) bool { return within(imported, s) }):
			return "only tests import Cayley's own stores"
		}
	}
	if strings.HasPrefix(imported, gonum) && from != "query/relations" {
		return "only query/relations imports gonum"
	}
	if !own {
		return ""
	}
	switch a, b := layer(from), layer(to); {
	case a >= 0 && b > a:
		return layers[a] + " must not import " + layers[b]
	case within(from, "internal/model") && (within(to, "graph") || within(to, "query")):
		return "the model that graph and query are compared with must not use them"
	case within(to, "examples") && from != to:
		return "nothing imports an example"
	case within(to, "internal/model") && !test && !within(from, "internal"):
		return "the model is for tests"
	case !test && from != to && within(to, from) && to != "events/edtf":
		return "a package does not import what is below it"
	}
	return ""
}

// layer returns the number of the layer that a package is in, or -1.
func layer(pkg string) int {
	return slices.IndexFunc(layers, func(l string) bool { return within(pkg, l) })
}

// within reports whether a path is that of a package or below it.
func within(p, pkg string) bool { return p == pkg || strings.HasPrefix(p, pkg+"/") }

func TestImports(t *testing.T) {
	packages := map[string]bool{}
	for _, name := range goFiles(t) {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, filepath.FromSlash(name)), nil, parser.ImportsOnly)
		if err != nil {
			t.Error(err)
			continue
		}
		from := path.Dir(name)
		packages[from] = true
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := wrong(from, imported, strings.HasSuffix(name, "_test.go")); why != "" {
				t.Errorf("%s imports %s: %s", name, imported, why)
			}
		}
	}
	for _, p := range []string{"events", "events/edtf", "graph", "query", "internal/model"} {
		if !packages[p] {
			t.Errorf("package %s was not found", p)
		}
	}
}

func TestWrong(t *testing.T) {
	for _, c := range []struct {
		from, imported string
		test           bool
		bad            bool
	}{
		{"events", "iter", false, false},
		{"events", "github.com/google/uuid", false, false},
		{"events", module + "/events/edtf", false, false},
		{"events", module + "/events/sqlite", false, true},
		{"events", module + "/events/eventstest", true, false},
		{"events", module + "/graph", false, true},
		{"events", module + "/graph", true, true},
		{"events/sqlite", module + "/events", false, false},
		{"events/sqlite", module + "/query", false, true},
		{"events/proof", sumdb + "tlog", false, false},
		{"events/proof", module + "/events", false, false},
		{"events/proof", module + "/events/sqlite", false, true},
		{"events/proof", module + "/events/sqlite", true, false},
		{"events/proof", "github.com/fxamacker/cbor/v2", false, true},
		{"events/edtf", "strings", false, false},
		{"events/edtf", "github.com/google/uuid", false, true},
		{"events/edtf", "pgregory.net/rapid", true, true},
		{"events/edtf", module + "/events", false, true},
		{"events/edtf", module + "/events/edtf", true, false},
		{"events", cayley + "quad", true, true},
		{"graph", module + "/events", false, false},
		{"graph", module + "/graph/quadstore", false, true},
		{"graph", module + "/query", false, true},
		{"graph", module + "/internal/model", true, false},
		{"graph", module + "/internal/model", false, true},
		{"graph", cayley + "quad", false, true},
		{"graph", cayley + "cayley/graph/memstore", true, false},
		{"graph/quadstore", module + "/graph", false, false},
		{"graph/quadstore", cayley + "cayley/graph/iterator", false, false},
		{"graph/quadstore", cayley + "cayley/graph/kv/bolt", false, true},
		{"graph/quadstore", cayley + "cayley/graph/kv/bolt", true, false},
		{"graph/quadstore", module + "/query", false, true},
		{"query", module + "/graph", false, false},
		{"query", cayley + "cayley/query/path", false, true},
		{"query", module + "/examples/first", false, true},
		{"query", module + "/graphical", false, false},
		{"query/relations", gonum + "graph", false, false},
		{"query/relations", gonum + "graph/testgraph", true, false},
		{"query", gonum + "graph", false, true},
		{"query", gonum + "graph/path", true, true},
		{"query/relations", module + "/query", true, false},
		{"query", module + "/query/relations", false, true},
		{"query/gizmo", cayley + "cayley/query/gizmo", false, false},
		{"examples/first", module + "/query", false, false},
		{"examples/first", module + "/examples/second", false, true},
		{"internal/model", module + "/events", false, false},
		{"internal/model", module + "/graph", false, true},
		{"internal/model", module + "/query", true, true},
	} {
		if why := wrong(c.from, c.imported, c.test); (why != "") != c.bad {
			t.Errorf("%s imports %s (in a test: %v): %q", c.from, c.imported, c.test, why)
		}
	}
}
