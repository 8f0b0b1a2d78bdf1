// SPDX-License-Identifier: Apache-2.0

package host_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for anything before it gives up.
const patience = time.Minute

// build makes the region and returns the folder that holds it.
func build(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(root, "scripts", "peers.sh"), "cobol").CombinedOutput()
	if err != nil {
		if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" {
			t.Fatalf("the region cannot be built: %v\n%s", err, out)
		}
		t.Skipf("SKIPPED, NOT TESTED: the region cannot be built: %v\n%s", err, out)
	}
	return filepath.Join(root, ".build", "bank-region")
}

// region is a running region.
type region struct {
	cmd     *exec.Cmd
	address string
	done    chan error
}

// start runs a region on the files in data until the test ends.
func start(t *testing.T, dir, data string, args ...string) *region {
	t.Helper()
	args = append([]string{"--data", data, "--programs", dir, "--port", "0"}, args...)
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), filepath.Join(dir, "region"), args...)
	cmd.Stderr = t.Output()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := &region{cmd: cmd, done: make(chan error, 1)}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	go func() { r.done <- cmd.Wait() }()
	if err != nil {
		t.Fatalf("the region did not start: %v", err)
	}
	r.address = strings.TrimSpace(strings.TrimPrefix(line, "region listening on "))
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // fails if the test has ended it already
		_ = r.wait(t)
	})
	return r
}

// wait returns how the region ended.
func (r *region) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-r.done:
		r.done <- err
		return err
	case <-time.After(patience):
		t.Error("the region does not end")
		return nil
	}
}

// working tells whether a task is at work: each is a process below that of its connection, which is one below the region.
func (r *region) working(t *testing.T) bool {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	parents := map[string]string{}
	for _, file := range files {
		text, _ := os.ReadFile(file) // it may have ended
		if _, fields, ok := strings.Cut(string(text), ") "); ok {
			parents[filepath.Base(filepath.Dir(file))] = strings.Fields(fields)[1]
		}
	}
	own := strconv.Itoa(r.cmd.Process.Pid)
	for _, parent := range parents {
		if parents[parent] == own {
			return true
		}
	}
	return false
}

func (r *region) stop(t *testing.T) {
	t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := r.wait(t); err != nil {
		t.Fatalf("the region did not end cleanly: %v", err)
	}
}

// message is a reply: the header's parts and what follows.
type message struct{ program, status, abend, rest string }

// exchange sends one request over a connection of its own.
func (r *region) exchange(ctx context.Context, program, request string) (message, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", r.address)
	if err != nil {
		return message{}, err
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return message{}, err
	}
	body := fmt.Sprintf("%-8s%8s\x00\x00\x00\x00%s", program, "", request)
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(body)+4))
	if _, err := c.Write(append(frame, body...)); err != nil {
		return message{}, err
	}
	head := make([]byte, 4)
	if _, err := io.ReadFull(c, head); err != nil {
		return message{}, err
	}
	n := binary.BigEndian.Uint32(head)
	if n < 24 || n > 65536 {
		return message{}, fmt.Errorf("reply of %d bytes", n)
	}
	reply := make([]byte, n-4)
	if _, err := io.ReadFull(c, reply); err != nil {
		return message{}, err
	}
	s := string(reply)
	return message{strings.TrimSpace(s[:8]), strings.TrimSpace(s[8:12]), strings.TrimSpace(s[12:16]), s[20:]}, nil
}

func (r *region) call(t *testing.T, program, request string) message {
	t.Helper()
	m, err := r.exchange(t.Context(), program, request)
	if err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	return m
}

// fault tells the region what is to go wrong.
func (r *region) fault(t *testing.T, text string) {
	t.Helper()
	if m := r.call(t, "CONTROL", text); m.status != "OK" {
		t.Fatalf("fault %q: status %s", text, m.status)
	}
}

// packed is S9(11)V99 COMP-3 of an amount in cents.
func packed(cents int) string {
	out, _ := hex.DecodeString(fmt.Sprintf("%013dC", cents)) // always hex digits
	return string(out)
}

// unpack is the reverse of packed.
func unpack(s string) (cents int) {
	for i := range len(s) {
		cents = cents*10 + int(s[i]>>4)
		if i < len(s)-1 {
			cents = cents*10 + int(s[i]&15)
		}
	}
	if s[len(s)-1]&15 == 0xD {
		return -cents
	}
	return cents
}

func transfer(from, to string, cents int, reference string) string {
	return fmt.Sprintf("%s%s%sEUR%-20s00000000%7s%-36s", from, to, packed(cents), reference, "", "exchange of "+reference)
}

// balance asks for the balance of an account in cents.
func (r *region) balance(t *testing.T, account string) int {
	t.Helper()
	m := r.call(t, "ACCTINQ", account+"      ")
	if m.status != "OK" || m.rest[:2] != "00" {
		t.Fatalf("inquiry of %s: status %s, code %s", account, m.status, m.rest[:2])
	}
	return unpack(m.rest[18:25])
}

// ledger is what the region's test inquiry says; amounts in cents, of all currencies together.
type ledger struct{ count, sum, accounts, money int }

func (r *region) ledger(t *testing.T, reference string) ledger {
	t.Helper()
	m := r.call(t, "LEDGER", fmt.Sprintf("%-20s", reference))
	var l ledger
	if _, err := fmt.Sscanf(m.rest, "00%8d%18d%8d%18d", &l.count, &l.sum, &l.accounts, &l.money); err != nil {
		t.Fatalf("ledger: %v", err)
	}
	return l
}
