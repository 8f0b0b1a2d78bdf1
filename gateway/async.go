// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"lintel/gateway/journal"
)

// maxWait bounds the preference wait.
const maxWait = time.Minute

// prefersAsync reports that the caller would rather come back than wait (RFC 7240, 4.1), and how long
// it waits at least (4.3).
func prefersAsync(h http.Header) (wait time.Duration, ok bool) {
	if len(h["Prefer"]) == 0 {
		return 0, false
	}
	if _, ok = preference(h, "respond-async"); !ok {
		return 0, false
	}
	if text, given := preference(h, "wait"); given {
		if n, err := strconv.ParseUint(text, 10, 16); err == nil {
			wait = min(time.Duration(n)*time.Second, maxWait)
		}
	}
	return wait, true
}

// preference returns the value of one preference of Prefer headers, and whether it is there.
func preference(h http.Header, name string) (string, bool) {
	for _, line := range h["Prefer"] {
		for _, part := range strings.Split(line, ",") {
			part, _, _ = strings.Cut(part, ";")
			token, value, _ := strings.Cut(part, "=")
			if strings.EqualFold(strings.Trim(token, " \t"), name) {
				return strings.Trim(value, " \t\""), true
			}
		}
	}
	return "", false
}

// What became of a caller that would rather come back than wait.
const (
	lateOpen     = iota // it still waits
	lateAccepted        // it was told to come back
	lateAnswered        // it gets the answer
)

// cameBack decides, at the end of an exchange, whether its caller was told to come back: from then on it is not, if it
// was not before.
func (k *keyedCall) cameBack() bool {
	return k.late != nil && !k.late.CompareAndSwap(lateOpen, lateAnswered) && k.late.Load() == lateAccepted
}

// respondAsync runs the exchange beside the call. If it is over in time its answer is the answer;
// else, as soon as the intent is recorded, the caller is told where to come back.
func (c *call) respondAsync(wait time.Duration, exchange func(*call)) {
	answer := &heldAnswer{header: http.Header{}}
	sent, done := make(chan struct{}), make(chan struct{})
	late := &atomic.Int32{}
	other := c.handOver(answer, sent)
	other.keyed.late = late
	c.g.inFlight.Add(1)
	go func() {
		defer close(done)
		defer c.g.inFlight.Add(-1)
		defer other.end()
		exchange(other)
	}()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		select {
		case <-done:
		case <-sent:
			if late.CompareAndSwap(lateOpen, lateAccepted) {
				c.accepted()
				return
			}
			<-done // it is just over
		}
	}
	h := c.w.Header()
	for name, values := range answer.header {
		h[name] = values
	}
	c.send(answer.status, answer.body)
}

// handOver makes a call of its own out of this one: what comes now is its matter. This one only
// answers the caller.
func (c *call) handOver(answer *heldAnswer, sent chan struct{}) *call {
	other, _ := c.g.calls.Get().(*call)
	other.w, other.r = answer, c.r.WithContext(context.WithoutCancel(c.r.Context()))
	other.start, other.budget, other.exchange, other.trace = c.start, c.budget, c.exchange, c.trace
	other.entry, other.route, other.identity, other.caller, other.tenant = c.entry, c.route, c.identity, c.caller, c.tenant
	other.params, c.params = c.params, other.params
	other.body, other.run, other.keyed, other.course = c.body, c.run, c.keyed, c.course
	if other.course != nil {
		other.course.c = other
	}
	other.keyed.sent = sent
	c.body, c.run, c.identity, c.course, c.keyed = nil, nil, nil, nil, keyedCall{on: true, id: c.keyed.id}
	return other
}

// accepted answers that the operation was begun.
func (c *call) accepted() {
	h := c.w.Header()
	c.commonHeaders(h)
	path := StatusPath + c.keyed.id.String()
	h["Location"] = []string{path}
	h["Preference-Applied"] = []string{"respond-async"}
	h["Retry-After"] = []string{"1"}
	h["Content-Type"] = contentJSON[:]
	b := append(c.out[:0], '{')
	b = appendText(b, "operation", path)
	b = appendText(b, "state", statusWord(journal.Intent))
	c.out = append(trimComma(b), '}')
	c.send(http.StatusAccepted, c.out)
}

// heldAnswer is a ResponseWriter that keeps the answer.
type heldAnswer struct {
	header http.Header
	status int
	body   []byte
}

// Header implements http.ResponseWriter.
func (a *heldAnswer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *heldAnswer) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *heldAnswer) Write(b []byte) (int, error) {
	a.body = append(a.body, b...)
	return len(b), nil
}
