package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/pgtest"
)

// BenchmarkAppend appends records, and after each inserts the same bytes by a plain
// INSERT on one connection of the driver, and writes and syncs them in a file. It
// reports the median of each, and what an append costs in the others.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{900, 25_000, 200_000} {
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			server, schema := pgtest.Shared(b), pgtest.Schema()
			s := mustOpen(b, server.URL(), &Options{Schema: schema})
			c := plainTable(b, server.URL(), schema)
			raw, err := os.Create(filepath.Join(b.TempDir(), "raw"))
			if err != nil {
				b.Fatal(err)
			}
			defer raw.Close()
			record := make([]byte, size)
			for i := range record {
				record[i] = byte(i * i >> 3)
			}
			var ours, plain, file []time.Duration
			timed := func(times *[]time.Duration, f func() error) {
				began := time.Now()
				if err := f(); err != nil {
					b.Fatal(err)
				}
				*times = append(*times, time.Since(began))
			}
			for seq := events.Seq(0); b.Loop(); seq++ {
				timed(&ours, func() error { _, err := s.Append(b.Context(), seq, record); return err })
				timed(&plain, func() error {
					_, err := c.Exec(b.Context(), `INSERT INTO `+schema+`.plain VALUES ($1, $2)`, int64(seq), record)
					return err
				})
				timed(&file, func() error {
					if _, err := raw.Write(record); err != nil {
						return err
					}
					return raw.Sync()
				})
			}
			a, p, f := median(ours), median(plain), median(file)
			b.ReportMetric(float64(a.Nanoseconds()), "append-ns")
			b.ReportMetric(float64(p.Nanoseconds()), "insert-ns")
			b.ReportMetric(float64(f.Nanoseconds()), "file-ns")
			b.ReportMetric(float64(a)/float64(p), "to-insert")
			b.ReportMetric(float64(a)/float64(f), "to-file")
		})
	}
}

// plainTable makes a table like that of a record, and returns a connection to insert
// into it.
func plainTable(b *testing.B, url, schema string) *pgx.Conn {
	b.Helper()
	c, err := pgx.Connect(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close(context.Background()) })
	if _, err := c.Exec(b.Context(), `CREATE TABLE `+schema+`.plain (seq bigint PRIMARY KEY, data bytea NOT NULL)`); err != nil {
		b.Fatal(err)
	}
	return c
}

// BenchmarkWake appends through one store while another waits, and measures from the end
// of the append to the end of the Wait, which may be before it, beside the time of a
// query that returns the last number.
func BenchmarkWake(b *testing.B) {
	server, schema := pgtest.Shared(b), pgtest.Schema()
	writer := mustOpen(b, server.URL(), &Options{Schema: schema})
	s := mustOpen(b, server.URL(), &Options{Schema: schema})
	var late, appends, queries []time.Duration
	for seq := events.Seq(0); b.Loop(); seq++ {
		began := time.Now()
		if _, err := writer.Last(b.Context()); err != nil {
			b.Fatal(err)
		}
		queries = append(queries, time.Since(began))

		waits, woken := make(chan bool), make(chan time.Time)
		go func() {
			close(waits)
			if err := s.Wait(b.Context(), seq); err != nil {
				b.Error(err)
			}
			woken <- time.Now()
		}()
		<-waits
		began = time.Now()
		if _, err := writer.Append(b.Context(), seq, make([]byte, 900)); err != nil {
			b.Fatal(err)
		}
		appended := time.Now()
		appends = append(appends, appended.Sub(began))
		late = append(late, max(0, (<-woken).Sub(appended)))
	}
	slices.Sort(late)
	b.ReportMetric(float64(median(appends).Nanoseconds()), "append-ns")
	b.ReportMetric(float64(median(queries).Nanoseconds()), "query-ns")
	b.ReportMetric(float64(median(late).Nanoseconds()), "wake-ns")
	b.ReportMetric(float64(late[len(late)*99/100].Nanoseconds()), "wake-p99-ns")
	b.ReportMetric(float64(median(late))/float64(median(queries)), "to-query")
}

// BenchmarkWriters appends to as many records of one server as there are writers, in turn
// with NOTIFY, as Append does, and without. The server lets only one transaction at a time
// commit that notifies anyone.
func BenchmarkWriters(b *testing.B) {
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprint(writers), func(b *testing.B) {
			server := pgtest.Shared(b)
			config, err := pgxpool.ParseConfig(with(server.URL(), "pool_max_conns", fmt.Sprint(writers)))
			if err != nil {
				b.Fatal(err)
			}
			pool, err := pgxpool.NewWithConfig(b.Context(), config)
			if err != nil {
				b.Fatal(err)
			}
			defer pool.Close()
			seqs := make([]int64, writers)
			told, untold := make([]string, writers), make([]string, writers)
			for w := range writers {
				schema := pgtest.Schema()
				mustOpen(b, server.URL(), &Options{Schema: schema}).Close()
				told[w], untold[w] = newStatements(schema, true, true).append, newStatements(schema, true, false).append
			}
			record := make([]byte, 900)
			// rate returns how many appends a second there are in a while.
			rate := func(sql []string) float64 {
				var group sync.WaitGroup
				var n atomic.Int64
				began := time.Now()
				for w := range writers {
					group.Go(func() {
						for time.Since(began) < 500*time.Millisecond {
							seqs[w]++
							tag, err := pool.Exec(context.Background(), sql[w], seqs[w], record)
							if err != nil || tag.RowsAffected() != 1 {
								b.Errorf("append: %v, %v", tag, err)
								return
							}
							n.Add(1)
						}
					})
				}
				group.Wait()
				return float64(n.Load()) / time.Since(began).Seconds()
			}
			rate(told) // connects
			var with, without []float64
			for b.Loop() {
				with, without = append(with, rate(told)), append(without, rate(untold))
			}
			slices.Sort(with)
			slices.Sort(without)
			a, p := with[len(with)/2], without[len(without)/2]
			b.ReportMetric(a, "told/s")
			b.ReportMetric(p, "untold/s")
			b.ReportMetric(p/a, "ratio")
		})
	}
}

// BenchmarkScan reads records of two sizes, in pages.
func BenchmarkScan(b *testing.B) {
	for _, size := range []int{900, 200_000} {
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			n := min(4000, 40_000_000/size)
			server, schema := pgtest.Shared(b), pgtest.Schema()
			s := mustOpen(b, server.URL(), &Options{Schema: schema})
			for i := range n {
				if _, err := s.Append(b.Context(), events.Seq(i), make([]byte, size)); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(n * size))
			for b.Loop() {
				for _, err := range s.Scan(b.Context(), 0) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/record")
		})
	}
}

func median(times []time.Duration) time.Duration {
	times = slices.Sorted(slices.Values(times))
	return times[len(times)/2]
}

// BenchmarkLarge appends records of 170,000 bytes that compress to some two fifths, as those
// of statements do, reads them, and reads 200 bytes of them, with each way to keep large
// values. It reports what a record takes in the table.
func BenchmarkLarge(b *testing.B) {
	const n, size = 100, 170_000
	for _, how := range []string{"COMPRESSION lz4", "COMPRESSION pglz", "STORAGE EXTERNAL"} {
		server, schema := pgtest.Shared(b), pgtest.Schema()
		s := mustOpen(b, server.URL(), &Options{Schema: schema})
		execSQL(b, server.URL(), `ALTER TABLE `+schema+`.record ALTER COLUMN data SET `+how)
		random := rand.New(rand.NewPCG(1, 2))
		var last events.Seq
		add := func(b *testing.B) {
			record := make([]byte, size)
			for k := range record {
				if record[k] = byte(k % 16); k%16 < 6 {
					record[k] = byte(random.Uint32())
				}
			}
			mustAppend(b, s, last, string(record))
			last++
		}
		b.Run(how+"/append", func(b *testing.B) {
			for b.Loop() {
				add(b)
			}
		})
		for last < n {
			add(b)
		}
		b.Run(how+"/part", func(b *testing.B) {
			for b.Loop() {
				from := random.IntN(size - 200)
				if _, err := s.ReadPart(b.Context(), events.Seq(1+random.IntN(n)), from, from+200); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(how+"/whole", func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Read(b.Context(), events.Seq(1+random.IntN(n))); err != nil {
					b.Fatal(err)
				}
			}
			var bytes int64
			if err := s.pool.QueryRow(b.Context(), `SELECT pg_total_relation_size($1::regclass)`, schema+".record").Scan(&bytes); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(bytes)/float64(last), "bytes/record")
		})
	}
}
