package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"time"
)

// run is one run of all measurements.
type run struct {
	rounds  int
	commits int            // one statement each, where durable recording is measured
	queries int            // of each kind
	only    *regexp.Regexp // the parts
	budget  time.Duration
	dir     string // for files
	started time.Time

	yardstick *yardstick
	report    Report
}

// section begins a section, or goes on with it if there is one of this title.
func (r *run) section(title, text string, plots ...Plot) *Section {
	for _, s := range r.report.Sections {
		if s.Title == title {
			return s
		}
	}
	s := &Section{Title: title, Text: text, Plots: plots}
	r.report.Sections = append(r.report.Sections, s)
	return s
}

func (s *Section) add(row, column string, n int, value float64, unit string) {
	s.Figures = append(s.Figures, Figure{row, column, n, value, unit})
}

// ratio adds the ratio of ours to theirs, round by round. It returns the median.
func (r *run) ratio(name string, n int, ours, theirs samples) float64 {
	rounds := ours.against(theirs)
	return r.ratioOf(name, n, rounds.median(), rounds.spread())
}

// ratioOf adds a ratio and returns it. The name says the size, since a ratio
// holds for one.
func (r *run) ratioOf(name string, n int, value, spread float64) float64 {
	if n > 0 {
		name = fmt.Sprintf("%s, n=%d", name, n)
	}
	r.report.Ratios = append(r.report.Ratios, Ratio{Name: name, Value: value, Spread: spread})
	return value
}

// say tells on standard error how far the run is.
func (r *run) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%4.0f s  %s\n", time.Since(r.started).Seconds(), fmt.Sprintf(format, args...))
}

// begin begins a part, in memory that the parts before have given back: in pieces of what
// they have left, a graph would be slower.
func (r *run) begin(format string, args ...any) {
	r.say(format, args...)
	debug.FreeOSMemory()
}

// folder makes an empty directory for files and returns what removes it.
func (r *run) folder() (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp(r.dir, "bench")
	return dir, func() { os.RemoveAll(dir) }, err
}

// filesSize returns how many bytes the files in a directory have.
func filesSize(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}

// all measures everything, once for each size where that makes a difference.
func (r *run) all(ctx context.Context, sizes []int) error {
	for _, n := range sizes {
		for _, part := range []struct {
			name    string
			measure func(context.Context, int) error
		}{
			{"fold and questions", r.fold}, {"reads as of", r.asOf}, {"bulk load and opening", r.bulk}, {"databases", r.databases},
		} {
			if !r.only.MatchString(part.name) {
				continue
			}
			r.begin("%s, n = %d", part.name, n)
			if err := part.measure(ctx, n); err != nil {
				return fmt.Errorf("%s, n = %d: %w", part.name, n, err)
			}
		}
	}
	for _, part := range []struct {
		name    string
		measure func(context.Context) error
	}{{"views", r.views}, {"durable recording", r.durable}, {"checkpoints", r.proof}, {"watching", r.watch}, {"stores", r.stores}} {
		if !r.only.MatchString(part.name) {
			continue
		}
		r.begin("%s", part.name)
		if err := part.measure(ctx); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}
