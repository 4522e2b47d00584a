package eventstest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/onrecord/onrecord/events"
)

var snapshotClauses = []clause{{
	name: "snapshot/none",
	says: "ReadSnapshot returns fs.ErrNotExist if none has been written.",
	test: func(t *testing.T, s events.Store) {
		r, err := s.(events.Snapshots).ReadSnapshot(within(t))
		if mustFail(t, "ReadSnapshot", err, fs.ErrNotExist); r != nil {
			t.Error("ReadSnapshot returns a reader with its error")
		}
	},
}, {
	name: "snapshot/replaces",
	says: "WriteSnapshot replaces the snapshot by what write writes, and ReadSnapshot opens what was written last.",
	test: func(t *testing.T, s events.Store) {
		rng := rand.NewChaCha8([32]byte{2})
		for _, size := range []int{1000, 3_000_000, 10, 0, 70_000} {
			data := make([]byte, size)
			rng.Read(data)
			mustSnapshot(t, s, data)
			for range 2 {
				mustReadSnapshot(t, s, data)
			}
		}
	},
}, {
	name: "snapshot/error",
	says: "After an error of write, WriteSnapshot returns it, and the snapshot is the one before, or none.",
	test: func(t *testing.T, s events.Store) {
		failed := errors.New("the columns are gone")
		half := func(w io.Writer) error {
			if _, err := w.Write(make([]byte, 100_000)); err != nil {
				return err
			}
			return failed
		}
		mustFail(t, "WriteSnapshot", s.(events.Snapshots).WriteSnapshot(within(t), half), failed)
		_, err := s.(events.Snapshots).ReadSnapshot(within(t))
		mustFail(t, "ReadSnapshot after an error", err, fs.ErrNotExist)
		mustSnapshot(t, s, []byte("whole"))
		mustFail(t, "WriteSnapshot", s.(events.Snapshots).WriteSnapshot(within(t), half), failed)
		mustReadSnapshot(t, s, []byte("whole"))
	},
}, {
	name: "snapshot/while it is replaced",
	says: "What ReadSnapshot has opened stays what it was, and until write has returned, ReadSnapshot opens the one before.",
	test: func(t *testing.T, s events.Store) {
		first, second := bytes.Repeat([]byte("first "), 30_000), bytes.Repeat([]byte("second "), 30_000)
		mustSnapshot(t, s, first)
		r, err := s.(events.Snapshots).ReadSnapshot(within(t))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		begin := make([]byte, 1000)
		if _, err := io.ReadFull(r, begin); err != nil {
			t.Fatal(err)
		}
		err = s.(events.Snapshots).WriteSnapshot(within(t), func(w io.Writer) error {
			_, err := w.Write(second)
			mustReadSnapshot(t, s, first)
			return err
		})
		if err != nil {
			t.Fatalf("WriteSnapshot: %v", err)
		}
		mustReadSnapshot(t, s, second)
		rest, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(append(begin, rest...), first) {
			t.Errorf("what was opened before is %s, %v", short(append(begin, rest...)), err)
		}
	},
}, {
	name: "snapshot/together",
	says: "Of several snapshots that are written at once one stays, whole.",
	test: func(t *testing.T, s events.Store) {
		var all [][]byte
		var group sync.WaitGroup
		for i := range 6 {
			data := bytes.Repeat(fmt.Appendf(nil, "snapshot %d ", i), 10_000*(i+1))
			all = append(all, data)
			group.Go(func() {
				if err := writeSnapshot(within(t), s, data); err != nil {
					t.Errorf("WriteSnapshot: %v", err)
				}
			})
		}
		group.Wait()
		got := readSnapshot(t, s)
		for _, data := range all {
			if bytes.Equal(got, data) {
				return
			}
		}
		t.Errorf("the snapshot is none of those that were written: %s", short(got))
	},
}, {
	name: "snapshot/beside the record",
	says: "A snapshot is kept beside the record, which it does not change.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 5)
		mustSnapshot(t, s, []byte("snapshot"))
		mustHold(t, s, 5)
		fill(t, s, 9)
		mustReadSnapshot(t, s, []byte("snapshot"))
		mustHold(t, s, 9)
	},
}, {
	name: "snapshot/cancelled before",
	says: "If ctx has ended before the call, it stores nothing and returns the context's error.",
	test: func(t *testing.T, s events.Store) {
		mustSnapshot(t, s, []byte("before"))
		mustFail(t, "WriteSnapshot", writeSnapshot(cancelled(t), s, []byte("after")), context.Canceled)
		_, err := s.(events.Snapshots).ReadSnapshot(cancelled(t))
		mustFail(t, "ReadSnapshot", err, context.Canceled)
		mustReadSnapshot(t, s, []byte("before"))
	},
}, {
	name: "snapshot/closed",
	says: "Calls after Close return ErrClosed.",
	test: func(t *testing.T, s events.Store) {
		mustSnapshot(t, s, []byte("before"))
		mustClose(t, s)
		mustFail(t, "WriteSnapshot", writeSnapshot(within(t), s, []byte("after")), events.ErrClosed)
		_, err := s.(events.Snapshots).ReadSnapshot(within(t))
		mustFail(t, "ReadSnapshot", err, events.ErrClosed)
	},
}}

// writeSnapshot writes it in pieces.
func writeSnapshot(ctx context.Context, s events.Store, data []byte) error {
	return s.(events.Snapshots).WriteSnapshot(ctx, func(w io.Writer) error {
		for len(data) > 0 {
			n, err := w.Write(data[:min(len(data), 60_000)])
			if err != nil {
				return err
			}
			data = data[n:]
		}
		return nil
	})
}

func mustSnapshot(t *testing.T, s events.Store, data []byte) {
	t.Helper()
	if err := writeSnapshot(within(t), s, data); err != nil {
		t.Fatalf("WriteSnapshot of %d bytes: %v", len(data), err)
	}
}

func readSnapshot(t *testing.T, s events.Store) []byte {
	t.Helper()
	r, err := s.(events.Snapshots).ReadSnapshot(within(t))
	if err != nil {
		t.Fatalf("ReadSnapshot: %v", err)
	}
	data, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatalf("reading the snapshot: %v", err)
	}
	return data
}

func mustReadSnapshot(t *testing.T, s events.Store, want []byte) {
	t.Helper()
	if got := readSnapshot(t, s); !bytes.Equal(got, want) {
		t.Errorf("the snapshot is %s, want %s", short(got), short(want))
	}
}
