// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"lintel/adapters/adaptertest"
)

// patience is how long a test waits for anything before it gives up. It is long: other packages are tested at the same time, and a
// machine may stand still for some seconds.
const patience = time.Minute

// asCommand is the environment variable that makes the test binary the lintel command.
const asCommand = "LINTEL_TEST_AS_COMMAND"

// gatewayProcess is a running lintel serve.
type gatewayProcess struct {
	cmd        *exec.Cmd
	api, admin string
	done       chan error

	mu  sync.Mutex
	log bytes.Buffer
	// next are the processes that the log says took over.
	next []int
}

// startGateway runs lintel serve in a process of its own and waits until it is ready.
func startGateway(t *testing.T, dir string, env []string, args ...string) *gatewayProcess {
	t.Helper()
	return follow(t, gatewayCommand(t, dir, env, args...))
}

// gatewayCommand is lintel serve.
func gatewayCommand(t *testing.T, dir string, env []string, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args = append([]string{"serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"}, append(args, dir)...)
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), exe, args...)
	cmd.Env = append(append(os.Environ(), asCommand+"=1"), env...)
	return cmd
}

// adminGet asks the admin port and returns what it says.
func (g *gatewayProcess) adminGet(client *http.Client, path string) (string, error) {
	resp, err := client.Get("http://" + g.admin + path)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return string(text), err
}

// startActivated runs lintel serve on a socket that is passed as systemd does it.
func startActivated(t *testing.T, socket *os.File, dir, admin string) *gatewayProcess {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"`, "sh",
		exe, "serve", "--simulate", "--admin", admin, dir)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	cmd.ExtraFiles = []*os.File{socket}
	return follow(t, cmd)
}

// follow starts a gateway and waits until it is ready.
func follow(t *testing.T, cmd *exec.Cmd) *gatewayProcess {
	t.Helper()
	// Not a pipe of cmd, which would be closed with the process: a successor writes to it too.
	stderr, end, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = end
	err = cmd.Start()
	_ = end.Close()
	if err != nil {
		t.Fatal(err)
	}
	g := &gatewayProcess{cmd: cmd, done: make(chan error, 1)}
	ready := make(chan struct{})
	read := make(chan struct{})
	go func() {
		defer close(read)
		g.follow(stderr, ready)
	}()
	go func() {
		err := cmd.Wait()
		for range 100 { // what it said at last is on its way
			select {
			case <-read:
			case <-time.After(100 * time.Millisecond):
				if len(g.successors()) == 0 { // else another one goes on
					continue
				}
			}
			break
		}
		g.done <- err
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = g.wait(t)
		_ = stderr.Close()
		<-read
		if t.Failed() {
			t.Logf("gateway:\n%s", lastPart(g.text(), 6000))
		}
	})
	select {
	case <-ready:
	case err := <-g.done:
		g.done <- err
		t.Fatalf("the gateway ended: %v\n%s", err, g.text())
	case <-time.After(patience):
		t.Fatalf("the gateway does not start\n%s", g.text())
	}
	return g
}

// follow keeps what the process prints and finds the addresses in it.
func (g *gatewayProcess) follow(r io.Reader, ready chan struct{}) {
	address, successor := regexp.MustCompile(`(?:http://|unix:)(\S+)`), regexp.MustCompile(`"successor":(\d+)`)
	var once sync.Once
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := lines.Text()
		g.mu.Lock()
		if g.log.Len() < 1<<26 {
			g.log.WriteString(line + "\n")
		}
		if m := address.FindStringSubmatch(line); m != nil {
			switch {
			case strings.HasPrefix(line, "serving "):
				g.api = m[1]
			case strings.HasPrefix(line, "admin "):
				g.admin = m[1]
				once.Do(func() { close(ready) })
			}
		}
		if m := successor.FindStringSubmatch(line); m != nil {
			pid, _ := strconv.Atoi(m[1])
			g.next = append(g.next, pid)
		}
		g.mu.Unlock()
	}
}

func (g *gatewayProcess) text() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.log.String()
}

// successors are the processes that the log says took over.
func (g *gatewayProcess) successors() []int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.next)
}

func (g *gatewayProcess) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-g.done:
		g.done <- err
		return err
	case <-time.After(patience):
		t.Error("the gateway does not end")
		return nil
	}
}

// regionProcess is the bank's region, running.
type regionProcess struct {
	cmd     *exec.Cmd
	address string
	done    chan error
}

// buildRegion makes the region and returns its folder. Without GnuCOBOL the test is skipped loudly,
// or fails where peers are required.
func buildRegion(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(root, "scripts", "peers.sh"), "cobol").CombinedOutput()
	if err != nil {
		if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" {
			t.Fatalf("the region cannot be built: %v\n%s", err, out)
		}
		t.Skipf("SKIPPED, NOT TESTED: the bank's COBOL region cannot be built: %v\n%s", err, out)
	}
	return filepath.Join(root, ".build", "bank-region")
}

// startRegion runs the region on the files in data, at the address of the one before; without one it gets its own.
func startRegion(t *testing.T, dir, data, address string, more ...string) *regionProcess {
	t.Helper()
	if address == "" {
		address = adaptertest.Reserve(t)
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), filepath.Join(dir, "region"),
		append([]string{"--data", data, "--programs", dir, "--port", port}, more...)...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := &regionProcess{cmd: cmd, done: make(chan error, 1)}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	go func() { r.done <- cmd.Wait() }()
	t.Cleanup(func() { r.kill(t) })
	if err != nil {
		t.Fatalf("the region did not start: %v", err)
	}
	r.address = strings.TrimSpace(strings.TrimPrefix(line, "region listening on "))
	return r
}

// kill ends the region at once.
func (r *regionProcess) kill(t *testing.T) {
	t.Helper()
	_ = r.cmd.Process.Signal(syscall.SIGKILL)
	select {
	case err := <-r.done:
		r.done <- err
	case <-time.After(patience):
		t.Error("the region does not end")
	}
}

// call sends one message to the region past the gateway and returns what follows the reply's header.
func (r *regionProcess) call(t *testing.T, program, request string) string {
	t.Helper()
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", r.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf("%-8s%8s\x00\x00\x00\x00%s", program, "", request)
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(body)+4))
	if _, err := c.Write(append(frame, body...)); err != nil {
		t.Fatal(err)
	}
	head := make([]byte, 4)
	if _, err := io.ReadFull(c, head); err != nil {
		t.Fatal(err)
	}
	reply := make([]byte, binary.BigEndian.Uint32(head)-4)
	if _, err := io.ReadFull(c, reply); err != nil {
		t.Fatal(err)
	}
	if status := strings.TrimSpace(string(reply[8:12])); status != "OK" {
		t.Fatalf("%s: region answers %s", program, status)
	}
	return string(reply[20:])
}

// fault tells the region what is to go wrong.
func (r *regionProcess) fault(t *testing.T, text string) { r.call(t, "CONTROL", text) }

// ledger is what the region's books say: transfers with that reference, their sum, all accounts
// and all money in cents.
type ledger struct{ count, sum, accounts, money int }

func (r *regionProcess) ledger(t *testing.T, reference string) ledger {
	t.Helper()
	var l ledger
	text := r.call(t, "LEDGER", fmt.Sprintf("%-20s", reference))
	if _, err := fmt.Sscanf(text, "00%8d%18d%8d%18d", &l.count, &l.sum, &l.accounts, &l.money); err != nil {
		t.Fatalf("ledger: %v", err)
	}
	return l
}

// lastPart is the end of a text, where what went wrong stands.
func lastPart(s string, most int) string { return s[max(0, len(s)-most):] }
