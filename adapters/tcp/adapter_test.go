// SPDX-License-Identifier: Apache-2.0

package tcp_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/tcp"
)

func exchange(t testing.TB, a adapters.Adapter, body []byte, limit time.Duration) ([]byte, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m, err := a.Exchange(ctx, adapters.Message{Body: body})
	return m.Body, err
}

func want(t testing.TB, err error, kind adapters.Kind, fate adapters.Fate) {
	t.Helper()
	_ = wantError(t, err, kind, fate)
}

// wantError is want for those who look closer.
func wantError(t testing.TB, err error, kind adapters.Kind, fate adapters.Fate) *adapters.Error {
	t.Helper()
	var e *adapters.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *adapters.Error", err)
	}
	if e.Kind != kind || e.Fate != fate {
		t.Errorf("got %v (%v), want %v (%v): %v", e.Kind, e.Fate, kind, fate, err)
	}
	return e
}

func TestOptions(t *testing.T) {
	for name, o := range map[string]tcp.Options{
		"no address":       {},
		"no port":          {Address: "host"},
		"empty port":       {Address: "host:"},
		"no host":          {Address: ":1"},
		"3-byte length":    {Address: "host:1", Frame: tcp.Frame{Bytes: 3}},
		"negative connect": {Address: "host:1", Connect: -1},
		"negative reply":   {Address: "host:1", MaxReply: -1},
	} {
		if _, err := tcp.New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestN01PortClosed(t *testing.T) {
	host := adaptertest.StartHost(t, adaptertest.HostOptions{})
	a := dial(t, host, tcp.Options{})
	host.Close()
	_, err := exchange(t, a, []byte("1234"), time.Minute)
	want(t, err, adapters.Unreachable, adapters.NotSent)
}

func TestN05ResetAfterRequestOnReusedConnection(t *testing.T) {
	host := adaptertest.StartHost(t, adaptertest.HostOptions{Script: func(n int, _ []byte) adaptertest.Step {
		if n == 1 {
			return adaptertest.Step{Do: adaptertest.ResetBefore}
		}
		return adaptertest.Step{}
	}})
	a := dial(t, host, tcp.Options{})
	if _, err := exchange(t, a, []byte("first"), time.Minute); err != nil {
		t.Fatal(err)
	}
	_, err := exchange(t, a, []byte("second"), time.Minute)
	want(t, err, adapters.Broken, adapters.InDoubt)
	if n := host.Ledger().Times([]byte("second")); n != 1 {
		t.Errorf("applied %d times", n)
	}
	if s := a.Stats(); s.Reused != 1 || s.Discarded != 1 || s.Resent != 0 {
		t.Errorf("%+v", s)
	}
}

// TestN07PartOfAFrame: the host breaks the connection while the request is still being written.
func TestN07PartOfAFrame(t *testing.T) {
	host := adaptertest.StartHost(t, adaptertest.HostOptions{Deaf: func(int) int { return 1000 }})
	a := dial(t, host, tcp.Options{})
	_, err := exchange(t, a, make([]byte, 32<<20), time.Minute)
	want(t, err, adapters.Broken, adapters.NotSent)
	if n := host.Connections(); n != 1 {
		t.Errorf("%d connections: part of a frame was sent again", n)
	}
}

// TestPartOfAFrameTimesOut: the host accepts and reads nothing.
func TestPartOfAFrameTimesOut(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, err := tcp.New(tcp.Options{Address: l.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	_, err = exchange(t, a, make([]byte, 32<<20), 100*time.Millisecond)
	want(t, err, adapters.Timeout, adapters.NotSent)
}

// TestStaleConnection: the host ended an idle connection, which is noticed before anything is sent.
func TestStaleConnection(t *testing.T) {
	host := adaptertest.StartHost(t, adaptertest.HostOptions{})
	a := dial(t, host, tcp.Options{})
	for i := range 3 {
		if _, err := exchange(t, a, []byte("1234"), time.Minute); err != nil {
			t.Fatalf("exchange %d: %v", i, err)
		}
		host.CutAll()
		time.Sleep(100 * time.Millisecond)
	}
	if s := a.Stats(); s.Stale != 2 || s.Dialed != 3 || s.Discarded != 0 {
		t.Errorf("%+v", s)
	}
}

func TestN12Unsolicited(t *testing.T) {
	over := make(chan struct{}, 3)
	host := adaptertest.StartHost(t, adaptertest.HostOptions{Script: func(n int, _ []byte) adaptertest.Step {
		return adaptertest.Step{
			Do: []adaptertest.Act{adaptertest.Twice, adaptertest.Chatter, adaptertest.Reply}[n], Done: func() { over <- struct{}{} },
		}
	}})
	a := dial(t, host, tcp.Options{})
	for _, s := range []string{"one.", "two.", "three."} {
		got, err := exchange(t, a, []byte(s), time.Minute)
		if err != nil || string(got) != s {
			t.Fatalf("%q: %q, %v", s, got, err)
		}
		<-over
		time.Sleep(50 * time.Millisecond)
	}
	if s := a.Stats(); s.Dialed != 3 || s.Discarded+s.Stale != 2 {
		t.Errorf("%+v", s)
	}
}

func TestN14LengthsClaimNoMemory(t *testing.T) {
	for _, length := range []uint32{0, 3, 1<<31 - 1, 1<<32 - 1, 512 << 20} {
		host := adaptertest.StartHost(t, adaptertest.HostOptions{
			Framing: adaptertest.Framing{IncludesSelf: true},
			Script: func(int, []byte) adaptertest.Step {
				return adaptertest.Step{Do: adaptertest.BadLength, Length: length}
			},
		})
		// 512 MiB are allowed here, and still not taken before the bytes come.
		a := dial(t, host, tcp.Options{Frame: tcp.Frame{IncludesSelf: true}, MaxReply: 1 << 30})
		// What is counted is the whole process, the host too: the least of a few times is nearest to the exchange.
		least := uint64(math.MaxUint64)
		for n := range 3 {
			request := []byte{'1', '2', '3', byte('0' + n)}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := adaptertest.OutOfTime(host.Ledger(), request, func(limit time.Duration) error {
				if length != 512<<20 {
					limit = time.Minute
				}
				_, err := exchange(t, a, request, limit)
				return err
			})
			runtime.ReadMemStats(&after)
			if length == 512<<20 {
				want(t, err, adapters.Timeout, adapters.InDoubt)
			} else {
				want(t, err, adapters.Framing, adapters.Applied)
			}
			least = min(least, after.TotalAlloc-before.TotalAlloc)
		}
		if least > 64<<10 {
			t.Errorf("length %d took %d bytes", length, least)
		}
	}
}

func TestN16EndlessReply(t *testing.T) {
	host := adaptertest.StartHost(t, adaptertest.HostOptions{Script: func(int, []byte) adaptertest.Step {
		return adaptertest.Step{Do: adaptertest.Endless, Length: 1000}
	}})
	a := dial(t, host, tcp.Options{MaxReply: 1000})
	// A reply of the right length with an endless tail: it counts, the connection does not.
	got, err := exchange(t, a, []byte("1234"), time.Minute)
	if err != nil || len(got) != 1000 {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if _, err := exchange(t, a, []byte("1234"), time.Minute); err != nil {
		t.Fatal(err)
	}
	if s := a.Stats(); s.Reused != 0 || s.Dialed != 2 {
		t.Errorf("%+v", s)
	}
	host = adaptertest.StartHost(t, adaptertest.HostOptions{Script: func(int, []byte) adaptertest.Step {
		return adaptertest.Step{Do: adaptertest.Endless, Length: 1001}
	}})
	_, err = exchange(t, dial(t, host, tcp.Options{MaxReply: 1000}), []byte("1234"), time.Minute)
	want(t, err, adapters.Framing, adapters.Applied)
}

func TestRequestLimits(t *testing.T) {
	host := adaptertest.StartHost(t, adaptertest.HostOptions{Framing: adaptertest.Framing{Bytes: 2, IncludesSelf: true}})
	a := dial(t, host, tcp.Options{Frame: tcp.Frame{Bytes: 2, IncludesSelf: true}})
	_, err := exchange(t, a, nil, time.Minute)
	want(t, err, adapters.Internal, adapters.NotSent)
	_, err = exchange(t, a, make([]byte, 65534), time.Minute)
	want(t, err, adapters.TooLarge, adapters.NotSent)
	if got, err := exchange(t, a, make([]byte, 65533), time.Minute); err != nil || len(got) != 65533 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestIdleConnectionsExpire(t *testing.T) {
	host := adaptertest.StartHost(t, adaptertest.HostOptions{})
	a := dial(t, host, tcp.Options{Idle: 20 * time.Millisecond})
	if _, err := exchange(t, a, []byte("1234"), time.Minute); err != nil {
		t.Fatal(err)
	}
	for a.Stats().Expired == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	if s := a.Stats(); s.Idle != 0 || s.Busy != 0 {
		t.Errorf("%+v", s)
	}
}

func TestErrorsHoldNoPayload(t *testing.T) {
	secret := []byte("4711-SECRET")
	for _, act := range []adaptertest.Act{adaptertest.Garbage, adaptertest.CutBefore, adaptertest.CutWithin, adaptertest.BadLength} {
		host := adaptertest.StartHost(t, adaptertest.HostOptions{Script: func(int, []byte) adaptertest.Step {
			return adaptertest.Step{Do: act, Bytes: 9, Length: 0x53454352, Body: secret}
		}})
		_, err := exchange(t, dial(t, host, tcp.Options{}), secret, time.Minute)
		if err == nil || bytes.Contains([]byte(err.Error()), []byte("SECR")) || strings.Contains(err.Error(), "1397048146") {
			t.Errorf("%v: %v", act, err)
		}
	}
}
