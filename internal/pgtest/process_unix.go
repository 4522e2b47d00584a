//go:build unix && !linux

package pgtest

import "syscall"

// attributes make a process one of an ordinary user.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Credential: ordinary()} }
