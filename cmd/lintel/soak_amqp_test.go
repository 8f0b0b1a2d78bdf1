// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/adapters/amqp"
	"lintel/adapters/amqp/broker"
	"lintel/gateway"
	"lintel/transforms/codepage"
)

// queueHost is the order program behind a broker: it answers at once, late, or not at all, and its ledger
// is the truth.
type queueHost struct {
	t      *testing.T
	broker *broker.Broker
	source *amqp.Source
	late   time.Duration
	page   *codepage.Page
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu sync.Mutex
	// placed counts orders by the article that was asked for. seen has the messages that were taken: work,
	// message and reply are one unit of work at a real host, so that one that comes again, since the
	// connection was cut, does nothing twice.
	placed map[string]int
	seen   map[string]string
	fault  func(n int) string
	count  int
}

func startQueueHost(t *testing.T, late time.Duration, fault func(n int) string) *queueHost {
	t.Helper()
	b, err := broker.Start(context.WithoutCancel(t.Context()), broker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	page, err := codepage.Lookup("cp1047")
	if err != nil {
		t.Fatal(err)
	}
	h := &queueHost{t: t, broker: b, late: late, page: page, placed: map[string]int{}, seen: map[string]string{}, fault: fault}
	if h.source, err = amqp.NewSource(amqp.Options{Address: b.Address(), Target: "ORDERS.IN"}); err != nil {
		t.Fatal(err)
	}
	var ctx context.Context
	ctx, h.cancel = context.WithCancel(context.WithoutCancel(t.Context()))
	h.done.Go(func() { h.run(ctx) })
	t.Cleanup(func() {
		h.cancel()
		_ = h.source.Close()
		h.done.Wait()
		_ = b.Close()
	})
	return h
}

func (h *queueHost) run(ctx context.Context) {
	for ctx.Err() == nil {
		m, err := h.source.Receive(ctx)
		if err != nil {
			continue
		}
		h.done.Go(func() { h.serve(ctx, m) })
	}
}

// serve does the work, and then answers or not.
func (h *queueHost) serve(ctx context.Context, m *adapters.Received) {
	const articleAt = 4 + 8 + 6
	article, err := h.page.AppendDecode(nil, m.Message.Body[articleAt:articleAt+12])
	if err != nil {
		h.t.Errorf("an article cannot be read: %v", err)
		return
	}
	h.mu.Lock()
	fault, again := h.seen[m.ID]
	if !again {
		h.count++
		fault = h.fault(h.count)
		h.seen[m.ID] = fault
		if fault != "refuse" {
			h.placed[strings.TrimSpace(string(article))]++
		}
	}
	h.mu.Unlock()
	if fault == "late" {
		select {
		case <-time.After(h.late):
		case <-ctx.Done():
		}
	}
	_ = m.Forward(ctx, m.ReplyTo, adapters.Message{Body: h.reply(m.Message.Body, fault), Properties: map[string]any{"correlationId": m.Message.Properties["correlationId"]}})
	_ = m.Settle(ctx, adapters.Done)
}

// reply is ORD-REPLY: return code, id, the request's customer, article and quantity, price and status.
func (h *queueHost) reply(request []byte, fault string) []byte {
	text := func(s string) []byte {
		b, err := h.page.AppendEncode(nil, []byte(s))
		if err != nil {
			h.t.Error(err)
		}
		return b
	}
	rc := "00"
	if fault == "refuse" {
		rc = "08"
	}
	out := append(text(rc+"00000001"), request[12:12+6+12+3]...)
	return append(append(out, 0, 0, 0, 0, 0x0c), text("O")...)
}

func (h *queueHost) applied(article string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.placed[article]
}

// queueShop is a gateway process in front of that host.
type queueShop struct {
	*bank
	host      *queueHost
	ws        string
	tokenFile string
	decided   int
}

// startQueueShop has a gateway that waits for a reply for a time.
func startQueueShop(t *testing.T, host *queueHost, timeout string) *queueShop {
	t.Helper()
	s := &queueShop{bank: &bank{client: newBankClient(t)}, host: host}
	s.ws = copyWorkspace(t, "../../examples/orders", map[string]string{
		"timeout: 3s": "timeout: " + timeout + "\n    breaker: {minimum: 100000, window: 120s}",
		"mq:\n      queueManager: ${env:MQ_MANAGER:-QM1}": "amqp:\n      address: ${env:MQ_ADDRESS:-127.0.0.1:5672}", // no library of IBM here
	})
	edit := func(name, before, after string) {
		file := filepath.Join(s.ws, name)
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file, []byte(strings.Replace(string(text), before, after, 1)), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	edit("lintel.yaml", "listeners:", "operations: {adminToken: \"${env:SHOP_TOKEN}\"}\nlisteners:")
	edit("transforms/changeQuantity.yaml", "  properties:", "  # properties:") // they are of IBM's wire
	s.tokenFile = filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(s.tokenFile, []byte(shopToken), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *queueShop) serve(t *testing.T, more ...string) {
	t.Helper()
	s.gatewayProcess = startGateway(t, s.ws, append([]string{"MQ_ADDRESS=" + s.host.broker.Address(), "ORDERS_REPLY=ORDERS.REPLY", "SHOP_TOKEN=" + shopToken}, more...))
}

const shopToken = "a-token-for-the-operator-of-the-shop"

func order(article string) string {
	return fmt.Sprintf(`{"customer":"000017","article":%q,"quantity":3}`, article)
}

// orderSettled asks again until an order has a final answer: placed or not.
func (s *queueShop) orderSettled(t *testing.T, article, key string) (placed bool) {
	t.Helper()
	for end := time.Now().Add(2 * patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		a, err := s.tryKey("POST", "/orders", order(article), key)
		if err != nil {
			continue
		}
		if placed, final := isFinal(a); final {
			return placed
		}
	}
	t.Fatalf("no final answer for %s: %v", key, s.listed(t))
	return false
}

func (s *queueShop) listed(t *testing.T) []gateway.Doubt { return doubtsOf(t, s.client, s.admin) }

// doubtsOf asks an admin port what is in doubt.
func doubtsOf(t *testing.T, client *http.Client, admin string) []gateway.Doubt {
	t.Helper()
	resp, err := client.Get("http://" + admin + "/doubts")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var list struct{ Doubts []gateway.Doubt }
	text, err := io.ReadAll(resp.Body)
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return list.Doubts
}

// TestI07CrashPointsAMQP kills the gateway at every point of an exchange over a broker. What was sent ends by
// its reply, which the broker kept for the next process, without any other means (M05). What was recorded
// and never sent stays in doubt until an operator, who looks into the books, decides: by the command, audited. A reply
// that was recorded before the broker could be told comes once more, and is known.
func TestI07CrashPointsAMQP(t *testing.T) {
	if testing.Short() {
		t.Skip("kills gateways")
	}
	host := startQueueHost(t, 0, func(int) string { return "" })
	s := startQueueShop(t, host, "25s")
	for n, test := range []struct {
		point          string
		doubt, byReply bool
		late           string // what the next process makes of a reply that nobody waits for
	}{
		{"before-intent", false, false, ""},
		{"after-intent", true, false, ""},
		{"after-reply", true, true, "matched"},
		{"before-complete", true, true, "matched"},
		{"after-complete", false, false, "duplicate"},
	} {
		t.Run(test.point, func(t *testing.T) {
			article, key := fmt.Sprintf("POINT-%d", n), fmt.Sprintf("amqp-crash-point-%d", n)
			s.serve(t, crashAt+"="+test.point)
			if a, err := s.tryKey("POST", "/orders", order(article), key); err == nil {
				t.Fatalf("the gateway did not die: %d %s", a.status, a.text)
			}
			_ = s.wait(t)
			s.serve(t)
			if test.doubt && !test.byReply {
				list := s.listed(t)
				if len(list) != 1 || host.applied(article) != 0 {
					t.Fatalf("%+v in doubt, placed %d", list, host.applied(article))
				}
				s.decide(t, list[0].Operation, false)
			}
			placed := s.orderSettled(t, article, key)
			if got := host.applied(article); placed != (got == 1) || got > 1 {
				t.Errorf("told %t, and the host placed it %d times", placed, got)
			}
			if list := s.listed(t); len(list) != 0 {
				t.Errorf("%+v in doubt at the end", list)
			}
			s.orderSettled(t, article+"-NEXT", key+"-next") // what was answered from the journal needed no connection
			lateRepliesAre(t, s.bank, test.late)
			_ = s.cmd.Process.Kill()
			_ = s.wait(t)
		})
	}
}

// lateRepliesAre waits until a gateway has made of one late reply what it shall, and of none anything else; "" is none.
func lateRepliesAre(t *testing.T, b *bank, result string) {
	t.Helper()
	want := map[string]string{"matched": "0", "lost": "0", "duplicate": "0", "differs": "0", "foreign": "0"}
	if result != "" {
		want[result] = "1"
	}
	b.waitFor(t, "late replies as "+result, func() bool {
		text, err := b.gatewayProcess.adminGet(b.client, "/metrics")
		for r, n := range want {
			if !strings.Contains(text, fmt.Sprintf("lintel_late_replies_total{result=%q} %s\n", r, n)) {
				return false
			}
		}
		return err == nil
	})
}

// operate runs a command of the operator and returns what it prints.
func (s *queueShop) operate(t *testing.T, want int, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	args = append(append([]string{"doubts"}, args...), "--admin", s.admin, "--token-file", s.tokenFile)
	if code := run(t.Context(), args, &stdout, &stderr); code != want {
		t.Fatalf("%v: exit %d, want %d: %s%s", args, code, want, &stdout, &stderr)
	}
	return stdout.String() + stderr.String()
}

// decide is the operator who ends a doubt.
func (s *queueShop) decide(t *testing.T, operation string, applied bool) string {
	t.Helper()
	as := "not-applied"
	if applied {
		as = "applied"
	}
	return s.operate(t, 0, "resolve", operation, "--as", as, "--by", "eva", "--reason", "seen in the books")
}

// keyOf is the key of an operation, which an operator is shown.
func (s *queueShop) keyOf(t *testing.T, operation string) string {
	t.Helper()
	for _, line := range strings.Split(s.operate(t, 0, "show", operation), "\n") {
		if rest, ok := strings.CutPrefix(line, "key"); ok {
			return strings.TrimSpace(rest)
		}
	}
	t.Fatal("the operator is shown no key")
	return ""
}

// TestDoubtsStory is what an operator does about a doubt that nothing else ends: it is listed, looked at, decided with a
// name and a reason, and both are in the audit log, whose lines cannot be changed unnoticed.
func TestDoubtsStory(t *testing.T) {
	if testing.Short() {
		t.Skip("kills gateways")
	}
	host := startQueueHost(t, 0, func(int) string { return "" })
	s := startQueueShop(t, host, "25s")
	s.serve(t)
	if out := s.operate(t, 0, "list"); out != "nothing is in doubt\n" {
		t.Errorf("list: %s", out)
	}
	_ = s.cmd.Process.Kill()
	_ = s.wait(t)
	s.serve(t, crashAt+"=after-intent")
	if a, err := s.tryKey("POST", "/orders", order("STORY"), "a-key-for-the-story"); err == nil {
		t.Fatalf("the gateway did not die: %s", a.text)
	}
	_ = s.wait(t)
	s.serve(t)
	id := s.listed(t)[0].Operation
	if out := s.operate(t, 0, "list"); !strings.Contains(out, id) || !strings.Contains(out, "createOrder") || !strings.Contains(out, "restart") || !strings.Contains(out, "an operator") {
		t.Errorf("list: %s", out)
	}
	if out := s.operate(t, 0, "show", id); !strings.Contains(out, "a-key-for-the-story") {
		t.Errorf("show: %s", out)
	}
	for _, args := range [][]string{
		{"resolve", id, "--reason", "x"},                                         // not how
		{"resolve", id, "--as", "applied"},                                       // not why
		{"resolve", id, "--as", "maybe", "--reason", "x"},                        // no such outcome
		{"resolve", strings.Repeat("0", 48), "--as", "applied", "--reason", "x"}, // no such operation
	} {
		if code := run(t.Context(), append(append([]string{"doubts"}, args...), "--admin", s.admin, "--token-file", s.tokenFile), io.Discard, io.Discard); code == 0 {
			t.Errorf("%v is taken", args)
		}
	}
	if out := s.decide(t, id, false); !strings.Contains(out, "not-applied") || !strings.Contains(out, "operator eva") {
		t.Errorf("resolve: %s", out)
	}
	s.operate(t, exitFindings, "resolve", id, "--as", "applied", "--by", "eva", "--reason", "again") // it cannot be taken back
	if a, err := s.tryKey("POST", "/orders", order("STORY"), "a-key-for-the-story"); err != nil || a.body["outcome"] != "not-applied" || a.body["retry"] != "new-key" {
		t.Errorf("told %v %s", err, a.text)
	}
	audit, err := os.ReadFile(filepath.Join(s.ws, ".lintel", "audit.log"))
	if err != nil || bytes.Count(audit, []byte("\n")) != 1 {
		t.Fatalf("%v %s", err, audit)
	}
	var line gateway.AuditLine
	if err := json.Unmarshal(audit, &line); err != nil || line.By != "eva" || line.Reason != "seen in the books" || line.Operation != id || line.Action != "resolve as not-applied" || line.Hash == "" {
		t.Errorf("audit: %v %s", err, audit)
	}
}

// TestI08SoakAMQP is the soak over a broker: late replies, cut connections, killed gateways. Nothing but replies and an
// operator, who knows the books, ends a doubt.
func TestI08SoakAMQP(t *testing.T) {
	if testing.Short() {
		t.Skip("kills gateways")
	}
	operations, kills := soakSize("LINTEL_SOAK_OPERATIONS", 200), soakSize("LINTEL_SOAK_KILLS", 4)
	host := startQueueHost(t, 700*time.Millisecond, func(n int) string {
		switch {
		case n%7 == 0:
			return "late"
		case n%11 == 0:
			return "refuse"
		}
		return ""
	})
	s := startQueueShop(t, host, "500ms")
	var api atomic.Value
	var next, settled atomic.Int64
	restart := func() { s.serve(t); api.Store(s.gatewayProcess.api) }
	restart()
	told := make([]atomic.Int32, operations+1) // 1 placed, 2 not placed
	var clients sync.WaitGroup
	over := make(chan struct{})
	for range 16 {
		clients.Go(func() {
			for n := next.Add(1); int(n) <= operations; n = next.Add(1) {
				s.client16(int(n), &api, &told[n], over)
				settled.Add(1)
			}
		})
	}
	for k := range kills {
		s.workUntil(t, "the next kill", func() bool { return int(next.Load()) >= (k+1)*operations/(kills+1) })
		host.broker.Cut()
		time.Sleep(time.Duration(rand.IntN(50)) * time.Millisecond)
		_ = s.cmd.Process.Kill()
		_ = s.wait(t)
		restart()
	}
	s.workUntil(t, "the end", func() bool { return int(settled.Load()) == operations })
	close(over)
	clients.Wait()
	s.checkBooks(t, told)
	t.Logf("%d operations, %d kills, %d decided by the operator", operations, kills, s.decided)
}

// client16 sends one order until it is told for good what became of it.
func (s *queueShop) client16(n int, api *atomic.Value, told *atomic.Int32, over <-chan struct{}) {
	key := fmt.Sprintf("amqp-soak-key-%08d", n)
	for {
		address, _ := api.Load().(string)
		if a, err := s.send(address, "POST", "/orders", order(fmt.Sprintf("SOAK-%d", n)), key); err == nil {
			if placed, final := isFinal(a); final {
				told.Store(2)
				if placed {
					told.Store(1)
				}
				return
			}
		}
		select {
		case <-over:
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// work is one round of the operator: what has been in doubt for longer than any reply takes was never answered, and
// the books say what to decide.
func (s *queueShop) work(t *testing.T) {
	t.Helper()
	for _, d := range s.listed(t) {
		if time.Since(d.Begun) < 5*time.Second || s.host.broker.Depth("ORDERS.IN") > 0 {
			continue
		}
		article := "SOAK-" + strings.TrimLeft(strings.TrimPrefix(s.keyOf(t, d.Operation), "amqp-soak-key-"), "0")
		as := "not-applied"
		if s.host.applied(article) > 0 {
			as = "applied"
		}
		args := []string{"doubts", "resolve", d.Operation, "--as", as, "--by", "eva", "--reason", "seen in the books", "--admin", s.admin, "--token-file", s.tokenFile}
		if run(t.Context(), args, io.Discard, io.Discard) == 0 { // else its reply came in the meantime
			s.decided++
		}
	}
}

// workUntil is the operator at work until something is so.
func (s *queueShop) workUntil(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * patience); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s does not come; in doubt: %+v", what, s.listed(t))
		}
		s.work(t)
	}
}

// checkBooks compares what clients were told with what the host did.
func (s *queueShop) checkBooks(t *testing.T, told []atomic.Int32) {
	t.Helper()
	for n := 1; n < len(told); n++ {
		applied := s.host.applied(fmt.Sprintf("SOAK-%d", n))
		if want := map[int32]int{1: 1, 2: 0}[told[n].Load()]; applied != want || told[n].Load() == 0 {
			t.Errorf("order %d: told %d, placed %d times", n, told[n].Load(), applied)
		}
	}
	if list := s.listed(t); len(list) != 0 {
		t.Errorf("%d in doubt at the end", len(list))
	}
}
