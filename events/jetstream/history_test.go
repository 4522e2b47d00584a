package jetstream

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/natstest"
	"github.com/onrecord/onrecord/internal/soak"
)

// A call of a history, and its answer. The text of a record has no line break.
type (
	historyCall struct {
		method string
		seq    events.Seq
		text   string
	}
	historyAnswer struct {
		seq      events.Seq
		text     string
		conflict bool
	}
)

// oneByOne is a store that is called by one at a time. Its state is the text of its
// records, each with a line break.
var oneByOne = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		text, in, out := state.(string), input.(historyCall), output.(historyAnswer)
		last := events.Seq(strings.Count(text, "\n"))
		switch {
		case in.method == "Append" && in.seq == last:
			return out == historyAnswer{seq: last + 1}, text + in.text + "\n"
		case in.method == "Append":
			return out == historyAnswer{conflict: true}, state
		case in.method == "Last":
			return out == historyAnswer{seq: last}, state
		default: // Scan
			return out == historyAnswer{text: strings.Join(strings.SplitAfter(text, "\n")[min(in.seq, last):], "")}, state
		}
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v: %+v", input, output) },
}

// While leaders are cut off and come back, whoever gets an answer, by way of whichever
// server, gets the one of a store that is called by one at a time.
func TestHistory(t *testing.T) {
	t.Parallel()
	c := servers(3)(t)
	const clients, calls, never = 6, 60, 1 << 40
	for h := range soak.Times(1) {
		stream := newStream()
		r := &trial{T: t, c: c, stream: stream}
		var clock atomic.Int64
		var mu sync.Mutex
		var history, unknown []porcupine.Operation
		var unanswered atomic.Int64
		var running sync.WaitGroup
		for k := range clients {
			n := c.Nodes()[k%len(c.Nodes())]
			s := mustOpen(t, n.URL(), &Options{Stream: stream, System: system})
			s.timeout = 500 * time.Millisecond // so that some outcomes stay unknown
			rng := rand.New(rand.NewPCG(uint64(h), uint64(k)))
			running.Go(func() {
				last := events.Seq(0)
				for i := range calls {
					in := historyCall{method: "Append", seq: last, text: fmt.Sprintf("client %d record %d", k, i)}
					switch rng.IntN(4) {
					case 0:
						in = historyCall{method: "Last"}
					case 1:
						in = historyCall{method: "Scan", seq: last - min(last, events.Seq(rng.IntN(3)))}
					}
					began := clock.Add(1)
					out, err := in.of(t.Context(), s)
					ended := clock.Add(1)
					switch {
					case err == nil:
					case !errors.Is(err, errNoAnswer):
						t.Errorf("%+v: %v", in, err)
						return
					case in.method != "Append":
						unanswered.Add(1)
						continue
					default:
						unanswered.Add(1)
						mu.Lock()
						unknown = append(unknown, porcupine.Operation{Input: in, Call: began, Return: never})
						mu.Unlock()
					}
					switch {
					case err != nil, out.conflict:
						if known, _ := s.known(); known > last {
							last = known
						}
					case in.method == "Scan":
						last = in.seq + events.Seq(strings.Count(out.text, "\n"))
					default:
						last = out.seq
					}
					if err != nil {
						continue
					}
					mu.Lock()
					history = append(history, porcupine.Operation{ClientId: k, Input: in, Call: began, Output: out, Return: ended})
					mu.Unlock()
				}
			})
		}
		done := make(chan bool)
		go func() {
			running.Wait()
			close(done)
		}()
		cuts := 0
		for ; !isClosed(done) && !t.Failed(); cuts++ {
			n := r.leader()
			if cuts%2 == 0 {
				c.Isolate(n)
			} else {
				n.Kill()
			}
			r.until("another leader", func() bool { return isClosed(done) || r.leader() != n })
			r.mend()
		}
		<-done
		// What was unknown is known at the end. What is not there was never stored.
		final, err := historyCall{method: "Scan"}.of(t.Context(), mustOpen(t, c.URL(), &Options{Stream: stream, System: system}))
		if err != nil {
			t.Fatal(err)
		}
		records := strings.Split(final.text, "\n")
		for i, o := range unknown {
			if at := slices.Index(records, o.Input.(historyCall).text); at >= 0 {
				o.Output, o.ClientId = historyAnswer{seq: events.Seq(at + 1)}, clients+i
				history = append(history, o)
			}
		}
		history = append(history, porcupine.Operation{Input: historyCall{method: "Scan"}, Call: never, Output: final, Return: never + 1})
		if t.Failed() {
			return
		}
		if result := porcupine.CheckOperationsTimeout(oneByOne, history, natstest.Patience); result != porcupine.Ok {
			slices.SortFunc(history, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
			for _, o := range history {
				t.Logf("%d to %d, client %d: %s", o.Call, o.Return, o.ClientId, oneByOne.DescribeOperation(o.Input, o.Output))
			}
			t.Fatalf("history %d of %d calls: %s", h, len(history), result)
		}
		t.Logf("%d calls, %d without an answer, %d times another leader", len(history), unanswered.Load(), cuts)
	}
}

func isClosed(c <-chan bool) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (c historyCall) of(ctx context.Context, s *Store) (out historyAnswer, err error) {
	switch c.method {
	case "Append":
		out.seq, err = s.Append(ctx, c.seq, []byte(c.text))
		if errors.Is(err, events.ErrConflict) {
			return historyAnswer{conflict: true}, nil
		}
	case "Last":
		out.seq, err = s.Last(ctx)
	case "Scan":
		for r, failed := range s.Scan(ctx, c.seq) {
			if failed != nil {
				return out, failed
			}
			out.text += string(r.Data) + "\n"
		}
	}
	return out, err
}
