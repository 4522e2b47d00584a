// Package seed makes random tests draw the same in every run.
package seed

import (
	"flag"

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

// Enough reports whether a slow random test of one goroutine, which counts its cases,
// has run enough of them under the race detector. Without it all are run.
func Enough(cases *int) bool {
	*cases++
	return Race && *cases > 8
}
