package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// TestRaw holds that the raw limit writes all that it is given, once each, one
// after another, and begins anew at the end of the file.
func TestRaw(t *testing.T) {
	path := filepath.Join(t.TempDir(), "raw")
	r, err := newRaw(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.append([]byte("first")); err != nil {
		t.Fatal(err)
	}
	const n, each = 200, 40
	if _, err := together(16, n, func(i int) error { return r.group(bytes.Repeat([]byte{byte(i) | 1}, each)) }); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) != rawSize || !bytes.HasPrefix(text, []byte("first")) {
		t.Fatalf("the file has %d bytes and begins with %q", len(text), text[:5])
	}
	written := text[len("first"):][:n*each]
	for i := 0; i < len(written); i += each {
		if b := written[i]; b == 0 || !bytes.Equal(written[i:i+each], bytes.Repeat([]byte{b}, each)) {
			t.Fatalf("at %d: %v", i, written[i:i+each])
		}
	}
	if next := text[len("first")+n*each]; next != 0 {
		t.Errorf("after the last there is %d", next)
	}
	r.offset = rawSize - 3
	if err := r.append([]byte("again")); err != nil || r.offset != 5 {
		t.Errorf("at the end of the file: offset %d, %v", r.offset, err)
	}
	if err := r.close(); err != nil {
		t.Error(err)
	}
}

func TestTogether(t *testing.T) {
	var calls [100]atomic.Int32
	if took, err := together(7, 100, func(i int) error {
		calls[i].Add(1)
		return nil
	}); err != nil || took <= 0 {
		t.Error(took, err)
	}
	for i := range calls {
		if n := calls[i].Load(); n != 1 {
			t.Errorf("%d was done %d times", i, n)
		}
	}
	want := errors.New("out")
	if _, err := together(2, 10, func(i int) error {
		if i == 5 {
			return want
		}
		return nil
	}); !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}
