// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// conns follows the connections of the data port.
type conns struct {
	mu     sync.Mutex
	states map[net.Conn]*connState
	// lastNew and lastUse are when a connection last came and when one last changed its state.
	lastNew, lastUse time.Time
	// cut counts connections that were closed for others.
	cut func()
}

// connState is the state of a connection and since when it is in it.
type connState struct {
	state http.ConnState
	since time.Time
	among *conns
	// caller says whether the call on it waits for the caller, who sends a body or takes an answer.
	caller atomic.Int32
}

// What connState.caller says.
const (
	callerFree    int32 = iota
	callerAwaited       // the call waits for the caller
	callerCut           // the connection was closed, for others, while it did
)

type connKey struct{}

// enter is the ConnContext hook.
func (c *conns) enter(ctx context.Context, conn net.Conn) context.Context {
	s := &connState{state: http.StateNew, since: time.Now(), among: c}
	c.mu.Lock()
	c.states[conn], c.lastNew, c.lastUse = s, s.since, s.since
	c.mu.Unlock()
	return context.WithValue(ctx, connKey{}, s)
}

// await notes that the call waits for its caller from now on; done says that it no longer does, and
// whether the connection is still there. Of a connection with several calls nothing is noted.
func (c *call) await() *connState {
	if c.r.ProtoMajor != 1 {
		return nil
	}
	s, _ := c.r.Context().Value(connKey{}).(*connState)
	if s != nil {
		s.caller.CompareAndSwap(callerFree, callerAwaited)
	}
	return s
}

func (s *connState) done() bool {
	return s == nil || s.caller.CompareAndSwap(callerAwaited, callerFree)
}

// set is the ConnState hook.
func (c *conns) set(conn net.Conn, state http.ConnState) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastUse = now
	switch state {
	case http.StateClosed, http.StateHijacked:
		delete(c.states, conn)
	default:
		if s := c.states[conn]; s != nil {
			s.state, s.since = state, now
		}
	}
}

// idleFor reports that no connection is left, or that nothing happened on any for d.
func (c *conns) idleFor(d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.states) == 0 {
		// One that was accepted a moment ago may not be known here yet.
		return time.Since(c.lastNew) > min(d, quiet)
	}
	if time.Since(c.lastUse) <= d {
		return false
	}
	for _, s := range c.states {
		if s.state == http.StateActive {
			return false
		}
	}
	return true
}

// unread reports that a request has arrived on a connection but was not read yet.
func (c *conns) unread() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn, s := range c.states {
		if s.state != http.StateActive && unreadBytes(conn) > 0 {
			return true
		}
	}
	return false
}

// settled reports that the connections left can be closed: none was used for d, and none is waiting
// for its first request.
func (c *conns) settled(d time.Duration) bool {
	c.mu.Lock()
	for _, s := range c.states {
		if s.state == http.StateNew {
			c.mu.Unlock()
			return false
		}
	}
	c.mu.Unlock()
	return c.idleFor(d) && !c.unread()
}

// noneNewFor reports that no connection came for d.
func (c *conns) noneNewFor(d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Since(c.lastNew) > d
}
