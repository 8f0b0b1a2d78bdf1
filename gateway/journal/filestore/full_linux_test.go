// SPDX-License-Identifier: Apache-2.0

package filestore_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"lintel/gateway/journal"
	"lintel/gateway/journal/filestore"
	"lintel/gateway/journal/journaltest"
)

// ownMounts is set in a test that has file systems of its own: the folder of a small one.
const ownMounts = "LINTEL_TEST_OWN_MOUNTS"

// inOwnMounts runs the test again with a small tmpfs of its own, where the system lets it, and returns its folder
// in that run.
func inOwnMounts(t *testing.T) (dir string, own bool) {
	t.Helper()
	if dir := os.Getenv(ownMounts); dir != "" {
		return dir, true
	}
	dir = t.TempDir()
	shell := func(script string, more ...string) *exec.Cmd {
		c := exec.CommandContext(t.Context(), "unshare", append([]string{"--user", "--map-root-user", "--mount", "sh", "-ec", script}, more...)...)
		c.Env = append(os.Environ(), ownMounts+"="+dir)
		return c
	}
	setup := "mount -t tmpfs -o size=512k none " + dir
	if text, err := shell(setup).CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED on a real file system that is full: this system lets nobody mount one: %v %s", err, text)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := shell(setup+"\nexec \"$@\"", "sh", exe, "-test.run=^"+t.Name()+"$", "-test.v").CombinedOutput()
	if err != nil || !bytes.Contains(text, []byte("--- PASS: "+t.Name())) {
		t.Errorf("with a file system of its own: %v\n%s", err, text)
	}
	return dir, false
}

// TestI13RealDiskFull: the file system of the journal is full, before an intent and after a reply. Nothing is recorded
// and nothing lies; when there is space again the store goes on by itself, and a restart finds what was recorded.
func TestI13RealDiskFull(t *testing.T) {
	dir, own := inOwnMounts(t)
	if !own {
		return
	}
	folder, ballast := filepath.Join(dir, "journal"), filepath.Join(dir, "ballast")
	s := open(t, filestore.Options{Folder: folder, SegmentSize: 16 << 10, Retry: 10 * time.Millisecond})
	insert(t, s, 0)
	fill(t, ballast)
	// What was made longer before still has room: write until there is none.
	recorded := 1
	for ; recorded < 10_000; recorded++ {
		e := journaltest.Entry(recorded)
		e.Request = bytes.Repeat([]byte("x"), 2000)
		if _, err := s.Insert(t.Context(), e); err != nil {
			if !errors.Is(err, journal.ErrUnavailable) {
				t.Fatal(err)
			}
			break
		}
	}
	if recorded == 10_000 || s.Health() == nil {
		t.Fatalf("%d intents were recorded on a full disk, health %v", recorded, s.Health())
	}
	if err := s.Move(t.Context(), completed(0)); !errors.Is(err, journal.ErrUnavailable) {
		t.Errorf("completion on a full disk: %v", err)
	}
	if st := stateOf(t, s, 0); st != journal.Intent {
		t.Errorf("what could not be recorded is shown: %s", st)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); s.Health() != nil && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	complete(t, s, 0)
	insert(t, s, recorded) // the key of the intent that was refused is free
	_ = s.Close()
	s = open(t, filestore.Options{Folder: folder, SegmentSize: 16 << 10})
	if st := stateOf(t, s, 0); st != journal.Complete {
		t.Errorf("after a restart: %s", st)
	}
	for n := 1; n <= recorded; n++ {
		if st := stateOf(t, s, n); st != journal.InDoubt {
			t.Errorf("intent %d is %s after a restart", n, st)
		}
	}
}

// fill makes a file that takes all the space there is.
func fill(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	_ = f.Close()
}
