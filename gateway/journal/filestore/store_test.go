// SPDX-License-Identifier: Apache-2.0

package filestore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"lintel/gateway/journal"
	"lintel/gateway/journal/filestore"
	"lintel/gateway/journal/journaltest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, o filestore.Options) *filestore.Store {
	t.Helper()
	s, err := filestore.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestContract(t *testing.T) {
	for name, size := range map[string]int64{"segments of 64 MiB": 0, "a segment for every frame": 1} {
		t.Run(name, func(t *testing.T) {
			journaltest.Run(t, func(t *testing.T) journaltest.Opener {
				dir := filepath.Join(t.TempDir(), "journal")
				return func(t *testing.T) journal.Store {
					return open(t, filestore.Options{Folder: dir, SegmentSize: size})
				}
			})
		})
	}
}

// TestContractInMemory: a simulation's journal keeps to the same contract.
func TestContractInMemory(t *testing.T) {
	journaltest.Run(t, func(t *testing.T) journaltest.Opener {
		m := &filestore.Memory{}
		return func(t *testing.T) journal.Store { return open(t, filestore.Options{Disk: m}) }
	})
}

func insert(t *testing.T, s *filestore.Store, n int) {
	t.Helper()
	if there, err := s.Insert(t.Context(), journaltest.Entry(n)); err != nil || there != nil {
		t.Fatalf("insert %d: %v %v", n, there, err)
	}
}

func complete(t *testing.T, s *filestore.Store, n int) {
	t.Helper()
	if err := s.Move(t.Context(), completed(n)); err != nil {
		t.Fatal(err)
	}
}

func completed(n int) journal.Change {
	return journal.Change{ID: journaltest.Entry(n).ID, To: journal.Complete, At: time.Unix(1_800_000_000, 0), Reply: []byte("reply")}
}

func stateOf(t *testing.T, s *filestore.Store, n int) journal.State {
	t.Helper()
	e, err := s.Get(t.Context(), journaltest.Entry(n).ID)
	if err != nil {
		t.Fatal(err)
	}
	if e == nil {
		return 0
	}
	return e.State
}

// TestI16OneProcess: two processes, one journal.
func TestI16OneProcess(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filestore.Options{Folder: dir})
	if _, err := filestore.Open(filestore.Options{Folder: dir}); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Fatalf("a second process opened the journal: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, filestore.Options{Folder: dir})
}

// TestMissingFiles: files that are not in their folder any more are written to in vain, and are not.
func TestMissingFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	s := open(t, filestore.Options{Folder: dir, Retry: 5 * time.Millisecond})
	insert(t, s, 1)
	s.Check()
	insert(t, s, 2)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	refused := func(n int) {
		t.Helper()
		s.Check()
		time.Sleep(50 * time.Millisecond) // it does not go on elsewhere by itself
		if _, err := s.Insert(t.Context(), journaltest.Entry(n)); !errors.Is(err, journal.ErrUnavailable) {
			t.Errorf("insert: %v", err)
		}
		if err := s.Move(t.Context(), completed(2)); !errors.Is(err, journal.ErrUnavailable) {
			t.Errorf("move: %v", err)
		}
	}
	must(os.Rename(dir, dir+".away"))
	refused(3)
	must(os.Mkdir(dir, 0o700)) // another folder
	refused(4)
	must(os.WriteFile(filepath.Join(dir, "lock"), nil, 0o600))
	refused(5)
	must(os.RemoveAll(dir))
	must(os.Rename(dir+".away", dir))
	s.Check()
	complete(t, s, 1)
	insert(t, s, 3)
	names, err := filepath.Glob(filepath.Join(dir, "*.journal"))
	must(err)
	must(os.Remove(names[0]))
	refused(6)
}

// TestPermissions: nobody else may read the files.
func TestPermissions(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	s := open(t, filestore.Options{Folder: dir})
	insert(t, s, 1)
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v %v", path, info.Mode(), err)
		}
		return nil
	})
}

// frames makes a journal of a few frames and returns its disk and the only segment's name.
func frames(t *testing.T) (disk *journaltest.Disk, name string) {
	t.Helper()
	disk = journaltest.NewDisk(1)
	s := open(t, filestore.Options{Disk: disk, SegmentSize: 4096})
	for n := range 4 {
		insert(t, s, n)
		complete(t, s, n)
	}
	insert(t, s, 9)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	names, _ := disk.Names()
	return disk, names[0]
}

// TestI10TornTail cuts the journal at every byte: it opens, a cut intent is gone (it was never
// sent), a cut completion leaves its exchange in doubt, and everything before stands.
func TestI10TornTail(t *testing.T) {
	disk, name := frames(t)
	whole := len(disk.Bytes(name))
	last := -1
	for size := whole; size >= 0; size-- {
		d := disk.Clone()
		d.Cut(name, size)
		s, err := filestore.Open(filestore.Options{Disk: d, SegmentSize: 4096})
		if err != nil {
			t.Fatalf("cut to %d bytes: %v", size, err)
		}
		known := 0
		for _, n := range []int{0, 1, 2, 3, 9} {
			switch st := stateOf(t, s, n); {
			case st == journal.Complete:
				known += 2
			case st == journal.InDoubt:
				known++
			case st != 0:
				t.Fatalf("cut to %d bytes: entry %d is %s", size, n, st)
			}
		}
		if last >= 0 && (known > last || known < last-1) {
			t.Fatalf("cut to %d bytes: what is known goes from %d to %d", size, last, known)
		}
		last = known
		insert(t, s, 77) // it can go on
		_ = s.Close()
	}
	if last != 0 {
		t.Errorf("an empty segment knows %d", last)
	}
}

// TestI11Damage changes single bytes inside: the store is not opened, and says where to look.
func TestI11Damage(t *testing.T) {
	disk, name := frames(t)
	b := disk.Bytes(name)
	var starts []int
	for i := range b {
		if strings.HasPrefix(string(b[i:]), "\xb1LJ1") {
			starts = append(starts, i)
		}
	}
	lastFrame := starts[len(starts)-1]
	for offset := range lastFrame {
		d := disk.Clone()
		d.Corrupt(name, offset)
		s, err := filestore.Open(filestore.Options{Disk: d})
		if err == nil {
			_ = s.Close()
			t.Fatalf("a changed byte at %d was not noticed", offset)
		}
		if !errors.Is(err, journal.ErrDamaged) || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "offset") {
			t.Fatalf("byte %d: %v", offset, err)
		}
	}
}

// faulty fails the operations of one kind while on.
type faulty struct {
	on    atomic.Bool
	what  string
	count atomic.Int32
}

func (f *faulty) fault(what string) error {
	if f.on.Load() && (what == f.what || f.what == "write" && (what == "create" || what == "extend")) {
		f.count.Add(1)
		return errors.New("injected")
	}
	return nil
}

// TestI12I13Fault: fsync fails, or the disk is full, before an intent and after a reply. Nothing is recorded and
// nothing lies; fsync is not called again on that file; when the disk is well again the store goes
// on by itself with a new segment, and what failed does not come back after a restart.
func TestI12I13Fault(t *testing.T) {
	for id, what := range map[string]string{"I12 fsync": "sync", "I13 disk full": "write"} {
		t.Run(id, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				disk := journaltest.NewDisk(1)
				f := &faulty{what: what}
				disk.Fault = f.fault
				s := open(t, filestore.Options{Disk: disk})
				insert(t, s, 1)
				f.on.Store(true)
				if err := s.Move(t.Context(), completed(1)); !errors.Is(err, journal.ErrUnavailable) {
					t.Fatalf("completion: %v", err)
				}
				calls := f.count.Load()
				if _, err := s.Insert(t.Context(), journaltest.Entry(2)); !errors.Is(err, journal.ErrUnavailable) {
					t.Fatalf("intent: %v", err)
				}
				if f.count.Load() != calls || calls != 1 {
					t.Errorf("%d failed calls on the sealed segment, then %d", calls, f.count.Load())
				}
				if st := stateOf(t, s, 1); st != journal.Intent {
					t.Errorf("what could not be recorded is shown: %s", st)
				}
				if s.Health() == nil {
					t.Error("the store says it is well")
				}
				time.Sleep(3 * time.Second)
				f.on.Store(false)
				time.Sleep(2 * time.Second)
				complete(t, s, 1)
				insert(t, s, 2)
				complete(t, s, 2)
				_ = s.Close()
				s = open(t, filestore.Options{Disk: disk})
				if a, b := stateOf(t, s, 1), stateOf(t, s, 2); a != journal.Complete || b != journal.Complete {
					t.Errorf("after a restart: %s, %s", a, b)
				}
				_ = s.Close()
			})
		})
	}
}

// TestI14SlowSync: fsync takes longer than the caller has. Nothing was sent, and the key is free
// again once the disk answers.
func TestI14SlowSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := journaltest.NewDisk(1)
		s := open(t, filestore.Options{Disk: disk})
		disk.SetLatency(5 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if _, err := s.Insert(ctx, journaltest.Entry(1)); !errors.Is(err, journal.ErrUnavailable) {
			t.Fatalf("insert: %v", err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("it took %s", took)
		}
		if st := stateOf(t, s, 1); st != journal.Intent {
			t.Errorf("meanwhile it is %s", st)
		}
		time.Sleep(20 * time.Second)
		if st := stateOf(t, s, 1); st != 0 {
			t.Errorf("afterwards it is %s", st)
		}
		_ = s.Close()
	})
}

// TestSlowSyncs: everybody who waits for a slow disk gets what became of its own record, also those who come while it is
// slow; and one whose context never ends waits as long as patience lasts.
func TestSlowSyncs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := journaltest.NewDisk(1)
		s := open(t, filestore.Options{Disk: disk})
		disk.SetLatency(70 * time.Millisecond)
		var wg sync.WaitGroup
		for n := range 50 {
			wg.Go(func() {
				time.Sleep(time.Duration(n) * 7 * time.Millisecond)
				for _, n := range []int{n, n + 100, n + 200} {
					if there, err := s.Insert(t.Context(), journaltest.Entry(n)); err != nil || there != nil {
						t.Errorf("insert %d: %v %v", n, there, err)
					}
					if err := s.Move(t.Context(), completed(n)); err != nil {
						t.Errorf("complete %d: %v", n, err)
					}
					if st := stateOf(t, s, n); st != journal.Complete {
						t.Errorf("entry %d is %s", n, st)
					}
				}
			})
		}
		wg.Wait()
		if w := s.Written(); w.Records != 300 || w.Groups == 0 || w.Groups >= w.Records {
			t.Errorf("%d records in %d groups", w.Records, w.Groups)
		}
		insert(t, s, 1000)
		disk.SetLatency(time.Minute)
		start := time.Now()
		if err := s.Move(t.Context(), completed(1000)); !errors.Is(err, journal.ErrUnavailable) {
			t.Errorf("a move that hangs: %v", err)
		}
		if took := time.Since(start); took < journal.Patience || took > journal.Patience+time.Second {
			t.Errorf("it took %s", took)
		}
		_ = s.Close()
		if w := s.Written(); w.Records != 302 {
			t.Errorf("%d records", w.Records)
		}
	})
}

// TestI18PowerLoss: whatever a loss of power leaves, what was told to be recorded is there.
func TestI18PowerLoss(t *testing.T) {
	seeds := 2000
	if testing.Short() {
		seeds = 300
	}
	for seed := range uint64(seeds) {
		synctest.Test(t, func(t *testing.T) { powerLoss(t, seed) })
	}
}

func powerLoss(t *testing.T, seed uint64) {
	disk := journaltest.NewDisk(seed)
	disk.SetLatency(time.Millisecond)
	told := map[int]journal.State{}
	next := 0
	for round := range 4 {
		s, err := filestore.Open(filestore.Options{Disk: disk, SegmentSize: int64(1 + seed%3*400)})
		if err != nil {
			t.Fatalf("seed %d round %d: %v", seed, round, err)
		}
		for n, want := range told {
			got := stateOf(t, s, n)
			if got != want && (want != journal.Intent || got != journal.InDoubt && got != journal.Complete) {
				t.Fatalf("seed %d round %d: entry %d is %s, told %s", seed, round, n, got, want)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		results := make(chan func(), 100)
		for range 8 {
			n := next
			next++
			go func() {
				if there, err := s.Insert(ctx, journaltest.Entry(n)); err != nil || there != nil {
					return
				}
				results <- func() { told[n] = journal.Intent }
				if n%3 != 0 && s.Move(ctx, completed(n)) == nil {
					results <- func() { told[n] = journal.Complete }
				}
			}()
		}
		time.Sleep(time.Duration(seed%7) * 700 * time.Microsecond)
		synctest.Wait()
		disk.LosePower()
		cancel()
		_ = s.Close()
		synctest.Wait()
		close(results)
		for f := range results {
			f()
		}
	}
}

// TestForgetting: old segments go away, and what is in doubt is carried along.
func TestForgetting(t *testing.T) {
	disk := journaltest.NewDisk(1)
	s := open(t, filestore.Options{Disk: disk, SegmentSize: 2000})
	for n := range 100 {
		insert(t, s, n)
		if n != 7 {
			complete(t, s, n)
		}
	}
	before, _ := disk.Names()
	if err := s.Move(t.Context(), journal.Change{ID: journaltest.Entry(7).ID, To: journal.InDoubt, At: time.Unix(1_700_000_100, 0)}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // what was carried over comes into a segment of its own age
		if err := s.Sweep(t.Context(), journal.Sweep{Now: time.Unix(1_900_000_000, 0), Overdue: 100_000 * time.Hour, Forget: time.Unix(1_900_000_000, 0)}); err != nil {
			t.Fatal(err)
		}
	}
	after, _ := disk.Names()
	if len(after) > 2 || len(before) < 10 {
		t.Errorf("%d segments became %d", len(before), len(after))
	}
	_ = s.Close()
	s = open(t, filestore.Options{Disk: disk})
	if st := stateOf(t, s, 7); st != journal.InDoubt {
		t.Errorf("what is in doubt became %s", st)
	}
	if st := stateOf(t, s, 3); st != 0 {
		t.Errorf("what is old is %s", st)
	}
}

// TestTooLarge: what no frame can hold is refused, and what others record meanwhile is recorded.
func TestTooLarge(t *testing.T) {
	s := open(t, filestore.Options{Disk: journaltest.NewDisk(1)})
	big := journaltest.Entry(1)
	big.Request = make([]byte, 64<<20)
	if _, err := s.Insert(t.Context(), big); !errors.Is(err, journal.ErrTooLarge) {
		t.Errorf("insert: %v", err)
	}
	insert(t, s, 2)
	c := completed(2)
	c.Reply = big.Request
	if err := s.Move(t.Context(), c); !errors.Is(err, journal.ErrTooLarge) {
		t.Errorf("move: %v", err)
	}
	complete(t, s, 2)
	if err := s.Health(); err != nil {
		t.Error(err)
	}
}

// TestForgettingByAWrongClock: the clock was ahead for a while, and what was recorded then counted as old. What is recorded
// from then on does not, or it would be done again.
func TestForgettingByAWrongClock(t *testing.T) {
	s := open(t, filestore.Options{Disk: journaltest.NewDisk(1)})
	sweep := func(forget int64) {
		t.Helper()
		at := time.Unix(forget, 0)
		if err := s.Sweep(t.Context(), journal.Sweep{Now: at, Overdue: 100_000 * time.Hour, Forget: at}); err != nil {
			t.Fatal(err)
		}
	}
	begun := func(n int) {
		t.Helper()
		insert(t, s, n)
		complete(t, s, n)
	}
	begun(1)
	sweep(1_900_000_000)
	if st := stateOf(t, s, 1); st != 0 {
		t.Errorf("what is old is %s", st)
	}
	begun(2)
	if st := stateOf(t, s, 2); st != journal.Complete {
		t.Errorf("what was recorded since is %s", st)
	}
	sweep(1_700_000_000) // the clock is right again
	for n := range 2 {
		if st := stateOf(t, s, n+1); st != journal.Complete {
			t.Errorf("%d is %s", n+1, st)
		}
	}
	sweep(1_900_000_000)
	if st := stateOf(t, s, 2); st != 0 {
		t.Errorf("what is old now is %s", st)
	}
}

// TestRecovery: a hundred thousand open entries are found within two seconds (goal 15 of the
// failure model); the bound here is for a busy machine.
func TestRecovery(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 100,000 entries")
	}
	disk := journaltest.NewDisk(1)
	synctest.Test(t, func(t *testing.T) { // where patience does not end because a machine stands still
		s := open(t, filestore.Options{Disk: disk})
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() {
				for n := i; n < 100_000; n += 64 {
					if _, err := s.Insert(context.Background(), journaltest.Entry(n)); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		_ = s.Close()
	})
	start := time.Now()
	s := open(t, filestore.Options{Disk: disk})
	list, err := s.List(t.Context(), journal.Filter{State: journal.InDoubt, Limit: 200_000})
	if err != nil || len(list) != 100_000 {
		t.Fatalf("%d in doubt, %v", len(list), err)
	}
	took := time.Since(start)
	t.Logf("100,000 open entries found in %s", took)
	if took > time.Minute {
		t.Errorf("finding 100,000 open entries took %s", took)
	}
}

// TestSecondFailure: making the next segment fails as well, several times, and leaves nothing behind.
func TestSecondFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := journaltest.NewDisk(1)
		f := &faulty{what: "sync"}
		disk.Fault = f.fault
		s := open(t, filestore.Options{Disk: disk})
		insert(t, s, 1)
		f.on.Store(true)
		_, _ = s.Insert(t.Context(), journaltest.Entry(2))
		time.Sleep(10 * time.Second)
		f.on.Store(false)
		time.Sleep(2 * time.Second)
		insert(t, s, 3)
		_ = s.Close()
		names, _ := disk.Names()
		if len(names) != 2 || !slices.IsSorted(names) {
			t.Errorf("segments: %v", names)
		}
		s = open(t, filestore.Options{Disk: disk})
		for n, want := range map[int]journal.State{1: journal.InDoubt, 2: 0, 3: journal.InDoubt} {
			if st := stateOf(t, s, n); st != want {
				t.Errorf("entry %d is %s, want %s", n, st, want)
			}
		}
		_ = s.Close()
	})
}

func BenchmarkInsertComplete(b *testing.B) {
	for _, clients := range []int{1, 64} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			s, err := filestore.Open(filestore.Options{Folder: b.TempDir()})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			var next atomic.Int64
			b.SetParallelism(clients)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					n := int(next.Add(1))
					if _, err := s.Insert(context.Background(), journaltest.Entry(n)); err != nil {
						b.Error(err)
						return
					}
					if err := s.Move(context.Background(), completed(n)); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
