package graph

import (
	"reflect"
	"strings"
	"testing"
)

// Every column is a part of a snapshot, and none has pointers.
func TestParts(t *testing.T) {
	found := 0
	var count func(reflect.Type)
	count = func(typ reflect.Type) {
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
	const others = 1 // the literals' key
	c := &columns{}
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
