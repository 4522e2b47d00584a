package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the expected answers anew")

const small = "testdata/northport.tsv" // 14 rows

// answers runs the program on a table with a record in a directory of the test.
func answers(t *testing.T, table string, args ...string) (string, error) {
	t.Helper()
	table, err := filepath.Abs(table)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = run(t.Context(), append(args, table), &out, io.Discard)
	return out.String(), err
}

func TestAnswers(t *testing.T) {
	golden, err := filepath.Abs("testdata/answers.txt")
	if err != nil {
		t.Fatal(err)
	}
	table, err := filepath.Abs(small)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	got, err := answers(t, table, "-batch", "4", "-asof", "2031-03-05", "-actor", "mayor")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("it prints\n%s\nwant\n%s", got, want)
	}
	if _, err := os.Stat("icews.db"); err != nil {
		t.Errorf("the record is not where it is said to be by default: %v", err)
	}

	again, err := answers(t, table, "-asof", "2031-03-05", "-actor", "Mayor of Northport")
	if err != nil {
		t.Fatal(err)
	}
	_, first, _ := strings.Cut(got, "\n")
	head, second, _ := strings.Cut(again, "\n")
	if second != first || head != "northport.tsv: all 14 rows are in icews.db." {
		t.Errorf("run again it prints\n%s", again)
	}
}

func TestArguments(t *testing.T) {
	t.Chdir(t.TempDir())
	for want, args := range map[string][]string{
		"0 files given, want one":             {},
		"2 files given, want one":             {"a", "b"},
		"-batch 0: want 1 or more":            {"-batch", "0", "a"},
		`-asof: edtf: "May" at byte 0`:        {"-asof", "May", "a"},
		"-asof 2014/2015: want one day":       {"-asof", "2014/2015", "a"},
		"flag provided but not defined: -day": {"-day", "a"},
		"no such file":                        {"missing.tsv"},
	} {
		err := run(t.Context(), args, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q:\n got %v\nwant %s", args, err, want)
		}
	}
	if found, err := filepath.Glob("*"); err != nil || len(found) > 0 {
		t.Errorf("what was refused left %v, %v", found, err)
	}
	var out strings.Builder
	if err := run(t.Context(), []string{"-h"}, &out, io.Discard); !errors.Is(err, flag.ErrHelp) || out.String() != usage {
		t.Errorf("-h gives %v, %s", err, out.String())
	}
}

// What stops a load says how to go on.
func TestStopped(t *testing.T) {
	table, err := filepath.Abs(small)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	args := []string{"-db", "a.db", "-batch", "5", table}
	if err := run(ctx, args, io.Discard, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("before it begins: %v", err)
	}

	text, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	bad := strings.Replace(string(text), "2031-03-05", "2031-02-30", 1)
	if err := os.WriteFile("northport.tsv", []byte(bad), 0o666); err != nil {
		t.Fatal(err)
	}
	args[len(args)-1] = "northport.tsv"
	err = run(t.Context(), args, io.Discard, io.Discard)
	const want = `northport.tsv:9: date "2031-02-30": want a day from 01 to 28, found 30
the first 5 rows are in a.db; put the line right and run the same command again`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	args[len(args)-1] = table
	var out strings.Builder
	if err := run(t.Context(), args, &out, io.Discard); err != nil || !strings.HasPrefix(out.String(), "northport.tsv: 14 rows in a.db, 9 of them new, in 2 batches.\n\n") {
		t.Errorf("put right: %v\n%s", err, out.String())
	}
}

// A line that was good and is changed leaves what it was, and that is said.
func TestChangedLine(t *testing.T) {
	text, err := os.ReadFile(small)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, change := range []struct{ old, new, want string }{
		{"", "", "northport.tsv: 14 rows in icews.db, 14 of them new, in 1 batches.\n\n"},
		{"Praise or endorse", "Accuse", "northport.tsv: 14 rows in icews.db, 1 of them new, in 1 batches.\n" +
			"The record has 1 more statements from northport.tsv than the file has rows:\nit was loaded in another state before.\n\n"},
	} {
		if err := os.WriteFile("northport.tsv", []byte(strings.Replace(string(text), change.old, change.new, 1)), 0o666); err != nil {
			t.Fatal(err)
		}
		if got, err := answers(t, "northport.tsv"); err != nil || !strings.HasPrefix(got, change.want) {
			t.Errorf("%v\n%s", err, got)
		}
	}
}

func TestActor(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	for name, want := range map[string]string{
		"nobody at all": `-actor "nobody at all": nobody in the record has it in his name`,
		"eastmark":      `-actor "eastmark": may be one of 2: Police (Eastmark); Citizen (Eastmark)`,
	} {
		if _, err := answers(t, small, "-db", db, "-actor", name); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	got, err := answers(t, small, "-db", db, "-actor", "öRN")
	if err != nil || !strings.Contains(got, "\nTilda Örn, month by month") {
		t.Errorf("%v\n%s", err, got)
	}
}
