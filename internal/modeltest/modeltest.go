// Package modeltest says in package graph's words what package model says in its
// own, for the tests that compare the two.
package modeltest

import (
	"errors"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
)

// Class says what became of a batch that a graph answered with err, -1 if no
// model could have answered so.
func Class(err error) model.Class {
	switch {
	case err == nil:
		return model.Recorded
	case errors.Is(err, graph.ErrIDTaken):
		return model.Conflict
	case errors.Is(err, graph.ErrChanged):
		return model.Changed
	case errors.Is(err, graph.ErrOutdated):
		return model.Outdated
	case errors.Is(err, events.ErrInvalid):
		return model.Refused
	}
	return -1
}

// Lens returns the graph's lens for the model's.
func Lens(l model.Lens) *graph.Lens {
	g := &graph.Lens{
		AsOf: l.AsOf, RecordedBy: l.RecordedBy,
		SaidBy: graph.Bound(l.SaidBy), PublishedBy: graph.Bound(l.PublishedBy), Valid: graph.Bound(l.Valid),
		According: l.According, Least: l.Least,
	}
	for _, p := range l.Rated {
		g.Rated = append(g.Rated, graph.Rating{Scheme: events.Scheme{Name: p.Scheme, Values: p.Values}, By: p.By, Required: p.Required})
	}
	return g
}

// Pattern returns the graph's pattern for the model's.
func Pattern(p model.Pattern) graph.Pattern {
	q := graph.Pattern{
		Predicate: p.Predicate, Entity: p.Entity, Occurrence: p.Occurrence, AboutNobody: p.AboutNobody, Origin: p.Origin,
		Voice: p.Voice, Addressee: p.Addressee, Source: p.Source, Recorder: p.Recorder, Refers: p.Refers, Form: p.Form, Polarity: p.Polarity, During: graph.Bound(p.During),
	}
	for _, f := range p.Args {
		q.Args = append(q.Args, graph.Fill(f))
	}
	return q
}
