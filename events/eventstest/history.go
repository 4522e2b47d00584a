package eventstest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/onrecord/onrecord/events"
)

// A call is one of those of a history, and an answer what it returned. The text of a
// record has no line break.
type (
	call struct {
		method string
		seq    events.Seq
		text   string
	}
	answer struct {
		seq  events.Seq
		text string // of Scan: a line for each record
		err  string // "", "conflict" or "none"
	}
)

// oneByOne is a store that is called by one at a time. Its state is the text of its
// records, each with a line break.
var oneByOne = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		text, in, out := state.(string), input.(call), output.(answer)
		records := strings.SplitAfter(text, "\n")
		records = records[:len(records)-1]
		last := events.Seq(len(records))
		switch in.method {
		case "Append":
			if in.seq != last {
				return out == answer{err: "conflict"}, state
			}
			return out == answer{seq: last + 1}, text + in.text + "\n"
		case "Last":
			return out == answer{seq: last}, state
		case "Read":
			if in.seq == 0 || in.seq > last {
				return out == answer{err: "none"}, state
			}
			return out.err == "" && out.text+"\n" == records[in.seq-1], state
		case "Scan":
			return out == answer{text: strings.Join(records[min(in.seq, last):], "")}, state
		}
		return false, state
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v: %+v", input, output) },
}

// historyClause is tested on the store alone, and with another one beside it if that can
// be opened.
func historyClause(beside func(*testing.T, events.Store) events.Store) clause {
	const clients, calls, histories = 5, 16, 6
	return clause{
		name: "together/linearizable",
		says: "Calls at once, also of stores that keep the same records, are answered as if they had come one by one, each at some moment between its beginning and its end.",
		test: func(t *testing.T, s events.Store) {
			stores := []events.Store{s}
			if beside != nil {
				other := beside(t, s)
				t.Cleanup(func() { other.Close() })
				stores = append(stores, other)
			}
			start := mustLast(t, s)
			for h := range histories {
				var clock atomic.Int64
				var mu sync.Mutex
				var history []porcupine.Operation
				var group sync.WaitGroup
				for c := range clients {
					s := stores[c%len(stores)]
					rng := rand.New(rand.NewPCG(uint64(h), uint64(c)))
					group.Go(func() {
						last := start
						for i := range calls {
							in := call{method: "Append", seq: last, text: fmt.Sprintf("history %d client %d record %d", h, c, i)}
							switch rng.IntN(6) {
							case 0:
								in = call{method: "Last"}
							case 1:
								in = call{method: "Read", seq: start + events.Seq(rng.IntN(int(last-start)+2))}
							case 2:
								in = call{method: "Scan", seq: last - min(last-start, events.Seq(rng.IntN(3)))}
							}
							if _, ok := s.(events.Reader); in.method == "Read" && !ok {
								in = call{method: "Last"}
							}
							began := clock.Add(1)
							out, err := in.of(within(t), s)
							ended := clock.Add(1)
							if err != nil {
								t.Errorf("%+v: %v", in, err)
								return
							}
							switch {
							case out.err == "conflict":
								last++ // it may be that only one was first
							case in.method == "Append", in.method == "Last":
								last = out.seq
							case in.method == "Scan":
								last = in.seq + events.Seq(strings.Count(out.text, "\n"))
							}
							mu.Lock()
							history = append(history, porcupine.Operation{ClientId: c, Input: in, Call: began, Output: out, Return: ended})
							mu.Unlock()
						}
					})
				}
				group.Wait()
				if t.Failed() {
					return
				}
				model := oneByOne
				before := lines(mustScan(t, s, 0)[:start])
				model.Init = func() any { return before }
				if result := porcupine.CheckOperationsTimeout(model, history, patience(t)); result != porcupine.Ok {
					for _, o := range history {
						t.Logf("%d to %d, client %d: %s", o.Call, o.Return, o.ClientId, model.DescribeOperation(o.Input, o.Output))
					}
					t.Fatalf("history %d of %d calls: %s", h, len(history), result)
				}
				start = mustLast(t, s)
			}
			t.Logf("%d histories of %d calls by %d clients of %d stores", histories, clients*calls, clients, len(stores))
		},
	}
}

// of makes the call. The error is one that is no answer.
func (c call) of(ctx context.Context, s events.Store) (out answer, err error) {
	switch c.method {
	case "Append":
		out.seq, err = s.Append(ctx, c.seq, []byte(c.text))
	case "Last":
		out.seq, err = s.Last(ctx)
	case "Read":
		var data []byte
		data, err = s.(events.Reader).Read(ctx, c.seq)
		out.text = string(data)
	case "Scan":
		var all []events.Record
		for r, failed := range s.Scan(ctx, c.seq) {
			if failed != nil {
				return out, failed
			}
			all = append(all, r)
		}
		out.text = lines(all)
	}
	switch {
	case errors.Is(err, events.ErrConflict):
		return answer{seq: out.seq, err: "conflict"}, nil
	case errors.Is(err, events.ErrNoRecord):
		return answer{text: out.text, err: "none"}, nil
	}
	return out, err
}

func lines(records []events.Record) string {
	var b strings.Builder
	for _, r := range records {
		b.Write(r.Data)
		b.WriteByte('\n')
	}
	return b.String()
}
