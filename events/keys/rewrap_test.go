package keys

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onrecord/onrecord/events"
	faulty "github.com/onrecord/onrecord/internal/disk"
)

// box wraps for one who is named by a letter, in many sectors.
type box byte

func (b box) Wrap(secret []byte) ([]byte, error) {
	if b == 0 {
		return nil, errors.New("nobody to wrap for")
	}
	return append(bytes.Repeat([]byte{byte(b)}, 3000), secret...), nil
}

func (b box) Unwrap(wrapped []byte) ([]byte, error) {
	secret, ok := bytes.CutPrefix(wrapped, bytes.Repeat([]byte{byte(b)}, 3000))
	if !ok {
		return nil, fmt.Errorf("not for %c", b)
	}
	return secret, nil
}

func opened(t *testing.T, path string) *File {
	t.Helper()
	f, err := Open(path, nil)
	must(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func made(t *testing.T, f *File, n int) []events.EventKey {
	t.Helper()
	ks, err := f.New(ctx, n)
	must(t, err)
	return ks
}

// From then on only who it is wrapped for opens the file, which has the same keys; who has
// it open goes on. What fails changes nothing.
func TestRewrap(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	f := opened(t, path)
	kept := made(t, f, 3)
	root, err := f.Root(ctx)
	must(t, err)
	opens := func(w Wrapper) bool {
		g, err := Open(path, &Options{MustExist: true, Wrapper: w})
		if err != nil {
			return false
		}
		defer g.Close()
		got, err := g.Root(ctx)
		must(t, err)
		ks, err := g.Read(ctx, [][]byte{kept[2].ID})
		must(t, err)
		if got.Record != root.Record || got.Secret != root.Secret || ks[0].Secret != kept[2].Secret {
			t.Error("the keys are others")
		}
		return true
	}
	ways := []Wrapper{nil, box('a'), box('b')}
	for _, step := range [][2]int{{0, 1}, {1, 2}, {2, 2}, {2, 0}, {0, 2}} {
		must(t, Rewrap(path, ways[step[0]], ways[step[1]]))
		for i, w := range ways {
			if opens(w) != (i == step[1]) {
				t.Errorf("after %v: %v opens it, or does not", step, w)
			}
		}
		if entries, err := os.ReadDir(filepath.Dir(path)); len(entries) != 1 || err != nil {
			t.Errorf("beside it there are %v, %v", entries, err)
		}
		more := made(t, f, 40) // who has it open
		must(t, f.Destroy(ctx, [][]byte{more[0].ID}))
	}
	before, err := os.ReadFile(path)
	must(t, err)
	for _, c := range []struct {
		from, to Wrapper
		want     string
	}{
		{box('a'), box('c'), "not for a"},
		{nil, box('c'), "the master key is wrapped"},
		{box('b'), box(0), "nobody to wrap for"},
	} {
		if err := Rewrap(path, c.from, c.to); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v to %v: %v", c.from, c.to, err)
		}
	}
	if err := Rewrap(path+".none", nil, box('c')); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("where there is no file: %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("what was refused has changed the file, %v", err)
	}
}

// The power is cut at every change of the disk: the file is wrapped for the one or for the
// other, for the other once that was said, and has its keys. What lies beside it helps no
// other record.
func TestRewrapCrash(t *testing.T) {
	d, path := on{faulty.New(t)}, filepath.Join(t.TempDir(), "keys")
	f, err := openOn(d, path, &Options{Wrapper: box('a')})
	must(t, err)
	kept, err := f.New(ctx, 2)
	must(t, err, f.Close())
	type said byte
	d.Mark(said('a'))
	must(t, rewrapOn(d, path, box('a'), box('b')))
	d.Mark(said('b'))
	must(t, rewrapOn(d, path, box('b'), box('c')))
	d.Mark(said('c'))
	ended := map[byte]int{}
	moments, crashes := d.EachCrash(t, 10, 1, func(w *faulty.Wreck, _ *rand.Rand) {
		if len(w.Marks) == 0 {
			return // it was not made yet
		}
		dir := t.TempDir()
		must(t, w.Lay(dir))
		file, least := filepath.Join(dir, "keys"), byte(w.Marks[len(w.Marks)-1].(said))
		var by []byte
		for _, who := range []byte("abc") {
			f, err := Open(file, &Options{Wrapper: box(who), MustExist: true})
			if err != nil {
				continue
			}
			if ks, err := f.Read(ctx, [][]byte{kept[1].ID}); err != nil || ks[0].Secret != kept[1].Secret {
				t.Errorf("a key is another one, %v", err)
			}
			must(t, f.Close())
			by = append(by, who)
		}
		if len(by) != 1 || by[0] < least || by[0] > least+1 {
			t.Errorf("%q open it after it was said that %c does", by, least)
			return
		}
		ended[by[0]]++
		must(t, Rewrap(file, box(by[0]), box('d'))) // whatever has been left
	})
	t.Logf("%d moments, %d crashes, opened by %v", moments, crashes, ended)
}

// A head that lies beside the file of another record does not become its own.
func TestMendOnlyItsOwn(t *testing.T) {
	path, other := filepath.Join(t.TempDir(), "keys"), filepath.Join(t.TempDir(), "other")
	must(t, opened(t, path).Close(), opened(t, other).Close())
	data, err := os.ReadFile(path)
	must(t, err)
	heads, err := os.ReadFile(other)
	must(t, err)
	data[100] ^= 1
	must(t, os.WriteFile(path, data, 0o600))
	must(t, os.WriteFile(path+".head", heads[:headSize], 0o600))
	if _, err := Open(path, &Options{MustExist: true}); !errors.Is(err, events.ErrDamaged) {
		t.Error(err)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, data) {
		t.Errorf("it was changed, %v", err)
	}
}

// fickle returns another master key from the second time on.
type fickle struct {
	box
	times int
}

func (f *fickle) Unwrap(wrapped []byte) ([]byte, error) {
	secret, err := f.box.Unwrap(wrapped)
	if f.times++; err == nil && f.times > 1 {
		secret = bytes.Clone(secret)
		secret[0] ^= 1
	}
	return secret, err
}

// A master key that is not that of the keys is wrapped for nobody: they would be lost.
func TestRewrapAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	f, err := Open(path, &Options{Wrapper: box('a')})
	must(t, err)
	made(t, f, 3)
	must(t, f.Close())
	before, err := os.ReadFile(path)
	must(t, err)
	if err := Rewrap(path, &fickle{box: 'a'}, box('b')); err == nil || !strings.Contains(err.Error(), "another master key") {
		t.Errorf("Rewrap returns %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the file is another, %v", err)
	}
}

// A file that could not be synced does not get its name: a crash might leave it without
// keys that have been given out.
func TestMadeNotSynced(t *testing.T) {
	d := on{faulty.New(t)}
	path := filepath.Join(t.TempDir(), "keys")
	d.Break(func(op faulty.Op) *faulty.Fault {
		if op.Kind == faulty.Sync {
			return &faulty.Fault{Err: errDisk}
		}
		return nil
	})
	if f, err := openOn(d, path, nil); !errors.Is(err, errDisk) {
		t.Errorf("opened: %v, %v", f, err)
	}
	if isThere(path) {
		t.Error("it has its name")
	}
	d.Break(nil)
	f, err := openOn(d, path, nil)
	must(t, err)
	made(t, f, 3)
	must(t, f.Close())
}
