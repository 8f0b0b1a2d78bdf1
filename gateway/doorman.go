// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"net"
	"net/http"
	"time"
)

// doorman bounds the connections of the data port. When there are too many, one that has been
// without a request for a long time makes room: those who keep connections open and say nothing
// cannot keep others out.
type doorman struct {
	net.Listener
	conns *conns
	most  int
	// turned counts connections that were closed for others.
	turned func()
}

// Accept implements net.Listener.
func (d *doorman) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil || d.conns.makeRoom(d.most) {
			return c, err
		}
		d.turned()
		_ = c.Close()
	}
}

// sample is how many connections are looked at to find one that has waited long.
const sample = 128

// makeRoom reports whether one more connection may come. If there are too many it closes one, chosen
// among some at random, that has waited longest for a request; those that are being served are left alone.
func (c *conns) makeRoom(most int) bool {
	c.mu.Lock()
	if len(c.states) < most {
		c.mu.Unlock()
		return true
	}
	var oldest net.Conn
	var since time.Time
	looked := 0
	for conn, s := range c.states {
		if looked++; looked > sample && oldest != nil {
			break
		}
		if s.state != http.StateActive && (oldest == nil || s.since.Before(since)) {
			oldest, since = conn, s.since
		}
	}
	if oldest != nil {
		delete(c.states, oldest)
	}
	c.mu.Unlock()
	if oldest == nil {
		return false
	}
	_ = oldest.Close()
	return true
}
