// Package seed makes random tests draw the same in every run.
package seed

import (
	"flag"
	"strconv"
	"testing"

	_ "pgregory.net/rapid" // whose flags they are
)

// Fix fixes the seed of package rapid, unless the flag -rapid.seed gives another
// one; under the race detector it also asks for 25 cases, unless -rapid.checks
// does for more. A package's tests call it from a package variable, before flags
// are read. It reports whether there were such flags.
func Fix() bool {
	if Race && flag.Set("rapid.checks", "25") != nil {
		return false
	}
	return flag.Set("rapid.seed", "20250804") == nil
}

// Least has rapid draw so many cases at least until a test has ended: one that fails if it
// has not met something must not fail because -short makes a fifth of what the race detector
// has left. The test must not be parallel to others.
func Least(t testing.TB, cases int) {
	checks := flag.Lookup("rapid.checks")
	was := checks.Value.String()
	if testing.Short() {
		cases *= 5
	}
	if n, err := strconv.Atoi(was); err != nil || n >= cases {
		return
	}
	t.Cleanup(func() { checks.Value.Set(was) })
	checks.Value.Set(strconv.Itoa(cases))
}

// Enough reports whether a slow random test of one goroutine, which counts its cases,
// has run enough of them under the race detector. Without it all are run.
func Enough(cases *int) bool {
	*cases++
	return Race && *cases > 8
}
