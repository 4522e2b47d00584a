package sqlite

import (
	"io/fs"
	"os"
)

// makeBeside makes an empty file that belongs to a record, if there is none, with the
// rights and the owner of the record's. The driver would make it with those that the
// process gives to any new file, and give a log others only then, and the locks never.
// Where that fails the driver does what it can, and says what is wrong.
func makeBeside(path string, record fs.FileInfo) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, record.Mode().Perm())
	if err != nil {
		return
	}
	defer f.Close()
	f.Chmod(record.Mode().Perm()) // what the process takes away from any new file
	own(f, record)
}
