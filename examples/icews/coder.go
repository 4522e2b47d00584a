package main

import (
	"fmt"
	"iter"
	"strconv"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

const (
	recorder   = "icews" // this program
	coderName  = "ICEWS"
	roleSource = "source" // who acts
	roleTarget = "target" // upon whom
)

// coderID is the id of the coder, who is the author of every table.
var coderID = events.Key("entity", events.Organisation.String(), coderName)

// actorID returns the id of an actor. The coder's names are a key of their own:
// that its "China" is somebody else's is for a verdict to say.
func actorID(name string) uuid.UUID {
	return events.Key(actorKey(name)...)
}

func actorKey(name string) []string {
	return []string{"entity", events.Group.String(), coderName, name}
}

// coder turns rows into batches. Its statements are of the table as a source, with
// the line as the place in it. It must not be used from several goroutines at once.
type coder struct {
	table *table
	begin func() *events.Builder
	known func(entity uuid.UUID) bool // is recorded already
	met   map[uuid.UUID]bool          // is registered in an earlier batch, or known
}

// newCoder returns the coder of a table, whose batches are those of a graph (Graph.NewBatch) or,
// where they are made before any is recorded, ones that know no record.
func newCoder(t *table, begin func() *events.Builder, known func(uuid.UUID) bool) *coder {
	return &coder{table: t, begin: begin, known: known, met: make(map[uuid.UUID]bool)}
}

// source returns the id of the table as a source.
func (c *coder) source() uuid.UUID { return events.Key("source", c.table.name) }

// opening returns the batch that comes before all rows: the coder and the table.
// A table that has changed gets a new SHA-256, under the same id.
func (c *coder) opening() (*events.Batch, error) {
	b := c.begin()
	b.Source(c.table.name).Title("Coded events, " + c.table.name).By(b.Organisation(coderName)).Text(c.table.text)
	return b.Batch()
}

// batches returns one statement for each row, and a registration for each actor who
// occurs for the first time: in one batch, or in several if they are too much for one.
func (c *coder) batches(rows []row) iter.Seq2[*events.Batch, error] {
	b := c.begin()
	table := b.Known(c.source(), events.EntityRef{ID: coderID})
	for _, r := range rows {
		subject, object := c.actor(b, r.subject), c.actor(b, r.object)
		var st *events.StatementRef
		if act, ok := spoken(r.relation); ok {
			st = table.Reports(subject, r.relation).Act(act).Said(r.date)
		} else {
			st = table.Says(r.relation)
		}
		st.Role(roleSource, subject).Role(roleTarget, object).On(r.date).Locator(locator(r.line))
	}
	return func(yield func(*events.Batch, error) bool) {
		for batch, err := range b.Batches() {
			if err != nil {
				err = fmt.Errorf("%s: lines %d to %d: %w", c.table.path, rows[0].line, rows[len(rows)-1].line, err)
			}
			if !yield(batch, err) {
				return
			}
		}
	}
}

// actor returns an actor. The table does not tell a person from a country or a
// crowd, so all are registered as groups; a later registration may say better.
func (c *coder) actor(b *events.Builder, name string) events.EntityRef {
	id := actorID(name)
	if !c.met[id] {
		c.met[id] = true
		if !c.known(id) {
			b.Entity(events.Group, name, coderName, name)
		}
	}
	return events.EntityRef{ID: id}
}

func locator(line int) string { return "line " + strconv.Itoa(line) }
