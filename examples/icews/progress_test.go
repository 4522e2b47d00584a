package main

import (
	"strings"
	"testing"
)

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		if got := grouped(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

func TestBar(t *testing.T) {
	var out strings.Builder
	b := newBar(&out, 2000)
	b.show(1)
	if out.Len() > 0 {
		t.Errorf("no terminal, at once: %q", out.String())
	}
	b.start, b.shown = b.start.Add(-1e10), b.shown.Add(-1e10)
	b.show(1000)
	b.end()
	if got := out.String(); !strings.HasPrefix(got, " 50 %  1,000 of 2,000 rows, ") || strings.Count(got, "\n") != 1 {
		t.Errorf("no terminal, after ten seconds: %q", got)
	}
	b.terminal = true
	b.shown = b.shown.Add(-1e10)
	out.Reset()
	b.show(1500)
	b.show(2000)
	b.end()
	if got := out.String(); strings.Count(got, "\r") != 2 || !strings.HasSuffix(got, "\n") || !strings.Contains(got, "100 %  2,000 of 2,000 rows") {
		t.Errorf("terminal: %q", got)
	}
}
