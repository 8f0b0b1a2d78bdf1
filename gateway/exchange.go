// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"lintel/adapters"
	"lintel/transforms"
)

// carry runs the exchange. It gets its own timeout or what is left of the call's, whichever is less.
func (c *call) carry(m transforms.Message) (adapters.Message, error) {
	before := c.marks.written
	if before.IsZero() || c.keyed.on || c.keepUnder != nil { // something may have been waited for since
		before = c.g.options.Now()
	}
	left := c.budget - before.Sub(c.start)
	if left <= 0 {
		return adapters.Message{}, tooShort(c.route.BackendName)
	}
	if err := c.queue(before); err != nil {
		return adapters.Message{}, err
	}
	ctx, timeout := c.r.Context(), min(c.route.Timeout, left)
	if c.route.Timeout == 0 {
		// The backend's own timeout counts, which is not known here: the call's is a second one.
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, left)
		defer cancel()
	}
	if c.outgoing.Parent != "" {
		ctx = adapters.WithTrace(ctx, c.outgoing)
	}
	c.stage = stageExchange
	exchange := adapters.Call{
		Message: adapters.Message(m), Judge: c.judge, Timeout: timeout, Safe: c.route.Safe, Lane: c.route.Lane, Client: c.client(), Waited: c.route.metrics.waited,
	}
	if c.keyed.on {
		exchange.Before = c.intent
		c.keyed.recording = &adapters.Recording{ID: bytes.Clone(c.keyed.id[:])}
		exchange.Recording = c.keyed.recording
	}
	reply, err := c.route.Backend.Exchange(ctx, exchange)
	after := c.g.options.Now()
	c.took = after.Sub(before)
	c.marks.sent, c.marks.replied = before, after
	c.fate, c.hostKind = adapters.Applied.String(), "none"
	if err == nil {
		c.dequeue(after, c.took)
	} else {
		c.fate, c.hostKind = fateOf(err)
		if c.fate == adapters.NotSent.String() {
			c.dequeue(after, 0)
		} else {
			c.dequeue(after, c.took)
		}
		// An exchange that went wrong after it began may still hold on to the buffers of the call.
		c.keep = c.fate == adapters.NotSent.String()
	}
	return reply, err
}

// judgeReply runs the reply through the transform. The exchanger calls it while the exchange still
// counts as running.
func (c *call) judgeReply(reply adapters.Message) adapters.Judgement {
	c.judged = true
	c.marks.judge = c.g.options.Now()
	c.output, c.failed = c.run.Reply(transforms.Message(reply))
	c.marks.judged = c.g.options.Now()
	c.route.metrics.understood(c.marks.judged.Sub(c.marks.judge), c.failed)
	if c.keyed.on {
		if c.failed != nil {
			c.keyed.unread = slices.Clone(reply.Body)
		}
		if c.keyed.recording.Held() {
			c.keyed.sum = sumReply(reply)
		}
	}
	if n := c.output.Unreadable.Count(); n > 0 {
		c.unreadable(n)
	}
	if n := c.output.Dropped; n > 0 {
		c.g.metrics.dropped(c.route, n)
	}
	return adapters.Judgement{HostFailed: c.failed == nil && c.output.HostFailed, Foreign: isForeign(c.failed)}
}

// maxUnreadableNamed is how many unreadable fields of one reply the log names.
const maxUnreadableNamed = 10

// unreadable counts and logs the fields of a reply that became null because their bytes cannot be read:
// by name, place and reason, never with what they hold.
func (c *call) unreadable(n int) {
	c.g.metrics.unreadable(c.route, n)
	var fields []string
	for _, f := range c.output.Unreadable.Fields {
		if len(fields) == maxUnreadableNamed {
			break
		}
		fields = append(fields, f.Error())
	}
	c.g.options.Log.Warn("fields of a reply cannot be read", "operation", c.route.Operation.ID, "exchange", c.exchange, "count", n, "fields", fields)
}

// isForeign reports that a reply may belong to another request: it says so, or it cannot be read.
func isForeign(err error) bool {
	if err == nil { // nearly always: nothing is set aside for it
		return false
	}
	var foreign *transforms.ForeignError
	var invalid *transforms.InvalidError
	var field *transforms.FieldError
	return errors.As(err, &foreign) || errors.As(err, &invalid) || errors.As(err, &field)
}
