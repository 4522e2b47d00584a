package sqlite

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events"
)

// BenchmarkAppend appends records, and after each writes and syncs the same
// bytes in a file that was written to its full size before. It reports the time
// of both and what an append costs in writes of the other kind: by the mean,
// with the moving of the log, and by the median.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{900, 25_000, 200_000} {
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			const span = 64 << 20
			raw, err := os.Create(filepath.Join(b.TempDir(), "raw"))
			if err != nil {
				b.Fatal(err)
			}
			defer raw.Close()
			if _, err := raw.Write(make([]byte, span)); err != nil {
				b.Fatal(err)
			}
			if err := raw.Sync(); err != nil {
				b.Fatal(err)
			}

			s := mustOpen(b, filepath.Join(b.TempDir(), "story.db"))
			record := make([]byte, size)
			for i := range record {
				record[i] = byte(i * 7)
			}
			var ours, theirs []time.Duration
			var offset int64
			for seq := events.Seq(0); b.Loop(); {
				t := time.Now()
				if seq, err = s.Append(b.Context(), seq, record); err != nil {
					b.Fatal(err)
				}
				ours = append(ours, time.Since(t))

				t = time.Now()
				if _, err := raw.WriteAt(record, offset); err != nil {
					b.Fatal(err)
				}
				if err := fdatasync(raw); err != nil {
					b.Fatal(err)
				}
				theirs = append(theirs, time.Since(t))
				if offset += int64(size); offset > span-int64(size) {
					offset = 0
				}
			}
			b.ReportMetric(float64(sum(ours).Nanoseconds())/float64(len(ours)), "append-ns")
			b.ReportMetric(float64(sum(theirs).Nanoseconds())/float64(len(theirs)), "raw-ns")
			b.ReportMetric(float64(sum(ours))/float64(sum(theirs)), "ratio")
			b.ReportMetric(float64(median(ours))/float64(median(theirs)), "median-ratio")
		})
	}
}

func BenchmarkScan(b *testing.B) {
	for _, size := range []int{900, 200_000} {
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			n := min(4000, 40_000_000/size)
			s := mustOpen(b, filepath.Join(b.TempDir(), "story.db"))
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

func sum(times []time.Duration) (total time.Duration) {
	for _, t := range times {
		total += t
	}
	return total
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// BenchmarkReadPart reads 200 bytes of records of 170,000, and the whole of them, of a
// file that is larger than what SQLite keeps of it.
func BenchmarkReadPart(b *testing.B) {
	const n, size = 400, 170_000
	s := mustOpen(b, filepath.Join(b.TempDir(), "story.db"))
	for i := range n {
		if _, err := s.Append(b.Context(), events.Seq(i), make([]byte, size)); err != nil {
			b.Fatal(err)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	b.Run("part", func(b *testing.B) {
		for b.Loop() {
			from := random.IntN(size - 200)
			if _, err := s.ReadPart(b.Context(), events.Seq(1+random.IntN(n)), from, from+200); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("whole", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Read(b.Context(), events.Seq(1+random.IntN(n))); err != nil {
				b.Fatal(err)
			}
		}
	})
}
