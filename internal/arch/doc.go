// Package arch tests what the compiler does not: which package may import which,
// that no loop drops an error, and that nothing is left unfinished. It has no
// code of its own.
package arch
