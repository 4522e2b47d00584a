// Package soak makes longer tests run longer: go test ./events/sqlite -args -soak=20.
package soak

import (
	"flag"

	"github.com/onrecord/onrecord/internal/seed"
)

var times = flag.Int("soak", 1, "how many times as many cases the longer tests run")

// Times returns how many cases of a kind a test runs: as many as given, times the
// flag -soak.
func Times(n int) int { return n * max(1, *times) }

// Step returns 1 or, under the race detector, which makes each case several times as
// slow and finds in one what it finds in many, a larger number: tests that run many
// cases in an order run one in as many. The flag -soak makes it smaller.
func Step() int {
	if seed.Race {
		return max(1, 8 / *times)
	}
	return 1
}
