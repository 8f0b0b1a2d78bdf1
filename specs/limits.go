// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"time"
)

// mostRetries is how often a request that was provably not sent may be tried again.
const mostRetries = 2

// limits are the keys of a transform about its exchange.
func (l *loader) limits(s *LimitsSpec) []field {
	return []field{
		optional("timeout", l.duration(&s.Timeout, "timeout", time.Millisecond, hour)),
		optional("needs", l.duration(&s.Needs, "needs", time.Millisecond, hour)),
		optional("concurrency", func(n *Node) {
			l.object(n, "concurrency", required("max", l.integer(&s.Max, "max", 1, 65_536)))
		}),
		optional("priority", l.word("priority", []string{"normal", "high"}, func(n *Node) { s.High = n.Text == "high" })),
		optional("retries", func(n *Node) {
			l.integer(&s.Retries, "retries", 0, mostRetries)(n)
			if s.Retries == 0 {
				s.Retries = -1
			}
		}),
		optional("hedge", l.duration(&s.Hedge, "hedge", time.Millisecond, hour)),
	}
}

// checkLimits compares what a transform says about its exchange with its backend. n is where it says it.
func (l *loader) checkLimits(s *LimitsSpec, n *Node, b *Backend, safe bool) {
	if s.Timeout > 0 && b.Breaker.Window < 4*s.Timeout {
		l.add(CodeWindow, n.Get("timeout"), fmt.Sprintf("the breaker window of backend %q (%s) must be at least four times this timeout (%s)", b.Name, b.Breaker.Window, s.Timeout),
			fmt.Sprintf("set breaker.window to %s or more, or lower the timeout", 4*s.Timeout))
	}
	timeout := b.Timeout
	if s.Timeout > 0 {
		timeout = s.Timeout
	}
	if s.Needs >= timeout {
		l.add(CodeNeverReached, n.Get("needs"), fmt.Sprintf("an exchange that needs %s is never begun with a timeout of %s", s.Needs, timeout), "lower needs, or raise the timeout")
	}
	if s.Hedge >= timeout {
		l.warn(CodeNeverReached, n.Get("hedge"), fmt.Sprintf("the timeout (%s) ends the exchange before a second attempt after %s", timeout, s.Hedge), "lower hedge, or raise the timeout")
	}
	if s.Max > b.Concurrency.Max {
		l.warn(CodeNeverReached, n.Get("concurrency").Get("max"), fmt.Sprintf("backend %q runs %d exchanges at once, fewer than this limit of %d", b.Name, b.Concurrency.Max, s.Max), "lower it, or raise concurrency.max of the backend")
	}
	if s.Hedge > 0 && !safe {
		l.add(CodeUnsafeRepeat, n.Key("hedge"), "an operation that changes something must not be sent twice", "remove hedge; or write safe: true if the operation changes nothing at the host")
	}
}

// safe tells whether an operation changes nothing at the host: by declaration, else by method.
func (t *Transform) safe(o *Operation) bool {
	if t.Safe != nil {
		return *t.Safe
	}
	return o != nil && o.Safe()
}
