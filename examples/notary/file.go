package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/internal/names"
)

// toRead opens a file that must be there to read it only, also a copy that lies where nothing
// may be written.
func toRead(path string) (*sqlite.Store, error) {
	return sqlite.Open(path, &sqlite.Options{ReadOnly: true})
}

// smallFile is how much of a key, a checkpoint or a proof is read.
const smallFile = 8 << 20

// openFile opens a file to read it. What else has a name might never end, or never begin.
func openFile(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file (%v): %w", path, info.Mode(), errRefused)
	}
	return os.Open(path)
}

func readSmall(path string) ([]byte, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, smallFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > smallFile {
		return nil, fmt.Errorf("%s has more than %d bytes: %w", path, smallFile, errRefused)
	}
	return data, nil
}

// Who may read a file that is made: what is to be given away, or what tells what a record
// does, which is its owner's.
const (
	forAll   os.FileMode = 0o666
	forOwner os.FileMode = 0o600
)

// to gives write the file that the argument after the first ones names, or what the
// command prints to.
func (n *notary) to(args []string, after int, mode os.FileMode, write func(io.Writer) error) error {
	if len(args) <= after {
		return write(n.out)
	}
	return create(args[after], mode, write)
}

// create makes a file. It is new and on disk afterwards, or not there.
func create(path string, mode os.FileMode, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Sync(), f.Close())
	if err == nil {
		err = names.Sync(filepath.Dir(path))
	}
	if err != nil {
		os.Remove(path)
	}
	return err
}
