//go:build cgo

package main

// withCompiler returns the contestants that need a C++ compiler.
func withCompiler() []contestant {
	return []contestant{{"DuckDB", 0, newDuckDB}, {"Kuzu", 0, newKuzu}}
}
