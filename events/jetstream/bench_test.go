package jetstream

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"

	"github.com/onrecord/onrecord/events"
)

// BenchmarkAppend appends records. After each it publishes the same bytes to a stream of
// its own with as many replicas, and writes and syncs them in a file. It reports the
// medians in nanoseconds and what an append costs in those of the other kinds.
func BenchmarkAppend(b *testing.B) {
	for _, replicas := range []int{1, 3} {
		for _, size := range []int{900, 25_000, 200_000} {
			b.Run(fmt.Sprintf("R%d/%dB", replicas, size), func(b *testing.B) {
				s, streams := benchStore(b, replicas)
				plain := api.StreamConfig{Name: newStream(), Storage: api.FileStorage, Replicas: replicas}
				plain.Subjects = []string{plain.Name}
				if _, err := streams.CreateStream(b.Context(), plain); err != nil {
					b.Fatal(err)
				}
				raw, err := os.Create(filepath.Join(b.TempDir(), "raw"))
				if err != nil {
					b.Fatal(err)
				}
				defer raw.Close()
				record := make([]byte, size)
				var ours, publish, file []time.Duration
				timed := func(times *[]time.Duration, f func() error) {
					t := time.Now()
					if err := f(); err != nil {
						b.Fatal(err)
					}
					*times = append(*times, time.Since(t))
				}
				for seq := events.Seq(0); b.Loop(); {
					timed(&ours, func() error {
						var err error
						seq, err = s.Append(b.Context(), seq, record)
						return err
					})
					timed(&publish, func() error {
						_, err := streams.Publish(b.Context(), plain.Name, record)
						return err
					})
					timed(&file, func() error {
						if _, err := raw.WriteAt(record, 0); err != nil {
							return err
						}
						return raw.Sync()
					})
				}
				b.ReportMetric(float64(median(ours)), "append-ns")
				b.ReportMetric(float64(median(publish)), "publish-ns")
				b.ReportMetric(float64(median(file)), "file-ns")
				b.ReportMetric(float64(median(ours))/float64(median(publish)), "x-publish")
				b.ReportMetric(float64(median(ours))/float64(median(file)), "x-file")
			})
		}
	}
}

// BenchmarkWake appends by one store and waits by another. It reports how long after the
// acknowledgement Wait returned, and the record was read.
func BenchmarkWake(b *testing.B) {
	for _, replicas := range []int{1, 3} {
		b.Run(fmt.Sprintf("R%d", replicas), func(b *testing.B) {
			s, _ := benchStore(b, replicas)
			follower := mustOpen(b, s.conn.ConnectedUrl(), &Options{Stream: s.name, Replicas: replicas, AcceptLoss: true, Connect: []nats.Option{nats.UserInfo("app", "app")}})
			type woken struct{ waited, read time.Time }
			wakes := make(chan woken)
			go func() {
				for seq := events.Seq(0); ; seq++ {
					if follower.Wait(b.Context(), seq) != nil {
						return
					}
					w := woken{waited: time.Now()}
					for _, err := range follower.Scan(b.Context(), seq) {
						if err != nil {
							return
						}
					}
					w.read = time.Now()
					wakes <- w
				}
			}()
			var waited, read []time.Duration
			for seq := events.Seq(0); b.Loop(); {
				var err error
				if seq, err = s.Append(b.Context(), seq, make([]byte, 900)); err != nil {
					b.Fatal(err)
				}
				acked := time.Now()
				w := <-wakes
				waited, read = append(waited, w.waited.Sub(acked)), append(read, w.read.Sub(acked))
			}
			b.ReportMetric(float64(median(waited)), "wait-ns")
			b.ReportMetric(float64(median(read)), "read-ns")
			b.ReportMetric(float64(waited[len(waited)*99/100]), "p99-wait-ns")
		})
	}
}

// BenchmarkScan reads a record, and then the same messages with an ordered consumer.
func BenchmarkScan(b *testing.B) {
	for _, replicas := range []int{1, 3} {
		for _, size := range []int{900, 200_000} {
			b.Run(fmt.Sprintf("R%d/%dB", replicas, size), func(b *testing.B) {
				n := min(4000, 40_000_000/size)
				s, streams := benchStore(b, replicas)
				for i := range n {
					if _, err := s.Append(b.Context(), events.Seq(i), make([]byte, size)); err != nil {
						b.Fatal(err)
					}
				}
				b.SetBytes(int64(n * size))
				var ours, theirs time.Duration
				for b.Loop() {
					t := time.Now()
					for _, err := range s.Scan(b.Context(), 0) {
						if err != nil {
							b.Fatal(err)
						}
					}
					ours += time.Since(t)

					t = time.Now()
					consumer, err := streams.OrderedConsumer(b.Context(), s.name, api.OrderedConsumerConfig{})
					if err != nil {
						b.Fatal(err)
					}
					messages, err := consumer.Messages()
					if err != nil {
						b.Fatal(err)
					}
					for range n {
						if _, err := messages.Next(); err != nil {
							b.Fatal(err)
						}
					}
					messages.Stop()
					theirs += time.Since(t)
				}
				b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N*n), "scan-ns/record")
				b.ReportMetric(float64(theirs.Nanoseconds())/float64(b.N*n), "consumer-ns/record")
				b.ReportMetric(float64(ours)/float64(theirs), "x-consumer")
			})
		}
	}
}

func benchStore(b *testing.B, replicas int) (*Store, api.JetStream) {
	b.Helper()
	c := one(b)
	if replicas == 3 {
		c = three(b)
	}
	s := mustOpen(b, c.URL(), &Options{Stream: newStream(), Replicas: replicas, AcceptLoss: true})
	streams, err := api.New(s.conn)
	if err != nil {
		b.Fatal(err)
	}
	return s, streams
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}
