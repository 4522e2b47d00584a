package jsonl

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// MaxLine is the size in bytes of the longest line: of a record of
// events.MaxRecord bytes that are written as twenty each, which is more than any
// needs.
const MaxLine = 20 * events.MaxRecord

// A printer writes lines to memory.
type printer struct {
	bytes.Buffer
	json *json.Encoder
}

func newPrinter() *printer {
	p := new(printer)
	p.json = json.NewEncoder(&p.Buffer)
	p.json.SetEscapeHTML(false)
	return p
}

// text writes a value that JSON can write.
func (p *printer) text(v any) {
	if err := p.json.Encode(v); err != nil {
		panic(err) // nothing here can be what JSON has no form for
	}
	p.Truncate(p.Len() - 1) // the encoder ends a line
}

// record makes the printer hold the line of a record whose bytes have been verified.
// Events are decoded one after the other: a record takes much more memory than its
// bytes.
func (p *printer) record(data []byte, h *events.Header) error {
	p.Reset()
	sum := sha256.Sum256(data)
	fmt.Fprintf(p, `{"record":%d,"sha256":"%x","bytes":"`, h.Seq, sum)
	b64 := base64.NewEncoder(base64.StdEncoding, p)
	b64.Write(data)
	b64.Close()
	fmt.Fprintf(p, `","previous":"%x"`, h.Previous)
	if h.Keys != uuid.Nil {
		fmt.Fprintf(p, `,"keys":"%v"`, h.Keys)
	}
	p.WriteString(`,"batches":[`)
	for i, b := range h.Batches {
		p.separate(i)
		fmt.Fprintf(p, `{"position":%d,"at":"%s","recorder":`, h.First+events.Position(i), b.At.UTC().Format(time.RFC3339Nano))
		p.text(b.Recorder)
		p.WriteString(`,"events":[`)
		for j, e := range b.Events {
			p.separate(j)
			if err := p.event(h, e); err != nil {
				return err
			}
		}
		p.WriteString("]}")
	}
	p.WriteString("]}\n")
	return nil
}

func (p *printer) event(h *events.Header, e events.EventHead) error {
	fmt.Fprintf(p, `{"id":"%v","kind":"%v",`, e.ID, e.Kind)
	if len(e.Key) > 0 {
		fmt.Fprintf(p, `"sealed":"%x"}`, e.Key)
		return nil
	}
	body, err := events.DecodeBody(e.Kind, h.Payload(e))
	if err != nil {
		return fmt.Errorf("event %v: %w", e.ID, err)
	}
	p.WriteString(`"body":`)
	p.text(readable(body))
	p.WriteByte('}')
	return nil
}

// Body returns what an event says, as a line shows it: all of it, as a JSON object.
func Body(b events.Body) []byte {
	p := newPrinter()
	p.text(readable(b))
	return p.Bytes()
}

func (p *printer) separate(i int) {
	if i > 0 {
		p.WriteByte(',')
	}
}

// end makes the printer hold the line behind the last record.
func (p *printer) end(head events.Head) {
	p.Reset()
	fmt.Fprintf(p, "{\"end\":%d,\"sha256\":\"%x\"}\n", head.Seq, head.SHA256)
}

func parseSum(text string) (sum [sha256.Size]byte, ok bool) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(sum) {
		return sum, false
	}
	return [sha256.Size]byte(b), true
}
