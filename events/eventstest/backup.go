package eventstest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/onrecord/onrecord/events"
)

func backupClauses(restore func(*testing.T, []byte) events.Store) []clause {
	restored := func(t *testing.T, backup []byte) events.Store {
		t.Helper()
		s := restore(t, backup)
		t.Cleanup(func() { s.Close() })
		return s
	}
	return []clause{{
		name: "backup/restored",
		says: "Backup writes a copy of the store: all records up to one, whose number and SHA-256 it returns.",
		test: func(t *testing.T, s events.Store) {
			for n := range events.Seq(5) {
				fill(t, s, n)
				backup := mustBackUp(t, s, n)
				copied := restored(t, backup)
				mustHold(t, copied, n)
				mustHold(t, s, n)
			}
			mustAppend(t, s, 4, make([]byte, events.MaxRecord))
			mustAppend(t, s, 5, make([]byte, events.MaxRecord-1))
			head, backup := backUp(t, s)
			copied := mustScan(t, restored(t, backup), 4)
			if len(copied) != 2 || len(copied[0].Data) != events.MaxRecord || len(copied[1].Data) != events.MaxRecord-1 || head.Seq != 6 {
				t.Errorf("%d of the two largest records are there, the head is %d", len(copied), head.Seq)
			}
		},
	}, {
		name: "backup/a store of its own",
		says: "What is restored is a store like any other, and has nothing to do with the one that was copied.",
		test: func(t *testing.T, s events.Store) {
			fill(t, s, 3)
			backup := mustBackUp(t, s, 3)
			copied := restored(t, backup)
			fill(t, copied, 5)
			mustHold(t, s, 3)
			fill(t, s, 4)
			mustHold(t, copied, 5)
			mustHold(t, restored(t, backup), 3)
		},
	}, {
		name: "backup/as of one record",
		says: "A backup holds the records as they were at some moment of the call, while others append.",
		test: func(t *testing.T, s events.Store) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			fill(t, s, 20)
			appended := make(chan error, 2)
			for range 2 {
				go func() {
					for { // up to a number, lest a copy takes for ever
						last, err := s.Last(ctx)
						if err == nil && last >= 3000 {
							<-ctx.Done()
							err = ctx.Err()
						}
						if err == nil {
							_, err = s.Append(ctx, last, body(last+1))
						}
						if err != nil && !errors.Is(err, events.ErrConflict) {
							appended <- err
							return
						}
					}
				}()
			}
			for range 5 {
				before := mustLast(t, s)
				head, backup := backUp(t, s)
				after := mustLast(t, s)
				if head.Seq < before || head.Seq > after {
					t.Errorf("it ends with record %d; the last was %d before and %d after the call", head.Seq, before, after)
				}
				mustBeHead(t, head)
				mustHold(t, restored(t, backup), head.Seq)
			}
			cancel()
			for range 2 {
				mustFail(t, "Append", ends(t, "appends", appended), context.Canceled)
			}
		},
	}, {
		name: "backup/appends go on",
		says: "Appends and reads go on meanwhile, also from within the writer that Backup is given.",
		test: func(t *testing.T, s events.Store) {
			fill(t, s, 3)
			var backup bytes.Buffer
			var head events.Head
			copied := make(chan error)
			go func() {
				var err error
				head, err = s.(events.Backups).Backup(within(t), writer(func(b []byte) (int, error) {
					last, err := s.Last(within(t))
					if err == nil && last < 10 {
						_, err = s.Append(within(t), last, body(last+1))
					}
					if err != nil {
						return 0, err
					}
					return backup.Write(b)
				}))
				copied <- err
			}()
			if err := ends(t, "Backup", copied); err != nil {
				t.Fatalf("Backup: %v", err)
			}
			mustBeHead(t, head)
			mustHold(t, restored(t, backup.Bytes()), head.Seq)
			if last := mustLast(t, s); last <= 3 {
				t.Errorf("Backup wrote nothing, or what was appended is gone: Last is %d", last)
			}
		},
	}, {
		name: "backup/failing writer",
		says: "An error of the writer is returned, and the store goes on.",
		test: func(t *testing.T, s events.Store) {
			fill(t, s, 3)
			full := errors.New("no space left")
			head, err := s.(events.Backups).Backup(within(t), writer(func([]byte) (int, error) { return 0, full }))
			mustFail(t, "Backup", err, full)
			if head != (events.Head{}) {
				t.Errorf("with an error the head is %d", head.Seq)
			}
			fill(t, s, 4)
			mustHold(t, restored(t, mustBackUp(t, s, 4)), 4)
		},
	}, {
		name: "backup/cancelled before",
		says: "If ctx has ended before the call, Backup returns the context's error and writes nothing.",
		test: func(t *testing.T, s events.Store) {
			fill(t, s, 1)
			var backup bytes.Buffer
			_, err := s.(events.Backups).Backup(cancelled(t), &backup)
			mustFail(t, "Backup", err, context.Canceled)
			if backup.Len() > 0 {
				t.Errorf("it wrote %d bytes", backup.Len())
			}
		},
	}, {
		name: "backup/closed",
		says: "Calls after Close return ErrClosed.",
		test: func(t *testing.T, s events.Store) {
			fill(t, s, 1)
			mustClose(t, s)
			_, err := s.(events.Backups).Backup(within(t), new(bytes.Buffer))
			mustFail(t, "Backup", err, events.ErrClosed)
		},
	}}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

func backUp(t *testing.T, s events.Store) (events.Head, []byte) {
	t.Helper()
	var backup bytes.Buffer
	head, err := s.(events.Backups).Backup(within(t), &backup)
	if err != nil {
		t.Fatalf("Backup: %v", err)
	}
	return head, backup.Bytes()
}

// mustBackUp fails unless the backup says that it ends with record n of body.
func mustBackUp(t *testing.T, s events.Store, n events.Seq) []byte {
	t.Helper()
	head, backup := backUp(t, s)
	mustBeHead(t, head)
	if head.Seq != n {
		t.Errorf("it ends with record %d, want %d", head.Seq, n)
	}
	return backup
}

func mustBeHead(t *testing.T, head events.Head) {
	t.Helper()
	var want events.Head
	if head.Seq > 0 {
		want = events.Head{Seq: head.Seq, SHA256: sha256.Sum256(body(head.Seq))}
	}
	if head != want {
		t.Errorf("the head is record %d with the SHA-256 %x, want %x", head.Seq, head.SHA256, want.SHA256)
	}
}
