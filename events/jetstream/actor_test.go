package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/natstest"
)

// An actor plays the servers that keep a stream, of records that are all "one".
type actor struct {
	*testing.T
	url  string
	conn *nats.Conn

	mu      sync.Mutex
	last    events.Seq
	asked   int // times, what the last record is
	most    int // times until timeOut is called, if it is not 0
	timeOut func()
	missing bool             // there is no stream
	before  []map[string]any // what is answered first, instead
}

// newActor starts a server without JetStream, on which only the actor answers.
func newActor(t *testing.T, last events.Seq) *actor {
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() {
		srv.Shutdown()
		srv.WaitForShutdown()
	})
	if !srv.ReadyForConnections(natstest.Patience) {
		t.Fatal("the server is not ready")
	}
	a := &actor{T: t, url: srv.ClientURL(), last: last}
	if a.conn, err = nats.Connect(a.url); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.conn.Close)
	config, err := json.Marshal(wanted("onrecord", 1))
	if err != nil {
		t.Fatal(err)
	}
	created := time.Now()
	a.plays(apiPrefix+"STREAM.INFO.onrecord", func(m *nats.Msg) any {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.asked++; a.asked == a.most {
			a.timeOut()
		}
		if a.missing {
			return json.RawMessage(`{"error":{"code":404,"err_code":10059,"description":"stream not found"}}`)
		}
		answer := map[string]any{"config": json.RawMessage(config), "created": created, "state": map[string]any{"messages": a.last, "first_seq": 1, "last_seq": a.last}}
		if len(a.before) > 0 {
			maps.Copy(answer, a.before[0])
			a.before = a.before[1:]
		}
		return answer
	})
	return a
}

// plays answers what is asked on a subject. An answer of nil is none.
func (a *actor) plays(subject string, answer func(*nats.Msg) any) {
	a.Helper()
	_, err := a.conn.Subscribe(subject, func(m *nats.Msg) {
		said := answer(m)
		if said == nil {
			return
		}
		text, err := json.Marshal(said)
		if err == nil {
			err = m.Respond(text)
		}
		if err != nil {
			a.Error(err)
		}
	})
	if err != nil {
		a.Fatal(err)
	}
	if err := a.conn.Flush(); err != nil {
		a.Fatal(err)
	}
}

func (a *actor) open() *Store {
	a.Helper()
	return mustOpen(a.T, a.url, &Options{Replicas: 1, AcceptLoss: true})
}

// timesOut returns a context, and what ends calls with it as Options.Timeout would, but at a
// moment that does not depend on how fast the machine is.
func timesOut(t *testing.T) (ctx context.Context, timeOut func()) {
	ctx, cancel := context.WithCancelCause(t.Context())
	return ctx, func() { cancel(errNoAnswer) }
}

// timesOut returns a context for a call that asks n times what the last record is.
func (a *actor) timesOut(n int) (ctx context.Context) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.most = a.asked + n
	ctx, a.timeOut = timesOut(a.T)
	return ctx
}

// answerMessage is how a server answers who asks for a message.
func answerMessage(found bool) any {
	if !found {
		return json.RawMessage(`{"error":{"code":404,"err_code":10037,"description":"no message found"}}`)
	}
	return map[string]any{"message": message{Subject: "onrecord.record", Seq: 1, Data: []byte("one")}}
}

// Servers that are being started may not find each other at once; why they do not make a
// stream otherwise is told.
func TestOpenWhileStarting(t *testing.T) {
	t.Parallel()
	for _, why := range []string{"no suitable peers for placement, peer offline", "no suitable peers for placement, insufficient storage"} {
		a := newActor(t, 0)
		a.missing = true
		asked := 0
		a.plays(apiPrefix+"STREAM.CREATE.onrecord", func(*nats.Msg) any {
			a.mu.Lock()
			defer a.mu.Unlock()
			if asked++; asked < 3 {
				return map[string]any{"error": map[string]any{"code": 400, "err_code": 10005, "description": why}}
			}
			a.missing = false
			return map[string]any{}
		})
		s, err := Open(t.Context(), a.url, &Options{Replicas: 1, AcceptLoss: true})
		if err == nil {
			s.Close()
		}
		if starting := strings.Contains(why, "offline"); starting && err != nil || !starting && (err == nil || !strings.Contains(err.Error(), why)) {
			t.Errorf("%s: Open: %v", why, err)
		}
	}
}

// A server that has succeeded another may not find a record at once; one that is not found
// for as long as a call goes on asking, and servers take to find a leader, is missing.
func TestNotFoundAtOnce(t *testing.T) {
	t.Parallel()
	a := newActor(t, 1)
	var asked, from atomic.Int64 // from when on it is found
	from.Store(5)
	a.plays(apiPrefix+"STREAM.MSG.GET.onrecord", func(*nats.Msg) any { return answerMessage(asked.Add(1) >= from.Load()) })
	s := a.open()
	if data, err := s.Read(t.Context(), 1); err != nil || string(data) != "one" {
		t.Errorf("Read: %q, %v", data, err)
	}
	from.Store(1 << 40)
	for _, s.late = range []time.Duration{time.Hour, shortestPause} {
		want := "record 1 is missing, the last one is 1"
		if _, err := s.Read(a.timesOut(3), 1); errors.Is(err, events.ErrDamaged) != (s.late < time.Hour) || errors.Is(err, errNoAnswer) == (s.late < time.Hour) || !strings.Contains(err.Error(), want) {
			t.Errorf("Read: error is %v, want %q in it", err, want)
		}
	}
}

// A record that was not found, before nobody answered any more, is not known to be missing.
func TestNotFoundThenAway(t *testing.T) {
	t.Parallel()
	a := newActor(t, 1)
	ctx, timeOut := timesOut(t)
	asked := 0
	a.plays(apiPrefix+"STREAM.MSG.GET.onrecord", func(*nats.Msg) any {
		switch asked++; asked {
		case 1:
			return answerMessage(false)
		case 3: // the second was waited for in vain
			timeOut()
		}
		return nil
	})
	s := a.open()
	s.late = 0
	if _, err := s.Read(ctx, 1); !errors.Is(err, errNoAnswer) || errors.Is(err, events.ErrDamaged) {
		t.Errorf("Read: %v", err)
	}
}

// A stream that is shorter than it was is damaged if it stays so for longer than servers take
// to find a leader.
func TestShorter(t *testing.T) {
	t.Parallel()
	a := newActor(t, 2)
	s := a.open()
	a.mu.Lock()
	a.last = 1
	a.mu.Unlock()
	for _, s.late = range []time.Duration{time.Hour, shortestPause} {
		want := "the stream ends with record 1 and has had 2"
		if _, err := s.Last(a.timesOut(3)); errors.Is(err, events.ErrDamaged) != (s.late < time.Hour) || errors.Is(err, errNoAnswer) == (s.late < time.Hour) || !strings.Contains(err.Error(), want) {
			t.Errorf("Last: error is %v, want %q in it", err, want)
		}
	}
}

// What is last is not asked of a server that does not lead, though it may answer: while it
// knows of no leader, or just before it hears that it leads no more.
func TestNotLeading(t *testing.T) {
	t.Parallel()
	a := newActor(t, 2)
	s := a.open()
	replica := func(name string, active time.Duration) map[string]any {
		return map[string]any{"name": name, "current": true, "active": active}
	}
	stale := map[string]any{"messages": 1, "first_seq": 1, "last_seq": 1}
	a.mu.Lock()
	for _, cluster := range []map[string]any{
		{"replicas": []any{replica("a", 1), replica("b", 1), replica("c", 0)}},
		{"leader": "b", "replicas": []any{replica("b", 1), replica("c", 1)}},
		{"leader": "a", "replicas": []any{replica("b", lease), replica("c", 0)}},
	} {
		a.before = append(a.before, map[string]any{"cluster": cluster, "state": stale})
	}
	a.before = append(a.before, map[string]any{"cluster": map[string]any{"leader": "a", "replicas": []any{replica("b", 1), replica("c", 0)}}})
	a.mu.Unlock()
	s.last = 0
	if last, err := s.Last(t.Context()); last != 2 || err != nil {
		t.Errorf("Last: %d, %v; want 2", last, err)
	}
	if len(a.before) > 0 {
		t.Errorf("%d answers were not asked for", len(a.before))
	}
}

// Servers are asked again whether they sync every record until a majority has said so, for
// as long as Open may take.
func TestSyncSaidLate(t *testing.T) {
	t.Parallel()
	a := newActor(t, 0)
	ctx, timeOut := timesOut(t)
	asked := 0
	a.plays("$SYS.REQ.SERVER.PING.JSZ", func(*nats.Msg) any {
		if asked++; asked == 4 {
			timeOut()
			return nil
		}
		return map[string]any{"server": map[string]any{"name": "abc"[asked-1 : asked]}, "data": map[string]any{"config": map[string]any{"sync_always": true}}}
	})
	info := &streamInfo{Cluster: &api.ClusterInfo{Leader: "a", Replicas: []*api.PeerInfo{{Name: "b"}, {Name: "c"}}}}
	if err := info.checkSync(ctx, a.url, "a", nil); err != nil {
		t.Error(err)
	}
	want := "1 of the 3 servers that keep the stream have said whether they sync every record"
	if err := info.checkSync(ctx, a.url, "a", nil); err == nil || !strings.Contains(err.Error(), want) || ctx.Err() == nil {
		t.Errorf("error is %v, want %q in it", err, want)
	}
}

// If only somebody else acknowledges, the error says who.
func TestOnlyAnotherAnswers(t *testing.T) {
	t.Parallel()
	a := newActor(t, 0)
	ctx, timeOut := timesOut(t)
	asked := 0
	a.plays("onrecord.record", func(*nats.Msg) any {
		if asked++; asked > 1 {
			timeOut()
		}
		return map[string]any{"stream": "copy", "domain": "leaf", "seq": 1}
	})
	s := a.open()
	want := `who has answered "{\"domain\":\"leaf\",\"seq\":1,\"stream\":\"copy\"}"; want an answer of stream "onrecord", domain ""`
	if _, err := s.Append(ctx, 0, []byte("one")); !errors.Is(err, errNoAnswer) || !strings.Contains(err.Error(), want) {
		t.Errorf("Append: error is %v, want %q in it", err, want)
	}
}

// Servers that do not answer do not hold up a scan for more than one page in two.
func TestScanWithoutAnswer(t *testing.T) {
	t.Parallel()
	a := newActor(t, 2*pageRecords)
	asked := 0
	a.plays(apiPrefix+"DIRECT.GET.onrecord", func(*nats.Msg) any {
		asked++
		return nil
	})
	a.plays(apiPrefix+"STREAM.MSG.GET.onrecord", func(*nats.Msg) any { return answerMessage(true) })
	n := 0
	for _, err := range a.open().Scan(t.Context(), 0) {
		if n++; err != nil {
			t.Fatal(err)
		}
	}
	if err := a.conn.Drain(); err != nil {
		t.Fatal(err)
	}
	for !a.conn.IsClosed() {
		time.Sleep(time.Millisecond)
	}
	if n != 2*pageRecords || asked != 2 {
		t.Errorf("%d records, others than the leader were asked %d times", n, asked)
	}
}

// Whoever tells in vain that a record was appended does not make a store ask without end.
func TestToldInVain(t *testing.T) {
	t.Parallel()
	a := newActor(t, 0)
	s := a.open()
	s.poll = time.Hour
	tell := func() {
		if err := errors.Join(a.conn.Publish("onrecord.appended", nil), a.conn.Flush()); err != nil {
			t.Fatal(err)
		}
	}
	waited := make(chan error)
	a.mu.Lock()
	a.asked = 0
	a.mu.Unlock()
	began := time.Now()
	go func() { waited <- s.Wait(t.Context(), 0) }()
	for range 1000 {
		tell()
	}
	a.mu.Lock()
	if most := int(time.Since(began)/hintPause) + 2; a.asked > most {
		t.Errorf("it has asked %d times, want %d at most", a.asked, most)
	}
	a.last = 1
	a.mu.Unlock()
	tell()
	if err := <-waited; err != nil {
		t.Error(err)
	}
}
