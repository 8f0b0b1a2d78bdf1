// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"lintel/specs"
)

// bank is region and gateway, both running as processes, and a client.
type bank struct {
	*gatewayProcess
	region    *regionProcess
	dir, data string
	client    *http.Client
	keys      atomic.Int64
}

// startBank boots the bank example in front of its real COBOL host, with a breaker that opens and closes sooner than an operator would
// want it, and with more edits.
func startBank(t *testing.T, more ...string) *bank {
	t.Helper()
	b := &bank{dir: buildRegion(t), data: t.TempDir()}
	b.region = startRegion(t, b.dir, b.data, "")
	edits := map[string]string{
		"minimum: 20": "minimum: 5",
		"every: 5s":   "every: 1s",
		"max: 32":     "max: 8",
		"wait: 100ms": "wait: 50ms",
	}
	for i := 0; i < len(more); i += 2 {
		edits[more[i]] = more[i+1]
	}
	ws := copyWorkspace(t, "../../examples/bank", edits)
	b.gatewayProcess = startGateway(t, ws, []string{"CORE_ADDRESS=" + b.region.address, "CORE_CODEPAGE=iso8859-1"})
	b.client = newBankClient(t)
	return b
}

func newBankClient(t *testing.T) *http.Client {
	t.Helper()
	c := &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// copyWorkspace copies a workspace and changes texts of its lintel.yaml. What a test leaves as it is gets more time.
func copyWorkspace(t *testing.T, from string, edits map[string]string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(to, "lintel.yaml")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for before, after := range edits {
		if !bytes.Contains(src, []byte(before)) {
			t.Fatalf("lintel.yaml does not hold %q", before)
		}
		src = bytes.ReplaceAll(src, []byte(before), []byte(after))
	}
	src = moreTime(src, edits)
	if err := os.WriteFile(file, src, 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

// moreTime gives the hosts of an example so much time that a machine that does other things, or stands still for some seconds, is not
// taken for a host that does not answer. It leaves the texts alone that a test changes itself.
func moreTime(config []byte, edits map[string]string) []byte {
	const another = "\n    breaker: {window: 120s}"
	for before, after := range map[string]string{
		"    timeout: 2s\n": "    timeout: 25s\n", "window: 30s": "window: 120s", "over: 1s": "over: 20s", "wait: 100ms": "wait: 10s", // the bank
		"\n      frame: {length: {bytes: 4, includes: self}}\n": "\n      frame: {length: {bytes: 4, includes: self}}\n      connect: 20s\n",
		"9311/screenings}\"}\n    timeout: 1s":                  "9311/screenings}\"}\n    timeout: 25s" + another, "    timeout: 1500ms": "    timeout: 25s" + another, "    timeout: 500ms": "    timeout: 25s" + another,
		"    timeout: 3s": "    timeout: 25s" + another, // orders
		"    timeout: 5s": "    timeout: 25s" + another, // claims, and what an import makes
	} {
		own := false
		for from, to := range edits {
			own = own || strings.Contains(from+" "+to, strings.TrimSpace(before)) || strings.Contains(before, from)
		}
		if !own {
			config = bytes.ReplaceAll(config, []byte(before), []byte(after))
		}
	}
	return config
}

// giveTime is moreTime of a workspace that was copied.
func giveTime(t *testing.T, dir string) {
	t.Helper()
	file := filepath.Join(dir, "lintel.yaml")
	src, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, moreTime(src, nil), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// patient gives hosts more time, as moreTime does. A very short one is what a test wants.
func patient(backends []*specs.Backend) {
	for _, b := range backends {
		if b.Timeout < 500*time.Millisecond {
			continue
		}
		b.Timeout, b.Concurrency.Wait, b.Breaker.Window = max(b.Timeout, 25*time.Second), max(b.Concurrency.Wait, 10*time.Second), max(b.Breaker.Window, 2*time.Minute)
		if b.TCP != nil {
			b.TCP.Connect = max(b.TCP.Connect, 20*time.Second)
		}
		if b.Breaker.SlowOver > 0 {
			b.Breaker.SlowOver = max(b.Breaker.SlowOver, 20*time.Second)
		}
	}
}

// answer is what the app got.
type answer struct {
	status int
	header http.Header
	body   map[string]any
	text   string
}

func (b *bank) do(t *testing.T, method, path, body string) answer {
	t.Helper()
	a, err := b.try(method, path, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func (b *bank) try(method, path, body string) (answer, error) {
	return b.tryKey(method, path, body, "")
}

// tryKey sends a request with an idempotency key; empty means a new one.
func (b *bank) tryKey(method, path, body, key string) (answer, error) {
	return b.send(b.api, method, path, body, key)
}

func (b *bank) send(api, method, path, body, key string) (answer, error) {
	req, err := http.NewRequest(method, "http://"+api+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if method != http.MethodGet {
		if key == "" {
			key = fmt.Sprintf("test-key-%024d", b.keys.Add(1))
		}
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: resp.StatusCode, header: resp.Header, text: string(text)}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return a, d.Decode(&a.body)
}

// validate holds an answer against a schema of the contract, by a validator that Lintel does not use.
func (a answer) validate(t *testing.T, schema string) {
	t.Helper()
	src, err := os.ReadFile("../../examples/bank/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	root, findings := specs.ParseYAML("openapi.yaml", src)
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(root.JSON()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("contract.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("contract.json#/components/schemas/" + schema)
	if err != nil {
		t.Fatal(err)
	}
	body, err := jsonschema.UnmarshalJSON(strings.NewReader(a.text))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(body); err != nil {
		t.Errorf("answer is no %s: %v\n%s", schema, err, a.text)
	}
}

// want fails unless the answer has the status and, in its JSON, the members at the dotted paths.
func (a answer) want(t *testing.T, status int, members map[string]string) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.text)
	}
	for path, want := range members {
		var v any = a.body
		for _, name := range strings.Split(path, ".") {
			switch x := v.(type) {
			case map[string]any:
				v = x[name]
			case []any:
				i, err := strconv.Atoi(name)
				if err != nil || i >= len(x) {
					v = nil
					continue
				}
				v = x[i]
			}
		}
		if got := fmt.Sprint(v); got != want {
			t.Errorf("%s = %s, want %s in %s", path, got, want, a.text)
		}
	}
}

func transferBody(from, to, amount, reference string) string {
	return fmt.Sprintf(`{"from":%q,"to":%q,"amount":{"amount":%s,"currency":"EUR"},"reference":%q}`, from, to, amount, reference)
}

const debtor, creditor, poor = "0000004711", "0000004712", "0000004713"

// TestMainJob runs every operation against the real COBOL programs and compares what the app is
// told with the books.
func TestMainJob(t *testing.T) {
	b := startBank(t)
	before := b.region.ledger(t, "")

	a := b.do(t, "GET", "/accounts/"+debtor, "")
	a.validate(t, "Account")
	a.want(t, 200, map[string]string{
		"id": debtor, "type": "current", "balance.amount": "1250.75", "balance.currency": "EUR",
		"opened": "1998-03-02", "owners.0.name": "ADA VON ARNIM", "current.overdraftLimit": "2000.00",
	})
	if !strings.Contains(a.text, `"amount":1250.75`) {
		t.Errorf("the balance is not written with its own digits: %s", a.text)
	}
	a = b.do(t, "GET", "/accounts/9999999999", "")
	a.validate(t, "Problem")
	a.want(t, 404, map[string]string{"title": "Account not found", "code": "account-not-found"})
	b.do(t, "GET", "/accounts/4711", "").want(t, 400, map[string]string{"errors.0.parameter": "accountId"})

	a = b.do(t, "POST", "/transfers", transferBody(debtor, creditor, "250.10", "RENT"))
	a.validate(t, "Transfer")
	a.want(t, 201, map[string]string{"balance.amount": "1000.65"})
	b.do(t, "GET", "/accounts/"+debtor, "").want(t, 200, map[string]string{"balance.amount": "1000.65"})
	if l := b.region.ledger(t, "RENT"); l.count != 1 || l.sum != 25010 || l.money != before.money {
		t.Errorf("ledger after a transfer of 250.10: %+v, before %+v", l, before)
	}
	b.do(t, "POST", "/transfers", transferBody(debtor, creditor, "250.10", "RENT")).want(t, 409, map[string]string{"outcome": "not-applied"})
	b.do(t, "POST", "/transfers", transferBody(poor, creditor, "99999.00", "POOR")).want(t, 422, map[string]string{"title": "Insufficient funds"})
	b.do(t, "POST", "/transfers", transferBody(debtor, creditor, "1.005", "BAD")).want(t, 400, map[string]string{"errors.0.pointer": "/amount/amount"})
	for _, reference := range []string{"POOR", "BAD"} {
		if l := b.region.ledger(t, reference); l.count != 0 {
			t.Errorf("ledger has %d transfers %s that the app was told were refused", l.count, reference)
		}
	}

	a = b.do(t, "GET", "/accounts/"+debtor+"/transactions?limit=2", "")
	a.validate(t, "TransactionList")
	a.want(t, 200, map[string]string{"transactions.0.amount": "-250.10", "transactions.0.reference": "RENT", "more": "true"})
	if n := len(a.body["transactions"].([]any)); n != 2 {
		t.Errorf("%d transactions, want 2", n)
	}
	b.do(t, "GET", "/accounts/"+debtor+"/transactions?limit=51", "").want(t, 400, map[string]string{"errors.0.parameter": "limit"})

	account := `{"type":"current","currency":"EUR","branch":17,"overdraftLimit":50.00,"owners":[{"name":"EVA LUND","role":"holder",` +
		`"address":{"street":"HAFEN 3","postcode":"20457","city":"HAMBURG","country":"DE"}}]}`
	b.do(t, "POST", "/accounts", strings.Replace(account, "EVA LUND", "小林", 1)).want(t, 400,
		map[string]string{"outcome": "not-sent", "errors.0.pointer": "/owners/0/name", "errors.0.code": "pattern"})
	a = b.do(t, "POST", "/accounts", account)
	a.validate(t, "OpenedAccount")
	a.want(t, 201, nil)
	b.do(t, "GET", a.header.Get("Location"), "").want(t, 200, map[string]string{"owners.0.name": "EVA LUND", "balance.amount": "0.00"})
}

// TestHostTrouble kills, hangs and abends the host and looks at what the app, the operator and the
// books are told.
func TestHostTrouble(t *testing.T) {
	b := startBank(t)
	t.Run("abend", func(t *testing.T) {
		b.region.fault(t, "ABEND-MIDWAY XFER 1")
		b.do(t, "POST", "/transfers", transferBody(debtor, creditor, "1.00", "ABEND")).want(t, 502,
			map[string]string{"code": "core-abend", "outcome": "not-applied"})
		if l := b.region.ledger(t, "ABEND"); l.count != 0 {
			t.Errorf("ledger has %d transfers that were backed out", l.count)
		}
	})
	t.Run("hang", func(t *testing.T) {
		b := startBank(t, "timeout: 2s", "timeout: 4s", "minimum: 20", "minimum: 100000")
		b.region.fault(t, "HANG XFER 1")
		start := time.Now()
		a := b.do(t, "POST", "/transfers", transferBody(debtor, creditor, "1.00", "HANG"))
		a.want(t, 504, map[string]string{"type": "/problems/in-doubt", "outcome": "unknown"})
		if took := time.Since(start); took > 20*time.Second { // the host would hang for longer
			t.Errorf("answered after %s, and the timeout is 4s", took)
		}
		if a.header.Get("Retry-After") != "" {
			t.Error("a write in doubt must not invite a retry")
		}
		b.region.fault(t, "HANG ACCTINQ 1")
		b.do(t, "GET", "/accounts/"+debtor, "").want(t, 504, nil)
	})
	t.Run("work done and connection dropped", func(t *testing.T) {
		b.region.fault(t, "DROP-AFTER XFER 1")
		b.do(t, "POST", "/transfers", transferBody(debtor, creditor, "1.00", "DROPPED")).want(t, 504,
			map[string]string{"type": "/problems/in-doubt"})
		if l := b.region.ledger(t, "DROPPED"); l.count != 1 {
			t.Errorf("ledger has %d transfers, and the one request must have been sent once", l.count)
		}
	})
	t.Run("host down and up again", func(t *testing.T) { b.downAndUp(t) })
}

func (b *bank) downAndUp(t *testing.T) {
	b.waitFor(t, "the breaker to be closed", func() bool { return b.breaker(t) == "closed" })
	b.region.kill(t)
	// A connection that the resolver has just used may be reset under the first call.
	b.do(t, "GET", "/accounts/"+debtor, "")
	opened := false
	for range 40 {
		a := b.do(t, "GET", "/accounts/"+debtor, "")
		a.want(t, 503, nil)
		if a.header.Get("Retry-After") == "" {
			t.Fatalf("503 without Retry-After: %s", a.text)
		}
		if opened = b.breaker(t) == "open"; opened {
			break
		}
	}
	if !opened {
		t.Error("the breaker does not open, or the admin port does not say so")
	}
	b.region = startRegion(t, b.dir, b.data, b.region.address)
	// The ping finds it: nobody calls.
	b.waitFor(t, "the breaker to close", func() bool { return b.breaker(t) == "closed" })
	b.waitFor(t, "the first call to succeed", func() bool {
		a, err := b.try("GET", "/accounts/"+debtor, "")
		return err == nil && a.status == 200
	})
}

func (b *bank) waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	looks := 0
	for end := time.Now().Add(patience); !done(); time.Sleep(50 * time.Millisecond) {
		if looks++; looks > 200 && time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// breaker asks the admin port.
func (b *bank) breaker(t *testing.T) string {
	t.Helper()
	resp, err := b.client.Get("http://" + b.admin + "/backends")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var states map[string]struct {
		Breaker string `json:"breaker"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&states); err != nil {
		t.Fatal(err)
	}
	return states["core"].Breaker
}

// TestFlood sends many more slow calls than the backend may run at once: some are served, the
// others wait for a bounded time and get 503, and nothing else suffers.
func TestFlood(t *testing.T) {
	b := startBank(t)
	b.region.fault(t, "SLOW TXNLIST 2000")
	var served, refused, other atomic.Int32
	var slowest atomic.Int64
	var wg sync.WaitGroup
	for range 60 {
		wg.Go(func() {
			start := time.Now()
			a, err := b.try("GET", "/accounts/"+debtor+"/transactions", "")
			took := time.Since(start)
			switch {
			case err == nil && a.status == 200:
				served.Add(1)
			case err == nil && a.status == 503 && a.header.Get("Retry-After") != "":
				refused.Add(1)
				for old := slowest.Load(); int64(took) > old && !slowest.CompareAndSwap(old, int64(took)); old = slowest.Load() {
				}
			default:
				other.Add(1)
			}
		})
	}
	// Whoever does not need the slow backend does not notice.
	for range 10 {
		start := time.Now()
		b.do(t, "GET", "/accounts/4711", "").want(t, 400, nil)
		b.breaker(t)
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("a call that needs no host and a look at the admin port took %s during the flood", took)
		}
	}
	wg.Wait()
	if served.Load() < 8 || refused.Load() == 0 || other.Load() != 0 {
		t.Errorf("%d served, %d refused, %d other; want at least 8, some, and none", served.Load(), refused.Load(), other.Load())
	}
	if d := time.Duration(slowest.Load()); d > 15*time.Second {
		t.Errorf("a refused call waited %s, and the wait is 50ms", d)
	}
	b.region.fault(t, "CLEAR")
	b.do(t, "GET", "/accounts/"+debtor, "").want(t, 200, nil)
}

// TestStopUnderLoad sends SIGTERM while calls come in: every call that was accepted is answered,
// every transfer that the app was told of is in the books, and the process ends with 0.
func TestStopUnderLoad(t *testing.T) {
	b := startBank(t)
	before := b.region.ledger(t, "")
	var told, lost atomic.Int32
	stopped := make(chan struct{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := 0; ; n++ {
				a, err := b.try("POST", "/transfers", transferBody(debtor, creditor, "0.01", fmt.Sprintf("STOP-%d-%d", i, n)))
				switch {
				case err == nil && a.status == 201:
					told.Add(1)
				case err == nil && (a.status == 503 || a.status == 422):
				case err != nil && isRefused(err):
					return
				default:
					lost.Add(1)
					t.Logf("call %d of client %d: %d %v %s", n, i, a.status, err, a.text)
					return
				}
				select {
				case <-stopped:
					return
				default:
				}
			}
		})
	}
	b.waitFor(t, "transfers", func() bool { return told.Load() >= 8 || lost.Load() != 0 })
	if err := b.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := b.wait(t); err != nil {
		t.Errorf("the gateway ended with %v", err)
	}
	close(stopped)
	wg.Wait()
	if lost.Load() != 0 || told.Load() == 0 {
		t.Errorf("%d calls lost, %d transfers done", lost.Load(), told.Load())
	}
	books := b.region.ledger(t, "").count - before.count
	if books != int(told.Load()) {
		t.Errorf("the books have %d transfers, the apps were told of %d", books, told.Load())
	}
}

// isRefused reports that no connection could be made, so that the call was never begun.
func isRefused(err error) bool { return strings.Contains(err.Error(), "connection refused") }
