package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/pgtest"
	"github.com/onrecord/onrecord/internal/soak"
)

// A desk appends records to a store as a graph does: after an append whose outcome is
// unknown it reads on to find out, and repeats what is not there. Each of its records is
// to be there once.
type desk struct {
	name  string
	store *Store
	rng   *rand.Rand

	seen events.Seq
	own  map[string]events.Seq // its records that it has read
}

// say appends a record, or finds it, and returns its number.
func (d *desk) say(ctx context.Context, text string) (events.Seq, error) {
	for ctx.Err() == nil {
		for r, err := range d.store.Scan(ctx, d.seen) {
			if err != nil {
				break
			}
			if r.Seq != d.seen+1 {
				return 0, fmt.Errorf("%s reads %d after %d", d.name, r.Seq, d.seen)
			}
			d.seen = r.Seq
			if said := string(r.Data); strings.HasPrefix(said, d.name+" ") {
				if first, twice := d.own[said]; twice {
					return 0, fmt.Errorf("%q is there twice: %d and %d", said, first, r.Seq)
				}
				d.own[said] = r.Seq
			}
		}
		if seq, ok := d.own[text]; ok {
			return seq, nil
		}
		limited, cancel := ctx, func() {}
		if d.rng.IntN(8) == 0 { // it gives up in the middle
			limited, cancel = context.WithTimeout(ctx, time.Duration(d.rng.IntN(3000))*time.Microsecond)
		}
		seq, err := d.store.Append(limited, d.seen, []byte(text))
		cancel()
		if err == nil {
			return seq, nil
		}
	}
	return 0, ctx.Err()
}

// A ledger is what was acknowledged, and what each reader saw.
type ledger struct {
	mu       sync.Mutex
	acked    map[events.Seq]string
	said     map[string]events.Seq
	greatest events.Seq
	grown    chan struct{} // closed when there is more
}

func (l *ledger) note(t *testing.T, seq events.Seq, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if other, ok := l.acked[seq]; ok {
		t.Errorf("number %d was acknowledged for %q and %q", seq, other, text)
	}
	l.acked[seq], l.said[text] = text, seq
	l.greatest = max(l.greatest, seq)
	close(l.grown)
	l.grown = make(chan struct{})
}

// last returns the greatest number that was acknowledged.
func (l *ledger) last() events.Seq {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.greatest
}

// more waits until n more records are acknowledged.
func (l *ledger) more(ctx context.Context, n int) error {
	l.mu.Lock()
	want := len(l.acked) + n
	l.mu.Unlock()
	for {
		l.mu.Lock()
		got, grown := len(l.acked), l.grown
		l.mu.Unlock()
		if got >= want {
			return nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Servers and connections fail again and again while several desks append through
// several stores and others follow. Every record that was acknowledged is there, every
// record is there once, and everybody read the same.
func TestFaults(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	server := pgtest.Start(t)
	p, through := newProxy(t, server.URL())
	const seed = 1
	rng := rand.New(rand.NewPCG(seed, 0))
	l := &ledger{acked: map[events.Seq]string{}, said: map[string]events.Seq{}, grown: make(chan struct{})}

	urls := []string{server.URL(), through, with(through, "default_query_exec_mode", "exec")}
	stop := make(chan struct{})
	var writing, following sync.WaitGroup
	for i, url := range urls {
		s := mustOpen(t, with(url, "pool_max_conns", "4"), nil)
		for j := range 2 {
			d := &desk{name: fmt.Sprintf("desk%d%d", i, j), store: s, rng: rand.New(rand.NewPCG(seed, uint64(10*i+j+1))), own: map[string]events.Seq{}}
			writing.Go(func() {
				for k := 0; ; k++ {
					select {
					case <-stop:
						return
					default:
					}
					text := fmt.Sprintf("%s record %d %s", d.name, k, strings.Repeat("x", d.rng.IntN(1+d.rng.IntN(20_000))))
					seq, err := d.say(ctx, text)
					if err != nil {
						t.Error(err)
						return
					}
					l.note(t, seq, text)
				}
			})
		}
	}

	// What is acknowledged is there for everybody from then on.
	watchman := mustOpen(t, server.URL(), nil)
	writing.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			acked := l.last()
			if last, err := watchman.Last(ctx); err == nil && last < acked {
				t.Errorf("the last is %d, acknowledged was %d before", last, acked)
				return
			}
		}
	})

	// Those who follow end when they have read the record that is last at the end.
	const farewell = "farewell"
	reads := make([][]string, 2)
	for i, url := range []string{server.URL(), through} {
		s := mustOpen(t, url, nil)
		following.Go(func() {
			for {
				if err := s.Wait(ctx, events.Seq(len(reads[i]))); err != nil {
					t.Errorf("wait: %v", err)
					return
				}
				for r, err := range s.Scan(ctx, events.Seq(len(reads[i]))) {
					if err != nil {
						break // it reads on when it has waited
					}
					reads[i] = append(reads[i], string(r.Data))
					if string(r.Data) == farewell {
						return
					}
				}
			}
		})
	}

	terminate := func() {
		c, err := pgx.Connect(ctx, server.URL())
		if err != nil {
			return // all connections are taken
		}
		defer c.Close(ctx)
		_, _ = c.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`)
	}
	someLost := func(what fate) func([]byte) fate {
		var mu sync.Mutex
		rng := rand.New(rand.NewPCG(seed, rng.Uint64()))
		return func(sent []byte) fate {
			mu.Lock()
			defer mu.Unlock()
			if rng.IntN(4) == 0 {
				return what
			}
			return pass
		}
	}
	faults := []struct {
		name string
		make func()
	}{
		{"kill", func() { server.Kill(); server.Restart(t) }},
		{"stop", func() { server.Stop(); server.Restart(t) }},
		{"cut", p.cut},
		{"terminate", terminate},
		{"lose answers", func() { p.set(someLost(losesReply)) }},
		{"lose requests", func() { p.set(someLost(losesAll)) }},
		{"slow", func() { p.slow(time.Millisecond) }},
	}
	counts := map[string]int{}
	for range soak.Times(10) {
		f := faults[rng.IntN(len(faults))]
		counts[f.name]++
		f.make()
		if err := l.more(ctx, 10); err != nil {
			t.Fatalf("after %s nothing is acknowledged: %v", f.name, err)
		}
		p.set(nil)
		p.slow(0)
		if err := l.more(ctx, rng.IntN(30)); err != nil {
			t.Fatalf("after %s nothing is acknowledged any more: %v", f.name, err)
		}
	}
	close(stop)
	writing.Wait()
	s := mustOpen(t, server.URL(), nil)
	if err := appendAfterLast(ctx, s, farewell); err != nil {
		t.Fatal(err)
	}
	following.Wait()

	var all []string
	for r, err := range s.Scan(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		text := string(r.Data)
		all = append(all, text)
		if want, ok := l.acked[r.Seq]; text != farewell && (!ok || want != text || int(r.Seq) != len(all)) {
			t.Errorf("record %d is %.40q, acknowledged was %.40q", r.Seq, text, want)
		}
		if l.said[text] != r.Seq && text != farewell {
			t.Errorf("%.40q is record %d, acknowledged as %d", text, r.Seq, l.said[text])
		}
	}
	if len(all) != len(l.acked)+1 {
		t.Errorf("%d records, %d acknowledged", len(all)-1, len(l.acked))
	}
	for i, read := range reads {
		if strings.Join(read, "\n") != strings.Join(all, "\n") {
			t.Errorf("follower %d has read %d records, others than the %d that are there", i, len(read), len(all))
		}
	}
	t.Logf("%d records, faults: %v", len(all), counts)
}
