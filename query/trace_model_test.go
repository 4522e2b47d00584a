package query_test

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/query"
)

// traces looks for an entity in the bytes of every event: an id stands there as it is,
// and so does a name.
func (x *exam) traces() {
	who := x.entity("traced")
	members := x.v.Cluster(who)
	var all []*events.Event
	for e, err := range x.v.Events(ctx, 0) {
		if err != nil {
			x.t.Fatal(err)
		}
		if e.Body != nil {
			all = append(all, e)
		}
	}
	payload := func(b events.Body) []byte {
		encoded, err := events.EncodeBody(b)
		if err != nil {
			x.t.Fatal(err)
		}
		return encoded
	}
	has := func(b events.Body, ids []uuid.UUID) (found bool) {
		for _, id := range ids {
			found = found || id != uuid.Nil && bytes.Contains(payload(b), id[:])
		}
		return found
	}
	var names []string
	var found []uuid.UUID
	split := map[uuid.UUID]bool{}
	for _, e := range all {
		switch b := e.Body.(type) {
		case *events.EntityRegistered:
			if has(b, members) {
				names = append(names, b.Entity.Name.Text)
			}
		case *events.EntityNamed:
			if has(b, members) {
				names = append(names, b.Name.Text)
			}
		case *events.SourceAdded:
			if has(b, members) {
				found = append(found, b.Source.ID)
			}
		case *events.EntitySplit:
			for _, p := range b.Parts {
				for _, m := range p.Mentions {
					split[m.Statement] = split[m.Statement] || has(&events.EntityNamed{Entity: p.Entity}, members)
				}
			}
		}
	}
	var want []string
	for _, e := range all {
		why, stays := query.TraceReason(0), false
		named := has(e.Body, members)
		switch b := e.Body.(type) {
		case *events.EntityRegistered, *events.EntityNamed:
			if named {
				why = query.TraceName
			}
		case *events.IdentityJudged, *events.EntitySplit:
			if stays = true; named {
				why = query.TraceVerdict
			}
		case *events.SourceAdded:
			if named {
				why = query.TraceSource
			}
		case *events.StatementRecorded:
			alone := b.Statement
			alone.Replaces = uuid.Nil // it does not speak of that one
			if named || split[e.ID] {
				why, found = query.TraceMention, append(found, e.ID)
			} else if alone.Source = uuid.Nil; has(&events.StatementRecorded{Statement: alone}, found) {
				why = query.TraceBearing
			}
		case *events.StatementsLinked:
			if b.Reason != "" && has(b, found) {
				why = query.TraceBearing
			}
		case *events.Assessed:
			if b.Reason != "" && has(b, found) {
				why = query.TraceBearing
			}
		default:
			stays = true
		}
		text := strings.ToLower(string(payload(e.Body)))
		for _, n := range names {
			if why == 0 && strings.Contains(text, strings.ToLower(n)) {
				why = query.TraceWords
			}
		}
		if why != 0 {
			want = append(want, fmt.Sprint(e.ID, why, stays))
		}
	}
	x.same("Traces", answers(x, query.Traces(ctx, x.v, who), func(t *query.Trace) string {
		if t.Text != "" != (t.Why == query.TraceWords) {
			x.t.Fatalf("%v: the text is %q", t.Why, t.Text)
		}
		return fmt.Sprint(t.ID, t.Why, t.Stays)
	}), want)
}
