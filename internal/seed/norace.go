//go:build !race

package seed

// Race says that the race detector is at work.
const Race = false
