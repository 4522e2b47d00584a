// Command bench measures the library, and beside it, in the same run, the best
// simple means and the databases that can answer the same, and writes one page
// about it: tables, how each figure grows with the size of the record, and the
// ratios between the library and what stands beside it.
//
//	go run .                  # 10^5 and 10^6 statements, which takes ten GB of memory
//	go run . -n 100000        # one size
//	go run . -n 10000000      # 10^7, without memstore, SQLite and plain maps, as of with 10^6;
//	                          # large/README.md has a page with it
//	go run . -record          # keep the ratios, to be compared with later
//	go run . -strict          # fail if a ratio has become worse by a fifth
//
// It is a module of its own, so that what it compares with is no dependency of
// the library. DuckDB and Kuzu need a C++ compiler; with CGO_ENABLED=0 they are
// left out.
//
// # Data
//
// n statements as a news coder makes them: n/20 entities whose frequencies follow
// Zipf's law (s = 1.1, v = 10), 50 predicates, a source and a target, a day, one
// voice, which is the source's. The seed is fixed. Where databases are compared, a
// tenth of the statements is retracted in the end, so that "now" and "as of"
// differ; questions are drawn by the same law, with another fixed seed.
//
// # Method
//
// What is compared is done by turns, once in a round, so that what else the
// machine does falls on all of it. A sample is one call, or as many as take a
// millisecond; one before the first is thrown away, and what is short is sampled
// ten times as often. The page gives the median of the samples, and of a ratio the
// median of the rounds' ratios with its spread, half the distance between their
// quartiles. Questions are many and differ, so each counts once, as the best of up
// to five tries, and what half of them and 95 of 100 take at most is given. Where
// commits to the disk are compared, sums count and not medians: a pause now and
// then is part of the price.
//
// Each ratio is what the library takes divided by what the other takes; less is
// better. Times and rates belong to a machine and are for reading only; the ratios
// are kept in ratios.json. Where there is nothing to compare with, there is
// still the yardstick: a thousand look-ups of random ids in a map of 65,536 (see
// yardstick.go).
//
// # Noise
//
// Three runs of go run . -n 10000 on a virtual machine with two cores, on which
// seven to eleven other processes wanted to run: between the least and the
// greatest of three, questions to other databases differed by 11 % in the median
// and a quarter of them by more than 24 %, reads against a slice by 10 % and 18 %,
// reads as of by 23 % and 75 %, durable recording by 45 %; loads and the
// collector's cycle, measured once each, by up to seven times. So record the
// ratios, and be strict about them, on a machine that does nothing else.
package main
