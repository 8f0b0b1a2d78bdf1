// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"lintel/gateway"
)

// crashAt is the environment variable that names the point at which a gateway of a test kills itself.
const crashAt = "LINTEL_TEST_CRASH"

// crashPoint makes the hook of this process.
func crashPoint() func(string) {
	at := os.Getenv(crashAt)
	if at == "" {
		return nil
	}
	return func(name string) {
		if name == at {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
}

// journaledBank is a bank whose host ends tasks after a second, so that doubts end soon.
type journaledBank struct {
	*bank
	ws string
}

func startJournaledBank(t *testing.T) *journaledBank {
	t.Helper()
	b := &journaledBank{bank: &bank{dir: buildRegion(t), data: t.TempDir()}}
	b.region = startRegion(t, b.dir, b.data, "0", "--runaway", "1000")
	b.ws = copyWorkspace(t, "../../examples/bank", map[string]string{
		"timeout: 2s": "timeout: 1s", "window: 30s": "window: 60s", "minimum: 20": "minimum: 100000", "over: 1s": "over: 50s", "wait: 100ms": "wait: 2s",
	})
	file := filepath.Join(b.ws, "transforms", "transfer.yaml")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(src), "after: 35s") {
		t.Fatal("transfer.yaml has another inquiry than the test knows")
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(src), "after: 35s", "after: 2s\n  every: 200ms", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	b.client = newBankClient(t)
	return b
}

// serve starts a gateway on the workspace; more is its environment.
func (b *journaledBank) serve(t *testing.T, more ...string) {
	t.Helper()
	b.gatewayProcess = startGateway(t, b.ws, append([]string{"CORE_ADDRESS=" + b.region.address, "CORE_CODEPAGE=iso8859-1"}, more...))
}

// doubts asks the admin port.
func (b *journaledBank) doubts(t *testing.T) []gateway.Doubt {
	t.Helper()
	return doubtsOf(t, b.client, b.admin)
}

// settled sends a request until it has a final answer: done (true) or not done.
func (b *journaledBank) settled(t *testing.T, body, key string) (done bool, a answer) {
	t.Helper()
	for end := time.Now().Add(3 * patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		a, err := b.tryKey("POST", "/transfers", body, key)
		if err != nil {
			continue
		}
		if done, final := isFinal(a); final {
			return done, a
		}
	}
	t.Fatalf("no final answer for %s", key)
	return false, a
}

// isFinal tells whether an answer says for good what became of the request.
func isFinal(a answer) (done, final bool) {
	if a.status == 201 {
		return true, true
	}
	outcome, _ := a.body["outcome"].(string)
	return outcome == "applied", outcome == "not-applied" || outcome == "applied"
}

// TestI07CrashPoints kills the gateway at every named point of an exchange. After a restart the same
// key ends where the books of the host are, and what is in doubt is listed at once.
func TestI07CrashPoints(t *testing.T) {
	if testing.Short() {
		t.Skip("kills gateways in front of the COBOL region")
	}
	b := startJournaledBank(t)
	for n, test := range []struct {
		point string
		doubt bool // whether it is in doubt after the restart
	}{
		{"before-intent", false}, {"after-intent", true}, {"after-reply", true}, {"before-complete", true}, {"after-complete", false},
	} {
		t.Run(test.point, func(t *testing.T) {
			key, reference := fmt.Sprintf("crash-point-key-%d", n), fmt.Sprintf("CRASH-%d", n)
			body := transferBody(debtor, creditor, "1.00", reference)
			b.serve(t, crashAt+"="+test.point)
			if a, err := b.tryKey("POST", "/transfers", body, key); err == nil {
				t.Fatalf("the gateway did not die: %d %s", a.status, a.text)
			}
			_ = b.wait(t)
			b.serve(t)
			if n := len(b.doubts(t)); (n == 1) != test.doubt {
				t.Errorf("%d in doubt after the restart", n)
			}
			done, a := b.settled(t, body, key)
			books := b.region.ledger(t, reference).count
			if done && books != 1 || !done && books != 0 {
				t.Errorf("told %d %s, and the books have %d", a.status, a.text, books)
			}
			if n := len(b.doubts(t)); n != 0 {
				t.Errorf("%d in doubt at the end", n)
			}
			_ = b.cmd.Process.Kill()
			_ = b.wait(t)
		})
	}
}

// soak is clients that send transfers while gateway and host are killed and connections are cut.
type soak struct {
	*journaledBank
	api  atomic.Value // address of the gateway that lives
	next atomic.Int64
	// refs counts what clients were told in the end.
	mu      sync.Mutex
	done    []string
	undone  []string
	problem []string
}

// TestI08Soak is the short form of make soak.
func TestI08Soak(t *testing.T) {
	if testing.Short() {
		t.Skip("kills gateways and hosts")
	}
	operations, kills := soakSize("LINTEL_SOAK_OPERATIONS", 400), soakSize("LINTEL_SOAK_KILLS", 8)
	const episode = 5000 // what the region's files hold with ease
	for first := 0; first < operations; first += episode {
		n := min(episode, operations-first)
		t.Run(fmt.Sprintf("from %d", first), func(t *testing.T) { runSoak(t, n, (kills*n+operations-1)/operations) })
	}
}

func soakSize(name string, def int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return def
}

func runSoak(t *testing.T, operations, kills int) {
	s := &soak{journaledBank: startJournaledBank(t)}
	before := s.region.ledger(t, "")
	s.restart(t)
	var clients sync.WaitGroup
	finished := make(chan struct{})
	for range 8 {
		clients.Go(func() {
			for n := s.next.Add(1); int(n) <= operations; n = s.next.Add(1) {
				s.client(int(n))
			}
		})
	}
	go func() { clients.Wait(); close(finished) }()
	s.havoc(t, operations, kills, finished)
	<-finished
	s.check(t, before)
}

func (s *soak) restart(t *testing.T) {
	s.serve(t)
	s.api.Store(s.gatewayProcess.api)
}

// havoc kills and cuts, evenly over the operations.
func (s *soak) havoc(t *testing.T, operations, kills int, finished <-chan struct{}) {
	_, port, err := net.SplitHostPort(s.region.address)
	if err != nil {
		t.Fatal(err)
	}
	faults := []string{"DROP-AFTER XFER 1", "DROP-BEFORE XFER 1", "ABEND-MIDWAY XFER 1", "ABEND XFER 1", "SLOW XFER 300 2", "HANG XFER 1", "BUSY XFER 2"}
	for k := range kills {
		for int(s.next.Load()) < (k+1)*operations/(kills+1) {
			select {
			case <-finished:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
		s.region.fault(t, faults[k%len(faults)])
		time.Sleep(time.Duration(rand.IntN(30)) * time.Millisecond)
		if k%4 == 3 {
			s.region.kill(t)
			s.region = startRegion(t, s.dir, s.data, port, "--runaway", "1000")
			continue
		}
		_ = s.cmd.Process.Kill()
		_ = s.wait(t)
		s.restart(t)
	}
}

// client sends one transfer until it is told for good what became of it.
func (s *soak) client(n int) {
	reference := fmt.Sprintf("SOAK-%d", n)
	key, body := fmt.Sprintf("soak-key-%012d", n), transferBody(debtor, creditor, "0.01", reference)
	for end := time.Now().Add(5 * patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		api, _ := s.api.Load().(string)
		a, err := s.send(api, "POST", "/transfers", body, key)
		if err != nil {
			continue
		}
		if done, final := isFinal(a); final {
			s.mu.Lock()
			if done {
				s.done = append(s.done, reference)
			} else {
				s.undone = append(s.undone, reference)
			}
			s.mu.Unlock()
			return
		}
	}
	s.mu.Lock()
	s.problem = append(s.problem, reference+" was never told anything")
	s.mu.Unlock()
}

// check compares what clients were told with the books.
func (s *soak) check(t *testing.T, before ledger) {
	t.Helper()
	for _, p := range s.problem {
		t.Error(p)
	}
	after := s.region.ledger(t, "")
	if got := after.count - before.count; got != len(s.done) {
		t.Errorf("the books have %d transfers, clients were told of %d", got, len(s.done))
	}
	if after.money != before.money {
		t.Errorf("money: %d, before %d", after.money, before.money)
	}
	rand.Shuffle(len(s.done), func(i, j int) { s.done[i], s.done[j] = s.done[j], s.done[i] })
	for _, reference := range s.done[:min(len(s.done), 200)] {
		if n := s.region.ledger(t, reference).count; n != 1 {
			t.Errorf("%s: told that it was done, and the books have %d", reference, n)
		}
	}
	for _, reference := range s.undone {
		if n := s.region.ledger(t, reference).count; n != 0 {
			t.Errorf("%s: told that it was not done, and the books have %d", reference, n)
		}
	}
	if n := len(s.doubts(t)); n != 0 {
		t.Errorf("%d in doubt at the end", n)
	}
	t.Logf("clients were told of %d transfers that were done and %d that were not", len(s.done), len(s.undone))
}
