package keys

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/onrecord/onrecord/internal/lock"
)

// A turn is a mutex for which nobody need wait longer than his context.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// take waits for the turn. If nobody has it, the context does not matter.
func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	default:
	}
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) give() { <-t }

// locked calls do while nobody else changes the file.
func (f *File) locked(ctx context.Context, do func() error) error {
	within, end := context.WithTimeout(ctx, f.lockWait)
	defer end()
	if err := f.changing.take(within); err != nil {
		return f.waited(ctx, err)
	}
	defer f.changing.give()
	if f.closed.Load() {
		return errClosed
	}
	unlock, err := lock.Exclusive(within, f.f)
	if err != nil {
		return f.waited(ctx, err)
	}
	defer unlock()
	if err := f.isInPlace(); err != nil {
		return err
	}
	return do()
}

// usable returns the context's error if it has ended, or errClosed.
func (f *File) usable(ctx context.Context) error {
	if err := ctx.Err(); err != nil || !f.closed.Load() {
		return err
	}
	return errClosed
}

// waited tells why a lock was not waited for any longer, if the caller's context does not.
func (f *File) waited(ctx context.Context, err error) error {
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("another has held its lock for more than %v: call again when he has let it go", f.lockWait)
	}
	return err
}

// isInPlace tells that another file has taken the place of this one, or none: what is
// changed in it would be lost.
func (f *File) isInPlace() error {
	there, err := os.Stat(f.path)
	if err != nil {
		return err
	}
	here, err := f.f.Stat()
	if err != nil {
		return err
	}
	if !os.SameFile(here, there) {
		return errors.New("another file has been put in its place: open it anew")
	}
	return nil
}
