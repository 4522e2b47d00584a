// Package pgtest runs a PostgreSQL server for tests, from the programs that are
// installed on the machine.
//
// A package's tests share one [Server], which the first test that asks for it starts:
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
//
//	func TestStore(t *testing.T) {
//		url, schema := pgtest.Shared(t).URL(), pgtest.Schema()
//		...
//	}
//
// Each test has a schema of its own name, which costs nothing until it is used. A
// test that stops or kills the server starts one of its own, with [Start].
//
// The server keeps its files in a temporary directory, listens on a free port of the
// loopback interface alone, and lets nobody in without a password that was drawn for it.
// It syncs what it writes, as it does in production. PostgreSQL refuses to run as root:
// tests of root run it as the user postgres or nobody. On Linux it ends with the process
// of the tests, however that ends; elsewhere it outlives one that was killed.
package pgtest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

var (
	mu       sync.Mutex
	shared   *Server
	sharedBy error // why there is none

	schemas atomic.Int64
)

// Main runs the tests of m, stops the server that they shared and returns their exit
// code.
func Main(m *testing.M) int {
	defer func() {
		mu.Lock()
		defer mu.Unlock()
		if shared != nil {
			shared.Close()
		}
	}()
	return m.Run()
}

// Shared returns the server that the tests of this process share. Where PostgreSQL is
// not installed, it skips the test.
func Shared(t testing.TB) *Server {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if shared == nil && sharedBy == nil {
		shared, sharedBy = start("", nil)
	}
	need(t, sharedBy)
	return shared
}

// Start starts a server of the test's own, with settings such as "fsync=off", and
// stops it when the test ends. Where PostgreSQL is not installed, it skips the test.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	s, err := start("", settings)
	need(t, err)
	t.Cleanup(s.Close)
	return s
}

// Run starts a server for a program that is no test, with its files in a directory below
// dir, which the user postgres or nobody must reach if this one is root. The error is
// ErrNone where PostgreSQL is not installed.
func Run(dir string, settings ...string) (*Server, error) { return start(dir, settings) }

func need(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, ErrNone) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
}

// Schema returns the name of a schema that no test of this process has been given.
func Schema() string { return fmt.Sprintf("story%d", schemas.Add(1)) }
