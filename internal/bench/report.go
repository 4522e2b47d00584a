package main

import (
	"fmt"
	"slices"
	"strings"
)

// Figure is one thing that was measured.
type Figure struct {
	Row    string
	Column string  `json:",omitempty"` // empty: the section has a column for each size
	N      int     `json:",omitempty"` // statements; 0: it does not depend on them
	Value  float64 // in the unit
	Unit   string  // "ns", "B", "/s", "×" or a word
}

// Plot asks for a picture of how figures of a section grow: those with this row
// and this column, an empty one standing for all. What is left open names the
// lines.
type Plot struct {
	File  string // without ".svg"
	Title string
	Unit  string
	Row   string `json:",omitempty"`
	Col   string `json:",omitempty"`
}

// Section is one table, or one for each size if its figures have columns.
type Section struct {
	Title   string
	Text    string
	Figures []Figure
	Plots   []Plot `json:",omitempty"`
}

// Report is all that one run measured.
type Report struct {
	Head     []Field // machine, versions, date, command
	Sections []*Section
	Ratios   []Ratio
}

// Field is a line about the run.
type Field struct{ Name, Value string }

// files returns the page and the pictures that it shows, by file name.
func (r *Report) files() map[string]string {
	files := map[string]string{}
	var w strings.Builder
	w.WriteString("# Performance\n\nMade by the command below, in one run; how, says the [package comment](doc.go).\n\n")
	table(&w, []string{"", ""}, func(row func(...string)) {
		for _, f := range r.Head {
			row(f.Name, f.Value)
		}
	})
	for _, s := range r.Sections {
		if len(s.Figures) == 0 {
			continue
		}
		fmt.Fprintf(&w, "\n## %s\n\n%s\n", s.Title, s.Text)
		s.tables(&w)
		for _, p := range s.Plots {
			if lines := s.lines(p); len(lines) > 0 {
				files[p.File+".svg"] = picture(p.Title, p.Unit, lines)
				fmt.Fprintf(&w, "\n![%s](%s.svg)\n", p.Title, p.File)
			}
		}
	}
	r.ratioTable(&w)
	files["README.md"] = w.String()
	return files
}

func (s *Section) tables(w *strings.Builder) {
	sizes := values(s.Figures, func(f Figure) int { return f.N })
	slices.Sort(sizes)
	rows := values(s.Figures, func(f Figure) string { return f.Row })
	columns := values(s.Figures, func(f Figure) string { return f.Column })
	if len(columns) == 1 && columns[0] == "" {
		head := []string{""}
		for _, n := range sizes {
			head = append(head, sizeText(n))
		}
		if len(sizes) > 1 {
			head = append(head, "grows as")
		}
		w.WriteString("\n")
		table(w, head, func(row func(...string)) {
			for _, name := range rows {
				cells := []string{name}
				for _, n := range sizes {
					cells = append(cells, s.cell(name, "", n))
				}
				if len(sizes) > 1 {
					cells = append(cells, s.growth(name, ""))
				}
				row(cells...)
			}
		})
		return
	}
	grid := func(title string, cell func(row, column string) string) {
		// A row or a column without anything is left out.
		empty := func(row, column string) bool { return cell(row, column) == none }
		columns := slices.DeleteFunc(slices.Clone(columns), func(c string) bool {
			return !slices.ContainsFunc(rows, func(r string) bool { return !empty(r, c) })
		})
		w.WriteString("\n")
		table(w, append([]string{title}, columns...), func(row func(...string)) {
			for _, name := range rows {
				if !slices.ContainsFunc(columns, func(c string) bool { return !empty(name, c) }) {
					continue
				}
				cells := []string{name}
				for _, c := range columns {
					cells = append(cells, cell(name, c))
				}
				row(cells...)
			}
		})
	}
	for _, n := range sizes {
		grid(sizeText(n), func(r, c string) string { return s.cell(r, c, n) })
	}
	if len(sizes) > 1 {
		grid("grows as", s.growth)
	}
}

func (s *Section) cell(row, column string, n int) string {
	for _, f := range s.Figures {
		if f.Row == row && f.Column == column && f.N == n {
			return amount(f.Value, f.Unit)
		}
	}
	return none
}

// none stands where there is no figure.
const none = "–"

// growth returns how a figure grows with the size. Bare numbers, such as how many
// questions were put, do not.
func (s *Section) growth(row, column string) string {
	var x, y []float64
	for _, f := range s.Figures {
		if f.Row == row && f.Column == column && f.N > 0 && f.Unit != "" {
			x, y = append(x, float64(f.N)), append(y, f.Value)
		}
	}
	e, ok := exponent(x, y)
	if !ok {
		return none
	}
	return fmt.Sprintf("n^%.2f", e)
}

// lines returns the lines of a plot that have at least two points.
func (s *Section) lines(p Plot) (lines []line) {
	var names []string
	points := map[string]*line{}
	figures := slices.Clone(s.Figures)
	slices.SortStableFunc(figures, func(a, b Figure) int { return a.N - b.N })
	for _, f := range figures {
		if f.N == 0 || f.Value <= 0 || f.Unit != p.Unit || p.Row != "" && f.Row != p.Row || p.Col != "" && f.Column != p.Col {
			continue
		}
		name := f.Row
		if p.Row != "" {
			name = f.Column
		}
		if points[name] == nil {
			names = append(names, name)
			points[name] = &line{name: name}
		}
		l := points[name]
		l.x, l.y = append(l.x, float64(f.N)), append(l.y, f.Value)
	}
	for _, name := range names {
		if l := points[name]; len(l.x) > 1 {
			lines = append(lines, *l)
		}
	}
	return lines
}

func (r *Report) ratioTable(w *strings.Builder) {
	if len(r.Ratios) == 0 {
		return
	}
	w.WriteString("\n## Ratios\n\nWhat the library takes, divided by what stands beside it takes: less is better.\n\n")
	table(w, []string{"", "ratio", "spread", "recorded", ""}, func(row func(...string)) {
		for _, x := range r.Ratios {
			recorded, change := none, ""
			if x.Recorded > 0 {
				recorded = amount(x.Recorded, "")
				change = fmt.Sprintf("%+.0f %%", 100*(x.Value/x.Recorded-1))
				if x.worse() {
					change = "**" + change + "**"
				}
			}
			spread := none
			if x.Spread > 0 {
				spread = fmt.Sprintf("%.0f %%", 100*x.Spread)
			}
			row(x.Name, amount(x.Value, ""), spread, recorded, change)
		}
	})
}

// table writes a table of Markdown, the first column to the left, the others to
// the right.
func table(w *strings.Builder, head []string, rows func(row func(cells ...string))) {
	row := func(cells ...string) { fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")) }
	row(head...)
	w.WriteString("|---" + strings.Repeat("|--:", len(head)-1) + "|\n")
	rows(row)
}

// values returns the different values of figures, in the order in which they are
// met.
func values[T comparable](figures []Figure, of func(Figure) T) (list []T) {
	for _, f := range figures {
		if v := of(f); !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	return list
}

func sizeText(n int) string {
	if n == 0 {
		return ""
	}
	return "n = " + thousands(fmt.Sprint(n))
}

// amount writes a number with its unit in three digits, or more if it has more
// before the point.
func amount(v float64, unit string) string {
	scale := func(units ...string) string {
		k := 0
		for v >= 1000 && k < len(units)-1 {
			v, k = v/1000, k+1
		}
		return number(v) + " " + units[k]
	}
	switch unit {
	case "ns":
		return scale("ns", "µs", "ms", "s")
	case "B":
		return scale("B", "kB", "MB", "GB")
	case "":
		return number(v)
	case "/s":
		return number(v) + "/s"
	}
	return number(v) + " " + unit
}

func number(v float64) string {
	switch {
	case v != 0 && v < 0.1:
		return fmt.Sprintf("%.2g", v)
	case v < 10 && v != float64(int(v)):
		return fmt.Sprintf("%.2f", v)
	case v < 100 && v != float64(int(v)):
		return fmt.Sprintf("%.1f", v)
	}
	return thousands(fmt.Sprintf("%.0f", v))
}

func thousands(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
