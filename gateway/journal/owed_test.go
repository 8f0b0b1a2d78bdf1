// SPDX-License-Identifier: Apache-2.0

package journal_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lintel/gateway/journal"
	"lintel/gateway/journal/filestore"
	"lintel/gateway/journal/journaltest"
)

// silentStore makes changes, and does not say so: the connection to its database is lost just then.
type silentStore struct {
	journal.Store
	silent, deaf *atomic.Bool
}

// Move implements journal.Store.
func (s silentStore) Move(ctx context.Context, c journal.Change) error {
	if s.deaf.Load() {
		return errors.New("no connection")
	}
	err := s.Store.Move(ctx, c)
	if s.silent.Load() {
		return errors.New("the connection is lost")
	}
	return err
}

// silent opens a journal over a silentStore.
func silent(t *testing.T) (j *journal.Journal, silent, deaf *atomic.Bool) {
	t.Helper()
	silent, deaf = &atomic.Bool{}, &atomic.Bool{}
	disk := journaltest.NewDisk(1)
	j = start(t, disk, func(o *journal.Options) {
		o.Open = func(context.Context) (journal.Store, error) {
			s, err := filestore.Open(filestore.Options{Disk: disk})
			return silentStore{s, silent, deaf}, err
		}
	})
	return j, silent, deaf
}

// TestOwedRelease: a key that was to be free again was, though nobody could say so, and is in use by the next attempt. That
// it was to be free says nothing of that one: it would be done a third time.
func TestOwedRelease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, silent, _ := silent(t)
		defer func() { _ = j.Close() }()
		c := call(j, "{}")
		e := begin(t, j, c, journal.Unknown).Entry
		silent.Store(true)
		if err := j.Finish(t.Context(), e.ID, journal.End{To: journal.Released}); !errors.Is(err, journal.ErrUnavailable) {
			t.Fatalf("finish: %v", err)
		}
		time.Sleep(time.Millisecond)
		begin(t, j, c, journal.Unknown)
		silent.Store(false)
		time.Sleep(3 * time.Second)
		begin(t, j, c, journal.Running)
		if s := j.Stats(); s.Owed != 0 {
			t.Errorf("stats: %+v", s)
		}
		finish(t, j, e.ID, journal.Complete, "done")
		if f := begin(t, j, c, journal.Finished); string(f.Reply) != "done" {
			t.Errorf("reply %q", f.Reply)
		}
	})
}

// TestHealthIsSaid: that nothing can be recorded is in the log once, and that it can again.
func TestHealthIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		disk := journaltest.NewDisk(1)
		var bad atomic.Bool
		disk.Fault = func(string) error {
			if bad.Load() {
				return errors.New("the disk is full")
			}
			return nil
		}
		j := start(t, disk, func(o *journal.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
		bad.Store(true)
		if _, err := j.Begin(t.Context(), call(j, "{}")); !errors.Is(err, journal.ErrUnavailable) {
			t.Errorf("begin: %v", err)
		}
		time.Sleep(10 * time.Second)
		bad.Store(false)
		time.Sleep(10 * time.Second)
		_ = j.Close()
		if s := log.String(); strings.Count(s, "the disk is full") != 1 || strings.Count(s, "recorded again") != 1 {
			t.Error(s)
		}
	})
}

// TestOwedComesFirst: an answer that was given, and is not recorded yet, is recorded before anything else that is found out
// of the same operation. What is wanted at once or not at all is not owed.
func TestOwedComesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, _, deaf := silent(t)
		defer func() { _ = j.Close() }()
		c := call(j, "{}")
		e := begin(t, j, c, journal.Unknown).Entry
		finish(t, j, e.ID, journal.InDoubt, "")
		deaf.Store(true)
		if err := j.Finish(t.Context(), e.ID, journal.End{To: journal.NotApplied, AtOnce: true}); !errors.Is(err, journal.ErrUnavailable) || j.Stats().Owed != 0 {
			t.Errorf("at once: %v, %+v", err, j.Stats())
		}
		for _, end := range []journal.End{{To: journal.Complete, Reply: []byte("done")}, {To: journal.InDoubt, Proof: "reversal"}, {To: journal.NotApplied, Reply: []byte("no")}} {
			if err := j.Finish(t.Context(), e.ID, end); !errors.Is(err, journal.ErrUnavailable) {
				t.Errorf("finish: %v", err)
			}
		}
		deaf.Store(false)
		if err := j.Finish(t.Context(), e.ID, journal.End{To: journal.NotApplied, Reply: []byte("no")}); !errors.Is(err, journal.ErrState) {
			t.Errorf("another end: %v", err)
		}
		if f := begin(t, j, c, journal.Finished); string(f.Reply) != "done" || j.Stats().Owed != 0 {
			t.Errorf("reply %q, %+v", f.Reply, j.Stats())
		}
	})
}
