package events

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
)

// Copy appends to one store the records of another that it does not have yet, bit for
// bit, and returns the number and the hash of the last one. So a record moves from one
// kind of store to another: ids, positions, proofs and snapshots' hashes stay what they
// were.
//
// Each record is verified before it is appended (Record.Verify), and that it follows
// from the one before. What has been appended is read back and compared. Damage of
// either store is told as ErrDamaged, with the number of the record.
//
// The store may have the first records already, so that a copy that was interrupted, by
// any error or by the end of ctx, goes on where it ended when it is called again. Its
// last record is compared, and since each record holds the hash of the one before, it
// stands for all of them; they are not read again. If it is another one, or there are
// more than there are to copy, that is ErrOther, and nothing is appended. Nobody else
// should append to it meanwhile: Copy would end with ErrConflict.
//
// The other store may grow meanwhile. What is appended to it after Copy has come to its
// end is not copied; to move a record, end its writers, or copy once more after they
// have ended.
//
// The keys of an erasable record are not in its store. They serve the copy as well.
//
// If progress is not nil, it is called for where the copy begins and after each record,
// with the last record that has been copied and the number of the last that there was to
// copy at the beginning.
//
// It takes one Append for each record, and holds as much in memory as its Scans do.
func Copy(ctx context.Context, to, from Store, progress func(done, last Seq)) (Head, error) {
	c := copier{to: to, from: from}
	if err := c.copy(ctx, progress); err != nil {
		return c.read, fmt.Errorf("events: copy: %w", err)
	}
	return c.read, nil
}

// copier is a copy under way.
type copier struct {
	to, from Store
	chain    Chain
	read     Head // the last record that is known to be there
	sums     [][sha256.Size]byte
	bytes    int // of the records that have not been read back
}

// So much is appended before it is read back.
const (
	unreadRecords = 1024
	unreadBytes   = 16 << 20
)

func (c *copier) copy(ctx context.Context, progress func(done, last Seq)) error {
	last, err := c.from.Last(ctx)
	if err != nil {
		return fmt.Errorf("from: %w", err)
	}
	if err := c.resume(ctx); err != nil {
		return err
	}
	if progress == nil {
		progress = func(Seq, Seq) {}
	}
	progress(c.chain.Head.Seq, max(last, c.chain.Head.Seq))
	for r, err := range c.from.Scan(ctx, c.chain.Head.Seq) {
		if err != nil {
			return fmt.Errorf("from, after record %d: %w", c.chain.Head.Seq, err)
		}
		h, err := c.chain.Verify(r)
		if err != nil {
			return fmt.Errorf("from: %w", err)
		}
		if _, err := c.to.Append(ctx, c.chain.Head.Seq, r.Data); err != nil {
			return fmt.Errorf("to: record %d: %w", r.Seq, err)
		}
		c.chain.Take(r, h)
		c.sums, c.bytes = append(c.sums, c.chain.Head.SHA256), c.bytes+len(r.Data)
		if len(c.sums) >= unreadRecords || c.bytes >= unreadBytes {
			if err := c.readBack(ctx); err != nil {
				return err
			}
		}
		progress(r.Seq, max(last, r.Seq))
	}
	if c.chain.Head.Seq < last {
		return fmt.Errorf("from: its last record was %d, it gives none after %d: %w", last, c.chain.Head.Seq, ErrDamaged)
	}
	return c.readBack(ctx)
}

// resume goes to the last record that both stores have.
func (c *copier) resume(ctx context.Context) error {
	there, err := c.to.Last(ctx)
	if err != nil {
		return fmt.Errorf("to: %w", err)
	}
	if there == 0 {
		return nil
	}
	is, _, err := recordAt(ctx, c.to, there)
	if err != nil {
		return fmt.Errorf("to: %w", err)
	}
	want, h, err := recordAt(ctx, c.from, there)
	switch {
	case errors.Is(err, ErrNoRecord):
		return fmt.Errorf("to has %d records, from has fewer: %w", there, ErrOther)
	case err != nil:
		return fmt.Errorf("from: %w", err)
	case !bytes.Equal(is.Data, want.Data):
		return fmt.Errorf("record %d: %w", there, ErrOther)
	}
	c.chain.Take(want, h)
	c.read = c.chain.Head
	return nil
}

// recordAt returns a record of a store, verified.
func recordAt(ctx context.Context, s Store, seq Seq) (Record, *Header, error) {
	for r, err := range s.Scan(ctx, seq-1) {
		var h *Header
		if err == nil {
			err = r.Verify()
		}
		if err == nil {
			h, err = r.Header()
		}
		return r, h, err
	}
	return Record{}, nil, ErrNoRecord
}

// readBack compares what has been appended with what there was to append.
func (c *copier) readBack(ctx context.Context) error {
	if len(c.sums) == 0 {
		return nil
	}
	for r, err := range c.to.Scan(ctx, c.read.Seq) {
		if err != nil {
			return fmt.Errorf("to, read back after record %d: %w", c.read.Seq, err)
		}
		if r.Seq != c.read.Seq+1 || sha256.Sum256(r.Data) != c.sums[0] {
			return fmt.Errorf("to, read back: record %d is not what was appended: %w", r.Seq, ErrDamaged)
		}
		c.read, c.sums = Head{Seq: r.Seq, SHA256: c.sums[0]}, c.sums[1:]
		if len(c.sums) == 0 {
			break
		}
	}
	if len(c.sums) > 0 {
		return fmt.Errorf("to, read back: record %d, which was appended, is not there: %w", c.read.Seq+1, ErrDamaged)
	}
	c.bytes = 0
	return nil
}
