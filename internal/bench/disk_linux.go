package main

import (
	"fmt"
	"os"
	"syscall"
)

func fdatasync(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }

// fileSystem returns the kind of file system that a directory is on.
func fileSystem(dir string) string {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return "unknown"
	}
	switch uint32(s.Type) {
	case 0xef53:
		return "ext4"
	case 0x58465342:
		return "XFS"
	case 0x9123683e:
		return "Btrfs"
	case 0x2fc12fc1:
		return "ZFS"
	case 0x794c7630:
		return "overlayfs"
	case 0x01021994:
		return "tmpfs, which is memory: nothing durable is measured"
	}
	return fmt.Sprintf("%#x", s.Type)
}
