package main

import (
	"math"
	"runtime"
	"slices"
	"time"
)

// samples are times of one thing, in nanoseconds, one a round.
type samples []float64

// way is one way of doing what is measured.
type way func() error

// byTurns measures ways by turns and returns how long one call of each takes. A
// sample is the mean of as many calls as take a millisecond together, or of one.
// If all samples are that short there are ten times as many rounds: then the
// machine's other work falls on a few of them, and the median does not see it.
func byTurns(rounds int, ways ...way) ([]samples, error) {
	const enough = time.Millisecond
	calls := make([]int, len(ways))
	short := true
	for i, w := range ways {
		began := time.Now()
		for calls[i] == 0 || time.Since(began) < enough {
			if err := w(); err != nil {
				return nil, err
			}
			calls[i]++
		}
		short = short && time.Since(began) < 3*enough
	}
	if short {
		rounds *= 10
	}
	taken := make([]samples, len(ways))
	for range rounds {
		for i, w := range ways {
			began := time.Now()
			for range calls[i] {
				if err := w(); err != nil {
					return nil, err
				}
			}
			taken[i] = append(taken[i], float64(time.Since(began).Nanoseconds())/float64(calls[i]))
		}
	}
	return taken, nil
}

// best returns the shortest of five tries, in nanoseconds, lest the machine's
// other work be measured; what takes long is not disturbed by it and is tried once.
func best(do way) (shortest float64, err error) {
	const long = 100 * time.Millisecond
	for try := 0; try < 5 && shortest < float64(long); try++ {
		began := time.Now()
		if err := do(); err != nil {
			return 0, err
		}
		if t := float64(time.Since(began)); try == 0 || t < shortest {
			shortest = t
		}
	}
	return shortest, nil
}

// at returns what a share of the samples is not above, 0 if there is none.
func (s samples) at(share float64) float64 {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

func (s samples) median() float64 { return s.at(0.5) }

func (s samples) sum() (sum float64) {
	for _, x := range s {
		sum += x
	}
	return sum
}

// minus returns s less t, round by round, but never less than a thousandth of s.
func (s samples) minus(t samples) samples {
	left := make(samples, len(s))
	for i := range s {
		left[i] = max(s[i]-t[i], s[i]/1000)
	}
	return left
}

// against returns the ratio of s to t in each round.
func (s samples) against(t samples) samples {
	ratios := make(samples, min(len(s), len(t)))
	for i := range ratios {
		ratios[i] = s[i] / t[i]
	}
	return ratios
}

// spread is half the distance between the quartiles, as a share of the median.
func (s samples) spread() float64 {
	if len(s) < 4 {
		return 0
	}
	return (s.at(0.75) - s.at(0.25)) / 2 / s.median()
}

// exponent fits y = c × x^e by least squares on the logarithms and returns e, and
// false if there are not two different x, or not everything is positive.
func exponent(x, y []float64) (e float64, ok bool) {
	var sx, sy, sxx, sxy float64
	for i := range x {
		if x[i] <= 0 || y[i] <= 0 {
			return 0, false
		}
		lx, ly := math.Log(x[i]), math.Log(y[i])
		sx, sy, sxx, sxy = sx+lx, sy+ly, sxx+lx*lx, sxy+lx*ly
	}
	n := float64(len(x))
	d := n*sxx - sx*sx
	if len(x) < 2 || d < 1e-9 {
		return 0, false
	}
	return (n*sxy - sx*sy) / d, true
}

// heap returns the bytes that are in use once what is not has been collected.
func heap() int64 {
	runtime.GC()
	runtime.GC() // what had a finalizer goes the second time
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
