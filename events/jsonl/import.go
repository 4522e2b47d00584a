package jsonl

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/onrecord/onrecord/events"
)

// Import puts what [Export] has written into a store, and returns the number and the
// hash of the last record that is there from it. Each line is verified before it is
// put: its bytes, that they are the next record (events.Chain), and that all that the line
// says in words is what the bytes say. What is wrong is told with the number of the
// line and the field, and is events.ErrDamaged unless a newer release wrote it. An
// export that was cut off is io.ErrUnexpectedEOF.
//
// The lines are put one after the other, each whole or not at all; after an error
// the store has those before. To have all or nothing, import into an events.Mem
// first. Import may be repeated, and may go on where another call was interrupted:
// records that the store has are compared and left alone, and it may have more. If it has
// another, that is events.ErrOther: into a record of its own the events of another are
// taken in with graph.Graph.TakeIn.
//
// It asks no more of the events than that they can be read: that all that they refer to is
// there, graph.Open finds out. It holds one line of at most [MaxLine] bytes in
// memory, the line that it should be, and what one event is decoded to.
func Import(ctx context.Context, store events.Store, r io.Reader) (events.Head, error) {
	m := importer{store: store, lines: bufio.NewReaderSize(r, 1<<16), print: newPrinter()}
	m.stored, m.stop = iter.Pull2(store.Scan(ctx, 0))
	defer func() { m.stop() }()
	for number := 1; ; number++ {
		done, err := m.line(ctx)
		if err != nil {
			return m.chain.Head, fmt.Errorf("jsonl: import: line %d: %w", number, err)
		}
		if done {
			return m.chain.Head, nil
		}
	}
}

type importer struct {
	store events.Store
	lines *bufio.Reader
	buf   []byte
	print *printer
	chain events.Chain

	// What the store has from the record that is next, until that has been read.
	stored func() (events.Record, error, bool)
	stop   func()
}

// line takes one line. It reports whether that was the last.
func (m *importer) line(ctx context.Context) (done bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	line, err := m.read()
	if err != nil {
		return false, err
	}
	l, err := parse(line)
	if err != nil {
		return false, fmt.Errorf("%w: %w", err, events.ErrDamaged)
	}
	if l.isEnd {
		return true, m.end(line)
	}
	if sum := sha256.Sum256(l.data); sum != l.sum {
		return false, fmt.Errorf("sha256 is %x, the bytes have %x: %w", l.sum, sum, events.ErrDamaged)
	}
	r := events.Record{Seq: l.seq, Data: l.data}
	h, err := m.chain.Verify(r)
	if err != nil {
		return false, err
	}
	if err := m.print.record(r.Data, h); err != nil {
		return false, err
	}
	if err := same(m.print.Bytes(), line); err != nil {
		return false, fmt.Errorf("%w: %w", err, events.ErrDamaged)
	}
	if err := m.put(ctx, r); err != nil {
		return false, err
	}
	m.chain.Take(r, h)
	return false, nil
}

// end takes the line behind the last record.
func (m *importer) end(line []byte) error {
	m.print.end(m.chain.Head)
	if err := same(m.print.Bytes(), line); err != nil {
		return fmt.Errorf("%w: %w", err, events.ErrDamaged)
	}
	switch _, err := m.lines.ReadByte(); {
	case err == nil:
		return fmt.Errorf("more follows, but it is the end: %w", events.ErrDamaged)
	case err != io.EOF:
		return err
	}
	return nil
}

// read returns the next line, valid until the next call.
func (m *importer) read() ([]byte, error) {
	m.buf = m.buf[:0]
	for {
		part, err := m.lines.ReadSlice('\n')
		if len(m.buf)+len(part) > MaxLine {
			return nil, fmt.Errorf("it has more than %d bytes: %w", MaxLine, events.ErrDamaged)
		}
		m.buf = append(m.buf, part...)
		switch {
		case err == nil:
			return m.buf, nil
		case errors.Is(err, io.EOF):
			return nil, fmt.Errorf("after %d bytes, and no end before: %w", len(m.buf), io.ErrUnexpectedEOF)
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

// put compares a record with the one that the store has, or appends it.
func (m *importer) put(ctx context.Context, r events.Record) error {
	for tried := false; ; tried = true {
		if m.stored != nil {
			is, err, ok := m.stored()
			if err != nil {
				return err
			}
			if ok && (is.Seq != r.Seq || !bytes.Equal(is.Data, r.Data)) {
				return fmt.Errorf("record %d: %w", r.Seq, events.ErrOther)
			}
			if ok {
				return nil
			}
			m.stop()
			m.stored = nil
		}
		_, err := m.store.Append(ctx, r.Seq-1, r.Data)
		if tried || !errors.Is(err, events.ErrConflict) {
			return err
		}
		// Somebody else appends: the same, it may be.
		m.stored, m.stop = iter.Pull2(m.store.Scan(ctx, r.Seq-1))
	}
}

// parsed is what must be known of a line before it can be compared with what it
// should be.
type parsed struct {
	isEnd bool
	seq   events.Seq
	sum   [sha256.Size]byte
	data  []byte
}

// parse reads the first fields of a line.
func parse(line []byte) (l parsed, err error) {
	t := newTokens(line)
	key, err := t.open()
	if err != nil {
		return l, err
	}
	switch key {
	case "end":
		l.isEnd = true
		return l, nil
	case "record":
	default:
		return l, fmt.Errorf("it begins with the field %.40q, want record or end", key)
	}
	if l.seq, err = t.number("record"); err != nil {
		return l, err
	}
	text, err := t.field("sha256")
	if err != nil {
		return l, err
	}
	var ok bool
	if l.sum, ok = parseSum(text); !ok {
		return l, fmt.Errorf("sha256 is %.80q, want 64 hexadecimal digits", text)
	}
	if text, err = t.field("bytes"); err != nil {
		return l, err
	}
	if n := base64.StdEncoding.DecodedLen(len(text)); n > events.MaxRecord+2 {
		return l, fmt.Errorf("bytes has %d bytes, want at most %d", n, events.MaxRecord)
	}
	if l.data, err = base64.StdEncoding.Strict().DecodeString(text); err != nil {
		return l, fmt.Errorf("bytes is not base64: %w", err)
	}
	return l, nil
}
