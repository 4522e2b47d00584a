package query

import (
	"context"
	"errors"
	"hash/maphash"
	"iter"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/enum"
)

// Conflict is between two affirmations that cannot both be right about when
// something was, about who or what had a part in it, or about how many or how
// much it was.
type Conflict struct {
	First  *graph.Reading // the pattern names it
	Second *graph.Reading
	Kind   ConflictKind
	Role   string // whose fillers differ; empty: the times cannot meet
	// TakenBack are the links by which somebody withdraws or corrects one of the two, the
	// link's To. They are for the reader to weigh: what was taken back is answered all the same.
	// Links are there, too, whose From the view does not show.
	TakenBack []*Link
}

// ConflictKind is what two affirmations cannot both be right about.
type ConflictKind uint8

// The kinds of conflict.
const (
	TimeConflict   ConflictKind = iota + 1 // when
	RoleConflict                           // who or what
	NumberConflict                         // how many or how much
)

var conflictKindWords = enum.Of("query", "ConflictKind", "", "time", "role", "number")

func (k ConflictKind) String() string { return conflictKindWords.Of(uint8(k)) }

// MarshalText returns the word that String prints, an empty text for 0, which is not in use. Any
// other number that is not in use is an error.
func (k ConflictKind) MarshalText() ([]byte, error) { return conflictKindWords.Marshal(uint8(k)) }

// UnmarshalText sets it to what a word stands for, to 0 if text is empty. Another word is an error,
// which names the nearest, and changes nothing.
func (k *ConflictKind) UnmarshalText(text []byte) error {
	return enum.Unmarshal(conflictKindWords, text, k)
}

// Conflicts returns the affirmations whose times, roles or numbers are in conflict
// and of which the pattern names one. What was taken back is there, too, with the links that
// say so in [Conflict].TakenBack.
//
// For all statements that it names with the same
// predicate and occurrence, it walks the occurrence's posting list once. Where there is
// none, it walks the shortest posting list of an argument and the predicate, once for all
// about the same, if the predicate is declared once-only, or if an argument is a number
// that can be in conflict; and if it is declared once-only, also that of the arguments in the
// other roles, for each functional role that is filled. There it reads those that have a time
// or fill a role that can be in conflict, and compares the first that the pattern names with
// all of them, and each other one with those that do not say the same. For each list it keeps
// up to 200 bytes for each statement that it finds there and, if the pattern names several, a
// text for each claim among them, and 48 bytes for each that the pattern names. Of each
// statement in conflict it looks through the links in memory for one that takes it back. If
// there is one, it reads those, as [Links] does, anew for each pair.
func Conflicts(ctx context.Context, v graph.View, p graph.Pattern) iter.Seq2[*Conflict, error] {
	return func(yield func(*Conflict, error) bool) {
		pairs(ctx, v, p, newConflicter(newComparer(v)))(yield)
	}
}

type conflicter struct {
	*comparer
	parts
	peers map[string]*peers // by a role, if it is about that alone, and subject, or predicate and occurrence
	taken takers
}

func newConflicter(c *comparer) *conflicter {
	return &conflicter{c, parts{c.namer, make(map[uuid.UUID][]uuid.UUID)}, make(map[string]*peers), takers{c.v, make(map[uuid.UUID]bool)}}
}

// peers are affirmations that may be in conflict: with the same occurrence, or without one
// and about the same.
type peers struct {
	all    []peer
	at     map[bounds][]int // those with a time, by their place in all
	asked  bool             // about one of them already
	claims map[string]int   // what has been read, told apart
	times  []edtf.Time      // of each claim
	but    string           // a role that all of them fill and may be in conflict about; empty: any
	rests  []uint64         // the same for claims that are alike but for that role, and for few others
	key    []byte           // room for one
}

type peer struct {
	timed
	dated bool
	roles []string // in which it may be in conflict
	claim int      // from 1; 0 until it has been read
}

func (x *conflicter) others(ctx context.Context, s graph.Statement, own func() (*graph.Reading, error)) (found recorded, err error) {
	if !affirms(s) {
		return nil, nil
	}
	d, err := x.declaration(ctx, s.Predicate())
	if err != nil {
		return nil, err
	}
	happens := s.Occurrence() != uuid.Nil
	dated := isDated(s) && (happens || d.Once)
	roles := slices.Collect(disputable(s, d))
	if dated || roles != nil {
		among, err := x.among(ctx, s, d, "")
		if err != nil {
			return nil, err
		}
		all := happens || dated || slices.ContainsFunc(roles, func(role string) bool { return functional(d, role) })
		when := boundsOf(s)
		found, err = x.apart(ctx, s, own, among, all, func(o *peer) (inTime, inRole bool) {
			return dated && o.dated, (happens || when.meet(o.when)) && sharesOne(roles, slices.Values(o.roles))
		})
		if err != nil {
			return nil, err
		}
	}
	if happens || !d.Once {
		return found, nil
	}
	for role := range determined(s, d) {
		among, err := x.among(ctx, s, d, role)
		if err != nil {
			return nil, err
		}
		more, err := x.apart(ctx, s, own, among, true, func(*peer) (inTime, inRole bool) { return false, true })
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

// apart returns those of an affirmation's peers that may be in conflict with it about their
// times or about a role and do not say the same: of all, or of those at the same time.
func (x *conflicter) apart(ctx context.Context, s graph.Statement, own func() (*graph.Reading, error),
	among *peers, all bool, may func(o *peer) (inTime, inRole bool)) (found recorded, err error) {
	// One is read with all others anyway; to tell them apart pays from the second on.
	first, mine := !among.asked, 0
	among.asked = true
	compare := func(o *peer) error {
		inTime, inRole := may(o)
		if !inTime && !inRole || o.id == s.ID() {
			return nil
		}
		if first {
			found = append(found, o.ranked)
			return nil
		}
		if mine == 0 {
			r, err := own()
			if err != nil {
				return err
			}
			mine = x.note(among, r)
		}
		if o.claim == 0 {
			r, err := x.load(ctx, o.Statement)
			if errors.Is(err, graph.ErrRedacted) {
				return nil
			}
			if err != nil {
				return err
			}
			o.claim = x.note(among, r)
		}
		if o.claim != mine && (among.but == "" || among.rests[mine] == among.rests[o.claim]) && (inRole || !mayMeet(among.times[mine], among.times[o.claim])) {
			found = append(found, o.ranked)
		}
		return nil
	}
	if all {
		for i := range among.all {
			if err := compare(&among.all[i]); err != nil {
				return nil, err
			}
		}
		return found, nil
	}
	for _, i := range among.at[boundsOf(s)] { // their times must have the same text
		if err := compare(&among.all[i]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// among returns those with which an affirmation may be in conflict, itself among them: about
// anything or, without an occurrence, about who or what fills a role alone.
func (x *conflicter) among(ctx context.Context, s graph.Statement, d events.Predicate, but string) (*peers, error) {
	happening := s.Occurrence()
	p := graph.Pattern{Predicate: s.Predicate(), Occurrence: happening}
	subject := s.Predicate() + "\n" + string(happening[:])
	if happening == uuid.Nil {
		p, subject = holding(s, d.Symmetric, but), x.subjectOf(s, but)
	}
	key := but + "\n" + subject
	if found := x.peers[key]; found != nil {
		return found, nil
	}
	found := &peers{at: make(map[bounds][]int), claims: make(map[string]int), times: make([]edtf.Time, 1), but: but, rests: make([]uint64, 1)}
	var room [8]string
	var same []string // the roles of the one before are mostly those of the next
	for o, err := range walk(ctx, x.comparer.v.Statements(p)) {
		if err != nil {
			return nil, err
		}
		if !affirms(o) || happening == uuid.Nil && x.subjectOf(o, but) != subject ||
			but != "" && !sharesOne([]string{but}, determined(o, d)) {
			continue
		}
		if roles := slices.AppendSeq(room[:0], disputable(o, d)); !slices.Equal(roles, same) {
			same = slices.Clone(roles)
		}
		y := peer{timed: timed{rank(o), boundsOf(o)}, dated: isDated(o), roles: same}
		if y.dated {
			found.at[y.when] = append(found.at[y.when], len(found.all))
		}
		found.all = append(found.all, y)
	}
	x.peers[key] = found
	return found, nil
}

// note returns the number of what a statement, which is learnt, claims among its peers.
func (x *conflicter) note(among *peers, r *graph.Reading) int {
	n := among.note(r)
	if among.but != "" && n == len(among.rests) {
		rest, _ := setApart(&r.Claim, filling(among.but))
		among.rests = append(among.rests, maphash.String(x.seed, x.content(rest)))
	}
	return n
}

// note returns the number of what a statement claims. Claims with one number say the same.
func (l *peers) note(r *graph.Reading) int {
	cl := &r.Claim
	text := func(s string) { l.key = append(append(strconv.AppendInt(l.key, int64(len(s)), 10), ' '), s...) }
	l.key = l.key[:0]
	text(cl.When.Time.String())
	for i := range cl.Args {
		v := &cl.Args[i].Value
		text(cl.Args[i].Role)
		switch l.key = append(l.key, byte(v.Kind)); v.Kind {
		case events.EntityValue, events.StatementValue:
			l.key = append(l.key, v.ID[:]...)
		case events.TextValue:
			text(v.Text)
			text(v.Language)
		case events.NumberValue:
			text(v.Text)
			text(v.Unit)
		case events.TimeValue:
			text(v.Time.String())
		case events.ClaimValue:
			l.key = append(l.key, r.ID[:]...) // it has a number of its own
		}
	}
	if len(cl.If) > 0 {
		l.key = append(l.key, r.ID[:]...)
	}
	n, known := l.claims[string(l.key)]
	if !known {
		n = len(l.times)
		l.claims[string(l.key)], l.times = n, append(l.times, cl.When.Time)
	}
	return n
}

func isDated(s graph.Statement) bool {
	_, _, dated := s.When()
	return dated
}

// disputable returns the roles in which a statement can be in conflict with others.
// Without an occurrence these are roles that it fills with numbers.
func disputable(s graph.Statement, d events.Predicate) iter.Seq[string] {
	return func(yield func(string) bool) {
		happens, dated := s.Occurrence() != uuid.Nil, isDated(s)
		for role, kind := range s.Roles() {
			number, only := kind == events.NumberValue, functional(d, role)
			if (happens && (number || only) || number && (dated || only)) && !yield(role) {
				return
			}
		}
	}
}

// determined returns the functional roles, each once, that a statement fills with what is
// known, if its other arguments are, too, and there are some: they tell what it is of.
func determined(s graph.Statement, d events.Predicate) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range d.Roles {
			role, fills, of, open := d.Roles[i].Name, false, false, false
			if !d.Roles[i].Functional {
				continue
			}
			for other, kind := range s.Roles() {
				fills = fills || other == role && kind != events.UnknownValue
				of = of || other != role
				open = open || other != role && kind == events.UnknownValue
			}
			if fills && of && !open && !yield(role) {
				return
			}
		}
	}
}

func sharesOne(list []string, seq iter.Seq[string]) bool {
	for x := range seq {
		if slices.Contains(list, x) {
			return true
		}
	}
	return false
}

// functional reports whether a declaration lets only one value of a role be true.
func functional(d events.Predicate, role string) bool {
	return slices.ContainsFunc(d.Roles, func(r events.Role) bool { return r.Name == role && r.Functional })
}

func (x *conflicter) judge(ctx context.Context, first, second *graph.Reading) (found []*Conflict, err error) {
	a, b := &first.Claim, &second.Claim
	once := x.declared[a.Predicate].Once
	if !mayMeet(a.When.Time, b.When.Time) && (a.Occurrence != uuid.Nil || once && x.alike(a, b)) {
		found = append(found, &Conflict{Kind: TimeConflict})
	}
	found = append(found, x.inRoles(a, b)...)
	if found == nil {
		return nil, nil
	}
	links, err := x.taken.either(ctx, first, second)
	for _, c := range found {
		c.First, c.Second, c.TakenBack = first, second, links
	}
	return found, err
}

// inRoles returns the conflicts of two claims with one occurrence, or both
// without, that are about roles, without the statements.
func (x *conflicter) inRoles(a, b *events.Claim) (found []*Conflict) {
	var roles []string
	for i := range a.Args {
		roles = append(roles, a.Args[i].Role)
	}
	slices.Sort(roles)
	for _, role := range slices.Compact(roles) {
		if kind := x.inRole(role, a, b); kind != 0 {
			found = append(found, &Conflict{Kind: kind, Role: role})
		}
	}
	return found
}

// inRole returns the kind of their conflict about one role, 0 if there is none.
func (x *conflicter) inRole(role string, a, b *events.Claim) ConflictKind {
	only := functional(x.declared[a.Predicate], role)
	if only && (a.Occurrence != uuid.Nil || x.declared[a.Predicate].Once && x.alikeBut(role, a, b)) {
		if kind := x.differ(role, a, b); kind != 0 {
			return kind
		}
	}
	s, t := a.When.Time, b.When.Time
	if (a.Occurrence != uuid.Nil || !s.IsZero() && s.Equal(t) || only && mayMeet(s, t)) && x.numbersDiffer(role, a, b) {
		return NumberConflict
	}
	return 0
}

// alikeBut reports whether two claims are alike, and not about anything unknown, but for
// what fills a role.
func (x *conflicter) alikeBut(role string, a, b *events.Claim) bool {
	restA, _ := setApart(a, filling(role))
	restB, _ := setApart(b, filling(role))
	unknown := func(a events.Arg) bool { return a.Value.Kind == events.UnknownValue }
	return len(restA.Args) > 0 && !slices.ContainsFunc(restA.Args, unknown) && x.alike(restA, restB)
}

// numbersDiffer reports whether two claims are alike but for different numbers of
// one unit in a role.
func (x *conflicter) numbersDiffer(role string, a, b *events.Claim) bool {
	for _, arg := range a.Args {
		if arg.Role != role || arg.Value.Kind != events.NumberValue {
			continue
		}
		restA, numbersA := setApart(a, numbersLike(&arg))
		restB, numbersB := setApart(b, numbersLike(&arg))
		if len(numbersB) > 0 && !x.agreeOnOne(numbersA, numbersB) && x.alike(restA, restB) {
			return true
		}
	}
	return false
}

// countsDiffer reports whether two claims have different numbers of one unit in a role,
// whatever else they have.
func (x *conflicter) countsDiffer(a, b *events.Claim) bool {
	for i := range a.Args {
		if a.Args[i].Value.Kind != events.NumberValue {
			continue
		}
		_, numbersA := setApart(a, numbersLike(&a.Args[i]))
		_, numbersB := setApart(b, numbersLike(&a.Args[i]))
		if len(numbersB) > 0 && !x.agreeOnOne(numbersA, numbersB) {
			return true
		}
	}
	return false
}

// setApart returns a claim without some of its arguments, and the values of these.
func setApart(cl *events.Claim, some func(a *events.Arg) bool) (rest *events.Claim, values []events.Value) {
	c := *cl
	c.Args = make([]events.Arg, 0, len(cl.Args))
	for i := range cl.Args {
		if a := &cl.Args[i]; some(a) {
			values = append(values, a.Value)
		} else {
			c.Args = append(c.Args, *a)
		}
	}
	return &c, values
}

// filling reports of an argument whether it fills a role.
func filling(role string) func(a *events.Arg) bool {
	return func(a *events.Arg) bool { return a.Role == role }
}

// numbersLike reports of an argument whether it is a number in the role and of the unit
// of another.
func numbersLike(number *events.Arg) func(a *events.Arg) bool {
	return func(a *events.Arg) bool {
		return a.Role == number.Role && a.Value.Kind == events.NumberValue && a.Value.Unit == number.Value.Unit
	}
}

// differ returns the kind of the conflict between two claims of which both fill a
// role and no filler of one agrees with one of the other; otherwise 0.
func (x *conflicter) differ(role string, a, b *events.Claim) ConflictKind {
	as, bs := x.fillers(role, a), x.fillers(role, b)
	switch {
	case len(as) == 0 || len(bs) == 0 || x.agreeOnOne(as, bs):
		return 0
	case onlyNumbers(as) && onlyNumbers(bs):
		return NumberConflict
	default:
		return RoleConflict
	}
}

func onlyNumbers(values []events.Value) bool {
	return !slices.ContainsFunc(values, func(v events.Value) bool { return v.Kind != events.NumberValue })
}

// agreeOnOne reports whether a value of one list agrees with one of the other.
func (x *conflicter) agreeOnOne(as, bs []events.Value) bool {
	for i := range as {
		for j := range bs {
			if x.agreeing(&as[i], &bs[j]) {
				return true
			}
		}
	}
	return false
}

func (x *conflicter) agreeing(a, b *events.Value) bool {
	switch {
	case x.sameValue(a, b):
		return true
	case a.Kind == events.TimeValue && b.Kind == events.TimeValue:
		return mayMeet(a.Time, b.Time)
	case a.Kind == events.NumberValue && b.Kind == events.NumberValue:
		return a.Unit != b.Unit // not compared
	case a.Kind == events.EntityValue && b.Kind == events.EntityValue:
		return x.within(a.ID, b.ID) || x.within(b.ID, a.ID)
	default:
		return false
	}
}

// fillers returns the values in a role, without those that leave open who or
// what it is.
func (x *conflicter) fillers(role string, cl *events.Claim) (values []events.Value) {
	for _, a := range cl.Args {
		if a.Role != role || a.Value.Kind == events.UnknownValue {
			continue
		}
		if a.Value.Kind == events.EntityValue && x.comparer.unidentified(a.Value.ID) {
			continue
		}
		values = append(values, a.Value)
	}
	return values
}
