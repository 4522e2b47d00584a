package main

import (
	"io"
	"os"
	"strings"
	"testing"
)

// TestREADME keeps the program that the README shows, and what it is said to
// print, equal to this one.
func TestREADME(t *testing.T) {
	program, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "\n```go\n")
	if !found {
		t.Fatal("the README shows no program")
	}
	shown, rest, _ := strings.Cut(rest, "```\n")
	if shown != string(program) {
		t.Errorf("the README shows another program than examples/first/main.go:\n%s", shown)
	}
	_, rest, found = strings.Cut(rest, "\n```text\n")
	if !found {
		t.Fatal("the README does not show what its first program prints")
	}
	want, _, _ := strings.Cut(rest, "```\n")
	if got := printed(t, main); got != want {
		t.Errorf("the program prints\n%s\nthe README says\n%s", got, want)
	}
}

// printed returns what f writes to standard output, which must fit a pipe.
func printed(t *testing.T, f func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	stdout := os.Stdout
	os.Stdout = w
	defer func() { os.Stdout = stdout }()
	f()
	w.Close()
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
