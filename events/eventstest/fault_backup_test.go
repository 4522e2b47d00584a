package eventstest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"github.com/onrecord/onrecord/events"
)

// backed is a Mem that can be backed up: each record with its length before it.
type backed struct {
	*events.Mem
	backup func(ctx context.Context, w io.Writer) (events.Head, error)
}

func (b *backed) Backup(ctx context.Context, w io.Writer) (events.Head, error) {
	return b.backup(ctx, w)
}

// pack writes the records of a store that come after one, and nothing if it fails.
func pack(ctx context.Context, s events.Store, after events.Seq, w io.Writer) (head events.Head, err error) {
	packed := []byte("packed")
	for r, err := range s.Scan(ctx, after) {
		if err != nil {
			return events.Head{}, err
		}
		packed = append(binary.AppendUvarint(packed, uint64(len(r.Data))), r.Data...)
		head = events.Head{Seq: r.Seq, SHA256: sha256.Sum256(r.Data)}
	}
	if _, err := w.Write(packed); err != nil {
		return events.Head{}, err
	}
	return head, nil
}

func unpack(t *testing.T, backup []byte) events.Store {
	s := events.NewMem()
	r := bytes.NewReader(bytes.TrimPrefix(backup, []byte("packed")))
	for seq := events.Seq(0); ; seq++ {
		n, err := binary.ReadUvarint(r)
		if err == io.EOF {
			return s
		}
		data := make([]byte, n)
		if err == nil {
			_, err = io.ReadFull(r, data)
		}
		if err == nil {
			_, err = s.Append(t.Context(), seq, data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func backedBy(backup func(m *events.Mem, ctx context.Context, w io.Writer) (events.Head, error)) func(*events.Mem) events.Store {
	return func(m *events.Mem) events.Store {
		return &backed{m, func(ctx context.Context, w io.Writer) (events.Head, error) { return backup(m, ctx, w) }}
	}
}

var backupFaults = []fault{{
	name:   "none, with backups",
	backup: true,
	store: backedBy(func(m *events.Mem, ctx context.Context, w io.Writer) (events.Head, error) {
		return pack(ctx, m, 0, w)
	}),
}, {
	name:   "leaves the last record out of a backup",
	found:  "backup/restored",
	backup: true,
	store: backedBy(func(m *events.Mem, ctx context.Context, w io.Writer) (events.Head, error) {
		short := events.NewMem()
		last, err := m.Last(ctx)
		for r, err := range m.Scan(ctx, 0) {
			if err != nil {
				return events.Head{}, err
			}
			if r.Seq < last {
				short.Append(ctx, r.Seq-1, r.Data)
			}
		}
		if err != nil {
			return events.Head{}, err
		}
		return pack(ctx, short, 0, w)
	}),
}, {
	name:   "returns the head after the copy",
	found:  "backup/as of one record",
	backup: true,
	store: backedBy(func(m *events.Mem, ctx context.Context, w io.Writer) (events.Head, error) {
		head, err := pack(ctx, m, 0, w)
		if err != nil || head.Seq < 20 {
			return head, err
		}
		m.Append(ctx, head.Seq, body(head.Seq+1)) // unless another was faster
		return pack(ctx, m, 0, io.Discard)
	}),
}, {
	name:   "returns another hash",
	found:  "backup/restored",
	backup: true,
	store: backedBy(func(m *events.Mem, ctx context.Context, w io.Writer) (events.Head, error) {
		head, err := pack(ctx, m, 0, w)
		if head.Seq > 0 {
			head.SHA256[31]++
		}
		return head, err
	}),
}, {
	name:   "ignores the writer's error",
	found:  "backup/failing writer",
	backup: true,
	store: backedBy(func(m *events.Mem, ctx context.Context, w io.Writer) (events.Head, error) {
		return pack(ctx, m, 0, writer(func(b []byte) (int, error) { w.Write(b); return len(b), nil }))
	}),
}, {
	name:   "backs up though cancelled",
	found:  "backup/cancelled before",
	backup: true,
	store: backedBy(func(m *events.Mem, ctx context.Context, w io.Writer) (events.Head, error) {
		return pack(context.WithoutCancel(ctx), m, 0, w)
	}),
}, {
	name:   "backs up nothing when closed",
	found:  "backup/closed",
	backup: true,
	store: backedBy(func(m *events.Mem, ctx context.Context, w io.Writer) (events.Head, error) {
		head, err := pack(ctx, m, 0, w)
		if errors.Is(err, events.ErrClosed) {
			err = nil
		}
		return head, err
	}),
}}
