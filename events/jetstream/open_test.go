package jetstream

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/natstest"
)

// streamsOf returns what changes streams behind the package's back.
func streamsOf(t *testing.T, c *natstest.Cluster) api.JetStream {
	t.Helper()
	conn, err := nats.Connect(c.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	streams, err := api.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return streams
}

// What is wrong with a URL is told without its password.
func TestOpenMalformed(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"nats://desk:sec ret@localhost:4222", "nats://desk:sec/ret@localhost:4222", "nats://desk:sec%zzret@localhost",
		"nats://desk:sec\x00ret@localhost", "nats://localhost:4222,nats://desk:sec^ret@:::", "desk:sec?ret@localhost",
	} {
		s, err := Open(t.Context(), url, &Options{Replicas: 1, AcceptLoss: true})
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "want nats://user:password@host:port") || strings.Contains(err.Error(), "sec") || strings.Contains(err.Error(), "ret") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// What Open refuses it leaves as it was, and says why.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	c := one(t)
	streams := streamsOf(t, c)
	for _, tt := range []struct {
		name   string
		change func(*api.StreamConfig)
		want   string
	}{
		{"in memory", func(c *api.StreamConfig) { c.Storage = api.MemoryStorage }, `its storage is "memory", must be "file"`},
		{"count limited", func(c *api.StreamConfig) { c.MaxMsgs = 1000 }, `its max_msgs is 1000, must be -1`},
		{"size limited", func(c *api.StreamConfig) { c.MaxBytes = 1 << 30 }, `its max_bytes is 1073741824, must be -1`},
		{"age limited", func(c *api.StreamConfig) { c.MaxAge = time.Hour }, `its max_age is 3600000000000, must be none`},
		{"count of a subject limited", func(c *api.StreamConfig) { c.MaxMsgsPerSubject = 5 }, `its max_msgs_per_subject is 5, must be -1`},
		{"small messages", func(c *api.StreamConfig) { c.MaxMsgSize = 1000 }, `its max_msg_size is 1000, must be -1`},
		{"discards the oldest", func(c *api.StreamConfig) { c.Discard = api.DiscardOld }, `its discard is "old", must be "new"`},
		{"a queue", func(c *api.StreamConfig) { c.Retention = api.WorkQueuePolicy }, `its retention is "workqueue", must be "limits"`},
		{"interest", func(c *api.StreamConfig) { c.Retention = api.InterestPolicy }, `its retention is "interest", must be "limits"`},
		{"may be deleted from", func(c *api.StreamConfig) { c.DenyDelete = false }, `its deny_delete is none, must be true`},
		{"may be purged", func(c *api.StreamConfig) { c.DenyPurge = false }, `its deny_purge is none, must be true`},
		{"two subjects", func(c *api.StreamConfig) { c.Subjects = append(c.Subjects, c.Name+".other") }, `its subjects is [`},
		{"another subject", func(c *api.StreamConfig) {
			c.Subjects, c.RePublish = []string{c.Name + ".other"}, nil
		}, `its republish is none, must be {"src":"`},
		{"tells nobody", func(c *api.StreamConfig) { c.RePublish = nil }, `its republish is none, must be {"src":"`},
		{"no acknowledgements", func(c *api.StreamConfig) { c.NoAck = true }, `its no_ack is true, must be none`},
		{"first number", func(c *api.StreamConfig) { c.FirstSeq = 100 }, `its first_seq is 100, must be none`},
		{"no direct reads", func(c *api.StreamConfig) { c.AllowDirect = false }, `its allow_direct is none, must be true`},
		{"messages that expire", func(c *api.StreamConfig) { c.AllowMsgTTL = true }, `its allow_msg_ttl is true, must be none`},
		{"batches", func(c *api.StreamConfig) { c.AllowAtomicPublish = true }, `its allow_atomic is true, must be none`},
		{"written later", func(c *api.StreamConfig) { c.PersistMode = api.AsyncPersistMode }, `its persist_mode is "async", must be none`},
		{"rollups", func(c *api.StreamConfig) {
			c.AllowRollup, c.DenyPurge = true, false
		}, `its allow_rollup_hdrs is true, must be none`},
		{"mirror", func(c *api.StreamConfig) {
			c.Mirror = &api.StreamSource{Name: "elsewhere"}
			c.Subjects, c.RePublish = nil, nil
		}, `its mirror is {"name":"elsewhere"}, must be none`},
		{"sources", func(c *api.StreamConfig) {
			c.Sources = []*api.StreamSource{{Name: "elsewhere"}}
		}, `its sources is [{"name":"elsewhere"`},
		{"sealed", nil, `its sealed is true, must be none`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := wanted(newStream(), 1)
			if tt.change != nil {
				tt.change(config)
			}
			stream, err := streams.CreateStream(t.Context(), *config)
			if err != nil {
				t.Fatal(err)
			}
			if tt.name == "sealed" {
				config.Sealed = true
				if stream, err = streams.UpdateStream(t.Context(), *config); err != nil {
					t.Fatal(err)
				}
			}
			s, err := Open(t.Context(), c.URL(), &Options{Stream: config.Name, Replicas: 1, AcceptLoss: true})
			if err == nil {
				s.Close()
				t.Fatal("no error")
			}
			if want := "jetstream: open " + config.Name + ": the stream cannot keep a record: "; !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %q, want %q in it", err, tt.want)
			}
			if info, err := stream.Info(t.Context()); err != nil || info.State.Msgs != 0 {
				t.Errorf("the stream was changed: %v, %v", info, err)
			}
		})
	}
}

// A stream that differs in what does not matter, or that an administrator has made, is
// taken.
func TestOpenTakes(t *testing.T) {
	t.Parallel()
	c := one(t)
	config := wanted(newStream(), 1)
	config.Description = "the desk's"
	config.Metadata = map[string]string{"desk": "foreign"}
	config.Compression = api.S2Compression
	config.Duplicates = time.Minute
	if _, err := streamsOf(t, c).CreateStream(t.Context(), *config); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, c.URL(), &Options{Stream: config.Name, Replicas: 1, AcceptLoss: true})
	if _, err := s.Append(t.Context(), 0, []byte("one")); err != nil {
		t.Error(err)
	}
}

// What may lose acknowledged records is refused unless the caller accepts it.
func TestOpenUnsafe(t *testing.T) {
	t.Parallel()
	late, err := natstest.Start(t.TempDir(), 1, &natstest.Options{SyncInterval: "2m", MaxPayload: 2 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { late.Stop() })
	small, err := natstest.Start(t.TempDir(), 1, &natstest.Options{MaxPayload: 900_000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { small.Stop() })
	for _, tt := range []struct {
		name string
		url  string
		opts *Options
		want string // empty: no error
	}{
		{"nothing said", three(t).URL(), nil, "not known whether the servers sync every record to disk (sync_interval: always)"},
		{"asked", three(t).URL(), &Options{System: system}, ""},
		{"said", three(t).URL(), &Options{SyncAlways: true}, ""},
		{"accepted", three(t).URL(), &Options{AcceptLoss: true}, ""},
		{"not the system account", three(t).URL(), &Options{System: []nats.Option{nats.UserInfo("app", "app")}}, "Options.System are not those of a user of the system account"},
		{"wrong password", three(t).URL(), &Options{System: []nats.Option{nats.UserInfo("system", "")}}, "connect as a user of the system account (Options.System): nats: Authorization Violation"},
		{"one replica", three(t).URL(), &Options{SyncAlways: true, Replicas: 1}, "Options.Replicas is 1: fewer than 3 may lose"},
		{"two replicas", three(t).URL(), &Options{SyncAlways: true, Replicas: 2}, "Options.Replicas is 2: fewer than 3 may lose"},
		{"one replica accepted", three(t).URL(), &Options{AcceptLoss: true, Replicas: 1}, ""},
		{"six replicas", three(t).URL(), &Options{SyncAlways: true, Replicas: 6}, "Options.Replicas is 6, must be 1 to 5"},
		{"five of three", three(t).URL(), &Options{SyncAlways: true, Replicas: 5}, "a stream of 5 replicas cannot be made"},
		{"three of one", one(t).URL(), &Options{SyncAlways: true}, "a stream of 3 replicas cannot be made"},
		{"synced later", late.URL(), &Options{AcceptLoss: true, Replicas: 1}, ""},
		{"small messages", small.URL(), &Options{AcceptLoss: true, Replicas: 1}, "max_payload of the server is 900000 bytes, must be 901000 or more"},
		{"name", one(t).URL(), &Options{AcceptLoss: true, Replicas: 1, Stream: "on.record"}, `a stream cannot have the name "on.record"`},
		{"nobody there", "nats://127.0.0.1:1", &Options{AcceptLoss: true}, "no servers available for connection"},
		{"no such user", strings.ReplaceAll(one(t).URL(), "app:app", "app:other"), &Options{AcceptLoss: true}, "Authorization Violation"},
		{"no JetStream", strings.ReplaceAll(one(t).URL(), "app:app", "system:system"), &Options{AcceptLoss: true}, "JetStream not enabled for account"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.opts != nil && tt.opts.Stream == "" {
				tt.opts.Stream = newStream()
			}
			s, err := Open(t.Context(), tt.url, tt.opts)
			if err == nil {
				s.Close()
			}
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error is %v, want %q in it", err, tt.want)
			}
		})
	}

	// A server that syncs later is found out by its own word.
	s := mustOpen(t, late.URL(), &Options{Stream: "late", AcceptLoss: true, Replicas: 1})
	info, err := s.info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := "server n1 may lose acknowledged records: its sync_interval is 2m0s, must be always"
	if err := info.checkSync(t.Context(), late.URL(), "n1", system); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v, want %q in it", err, want)
	}

	// What exists with fewer replicas is refused too.
	few := mustOpen(t, three(t).URL(), &Options{Stream: newStream(), AcceptLoss: true, Replicas: 1})
	want = "the stream has 1 replicas, must have 3"
	if _, err := Open(t.Context(), three(t).URL(), &Options{Stream: few.name, SyncAlways: true}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v, want %q in it", err, want)
	}
}

// A stream with messages that are gone, or are no records, is damaged, when it is opened
// and while it is open.
func TestDamaged(t *testing.T) {
	t.Parallel()
	c := one(t)
	streams := streamsOf(t, c)
	ctx := t.Context()
	for _, tt := range []struct {
		name   string
		damage func(t *testing.T, config *api.StreamConfig, stream api.Stream)
		want   string
	}{
		{"one deleted", func(t *testing.T, _ *api.StreamConfig, stream api.Stream) {
			if err := stream.DeleteMsg(ctx, 3); err != nil {
				t.Fatal(err)
			}
		}, "the stream has 4 messages with numbers from 1 to 5, 1 between them were deleted or lost"},
		{"first deleted", func(t *testing.T, _ *api.StreamConfig, stream api.Stream) {
			if err := stream.DeleteMsg(ctx, 1); err != nil {
				t.Fatal(err)
			}
		}, "the stream has 4 messages with numbers from 2 to 5"},
		{"last deleted", func(t *testing.T, _ *api.StreamConfig, stream api.Stream) {
			if err := stream.DeleteMsg(ctx, 5); err != nil {
				t.Fatal(err)
			}
		}, "the stream has 4 messages with numbers from 1 to 5"},
		{"purged", func(t *testing.T, _ *api.StreamConfig, stream api.Stream) {
			if err := stream.Purge(ctx); err != nil {
				t.Fatal(err)
			}
		}, "the stream has 0 messages with numbers from 6 to 5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := mustOpen(t, c.URL(), &Options{Stream: newStream(), Replicas: 1, AcceptLoss: true})
			config := wanted(s.name, 1)
			config.DenyDelete, config.DenyPurge = false, false
			if err := streams.DeleteStream(ctx, s.name); err != nil {
				t.Fatal(err)
			}
			stream, err := streams.CreateStream(ctx, *config)
			if err != nil {
				t.Fatal(err)
			}
			s.found = nil // so that it does not say that this is another
			for i := range events.Seq(5) {
				if _, err := s.Append(ctx, i, fmt.Appendf(nil, "record %d", i+1)); err != nil {
					t.Fatal(err)
				}
			}
			tt.damage(t, config, stream)
			mustBeDamaged := func(what string, err error) {
				t.Helper()
				if !errors.Is(err, events.ErrDamaged) || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "restore the stream from a copy") {
					t.Errorf("%s: error is %v, want %q in it", what, err, tt.want)
				}
			}
			var seen events.Seq
			var failed error
			for r, err := range s.Scan(ctx, 0) {
				if failed = err; err != nil {
					break
				}
				if seen++; r.Seq != seen || string(r.Data) != fmt.Sprintf("record %d", seen) {
					t.Errorf("record %d is %q", r.Seq, r.Data)
				}
			}
			mustBeDamaged("Scan", failed)
			_, err = s.Last(ctx)
			mustBeDamaged("Last", err)
			config.DenyDelete, config.DenyPurge = true, true
			if _, err := streams.UpdateStream(ctx, *config); err != nil {
				t.Fatal(err)
			}
			_, err = Open(ctx, c.URL(), &Options{Stream: s.name, Replicas: 1, AcceptLoss: true})
			mustBeDamaged("Open", err)
		})
	}

	t.Run("empty message", func(t *testing.T) {
		s := mustOpen(t, c.URL(), &Options{Stream: newStream(), Replicas: 1, AcceptLoss: true})
		if _, err := streams.Publish(ctx, recordSubject(s.name), nil); err != nil {
			t.Fatal(err)
		}
		want := "record 1 has 0 bytes"
		for _, err := range s.Scan(ctx, 0) {
			if !errors.Is(err, events.ErrDamaged) || !strings.Contains(err.Error(), want) {
				t.Errorf("Scan: error is %v, want %q in it", err, want)
			}
		}
		if _, err := s.Read(ctx, 1); !errors.Is(err, events.ErrDamaged) || !strings.Contains(err.Error(), want) {
			t.Errorf("Read: error is %v, want %q in it", err, want)
		}
	})

	t.Run("made anew", func(t *testing.T) {
		s := mustOpen(t, c.URL(), &Options{Stream: newStream(), Replicas: 1, AcceptLoss: true})
		if _, err := s.Append(ctx, 0, []byte("one")); err != nil {
			t.Fatal(err)
		}
		if err := streams.DeleteStream(ctx, s.name); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Last(ctx); err == nil || !strings.Contains(err.Error(), "the stream is gone, restore it from a copy") {
			t.Errorf("Last of a stream that was deleted: %v", err)
		}
		if err := s.Wait(ctx, 1); err == nil || !strings.Contains(err.Error(), "the stream is gone") {
			t.Errorf("Wait for a stream that was deleted: %v", err)
		}
		if _, err := streams.CreateStream(ctx, *wanted(s.name, 1)); err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			if _, err := streams.Publish(ctx, recordSubject(s.name), fmt.Appendf(nil, "new %d", i)); err != nil {
				t.Fatal(err)
			}
		}
		want := "the stream was made anew at "
		if _, err := s.Last(ctx); !errors.Is(err, events.ErrDamaged) || !strings.Contains(err.Error(), want) {
			t.Errorf("Last: error is %v, want %q in it", err, want)
		}
		for r, err := range s.Scan(ctx, 1) {
			if !errors.Is(err, events.ErrDamaged) || !strings.Contains(err.Error(), want) {
				t.Errorf("Scan: record %q, error is %v, want %q in it", r.Data, err, want)
			}
		}
	})
}

// A stream that is edited while it is open is refused from then on if Open would refuse it,
// until it is edited back.
func TestEdited(t *testing.T) {
	t.Parallel()
	c := one(t)
	s := mustOpen(t, c.URL(), &Options{Stream: newStream(), Replicas: 1, AcceptLoss: true})
	for _, tt := range []struct {
		change func(*api.StreamConfig)
		want   string // empty: no error
	}{
		{func(c *api.StreamConfig) { c.Description = "the desk's" }, ""},
		{func(c *api.StreamConfig) { c.MaxMsgs = 1000 }, "since it was opened the stream was edited: the stream cannot keep a record: its max_msgs is 1000, must be -1"},
		{func(*api.StreamConfig) {}, ""},
	} {
		config := wanted(s.name, 1)
		tt.change(config)
		if _, err := streamsOf(t, c).UpdateStream(t.Context(), *config); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Last(t.Context()); tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("error is %v, want %q in it", err, tt.want)
		}
	}
}

// A mirror answers for its stream, also for one that was deleted since.
func TestMirror(t *testing.T) {
	t.Parallel()
	c := one(t)
	ctx, streams := t.Context(), streamsOf(t, c)
	opts := &Options{Stream: newStream(), Replicas: 1, AcceptLoss: true}
	s := mustOpen(t, c.URL(), opts)
	if _, err := s.Append(ctx, 0, []byte("old")); err != nil {
		t.Fatal(err)
	}
	mirror := newStream()
	if _, err := streams.CreateStream(ctx, api.StreamConfig{Name: mirror, Mirror: &api.StreamSource{Name: s.name}}); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); ; {
		m, err := s.conn.Request(apiPrefix+"DIRECT.GET."+s.name, []byte(`{"seq":1}`), natstest.Patience)
		if err == nil && m.Header.Get(nats.JSStream) == mirror {
			break
		}
		if time.Since(began) > natstest.Patience {
			t.Fatal("the mirror does not answer")
		}
	}
	if err := streams.DeleteStream(ctx, s.name); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, c.URL(), opts)
	if _, err := s.Append(ctx, 0, []byte("new")); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		mustRead(t, s, "new")
	}
}

// Several may make the same stream at once.
func TestOpenTogether(t *testing.T) {
	t.Parallel()
	c, name := three(t), newStream()
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			s, err := Open(t.Context(), c.Nodes()[i%3].URL(), &Options{Stream: name, System: system})
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	group.Wait()
}

// A user who may only do what the package comment lists reads a record and waits for it,
// and is told what it may not do.
func TestPermissions(t *testing.T) {
	t.Parallel()
	c := servers(1)(t) // the users' permissions are for one stream, which no test before has made
	s := mustOpen(t, c.URL(), &Options{Replicas: 1, AcceptLoss: true})
	if _, err := s.Append(t.Context(), 0, []byte("one")); err != nil {
		t.Fatal(err)
	}
	reader := mustOpen(t, c.Nodes()[0].UserURL("reader"), &Options{Replicas: 1, AcceptLoss: true, Timeout: 5 * time.Second})
	if data, err := reader.Read(t.Context(), 1); err != nil || string(data) != "one" {
		t.Errorf("Read: %q, %v", data, err)
	}
	n := 0
	for _, err := range reader.Scan(t.Context(), 0) {
		if n++; err != nil {
			t.Error(err)
		}
	}
	if n != 1 {
		t.Errorf("it scans %d records", n)
	}
	waited := make(chan error)
	go func() { waited <- reader.Wait(t.Context(), 1) }()
	if _, err := s.Append(t.Context(), 1, []byte("two")); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; err != nil {
		t.Error(err)
	}
	want := `this user lacks a permission, the package comment lists those it needs: nats: permissions violation: Permissions Violation for Publish to "onrecord.record"`
	if _, err := reader.Append(t.Context(), 2, []byte("three")); err == nil || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(want)) {
		t.Errorf("Append: error is %v, want %q in it", err, want)
	}
	if _, err := Open(t.Context(), c.Nodes()[0].UserURL("reader"), &Options{Stream: newStream(), Replicas: 1, AcceptLoss: true}); err == nil || !strings.Contains(err.Error(), "lacks a permission") {
		t.Errorf("Open of another stream: %v", err)
	}
	single := mustOpen(t, c.Nodes()[0].UserURL("single"), &Options{Replicas: 1, AcceptLoss: true})
	for r, err := range single.Scan(t.Context(), 0) {
		if err == nil || !strings.Contains(err.Error(), "lacks a permission") {
			t.Errorf("Scan: %v, %v", r, err)
		}
	}
	if _, err := Open(t.Context(), c.Nodes()[0].UserURL("unanswered"), &Options{Replicas: 1, AcceptLoss: true}); err == nil || !strings.Contains(err.Error(), "lacks a permission") {
		t.Errorf("Open without answers: %v", err)
	}
}

// What a user was refused once it may be granted since: an answer says so, and a new
// connection asks anew.
func TestPermissionGranted(t *testing.T) {
	t.Parallel()
	n, s, _ := alone(t)
	refuse := func() {
		s.complain(fmt.Errorf("%w: Permissions Violation for Publish to %q", nats.ErrPermissionViolation, recordSubject(s.name)))
		if s.complaint(recordSubject(s.name)) == nil {
			t.Error("what a server says is not kept")
		}
	}
	refuse()
	if _, err := s.Append(t.Context(), 0, []byte("one")); err != nil {
		t.Fatal(err)
	}
	if said := s.complaint(recordSubject(s.name)); said != nil {
		t.Errorf("after an answer: %v", said)
	}
	refuse()
	n.Clients.Drop()
	for began := time.Now(); s.complaint(recordSubject(s.name)) != nil; time.Sleep(time.Millisecond) {
		if time.Since(began) > natstest.Patience {
			t.Fatal("a new connection changes nothing")
		}
	}
}

// A context that has ended, or ends while nobody answers, ends Open.
func TestOpenCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	opts := &Options{Replicas: 1, AcceptLoss: true, Connect: []nats.Option{nats.Timeout(time.Hour)}}
	if _, err := Open(ctx, one(t).URL(), opts); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	opened := make(chan error)
	go func() {
		_, err := Open(ctx, "nats://"+silent.Addr().String(), opts)
		opened <- err
	}()
	conn, err := silent.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	cancel()
	if err := <-opened; !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}
