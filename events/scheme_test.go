package events_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/onrecord/onrecord/events"
)

// The well-known schemes have the values that they are published with, and can
// be declared as they are.
func TestSchemes(t *testing.T) {
	for _, c := range []struct {
		scheme events.Scheme
		name   string
		values int
		best   string
		worst  string
	}{
		{events.Admiralty(), "admiralty", 6 + 6 + 36, "A", "F6"},
		{events.Likelihood(), "icd203", 7, "almost certain", "almost no chance"},
		{events.Opinion(), "stix-opinion", 5, "strongly-agree", "strongly-disagree"},
	} {
		s := c.scheme
		if s.Name != c.name || len(s.Values) != c.values || s.Values[0] != c.best || s.Values[len(s.Values)-1] != c.worst {
			t.Errorf("%s has %d values from %q to %q", s.Name, len(s.Values), s.Values[0], s.Values[len(s.Values)-1])
		}
		b := events.NewBatch("desk")
		b.DeclareScheme(s)
		if _, err := b.Batch(); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}

func TestAtLeast(t *testing.T) {
	for _, c := range []struct {
		scheme events.Scheme
		value  string
		want   string
	}{
		{events.Likelihood(), "likely", "almost certain|very likely|likely"},
		{events.Likelihood(), "almost no chance", strings.Join(events.Likelihood().Values, "|")},
		{events.Opinion(), "strongly-agree", "strongly-agree"},
		{events.Scheme{Name: "stars", Values: []string{"5", "4", "3", "2", "1"}}, "4", "5|4"},
		{events.Scheme{Name: "admiralty", Values: []string{"F6", "A1", "B"}}, "A1", "F6|A1"},
		{events.Scheme{Name: "admiralty", Values: []string{"so-so", "A1", "B"}}, "A1", "so-so|A1"},
		{events.Admiralty(), "A1", "A|F|1|6|A1|A6|F1|F6"},
		{events.Admiralty(), "B2", "A|B|F|1|2|6|A1|A2|A6|B1|B2|B6|F1|F2|F6"},
		{events.Admiralty(), "E5", strings.Join(events.Admiralty().Values, "|")},
		{events.Admiralty(), "A", "A|F|1|2|3|4|5|6|A1|A2|A3|A4|A5|A6|F1|F2|F3|F4|F5|F6"},
		{events.Admiralty(), "1", "A|B|C|D|E|F|1|6|A1|A6|B1|B6|C1|C6|D1|D6|E1|E6|F1|F6"},
	} {
		got, err := c.scheme.AtLeast(c.value)
		if err != nil || got.Name != c.scheme.Name || strings.Join(got.Values, "|") != c.want {
			t.Errorf("%s at least %q: %v %v, want %s", c.scheme.Name, c.value, got, err, c.want)
		}
	}
}

// What is at least something is the caller's own, and at least that again.
func TestAtLeastIsACopy(t *testing.T) {
	s := events.Scheme{Name: "own", Values: []string{"good", "fair", "poor"}}
	fair, err := s.AtLeast("fair")
	if err != nil {
		t.Fatal(err)
	}
	code, err := events.Admiralty().AtLeast("C3")
	if err != nil {
		t.Fatal(err)
	}
	if code, err = code.AtLeast("A1"); err != nil || strings.Join(code.Values, "|") != "A|F|1|6|A1|A6|F1|F6" {
		t.Errorf("at least C3, and of that at least A1: %v %v", code, err)
	}
	again, err := fair.AtLeast("fair")
	if err != nil || !slices.Equal(again.Values, fair.Values) {
		t.Errorf("at least fair, twice: %v %v", again, err)
	}
	fair.Values[0] = "changed"
	if s.Values[0] != "good" {
		t.Error("the scheme has changed with what was made of it")
	}
}

func TestAtLeastRefuses(t *testing.T) {
	for _, c := range []struct {
		scheme events.Scheme
		value  string
		want   string
	}{
		{events.Opinion(), "agrees", `events: scheme "stix-opinion": at least "agrees": is not a value of it, want "agree" (one of strongly-agree, agree, neutral, disagree, strongly-disagree)`},
		{events.Scheme{}, "A1", `events: scheme "": at least "A1": is not a value of it`},
		{events.Admiralty(), "c3", `events: scheme "admiralty": at least "c3": is not a value of it, want "3"`},
		{events.Admiralty(), "F", `events: scheme "admiralty": at least "F": has a half that cannot be judged, want a letter from A to E, a digit from 1 to 5, or both`},
		{events.Admiralty(), "C6", `events: scheme "admiralty": at least "C6": has a half that cannot be judged, want a letter from A to E, a digit from 1 to 5, or both`},
	} {
		got, err := c.scheme.AtLeast(c.value)
		if err == nil || err.Error() != c.want || got.Values != nil {
			t.Errorf("%s at least %q:\n%v, %v, want\n%s", c.scheme.Name, c.value, got, err, c.want)
		}
	}
}

func ExampleScheme_AtLeast() {
	fair, err := events.Admiralty().AtLeast("C3")
	fmt.Println(fair.Values, err)
	// Output:
	// [A B C F 1 2 3 6 A1 A2 A3 A6 B1 B2 B3 B6 C1 C2 C3 C6 F1 F2 F3 F6] <nil>
}
