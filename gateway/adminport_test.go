// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// TestAdminConnections: whoever reaches the admin port cannot use up what others need. The silent make room.
func TestAdminConnections(t *testing.T) {
	s, _ := serving(t, newGateway(t, Options{}, routeOf("GET", "/a", nil)), ServerOptions{Listen: "127.0.0.1:0", Admin: "127.0.0.1:0"})
	const more = 40
	for n := range maxAdmin + more {
		c, err := net.Dial("tcp", s.AdminAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		if n%2 == 0 { // the others say nothing at all
			if _, err := io.WriteString(c, "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil && n < maxAdmin {
				t.Fatal(err)
			}
		}
	}
	if got := raw(t, s.AdminAddr(), "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", false); !strings.HasPrefix(got, "HTTP/1.1 200") {
		t.Errorf("an operator is told %q", got)
	}
	s.adminConns.mu.Lock()
	defer s.adminConns.mu.Unlock()
	if n := len(s.adminConns.states); n > maxAdmin {
		t.Errorf("%d connections, %d may be", n, maxAdmin)
	}
}

// TestAdminFraming: two requests are not made of one, and nobody waits for a body that is of no use.
func TestAdminFraming(t *testing.T) {
	s, _ := serving(t, newGateway(t, Options{}, routeOf("GET", "/a", nil)), ServerOptions{Listen: "127.0.0.1:0", Admin: "127.0.0.1:0"})
	const smuggled = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
	for name, test := range map[string]struct{ request, want string }{
		"length and chunks, reading":  {"GET /readyz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, "HTTP/1.1 200"},
		"length and chunks, changing": {"POST /reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, "HTTP/1.1 403"},
		"length and chunks, foreign":  {"GET /readyz HTTP/1.1\r\nHost: evil\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, "HTTP/1.1 403"},
		"a body that never comes":     {"POST /reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n", "HTTP/1.1 403"},
		"a body where none is taken":  {"GET /readyz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n", "HTTP/1.1 200"},
	} {
		begin := time.Now()
		got := raw(t, s.AdminAddr(), test.request, false)
		if !strings.HasPrefix(got, test.want) || strings.Count(got, "HTTP/1.1 ") != 1 {
			t.Errorf("%s: %q", name, got)
		}
		if !strings.Contains(got, "Connection: close") {
			t.Errorf("%s: the connection is kept: %q", name, got)
		}
		if d := time.Since(begin); d >= readHeaderTimeout {
			t.Errorf("%s: answered after %s", name, d)
		}
	}
}
