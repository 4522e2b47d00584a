package textquery

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cayleygraph/quad"
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph/quadstore"
)

// fixed are the predicates that have a name of their own.
var fixed = []quad.IRI{
	quadstore.StatementPredicate, quadstore.StatementOccurrence, quadstore.StatementWhen, quadstore.StatementConditional,
	quadstore.StatementNested, quadstore.StatementSource, quadstore.StatementForm,
	quadstore.StatementSpeaker, quadstore.StatementFor, quadstore.StatementTo, quadstore.StatementAct, quadstore.StatementStance, quadstore.StatementSaid,
	quadstore.EntityName, quadstore.EntityKind, quadstore.SourceTitle, quadstore.SourceURL, quadstore.SourcePublished,
}

// CheckPredicate refuses an IRI, given without brackets, that is a predicate of no view,
// whatever has been recorded: one that package graph/quadstore does not specify, or whose
// name is not encoded. The error says what would be right. Whether a view has one of those
// that may be there is for its answer to show: that nobody says it is an answer.
func CheckPredicate(iri string) error {
	if want := wanted(iri); want != "" {
		return fmt.Errorf("<%s> is no predicate that a view can have: want %s", iri, want)
	}
	return nil
}

// CheckLabel refuses an IRI, given without brackets, that is a label in no view: that of
// anything but a statement.
func CheckLabel(iri string) error {
	if id, ok := quadstore.ID(quad.IRI(iri)); !ok || quad.IRI(iri) != quadstore.Statement(id) {
		return fmt.Errorf("<%s> is no label that a view can have: want a statement, such as %s", iri, quadstore.Statement(uuid.Nil))
	}
	return nil
}

// wanted says what would be right instead of an IRI, nothing if it is.
func wanted(iri string) string {
	space := string(quadstore.Predicate(""))
	name, ok := strings.CutPrefix(iri, space)
	if !ok && !strings.ContainsAny(iri, ":/") && iri != "" {
		return quadstore.Predicate(iri).String()
	}
	if !ok || name == "" {
		return "one such as <onrecord:meet> or <onrecord:entity/name>"
	}
	of, rest, below := strings.Cut(name, "/")
	switch of += "/"; {
	case !below:
		return encoded(name, quadstore.Predicate)
	case space+of == string(quadstore.Role("")):
		return encoded(rest, quadstore.Role)
	case space+of == string(quadstore.Unit("")):
		return encoded(rest, quadstore.Unit)
	case of == "voice/":
		return voiced(iri, rest)
	}
	var valid []string
	for _, p := range fixed {
		if string(p) == iri {
			return ""
		}
		if strings.HasPrefix(string(p), space+of) {
			valid = append(valid, p.String())
		}
	}
	if valid == nil { // a name with a slash in it
		return encoded(name, quadstore.Predicate)
	}
	return "one of " + strings.Join(valid, ", ")
}

// encoded says what would be right instead of an encoded name.
func encoded(text string, node func(name string) quad.IRI) string {
	name, err := url.PathUnescape(text)
	if err != nil {
		name = text
	}
	switch is := node(name); {
	case name == "":
		return "a name after the last slash, as in " + node("subject").String()
	case strings.HasSuffix(string(is), text) && len(is) == len(node(""))+len(text):
		return ""
	default:
		return is.String()
	}
}

// voiced says what would be right instead of a part of a later voice.
func voiced(iri, rest string) string {
	number, _, _ := strings.Cut(rest, "/")
	n, _ := strconv.Atoi(number)
	var valid []string
	for _, part := range fixed {
		p := quadstore.Voice(max(1, min(n, events.MaxVoices-1)), part)
		if string(p) == iri {
			return ""
		}
		if p != "" && p != part {
			valid = append(valid, p.String())
		}
	}
	slices.Sort(valid)
	return "one of " + strings.Join(valid, ", ")
}
