package keys

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Rewrap wraps the master key of a file anew: from opens it, as when the file is opened,
// and to wraps it from then on. Nil is none. The keys stay as they are, and whoever has the
// file open goes on. All of it is done or nothing, also in a crash: until Rewrap has
// returned nil the file is opened as before or as from then on. With path + ".head", which a
// crash may leave beside it, Open finishes what was begun; it is to be kept with the file
// until then.
//
// The master key is the same. So copies of the file from before are still opened by whom
// they were wrapped for, and who has opened the file once may have kept its keys: destroy
// what he must not read. What was there before is overwritten in place, which promises as
// much as destroying a key does; see the package comment.
func Rewrap(path string, from, to Wrapper) error { return rewrapOn(osDisk{}, path, from, to) }

func rewrapOn(d disk, path string, from, to Wrapper) error {
	f, err := openOn(d, path, &Options{Wrapper: from, MustExist: true})
	if err != nil {
		return err
	}
	err = f.locked(context.Background(), func() error { return f.rewrap(from, to) })
	return errors.Join(f.wrap("rewrap", err), f.Close())
}

// rewrap writes the new head beside the file first: that of the file has several sectors,
// of which a crash may leave some.
func (f *File) rewrap(from, to Wrapper) error {
	h, _, err := readHead(f.f)
	if err != nil {
		return err
	}
	master, err := h.master(from)
	if err != nil {
		return err
	}
	var is File
	if err := is.derive(h.record, master); err != nil {
		return err
	}
	if is.secret != f.secret {
		return errors.New("the Wrapper has returned another master key than when the file was opened")
	}
	data, err := h.bytes(master, to)
	if err != nil {
		return err
	}
	if err := f.putBeside(data); err != nil {
		return err
	}
	if err := f.write(data, 0); err != nil {
		return err
	}
	return f.disk.remove(f.beside())
}

func (f *File) beside() string { return f.path + ".head" }

// putBeside makes a file beside this one. The caller has locked this one.
func (f *File) putBeside(data []byte) error {
	made, err := f.disk.open(f.beside(), os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if errors.Is(err, fs.ErrExist) { // a crash has left it
		if made, err = f.disk.open(f.beside(), os.O_RDWR); err == nil {
			err = isPrivate(made)
		}
	}
	if made != nil {
		defer made.Close()
	}
	if err != nil {
		return err
	}
	if err := made.Truncate(0); err != nil {
		return err
	}
	if _, err := made.WriteAt(data, 0); err != nil {
		return err
	}
	if err := made.Sync(); err != nil {
		return err
	}
	return f.disk.syncDir(filepath.Dir(f.path))
}

// mend returns the head of a file in which it was found damaged: as it is by now, or from
// beside the file, where a crash has ended a Rewrap. Otherwise it is damaged.
func (f *File) mend() (h *head, err error) {
	err = f.locked(context.Background(), func() error {
		var data []byte
		var damage error
		if h, data, damage = readHead(f.f); !errors.Is(damage, events.ErrDamaged) {
			return damage
		}
		beside, err := f.disk.open(f.beside(), os.O_RDWR)
		if errors.Is(err, fs.ErrNotExist) {
			return damage
		}
		if err != nil {
			return err
		}
		defer beside.Close()
		if err := isPrivate(beside); err != nil {
			return err
		}
		next, whole, err := readHead(beside)
		if err != nil || next.record != uuid.UUID(data[len(magic):][:16]) {
			return damage // it is of something else
		}
		h = next
		if err := f.write(whole, 0); err != nil {
			return err
		}
		return f.disk.remove(f.beside())
	})
	return h, err
}

// readHead reads the head of a file, and its bytes.
func readHead(from io.ReaderAt) (*head, []byte, error) {
	data := make([]byte, headSize)
	if n, err := from.ReadAt(data, 0); errors.Is(err, io.EOF) && n < headSize {
		return nil, nil, fmt.Errorf("%w: it has %d bytes", ErrNotKeys, n)
	} else if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	h, err := parseHead(data)
	return h, data, err
}
