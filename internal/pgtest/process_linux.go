package pgtest

import "syscall"

// attributes make a process one of an ordinary user that ends with this one.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: ordinary(), Pdeathsig: syscall.SIGQUIT}
}
