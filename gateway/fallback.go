// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"crypto/sha256"
	"errors"
	"slices"
	"strconv"
	"time"

	"lintel/adapters"
	"lintel/transforms"
)

// Fallback is one thing to do when the host of a safe operation gives no usable reply. One of its
// members is set; none means the fixed answer of the transform.
type Fallback struct {
	// Last gives the last good answer to the same request of the same caller, if it is not older.
	Last time.Duration
	// Backend asks another backend with the same message.
	Backend Exchanger
	Lane    *adapters.Lane
	// Timeout bounds that exchange; it must be set with Backend.
	Timeout time.Duration
}

// headerFallback says that an answer does not come from the host that it should: last, backend or static.
const headerFallback = "Lintel-Fallback"

// staticRunner is a Runner that can make the fixed answer of a fallback.
type staticRunner interface {
	Fallback(i int) (transforms.Output, error)
}

// fallBack answers a call whose host gave no usable reply, in the first way that works. It reports
// whether there was one.
func (c *call) fallBack(err error) bool {
	var e *adapters.Error
	if len(c.route.Fallbacks) == 0 || !c.route.Safe || errors.As(err, &e) && e.Kind == adapters.Canceled {
		return false
	}
	for i := range c.route.Fallbacks {
		f := &c.route.Fallbacks[i]
		out, source, ok := c.wayOut(i, f)
		if !ok {
			continue
		}
		c.fault = err
		c.output, c.fallback = out, source
		c.g.metrics.fallbacks.WithLabelValues(c.route.Operation.ID, source).Inc()
		c.answer()
		return true
	}
	return false
}

// wayOut tries one fallback.
func (c *call) wayOut(i int, f *Fallback) (out transforms.Output, source string, ok bool) {
	switch {
	case f.Last > 0:
		k, age := c.route.memory.get(c.memoryKey(), c.g.options.Now(), f.Last)
		if k == nil {
			return out, "", false
		}
		c.staleAge = age
		return k.output(), "last", true
	case f.Backend != nil:
		out, ok := c.askOther(f)
		return out, "backend", ok
	}
	r, can := c.run.(staticRunner)
	if !can {
		return out, "", false
	}
	out, err := r.Fallback(i)
	return out, "static", err == nil
}

// askOther asks another backend. It works on a run of its own: the first may still be in use.
func (c *call) askOther(f *Fallback) (transforms.Output, bool) {
	left := c.budget - c.g.options.Now().Sub(c.start)
	if left <= 0 {
		return transforms.Output{}, false
	}
	run := c.route.Start()
	m, err := run.Request(c.in)
	if err != nil {
		return transforms.Output{}, false
	}
	var out transforms.Output
	judged := false
	judge := func(reply adapters.Message) adapters.Judgement {
		judged = true
		out, err = run.Reply(transforms.Message(reply))
		return adapters.Judgement{HostFailed: err == nil && out.HostFailed, Foreign: isForeign(err)}
	}
	reply, failed := f.Backend.Exchange(c.r.Context(), adapters.Call{
		Message: adapters.Message(m), Judge: judge, Timeout: min(f.Timeout, left), Safe: true, Lane: f.Lane, Client: c.client(),
	})
	if failed != nil {
		c.keep = false // the exchange may still hold on to the buffers of the call
		return transforms.Output{}, false
	}
	if !judged {
		judge(reply)
	}
	c.other = run
	return out, err == nil && !out.HostFailed
}

// remember keeps a good answer for the time when the host gives none.
func (c *call) remember() {
	if c.route.memory == nil || c.output.Status >= 300 || c.output.HostFailed || c.output.Invalid != nil || c.output.Problem != nil {
		return
	}
	c.route.memory.put(c.memoryKey(), keep(&c.output, c.g.options.Now()))
}

// memoryKey sums up all that an answer is made of beside the host's reply: parameters, body, and who
// calls. Nobody gets the answer to another caller's request.
func (c *call) memoryKey() (key cacheKey) {
	h := sha256.New()
	for _, b := range [][]byte{c.in.Params, c.in.Body, c.in.Identity} {
		part(h, b)
	}
	h.Sum(key[:0])
	return key
}

// Bounds of what is remembered of one operation.
const (
	memoryEntries = 1000
	memoryBytes   = 16 << 20
)

// newMemory returns what holds the last good answers of an operation, if a fallback needs it.
func newMemory(fallbacks []Fallback) *lru {
	if !slices.ContainsFunc(fallbacks, func(f Fallback) bool { return f.Last > 0 }) {
		return nil
	}
	return newLRU(memoryEntries, memoryBytes)
}

// fallbackHeaders mark an answer that does not come from its host.
func (c *call) fallbackHeaders(set func(name, value string)) {
	if c.fallback == "" {
		return
	}
	set(headerFallback, c.fallback)
	if c.fallback == "last" {
		set("Age", strconv.FormatInt(int64(c.staleAge/time.Second), 10))
	}
}
