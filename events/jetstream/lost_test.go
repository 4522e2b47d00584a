package jetstream

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/natstest"
)

// alone returns a server, a store that reaches it through its link and another one that
// reaches it directly.
func alone(t *testing.T) (n *natstest.Node, s, other *Store) {
	t.Helper()
	n = servers(1)(t).Nodes()[0]
	opts := &Options{Replicas: 1, AcceptLoss: true}
	return n, mustOpen(t, n.URL(), opts), mustOpen(t, n.DirectURL(), opts)
}

// mustRead fails unless the store holds these records.
func mustRead(t *testing.T, s *Store, want ...string) {
	t.Helper()
	var got []string
	for r, err := range s.Scan(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(r.Data))
	}
	if strings.Join(got, ",") != strings.Join(want, ",") {
		t.Errorf("the records are %q, want %q", got, want)
	}
}

// An append whose acknowledgement is lost has succeeded, and stores its record once.
func TestAcknowledgementLost(t *testing.T) {
	t.Parallel()
	n, s, other := alone(t)
	n.Clients.Hold(false, true)
	appended := make(chan error)
	go func() {
		_, err := s.Append(t.Context(), 0, []byte("one"))
		appended <- err
	}()
	if err := other.Wait(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	n.Clients.Drop()
	n.Clients.Hold(false, false)
	if err := <-appended; err != nil {
		t.Error(err)
	}
	mustRead(t, s, "one")
	mustRead(t, other, "one")
}

// If another record is last when what was lost is asked again, it is a conflict: the
// same bytes by somebody else are another record.
func TestAcknowledgementOfAnother(t *testing.T) {
	t.Parallel()
	n, s, other := alone(t)
	n.Clients.Hold(true, false)
	appended := make(chan error)
	go func() {
		_, err := s.Append(t.Context(), 0, []byte("one"))
		appended <- err
	}()
	if _, err := other.Append(t.Context(), 0, []byte("one")); err != nil {
		t.Fatal(err)
	}
	n.Clients.Drop()
	n.Clients.Hold(false, false)
	if err := <-appended; !errors.Is(err, events.ErrConflict) {
		t.Errorf("Append: %v", err)
	}
	mustRead(t, s, "one")
}

// What somebody else answers is no acknowledgement: a stream elsewhere that takes the same
// subject, or any program.
func TestAnotherAnswers(t *testing.T) {
	t.Parallel()
	for _, said := range []string{
		`{"stream":"copy","seq":1}`,
		`{"stream":"onrecord","domain":"leaf","seq":1}`,
		`{"stream":"copy","error":{"code":503,"err_code":10077,"description":"maximum messages exceeded"},"seq":0}`,
		`hello`,
	} {
		_, s, other := alone(t)
		if _, err := other.Append(t.Context(), 0, []byte("theirs")); err != nil {
			t.Fatal(err)
		}
		sub, err := other.conn.Subscribe(recordSubject(s.name), func(m *nats.Msg) { m.Respond([]byte(said)) })
		if err != nil {
			t.Fatal(err)
		}
		if err := other.conn.Flush(); err != nil {
			t.Fatal(err)
		}
		want := []string{"theirs"}
		for i := range 10 {
			if _, err := s.Append(t.Context(), 0, []byte("mine")); !errors.Is(err, events.ErrConflict) {
				t.Errorf("%s: Append after 0: %v", said, err)
			}
			want = append(want, fmt.Sprintf("mine %d", i))
			if _, err := s.Append(t.Context(), events.Seq(i+1), []byte(want[i+1])); err != nil {
				t.Fatalf("%s: Append after %d: %v", said, i+1, err)
			}
		}
		if err := sub.Unsubscribe(); err != nil {
			t.Fatal(err)
		}
		mustRead(t, s, want...)
	}
}

// A record that follows none is a conflict, but not if an earlier attempt to store it may
// still arrive, when there is one that it can follow.
func TestBeyond(t *testing.T) {
	t.Parallel()
	n, s, other := alone(t)
	if _, err := s.Append(t.Context(), 1, []byte("two")); !errors.Is(err, events.ErrConflict) {
		t.Errorf("Append: %v", err)
	}
	sub, err := other.conn.SubscribeSync(recordSubject(s.name))
	if err != nil {
		t.Fatal(err)
	}
	if err := other.conn.Flush(); err != nil {
		t.Fatal(err)
	}
	n.Clients.Hold(false, true)
	appended := make(chan error)
	go func() {
		_, err := s.Append(t.Context(), 1, []byte("two"))
		appended <- err
	}()
	if _, err := sub.NextMsg(natstest.Patience); err != nil {
		t.Fatal(err)
	}
	n.Clients.Drop()
	n.Clients.Hold(false, false)
	want := "the last record is 0, what was sent may be stored once there is a record 1; read on to find out"
	if err := <-appended; err == nil || errors.Is(err, events.ErrConflict) || !strings.Contains(err.Error(), want) {
		t.Errorf("Append: error is %v, want %q in it", err, want)
	}
}

// What was asked in vain may arrive late. It is stored after the record that it should
// follow, or not at all.
func TestLate(t *testing.T) {
	t.Parallel()
	for _, between := range []bool{false, true} {
		n, s, other := alone(t)
		n.Clients.Hold(true, false)
		ctx, timeOut := timesOut(t)
		appended := make(chan error)
		before := s.conn.Stats().OutMsgs
		go func() {
			_, err := s.Append(ctx, 0, []byte("late"))
			appended <- err
		}()
		for s.conn.Stats().OutMsgs == before {
			time.Sleep(time.Millisecond)
		}
		timeOut()
		err := <-appended
		if !errors.Is(err, errNoAnswer) || !strings.Contains(err.Error(), "read on to find out whether it was stored") {
			t.Errorf("Append: %v", err)
		}
		mustRead(t, other)
		want := "late"
		if between {
			want = "between"
			if _, err := other.Append(t.Context(), 0, []byte("between")); err != nil {
				t.Fatal(err)
			}
		}
		n.Clients.Hold(false, false)
		if err := s.Wait(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		mustRead(t, s, want)
	}
}

// A request that arrives twice is stored once.
func TestTwice(t *testing.T) {
	t.Parallel()
	c := one(t)
	s := mustOpen(t, c.URL(), &Options{Stream: newStream(), Replicas: 1, AcceptLoss: true})
	for i := range 3 {
		answer, err := s.ask(t.Context(), &nats.Msg{Subject: recordSubject(s.name), Data: []byte("one"), Header: nats.Header{api.ExpectedLastSeqHeader: {"0"}}})
		if err != nil {
			t.Fatal(err)
		}
		if refused := strings.Contains(string(answer.Data), "wrong last sequence"); refused != (i > 0) {
			t.Errorf("time %d: %s", i+1, answer.Data)
		}
	}
	mustRead(t, s, "one")
}

// While the server is away Wait waits on; so does a record that is appended meanwhile.
func TestAway(t *testing.T) {
	t.Parallel()
	n, s, _ := alone(t)
	waited, appended := make(chan error), make(chan error)
	n.Kill()
	for s.conn.IsConnected() {
		time.Sleep(time.Millisecond)
	}
	s.timeout = 50 * time.Millisecond
	if _, err := s.Last(t.Context()); !errors.Is(err, errNoAnswer) || !strings.Contains(err.Error(), "no answer within 50ms, no server can be reached") {
		t.Errorf("Last: %v", err)
	}
	go func() { waited <- s.Wait(t.Context(), 0) }()
	for began := time.Now(); len(s.watcher) > 0 || time.Since(began) < 3*s.timeout; time.Sleep(time.Millisecond) {
		select {
		case err := <-waited:
			t.Fatalf("Wait: %v", err)
		default:
		}
	}
	if err := n.Start(); err != nil {
		t.Fatal(err)
	}
	other := mustOpen(t, n.URL(), &Options{Replicas: 1, AcceptLoss: true})
	n.Kill()
	go func() {
		_, err := other.Append(t.Context(), 0, []byte("one"))
		appended <- err
	}()
	if err := n.Start(); err != nil {
		t.Fatal(err)
	}
	if err := <-appended; err != nil {
		t.Errorf("Append: %v", err)
	}
	if err := <-waited; err != nil {
		t.Errorf("Wait: %v", err)
	}
}

// What is appended while there is no connection is not sent when there is one again and
// nobody waits for it any more.
func TestNotSentLater(t *testing.T) {
	t.Parallel()
	n, s, _ := alone(t)
	n.Kill()
	for s.conn.IsConnected() {
		time.Sleep(time.Millisecond)
	}
	s.timeout = 50 * time.Millisecond
	if _, err := s.Append(t.Context(), 0, []byte("late")); !errors.Is(err, errNoAnswer) {
		t.Errorf("Append: %v", err)
	}
	if err := n.Start(); err != nil {
		t.Fatal(err)
	}
	s.timeout = natstest.Patience
	mustRead(t, s)
}

// Wait is woken by what the leader tells, without asking, and by asking, if it is not told.
func TestWoken(t *testing.T) {
	t.Parallel()
	for _, user := range []string{"app", "deaf"} {
		n, _, other := alone(t)
		s := mustOpen(t, n.UserURL(user), &Options{Replicas: 1, AcceptLoss: true})
		if s.poll = time.Hour; user == "deaf" {
			s.poll = time.Millisecond
		}
		for seq := range events.Seq(3) {
			waited := make(chan error)
			go func() { waited <- s.Wait(t.Context(), seq) }()
			for len(s.watcher) > 0 {
				time.Sleep(time.Millisecond)
			}
			if _, err := other.Append(t.Context(), seq, []byte("one")); err != nil {
				t.Fatal(err)
			}
			if err := <-waited; err != nil {
				t.Error(err)
			}
		}
	}
}

// The time is the server's.
func TestNow(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, one(t).URL(), &Options{Stream: newStream(), Replicas: 1, AcceptLoss: true})
	before := time.Now().Round(0)
	now, err := s.Now(t.Context())
	if after := time.Now().Round(0); err != nil || now.Before(before) || now.After(after) {
		t.Errorf("between %v and %v Now is %v, %v", before, after, now, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Now(t.Context()); !errors.Is(err, events.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// Close ends calls that wait for an answer.
func TestCloseWhileAway(t *testing.T) {
	t.Parallel()
	n, s, _ := alone(t)
	n.Clients.Hold(true, true)
	defer n.Clients.Hold(false, false)
	ended := make(chan error)
	go func() {
		_, err := s.Append(t.Context(), 0, []byte("one"))
		ended <- err
	}()
	go func() {
		_, err := s.Read(t.Context(), 1)
		ended <- err
	}()
	go func() { ended <- s.Wait(t.Context(), 0) }()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for range 3 {
		if err := <-ended; !errors.Is(err, events.ErrClosed) {
			t.Errorf("error is %v", err)
		}
	}
}
