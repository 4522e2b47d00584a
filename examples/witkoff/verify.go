package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// readArticle returns the article's text from a file, "" if no file is named. It
// must be the text that the offsets count in, to the byte.
func readArticle(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256(data)); sum != articleSHA256 {
		return "", fmt.Errorf("%s is not the article, or not byte for byte: its %d bytes have the SHA-256\n  %s, the article has\n  %s\n"+
			"(other line ends, quotation marks or a byte order mark make another text)", path, len(data), sum, articleSHA256)
	}
	return string(data), nil
}

// verify looks up every statement of the article in its text, by its offsets, and
// compares the words of quotes. It prints how many were found.
func verify(ctx context.Context, out io.Writer, v graph.View, text string) error {
	var found, quotes int
	var failed error
	for s := range v.Statements(graph.Pattern{Source: articleID}) {
		q, err := query.Words(ctx, v, s.ID(), text)
		switch {
		case errors.Is(err, query.ErrText):
			failed = errors.Join(failed, err)
			continue
		case err != nil:
			return err
		}
		found++
		if q.Form == events.Quote {
			quotes++
		}
	}
	if failed != nil {
		return fmt.Errorf("%d statements stand where they are said to, others do not:\n%w", found, failed)
	}
	_, err := fmt.Fprintf(out, "\nArticle: %d statements verified in its text, %d of them quotes word for word.\n", found, quotes)
	return err
}
