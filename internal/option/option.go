// Package option checks what a caller asks for by number. What makes no sense is refused,
// with the same words wherever it is given, rather than answered with nothing.
package option

import (
	"fmt"
	"slices"
	"strings"
)

// Count fills in what is usual for 0, and refuses what is less, or more than the most.
func Count(name string, value *int, usual, most int) error {
	switch {
	case *value < 0:
		return fmt.Errorf("option %s is %d, less than 0", name, *value)
	case *value > most:
		return fmt.Errorf("option %s is %d, more than %d", name, *value, most)
	case *value == 0:
		*value = usual
	}
	return nil
}

// Range returns the values of an enumeration from the first to the last.
func Range[T ~uint8](first, last T) (all []T) {
	for v := first; v <= last; v++ {
		all = append(all, v)
	}
	return all
}

// Among refuses values of an enumeration that are none of the valid ones, and names these.
func Among[T interface {
	comparable
	fmt.Stringer
}](name string, values, valid []T) error {
	for i, v := range values {
		if !slices.Contains(valid, v) {
			return refuse(fmt.Sprintf("%s[%d]", name, i), v, valid)
		}
	}
	return nil
}

// One refuses a value of an enumeration that is neither 0, which is none, nor from the first to
// the last, and names these.
func One[T interface {
	~uint8
	fmt.Stringer
}](name string, value, first, last T) error {
	if value == 0 || first <= value && value <= last {
		return nil
	}
	return refuse(name, value, Range(first, last))
}

func refuse[T fmt.Stringer](name string, value T, valid []T) error {
	var names []string
	for _, ok := range valid {
		names = append(names, ok.String())
	}
	return fmt.Errorf("%s is %v: want one of %s", name, value, strings.Join(names, ", "))
}
