// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// poll waits for something that another process does. Time in which the machine stood still, and this process too, does not count.
func poll(t *testing.T, what string, done func() bool) {
	t.Helper()
	looks := 0
	for end := time.Now().Add(patience); !done(); time.Sleep(10 * time.Millisecond) {
		if looks++; looks > 1000 && time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// alive reports whether a process is there.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	// One whose new parent does not collect it is over all the same.
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

// endSuccessors stops the processes that nobody waits for.
func endSuccessors(t *testing.T, g *gatewayProcess) {
	t.Cleanup(func() {
		for _, pid := range g.successors() {
			_ = syscall.Kill(pid, syscall.SIGTERM)
		}
		for _, pid := range g.successors() {
			for end := time.Now().Add(patience); alive(pid) && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			}
			if alive(pid) {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	})
}

// caller sends requests, each once, until stop is closed, and counts those without a whole answer.
type caller struct {
	// request makes a request; nil asks for an account.
	request        func() string
	served, failed atomic.Int64
	why            atomic.Value
}

func (c *caller) run(address string, keep bool, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		if err := c.connection(address, keep, stop); err != nil {
			c.failed.Add(1)
			c.why.Store(err.Error())
		}
	}
}

func (c *caller) connection(address string, keep bool, stop <-chan struct{}) error {
	conn, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	for {
		_ = conn.SetDeadline(time.Now().Add(2 * patience))
		request := "GET /accounts/0000004711 HTTP/1.1\r\nHost: x\r\n\r\n"
		if c.request != nil {
			request = c.request()
		}
		if _, err := io.WriteString(conn, request); err != nil {
			return err
		}
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			return err
		}
		if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusCreated {
			return fmt.Errorf("status %d: %s", resp.StatusCode, body)
		}
		c.served.Add(1)
		select {
		case <-stop:
			return nil
		default:
		}
		if !keep || resp.Close {
			return nil
		}
		time.Sleep(time.Millisecond) // leaves the machine to the processes
	}
}

// quiet is a contract, with a log that has room for what matters whatever the load is: who is slow to read it loses lines.
const quiet = "contract: openapi.yaml\noperations: {log: {sample: 1%}}"

// O04: twenty handovers under load, by callers who keep their connections and who do not. No call fails.
func TestO04Handover(t *testing.T) {
	rounds := 20
	if testing.Short() {
		rounds = 2
	}
	g := startGateway(t, copyWorkspace(t, "../../examples/bank", map[string]string{"window: 30s": "window: 60s", "timeout: 2s": "timeout: 15s", "over: 1s": "over: 10s", "wait: 100ms": "wait: 10s", "contract: openapi.yaml": quiet}), nil, "--simulate")
	endSuccessors(t, g)
	var c caller
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() { c.run(g.api, i%2 == 0, stop) })
	}
	current := g.cmd.Process.Pid
	for i := range rounds {
		if err := syscall.Kill(current, syscall.SIGUSR2); err != nil {
			t.Fatal(err)
		}
		poll(t, "a successor", func() bool { return len(g.successors()) > i })
		current = g.successors()[i]
	}
	served := c.served.Load()
	poll(t, "calls at the last successor", func() bool { return c.served.Load() > served+20 || c.failed.Load() > 0 })
	close(stop)
	wg.Wait()
	if c.failed.Load() != 0 {
		t.Errorf("%d of %d calls failed: %v", c.failed.Load(), c.served.Load(), c.why.Load())
	}
	if err := g.wait(t); err != nil {
		t.Errorf("the first process ended with %v", err)
	}
	for _, pid := range g.successors()[:rounds-1] {
		poll(t, "the end of those that handed over", func() bool { return !alive(pid) })
	}
	if code, _ := adminGet(t, g.admin, "/readyz"); code != http.StatusOK {
		t.Errorf("the last successor answers %d on the admin port", code)
	}
	t.Logf("%d calls served, %d failed, %d handovers", c.served.Load(), c.failed.Load(), rounds)
}

// The same with transfers, which are recorded in a journal that one process at a time can have: those
// that come to the successor first wait until the old process has ended its own.
func TestO04HandoverJournal(t *testing.T) {
	rounds := 3
	if testing.Short() {
		rounds = 1
	}
	ws := copyWorkspace(t, "../../examples/bank", map[string]string{"window: 30s": "window: 120s", "timeout: 2s": "timeout: 25s", "over: 1s": "over: 20s", "wait: 100ms": "wait: 10s", "contract: openapi.yaml": quiet})
	g := startGateway(t, ws, []string{"CORE_ADDRESS=" + startScriptedHost(t, ws).address})
	endSuccessors(t, g)
	var keys atomic.Int64
	c := caller{request: func() string {
		body := transferBody(debtor, creditor, "250.00", "RENT-2024-03")
		return fmt.Sprintf("POST /transfers HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: handover-%08d-key\r\nContent-Length: %d\r\n\r\n%s",
			keys.Add(1), len(body), body)
	}}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() { c.run(g.api, i%2 == 0, stop) })
	}
	current := g.cmd.Process.Pid
	for i := range rounds {
		served := c.served.Load()
		poll(t, "transfers", func() bool { return c.served.Load() > served+20 || c.failed.Load() > 0 })
		if err := syscall.Kill(current, syscall.SIGUSR2); err != nil {
			t.Fatal(err)
		}
		poll(t, "a successor", func() bool { return len(g.successors()) > i })
		current = g.successors()[i]
	}
	served := c.served.Load()
	poll(t, "transfers at the last successor", func() bool { return c.served.Load() > served+20 || c.failed.Load() > 0 })
	close(stop)
	wg.Wait()
	if c.failed.Load() != 0 {
		t.Errorf("%d of %d transfers failed: %v", c.failed.Load(), c.served.Load(), c.why.Load())
	}
	t.Logf("%d transfers, %d failed, %d handovers", c.served.Load(), c.failed.Load(), rounds)
}

func adminGet(t *testing.T, admin, path string) (int, string) {
	t.Helper()
	client, base := clientFor(admin)
	defer client.CloseIdleConnections()
	resp, err := client.Get(base + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// O05: a successor that ends before it serves, because its workspace has errors, leaves the old one serving.
func TestO05SuccessorCrashes(t *testing.T) {
	ws := copyWorkspace(t, "../../examples/bank", nil)
	g := startGateway(t, ws, nil, "--simulate")
	endSuccessors(t, g)
	edit(t, ws, "transforms/getAccount.yaml", "=reply.balance", "=reply.blance")
	for i := 1; i < 3; i++ {
		if err := syscall.Kill(g.cmd.Process.Pid, syscall.SIGUSR2); err != nil {
			t.Fatal(err)
		}
		poll(t, "the failure", func() bool { return strings.Count(g.text(), "handover failed, this process keeps serving") == i })
		var c caller
		if err := c.connection(g.api, false, nil); err != nil {
			t.Errorf("after a failed handover: %v", err)
		}
	}
	edit(t, ws, "transforms/getAccount.yaml", "=reply.blance", "=reply.balance")
	if err := syscall.Kill(g.cmd.Process.Pid, syscall.SIGUSR2); err != nil {
		t.Fatal(err)
	}
	poll(t, "a successor", func() bool { return len(g.successors()) == 1 })
	if err := g.wait(t); err != nil {
		t.Error(err)
	}
}

// O07: a second SIGTERM does not wait for calls, and a storm of SIGHUP changes nothing.
func TestO07SecondTerm(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // a host that accepts and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	ws := copyWorkspace(t, "../../examples/bank", map[string]string{"timeout: 2s": "timeout: 25s", "window: 30s": "window: 100s"})
	g := startGateway(t, ws, []string{"CORE_ADDRESS=" + silent.Addr().String()})
	answer := make(chan error, 1)
	go func() { var c caller; answer <- c.connection(g.api, false, nil) }()
	poll(t, "the call", func() bool {
		_, body := adminGet(t, g.admin, "/status")
		return strings.Contains(body, `"inFlight": 1`)
	})
	for range 50 {
		if err := g.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	poll(t, "a reload", func() bool { return strings.Contains(g.text(), "workspace reloaded") })
	for range 2 {
		if err := g.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		poll(t, "the stop", func() bool {
			select {
			case err := <-g.done:
				g.done <- err
				return true
			default:
			}
			_, body := adminGet0(g.admin, "/readyz")
			return strings.Contains(body, "draining")
		})
	}
	start := time.Now()
	if err := g.wait(t); err == nil {
		t.Error("the process that cut off a call ended with 0")
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("ended %s after the second signal", took)
	}
	if err := <-answer; err == nil {
		t.Error("the call to a silent host was answered with 200")
	}
	if !strings.Contains(g.text(), "1 calls were cut off") {
		t.Error("nobody says that a call was cut off")
	}
}

// adminGet0 is adminGet of a port that may be gone.
func adminGet0(admin, path string) (int, string) {
	resp, err := http.Get("http://" + admin + path)
	if err != nil {
		return 0, "draining"
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

// A socket that systemd passes is served, and left to systemd at the end.
func TestSystemdActivation(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	admin := filepath.Join(t.TempDir(), "admin.sock")
	for range 2 { // the socket outlives the process
		g := startActivated(t, file, copyWorkspace(t, "../../examples/bank", nil), "unix:"+admin)
		if g.api != l.Addr().String() {
			t.Errorf("serves %s, was passed %s", g.api, l.Addr())
		}
		var c caller
		if err := c.connection(l.Addr().String(), false, nil); err != nil {
			t.Error(err)
		}
		if code, _ := adminGet(t, "unix:"+admin, "/readyz"); code != http.StatusOK {
			t.Errorf("admin socket: %d", code)
		}
		if info, err := os.Stat(admin); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("admin socket: %v %v", info, err)
		}
		if err := g.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := g.wait(t); err != nil {
			t.Error(err)
		}
	}
}

// O01: a process that reloads again and again under load, every tenth time a workspace with an error, fails no
// call and never serves the error. `make slow` has it reload a hundred times in a minute.
func TestO01ReloadProcess(t *testing.T) {
	rounds := 10
	if os.Getenv("LINTEL_SLOW") != "" {
		rounds = 100
	}
	ws := copyWorkspace(t, "../../examples/bank", map[string]string{"window: 30s": "window: 60s", "timeout: 2s": "timeout: 15s", "over: 1s": "over: 10s", "wait: 100ms": "wait: 10s"})
	g := startGateway(t, ws, nil, "--simulate")
	var c caller
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() { c.run(g.api, i%2 == 0, stop) })
	}
	// The log is bounded and drops lines under such a load: the metric tells.
	count := func(result string) string {
		_, text := adminGet0(g.admin, "/metrics")
		return regexp.MustCompile(`lintel_config_reload_total\{result="` + result + `"\} \S+`).FindString(text)
	}
	reload := func(result string) {
		before := count(result)
		if err := g.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		poll(t, "reload "+result, func() bool { after := count(result); return after != "" && after != before })
	}
	begin := time.Now()
	open, next := "every: 5s", "every: 6s" // every round gives the backend a new guard
	for i := range rounds {
		if i%10 == 8 {
			edit(t, ws, "transforms/getAccount.yaml", "=reply.balance", "=reply.blance")
			reload("refused")
			edit(t, ws, "transforms/getAccount.yaml", "=reply.blance", "=reply.balance")
			continue
		}
		edit(t, ws, "lintel.yaml", open, next)
		open, next = next, open
		reload("ok")
		time.Sleep(time.Until(begin.Add(time.Duration(i) * time.Minute / 100)))
	}
	took := time.Since(begin)
	served := c.served.Load()
	poll(t, "calls after the last reload", func() bool { return c.served.Load() > served+20 || c.failed.Load() > 0 })
	close(stop)
	wg.Wait()
	if c.failed.Load() != 0 {
		t.Errorf("%d of %d calls failed: %v", c.failed.Load(), c.served.Load(), c.why.Load())
	}
	t.Logf("%d calls served, %d failed, %d reloads in %s", c.served.Load(), c.failed.Load(), rounds, took.Round(time.Second))
}
