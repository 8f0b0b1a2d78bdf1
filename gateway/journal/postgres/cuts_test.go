// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"lintel/gateway/journal"
	"lintel/gateway/journal/journaltest"
	"lintel/gateway/journal/postgres"
)

// cuts: two gateways whose connections to the database are cut at any moment, also when nobody knows any more whether
// something was committed, do nothing twice, and say of nothing that it was done which was not.
func cuts(t *testing.T, server *journaltest.Postgres) {
	const operations = 60
	direct := server.Database(t)
	way := journaltest.CutPostgres(t, direct, 4000)
	w := &cutWorld{done: map[string]int{}}
	for n := range 2 {
		j, err := journal.New(t.Context(), journal.Options{
			Secret: bytes.Repeat([]byte{1}, 32), Owner: fmt.Sprint("gateway ", n), Every: 100 * time.Millisecond,
			Open: func(ctx context.Context) (journal.Store, error) {
				return postgres.Open(ctx, postgres.Options{URL: way})
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = j.Close() }()
		w.gateways = append(w.gateways, j)
	}
	var wg sync.WaitGroup
	for client := range 12 {
		wg.Go(func() {
			for n := range operations {
				w.operation(t, fmt.Sprintf("operation-%d-of-%06d", n, client/2)) // of two clients each
			}
		})
	}
	wg.Wait()
	if w.unknown == 0 {
		t.Error("nothing was cut")
	}
	t.Logf("%d operations, %d attempts, %d uses of the journal failed", len(w.done), w.attempts, w.unknown)
}

// cutWorld is a host that counts, and gateways before it.
type cutWorld struct {
	gateways []*journal.Journal

	mu                sync.Mutex
	done              map[string]int
	attempts, unknown int
}

// operation tries to have one thing done until it is told that it was.
func (w *cutWorld) operation(t *testing.T, key string) {
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); {
		j := w.gateways[rand.IntN(len(w.gateways))]
		c := &journal.Call{
			Tenant: "anna", Operation: "transfer", Key: key, Fingerprint: j.Fingerprint([]byte("{}")), Deadline: time.Now().Add(10 * time.Second), Request: []byte("{}"),
		}
		f, err := j.Begin(context.Background(), c)
		switch {
		case err != nil:
			w.failed(1)
		case f.Verdict == journal.Unknown:
			w.attempt(t, j, c)
		case f.Verdict == journal.Finished:
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.done[key] != 1 || string(f.Reply) != "done" {
				t.Errorf("%s was done %d times, and told %q", key, w.done[key], f.Reply)
			}
			return
		}
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
	}
	t.Errorf("nobody was told of %s", key)
}

func (w *cutWorld) failed(n int) {
	w.mu.Lock()
	w.unknown += n
	w.mu.Unlock()
}

// attempt is the exchange: the host is reached or not.
func (w *cutWorld) attempt(t *testing.T, j *journal.Journal, c *journal.Call) {
	end := journal.End{To: journal.Released, Proof: "not sent"}
	time.Sleep(time.Duration(rand.IntN(30)) * time.Millisecond)
	w.mu.Lock()
	w.attempts++
	if rand.IntN(3) > 0 {
		end = journal.End{To: journal.Complete, Proof: "reply", Reply: []byte("done")}
		if w.done[c.Key]++; w.done[c.Key] > 1 {
			t.Errorf("%s is done again", c.Key)
		}
	}
	w.mu.Unlock()
	if j.Finish(context.Background(), j.ID(c), end) != nil {
		w.failed(1)
	}
}
