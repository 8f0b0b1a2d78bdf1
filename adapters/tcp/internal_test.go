// SPDX-License-Identifier: Apache-2.0

package tcp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"testing/iotest"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/stream"
)

// brokenConn takes only so many bytes of a write and then fails.
type brokenConn struct {
	net.Conn
	takes int
	err   error
}

func (c *brokenConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p[:min(c.takes, len(p))])
	if err == nil {
		err = c.err
	}
	return n, err
}

// breaking makes an adapter whose first connection gives out as broken says.
func breaking(t *testing.T, host *adaptertest.Host, broken brokenConn) *Adapter {
	t.Helper()
	a, err := New(Options{Address: host.Address()})
	if err != nil {
		t.Fatal(err)
	}
	first := true
	a.Pool, err = stream.New(stream.Options{Address: host.Address()},
		func(*stream.Conn) stream.Session { return &session{frameReader: newFrameReader(a.frame, 1000)} },
		func(ctx context.Context, c *stream.Conn, m adapters.Message) stream.Outcome {
			if first {
				first = false
				broken.Conn = c.Stream
				c.Stream = &broken
			}
			return turn(ctx, c, m)
		})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// TestN06ResentOnlyUntouched covers what cannot be provoked on a real socket at will: a write that
// fails after a given number of bytes.
func TestN06ResentOnlyUntouched(t *testing.T) {
	for _, tt := range []struct {
		name   string
		takes  int
		err    error
		resent bool
		fate   adapters.Fate
	}{
		{"no byte taken", 0, syscall.EPIPE, true, adapters.Applied},
		{"one byte taken", 1, syscall.EPIPE, false, adapters.NotSent},
		{"all but the last byte", 11, syscall.ECONNRESET, false, adapters.NotSent},
		{"all of it, then an error", 12, syscall.ECONNRESET, false, adapters.InDoubt},
	} {
		t.Run(tt.name, func(t *testing.T) {
			host := adaptertest.StartHost(t, adaptertest.HostOptions{})
			a := breaking(t, host, brokenConn{takes: tt.takes, err: tt.err})
			m, err := a.Exchange(t.Context(), adapters.Message{Body: []byte("12345678")})
			var e *adapters.Error
			switch {
			case tt.resent:
				if err != nil || string(m.Body) != "12345678" {
					t.Errorf("%q, %v", m.Body, err)
				}
			case !errors.As(err, &e) || e.Fate != tt.fate:
				t.Errorf("got %v, want fate %v", err, tt.fate)
			}
			if got := a.Stats().Resent == 1; got != tt.resent {
				t.Errorf("resent %v, want %v", got, tt.resent)
			}
			if n := host.Ledger().Total(); n > 1 {
				t.Errorf("the host saw %d requests", n)
			}
		})
	}
}

func TestFrame(t *testing.T) {
	for _, tt := range []struct {
		frame Frame
		n     int
		field string
	}{
		{Frame{Bytes: 2}, 258, "\x01\x02"},
		{Frame{Bytes: 2, Little: true}, 258, "\x02\x01"},
		{Frame{Bytes: 2, IncludesSelf: true}, 256, "\x01\x02"},
		{Frame{Bytes: 2, IncludesSelf: true}, 65533, "\xff\xff"},
		{Frame{Bytes: 4}, 0x01020304, "\x01\x02\x03\x04"},
		{Frame{Bytes: 4, Little: true}, 0x01020304, "\x04\x03\x02\x01"},
		{Frame{Bytes: 4, Little: true, IncludesSelf: true}, 0x01020300, "\x04\x03\x02\x01"},
	} {
		got := make([]byte, tt.frame.Bytes)
		tt.frame.put(got, tt.n)
		if string(got) != tt.field {
			t.Errorf("%+v, %d: % x, want % x", tt.frame, tt.n, got, tt.field)
		}
		if n, err := tt.frame.parse(got, 1<<30); n != tt.n || err != nil {
			t.Errorf("%+v: parsed %d, %v, want %d", tt.frame, n, err, tt.n)
		}
	}
}

func FuzzFrameReader(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x04abcdrest"), uint8(4), false, false, uint16(1000))
	f.Add([]byte("\x06\x00abcd"), uint8(2), true, true, uint16(4))
	f.Add([]byte("\xff\xff\xff\xff"), uint8(4), false, true, uint16(0xFFFF))
	f.Add([]byte{}, uint8(2), false, false, uint16(1))
	f.Fuzz(func(t *testing.T, stream []byte, width uint8, little, self bool, limit uint16) {
		frame := Frame{Bytes: 2 + 2*int(width%2), Little: little, IncludesSelf: self}
		for _, slow := range []bool{false, true} {
			var src io.Reader = bytes.NewReader(stream)
			if slow {
				src = iotest.OneByteReader(src)
			}
			r := newFrameReader(frame, int(limit))
			body, began, err := r.next(src)
			if began != (len(stream) > 0) {
				t.Fatalf("began %v with %d bytes", began, len(stream))
			}
			if err != nil {
				continue
			}
			if len(body) == 0 || len(body) > int(limit) {
				t.Fatalf("%d bytes with limit %d", len(body), limit)
			}
			whole := make([]byte, frame.Bytes, frame.Bytes+len(body))
			frame.put(whole, len(body))
			if whole = append(whole, body...); !bytes.HasPrefix(stream, whole) {
				t.Fatal("the body is not what the stream holds")
			}
			if !slow && len(stream) <= len(r.buf) && r.Extra() != (len(stream) > len(whole)) {
				t.Fatal("bytes after the frame went unnoticed")
			}
		}
	})
}
