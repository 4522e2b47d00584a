// Package seed makes random tests draw the same in every run.
package seed

import (
	"flag"

	_ "pgregory.net/rapid" // whose flag it is
)

// Fix fixes the seed of package rapid, unless the flag -rapid.seed gives another
// one. A package's tests call it from a package variable, before flags are read.
// It reports whether there was such a flag.
func Fix() bool { return flag.Set("rapid.seed", "20250804") == nil }
