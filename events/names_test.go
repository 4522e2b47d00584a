package events

import "testing"

// FuzzNames wants what a name stands for to print as that name, and nothing else to be
// one.
func FuzzNames(f *testing.F) {
	for _, name := range []string{"CT+", "PS-", "Uu", "U+", "assert", "withhold", "quote", "paraphrase", "", "CT+ "} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if s, err := ParseStance(name); err == nil && (s.String() != name || !s.Valid()) {
			t.Errorf("the stance %q prints as %q", name, s)
		}
		if a, ok := ActNamed(name); ok && a.String() != name {
			t.Errorf("the act %q prints as %q", name, a)
		}
		if form, ok := FormNamed(name); ok && form.String() != name {
			t.Errorf("the form %q prints as %q", name, form)
		}
	})
}
