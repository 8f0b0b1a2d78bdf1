// SPDX-License-Identifier: Apache-2.0

package tcp_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/adapters/tcp"
)

// echoHost is as little as can answer a frame, so that the client is what is measured.
func echoHost(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				buf := make([]byte, 64<<10)
				for {
					n, err := c.Read(buf)
					if err != nil {
						return
					}
					if _, err := c.Write(buf[:n]); err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

// byHand is the client that somebody writes who wants one pooled exchange and nothing else.
type byHand struct {
	address string
	idle    chan net.Conn
}

func (h *byHand) exchange(ctx context.Context, body []byte) ([]byte, error) {
	var c net.Conn
	select {
	case c = <-h.idle:
	default:
		var err error
		if c, err = (&net.Dialer{}).DialContext(ctx, "tcp", h.address); err != nil {
			return nil, err
		}
	}
	deadline, _ := ctx.Deadline()
	_ = c.SetDeadline(deadline)
	frame := make([]byte, 4+len(body))
	binary.BigEndian.PutUint32(frame, uint32(len(body)))
	copy(frame[4:], body)
	if _, err := c.Write(frame); err != nil {
		_ = c.Close()
		return nil, err
	}
	var head [4]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		_ = c.Close()
		return nil, err
	}
	reply := make([]byte, binary.BigEndian.Uint32(head[:]))
	if _, err := io.ReadFull(c, reply); err != nil {
		_ = c.Close()
		return nil, err
	}
	h.idle <- c
	return reply, nil
}

func BenchmarkExchange(b *testing.B) {
	body := make([]byte, 200)
	run := func(b *testing.B, f func(ctx context.Context) error) {
		b.Helper()
		b.ReportAllocs()
		b.SetParallelism(4)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
				if err := f(ctx); err != nil {
					b.Error(err)
				}
				cancel()
			}
		})
	}
	b.Run("by-hand", func(b *testing.B) {
		h := &byHand{address: echoHost(b), idle: make(chan net.Conn, 64)}
		run(b, func(ctx context.Context) error { _, err := h.exchange(ctx, body); return err })
		for len(h.idle) > 0 {
			_ = (<-h.idle).Close()
		}
	})
	a := func(b *testing.B) *tcp.Adapter {
		b.Helper()
		a, err := tcp.New(tcp.Options{Address: echoHost(b), MaxIdle: 64})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = a.Close() })
		return a
	}
	b.Run("adapter", func(b *testing.B) {
		a := a(b)
		run(b, func(ctx context.Context) error {
			_, err := a.Exchange(ctx, adapters.Message{Body: body})
			return err
		})
	})
	b.Run("guarded", func(b *testing.B) {
		g, err := adapters.NewGuard("core", a(b), adapters.GuardOptions{Wait: time.Second})
		if err != nil {
			b.Fatal(err)
		}
		run(b, func(ctx context.Context) error {
			_, err := g.Exchange(ctx, adapters.Call{Message: adapters.Message{Body: body}})
			return err
		})
	})
}
