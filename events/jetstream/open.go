package jetstream

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"
	"golang.org/x/mod/semver"

	"github.com/onrecord/onrecord/events"
)

const (
	apiPrefix  = "$JS.API."
	maxMessage = events.MaxRecord + 1000 // with headers
	minVersion = "2.11.0"                // the first that reads several messages at once
)

// recordSubject is where a record is published to be stored.
func recordSubject(stream string) string { return stream + ".record" }

// appendedSubject is where the leader tells that a record was stored.
func appendedSubject(stream string) string { return stream + ".appended" }

// Options are what can be chosen about a Store. Nil means all defaults.
type Options struct {
	// Stream is the name of the stream. The default is "onrecord".
	Stream string

	// Replicas is how many servers must keep the stream at least, and how many do if
	// Open makes it. The default is 3.
	Replicas int

	// Connect are options of the connection, such as credentials and TLS. Those that
	// would give up on reconnecting, or send later what was asked while there was no
	// connection, have no effect.
	Connect []nats.Option

	// System are those of a second connection, by a user of the system account, with
	// which Open asks each server whether it syncs every record to disk. The default
	// is not to ask.
	System []nats.Option

	// SyncAlways says that the configuration of every server is known to have
	// sync_interval: always, so that nobody need be asked.
	SyncAlways bool

	// AcceptLoss accepts a stream that may lose acknowledged records: of fewer than three
	// replicas, or on servers that sync later or are not known to sync at once.
	AcceptLoss bool

	// Timeout is how long a call goes on asking while the servers do not answer, if
	// its context does not end first. It is longer than they take to find a new
	// leader, which is some ten seconds; what is missing for less is never said to be
	// damaged. The default is 30 seconds.
	Timeout time.Duration
}

// Open opens the record in a stream of the servers at a URL, or at several with commas
// between, or makes an empty one. A stream that Open would not have made so, or
// that has lost messages, is refused and not changed. Several processes may make the
// same stream at once.
func Open(ctx context.Context, servers string, opts *Options) (*Store, error) {
	if opts == nil {
		opts = new(Options)
	}
	s := &Store{
		name:    cmp.Or(opts.Stream, "onrecord"),
		timeout: opts.Timeout,
		poll:    time.Second,
		late:    successionTime,
		hints:   make(chan struct{}, 1),
		watcher: make(chan struct{}, 1),
		grown:   make(chan struct{}),
	}
	if s.timeout <= 0 {
		s.timeout = 30 * time.Second
	}
	s.watcher <- struct{}{}
	s.open, s.close = context.WithCancel(context.Background())
	if err := s.setUp(ctx, servers, opts); err != nil {
		s.close()
		if s.conn != nil {
			s.conn.Close()
		}
		return nil, fmt.Errorf("jetstream: open %s: %w", s.name, err)
	}
	return s, nil
}

func (s *Store) setUp(ctx context.Context, servers string, opts *Options) error {
	if strings.ContainsAny(s.name, ".*> \t\r\n/\\") {
		return fmt.Errorf("a stream cannot have the name %q: it must not contain a space or any of . * > / \\", s.name)
	}
	replicas := cmp.Or(opts.Replicas, 3)
	if replicas < 1 || replicas > 5 {
		return fmt.Errorf("Options.Replicas is %d, must be 1 to 5", replicas)
	}
	if replicas < 3 && !opts.AcceptLoss {
		return fmt.Errorf("Options.Replicas is %d: fewer than 3 may lose acknowledged records or refuse new ones when one server is lost; 3 or 5 do not, Options.AcceptLoss accepts it", replicas)
	}
	if !opts.SyncAlways && opts.System == nil && !opts.AcceptLoss {
		return errors.New("it is not known whether the servers sync every record to disk (sync_interval: always), and one that does not may lose acknowledged records: " +
			"give Options.System, to ask them, or Options.SyncAlways, if you know; Options.AcceptLoss accepts it")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var err error
	if s.conn, err = connect(ctx, servers, s.complain, opts.Connect); err != nil {
		return cmp.Or(ctx.Err(), err)
	}
	if v := s.conn.ConnectedServerVersion(); semver.Compare("v"+v, "v"+minVersion) < 0 {
		return fmt.Errorf("the server is nats-server %s, must be %s or newer", v, minVersion)
	}
	if most := s.conn.MaxPayload(); most < maxMessage {
		return fmt.Errorf("max_payload of the server is %d bytes, must be %d or more", most, maxMessage)
	}
	within, end := s.within(ctx)
	defer end()
	info, err := s.make(within, replicas)
	if err != nil {
		return err
	}
	if err := info.check(s.name, replicas); err != nil {
		return err
	}
	s.found, s.replicas, s.domain = info, replicas, info.Domain
	if opts.System != nil && !opts.AcceptLoss {
		if err := info.checkSync(within, servers, s.conn.ConnectedServerName(), opts.System); err != nil {
			if failed := s.ended(within); failed == errNoAnswer {
				return fmt.Errorf("%w within %v: %w", errNoAnswer, s.timeout, err)
			} else if failed != nil {
				return failed
			}
			return err
		}
	}
	if _, err := s.conn.Subscribe(appendedSubject(s.name), func(*nats.Msg) { s.hint() }); err != nil {
		return err
	}
	_, err = s.lastOf(within)
	return err
}

// connect connects for as long as it takes. An attempt that is under way when the context
// ends is given up by itself, after the timeout of the connection's options. What is asked while there is no connection
// fails at once and is never sent later, when nobody waits for it any more.
func connect(ctx context.Context, servers string, complain func(error), options []nats.Option) (*nats.Conn, error) {
	own := func(o *nats.Options) error {
		o.AllowReconnect = true
		o.MaxReconnect = -1
		o.IgnoreAuthErrorAbort = true
		o.ReconnectBufSize = -1
		o.RetryOnFailedConnect = false
		if deadline, ok := ctx.Deadline(); ok {
			o.Timeout = max(1, min(o.Timeout, time.Until(deadline)))
		}
		callers := o.AsyncErrorCB
		o.AsyncErrorCB = func(conn *nats.Conn, sub *nats.Subscription, err error) {
			complain(err)
			if callers != nil {
				callers(conn, sub, err)
			}
		}
		reconnected := o.ReconnectedCB
		o.ReconnectedCB = func(conn *nats.Conn) {
			complain(nil)
			if reconnected != nil {
				reconnected(conn)
			}
		}
		return nil
	}
	options = append([]nats.Option{nats.Name("onrecord"), nats.ReconnectWait(100 * time.Millisecond)}, options...)
	type result struct {
		conn *nats.Conn
		err  error
	}
	connected := make(chan result)
	go func() { // nats.Connect takes no context
		conn, err := nats.Connect(servers, append(options, own)...)
		select {
		case connected <- result{conn, err}:
		case <-ctx.Done():
			if conn != nil {
				conn.Close()
			}
		}
	}()
	select {
	case r := <-connected:
		if malformed := (*url.Error)(nil); errors.As(r.err, &malformed) {
			// Both it and its cause may show a password, or a part of one.
			return nil, errors.New("the URL of a server is malformed: want nats://user:password@host:port, with % and two hexadecimal digits for each character of user and password that is no letter or digit")
		}
		return r.conn, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// areStarting reports whether servers cannot be found that may be there soon, as just after
// they were started.
func areStarting(err error) bool {
	const noPeers = 10005 // JSClusterNoPeersErrF of the server
	var refused *api.APIError
	return errors.As(err, &refused) && refused.ErrorCode == noPeers && strings.Contains(refused.Description, "offline")
}

// make returns what is known of the stream, and makes it if there is none.
func (s *Store) make(ctx context.Context, replicas int) (*streamInfo, error) {
	info, err := s.info(ctx)
	var refused *api.APIError
	if !errors.As(err, &refused) || refused.ErrorCode != api.JSErrCodeStreamNotFound {
		return info, err
	}
	body, err := json.Marshal(wanted(s.name, replicas))
	if err != nil {
		return nil, err
	}
	for {
		var answer *nats.Msg
		if answer, err = s.ask(ctx, &nats.Msg{Subject: apiPrefix + "STREAM.CREATE." + s.name, Data: body}); err != nil {
			return nil, fmt.Errorf("there is no stream, and to make it: %w", err)
		}
		if _, err = readInfo(answer); !areStarting(err) || s.pause(ctx) != nil {
			break
		}
	}
	if err != nil && !(errors.As(err, &refused) && refused.ErrorCode == api.JSErrCodeStreamNameInUse) { // somebody else was first
		return nil, fmt.Errorf("a stream of %d replicas cannot be made: %w", replicas, err)
	}
	for {
		info, err = s.info(ctx) // the servers may not all know of it yet
		if !errors.As(err, &refused) || refused.ErrorCode != api.JSErrCodeStreamNotFound {
			return info, err
		}
		if err := s.pause(ctx); err != nil {
			return nil, err
		}
	}
}
