package jetstream

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"

	"github.com/onrecord/onrecord/events"
)

// errNoAnswer says that the servers have not answered within Options.Timeout.
var errNoAnswer = errors.New("no answer")

// firstWait is how long the first attempt of a call waits for an answer; each further one
// waits twice as long.
const firstWait = time.Second

// within makes a context for one call: it ends with the caller's, when the Store is
// closed, and after Options.Timeout.
func (s *Store) within(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, errNoAnswer)
	stop := context.AfterFunc(s.open, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// ended says why a call has ended, if it has.
func (s *Store) ended(ctx context.Context) error {
	if s.open.Err() != nil {
		return events.ErrClosed
	}
	if ctx.Err() != nil && context.Cause(ctx) == errNoAnswer {
		return errNoAnswer
	}
	return ctx.Err()
}

// shortestPause is how long a call waits at least before it tries again what failed at once.
const shortestPause = 10 * time.Millisecond

// pause waits before a call tries again what failed at once.
func (s *Store) pause(ctx context.Context) error {
	timer := time.NewTimer(shortestPause + rand.N(2*shortestPause))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return s.ended(ctx)
	}
}

// ask sends a request until there is an answer: while no server leads the stream, none
// can be reached, or what was asked or answered is lost.
func (s *Store) ask(ctx context.Context, request *nats.Msg) (*nats.Msg, error) {
	answer, _, err := s.send(ctx, request)
	return answer, err
}

// send is ask, and says how many times it has sent the request.
func (s *Store) send(ctx context.Context, request *nats.Msg) (answer *nats.Msg, times int, err error) {
	var why error // there is no answer, as far as it is known
	for wait := firstWait; ; {
		times++
		attempt, cancel := context.WithTimeout(ctx, wait)
		answer, err = s.conn.RequestMsgWithContext(attempt, request)
		cancel()
		if err == nil {
			if err = s.unavailable(answer); err == nil {
				s.answered(request.Subject)
				return answer, times, nil
			}
		}
		if why == nil || !errors.Is(err, context.DeadlineExceeded) {
			why = err
		}
		if failed := s.ended(ctx); failed == errNoAnswer {
			return nil, times, s.noAnswer(request.Subject, why)
		} else if failed != nil {
			return nil, times, failed
		}
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			if said := s.complaint(request.Subject); said != nil {
				return nil, times, said
			}
			wait *= 2
		case errors.Is(err, nats.ErrMaxPayload):
			return nil, times, fmt.Errorf("the server takes messages of %d bytes at most (max_payload), want %d or more", s.conn.MaxPayload(), maxMessage)
		case s.conn.IsClosed():
			return nil, times, fmt.Errorf("the connection has ended for good: %w", err)
		default:
			s.pause(ctx)
		}
	}
}

func (s *Store) noAnswer(subject string, err error) error {
	switch {
	case !s.conn.IsConnected():
		return fmt.Errorf("%w within %v, no server can be reached: %w", errNoAnswer, s.timeout, cmp.Or(s.conn.LastError(), err))
	case errors.Is(err, nats.ErrNoResponders):
		return fmt.Errorf("%w within %v, no server leads the stream: %w", errNoAnswer, s.timeout, err)
	default:
		return fmt.Errorf("%w to %s within %v: %w", errNoAnswer, subject, s.timeout, err)
	}
}

// unavailable returns the error of a server that cannot answer now. What another stream
// answers is for the caller to judge.
func (s *Store) unavailable(answer *nats.Msg) error {
	if len(answer.Data) > 1000 { // it is not only an error
		return nil
	}
	var a struct {
		Error  *api.APIError `json:"error"`
		Stream string        `json:"stream"`
	}
	if json.Unmarshal(answer.Data, &a) != nil || a.Error == nil || a.Stream != "" && a.Stream != s.name || a.Error.ErrorCode == api.JSErrCodeJetStreamNotEnabledForAccount {
		return nil
	}
	if a.Error.Code == 503 || a.Error.Code == 429 {
		return a.Error
	}
	return nil
}

// complain keeps what a server says outside of answers. Nil is that it has said nothing,
// on a new connection.
func (s *Store) complain(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = err
}

// complaint returns what a server has said about a request on a subject: that this user
// may not send it, or not hear the answer, which no answer says.
func (s *Store) complaint(subject string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !errors.Is(s.said, nats.ErrPermissionViolation) {
		return nil
	}
	inbox := s.conn.NewInbox()
	inbox = inbox[:strings.LastIndexByte(inbox, '.')+1]
	for _, about := range []string{`publish to "` + subject + `"`, `subscription to "` + inbox} {
		if strings.Contains(strings.ToLower(s.said.Error()), strings.ToLower(about)) {
			return fmt.Errorf("this user lacks a permission, the package comment lists those it needs: %w", s.said)
		}
	}
	return nil
}

// answered forgets what a server has said about a request that it answers now.
func (s *Store) answered(subject string) {
	if s.complaint(subject) != nil {
		s.complain(nil)
	}
}

// A message is one that is stored.
type message struct {
	Subject string `json:"subject"`
	Seq     uint64 `json:"seq"`
	Header  []byte `json:"hdrs"`
	Data    []byte `json:"data"`
}

// message asks the leader, which alone knows all that was acknowledged. The error is
// ErrNoRecord if there is none with that number, and that it is missing only if it stays so.
func (s *Store) message(ctx context.Context, seq events.Seq) (*message, error) {
	var missing suspicion
	for {
		answer, err := s.ask(ctx, &nats.Msg{Subject: apiPrefix + "STREAM.MSG.GET." + s.name, Data: fmt.Appendf(nil, `{"seq":%d}`, seq)})
		if err != nil {
			return nil, missing.or(err, s.late)
		}
		var got struct {
			Error   *api.APIError `json:"error"`
			Message *message      `json:"message"`
		}
		if err := json.Unmarshal(answer.Data, &got); err != nil {
			return nil, fmt.Errorf("the answer %.60q cannot be read: %w", answer.Data, err)
		}
		switch {
		case got.Message != nil:
			return got.Message, checkMessage(got.Message.Subject, s.name, seq, got.Message.Data)
		case got.Error == nil || got.Error.ErrorCode != api.JSErrCodeMessageNotFound:
			return nil, explain(got.Error)
		}
		// There is none, it is missing, or who has answered does not lead any more.
		switch last, err := s.lastOf(ctx); {
		case err != nil:
			return nil, missing.or(err, s.late)
		case seq > last:
			return nil, events.ErrNoRecord
		default:
			missing.see("record %d is missing, the last one is %d", seq, last)
		}
		if err := s.pause(ctx); err != nil {
			return nil, missing.or(err, s.late)
		}
	}
}

// successionTime is how long servers may take to find a new leader and to give it all that
// it lacks. What it does not know before is no damage.
const successionTime = 10 * time.Second

// A suspicion is of damage that may be no more than a server that is late.
type suspicion struct {
	what        error
	first, last time.Time // when it was seen
}

// see notes that something seems damaged, as it may have before.
func (s *suspicion) see(format string, args ...any) {
	now := time.Now()
	if s.what == nil {
		s.first = now
	}
	s.what, s.last = fmt.Errorf(format, args...), now
}

// or adds to the error that time has run out what was seen until then: damage, if that was
// seen for longer than servers are late.
func (s *suspicion) or(err error, late time.Duration) error {
	switch {
	case s.what == nil || !errors.Is(err, errNoAnswer) || time.Since(s.last) >= firstWait:
		return err
	case s.last.Sub(s.first) < late:
		return fmt.Errorf("%w; %w, which is damage if it stays so", err, s.what)
	default:
		return damaged("%w", s.what)
	}
}

// checkMessage says what is wrong with a message.
func checkMessage(subject, stream string, seq events.Seq, data []byte) error {
	if subject != recordSubject(stream) {
		return damaged("record %d has the subject %q, not %q", seq, subject, recordSubject(stream))
	}
	if len(data) == 0 || len(data) > events.MaxRecord {
		return damaged("record %d has %d bytes", seq, len(data))
	}
	return nil
}

// explain says what an error of the server means for the caller.
func explain(err *api.APIError) error {
	switch {
	case err == nil:
		return errors.New("the answer says nothing")
	case err.ErrorCode == api.JSErrCodeStreamNotFound:
		return fmt.Errorf("the stream is gone, restore it from a copy: %w", err)
	default:
		return fmt.Errorf("the server refuses, see to it, then read on to find out what is stored: %w", err)
	}
}

// damaged says how a stream is damaged.
func damaged(format string, args ...any) error {
	return fmt.Errorf("%w, restore the stream from a copy: %w", events.ErrDamaged, fmt.Errorf(format, args...))
}
