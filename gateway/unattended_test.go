// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// bodiless are requests whose bodies never come, and of which the gateway itself reads nothing: net/http waits for them
// before or after the answer, by itself or behind it.
func bodiless() map[string]string {
	const never = "Content-Length: 100\r\n\r\n"
	return map[string]string{
		"options of all":      "OPTIONS * HTTP/1.1\r\nHost: x\r\n" + never,
		"no such path":        "POST /nothing HTTP/1.1\r\nHost: x\r\n" + never,
		"no such expectation": "GET /a HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\n" + never,
		"no body wanted":      "GET /a HTTP/1.1\r\nHost: x\r\n" + never,
		"no such host":        "GET /a HTTP/1.1\r\nHost: x y\r\n" + never,
	}
}

// TestBodilessMakeRoom: whoever owes a body that nobody wants keeps nobody out.
func TestBodilessMakeRoom(t *testing.T) {
	for name, request := range bodiless() {
		t.Run(name, func(t *testing.T) {
			const most = 3
			s, _ := serving(t, newGateway(t, Options{}, routeOf("GET", "/a", nil)), ServerOptions{Admin: "off", Connections: most})
			for range most {
				c, err := net.Dial("tcp", s.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = c.Close() }()
				if _, err := io.WriteString(c, request); err != nil {
					t.Fatal(err)
				}
			}
			for !s.conns.noneNewFor(50 * time.Millisecond) { // the slow are there
				time.Sleep(5 * time.Millisecond)
			}
			if got := raw(t, s.Addr(), "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false); !strings.HasPrefix(got, "HTTP/1.1 200") {
				t.Errorf("others are told %q", got)
			}
		})
	}
}

// TestBodilessEnd: such a connection ends by itself, too.
func TestBodilessEnd(t *testing.T) {
	s, _ := serving(t, newGateway(t, Options{BodyTimeout: 200 * time.Millisecond}, routeOf("GET", "/a", nil)), ServerOptions{Admin: "off"})
	for name, request := range bodiless() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := net.Dial("tcp", s.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			if _, err := io.WriteString(c, request); err != nil {
				t.Fatal(err)
			}
			_ = c.SetDeadline(time.Now().Add(time.Minute))
			got, err := io.ReadAll(c)
			if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 4") || strings.Count(string(got), "HTTP/1.1 ") != 1 {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// TestSweepLooksTwice: a connection is not closed at the very moment at which its time is over: after the machine stood still,
// that is over for net/http too, which has an answer.
func TestSweepLooksTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		c := &conns{states: map[net.Conn]*connState{ours: {state: http.StateActive, since: time.Now().Add(-time.Hour)}}}
		done, ended := make(chan struct{}), make(chan error, 1)
		go c.sweep(done, time.Minute)
		go func() {
			_, err := theirs.Read(make([]byte, 1))
			ended <- err
		}()
		for looks, want := range []int{0, 0, 1} {
			if synctest.Wait(); len(ended) != want {
				t.Errorf("%d ended after %d looks", len(ended), looks)
			}
			time.Sleep(sweepEvery + time.Millisecond)
		}
		close(done)
	})
}
