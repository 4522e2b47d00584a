// Package edtf holds dates as sources give them: a day, a year, "some day in
// June", "one of these two days", "from 1985 on".
//
// A [Time] is parsed from the Extended Date/Time Format, levels 0, 1 and 2, and
// prints back byte for byte. It is a constraint, not a point: it says what is
// known about when something happened, and a question about it asks what is
// possible and what is certain.
//
//	2025-08-06                 on that day
//	2025-08                    at some time in that month
//	[2025-08-06,2025-08-07]    on one of the two days
//	[2025-08-04..2025-08-10]   at some time in that week
//	{2025-04,2025-06}          in April and in June
//	2025-04-11/2025-08-06      throughout, from the one day to the other
//	1985/..                    throughout, since 1985, with no end
//	1985/                      throughout, since 1985, until nobody knows when
//
// # How a source says it
//
//	the source says                  write                     which means
//	on 6 August 2025                 2025-08-06                on that day
//	in August 2025                   2025-08                   at some time in that month
//	in 1763                          1763                      at some time in that year
//	on the 6th or on the 7th         [2025-08-06,2025-08-07]   on one of the two days
//	between the 4th and the 10th     [2025-08-04..2025-08-10]  at some time in these days
//	from the 4th to the 10th         2025-08-04/2025-08-10     on each of these days
//	on a Wednesday: later this week  [2025-08-07..2025-08-10]  at some time from Thursday to Sunday
//	since April                      2025-04/                  throughout, perhaps not any more
//	on 6 August: since April         2025-04/2025-08-06        throughout, up to that day
//	in the 1750s                     175X                      at some time from 1750 to 1759
//	in the 18th century              [1701..1800]              17XX is 1700 to 1799
//	about 1750                       [1748..1752]              as far as you take "about" to reach
//	it happened before 1762          [..1761]                  nobody knows how long before
//	it was so until 1761             /1761                     nobody knows since when
//	in the winter of 1763            1763-24                   December 1763 to February 1764
//	10 February 1750/51, old style   1751-02-21                11 days later than it says
//
// The words themselves go beside the date, as does the day from which "this week" is
// counted: StatementRef.When of package events. What is easily mistaken:
//
//   - 1750~ is the year 1750 to every question, certainly neither 1749 nor 1751. The ~ only
//     marks it.
//   - ../1761-12-31 is nothing that happened before 1762. It held throughout, since
//     ever: certainly in 1700, too.
//   - 2025-04/.. never ends: it certainly holds in 2100.
//   - The winter that ended in 1763 is [1762-12..1763-02]. One of the two, nobody knows
//     which, is [1762-12..1763-02,1763-12..1764-02].
//   - 1750/51 is no date of EDTF, and 1750/1751 is throughout, from some time in the one
//     year to some time in the other. The English year of the old style began on 25
//     March, so its February 1750 is that of 1751. Its days are those of the Julian
//     calendar, 11 days behind from March 1700 to February 1800: that whole February is
//     [1751-02-12..1751-03-11]. A day of either style is [1751-02-10,1751-02-21].
//
// # Stretches
//
// A [Constraint] is what a Time says, without its text: some [Stretch] values
// and how they [Combine].
//
//   - [OneOf]: it happened at one instant, somewhere in one of the stretches.
//     A date is one stretch. A set in brackets has one for each member; a range
//     a..b is one, from the earliest instant of a to the latest of b.
//     Stretches that overlap or touch are merged.
//   - [AllOf]: it happened at one instant, somewhere in each of the stretches. A
//     set in braces has one for each member. A range a..b is one of them: some
//     instant in it, which is less than the specification says (every day, month
//     or year of it), and so never too much.
//   - [Throughout]: it held from an instant somewhere in the start to an instant
//     somewhere in the end. An interval a/b is the only one.
//
// A choice of one instant for each stretch (of a start and an end for an
// interval, the start not after the end) is a resolution: one way in which it
// may have been.
//
// Unspecified digits stand for every date that matches: 156X-12-25 is ten days,
// 2004-XX one stretch of a year. A date that matches in more than [MaxMembers]
// stretches is one stretch from the first match to the last, and so is such a
// date at the end of an interval, of a range, or in braces. Where the members
// of a set in brackets come to more than MaxMembers stretches together, each is
// one.
//
// An open start ("..") is [MinInstant] for certain: ../1985 held in 1900. An
// unknown start (nothing before the slash) lies anywhere up to the latest end:
// /1985 may have held in 1900. Ends likewise.
//
// # Questions
//
// [Time.Possibly] and [Time.Certainly] ask how a time t relates to a window w:
// the union of w's stretches, each from its earliest to its latest instant. A
// relation holds possibly if it does in some resolution of t, and certainly if
// it does in each.
//
//	Overlaps  the resolution has an instant in the window
//	Within    all its instants are in the window
//	Before    all its instants are before the window's first
//	After     all its instants are after the window's last
//
// What holds certainly holds possibly. The zero Time, on either side, says
// nothing: every relation holds possibly and none certainly.
//
// # Instants
//
// Instants are seconds since 1970-01-01T00:00:00Z in the proleptic Gregorian
// calendar, where year 0000 is the year before 0001. Stretches include both
// their ends. What lies outside int64, some 292 thousand million years away, is
// taken as MinInstant or [MaxInstant]: such years are not told apart.
//
// A time of day is one second. One without a zone is read as UTC; offsets are
// applied.
//
// Seasons have fixed months, since the specification gives none. 21 to 24
// (spring to winter) are read as 25 to 28, the meteorological seasons of the
// north: March to May and so on, winter from December to February of the next
// year. 29 to 32 are those of the south: spring from September, summer from
// December. 33 to 36 are quarters, 37 to 39 thirds and 40 to 41 halves.
//
// The qualifiers ?, ~ and % widen nothing, since the specification gives no
// number. They can be asked for, by [Time.Uncertain] and [Time.Approximate].
//
// # Source
//
// Library of Congress, Extended Date/Time Format Specification, 4 February 2019,
// which is ISO 8601-2:2019, Annex A: A.4 for level 0, A.5 for level 1, A.6 for
// level 2. In ISO 8601-2, years with Y, E and S are 4.7, seasons and other parts
// of a year 4.8, sets 6, qualifiers 8, unspecified digits 9, intervals 10.
//
// Where these say too little, the package is strict:
//
//   - A year with Y stands alone, neither in an interval nor in a set. It has
//     five digits or more, or an E.
//   - A time of day stands alone too. It has hours, minutes and seconds, no
//     fraction, no hour 24 and no leap second.
//   - No interval is inverted: its end's latest instant is not before its
//     start's earliest. And a year or a month does not end what starts in it:
//     write 1985-04/1985-XX, not 1985-04/1985. A season or another part of a
//     year does, for it has no X: 2025-02/2025-33.
//   - An interval has at least one end that is open or a date.
//   - In a set, ".." opens the first member or closes the last, or stands between
//     two dates of the same precision.
//   - No zone is -00:00, and none is 24 hours away or more.
//   - Text is at most [MaxText] bytes, and a set lists at most MaxMembers members.
//
// # Cost
//
// Parsing a day such as 2025-08-06 takes some tens of nanoseconds. Dates with
// every digit and intervals allocate nothing when parsed; sets, years with S and
// dates with X that match in several stretches allocate them once. Asking
// allocates nothing. It takes time linear in the stretches of t times those of
// w: one step between two dates, 4,096 at most.
package edtf
