package proof_test

import (
	"bytes"
	"testing"

	"github.com/onrecord/onrecord/events/proof"
)

// seeds are a checkpoint, inclusions and a consistency.
func seeds(t testing.TB) (checkpoint []byte, inclusions, consistencies [][]byte) {
	d, heads := shaped(t)
	tree := grown(t, d.store)
	checkpoint = signed(t, heads[len(heads)-1])
	for _, n := range []int{0, 3, 9} {
		p, err := tree.Inclusion(ctx, d.store, checkpoint, d.ids[n].position, d.ids[n].ID)
		if err != nil {
			t.Fatal(err)
		}
		inclusions = append(inclusions, p.Bytes())
		p.Payload = nil
		inclusions = append(inclusions, p.Bytes())
	}
	for _, h := range []proof.Head{heads[0], heads[3], heads[len(heads)-1]} {
		p, err := tree.Consistency(signed(t, h), checkpoint)
		if err != nil {
			t.Fatal(err)
		}
		consistencies = append(consistencies, p.Bytes())
	}
	return checkpoint, inclusions, consistencies
}

// FuzzOpen wants no other bytes to be a checkpoint that has been signed, and none
// of another text.
func FuzzOpen(f *testing.F) {
	checkpoint, _, _ := seeds(f)
	f.Add(checkpoint)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := proof.Open(data, key)
		if err != nil {
			return
		}
		if again := signed(t, c.Head); !bytes.HasPrefix(data, again[:bytes.Index(again, []byte("\n\n"))+2]) {
			t.Fatalf("opened\n%s\nwhich says\n%s", data, again)
		}
	})
}

func FuzzParseInclusion(f *testing.F) {
	_, inclusions, _ := seeds(f)
	for _, data := range inclusions {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := proof.ParseInclusion(data)
		if err != nil {
			return
		}
		if again := p.Bytes(); !bytes.Equal(again, data) {
			t.Fatalf("read\n%s\nwrites\n%s", data, again)
		}
		if _, err := p.Check(key); err == nil {
			for _, good := range inclusions {
				if bytes.Equal(data, good) {
					return
				}
			}
			t.Fatalf("proved:\n%s", data)
		}
		_, _ = p.Event()
	})
}

func FuzzParseConsistency(f *testing.F) {
	_, _, consistencies := seeds(f)
	for _, data := range consistencies {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := proof.ParseConsistency(data)
		if err != nil {
			return
		}
		if again := p.Bytes(); !bytes.Equal(again, data) {
			t.Fatalf("read\n%s\nwrites\n%s", data, again)
		}
		_, _, _ = p.Check(key)
	})
}
