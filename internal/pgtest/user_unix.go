//go:build unix

package pgtest

import (
	"errors"
	"os"
	osuser "os/user"
	"strconv"
	"syscall"
)

// ordinary returns the user that the server runs as if this process is root's, which
// PostgreSQL refuses.
func ordinary() *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := osuser.Lookup(name)
		if err != nil {
			continue
		}
		uid, noUser := strconv.ParseUint(u.Uid, 10, 32)
		gid, noGroup := strconv.ParseUint(u.Gid, 10, 32)
		if noUser == nil && noGroup == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	return nil
}

// giveAway makes files belong to the server's user.
func giveAway(names ...string) error {
	who := ordinary()
	if who == nil {
		return nil
	}
	var failed error
	for _, name := range names {
		failed = errors.Join(failed, os.Chown(name, int(who.Uid), int(who.Gid)))
	}
	return failed
}
