// Package lock locks files.
package lock

import (
	"context"
	"time"
)

// A File is an [os.File], or one that has one.
type File interface {
	Fd() uintptr
}

// maxPause is how long Exclusive pauses at most before it looks again: a lock is held
// while a file is synced, which takes some milliseconds.
const maxPause = 16 * time.Millisecond

// Exclusive waits until nobody else, in this process and in others, has locked the file,
// and locks it. If the context ends before that, it returns the context's error. Whoever
// waits looks again and again, so the one who has waited longest need not be the next.
// Where the system has no such locks it returns errors.ErrUnsupported.
func Exclusive(ctx context.Context, f File) (unlock func(), err error) {
	for pause := time.Millisecond; ; pause = min(2*pause, maxPause) {
		if unlock, err := try(f); unlock != nil || err != nil {
			return unlock, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		}
	}
}
