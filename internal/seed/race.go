//go:build race

package seed

// Race says that the race detector is at work, which makes a random test ten
// times as slow and finds in one record what it finds in many.
const Race = true
