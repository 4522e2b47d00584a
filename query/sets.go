package query

import (
	"slices"
	"strings"

	"github.com/google/uuid"
)

// setKey returns the same for the same ids, whatever their order.
func setKey(ids []uuid.UUID) string {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, compareIDs)
	var key strings.Builder
	for _, id := range slices.Compact(ids) {
		key.Write(id[:])
	}
	return key.String()
}

// note returns what a map has for a key, which is i if it had nothing.
func note[K comparable](m map[K]int, key K, i int) int {
	if _, known := m[key]; !known {
		m[key] = i
	}
	return m[key]
}

// partition puts numbers with the same key together, in the order of the first
// of each.
func partition(numbers []int, key func(int) int) (parts [][]int) {
	place := make(map[int]int)
	for _, i := range numbers {
		p := note(place, key(i), len(parts))
		if p == len(parts) {
			parts = append(parts, nil)
		}
		parts[p] = append(parts[p], i)
	}
	return parts
}

// sets are numbers from 0, joined into sets: for each number another of its set,
// not greater.
type sets []int

func newSets(n int) sets {
	s := make(sets, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// first returns the smallest number of the set that i is in.
func (s sets) first(i int) int {
	for s[i] != i {
		s[i] = s[s[i]]
		i = s[i]
	}
	return i
}

func (s sets) join(i, j int) {
	i, j = s.first(i), s.first(j)
	s[max(i, j)] = min(i, j)
}

// mutual returns the groups of numbers that lead to one another, each before
// those that lead to it (Tarjan, Depth-first search and linear graph algorithms,
// 1972).
func mutual(leads [][]int) (groups [][]int) {
	order, low := make([]int, len(leads)), make([]int, len(leads)) // order is 0 for what has not been visited
	on := make([]bool, len(leads))                                 // the stack
	var stack []int
	visited := 0
	var visit func(i int)
	visit = func(i int) {
		visited++
		order[i], low[i], on[i] = visited, visited, true
		from := len(stack)
		stack = append(stack, i)
		for _, j := range leads[i] {
			if order[j] == 0 {
				visit(j)
				low[i] = min(low[i], low[j])
			} else if on[j] {
				low[i] = min(low[i], order[j])
			}
		}
		if low[i] < order[i] {
			return
		}
		for _, j := range stack[from:] {
			on[j] = false
		}
		groups = append(groups, slices.Clone(stack[from:]))
		stack = stack[:from]
	}
	for i := range leads {
		if order[i] == 0 {
			visit(i)
		}
	}
	return groups
}
