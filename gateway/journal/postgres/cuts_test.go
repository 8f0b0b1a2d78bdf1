// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"lintel/gateway/journal"
	"lintel/gateway/journal/journaltest"
	"lintel/gateway/journal/postgres"
)

// cutting is a way to the server on which connections are cut: in the middle of a statement, or when it is committed and
// the word of it is under way. It returns the URL that leads over it.
func cutting(t *testing.T, direct string) string {
	t.Helper()
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	const socket = ".s.PGSQL.5432"
	q := u.Query()
	server, dir := filepath.Join(q.Get("host"), socket), t.TempDir()
	l, err := net.Listen("unix", filepath.Join(dir, socket))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { carry(client, server) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	q.Set("host", dir)
	q.Set("pool_max_conns", "6")
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String()
}

// carry carries bytes to and fro until it has carried enough.
func carry(client net.Conn, server string) {
	defer func() { _ = client.Close() }()
	up, err := net.Dial("unix", server)
	if err != nil {
		return
	}
	defer func() { _ = up.Close() }()
	half := func(to, from net.Conn, most int64) {
		_, _ = io.Copy(to, io.LimitReader(from, most))
		_, _ = client.Close(), up.Close()
	}
	var wg sync.WaitGroup
	wg.Go(func() { half(up, client, 2000+rand.Int64N(20_000)) })
	wg.Go(func() { half(client, up, 1000+rand.Int64N(6_000)) })
	wg.Wait()
}

// cuts: two gateways whose connections to the database are cut at any moment, also when nobody knows any more whether
// something was committed, do nothing twice, and say of nothing that it was done which was not.
func cuts(t *testing.T, server *journaltest.Postgres) {
	const operations = 60
	direct := server.Database(t)
	way := cutting(t, direct)
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
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
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
