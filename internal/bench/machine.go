package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// machine describes what the run ran on and with. Files of the run are in dir.
func machine(dir string) []Field {
	fields := []Field{
		{"date", time.Now().UTC().Format(time.DateOnly)},
		{"command", "`go run . " + strings.Join(os.Args[1:], " ") + "`"},
		{"processor", fmt.Sprintf("%s, %d cores", firstOf("/proc/cpuinfo", "model name"), runtime.GOMAXPROCS(0))},
		{"memory", firstOf("/proc/meminfo", "MemTotal")},
		{"system", runtime.GOOS + "/" + runtime.GOARCH + ", files on " + fileSystem(dir)},
		{"Go", runtime.Version()},
		{"onrecord", revision()},
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return fields
	}
	for _, d := range info.Deps {
		switch d.Path {
		case "github.com/cayleygraph/cayley", "github.com/ncruces/go-sqlite3", "github.com/duckdb/duckdb-go/v2", "github.com/kuzudb/go-kuzu":
			fields = append(fields, Field{d.Path, d.Version})
		}
	}
	return fields
}

// firstOf returns the value of the first line with a key in a file as Linux
// shows them.
func firstOf(file, key string) string {
	f, err := os.Open(file)
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, value, ok := strings.Cut(lines.Text(), ":")
		if ok && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// revision returns the commit that is measured, marked if it was changed.
func revision() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}
