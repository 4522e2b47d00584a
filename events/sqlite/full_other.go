//go:build !unix

package sqlite

import "syscall"

// fullErrors say that there is no room for more: ERROR_HANDLE_DISK_FULL and
// ERROR_DISK_FULL of Windows.
var fullErrors = [...]error{syscall.Errno(39), syscall.Errno(112)}
