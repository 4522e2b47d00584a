package jetstream

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/natstest"
	"github.com/onrecord/onrecord/internal/soak"
)

// A trial is a stream that writers append to and followers read, one of each by way of
// each server, while servers and connections fail.
type trial struct {
	*testing.T
	c      *natstest.Cluster
	stream string

	acks    atomic.Int64
	unknown atomic.Int64
	over    atomic.Bool // writers finish what they are at

	mu    sync.Mutex
	acked map[events.Seq]string

	writing   sync.WaitGroup
	following sync.WaitGroup
	followed  [][]string
	end       atomic.Uint64 // where followers stop; 0: not known
}

func newTrial(t *testing.T, c *natstest.Cluster) *trial {
	r := &trial{T: t, c: c, stream: newStream(), acked: map[events.Seq]string{}, followed: make([][]string, len(c.Nodes()))}
	for i, n := range c.Nodes() {
		writer := mustOpen(t, n.URL(), &Options{Stream: r.stream, System: system})
		writer.timeout = 1500 * time.Millisecond // so that some outcomes stay unknown
		follower := mustOpen(t, n.URL(), &Options{Stream: r.stream, System: system})
		r.writing.Go(func() {
			for k := 0; !r.over.Load() && !t.Failed(); k++ {
				r.put(writer, fmt.Sprintf("writer %d record %d", i, k))
			}
		})
		r.following.Go(func() { r.follow(i, follower) })
	}
	r.more(5)
	return r
}

// put stores text once, however long it takes, the way a graph does.
func (r *trial) put(s *Store, text string) {
	ctx := r.Context()
	last := events.Seq(0)
	for known := false; ctx.Err() == nil; {
		if !known {
			var err error
			if last, err = s.Last(ctx); !r.answered(err) {
				continue
			}
			known = true
		}
		seq, err := s.Append(ctx, last, []byte(text))
		if err == nil {
			r.ack(seq, text)
			return
		}
		if !errors.Is(err, events.ErrConflict) {
			r.answered(err)
			r.unknown.Add(1)
		}
		// What another record is in the way of may be what an earlier try has stored.
		for ctx.Err() == nil {
			data, err := s.Read(ctx, last+1)
			if errors.Is(err, events.ErrNoRecord) {
				break // it is appended again, after the same
			}
			if !r.answered(err) {
				continue
			}
			if string(data) == text {
				r.ack(last+1, text)
				return
			}
			known = false
			break
		}
	}
}

// answered fails if an error is none that servers which cannot be reached lead to.
func (r *trial) answered(err error) bool {
	if err == nil {
		return true
	}
	if !errors.Is(err, errNoAnswer) && r.Context().Err() == nil {
		r.Errorf("%v", err)
	}
	return false
}

func (r *trial) ack(seq events.Seq, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if other, twice := r.acked[seq]; twice {
		r.Errorf("record %d was acknowledged for %q and %q", seq, other, text)
	}
	r.acked[seq] = text
	r.acks.Add(1)
}

func (r *trial) follow(i int, s *Store) {
	seen := events.Seq(0)
	for end := events.Seq(0); end == 0 || seen < end; end = events.Seq(r.end.Load()) {
		ctx, cancel := context.WithTimeout(r.Context(), 200*time.Millisecond) // to look for the end
		err := s.Wait(ctx, seen)
		cancel()
		if r.Context().Err() != nil {
			return
		}
		if errors.Is(err, context.DeadlineExceeded) {
			continue
		} else if err != nil {
			r.Errorf("follower %d: %v", i, err)
			return
		}
		for record, err := range s.Scan(r.Context(), seen) {
			if !r.answered(err) {
				break
			}
			if record.Seq != seen+1 {
				r.Errorf("follower %d: record %d after %d", i, record.Seq, seen)
				return
			}
			seen = record.Seq
			r.followed[i] = append(r.followed[i], string(record.Data))
		}
	}
}

// more waits for n more acknowledgements.
func (r *trial) more(n int64) {
	r.Helper()
	want := r.acks.Load() + n
	r.until(fmt.Sprintf("%d more acknowledgements", n), func() bool { return r.acks.Load() >= want })
}

func (r *trial) until(what string, is func() bool) {
	r.Helper()
	for began := time.Now(); !is(); time.Sleep(time.Millisecond) {
		if time.Since(began) > natstest.Patience {
			r.Fatalf("%s: not after %v\n%s", what, natstest.Patience, r.state())
		}
		if r.Failed() {
			r.FailNow()
		}
	}
}

// state says what each server answers.
func (r *trial) state() (text string) {
	for _, n := range r.c.Nodes() {
		text += n.Name + ": "
		conn, err := nats.Connect(n.URL())
		if err != nil {
			text += err.Error() + "\n"
			continue
		}
		if m, err := conn.Request(apiPrefix+"STREAM.INFO."+r.stream, nil, time.Second); err != nil {
			text += err.Error() + "\n"
		} else {
			text += string(m.Data) + "\n"
		}
		conn.Close()
	}
	return text
}

// idle lets time pass in which nothing may be acknowledged.
func (r *trial) idle(d time.Duration) {
	began := time.Now()
	r.until("time", func() bool { return time.Since(began) > d })
}

// info returns what the leader of the stream says, nil if none is found.
func (r *trial) info() *streamInfo {
	for _, n := range r.c.Nodes() {
		conn, err := nats.Connect(n.URL())
		if err != nil {
			continue
		}
		m, err := conn.Request(apiPrefix+"STREAM.INFO."+r.stream, nil, time.Second)
		conn.Close()
		if err != nil {
			continue
		}
		if info, err := readInfo(m); err == nil && info.led() {
			return info
		}
	}
	return nil
}

// leader returns the server that leads the stream.
func (r *trial) leader() (leads *natstest.Node) {
	r.Helper()
	r.until("a leader", func() bool {
		if info := r.info(); info != nil {
			leads = r.c.Node(info.Cluster.Leader)
		}
		return leads != nil
	})
	return leads
}

// other returns a server that does not lead.
func (r *trial) other() *natstest.Node {
	leader := r.leader()
	return r.c.Nodes()[(slices.Index(r.c.Nodes(), leader)+1)%len(r.c.Nodes())]
}

// mend ends all that fails, and waits until every server has all records: until then the
// loss of another is the loss of two.
func (r *trial) mend() {
	r.Helper()
	for _, n := range r.c.Nodes() {
		if err := n.Start(); err != nil {
			r.Fatal(err)
		}
		n.Clients.Hold(false, false)
		n.Clients.Delay(0)
		r.c.Join(n)
		for _, l := range r.c.Between(n) {
			l.Delay(0)
		}
	}
	if err := r.c.Ready(); err != nil {
		r.Fatal(err)
	}
	r.until("every server has all records", func() bool {
		info := r.info()
		return info != nil && !slices.ContainsFunc(info.Cluster.Replicas, func(p *api.PeerInfo) bool { return !p.Current || p.Offline })
	})
}

// check ends the trial: every record that was acknowledged is there once, at its number,
// and whoever reads, by way of whichever server, reads the same.
func (r *trial) check() {
	r.Helper()
	r.mend()
	r.more(5)
	r.over.Store(true)
	r.writing.Wait()
	if r.Failed() {
		return
	}
	var all []string
	for i, n := range r.c.Nodes() {
		var records []string
		for record, err := range mustOpen(r.T, n.URL(), &Options{Stream: r.stream, System: system}).Scan(r.Context(), 0) {
			if err != nil {
				r.Fatal(err)
			}
			records = append(records, string(record.Data))
		}
		if i > 0 && !slices.Equal(records, all) {
			r.Errorf("by way of %s other records are read than by way of %s: %d and %d", n.Name, r.c.Nodes()[0].Name, len(records), len(all))
		}
		all = records
	}
	once := map[string]bool{}
	for i, text := range all {
		if once[text] {
			r.Errorf("%q is there twice", text)
		}
		once[text] = true
		if acked, ok := r.acked[events.Seq(i+1)]; !ok || acked != text {
			r.Errorf("record %d is %q, acknowledged was %q", i+1, text, acked)
		}
	}
	if len(r.acked) != len(all) {
		r.Errorf("%d records, %d acknowledged", len(all), len(r.acked))
	}
	r.end.Store(uint64(len(all)))
	r.following.Wait()
	for i, records := range r.followed {
		if !slices.Equal(records, all) {
			r.Errorf("follower %d has seen %d records, not the %d that are there", i, len(records), len(all))
		}
	}
	r.Logf("%d records, %d times the outcome was unknown", len(all), r.unknown.Load())
}

// faults are what goes wrong while writers write and followers follow.
var faults = []struct {
	name string
	make func(r *trial)
}{
	{"leader killed", func(r *trial) {
		r.leader().Kill()
		r.more(20)
	}},
	{"follower killed", func(r *trial) {
		r.other().Kill()
		r.more(20)
	}},
	{"leader cut off", func(r *trial) {
		n := r.leader()
		r.c.Isolate(n)
		r.until("another leader", func() bool { return r.leader() != n })
		r.more(20)
	}},
	{"follower cut off", func(r *trial) {
		r.c.Isolate(r.other())
		r.more(20)
	}},
	{"two cut off from each other", func(r *trial) {
		leader, other := r.leader(), r.other()
		for _, l := range r.c.Between(leader) {
			if slices.Contains(r.c.Between(other), l) {
				l.Hold(true, true)
			}
		}
		r.idle(time.Second)
	}},
	{"all cut off from each other", func(r *trial) {
		for _, n := range r.c.Nodes() {
			r.c.Isolate(n)
		}
		r.idle(time.Second)
	}},
	{"restarted one by one", func(r *trial) {
		for _, n := range r.c.Nodes() {
			n.Kill()
			r.more(5)
			r.mend()
		}
	}},
	{"all restarted", func(r *trial) {
		for _, n := range r.c.Nodes() {
			n.Kill()
		}
		r.mend()
	}},
	{"slow network", func(r *trial) {
		for _, n := range r.c.Nodes() {
			n.Clients.Delay(3 * time.Millisecond)
			for _, l := range r.c.Between(n) {
				l.Delay(5 * time.Millisecond)
			}
		}
		r.more(10)
	}},
	{"connections lost", func(r *trial) {
		for range 2 {
			for _, n := range r.c.Nodes() {
				n.Clients.Drop()
				r.more(2)
			}
		}
	}},
	{"answers lost", func(r *trial) {
		for _, n := range r.c.Nodes() {
			n.Clients.Hold(false, true)
			r.more(2)
			n.Clients.Drop()
			n.Clients.Hold(false, false)
		}
	}},
}

func TestFaults(t *testing.T) {
	t.Parallel()
	c := faulty(t)
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			r := newTrial(t, c)
			f.make(r)
			r.check()
		})
	}
}

// One after another, in an order that a seed gives; some while the last is not mended.
func TestManyFaults(t *testing.T) {
	t.Parallel()
	c := servers(3)(t)
	rng := rand.New(rand.NewPCG(20250804, 1))
	r := newTrial(t, c)
	for range soak.Times(3) {
		f := faults[rng.IntN(len(faults))]
		t.Log(f.name)
		f.make(r)
		r.mend()
		r.more(5)
	}
	r.check()
}
