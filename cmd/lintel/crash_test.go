// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"lintel/adapters/adaptertest"
	"lintel/gateway"
	"lintel/gateway/journal"
	"lintel/gateway/journal/filestore"
)

// crashAt is the environment variable that names the point at which a gateway of a test kills itself: POINT, or
// POINT#N for the time that it comes there.
const crashAt = "LINTEL_TEST_CRASH"

// crashPoint makes the hook of this process.
func crashPoint() func(string) {
	at := os.Getenv(crashAt)
	if at == "" {
		return nil
	}
	at, number, _ := strings.Cut(at, "#")
	left := atomic.Int64{}
	left.Store(1)
	if n, err := strconv.ParseInt(number, 10, 64); err == nil {
		left.Store(n)
	}
	return func(name string) {
		if name == at && left.Add(-1) == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
}

// journaledBank is a bank whose doubts end soon.
type journaledBank struct {
	*bank
	ws string
	// proxy, if set, stands between gateway and host and cuts.
	proxy *adaptertest.Proxy
}

func startJournaledBank(t *testing.T) *journaledBank {
	t.Helper()
	return startJournaledBankWith(t, map[string]string{"timeout: 2s": "timeout: 3s"}) // see waits
}

// startHurriedBank has a host that ends tasks after a second, and a gateway that does not wait for longer.
func startHurriedBank(t *testing.T) *journaledBank {
	t.Helper()
	return startJournaledBankWith(t, map[string]string{"timeout: 2s": "timeout: 1s", "window: 30s": "window: 60s", "wait: 100ms": "wait: 2s"}, "--runaway", "1000")
}

func startJournaledBankWith(t *testing.T, edits map[string]string, region ...string) *journaledBank {
	t.Helper()
	b := &journaledBank{bank: &bank{dir: buildRegion(t), data: t.TempDir()}}
	b.region = startRegion(t, b.dir, b.data, "", region...)
	edits = maps.Clone(edits)
	edits["minimum: 20"], edits["over: 1s"] = "minimum: 100000", "over: 50s"
	b.ws = copyWorkspace(t, "../../examples/bank", edits)
	for name, indent := range map[string]string{"transfer": "  ", "createPayment": "      "} {
		file := filepath.Join(b.ws, "transforms", name+".yaml")
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(src), "after: 35s") {
			t.Fatal(name + ".yaml has another inquiry than the test knows")
		}
		if err := os.WriteFile(file, []byte(strings.Replace(string(src), "after: 35s", "after: 2s\n"+indent+"every: 200ms", 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.client = newBankClient(t)
	return b
}

// serve starts a gateway on the workspace; more is its environment.
func (b *journaledBank) serve(t *testing.T, more ...string) {
	t.Helper()
	b.gatewayProcess = startGateway(t, b.ws, b.environment(more...))
}

// environment is that of a gateway of the workspace.
func (b *journaledBank) environment(more ...string) []string {
	core := b.region.address
	if b.proxy != nil {
		core = b.proxy.Address()
	}
	return append([]string{"CORE_ADDRESS=" + core, "CORE_CODEPAGE=iso8859-1"}, more...)
}

// waits says how long the next gateways wait for the host: a long time where a reply must come, before the gateway dies, and a short one
// where it is to be found out what became of a message. That it never came to the host is believed when twice that time is over.
func (b *journaledBank) waits(t *testing.T, long bool) {
	t.Helper()
	file := filepath.Join(b.ws, "lintel.yaml")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, after := "    timeout: 25s\n    concurrency", "    timeout: 3s\n    concurrency"
	if long {
		before, after = after, before
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(src), before, after, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// behindGate puts a gate between gateway and host: while it is shut no message gets through, and so nothing that is in doubt ends.
func (b *journaledBank) behindGate(t *testing.T) (shut *atomic.Bool) {
	t.Helper()
	shut = &atomic.Bool{}
	b.proxy = adaptertest.StartProxy(t, adaptertest.Framing{IncludesSelf: true}, b.region.address, func(int) adaptertest.Fault {
		return adaptertest.Fault{Refuse: shut.Load()}
	})
	return shut
}

// dies runs a gateway that kills itself while it works off what is in doubt, perhaps before it says that it serves.
func (b *journaledBank) dies(t *testing.T, more ...string) {
	t.Helper()
	cmd := gatewayCommand(t, b.ws, b.environment(more...))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(2*patience, func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait()
	if !late.Stop() {
		t.Fatal("the gateway did not die")
	}
}

// doubts asks the admin port.
func (b *journaledBank) doubts(t *testing.T) []gateway.Doubt {
	t.Helper()
	return doubtsOf(t, b.client, b.admin)
}

// settled sends a request until it has a final answer: done (true) or not done.
func (b *journaledBank) settled(t *testing.T, body, key string) (done bool, a answer) {
	t.Helper()
	return b.settledAt(t, "/transfers", body, key)
}

func (b *journaledBank) settledAt(t *testing.T, path, body, key string) (done bool, a answer) {
	t.Helper()
	for end := time.Now().Add(3 * patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		a, err := b.tryKey("POST", path, body, key)
		if err != nil {
			continue
		}
		if done, final := isFinal(a); final {
			return done, a
		}
	}
	t.Fatalf("no final answer for %s; in doubt: %+v", key, b.doubts(t))
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
	shut := b.behindGate(t)
	for n, test := range []struct {
		point string
		doubt bool // whether it is in doubt after the restart
	}{
		{"before-intent", false}, {"after-intent", true}, {"after-reply", true}, {"before-complete", true}, {"after-complete", false},
	} {
		t.Run(test.point, func(t *testing.T) {
			key, reference := fmt.Sprintf("crash-point-key-%d", n), fmt.Sprintf("CRASH-%d", n)
			body := transferBody(debtor, creditor, "1.00", reference)
			b.waits(t, test.point != "after-intent")
			b.serve(t, crashAt+"="+test.point)
			b.waits(t, false)
			if a, err := b.tryKey("POST", "/transfers", body, key); err == nil {
				t.Fatalf("the gateway did not die: %d %s", a.status, a.text)
			}
			_ = b.wait(t)
			shut.Store(true)
			b.serve(t)
			if n := len(b.doubts(t)); (n == 1) != test.doubt {
				t.Errorf("%d in doubt after the restart", n)
			}
			shut.Store(false)
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

// TestWebhookAfterCrash kills the gateway when the end of an operation is recorded, before anybody was told: the
// next one tells them.
func TestWebhookAfterCrash(t *testing.T) {
	if testing.Short() {
		t.Skip("kills gateways in front of the COBOL region")
	}
	b := startJournaledBank(t)
	took := make(chan string, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		took <- string(text)
	}))
	defer hook.Close()
	secret := filepath.Join(t.TempDir(), "secret")
	file := filepath.Join(b.ws, "lintel.yaml")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	src = fmt.Appendf(src, "\njournal:\n  webhook: {url: %q, secret: \"${file:%s}\"}\n", hook.URL, secret)
	if err := errors.Join(os.WriteFile(secret, []byte("0123456789abcdef"), 0o600), os.WriteFile(file, src, 0o600)); err != nil {
		t.Fatal(err)
	}
	b.waits(t, true)
	b.serve(t, crashAt+"=after-complete")
	r, err := http.NewRequest("POST", "http://"+b.api+"/transfers", strings.NewReader(transferBody(debtor, creditor, "1.00", "TOLD-LATER")))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Content-Type": "application/json", "Idempotency-Key": "told-later-0123456789", "Prefer": "respond-async"} {
		r.Header.Set(name, value)
	}
	resp, err := b.client.Do(r)
	if err == nil {
		_ = resp.Body.Close()
	}
	_ = b.wait(t)
	select {
	case text := <-took:
		t.Fatalf("told before the gateway died: %s", text)
	default:
	}
	b.serve(t)
	select {
	case text := <-took:
		if !strings.Contains(text, `"completed"`) {
			t.Error(text)
		}
	case <-time.After(patience):
		t.Fatal("nobody was told")
	}
	if books := b.region.ledger(t, "TOLD-LATER").count; books != 1 {
		t.Errorf("the books have %d", books)
	}
}

// soak is clients that send transfers while gateway and host are killed and connections are cut.
type soak struct {
	*journaledBank
	apis atomic.Value // []string: addresses of the gateways
	next atomic.Int64
	// refs counts what clients were told in the end.
	mu      sync.Mutex
	done    []string
	undone  []string
	problem []string
	// found counts what was open at the restarts; recovered is how long each start took until it was ready, listed how
	// long the list of what is in doubt took after that.
	found             int
	recovered, listed []time.Duration
}

// TestI08Soak is the short form of make soak. LINTEL_SOAK_FROM goes on where a long one stopped.
func TestI08Soak(t *testing.T) {
	if testing.Short() {
		t.Skip("kills gateways and hosts")
	}
	operations, kills := soakSize("LINTEL_SOAK_OPERATIONS", 400), soakSize("LINTEL_SOAK_KILLS", 8)
	const episode = 5000 // what the region's files hold with ease
	began := time.Now()
	for first := soakSize("LINTEL_SOAK_FROM", 0); first < operations; first += episode {
		n := min(episode, operations-first)
		t.Run(fmt.Sprintf("from %d", first), func(t *testing.T) { runSoak(t, n, (kills*n+operations-1)/operations) })
		if took := time.Since(began); first+n < operations {
			fmt.Printf("soak: %d of %d operations in %s, about %s to go\n", first+n, operations, took.Round(time.Second),
				(took / time.Duration(first+n) * time.Duration(operations-first-n)).Round(time.Second))
		}
	}
}

func soakSize(name string, def int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return def
}

func runSoak(t *testing.T, operations, kills int) {
	s := &soak{journaledBank: startHurriedBank(t)}
	before := s.region.ledger(t, "")
	s.proxy = adaptertest.StartProxy(t, adaptertest.Framing{IncludesSelf: true}, s.region.address, cuts)
	s.restart(t)
	var clients sync.WaitGroup
	finished := make(chan struct{})
	for range 32 {
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
	s.starts(t)
}

// cuts is what happens to a connection to the host: one in six is cut before, within or after a frame, in
// either direction, in order or not. The frames have about a hundred bytes.
func cuts(int) adaptertest.Fault {
	if rand.IntN(6) > 0 {
		return adaptertest.Fault{}
	}
	at, hard := 1+rand.IntN(600), rand.IntN(2) == 0
	switch rand.IntN(4) {
	case 0:
		return adaptertest.Fault{CutRequest: at, Reset: hard}
	case 1:
		return adaptertest.Fault{CutReply: at, Reset: hard}
	case 2:
		return adaptertest.Fault{ResetOnReply: 1 + rand.IntN(4)}
	default:
		return adaptertest.Fault{Refuse: true}
	}
}

// restart starts a gateway and looks whether everything that the one before left open is in the first list after it
// is ready: there is no time in which a part of it is listed.
func (s *soak) restart(t *testing.T) {
	open := leftOpen(t, filepath.Join(s.ws, ".lintel", "journal"))
	began := time.Now()
	s.serve(t)
	ready := time.Now()
	if text, err := s.gatewayProcess.adminGet(s.bank.client, "/readyz"); err != nil || text != "ok\n" {
		t.Errorf("ready: %q %v", text, err)
	}
	list := s.doubts(t)
	s.recovered, s.listed = append(s.recovered, ready.Sub(began)), append(s.listed, time.Since(ready))
	listed := map[string]bool{}
	for _, d := range list {
		listed[d.Operation] = true
	}
	for _, id := range open {
		if !listed[id] && !s.ended(t, id) {
			t.Errorf("%s was left open, and the first list after the start does not have it", id)
		}
	}
	s.found += len(open)
	s.apis.Store([]string{s.gatewayProcess.api})
}

// ended tells that an operation is not in doubt any more.
func (s *soak) ended(t *testing.T, id string) bool {
	resp, err := s.gatewayProcess.adminGet(s.bank.client, "/doubts/"+id)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(resp, `"completed"`) || strings.Contains(resp, `"not-applied"`)
}

// leftOpen lists what a journal, copied as its process left it, has open.
func leftOpen(t *testing.T, dir string) (ids []string) {
	t.Helper()
	if _, err := os.Stat(dir); err != nil {
		return nil
	}
	to := filepath.Join(t.TempDir(), "journal")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(to) }()
	s, err := filestore.Open(filestore.Options{Folder: to})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	list, err := s.List(t.Context(), journal.Filter{State: journal.InDoubt, Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		ids = append(ids, e.ID.String())
	}
	return ids
}

// havoc kills and cuts, evenly over the operations.
func (s *soak) havoc(t *testing.T, operations, kills int, finished <-chan struct{}) {
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
			s.region = startRegion(t, s.dir, s.data, s.region.address, "--runaway", "1000")
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
		apis, _ := s.apis.Load().([]string)
		a, err := s.send(apis[rand.IntN(len(apis))], "POST", "/transfers", body, key)
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
	// The programs that read the books are given the time they need: they have no part in what is tested.
	s.region.kill(t)
	s.region = startRegion(t, s.dir, s.data, "")
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

// starts looks at how long starts took until everything that was in doubt was listed.
func (s *soak) starts(t *testing.T) {
	t.Helper()
	slices.Sort(s.recovered)
	slices.Sort(s.listed)
	most, half := len(s.listed)-1, len(s.listed)/2
	t.Logf("%d were open at %d starts, all in the first list; a start took %s until ready (median; at most %s), the list %s after that (at most %s)",
		s.found, len(s.listed), s.recovered[half], s.recovered[most], s.listed[half], s.listed[most])
	// A single start may meet a machine that does something else, and all of them one that does much else.
	if s.listed[half] > 10*time.Second {
		t.Errorf("what is in doubt was listed %s after the start", s.listed[half])
	}
}

// TestI09CrashInRecovery kills the gateway 50 times while it starts. What was in doubt before is in doubt after, and
// ends where the books are.
func TestI09CrashInRecovery(t *testing.T) {
	if testing.Short() {
		t.Skip("kills gateways in front of the COBOL region")
	}
	b := startJournaledBank(t)
	type sent struct{ key, reference string }
	var all []sent
	// The inquiry may find out what became of one while the next gateway starts, and completes it: that is not to kill it.
	for n, point := range []string{"before-complete", "after-reply", "after-intent"} {
		one := sent{fmt.Sprintf("recovery-key-number-%d", n), fmt.Sprintf("RECOVERY-%d", n)}
		all = append(all, one)
		b.waits(t, point != "after-intent")
		b.serve(t, crashAt+"="+point)
		b.waits(t, false)
		if a, err := b.tryKey("POST", "/transfers", transferBody(debtor, creditor, "1.00", one.reference), one.key); err == nil {
			t.Fatalf("the gateway did not die: %s", a.text)
		}
		_ = b.wait(t)
	}
	for range 50 {
		cmd := gatewayCommand(t, b.ws, b.environment())
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.IntN(120)) * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	b.serve(t)
	for _, one := range all {
		done, a := b.settled(t, transferBody(debtor, creditor, "1.00", one.reference), one.key)
		if books := b.region.ledger(t, one.reference).count; done && books != 1 || !done && books != 0 {
			t.Errorf("%s: told %d %s, and the books have %d", one.reference, a.status, a.text, books)
		}
	}
	if list := b.doubts(t); len(list) != 0 {
		t.Errorf("in doubt at the end: %+v", list)
	}
}

// TestCrashBetweenStepsOfAPayment kills the gateway, as a process, between the steps of a payment, and again while the one
// after it finds out what became of them. In the end the payment is whole, or all of it was taken back: the money at the
// core, the announcement at the clearing house. Where nobody knows whether the debit was done the core is asked.
func TestCrashBetweenStepsOfAPayment(t *testing.T) {
	if testing.Short() {
		t.Skip("kills gateways in front of the COBOL region")
	}
	b := startJournaledBank(t)
	shut := b.behindGate(t)
	services := &services{}
	server := httptest.NewServer(services)
	defer server.Close()
	env := []string{"FRAUD_URL=" + server.URL + "/screenings", "CLEARING_URL=" + server.URL + "/announcements", "PUSH_URL=" + server.URL + "/messages"}
	// Records: the call, the debit, the announcement and the message have an intent each; each step has an end. After
	// the restart the debit gets its end by the inquiry; the mark of what is taken back follows, and each undo has an
	// intent and an end.
	for n, points := range [][]string{
		{"after-intent#1"},
		{"after-complete#1"},
		{"after-intent#3"},
		{"before-complete#2"},
		{"after-complete#2"},
		{"after-complete#3"},
		{"after-intent#2"},
		{"after-intent#2", "before-not applied#1"},
		{"after-intent#2", "after-not applied#1"},
		{"after-intent#2", "before-not applied#2"},
		{"before-complete#1"},
		{"before-complete#1", "before-complete#1"},
		{"before-complete#1", "after-complete#1"},
		{"before-complete#1", "after-in doubt#1"},
		{"before-complete#1", "after-intent#1"},
		{"before-complete#1", "before-complete#2"},
		{"before-complete#1", "after-complete#2"},
		{"before-complete#1", "before-not applied#1"},
	} {
		t.Run(strings.Join(points, ", "), func(t *testing.T) {
			before := b.region.ledger(t, "")
			key, reference := fmt.Sprintf("payment-crash-key-%d", n), fmt.Sprintf("PAYCRASH-%d", n)
			body := fmt.Sprintf(`{"from":%q,"to":%q,"amount":{"amount":2.50,"currency":"EUR"},"reference":%q,"device":"phone"}`, debtor, creditor, reference)
			services.asked = nil
			b.waits(t, points[0] != "after-intent#2")
			b.serve(t, append(env, crashAt+"="+points[0])...)
			b.waits(t, false)
			if a, err := b.tryKey("POST", "/payments", body, key); err == nil {
				t.Fatalf("the gateway did not die: %d %s", a.status, a.text)
			}
			_ = b.wait(t)
			for _, point := range points[1:] {
				b.dies(t, append(env, crashAt+"="+point)...)
			}
			looks := slices.Equal(points, []string{"after-intent#2"}) // it is known only after a time, in which an operator sees what is being done
			shut.Store(looks)
			b.serve(t, env...)
			if looks {
				var means []string
				for _, d := range b.doubts(t) {
					means = append(means, d.Step+" "+strings.Join(d.Means, ", "))
				}
				slices.Sort(means)
				if want := []string{" inquiry of debit", "debit inquiry"}; !slices.Equal(means, want) {
					t.Errorf("in doubt: %q", means)
				}
				shut.Store(false)
			}
			done, a := b.settledAt(t, "/payments", body, key)
			if list := b.doubts(t); len(list) != 0 {
				t.Errorf("in doubt at the end: %+v", list)
			}
			after := b.region.ledger(t, "")
			debits := b.region.ledger(t, reference).count
			back := after.count - before.count - debits
			if done && (debits != 1 || back != 0) || !done && debits != back || debits > 1 || after.money != before.money {
				t.Errorf("told %d %s; %d debits, %d went back; asked %v", a.status, a.text, debits, back, services.asked)
			}
			if points[0] == "after-intent#2" && a.body["code"] != "not-made" || points[0] == "before-complete#1" && a.body["code"] != "not-applied" {
				t.Errorf("told %d %s", a.status, a.text)
			}
			_ = b.cmd.Process.Kill()
			_ = b.wait(t)
		})
	}
}
