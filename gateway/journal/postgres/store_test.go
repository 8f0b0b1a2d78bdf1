// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"lintel/gateway/journal"
	"lintel/gateway/journal/journaltest"
	"lintel/gateway/journal/postgres"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, url string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), postgres.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// TestPostgres runs everything against one server.
func TestPostgres(t *testing.T) {
	server := journaltest.StartPostgres(t)
	t.Run("contract", func(t *testing.T) { contract(t, server) })
	t.Run("replicas", func(t *testing.T) { replicas(t, server) })
	t.Run("withdrawn", func(t *testing.T) { withdrawn(t, server) })
	t.Run("clocks", func(t *testing.T) { clocks(t, server) })
	t.Run("much to forget", func(t *testing.T) { muchToForget(t, server) })
	t.Run("keys", func(t *testing.T) { keys(t, server) })
	t.Run("replaced", func(t *testing.T) { replacedWhileOpen(t, server) })
	t.Run("not durable", func(t *testing.T) { notDurable(t, server) })
	t.Run("cuts", func(t *testing.T) { cuts(t, server) })
	t.Run("database gone", func(t *testing.T) { databaseGone(t, server) })
}

func contract(t *testing.T, server *journaltest.Postgres) {
	journaltest.Run(t, func(t *testing.T) journaltest.Opener {
		url := server.Database(t)
		return func(t *testing.T) journal.Store { return open(t, url) }
	})
}

// replicas: of several gateways that begin the same exchange, one does.
func replicas(t *testing.T, server *journaltest.Postgres) {
	url := server.Database(t)
	one, two := open(t, url), open(t, url)
	if one.Epoch() != two.Epoch() {
		t.Errorf("epochs %s and %s", one.Epoch(), two.Epoch())
	}
	for n := range 20 {
		var begun atomic.Int32
		var wg sync.WaitGroup
		for i := range 8 {
			s := one
			if i%2 == 1 {
				s = two
			}
			wg.Go(func() {
				there, err := s.Insert(context.Background(), journaltest.Entry(n))
				if err != nil {
					t.Error(err)
				}
				if there == nil {
					begun.Add(1)
				}
			})
		}
		wg.Wait()
		if begun.Load() != 1 {
			t.Fatalf("%d gateways began the same exchange", begun.Load())
		}
	}
	// The start of one does not touch what another works on.
	e := journaltest.Entry(99)
	e.Owner = "two"
	if _, err := two.Insert(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if err := one.Sweep(t.Context(), journal.Sweep{Now: e.Begun, Owner: "one", Overdue: 100_000 * time.Hour}); err != nil {
		t.Fatal(err)
	}
	if got, err := one.Get(t.Context(), e.ID); err != nil || got.State != journal.Intent {
		t.Errorf("%v %v", got, err)
	}
}

// withdrawn: a caller that had no time left sent nothing, and its key is free again.
func withdrawn(t *testing.T, server *journaltest.Postgres) {
	url := server.Database(t)
	s := open(t, url)
	other, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close(context.Background()) }()
	tx, err := other.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "LOCK TABLE lintel_journal IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := s.Insert(ctx, journaltest.Entry(1)); !errors.Is(err, journal.ErrUnavailable) {
		t.Fatalf("insert: %v", err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		e, err := s.Get(t.Context(), journaltest.Entry(1).ID)
		if err == nil && e == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the intent stays: %v %v", e, err)
		}
	}
}

// clocks: gateways whose clocks are wrong forget nothing that is not old by the clock of the database, whichever of them
// ended it and whichever forgets.
func clocks(t *testing.T, server *journaltest.Postgres) {
	s := open(t, server.Database(t))
	now, kept := time.Now(), 8*24*time.Hour
	if there, err := s.Clock(t.Context()); err != nil || there.Sub(now).Abs() > time.Minute {
		t.Fatalf("%s: %v", there, err)
	}
	for n, wrong := range []time.Duration{0, -9 * 24 * time.Hour, 9 * 24 * time.Hour} {
		e := journaltest.Entry(n)
		if _, err := s.Insert(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if err := s.Move(t.Context(), journal.Change{ID: e.ID, To: journal.Complete, At: now.Add(wrong)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, wrong := range []time.Duration{0, -9 * 24 * time.Hour, 9 * 24 * time.Hour} {
		w := journal.Sweep{Now: now.Add(wrong), Overdue: time.Hour, Forget: now.Add(wrong - kept)}
		if err := s.Sweep(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		for n := range 3 {
			if e, err := s.Get(t.Context(), journaltest.Entry(n).ID); err != nil || e == nil {
				t.Errorf("a clock that is off by %s forgets entry %d: %v", wrong, n, err)
			}
		}
	}
}

// muchToForget: what is old is forgotten bit by bit, by several gateways, and one entry that somebody works on holds up no other.
func muchToForget(t *testing.T, server *journaltest.Postgres) {
	url := server.Database(t)
	stores := []*postgres.Store{open(t, url), open(t, url)}
	db, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(context.Background()) }()
	exec := func(statement string) {
		t.Helper()
		if _, err := db.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO lintel_journal (id, attempt, step, operation, backend, state, begun, changed, deadline, fingerprint, version, owner, proof, contested)
		SELECT int8send(n), '', '', 'transfer', 'core', CASE WHEN n % 1000 = 0 THEN 5 ELSE 2 END, now() - interval '9 days', now() - interval '9 days', now(), '', '', '', '', false
		FROM generate_series(1, 20000) n`)
	exec("BEGIN")
	exec("SELECT FROM lintel_journal WHERE id = int8send(7) FOR UPDATE")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	w := journal.Sweep{Now: time.Now(), Overdue: time.Hour, Forget: time.Now().Add(-8 * 24 * time.Hour)}
	sweep := func() {
		var wg sync.WaitGroup
		for _, s := range stores {
			wg.Go(func() {
				if err := s.Sweep(ctx, w); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	left := func(want int) {
		t.Helper()
		var n int
		if err := db.QueryRow(t.Context(), "SELECT count(*) FROM lintel_journal").Scan(&n); err != nil || n != want {
			t.Errorf("%d are left, want %d: %v", n, want, err)
		}
	}
	sweep()
	left(21) // 20 are in doubt
	exec("ROLLBACK")
	sweep()
	left(20)
}

// keys: two gateways with keys of their own would know each other's operations under other names. The second is refused,
// also while nothing is recorded that it could not read.
func keys(t *testing.T, server *journaltest.Postgres) {
	url := server.Database(t)
	for _, tt := range []struct {
		key byte
		err error
	}{{1, nil}, {1, nil}, {2, journal.ErrOtherKey}} {
		j, err := journal.New(t.Context(), journal.Options{
			Secret: bytes.Repeat([]byte{tt.key}, 32), Owner: fmt.Sprint(tt.key),
			Open: func(ctx context.Context) (journal.Store, error) {
				return postgres.Open(ctx, postgres.Options{URL: url})
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = j.Lookup(t.Context(), &journal.Call{Tenant: "anna", Operation: "transfer", Key: "0123456789abcdef"})
		if !errors.Is(err, tt.err) {
			t.Errorf("key %d: %v", tt.key, err)
		}
		_ = j.Close()
	}
}

// replacedWhileOpen: a database that was emptied, and begun again by another gateway, is not the journal of this one.
func replacedWhileOpen(t *testing.T, server *journaltest.Postgres) {
	url := server.Database(t)
	s := open(t, url)
	if _, err := s.Insert(t.Context(), journaltest.Entry(1)); err != nil {
		t.Fatal(err)
	}
	db, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(context.Background()) }()
	for _, state := range []string{"DELETE FROM lintel_journal_epoch", "DROP TABLE lintel_journal, lintel_journal_epoch", ""} {
		if state == "" {
			open(t, url)
		} else if _, err := db.Exec(t.Context(), state); err != nil {
			t.Fatal(err)
		}
		fenced := journaltest.Entry(2)
		fenced.Fenced, fenced.Parent = true, journaltest.Entry(1).ID
		for _, e := range []*journal.Entry{journaltest.Entry(3), fenced} {
			if there, err := s.Insert(t.Context(), e); !errors.Is(err, journal.ErrUnavailable) || there != nil {
				t.Errorf("%q: insert: %v", state, err)
			}
		}
		if err := s.Sweep(t.Context(), journal.Sweep{Now: time.Now(), Overdue: time.Hour}); !errors.Is(err, journal.ErrUnavailable) {
			t.Errorf("%q: sweep: %v", state, err)
		}
		if s.Health() == nil {
			t.Errorf("%q: it says that it is well", state)
		}
	}
}

// notDurable: a database that does not wait for its disk is no journal.
func notDurable(t *testing.T, server *journaltest.Postgres) {
	url := server.Database(t)
	_, err := postgres.Open(t.Context(), postgres.Options{URL: url + "&synchronous_commit=off"})
	if err == nil || !strings.Contains(err.Error(), "synchronous_commit") {
		t.Errorf("it was taken: %v", err)
	}
}

// TestErrors: what cannot be reached or read is said without the password.
func TestErrors(t *testing.T) {
	for _, url := range []string{"postgres://u:SECRET@127.0.0.1:1/none?connect_timeout=2", "postgres://u:SECRET@127.0.0.1:port/none"} {
		_, err := postgres.Open(t.Context(), postgres.Options{URL: url})
		if err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%v", err)
		}
	}
}

// databaseGone: what cannot be recorded is said, and the store works again when the database does.
func databaseGone(t *testing.T, server *journaltest.Postgres) {
	s := open(t, server.Database(t))
	if _, err := s.Insert(t.Context(), journaltest.Entry(1)); err != nil {
		t.Fatal(err)
	}
	server.Stop(t)
	busy := runtime.NumGoroutine()
	for n := range 100 {
		if _, err := s.Insert(t.Context(), journaltest.Entry(2+n)); !errors.Is(err, journal.ErrUnavailable) {
			t.Errorf("insert: %v", err)
		}
	}
	// What never came to the database need not be withdrawn: there is no end of what is refused while it is gone. Attempts
	// to connect end at once; what is withdrawn would take seconds.
	left := func() int { return runtime.NumGoroutine() - busy }
	for n := 0; left() > 50 && n < 300; n++ { // looks, not time: that goes on while a machine stands still
		time.Sleep(10 * time.Millisecond)
	}
	if n := left(); n > 50 {
		t.Errorf("%d goroutines are left of what could not be recorded", n)
	}
	server.Start(t)
	if e, err := s.Get(t.Context(), journaltest.Entry(1).ID); err != nil || e == nil {
		t.Errorf("after the restart: %v %v", e, err)
	}
}
