// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"lintel/adapters/adaptertest"
	"lintel/gateway/journal/journaltest"
)

// hookReceiver takes notifications, but not always: it refuses one in four, and of the same operation two at most, since
// the pauses between attempts double.
type hookReceiver struct {
	*httptest.Server
	mu      sync.Mutex
	states  map[string]string // by operation
	refused map[string]int
	problem []string
}

func startHookReceiver(t *testing.T) *hookReceiver {
	t.Helper()
	h := &hookReceiver{states: map[string]string{}, refused: map[string]int{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n struct{ Operation, State string }
		text, err := io.ReadAll(r.Body)
		err = errors.Join(err, json.Unmarshal(text, &n))
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.refused[n.Operation] < 2 && rand.IntN(4) == 0 {
			h.refused[n.Operation]++
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if before := h.states[n.Operation]; err != nil || before != "" && before != n.State || n.State != "completed" && n.State != "not-applied" {
			h.problem = append(h.problem, fmt.Sprintf("%s, before %q: %v", text, before, err))
		}
		h.states[n.Operation] = n.State
	}))
	t.Cleanup(h.Close)
	return h
}

// TestI08SoakReplicas: two gateways in one folder share a journal in PostgreSQL. Clients send the same key to both,
// each gateway is killed in turn, the database crashes, connections to it and to the host are cut, and who is to be told does
// not always listen.
func TestI08SoakReplicas(t *testing.T) {
	if testing.Short() {
		t.Skip("kills gateways")
	}
	operations, kills := soakSize("LINTEL_SOAK_REPLICA_OPERATIONS", 120), soakSize("LINTEL_SOAK_REPLICA_KILLS", 4)
	server, hook := journaltest.StartPostgres(t), startHookReceiver(t)
	s := &soak{journaledBank: startHurriedBank(t)}
	file := filepath.Join(s.ws, "lintel.yaml")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	src = fmt.Appendf(src, "gateway: {replicas: 2}\njournal: {postgres: \"${env:JOURNAL_URL}\", key: \"${env:JOURNAL_KEY}\", webhook: {url: %q, secret: \"${env:HOOK_SECRET}\"}}\n", hook.URL)
	if err := os.WriteFile(file, src, 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"JOURNAL_URL=" + journaltest.CutPostgres(t, server.Database(t), 60_000), "JOURNAL_KEY=a-key-of-the-journal-with-32-bytes-or-more", "HOOK_SECRET=0123456789abcdef"}
	before := s.region.ledger(t, "")
	s.proxy = adaptertest.StartProxy(t, adaptertest.Framing{IncludesSelf: true}, s.region.address, cuts)
	var both [2]*gatewayProcess
	start := func(n int) {
		s.serve(t, env...)
		both[n] = s.gatewayProcess
		if other := both[1-n]; other != nil {
			s.apis.Store([]string{both[n].api, other.api})
		}
	}
	start(0)
	start(1)
	var clients sync.WaitGroup
	for range 16 {
		clients.Go(func() {
			for n := s.next.Add(1); int(n) <= operations; n = s.next.Add(1) {
				s.client(int(n))
			}
		})
	}
	for k := range kills {
		for int(s.next.Load()) < (k+1)*operations/(kills+1) {
			time.Sleep(5 * time.Millisecond)
		}
		s.region.fault(t, []string{"DROP-AFTER XFER 1", "SLOW XFER 300 2", "HANG XFER 1"}[k%3])
		time.Sleep(time.Duration(rand.IntN(30)) * time.Millisecond)
		_ = both[k%2].cmd.Process.Kill()
		_ = both[k%2].wait(t)
		start(k % 2)
		if k%2 == 1 {
			server.Crash(t)
			time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
			server.Start(t)
		}
	}
	clients.Wait()
	s.check(t, before)
	// Everybody is told in the end: of what was claimed by a gateway that was killed then, and refused twice, after 80 s.
	end := time.Now().Add(8 * patience)
	for waiting := true; waiting; time.Sleep(100 * time.Millisecond) {
		text, err := s.gatewayProcess.adminGet(s.bank.client, "/journal")
		if waiting = err != nil || !strings.Contains(text, `"untold": 0`); waiting && time.Now().After(end) {
			t.Fatalf("not everybody was told: %v %s", err, text)
		}
	}
	hook.mu.Lock()
	defer hook.mu.Unlock()
	for _, p := range hook.problem {
		t.Error(p)
	}
	t.Logf("%d operations were told of", len(hook.states))
}
