package find_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/query/find"
)

// FuzzText wants any text to be an answer or to be too long, and a name likewise; what is
// marked in a snippet lies in it.
func FuzzText(f *testing.F) {
	g := newGraph(f, events.NewMem())
	b := events.NewBatch("desk")
	src := b.Source("https://example.org/a").Title("Talks")
	src.Quotes(b.Person("Владимир Путин"), "We are always glad to see Mr. Witkoff", "be_glad", b.Person("Steve Witkoff").As("Whitkoff"))
	src.Says("meet", b.Person("普京")).Gloss("Путин и Witkoff: «встреча» 普京会见")
	record(f, g, b)
	x := open(f, g, "")
	for _, text := range []string{
		"witkoff", `"glad to see" wit*`, `" OR NEAR(`, "Путин", "普京", "«встреча»*", "{exact} : x", "*", `""`, "\x00", "\xff glad", strings.Repeat("a ", 3000),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for hit, err := range x.Statements(ctx, g.View(nil), text, nil) {
			if err != nil {
				if len(text) <= find.MaxText {
					t.Fatalf("%q: %v", text, err)
				}
				return
			}
			for _, s := range hit.Snippet.Found {
				if s.Start < 0 || s.Start >= s.End || s.End > len(hit.Snippet.Text) {
					t.Errorf("%q: found at %+v of %q", text, s, hit.Snippet.Text)
				}
			}
		}
		for _, err := range x.Entities(ctx, g.View(nil), text, nil) {
			if err != nil && len(text) <= find.MaxText {
				t.Fatalf("entities named %q: %v", text, err)
			}
		}
	})
}

// FuzzOpen wants whatever is in an index's file to be made anew where it is damaged, or to
// be refused and left as it is where it is no index: the answers are the same.
func FuzzOpen(f *testing.F) {
	g := newGraph(f, events.NewMem())
	b := events.NewBatch("desk")
	b.Source("https://example.org/a").Quotes(b.Person("Putin"), "glad to see you", "be_glad")
	record(f, g, b)
	path := filepath.Join(f.TempDir(), "index.db")
	x, err := find.Open(ctx, g, path)
	if err != nil {
		f.Fatal(err)
	}
	if err := x.Close(); err != nil {
		f.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	for at := 0; at < len(file); at += 997 {
		f.Add(at, byte(1<<(at%8)), len(file))
	}
	f.Add(0, byte(0), 0)
	f.Add(20, byte(1), 4096)
	f.Fuzz(func(t *testing.T, at int, flip byte, size int) {
		data := append([]byte(nil), file[:min(max(size, 0), len(file))]...)
		if 0 <= at && at < len(data) {
			data[at] ^= flip
		}
		path := filepath.Join(t.TempDir(), "index.db")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		x, err := find.Open(ctx, g, path)
		if errors.Is(err, find.ErrNotIndex) {
			if after, err := os.ReadFile(path); err != nil || string(after) != string(data) {
				t.Errorf("a file that is refused has been changed: %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		defer x.Close()
		n := 0
		for _, err := range x.Statements(ctx, g.View(nil), "glad", nil) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != 1 {
			t.Errorf("%d statements are found, want 1", n)
		}
	})
}
