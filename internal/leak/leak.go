// Package leak finds goroutines that a test has left running.
package leak

import (
	"runtime"
	"testing"
	"time"
)

// Check notes how many goroutines there are, and returns a function that fails the
// test if there are more. One that has done its work needs a moment to end, which is
// waited for.
func Check(t testing.TB) func() {
	before := runtime.NumGoroutine()
	return func() {
		t.Helper()
		const patience = 30 * time.Second // on a machine that does much else
		for began := time.Now(); runtime.NumGoroutine() > before; runtime.Gosched() {
			if time.Since(began) > patience {
				stacks := make([]byte, 1<<16)
				t.Fatalf("%d goroutines, and %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
			}
		}
	}
}
