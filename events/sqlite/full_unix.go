//go:build unix

package sqlite

import "syscall"

// fullErrors say that there is no room for more: on the disk, or for this user.
var fullErrors = [...]error{syscall.ENOSPC, syscall.EDQUOT}
