package main

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// line is one line of a picture: y by x, both positive.
type line struct {
	name string
	x, y []float64
}

// The picture's size and the margins around what is drawn, in pixels. To the
// right is room for the names.
const (
	width, height            = 760, 400
	left, right, top, bottom = 80, 200, 40, 40
)

var colours = []string{"#1f6fb4", "#d1495b", "#3a7d44", "#b07d00", "#7a4fa3", "#00798c", "#a0522d", "#555555", "#c2187a", "#2e4057"}

// picture draws lines over logarithmic axes as SVG, each named at its end. The
// slope of a line is the exponent of its growth.
func picture(title, unit string, lines []line) string {
	across, up := axis{from: left, to: width - right}, axis{from: height - bottom, to: top}
	for _, l := range lines {
		across.take(l.x)
		up.take(l.y)
	}
	across.widen()
	up.widen()

	var w strings.Builder
	text := func(x, y float64, anchor, colour, s string) {
		fmt.Fprintf(&w, `<text x="%.0f" y="%.0f" text-anchor="%s" fill="%s">%s</text>`+"\n", x, y, anchor, colour, html.EscapeString(s))
	}
	fmt.Fprintf(&w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", width, height)
	fmt.Fprintf(&w, `<rect width="%d" height="%d" fill="white"/>`+"\n", width, height)
	text(left, 24, "start", "#222", title)
	for _, v := range across.ticks() {
		x := across.at(v)
		fmt.Fprintf(&w, `<line x1="%.0f" y1="%d" x2="%.0f" y2="%d" stroke="#ddd"/>`+"\n", x, top, x, height-bottom)
		text(x, height-bottom+18, "middle", "#555", thousands(fmt.Sprintf("%.0f", v)))
	}
	for _, v := range up.ticks() {
		y := up.at(v)
		fmt.Fprintf(&w, `<line x1="%d" y1="%.0f" x2="%d" y2="%.0f" stroke="#ddd"/>`+"\n", left, y, width-right, y)
		text(left-8, y+4, "end", "#555", amount(v, unit))
	}
	for i, y := range places(lines, up) {
		l, colour := lines[i], colours[i%len(colours)]
		points := make([]string, len(l.x))
		for k := range l.x {
			points[k] = fmt.Sprintf("%.1f,%.1f", across.at(l.x[k]), up.at(l.y[k]))
		}
		fmt.Fprintf(&w, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.Join(points, " "), colour)
		name := l.name
		if e, ok := exponent(l.x, l.y); ok {
			name = fmt.Sprintf("%s (n^%.2f)", name, e)
		}
		text(width-right+8, y+4, "start", colour, name)
	}
	w.WriteString("</svg>\n")
	return w.String()
}

// places returns where the names of lines stand: at their ends, but not one upon
// the other.
func places(lines []line, up axis) []float64 {
	const apart = 15
	order := make([]int, len(lines))
	for i := range order {
		order[i] = i
	}
	end := func(i int) float64 { return up.at(lines[i].y[len(lines[i].y)-1]) }
	slices.SortStableFunc(order, func(a, b int) int { return int(math.Copysign(1, end(a)-end(b))) })
	y := make([]float64, len(lines))
	next := float64(top)
	for k, i := range order {
		// Where the rest would not fit below, it moves up.
		lowest := float64(height - bottom - apart*(len(order)-1-k))
		y[i] = max(next, min(end(i), lowest))
		next = y[i] + apart
	}
	return y
}

// axis maps positive values to pixels by their logarithms.
type axis struct {
	from, to float64 // pixels
	low, top float64 // logarithms to base 10
	taken    bool
}

func (a *axis) take(values []float64) {
	for _, v := range values {
		l := math.Log10(v)
		if !a.taken {
			a.low, a.top, a.taken = l, l, true
		}
		a.low, a.top = min(a.low, l), max(a.top, l)
	}
}

// widen lets the axis begin and end at powers of ten.
func (a *axis) widen() {
	a.low, a.top = math.Floor(a.low+1e-9), math.Ceil(a.top-1e-9)
	if a.low == a.top {
		a.top++
	}
}

func (a axis) at(v float64) float64 {
	return a.from + (math.Log10(v)-a.low)/(a.top-a.low)*(a.to-a.from)
}

func (a axis) ticks() (list []float64) {
	for l := a.low; l <= a.top; l++ {
		list = append(list, math.Pow(10, l))
	}
	return list
}
