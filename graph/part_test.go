package graph

import (
	"encoding/binary"
	"reflect"
	"strings"
	"testing"
	"time"
)

// Every column is a part of a snapshot, and none has pointers.
func TestParts(t *testing.T) {
	found := 0
	var count func(reflect.Type)
	count = func(typ reflect.Type) {
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		switch name := typ.Name(); {
		case strings.HasPrefix(name, "column["), name == "sparse", name == "arena":
			found++
		case name == "index" || typ.Kind() != reflect.Struct:
		default:
			if name == "series" {
				found++ // its length
			}
			for i := range typ.NumField() {
				count(typ.Field(i).Type)
			}
		}
	}
	count(reflect.TypeFor[columns]())
	const others = 2 // the literals' key, the last key of events
	c := newColumns()
	if n := len(c.parts()); n != found+others {
		t.Errorf("%d parts of %d columns", n, found)
	}
	for _, p := range c.parts() {
		if hasPointers(p.entry) {
			t.Errorf("%v has pointers", p.entry)
		}
	}
}

func hasPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if hasPointers(t.Field(i).Type) {
				return true
			}
		}
		return false
	case reflect.Array:
		return hasPointers(t.Elem())
	case reflect.Bool, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Int64, reflect.Int32, reflect.Int16, reflect.Int8:
		return false
	}
	return true
}

// BenchmarkPart loads posting lists from a snapshot as the memory that they are, and
// field by field, and reports how many times as fast the first is.
//
//	go test -run='^$' -bench=Part ./graph
func BenchmarkPart(b *testing.B) {
	const n = 100 * chunk
	var lists column[list]
	for i := range uint32(n) {
		lists.add(list{key: i, head: i, count: i})
	}
	var memory []byte
	lists.each(n, func(l []list) { memory = append(memory, bytesOf(l)...) })
	var copied, decoded time.Duration
	into := make([]list, n)
	for b.Loop() {
		began := time.Now()
		copy(bytesOf(into), memory)
		copied += time.Since(began)
		began = time.Now()
		for i := range into {
			word := func(k int) uint32 { return binary.LittleEndian.Uint32(memory[24*i+4*k:]) }
			into[i] = list{key: word(0), next: word(1), head: word(2), last: word(3), count: word(4), live: word(5)}
		}
		decoded += time.Since(began)
	}
	b.ReportMetric(decoded.Seconds()/copied.Seconds(), "times-faster")
}
