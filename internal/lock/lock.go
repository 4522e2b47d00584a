// Package lock locks files.
package lock

// A File is an [os.File], or one that has one.
type File interface {
	Fd() uintptr
}
