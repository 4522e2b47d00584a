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
