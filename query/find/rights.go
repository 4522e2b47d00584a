package find

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// owned makes a file that nobody but its owner may open, unless there is one, and returns
// the name by which SQLite opens it on a disk, the operating system's if that is empty,
// and gives the same rights to the log beside it.
func owned(path, disk string) (string, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	choices := url.Values{"modeof": {path}}
	if disk != "" {
		choices.Set("vfs", disk)
	}
	uri := url.URL{
		Scheme: "file", OmitHost: true,
		Path:     "/" + strings.TrimPrefix(filepath.ToSlash(path), "/"),
		RawQuery: strings.ReplaceAll(choices.Encode(), "+", "%20"), // a plus is a plus to SQLite
	}
	return uri.String(), nil
}
