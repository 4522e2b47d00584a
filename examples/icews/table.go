package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// columns are a table's columns; a first line that names them is a header.
const columns = "date\tsubject\trelation\tobject\tsplit"

// table is a file of rows, held in memory as a whole. It never changes, so it may
// be shared.
type table struct {
	path  string // as given, for messages
	name  string // the file's name without ".gz": the same text is the same source
	text  string
	lines []string // the rows
	first int      // the line of the first row, counted from 1
}

// row is one line of a table.
type row struct {
	line     int
	date     string // a day, 2014-01-31
	subject  string
	relation string
	object   string
}

// rowError says what is wrong with a line, in the form that editors jump to:
// "icews14.tsv.gz:123: date …".
type rowError struct {
	path    string
	line    int
	problem string
}

func (e *rowError) Error() string { return fmt.Sprintf("%s:%d: %s", e.path, e.line, e.problem) }

// openTable reads a file, which is unpacked if it begins as gzip does. That it is
// UTF-8 is checked at once, as a source must be; rows when they are asked for.
func openTable(path string) (*table, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) { // RFC 1952, section 2.3.1
		if data, err = unpack(data); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	t := &table{path: path, name: strings.TrimSuffix(filepath.Base(path), ".gz"), text: string(data), first: 1}
	for line := range strings.Lines(t.text) {
		if !utf8.ValidString(line) {
			return nil, &rowError{path, len(t.lines) + 1, "is not UTF-8"}
		}
		t.lines = append(t.lines, strings.TrimRight(line, "\r\n"))
	}
	if len(t.lines) > 0 && t.lines[0] == columns {
		t.lines, t.first = t.lines[1:], 2
	}
	if len(t.lines) == 0 {
		return nil, fmt.Errorf("%s: it has no rows", path)
	}
	return t, nil
}

func unpack(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// rows returns how many rows there are.
func (t *table) rows() int { return len(t.lines) }

// read returns the rows start <= i < end, or a *rowError for the first bad one.
func (t *table) read(start, end int) ([]row, error) {
	rows := make([]row, 0, end-start)
	for i, text := range t.lines[start:end] {
		r, err := parseRow(text)
		if err != nil {
			return nil, &rowError{t.path, t.first + start + i, err.Error()}
		}
		r.line = t.first + start + i
		rows = append(rows, r)
	}
	return rows, nil
}

func parseRow(text string) (r row, err error) {
	cells := strings.Split(text, "\t")
	names := strings.Split(columns, "\t")
	if len(cells) != len(names) {
		return r, fmt.Errorf("%d columns: want %d, %s", len(cells), len(names), strings.Join(names, ", "))
	}
	for i, cell := range cells {
		switch {
		case strings.TrimSpace(cell) == "":
			return r, fmt.Errorf("%s is empty", names[i])
		case cell != strings.TrimSpace(cell):
			return r, fmt.Errorf("%s %q: has spaces around it", names[i], cell)
		case len(cell) > events.MaxName:
			return r, fmt.Errorf("%s: %d bytes, want at most %d", names[i], len(cell), events.MaxName)
		}
	}
	if err := checkDay(cells[0]); err != nil {
		return r, err
	}
	switch cells[4] {
	case "train", "valid", "test": // of no meaning here: it says what models were trained on
	default:
		return r, fmt.Errorf("split %q: want train, valid or test", cells[4])
	}
	return row{date: cells[0], subject: cells[1], relation: cells[2], object: cells[3]}, nil
}

// checkDay refuses what is not one day. EDTF knows more dates than that, and says
// better than package time what is wrong with one.
func checkDay(date string) error {
	if _, err := time.Parse(time.DateOnly, date); err == nil {
		return nil
	}
	var syntax *edtf.SyntaxError
	if _, err := edtf.Parse(date); errors.As(err, &syntax) {
		return fmt.Errorf("date %q: %s", date, syntax.Msg)
	}
	return fmt.Errorf("date %q: want one day, such as 2014-01-31", date)
}
