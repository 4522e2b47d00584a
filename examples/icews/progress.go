package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// bar shows how far a load has got: on a terminal as a bar that grows, elsewhere
// as a line every few seconds. It must not be used from several goroutines at
// once.
type bar struct {
	out      io.Writer
	terminal bool
	total    int
	start    time.Time
	shown    time.Time
	dirty    bool // the line is not ended
}

func newBar(out io.Writer, total int) *bar {
	now := time.Now()
	return &bar{out: out, terminal: isTerminal(out), total: total, start: now, shown: now}
}

func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// show shows that so many rows are done.
func (b *bar) show(rows int) {
	every := 5 * time.Second
	if b.terminal {
		every = 50 * time.Millisecond
	}
	now := time.Now()
	if now.Sub(b.shown) < every && (rows < b.total || !b.dirty) {
		return
	}
	b.shown = now
	text := fmt.Sprintf("%3d %%  %s of %s rows, %s/s", rows*100/b.total, grouped(rows), grouped(b.total),
		grouped(int(float64(rows)/now.Sub(b.start).Seconds())))
	if !b.terminal {
		fmt.Fprintln(b.out, text)
		return
	}
	b.dirty = true
	fmt.Fprintf(b.out, "\r%s %s\x1b[K", stripe(rows, b.total, 30), text)
}

// end ends the line.
func (b *bar) end() {
	if b.dirty {
		fmt.Fprintln(b.out)
		b.dirty = false
	}
}

// stripe draws n of most as a stripe, in a field of this many characters.
func stripe(n, most, width int) string {
	full := n * width / max(most, 1)
	if n > 0 {
		full = max(full, 1)
	}
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}

// grouped writes a number with its thousands apart: 90,730.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
