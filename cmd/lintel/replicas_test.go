// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lintel/gateway/journal"
	"lintel/gateway/journal/journaltest"
	"lintel/gateway/journal/postgres"
)

// TestReplicasOnPostgres runs two gateways on one journal in a real PostgreSQL. A key that comes to both at the same
// time is done once; a gateway that dies leaves its operation to the other, which ends it and answers for it.
func TestReplicasOnPostgres(t *testing.T) {
	server := journaltest.StartPostgres(t)
	b := startJournaledBank(t)
	file := filepath.Join(b.ws, "lintel.yaml")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	src = append(src, "gateway: {replicas: 2}\njournal: {postgres: \"${env:JOURNAL_URL}\", key: \"${env:JOURNAL_KEY}\"}\n"...)
	if err := os.WriteFile(file, src, 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"JOURNAL_URL=" + server.Database(t), "JOURNAL_KEY=a-key-of-the-journal-with-32-bytes-or-more"}
	other := []string{env[0], env[1]}
	b.serve(t, env...)
	one := b.gatewayProcess
	b.serve(t, other...)
	two := b.gatewayProcess

	// The same key at both at once.
	for n := range 10 {
		key, reference := fmt.Sprintf("replica-key-number-%d", n), fmt.Sprintf("REPLICA-%d", n)
		body := transferBody(debtor, creditor, "0.05", reference)
		var told atomic.Int32
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				api := one.api
				if i%2 == 0 {
					api = two.api
				}
				if a, err := b.send(api, "POST", "/transfers", body, key); err == nil && a.status == 201 {
					told.Add(1)
				}
			})
		}
		wg.Wait()
		if books := b.region.ledger(t, reference).count; books != 1 || told.Load() == 0 {
			t.Errorf("%s: %d in the books, %d were told", key, books, told.Load())
		}
	}

	for n, api := range []string{one.api, two.api} { // of those that came to both all may be of the quicker one
		if a, err := b.send(api, "POST", "/transfers", transferBody(debtor, creditor, "0.05", fmt.Sprintf("REPLICA-OWN-%d", n)), fmt.Sprintf("replica-own-key-%d", n)); err != nil || a.status != 201 {
			t.Errorf("its own: %v %d %s", err, a.status, a.text)
		}
	}
	if n := len(ownersOf(t, env[0])); n != 2 {
		t.Errorf("two gateways on one machine and in one folder have %d names", n)
	}

	// One dies after the host did the work.
	_ = one.cmd.Process.Kill()
	_ = one.wait(t)
	b.waits(t, true)
	b.serve(t, append(env, crashAt+"=before-complete")...)
	b.waits(t, false)
	dying := b.gatewayProcess
	body, key := transferBody(debtor, creditor, "0.05", "REPLICA-DIES"), "replica-key-that-dies"
	if a, err := b.send(dying.api, "POST", "/transfers", body, key); err == nil {
		t.Fatalf("the gateway did not die: %s", a.text)
	}
	_ = dying.wait(t)
	if a, err := b.send(two.api, "POST", "/transfers", body, key); err != nil || a.status != 409 && a.status != 201 { // on a slow machine it is known by now
		t.Errorf("the other says %v %d %s before it is known", err, a.status, a.text)
	}
	// One that starts where it was knows at once that nobody works on it; that another lives there makes no difference.
	b.serve(t, env...)
	if a, err := b.send(b.api, "POST", "/transfers", body, key); err != nil || a.status != 201 && a.body["code"] != "operation-in-doubt" {
		t.Errorf("after the restart: %v %d %s", err, a.status, a.text)
	}
	if n := len(ownersOf(t, env[0])); n != 2 {
		t.Errorf("there are %d names, with those of before a restart", n)
	}
	b.gatewayProcess = two
	var done bool
	for end := time.Now().Add(3 * patience); !done && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if a, err := b.send(two.api, "POST", "/transfers", body, key); err == nil {
			done, _ = isFinal(a)
		}
	}
	if books := b.region.ledger(t, "REPLICA-DIES").count; !done || books != 1 {
		t.Errorf("told %t, %d in the books", done, books)
	}
}

// ownersOf are the names of the processes that have entries in a journal.
func ownersOf(t *testing.T, env string) map[string]bool {
	t.Helper()
	_, url, _ := strings.Cut(env, "=")
	s, err := postgres.Open(t.Context(), postgres.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	list, err := s.List(t.Context(), journal.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	owners := map[string]bool{}
	for _, e := range list {
		owners[e.Owner] = true
	}
	return owners
}
