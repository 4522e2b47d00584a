package jetstream

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"

	"github.com/onrecord/onrecord/events"
)

// A Store is a record in a stream.
//
// Its methods may be called from several goroutines at once.
type Store struct {
	name     string // of the stream
	conn     *nats.Conn
	timeout  time.Duration
	poll     time.Duration // how often Wait asks though nothing was said
	late     time.Duration // how long what seems damaged may be late
	replicas int           // at least
	domain   string        // of the servers

	open  context.Context // the Store's own: it ends with Close
	close context.CancelFunc

	hints   chan struct{} // a record may have been appended
	watcher chan struct{} // holds a token while nobody watches

	mu    sync.Mutex
	last  events.Seq    // the greatest number known to be stored
	grown chan struct{} // closed when last changes
	found *streamInfo   // what was last found good of the stream, nil in Open
	said  error         // what a server complained of last, outside of an answer
}

// appendHeader is the header of a stored message that tells one call of Append from all
// others, so that a lost acknowledgement can be made good.
const appendHeader = "Onrecord-Append"

// Append implements [events.Store]. It returns when the servers that keep the stream, or
// a majority of them, have synced the record to disk. If no acknowledgement comes it
// asks again, for as long as Options.Timeout: the record is stored once however often it
// is asked, and the Store knows its own by a header.
func (s *Store) Append(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
	if err := s.append(ctx, after, record); err != nil {
		return 0, fmt.Errorf("jetstream: append to %s after %d: %w", s.name, after, err)
	}
	return after + 1, nil
}

func (s *Store) append(ctx context.Context, after events.Seq, record []byte) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	if len(record) == 0 || len(record) > events.MaxRecord {
		return fmt.Errorf("%w: %d bytes", events.ErrRecordSize, len(record))
	}
	ctx, end := s.within(ctx)
	defer end()
	id := rand.Text()
	request := &nats.Msg{Subject: recordSubject(s.name), Data: record, Header: nats.Header{
		api.ExpectedLastSeqHeader: {strconv.FormatUint(uint64(after), 10)},
		appendHeader:              {id},
	}}
	var foreign error // somebody else has answered
	for sent := 0; ; {
		answer, times, err := s.send(ctx, request)
		if sent += times; err != nil {
			return fmt.Errorf("%w; read on to find out whether it was stored", unsettled(err, foreign))
		}
		var ack struct {
			Error  *api.APIError `json:"error"`
			Stream string        `json:"stream"`
			Domain string        `json:"domain"`
			Seq    events.Seq    `json:"seq"`
		}
		refused := false
		switch err := json.Unmarshal(answer.Data, &ack); {
		case err != nil || ack.Stream != s.name && (ack.Error == nil || ack.Stream != "") || ack.Error == nil && ack.Domain != s.domain:
			foreign = fmt.Errorf("subject %s is another's too, who has answered %.100q; want an answer of stream %q, domain %q", request.Subject, answer.Data, s.name, s.domain)
		case ack.Error == nil && ack.Seq != after+1:
			return damaged("the record that follows %d was stored as %d", after, ack.Seq)
		case ack.Error == nil:
			s.publish(ack.Seq)
			return nil
		case ack.Error.ErrorCode != api.JSErrCodeStreamWrongLastSequence && ack.Error.ErrorCode != api.JSErrCodeStreamWrongLastSequenceConstant:
			return explain(ack.Error)
		default:
			refused = true
		}
		switch last, err := s.lastOf(ctx); {
		case err != nil:
			return unsettled(err, foreign)
		case last > after:
			return s.stored(ctx, after+1, id)
		case last < after && refused && sent == 1:
			return events.ErrConflict
		case last < after:
			return fmt.Errorf("the last record is %d, what was sent may be stored once there is a record %d; read on to find out", last, after)
		}
		// What was refused follows a record that is not stored yet, and may never be:
		// the leader has lost those that should store it with him. What another has
		// answered may have reached the stream or not.
		if err := s.pause(ctx); err != nil {
			return unsettled(err, foreign)
		}
	}
}

// unsettled adds to an error that somebody else has answered.
func unsettled(err, foreign error) error {
	if foreign == nil {
		return err
	}
	return fmt.Errorf("%w; %w", err, foreign)
}

// stored returns nil if the record was stored by the call of Append with this id, and
// otherwise ErrConflict.
func (s *Store) stored(ctx context.Context, seq events.Seq, id string) error {
	m, err := s.message(ctx, seq)
	if err != nil {
		return err
	}
	header, err := nats.DecodeHeadersMsg(m.Header)
	if err == nil && header.Get(appendHeader) == id {
		return nil
	}
	return events.ErrConflict
}

// Last implements [events.Store].
func (s *Store) Last(ctx context.Context) (events.Seq, error) {
	last, err := s.lastNumber(ctx)
	if err != nil {
		return 0, fmt.Errorf("jetstream: last of %s: %w", s.name, err)
	}
	return last, nil
}

func (s *Store) lastNumber(ctx context.Context) (events.Seq, error) {
	if err := s.usable(ctx); err != nil {
		return 0, err
	}
	ctx, end := s.within(ctx)
	defer end()
	return s.lastOf(ctx)
}

// lastOf asks the leader, again if the stream ends before a record that is known to be
// stored.
func (s *Store) lastOf(ctx context.Context) (events.Seq, error) {
	var shorter suspicion
	for {
		info, err := s.info(ctx)
		if err == nil {
			err = info.whole()
		}
		if err != nil {
			return 0, shorter.or(err, s.late)
		}
		known, _ := s.known()
		last := events.Seq(info.State.LastSeq)
		if last >= known {
			s.publish(last)
			return last, nil
		}
		shorter.see("the stream ends with record %d and has had %d", last, known)
		if err := s.pause(ctx); err != nil {
			return 0, shorter.or(err, s.late)
		}
	}
}

// Read implements [events.Reader].
func (s *Store) Read(ctx context.Context, seq events.Seq) ([]byte, error) {
	data, err := s.read(ctx, seq)
	if err != nil {
		return nil, fmt.Errorf("jetstream: read %d of %s: %w", seq, s.name, err)
	}
	return data, nil
}

func (s *Store) read(ctx context.Context, seq events.Seq) ([]byte, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	if seq == 0 {
		return nil, events.ErrNoRecord
	}
	ctx, end := s.within(ctx)
	defer end()
	m, err := s.message(ctx, seq)
	if err != nil {
		return nil, err
	}
	return m.Data, nil
}

// Now implements [events.Clock]. The time is that of the server which leads the stream.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	if err := s.usable(ctx); err != nil {
		return time.Time{}, fmt.Errorf("jetstream: time of %s: %w", s.name, err)
	}
	ctx, end := s.within(ctx)
	defer end()
	info, err := s.info(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("jetstream: time of %s: %w", s.name, err)
	}
	return info.TimeStamp, nil
}

// Close implements [events.Store]. It ends the connection; calls under way end with
// ErrClosed.
func (s *Store) Close() error {
	s.mu.Lock()
	closed := s.open.Err() != nil
	s.close()
	s.mu.Unlock()
	if closed {
		return fmt.Errorf("jetstream: close %s: %w", s.name, events.ErrClosed)
	}
	s.conn.Close()
	return nil
}

// usable says why a call must not begin.
func (s *Store) usable(ctx context.Context) error {
	if s.open.Err() != nil {
		return events.ErrClosed
	}
	return ctx.Err()
}

// known returns the greatest number known to be stored and a channel that is
// closed when a greater one is.
func (s *Store) known() (events.Seq, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, s.grown
}

func (s *Store) publish(last events.Seq) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last > s.last {
		s.last = last
		close(s.grown)
		s.grown = make(chan struct{})
	}
}

var (
	_ events.Store  = (*Store)(nil)
	_ events.Reader = (*Store)(nil)
	_ events.Waiter = (*Store)(nil)
	_ events.Clock  = (*Store)(nil)
)
