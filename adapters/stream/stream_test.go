// SPDX-License-Identifier: Apache-2.0

package stream

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type nothing struct{}

func (nothing) Extra() bool { return false }

// echo writes the body with its length in front and takes the answer without looking.
func echo(ctx context.Context, c *Conn, m adapters.Message) Outcome {
	before := c.Written()
	whole := adaptertest.Framing{}.Wrap(m.Body)
	if _, err := c.Stream.Write(whole); err != nil {
		return Outcome{Err: Fail(ctx, err, adapters.NotSent, ""), Untouched: c.Written() == before}
	}
	if _, err := io.ReadFull(c.Stream, whole); err != nil {
		return Outcome{Err: Fail(ctx, err, adapters.InDoubt, "")}
	}
	return Outcome{Reply: adapters.Message{Body: whole[4:]}, Reusable: true}
}

func pool(t *testing.T, o Options) *Pool {
	t.Helper()
	p, err := New(o, func(*Conn) Session { return nothing{} }, echo)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func TestOptions(t *testing.T) {
	for name, o := range map[string]Options{
		"no address": {}, "no port": {Address: "host"}, "no host": {Address: ":1"},
		"negative time": {Address: "h:1", Idle: -1}, "negative size": {Address: "h:1", MaxIdle: -1},
	} {
		if _, err := New(o, nil, nil); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// deadConn takes nothing.
type deadConn struct{ net.Conn }

func (deadConn) Write([]byte) (int, error) { return 0, syscall.EPIPE }

// TestResentOnce: a second failure of the same sort is reported, not tried for ever.
func TestResentOnce(t *testing.T) {
	host := adaptertest.StartHost(t, adaptertest.HostOptions{})
	p := pool(t, Options{Address: host.Address()})
	if err := p.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.idle.idle[0].wire.Conn = &deadConn{p.idle.idle[0].wire.Conn}
	host.Close()
	_, err := p.Exchange(t.Context(), adapters.Message{Body: []byte("12345678")})
	var e *adapters.Error
	if !errors.As(err, &e) || e.Fate != adapters.NotSent {
		t.Errorf("got %v", err)
	}
}

// TestLookWithoutWaiting compares the two ways to look for unread bytes.
func TestLookWithoutWaiting(t *testing.T) {
	for name, look := range map[string]func(*wire, []byte) (int, error){
		"now": (*wire).readNow, "soon": (*wire).readSoon,
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			nc, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			peer, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer peer.Close()
			w, err := newWire(nc)
			if err != nil {
				t.Fatal(err)
			}
			var buf [8]byte
			var nothing errNothing
			if n, err := look(w, buf[:]); n != 0 || !errors.As(err, &nothing) {
				t.Errorf("idle: %d, %v", n, err)
			}
			if _, err := peer.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
			eventually(t, func() bool { n, err := look(w, buf[:]); return n == 1 && err == nil })
			_ = peer.Close()
			eventually(t, func() bool { n, err := look(w, buf[:]); return n == 0 && errors.Is(err, io.EOF) })
		})
	}
}

func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	for range 10_000 {
		if ok() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("did not come to pass")
}

// TestCancelledConnectionIsNotPooled: the cancel may strike a connection that already has its reply.
func TestCancelledConnectionIsNotPooled(t *testing.T) {
	host := adaptertest.StartHost(t, adaptertest.HostOptions{})
	p := pool(t, Options{Address: host.Address()})
	ctx, cancel := context.WithCancel(t.Context())
	c, err := p.connection(ctx, false)
	if err != nil {
		t.Fatal(err)
	}
	c.Stream = &cancelAfterRead{Conn: c.Stream, cancel: cancel}
	if o := p.run(ctx, c, adapters.Message{Body: []byte("1234")}); o.Err != nil {
		t.Fatal(o.Err)
	}
	if s := p.Stats(); s.Idle != 0 || s.Discarded != 1 {
		t.Errorf("%+v", s)
	}
}

type cancelAfterRead struct {
	net.Conn
	cancel func()
}

func (c *cancelAfterRead) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.cancel()
	return n, err
}
