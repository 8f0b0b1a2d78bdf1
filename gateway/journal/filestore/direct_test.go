// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"lintel/gateway/journal"
)

// newDirect makes a file that is written past the cache.
func newDirect(t *testing.T, d folder, name string) *directFile {
	t.Helper()
	f, err := d.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	direct, ok := f.(*directFile)
	if ok && direct.blocks.turnTo(direct) {
		return direct
	}
	if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" && runtime.GOOS == "linux" {
		t.Fatalf("%s lies on a file system that is not written past the cache, and LINTEL_REQUIRE_PEERS=1", d.name)
	}
	t.Skipf("NOT TESTED: %s lies on a file system that is not written past the cache", d.name)
	return nil
}

// frames writes frames of random lengths from an offset on, and returns what the file holds then.
func frames(t *testing.T, f File, dice *rand.Rand, holds []byte, room int64) []byte {
	t.Helper()
	for range 40 {
		frame := make([]byte, 1+dice.IntN(3*block))
		if dice.IntN(10) == 0 {
			frame = make([]byte, 1+dice.IntN(200<<10))
		}
		if dice.IntN(10) == 0 { // up to the end of a block
			frame = make([]byte, upToBlock(len(holds)+1)-len(holds))
		}
		for i := range frame {
			frame[i] = byte(1 + dice.IntN(255))
		}
		if end := int64(len(holds) + len(frame)); end > room {
			room = end + 10_000
			if err := f.Extend(room); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := f.WriteAt(frame, int64(len(holds))); err != nil || n != len(frame) {
			t.Fatal(n, err)
		}
		if err := f.Sync(); err != nil {
			t.Fatal(err)
		}
		holds = append(holds, frame...)
		// A part that was written before is read, so that the cache has blocks that are written again.
		at := dice.IntN(len(holds))
		part := make([]byte, len(holds)-at)
		if _, err := f.ReadAt(part, int64(at)); err != nil || !bytes.Equal(part, holds[at:]) {
			t.Fatalf("%d bytes at %d are not what was written: %v", len(part), at, err)
		}
	}
	return holds
}

// isFile fails unless a file holds some bytes, and zeros behind them.
func isFile(t *testing.T, name string, holds []byte) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) < len(holds) || !bytes.Equal(b[:len(holds)], holds) {
		t.Fatalf("the file of %d bytes does not hold the %d that were written", len(b), len(holds))
	}
	if rest := bytes.Trim(b[len(holds):], "\x00"); len(rest) > 0 {
		t.Fatalf("%d bytes behind what was written are not zero", len(rest))
	}
}

// TestDirectFile: a file that is written in blocks, past the cache, holds at any time what the same writes through
// the cache leave, also when it is opened again, cut within a block, and gone on with; and while another file of the
// folder is written in turn with it.
func TestDirectFile(t *testing.T) {
	for seed := range uint64(10) {
		dice := rand.New(rand.NewPCG(seed, 1))
		dir := t.TempDir()
		d := newFolder(dir)
		f, other := newDirect(t, d, "a"), newDirect(t, d, "b")
		holds := frames(t, f, dice, nil, 0)
		isFile(t, filepath.Join(dir, "a"), holds)
		second := frames(t, other, dice, nil, 0)
		size, err := f.Size()
		if err != nil {
			t.Fatal(err)
		}
		holds = frames(t, f, dice, holds, size)
		isFile(t, filepath.Join(dir, "a"), holds)
		isFile(t, filepath.Join(dir, "b"), second)
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		again, err := d.Open("a")
		if err != nil {
			t.Fatal(err)
		}
		holds = holds[:len(holds)/2-dice.IntN(block)]
		if err := again.Truncate(int64(len(holds))); err != nil {
			t.Fatal(err)
		}
		holds = frames(t, again, dice, holds, 0)
		isFile(t, filepath.Join(dir, "a"), holds)
		_ = again.Close()
	}
}

// refuses takes writes until it refuses them.
type refuses struct {
	writeCloser
	after int
}

// WriteAt refuses as file systems do that ask for more than a block.
func (r *refuses) WriteAt(b []byte, at int64) (int, error) {
	if r.after--; r.after < 0 {
		return 0, &os.PathError{Op: "write", Path: "a", Err: syscall.EINVAL}
	}
	return r.writeCloser.WriteAt(b, at)
}

// TestDirectRefused: a file system that refuses such writes is written through the cache, from whatever write on.
func TestDirectRefused(t *testing.T) {
	for after := range 12 {
		dice := rand.New(rand.NewPCG(uint64(after), 2))
		dir := t.TempDir()
		f := newDirect(t, newFolder(dir), "a")
		f.blocks.direct = &refuses{f.blocks.direct, after}
		isFile(t, filepath.Join(dir, "a"), frames(t, f, dice, nil, 0))
		if f.blocks.turnTo(f) {
			t.Error("it was written to as if nothing had been refused")
		}
	}
}

// TestDirectCut: what was cut off does not come back with the block that it was in.
func TestDirectCut(t *testing.T) {
	dir := t.TempDir()
	f := newDirect(t, newFolder(dir), "a")
	write := func(text string, times int, at int64) {
		t.Helper()
		if _, err := f.WriteAt(bytes.Repeat([]byte(text), times), at); err != nil {
			t.Fatal(err)
		}
	}
	write("A", 5000, 0)
	if err := f.Truncate(4500); err != nil {
		t.Fatal(err)
	}
	if err := f.Extend(9000); err != nil {
		t.Fatal(err)
	}
	write("x", 1, 5000)
	want := bytes.Repeat([]byte("A"), 5001)
	clear(want[4500:5000])
	want[5000] = 'x'
	isFile(t, filepath.Join(dir, "a"), want)
}

// TestDirectUnread: where the block that a frame begins in cannot be read, nothing is written, and the frames of another
// file are what they were.
func TestDirectUnread(t *testing.T) {
	dir := t.TempDir()
	d := newFolder(dir)
	a, b := newDirect(t, d, "a"), newDirect(t, d, "b")
	hold := map[*directFile][]byte{a: bytes.Repeat([]byte("A"), 1000), b: bytes.Repeat([]byte("B"), 3000)}
	for _, f := range []*directFile{b, a} {
		if _, err := f.WriteAt(hold[f], 0); err != nil {
			t.Fatal(err)
		}
	}
	if !d.blocks.turnTo(b) {
		t.Fatal("it is not written in blocks any more")
	}
	file := b.File
	closed, err := os.Open(filepath.Join(dir, "b"))
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	b.File = closed
	if _, err := b.WriteAt(make([]byte, 100<<10), 3000); err == nil {
		t.Error("a block that cannot be read was written again")
	}
	b.File = file
	for _, f := range []*directFile{a, b} {
		at := int64(len(hold[f]))
		hold[f] = append(hold[f], "next"...)
		if _, err := f.WriteAt([]byte("next"), at); err != nil {
			t.Fatal(err)
		}
	}
	isFile(t, filepath.Join(dir, "a"), hold[a])
	isFile(t, filepath.Join(dir, "b"), hold[b])
}

// TestOneDirect: however many segments there are, one is open twice.
func TestOneDirect(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("counts the files that this process has open in /proc")
	}
	dir := filepath.Join(t.TempDir(), "journal")
	_ = newDirect(t, newFolder(filepath.Dir(dir)), "a").Close()
	s, err := Open(Options{Folder: dir, SegmentSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for n := range 20 {
		e := &journal.Entry{ID: journal.ID{byte(n + 1)}, State: journal.Intent, Begun: time.Now(), Changed: time.Now()}
		if _, err := s.Insert(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	open, segments := -1, 0
	for end := time.Now().Add(time.Minute); open != segments+1 && time.Now().Before(end); time.Sleep(time.Millisecond) { // the last one is full, too
		open = opened(t, dir)
		s.mu.Lock()
		segments = len(s.segments)
		s.mu.Unlock()
	}
	if segments < 20 || open != segments+1 {
		t.Errorf("%d files are open of %d segments", open, segments)
	}
}

// opened counts the descriptors of segments of a folder.
func opened(t *testing.T, dir string) (n int) {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if name, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.HasPrefix(name, dir) && strings.HasSuffix(name, suffix) {
			n++
		}
	}
	return n
}
