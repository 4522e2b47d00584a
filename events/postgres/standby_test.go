package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/pgtest"
)

// A standby is read and followed, and refuses appends. When its server is killed while
// it is appended to, and the standby takes its place, everything that was acknowledged
// is there, since the server waited for it.
func TestStandby(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	server := pgtest.Start(t)
	s := mustOpen(t, server.URL(), nil)
	mustAppend(t, s, 0, "record 1")
	standby := server.Standby(t)
	execSQL(t, server.URL(), `ALTER SYSTEM SET synchronous_standby_names = '*'`)
	execSQL(t, server.URL(), `SELECT pg_reload_conf()`)
	c, err := pgx.Connect(ctx, server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	for names, state := "", ""; names != "*" || state != "sync"; {
		err := c.QueryRow(ctx, `SELECT current_setting('synchronous_standby_names'), coalesce((SELECT sync_state FROM pg_stat_replication LIMIT 1), '')`).Scan(&names, &state)
		if err != nil {
			t.Fatal(err)
		}
	}

	// Both are named, as a program would that is to survive the failover.
	both := strings.Replace(server.URL(), server.Address(), server.Address()+","+standby.Address(), 1)
	writer := mustOpen(t, with(both, "target_session_attrs", "read-write"), nil)
	p, through := newProxy(t, standby.URL())
	follower := mustOpen(t, through, &Options{WaitInterval: time.Millisecond})
	follower.listenInterval = 0
	asked := make(chan bool)
	p.set(func(sent []byte) fate {
		if bytes.Contains(sent, []byte("LISTEN")) {
			select {
			case asked <- true:
			default:
			}
		}
		return pass
	})
	if err := follower.Wait(ctx, 0); err != nil {
		t.Fatal(err)
	}
	for range 3 { // it may take its server's place, and tell then
		select {
		case <-asked:
		case <-ctx.Done():
			t.Fatal("a standby that refuses to tell is not asked again")
		}
	}
	p.set(nil)
	if _, err := follower.Append(ctx, 1, []byte("record 2")); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "the server is a standby") {
		t.Errorf("append to a standby: %v", err)
	}

	if err := follower.Sync(ctx); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "the server is a standby") {
		t.Errorf("sync of a standby: %v", err)
	}

	// An append is cut off while it waits for the standby. What can be read then is only
	// synced when the standby has it.
	waiting := func(begins string, want int) {
		for n := -1; n != want; {
			if err := c.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query LIKE $1`, begins+"%").Scan(&n); err != nil {
				t.Fatal(err)
			}
		}
	}
	standby.Stop()
	cutOff, cut := context.WithCancel(ctx)
	appended, synced := make(chan error, 1), make(chan error, 1)
	go func() { _, err := writer.Append(cutOff, 1, []byte("record 2")); appended <- err }()
	waiting("WITH added", 1)
	cut()
	mustBeUnknown(t, <-appended)
	waiting("WITH added", 0)
	mustHold(t, s, "record 1", "record 2")
	go func() { synced <- s.Sync(ctx) }()
	waiting("SELECT pg_is_in_recovery", 1)
	select {
	case err := <-synced:
		t.Errorf("sync returned before the standby was there: %v", err)
	default:
	}
	standby.Restart(t)
	if err := <-synced; err != nil {
		t.Errorf("sync: %v", err)
	}
	mustHold(t, follower, "record 1", "record 2")

	acked := events.Seq(2)
	var unknown error
	for unknown == nil {
		seq, err := writer.Append(ctx, acked, fmt.Appendf(nil, "record %d", acked+1))
		if err != nil {
			unknown = err
			break
		}
		if acked = seq; seq == 100 {
			go server.Kill()
		}
	}
	mustBeUnknown(t, unknown)
	if err := follower.Wait(ctx, acked-1); err != nil {
		t.Fatal(err)
	}
	execSQL(t, standby.URL(), `SELECT pg_promote()`)
	var last events.Seq
	for last == 0 {
		last, _ = writer.Last(ctx) // until it has found the other server
	}
	if last != acked && last != acked+1 {
		t.Fatalf("the last is %d, acknowledged was %d", last, acked)
	}
	mustAppend(t, writer, last, fmt.Sprintf("record %d", last+1))
	if err := follower.Wait(ctx, last); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Store{writer, follower} {
		var n events.Seq
		for r, err := range s.Scan(ctx, 0) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; r.Seq != n || string(r.Data) != fmt.Sprintf("record %d", n) {
				t.Errorf("record %d is %d, %q", n, r.Seq, r.Data)
			}
		}
		if n != last+1 {
			t.Errorf("%d records, want %d", n, last+1)
		}
	}
}
