//go:build !unix

package keys

import "io/fs"

// isMine cannot be told from what is known of a file: it has the rights that its
// directory gives.
func isMine(fs.FileInfo) bool { return true }
