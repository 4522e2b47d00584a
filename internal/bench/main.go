package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	if err := bench(); err != nil {
		log.Fatal("bench: ", err)
	}
}

func bench() error {
	list := flag.String("n", "100000,1000000", "sizes, in `statements`")
	out := flag.String("out", ".", "the `directory` that the page is written to")
	ratios := flag.String("ratios", "ratios.json", "the `file` of recorded ratios")
	keep := flag.Bool("record", false, "record the ratios")
	strict := flag.Bool("strict", false, "fail if a ratio is worse than the recorded one by more than a fifth")
	dir := flag.String("dir", "", "where files are written, a `directory` on the disk that is to be measured (default the system's for temporary files)")
	rounds := flag.Int("rounds", 5, "how many `rounds` are measured")
	commits := flag.Int("commits", 2000, "how many `commits` of one statement are measured")
	queries := flag.Int("queries", 200, "how many `questions` of each kind are asked")
	budget := flag.Duration("budget", 20*time.Second, "how long one kind of question may take, or one question more")
	only := flag.String("only", "", "a regular `expression` that the names of the parts to run match, as they are told while running (default all)")
	flag.Parse()

	parts, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	sizes, err := parseSizes(*list)
	if err != nil {
		return err
	}
	if flag.NArg() > 0 || *rounds < 1 || *commits < 1 || *queries < 1 {
		return errors.New("want no arguments, and at least one round, commit and question; see -help")
	}
	recorded, err := readRatios(*ratios)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp(*dir, "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)

	r := &run{rounds: *rounds, commits: *commits, queries: *queries, only: parts, budget: *budget, dir: temp, started: time.Now(), yardstick: newYardstick()}
	r.report.Head = machine(temp)
	if err := r.all(context.Background(), sizes); err != nil {
		return err
	}
	r.report.Head = append(r.report.Head, Field{"took", time.Since(r.started).Round(time.Second).String()})

	worse := compare(r.report.Ratios, recorded)
	if err := os.MkdirAll(*out, 0o755); err != nil {
		return err
	}
	for name, text := range r.report.files() {
		if err := os.WriteFile(filepath.Join(*out, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if *keep {
		if err := writeRatios(*ratios, r.report.Ratios, recorded); err != nil {
			return err
		}
	}
	for _, x := range worse {
		fmt.Printf("worse: %s: %.3g, recorded %.3g\n", x.Name, x.Value, x.Recorded)
	}
	if *strict && len(worse) > 0 {
		return fmt.Errorf("%d of %d ratios are worse than recorded by more than a fifth", len(worse), len(r.report.Ratios))
	}
	return nil
}

// parseSizes reads sizes, which it returns ascending, each once.
func parseSizes(list string) (sizes []int, err error) {
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 100 || n > 100_000_000 {
			return nil, fmt.Errorf("size %q: want a number of statements from 100 to 100000000", text)
		}
		sizes = append(sizes, n)
	}
	slices.Sort(sizes)
	return slices.Compact(sizes), nil
}
