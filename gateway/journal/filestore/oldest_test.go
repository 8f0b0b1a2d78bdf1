// SPDX-License-Identifier: Apache-2.0

package filestore_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"lintel/gateway/journal"
	"lintel/gateway/journal/filestore"
	"lintel/gateway/journal/journaltest"
)

// refused opens a store of which a segment is missing.
func refused(t *testing.T, disk filestore.Disk, what, name string) {
	t.Helper()
	s, err := filestore.Open(filestore.Options{Disk: disk})
	if err == nil {
		_ = s.Close()
	}
	if !errors.Is(err, journal.ErrDamaged) || !strings.Contains(err.Error(), name) {
		t.Errorf("%s is missing: %v", what, err)
	}
}

// TestMissingOldest: whichever segments are gone, but for all of them, it is noticed; also the oldest.
func TestMissingOldest(t *testing.T) {
	whole := journaltest.NewDisk(1)
	s := open(t, filestore.Options{Disk: whole, SegmentSize: 1})
	for n := range 4 {
		insert(t, s, n)
	}
	_ = s.Close()
	names, _ := whole.Names()
	last := len(names) - 1
	for gone := 1; gone < 1<<last; gone++ {
		disk, nearest := whole.Clone(), ""
		for i, name := range names {
			if gone>>i&1 == 1 {
				_ = disk.Remove(name)
				nearest = name
			}
		}
		refused(t, disk, fmt.Sprintf("%04b", gone), nearest)
	}
	// The last one was begun and cut off behind its header, before its note.
	disk := whole.Clone()
	disk.Cut(names[last], strings.LastIndex(string(disk.Bytes(names[last])), "\xb1LJ1"))
	_ = disk.Remove(names[0])
	refused(t, disk, "the first", names[0])
}

// TestMissingOldestWhileOpen: what tidies up by age begins with the oldest segment, which is only read.
func TestMissingOldestWhileOpen(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filestore.Options{Folder: dir, SegmentSize: 1})
	for n := range 4 {
		insert(t, s, n)
	}
	if s.Check(); s.Health() != nil {
		t.Fatal(s.Health())
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.journal"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(names[0], names[0]+".away"); err != nil {
		t.Fatal(err)
	}
	s.Check()
	if _, err := s.Insert(t.Context(), journaltest.Entry(5)); !errors.Is(err, journal.ErrUnavailable) {
		t.Errorf("the oldest segment is gone: %v", err)
	}
	if err := os.Rename(names[0]+".away", names[0]); err != nil {
		t.Fatal(err)
	}
	s.Check()
	insert(t, s, 5)
}

// many records what is old in several segments, with one entry in doubt in the first, and then something new.
func many(t *testing.T, disk filestore.Disk) *filestore.Store {
	t.Helper()
	s := open(t, filestore.Options{Disk: disk, SegmentSize: 600, Retry: time.Millisecond})
	for n := range 12 {
		insert(t, s, n)
		if n != 0 {
			complete(t, s, n)
		}
	}
	if err := s.Move(t.Context(), journal.Change{ID: journaltest.Entry(0).ID, To: journal.InDoubt, At: time.Unix(1_700_000_100, 0)}); err != nil {
		t.Fatal(err)
	}
	insert(t, s, 50)
	c := completed(50)
	c.At = time.Unix(2_000_000_000, 0)
	if err := s.Move(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return s
}

// forget forgets what many made old.
func forget(t *testing.T, s *filestore.Store) error {
	t.Helper()
	at := time.Unix(1_900_000_000, 0)
	return s.Sweep(t.Context(), journal.Sweep{Now: at, Overdue: 100_000 * time.Hour, Forget: at})
}

// stopping is a disk that goes down before an operation, and stays down.
type stopping struct {
	*journaltest.Disk
	down func()

	mu   sync.Mutex
	left int // operations before it goes down; 0 if it is down
}

func (d *stopping) step(string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left == 0 {
		return errors.New("down")
	}
	if d.left--; d.left == 0 {
		d.down()
		return errors.New("down")
	}
	return nil
}

// set says how many operations are left, and tells how many were.
func (d *stopping) set(left int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.left
	d.left = left
	return before
}

// Remove implements filestore.Disk.
func (d *stopping) Remove(name string) error {
	if err := d.step("remove"); err != nil {
		return err
	}
	return d.Disk.Remove(name)
}

// plenty is more operations than there are.
const plenty = 1 << 30

// TestForgettingAtEveryPoint ends the process, or the power, before every operation of the disk while old segments are removed:
// the journal opens, nothing is lost, and it is still noticed when the oldest segment is.
func TestForgettingAtEveryPoint(t *testing.T) {
	for what, end := range map[string]func(*journaltest.Disk){"process": (*journaltest.Disk).Crash, "power": (*journaltest.Disk).LosePower} {
		t.Run(what, func(t *testing.T) {
			for point, over := 1, false; !over; point++ {
				synctest.Test(t, func(t *testing.T) {
					over = forgetUntil(t, point, end)
				})
			}
		})
	}
}

// forgetUntil ends at an operation; true if there are not so many.
func forgetUntil(t *testing.T, point int, end func(*journaltest.Disk)) (over bool) {
	disk := &stopping{Disk: journaltest.NewDisk(uint64(point)), left: plenty}
	disk.down = func() { end(disk.Disk) }
	disk.Fault = disk.step
	s := many(t, disk)
	before, _ := disk.Names()
	disk.set(point)
	err := forget(t, s)
	_ = s.Close()
	synctest.Wait()
	if over = disk.set(plenty) > 0; over != (err == nil) {
		t.Errorf("point %d: over %v, but %v", point, over, err)
	}
	kept := func(from filestore.Disk) error {
		s, err := filestore.Open(filestore.Options{Disk: from})
		if err != nil {
			return err
		}
		defer func() { _ = s.Close() }()
		for n, want := range map[int]journal.State{0: journal.InDoubt, 50: journal.Complete} {
			if got := stateOf(t, s, n); got != want {
				t.Errorf("point %d: entry %d is %s, want %s", point, n, got, want)
			}
		}
		return nil
	}
	if err := kept(disk.Disk); err != nil {
		t.Fatalf("point %d: %v", point, err)
	}
	names, _ := disk.Names()
	if over && (len(names) >= len(before)-2 || len(names) < 2 || point < 10) {
		t.Errorf("%d segments became %d, in %d operations", len(before), len(names), point)
	}
	lost := disk.Clone()
	_ = lost.Remove(names[0])
	if over {
		refused(t, lost, "the oldest", names[0])
	} else if err := kept(lost); err != nil && !errors.Is(err, journal.ErrDamaged) { // it may have been one to be removed
		t.Errorf("point %d: %v", point, err)
	}
	return over
}

// TestForgottenComeBack: segments that were removed may be there again after a loss of power, whichever of them.
func TestForgottenComeBack(t *testing.T) {
	disk := journaltest.NewDisk(1)
	s := many(t, disk)
	before := disk.Clone()
	if err := forget(t, s); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	names, _ := before.Names()
	left, _ := disk.Names()
	var gone []string
	for _, name := range names {
		if name < left[0] {
			gone = append(gone, name)
		}
	}
	if len(gone) < 3 {
		t.Fatalf("%d segments were removed", len(gone))
	}
	for back := range 1 << len(gone) {
		d := disk.Clone()
		for i, name := range gone {
			if back>>i&1 == 1 {
				restore(t, d, name, before.Bytes(name))
			}
		}
		for range 2 {
			s, err := filestore.Open(filestore.Options{Disk: d})
			if err != nil {
				t.Fatalf("%b came back: %v", back, err)
			}
			if a, b := stateOf(t, s, 0), stateOf(t, s, 50); a != journal.InDoubt || b != journal.Complete {
				t.Errorf("%b came back: %s, %s", back, a, b)
			}
			if err := forget(t, s); err != nil {
				t.Error(err)
			}
			_ = s.Close()
		}
		if now, _ := d.Names(); now[0] < left[0] {
			t.Errorf("%b came back and stay: %s", back, now)
		}
	}
}

func restore(t *testing.T, d *journaltest.Disk, name string, content []byte) {
	t.Helper()
	f, err := d.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(content, 0); err != nil {
		t.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
}
