package proof_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/onrecord/onrecord/events"
)

// TestWorkedExample holds the example in the package comment, and the record in
// the specification of package events, against the code.
func TestWorkedExample(t *testing.T) {
	doc := read(t, "doc.go")
	record := hexOf(t, read(t, "../FORMAT.md"), "\ta5      ", "\t2784df93")
	leaf := hexOf(t, doc, "//\t01      ", "//\t00000000       ")

	store := storeOf(t, record)
	tree := grown(t, store)
	h := must((events.Record{Seq: 1, Data: record}).Header())
	p, err := tree.Inclusion(ctx, store, signed(t, tree.Head()), 1, h.Batches[0].Events[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Leaf.Bytes(); !bytes.Equal(got, leaf) || len(leaf) != 86 {
		t.Errorf("leaf\n%x, documented\n%x", got, leaf)
	}
	sum := sha256.Sum256(record)
	for _, want := range []string{
		tree.Head().Root.String(),
		"record 1 1 " + base64.StdEncoding.EncodeToString(sum[:]) + "\n",
		string(p.Checkpoint[bytes.Index(p.Checkpoint, []byte("— ")):][:len("— desk.example/record a6N+")]),
		string(p.Bytes()[:len("c2sp.org/tlog-proof@v1\n//\textra AQAAAAAAAAABAAAA")-len("//\t")]),
	} {
		if !strings.Contains(strings.ReplaceAll(doc, "//\t", ""), want) {
			t.Errorf("the package comment has no %q", want)
		}
	}
}

func read(t *testing.T, name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// hexOf returns the bytes in the lines from one that begins with from to one that
// begins with to. What is behind two spaces is explanation.
func hexOf(t *testing.T, text, from, to string) []byte {
	_, text, _ = strings.Cut(text, "\n"+from)
	rest, last, found := strings.Cut(text, "\n"+to)
	if !found {
		t.Fatalf("no example from %q to %q", from, to)
	}
	last, _, _ = strings.Cut(last, "\n")
	var digits strings.Builder
	for line := range strings.Lines(from + rest + "\n" + to + last) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "//")
		line, _, _ = strings.Cut(strings.TrimSpace(line), "  ")
		digits.WriteString(regexp.MustCompile(`[ \t]`).ReplaceAllString(line, ""))
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatal(err)
	}
	return b
}
