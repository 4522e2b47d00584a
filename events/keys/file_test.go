package keys_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/eventstest"
	"github.com/onrecord/onrecord/events/keys"
	"github.com/onrecord/onrecord/events/keys/agewrap"
)

var ctx = context.Background()

func open(t testing.TB, path string, opts *keys.Options) *keys.File {
	t.Helper()
	f, err := keys.Open(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestKeys(t *testing.T) {
	paths := map[events.Keys]string{}
	at := func(t *testing.T, path string) events.Keys {
		f := open(t, path, nil)
		paths[f] = path
		return f
	}
	eventstest.TestKeys(t, func(t *testing.T) events.Keys { return at(t, filepath.Join(t.TempDir(), "keys")) },
		func(t *testing.T, k events.Keys) events.Keys { return at(t, paths[k]) })
}

func idsOf(ks []events.EventKey) (ids [][]byte) {
	for _, k := range ks {
		ids = append(ids, k.ID)
	}
	return ids
}

func newKeys(t testing.TB, f *keys.File, n int) []events.EventKey {
	t.Helper()
	ks, err := f.New(ctx, n)
	if err != nil || len(ks) != n {
		t.Fatal(len(ks), err)
	}
	return ks
}

func same(a, b events.EventKey) bool { return bytes.Equal(a.ID, b.ID) && a.Secret == b.Secret }

// What New returns can be read at once, by others and after a crash, in any order.
func TestNew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	f := open(t, path, nil)
	var all []events.EventKey
	for _, n := range []int{1, 0, 14, 3, 5000, 1} {
		all = append(all, newKeys(t, f, n)...)
	}
	slices.Reverse(all)
	again := open(t, path, nil) // f was not closed
	for _, x := range []*keys.File{f, again} {
		read, err := x.Read(ctx, idsOf(all))
		if err != nil || !slices.EqualFunc(read, all, same) {
			t.Fatalf("%d keys read, want %d: %v", len(read), len(all), err)
		}
	}
	secrets := map[events.Secret]bool{}
	for _, k := range append(all, newKeys(t, again, 10)...) {
		if secrets[k.Secret] || k.Secret == (events.Secret{}) || len(k.ID) == 0 {
			t.Fatal("a key is there twice, or is none")
		}
		secrets[k.Secret] = true
	}
	for _, id := range [][]byte{nil, {0}, {0xff}, {0xff, 0xff, 0xff, 0x7f}, []byte("no varint is so long")} {
		if _, err := f.Read(ctx, [][]byte{id}); err == nil {
			t.Errorf("%x is read", id)
		}
		if err := f.Destroy(ctx, [][]byte{id}); err == nil {
			t.Errorf("%x is destroyed", id)
		}
	}
	a, err := f.Root(ctx)
	b, err2 := again.Root(ctx)
	if err != nil || err2 != nil || a != b {
		t.Errorf("%v %v, %v %v", a, err, b, err2)
	}
}

// A key that is destroyed is so for all who have the file open, and its bytes are
// overwritten; the others are as they were.
func TestDestroy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	f, other := open(t, path, nil), open(t, path, nil)
	ks := newKeys(t, f, 100)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	root, err := f.Root(ctx)
	if err != nil {
		t.Fatal(err)
	}
	gone := []int{3, 4, 5, 50, 99}
	var ids [][]byte
	for _, i := range gone {
		ids = append(ids, ks[i].ID)
	}
	for range 2 { // again is no error
		if err := f.Destroy(ctx, ids); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []*keys.File{f, other, open(t, path, nil)} {
		read, err := x.Read(ctx, idsOf(ks))
		if err != nil {
			t.Fatal(err)
		}
		for i, k := range read {
			if want := slices.Contains(gone, i); want != (len(k.ID) == 0) || !want && !same(k, ks[i]) || want && k.Secret != (events.Secret{}) {
				t.Errorf("key %d is %v, destroyed: %v", i, k, want)
			}
		}
		now, err := x.Root(ctx)
		if err != nil || now.Snapshot == root.Snapshot || now.Secret != root.Secret || now.Record != root.Record {
			t.Errorf("the root is %v, was %v: %v", now, root, err)
		}
	}
	after, err := os.ReadFile(path)
	if err != nil || len(after) != len(before) {
		t.Fatal(len(after), err)
	}
	const keysAt, size = 4160, 64
	for i := range ks {
		was, is := before[keysAt+i*size:][:size], after[keysAt+i*size:][:size]
		if slices.Contains(gone, i) {
			if !bytes.Equal(is, markAt(keysAt+i*size)) || bytes.Equal(was, is) {
				t.Errorf("key %d: its bytes are %x, were %x", i, is, was)
			}
		} else if !bytes.Equal(was, is) {
			t.Errorf("key %d: its bytes have changed", i)
		}
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("%d files: %v", len(entries), err)
	}
}

// markAt is what a key that has been destroyed leaves at a place of the file.
func markAt(place int) []byte {
	mark := append([]byte("destroyed\n"), make([]byte, 54)...)
	binary.BigEndian.PutUint64(mark[56:], uint64(place))
	return mark
}

// Close takes back what was not used, and only if nothing follows it.
func TestClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	size := func() int64 {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	f := open(t, path, nil)
	newKeys(t, f, 3)
	other := open(t, path, nil)
	others := newKeys(t, other, 1)
	whole := size()
	f.Close()
	if size() != whole {
		t.Error("keys of another have been cut off")
	}
	other.Close()
	f = open(t, path, nil)
	if want := whole - 15*64; size() != want {
		t.Errorf("%d bytes, want %d", size(), want)
	}
	if k, err := f.Read(ctx, idsOf(others)); err != nil || !same(k[0], others[0]) {
		t.Errorf("%v, %v", k, err)
	}
	if _, err := f.New(ctx, 1); err != nil {
		t.Error(err)
	}
}

// After Close every call says that the file has been closed, and which; so do calls that are
// under way.
func TestCallsAfterClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	f := open(t, path, nil)
	ids := idsOf(newKeys(t, f, 1))
	calls := map[string]func() error{
		"Root":    func() error { _, err := f.Root(ctx); return err },
		"New":     func() error { _, err := f.New(ctx, 1); return err },
		"Read":    func() error { _, err := f.Read(ctx, ids); return err },
		"Destroy": func() error { return f.Destroy(ctx, ids) },
	}
	started, ended := make(chan bool, len(calls)), make(chan error)
	for _, call := range calls {
		go func() {
			err := call()
			for started <- true; err == nil; {
				err = call()
			}
			ended <- err
		}()
	}
	for range calls {
		<-started
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for range calls {
		if err := <-ended; !errors.Is(err, events.ErrClosed) {
			t.Errorf("under way: %v", err)
		}
	}
	calls["Read of none"] = func() error { _, err := f.Read(ctx, nil); return err }
	calls["New of none"] = func() error { _, err := f.New(ctx, 0); return err }
	calls["Close"] = f.Close
	for name, call := range calls {
		if err := call(); !errors.Is(err, events.ErrClosed) || !strings.HasPrefix(err.Error(), "keys: ") || !strings.HasSuffix(err.Error(), path+": the file has been closed") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if k, err := open(t, path, nil).Read(ctx, ids); err != nil || k[0].ID != nil {
		t.Errorf("opened again, the key that was destroyed is %v, %v", k, err)
	}
}

// What is no file of keys is left alone; what has been damaged is told.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "keys")
	for what, content := range map[string][]byte{"empty": {}, "short": []byte("my keys"), "long": bytes.Repeat([]byte("my keys "), 1000)} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.Open(path, nil); !errors.Is(err, keys.ErrNotKeys) {
			t.Errorf("%s: %v", what, err)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, content) {
			t.Errorf("%s: it has been changed", what)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	f := open(t, path, nil)
	ks := newKeys(t, f, 2)
	f.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, 20, 40, 4000, 4095} {
		changed := bytes.Clone(whole)
		changed[at] ^= 1
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.Open(path, nil); err == nil {
			t.Errorf("opened, though byte %d has changed", at)
		}
	}
	for _, n := range []uint16{4001, 4050, 4070, math.MaxUint16} {
		changed := bytes.Clone(whole)
		binary.BigEndian.PutUint16(changed[33:], n)
		binary.BigEndian.PutUint32(changed[4092:], crc32.Checksum(changed[:4092], crc32.MakeTable(crc32.Castagnoli)))
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.Open(path, nil); !errors.Is(err, keys.ErrNotKeys) {
			t.Errorf("with a master key of %d bytes: %v", n, err)
		}
	}
	slot := func(of int) []byte { return whole[4160+of*64:][:64] }
	zeros, other, mark, more := make([]byte, 64), bytes.Clone(slot(1)), bytes.Clone(slot(0)), bytes.Clone(slot(0))
	copy(mark, "destroyed\n")
	more[63] = 1
	for what, bad := range map[string][]byte{
		"zeros, as of a block that was lost": zeros, "another's key": other, "half of a mark": mark, "something behind the key": more,
	} {
		copy(slot(0), bad)
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		f := open(t, path, nil)
		if k, err := f.Read(ctx, idsOf(ks)); !errors.Is(err, events.ErrDamaged) {
			t.Errorf("%s: %v, %v", what, k, err)
		}
		// It can be given up.
		if err := f.Destroy(ctx, idsOf(ks[:1])); err != nil {
			t.Fatal(err)
		}
		if k, err := f.Read(ctx, idsOf(ks)); err != nil || len(k[0].ID) != 0 || !same(k[1], ks[1]) {
			t.Errorf("%s, destroyed: %v, %v", what, k, err)
		}
	}
}

// The secret of snapshots is replaced if it is damaged, and nothing else is; but not where
// the master key may be another.
func TestSnapshotSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	wrapped := &keys.Options{Wrapper: plain{32}}
	f := open(t, path, wrapped)
	ks := newKeys(t, f, 10_000)
	if err := f.Destroy(ctx, idsOf(ks[:9_999])); err != nil {
		t.Fatal(err)
	}
	before, err := f.Root(ctx)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const at, behind = 4096, 4160
	for what, damage := range map[string]func(data []byte){
		"a bit is flipped": func(data []byte) { data[at+4] ^= 1 },
		"it is zeros":      func(data []byte) { clear(data[at:behind]) },
		"it is a mark":     func(data []byte) { copy(data[at:behind], markAt(at)) },
	} {
		damaged := bytes.Clone(whole)
		damage(damaged)
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.Open(path, &keys.Options{Wrapper: wrong{}}); !errors.Is(err, events.ErrDamaged) {
			t.Errorf("%s, with another master key: %v", what, err)
		}
		var roots []events.Root
		for range 2 {
			f := open(t, path, wrapped)
			root, err := f.Root(ctx)
			if err != nil {
				t.Fatal(err)
			}
			roots = append(roots, root)
			if k, err := f.Read(ctx, idsOf(ks[9_998:])); err != nil || len(k[0].ID) > 0 || !same(k[1], ks[9_999]) {
				t.Errorf("%s: %v, %v", what, k, err)
			}
			f.Close()
		}
		want := before
		if want.Snapshot = roots[0].Snapshot; roots[0] != want || roots[1] != want || want == before || want.Snapshot == (events.Secret{}) {
			t.Errorf("%s: the roots are %v, before %v", what, roots, before)
		}
		now, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(now[:at], whole[:at]) || !bytes.Equal(now[behind:], whole[behind:]) {
			t.Errorf("%s: more has been replaced, %v", what, err)
		}
	}
	clear(whole[at:])
	if err := os.WriteFile(path, whole[:behind], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Open(path, wrapped); !errors.Is(err, events.ErrDamaged) {
		t.Errorf("with no other key: %v", err)
	}
}

// wrong returns another key than it was given.
type wrong struct{ plain }

func (wrong) Unwrap([]byte) ([]byte, error) { return make([]byte, 32), nil }

func TestMustExist(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	must := &keys.Options{MustExist: true}
	if _, err := keys.Open(path, must); !errors.Is(err, fs.ErrNotExist) || strings.Count(err.Error(), path) != 1 {
		t.Errorf("no file: %v", err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 0 {
		t.Errorf("there are %v, %v", entries, err)
	}
	ks := newKeys(t, open(t, path, nil), 1)
	if again, err := open(t, path, must).Read(ctx, idsOf(ks)); err != nil || !same(again[0], ks[0]) {
		t.Errorf("there is one: %v", err)
	}
}

// A link to where nothing is, as of a disk that is not there, is left alone.
func TestDangling(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "keys")
	if err := os.Symlink(filepath.Join(dir, "disk", "keys"), path); err != nil {
		t.Skip(err)
	}
	if _, err := keys.Open(path, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
}

// Of several that make a file at once, one does, and all have the same keys. What one
// has left that died while it made the file is used, and nothing of it stays.
func TestMakeTogether(t *testing.T) {
	for _, left := range []string{"", "onrecord keys 1\nand no more", strings.Repeat("onrecord keys 1\n", 500)} {
		dir := t.TempDir()
		path := filepath.Join(dir, "keys")
		if left != "" {
			if err := os.WriteFile(path+".new", []byte(left), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var all sync.WaitGroup
		roots := make([]events.Root, 8)
		for i := range roots {
			all.Go(func() {
				f, err := keys.Open(path, nil)
				if err == nil {
					defer f.Close()
					roots[i], err = f.Root(ctx)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, r := range roots {
			if r != roots[0] || r == (events.Root{}) {
				t.Errorf("%v and %v", r, roots[0])
			}
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Errorf("%v, %v", entries, err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() != 4160 {
			t.Errorf("it has %d bytes, want 4160: %v", info.Size(), err)
		}
	}
}

// The master key is written to no file that others may have opened.
func TestMakePrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("who may read a file is a matter of its directory there")
	}
	for what, leave := range map[string]func(path string) error{
		"nothing": func(string) error { return nil },
		"a file that all may read": func(path string) error {
			return errors.Join(os.WriteFile(path, nil, 0o644), os.Chmod(path, 0o644))
		},
		"a file that a group may write": func(path string) error {
			return errors.Join(os.WriteFile(path, nil, 0o620), os.Chmod(path, 0o620))
		},
		"a link":            func(path string) error { return os.Symlink(filepath.Join(filepath.Dir(path), "public"), path) },
		"a link to nothing": func(path string) error { return os.Symlink(filepath.Join(filepath.Dir(path), "nothing"), path) },
	} {
		dir := t.TempDir()
		path, public := filepath.Join(dir, "keys"), filepath.Join(dir, "public")
		if err := errors.Join(os.WriteFile(public, nil, 0o600), leave(path+".new")); err != nil {
			t.Fatal(err)
		}
		f, err := keys.Open(path, nil)
		if what == "nothing" {
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
			if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
				t.Errorf("%v, %v", info.Mode(), err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), path+".new") {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: there is a file of keys: %v", what, err)
		}
		if data, err := os.ReadFile(public); err != nil || len(data) > 0 {
			t.Errorf("%s: what it links to has %d bytes, %v", what, len(data), err)
		}
	}
}

// With a recipient, nobody opens the file without the identity.
func TestAge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, path, &keys.Options{Wrapper: &agewrap.Wrapper{Recipients: []age.Recipient{identity.Recipient()}}})
	ks := newKeys(t, f, 2)
	f.Close()
	for what, w := range map[string]keys.Wrapper{
		"without a wrapper":     nil,
		"without an identity":   &agewrap.Wrapper{Recipients: []age.Recipient{identity.Recipient()}},
		"by somebody else":      &agewrap.Wrapper{Identities: []age.Identity{stranger}},
		"by a wrapper of mine":  plain{},
		"by one that cuts keys": plain{16},
	} {
		if _, err := keys.Open(path, &keys.Options{Wrapper: w}); err == nil {
			t.Errorf("opened %s", what)
		}
	}
	f = open(t, path, &keys.Options{Wrapper: &agewrap.Wrapper{Identities: []age.Identity{identity}}})
	if read, err := f.Read(ctx, idsOf(ks)); err != nil || !slices.EqualFunc(read, ks, same) {
		t.Errorf("%v, %v", read, err)
	}
	short := filepath.Join(t.TempDir(), "short")
	open(t, short, &keys.Options{Wrapper: plain{32}})
	if _, err := keys.Open(short, &keys.Options{Wrapper: plain{16}}); err == nil || !strings.Contains(err.Error(), "the master key has 16 bytes, want 32") {
		t.Errorf("opened with half of the master key: %v", err)
	}
	bare := filepath.Join(t.TempDir(), "bare")
	open(t, bare, nil)
	if _, err := keys.Open(bare, &keys.Options{Wrapper: plain{}}); err == nil {
		t.Error("a file without a wrapper is opened with one")
	}
}

// plain wraps nothing, or too little.
type plain struct{ cut int }

func (plain) Wrap(secret []byte) ([]byte, error)      { return secret, nil }
func (p plain) Unwrap(wrapped []byte) ([]byte, error) { return wrapped[:p.cut], nil }

// wide wraps a secret in so many bytes.
type wide int

func (n wide) Wrap(secret []byte) ([]byte, error) {
	return append(secret, make([]byte, int(n)-len(secret))...), nil
}
func (wide) Unwrap(wrapped []byte) ([]byte, error) { return wrapped[:32], nil }

func TestLongestWrapped(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "keys")
	f := open(t, path, &keys.Options{Wrapper: wide(4000)})
	ks := newKeys(t, f, 1)
	f.Close()
	if read, err := open(t, path, &keys.Options{Wrapper: wide(4000)}).Read(ctx, idsOf(ks)); err != nil || !same(read[0], ks[0]) {
		t.Errorf("wrapped in 4000 bytes: %v, %v", read, err)
	}
	if _, err := keys.Open(filepath.Join(dir, "more"), &keys.Options{Wrapper: wide(4001)}); err == nil {
		t.Error("wrapped in 4001 bytes")
	}
}

// There is one id of a key, and no other that means it.
func TestIDs(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "keys"), nil)
	all := newKeys(t, f, 3)
	for _, id := range [][]byte{
		nil, {0}, {0x81, 0}, {1, 0}, binary.AppendUvarint(nil, 1<<58), binary.AppendUvarint(nil, 1<<58+1),
		binary.AppendUvarint(nil, math.MaxInt64/64), binary.AppendUvarint(nil, math.MaxUint64),
	} {
		if found, err := f.Read(t.Context(), [][]byte{id}); err == nil {
			t.Errorf("%x is read as %x", id, found[0].ID)
		}
		if err := f.Destroy(t.Context(), [][]byte{id}); err == nil {
			t.Errorf("%x is destroyed", id)
		}
	}
	for _, k := range all {
		if found, err := f.Read(t.Context(), [][]byte{k.ID}); err != nil || found[0].Secret != k.Secret {
			t.Errorf("key %x: %v", k.ID, err)
		}
	}
	if _, err := f.Root(t.Context()); err != nil {
		t.Error(err)
	}
	newKeys(t, f, 13) // all that have been made
	behind := binary.AppendUvarint(nil, 17)
	if err := f.Destroy(t.Context(), [][]byte{behind}); err == nil {
		t.Error("a key that has not been made is destroyed")
	}
	if err := f.Destroy(t.Context(), idsOf(newKeys(t, f, 1))); err != nil {
		t.Error(err)
	}
}

// A file is the same after the working directory has changed.
func TestChangedDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	f := open(t, "keys", nil)
	t.Chdir(t.TempDir())
	all := newKeys(t, f, 100)
	if err := f.Destroy(t.Context(), idsOf(all[:1])); err != nil {
		t.Error(err)
	}
}

// A file that has been replaced, or removed, is not changed any more: that would be lost.
func TestReplaced(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open is not replaced there")
	}
	for _, remove := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "keys")
		f := open(t, path, nil)
		all := newKeys(t, f, 3)
		backup, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if !remove {
			if err := os.WriteFile(path, backup, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Destroy(t.Context(), [][]byte{all[0].ID}); err == nil {
			t.Error("a key is destroyed in a file that nobody will read")
		}
		if _, err := f.New(t.Context(), 100); err == nil {
			t.Error("keys are made in a file that nobody will read")
		}
	}
}
