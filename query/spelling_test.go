package query_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// spellings prints a text, - if it is not recorded, how often it comes, and each
// outlet with its statements.
func (d *desk) spellings(v graph.View, entity uuid.UUID) string {
	d.t.Helper()
	return list(d.t, query.Spellings(ctx, v, entity), func(s *query.Spelling) string {
		text := s.Text
		if !s.Recorded {
			text += "-"
		}
		if len(s.Languages) > 0 {
			text += fmt.Sprint(s.Languages)
		}
		text += fmt.Sprintf(" %d:", s.Times)
		var outlets []string
		for _, o := range s.Outlets {
			all := []string{fmt.Sprint(o.Times)}
			if o.Publisher != uuid.Nil {
				all = []string{d.names[o.Publisher], all[0]}
			} else if o.Source != uuid.Nil {
				all = []string{d.names[o.Source], all[0]}
			}
			for _, n := range o.Names {
				if n.Text != s.Text {
					d.t.Errorf("%q has the name %q", s.Text, n.Text)
				}
			}
			for _, r := range o.Statements {
				all = append(all, d.reading(r))
			}
			outlets = append(outlets, strings.Join(all, " "))
		}
		return text + " " + strings.Join(outlets, "; ")
	})
}

func TestSpellings(t *testing.T) {
	d := newDesk(t)
	envoy, same, putin, office := d.person("Witkoff"), d.person("S. Witkoff"), d.person("Putin"), d.Organisation("Office")
	tass, post := d.Organisation("TASS"), d.Organisation("Post")
	d.names[tass.ID], d.names[post.ID] = "TASS", "Post"
	d.Name(envoy, "Уиткофф", "ru")
	author := d.person("Author")
	wire := d.Source("https://example.org/wire").By(author).Publisher(tass).Language("en")
	page := d.Source("https://example.org/page").By(author).Publisher(post)
	blog := d.Source("https://example.org/blog").By(author)
	d.names[blog.ID()] = "blog"
	d.Add(&events.EntityNamed{Entity: same.ID, Name: events.Name{Text: "Whitkoff", Language: "en-US"}, Source: wire.ID()})
	d.name("1", wire.Says("meet", envoy.As("Whitkoff"), putin.As("him")).Exact("met"))
	d.name("2", wire.Says("ask", putin).Arg("what", events.Nested(d.Claim("come", envoy.As("Whitkoff"), same.As("Whitkoff")))))
	d.name("3", page.Reports(putin, "stay").If(d.Claim("leave", envoy.As("the envoy")), "if he leaves").To(same.As("Witkoff")))
	d.name("4", blog.Reports(putin, "go", putin).Via(same.As("Whitkoff")).For(office, envoy.As("Whitkoff")))
	d.name("5", blog.Says("go", envoy))
	d.record()
	v := d.g.View(nil)
	equal(t, "not yet one", d.spellings(v, envoy.ID), "Whitkoff-[en] 3: TASS 2 1 2; blog 1 4, Witkoff 1: 1, the envoy- 1: Post 1 3, Уиткофф[ru] 1: 1")
	equal(t, "the other", d.spellings(v, same.ID), "Whitkoff[en-US] 3: TASS 2 2; blog 1 4, S. Witkoff 1: 1, Witkoff- 1: Post 1 3")

	d.judge(envoy, events.Same, same, "", 0)
	d.record()
	now := d.g.View(nil)
	want := "Whitkoff[en en-US] 6: TASS 4 1 2; blog 2 4, Witkoff 2: 1; Post 1 3, S. Witkoff 1: 1, the envoy- 1: Post 1 3, Уиткофф[ru] 1: 1"
	equal(t, "one", d.spellings(now, envoy.ID), want)
	equal(t, "by the other id", d.spellings(now, same.ID), want)
	equal(t, "as of before", d.spellings(d.g.View(&graph.Lens{AsOf: 1}), envoy.ID), d.spellings(v, envoy.ID))
	equal(t, "filtered", d.spellings(d.g.View(&graph.Lens{According: []uuid.UUID{putin.ID}}), envoy.ID),
		"Whitkoff[en-US] 3: blog 2 4; TASS 1, Witkoff 2: 1; Post 1 3, S. Witkoff 1: 1, the envoy- 1: Post 1 3, Уиткофф[ru] 1: 1")
	equal(t, "nobody", d.spellings(now, uuid.Nil)+d.spellings(now, uuid.NewSHA1(uuid.Nil, nil))+d.spellings(v.AsOf(0), envoy.ID), "")

	d.judge(tass, events.Same, post, "", 0)
	d.record()
	if got := d.spellings(d.g.View(nil), envoy.ID); !strings.Contains(got, "Whitkoff[en en-US] 6: "+d.names[d.g.View(nil).Canonical(tass.ID)]+" 4 1 2") {
		t.Errorf("with one publisher: %s", got)
	}
}

// Words count wherever they stand, however deep.
func TestSpellingsInConditions(t *testing.T) {
	d := newDesk(t)
	a, b := d.person("A"), d.person("B")
	inner := d.Claim("hope")
	inner.Args = []events.Arg{{Role: "what", Value: events.Nested(d.Claim("leave", a.As("the old man")))}}
	d.name("1", d.Source("https://example.org/1").By(b).Says("stay", b).If(inner, ""))
	d.record()
	if got := d.spellings(d.g.View(nil), a.ID); !strings.Contains(got, "the old man- 1: ") {
		t.Error(got)
	}
}

// A source that is redacted is its own outlet.
func TestSpellingsRedacted(t *testing.T) {
	d := newDesk(t)
	a, paper := d.person("A"), d.Organisation("Paper")
	added := d.Add(&events.SourceAdded{Source: events.Source{ID: events.Key("source", "x"), Publisher: paper.ID}})
	src := d.Known(events.Key("source", "x"), a)
	d.names[src.ID()] = "x"
	d.name("1", src.Says("go", a.As("Mr A")))
	gone := d.name("2", src.Says("stay", a.As("Mr B")))
	d.record()
	d.Redact(added, "private")
	d.Redact(gone, "private")
	d.record()
	equal(t, "redacted", d.spellings(d.g.View(nil), a.ID), "A 1: 1, Mr A- 1: x 1 1")
}
