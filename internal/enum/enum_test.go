package enum_test

import (
	"fmt"
	"testing"

	"github.com/onrecord/onrecord/internal/enum"
)

func TestWant(t *testing.T) {
	for _, c := range []struct {
		word  string
		valid []string
		want  string
	}{
		{"persn", []string{"place", "person"}, `"person" (one of place, person)`},
		{"größe", []string{"grösse"}, `"grösse"`},
		{"", nil, ""},
	} {
		if got := enum.Want(c.word, c.valid); got != c.want {
			t.Errorf("%q: got %s, want %s", c.word, got, c.want)
		}
	}
}

func ExampleOf() {
	colours := enum.Of("paint", "Colour", "", "red", "green")
	fmt.Println(colours.Of(2), colours.Of(3))
	var c uint8
	fmt.Println(enum.Unmarshal(colours, []byte("grene"), &c))
	// Output:
	// green Colour(3)
	// paint: Colour "grene": is not in use, want "green" (one of red, green)
}
