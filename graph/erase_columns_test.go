package graph

import (
	"bytes"
	"testing"

	"github.com/onrecord/onrecord/events"
)

// The columns that this process goes on with have nothing of what has been erased:
// neither what they keep as text nor what they know by a hash.
func TestEraseColumns(t *testing.T) {
	ctx := t.Context()
	g, err := Open(ctx, events.NewMem(), &Options{Keys: events.NewMemKeys()})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	ann := b.Person("Ann")
	src := b.Source("https://example.org/1").By(b.Person("A. Reporter"))
	said := src.Says("conceal", ann).On("1871-04-13").Arg("whereabouts", events.Text("the old mill", "en")).ID()
	other := src.Says("meet", ann).On("1900-01-02").Arg("whereabouts", events.Text("the market", "en")).ID()
	rating := b.Add(&events.Assessed{Statement: said, Scheme: "trust", Value: "hardly"})
	record := func(b *events.Builder) {
		t.Helper()
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.Record(ctx, batch); err != nil {
			t.Fatal(err)
		}
	}
	record(b)
	content := func() string {
		<-g.folding
		defer func() { g.folding <- struct{}{} }()
		var buf bytes.Buffer
		if err := g.freeze().write(&buf); err != nil {
			t.Fatal(err)
		}
		return buf.String()
	}
	knows := func(text string) bool {
		return g.View(nil).Numbers().Literal(events.Text(text, "en")) != 0
	}
	texts := []string{"conceal", "1871-04-13", "trust", "hardly"}
	for _, text := range texts {
		if !bytes.Contains([]byte(content()), []byte(text)) {
			t.Fatalf("%q is not in the columns before", text)
		}
	}
	if !knows("the old mill") {
		t.Fatal("the text is not known before")
	}
	b = g.NewBatch(ctx, "desk")
	b.Redact(said, "by request")
	b.Redact(rating, "by request")
	record(b)
	now := content()
	for _, text := range texts {
		if bytes.Contains([]byte(now), []byte(text)) {
			t.Errorf("%q is in the columns", text)
		}
	}
	for _, text := range []string{"meet", "1900-01-02", "whereabouts"} {
		if !bytes.Contains([]byte(now), []byte(text)) {
			t.Errorf("%q is no more in the columns", text)
		}
	}
	if knows("the old mill") || !knows("the market") {
		t.Error("a text is known that has been erased, or another is not")
	}
	if _, err := g.View(nil).Statement(other); err != nil {
		t.Error(err)
	}
}
