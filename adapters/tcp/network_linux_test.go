// SPDX-License-Identifier: Apache-2.0

package tcp_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/adapters/tcp"
)

// ownNetwork is set in a test that has a network of its own.
const ownNetwork = "LINTEL_TEST_OWN_NETWORK"

// inOwnNetwork runs the test again in a network namespace of its own, made by the commands, where the system lets it.
// It reports whether this is that run.
func inOwnNetwork(t *testing.T, commands ...string) bool {
	t.Helper()
	if os.Getenv(ownNetwork) != "" {
		return true
	}
	shell := func(script string, more ...string) *exec.Cmd {
		c := exec.CommandContext(t.Context(), "unshare", append([]string{"--user", "--map-root-user", "--net", "sh", "-ec", script}, more...)...)
		c.Env = append(os.Environ(), ownNetwork+"=1")
		return c
	}
	setup := "ip link set lo up\n" + strings.Join(commands, "\n")
	if text, err := shell(setup).CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: this system lets nobody make a network of their own (unshare, ip and tc are needed): %v %s", err, text)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := shell(setup+"\nexec \"$@\"", "sh", exe, "-test.run=^"+t.Name()+"$", "-test.v").CombinedOutput()
	if err != nil || !bytes.Contains(text, []byte("--- PASS: "+t.Name())) {
		t.Errorf("in a network of its own: %v\n%s", err, text)
	}
	return false
}

// ip changes the network of the test.
func ip(t *testing.T, arguments ...string) {
	t.Helper()
	if text, err := exec.CommandContext(t.Context(), "ip", arguments...).CombinedOutput(); err != nil {
		t.Fatalf("ip %v: %v %s", arguments, err, text)
	}
}

// countingHost answers every frame with itself; after each reply it closes the connection if once. It counts.
func countingHost(t *testing.T, address string, once bool) (at string, count *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	count = &atomic.Int32{}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	t.Cleanup(func() { cancel(); _ = l.Close(); <-ended })
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go echo(ctx, c, count, once)
		}
	}()
	return l.Addr().String(), count
}

func echo(ctx context.Context, c net.Conn, count *atomic.Int32, once bool) {
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	defer func() { _ = c.Close() }()
	var frame tcp.Frame
	for r := bufio.NewReader(c); ; {
		m, err := frame.Read(r, 1<<20)
		if err != nil {
			return
		}
		count.Add(1)
		b, _ := frame.Append(nil, m)
		if _, err := c.Write(b); err != nil || once {
			return
		}
	}
}

func openTCP(t *testing.T, o tcp.Options) *tcp.Adapter {
	t.Helper()
	a, err := tcp.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// TestN03NoRoute: in the middle of a run the network says that the host cannot be reached, or that it may not be.
// Nothing was sent, that is known at once, and when the way is back the next exchange takes it.
func TestN03NoRoute(t *testing.T) {
	if !inOwnNetwork(t, "ip rule add pref 10 lookup local", "ip rule del pref 0") {
		return
	}
	at, count := countingHost(t, "127.0.0.2:0", true)
	a := openTCP(t, tcp.Options{Address: at, Connect: time.Minute, Idle: time.Nanosecond})
	for n, kind := range []string{"unreachable", "prohibit", "blackhole"} {
		if _, err := a.Exchange(t.Context(), adapters.Message{Body: []byte("before")}); err != nil {
			t.Fatal(err)
		}
		ip(t, "rule", "add", "pref", "5", "to", "127.0.0.2", kind)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		_, err := a.Exchange(ctx, adapters.Message{Body: []byte("1234")})
		want(t, err, adapters.Unreachable, adapters.NotSent)
		if ctx.Err() != nil {
			t.Errorf("%s: it took all the time there was", kind)
		}
		cancel()
		ip(t, "rule", "del", "pref", "5")
		if _, err := a.Exchange(t.Context(), adapters.Message{Body: []byte("after")}); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if got := int(count.Load()); got != 2*(n+1) {
			t.Errorf("%s: the host took %d messages", kind, got)
		}
	}
}

// TestN17SlowLine: packets of 576 bytes at 64 kbit/s. Long messages come whole and right if there is time for
// them; if not, the deadline ends the exchange, and the host has it once at most.
func TestN17SlowLine(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds: the line is slow")
	}
	if !inOwnNetwork(t, "ip link set lo mtu 576", "tc qdisc add dev lo root tbf rate 64kbit burst 2kb latency 5s") {
		return
	}
	at, count := countingHost(t, "127.0.0.1:0", false)
	a := openTCP(t, tcp.Options{Address: at, Connect: time.Minute})
	message := bytes.Repeat([]byte("0123456789"), 800) // a second each way
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	reply, err := a.Exchange(ctx, adapters.Message{Body: message})
	if err != nil || !bytes.Equal(reply.Body, message) {
		t.Fatalf("%d bytes, %v", len(reply.Body), err)
	}
	short, end := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer end()
	_, err = a.Exchange(short, adapters.Message{Body: message})
	var failure *adapters.Error
	if !errors.As(err, &failure) || failure.Kind != adapters.Timeout || failure.Fate == adapters.Applied || failure.Fate == adapters.NotApplied {
		t.Errorf("too little time: %v", err)
	}
	if reply, err := a.Exchange(ctx, adapters.Message{Body: []byte("another")}); err != nil || string(reply.Body) != "another" {
		t.Errorf("after it: %q, %v", reply.Body, err)
	}
	if n := count.Load(); n < 2 || n > 3 {
		t.Errorf("the host took %d messages", n)
	}
}

// names is a server of names that knows one address for all of them.
type names struct{ last atomic.Uint32 }

// dial implements the Dial of a net.Resolver: DNS over a stream (RFC 1035, 4.2.2), within the process.
func (n *names) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	go func() {
		defer func() { _ = server.Close() }()
		head := make([]byte, 2)
		for {
			if _, err := server.Read(head[:1]); err != nil {
				return
			}
			if _, err := server.Read(head[1:]); err != nil {
				return
			}
			q := make([]byte, int(head[0])<<8|int(head[1]))
			for got := 0; got < len(q); {
				more, err := server.Read(q[got:])
				if err != nil {
					return
				}
				got += more
			}
			if _, err := server.Write(n.answer(q)); err != nil {
				return
			}
		}
	}()
	return client, nil
}

// answer knows an address of version 4 and no other.
func (n *names) answer(q []byte) []byte {
	end := 12
	for end < len(q) && q[end] != 0 {
		end += int(q[end]) + 1
	}
	question := q[12 : end+5]
	a := append([]byte{q[0], q[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, question...)
	if question[len(question)-3] == 1 {
		a[7] = 1
		a = append(a, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, byte(n.last.Load()))
	}
	return append([]byte{byte(len(a) >> 8), byte(len(a))}, a...)
}

// TestN18NameMoves: the name of the host gets another address while calls come. What connects from then on
// connects there, without a restart, and no call is lost.
func TestN18NameMoves(t *testing.T) {
	var dns names
	old := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: dns.dial}
	defer func() { net.DefaultResolver = old }()
	first, before := countingHost(t, "127.0.0.1:0", true)
	_, port, _ := net.SplitHostPort(first)
	second, after := countingHost(t, "127.0.0.2:"+port, true)
	_ = second
	a := openTCP(t, tcp.Options{Address: "core.example.:" + port, Connect: time.Minute, Idle: time.Nanosecond})
	call := func(n int) {
		t.Helper()
		for range n {
			if _, err := a.Exchange(t.Context(), adapters.Message{Body: []byte("1234")}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for n, address := range []uint32{1, 2, 1} {
		dns.last.Store(address)
		call(20)
		if one, two := before.Load(), after.Load(); one != []int32{20, 20, 40}[n] || two != []int32{0, 20, 20}[n] {
			t.Errorf("round %d: the hosts took %d and %d messages", n, one, two)
		}
	}
}
