// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq_test

import (
	"bytes"
	"context"
	"testing"

	driver "github.com/ibm-messaging/mq-golang/v5/ibmmq"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/ibmmq"
	"lintel/adapters/ibmmq/mqitest"
)

// TestReplyHeld: the reply of a recorded exchange, in time or late, is on its queue until the journal has it; what goes with
// it, and what is not recorded, is taken.
func TestReplyHeld(t *testing.T) {
	for name, shared := range map[string]bool{"own": false, "shared": true} {
		for _, settles := range []bool{false, true} {
			t.Run(name+map[bool]string{false: ", never recorded", true: ", recorded"}[settles], func(t *testing.T) {
				var replies string
				_, a := gateway(t, echo, func(h *host, o *ibmmq.Options) {
					permanent(h, o)
					o.Shared, replies = shared, o.ReplyQueue
				})
				a.OnLate((&adaptertest.LateBook{}).Take)
				if _, err := exchange(t, a, hello(), patience); err != nil { // not recorded
					t.Fatal(err)
				}
				recording := &adapters.Recording{ID: idBy(9)}
				ctx, cancel := context.WithTimeout(adapters.WithRecording(t.Context(), recording), patience)
				defer cancel()
				if m, err := a.Exchange(ctx, hello()); err != nil || !bytes.Equal(m.Body, hello().Body) {
					t.Fatalf("%q, %v", m.Body, err)
				}
				want := int32(1)
				if settles {
					recording.Settle()
					want = 0
				}
				_ = a.Close()
				control := mqitest.Connect(t, "control")
				until(t, "the end of the unit of work", func() bool {
					n := mqitest.Depth(t, control, replies)
					return n == want || n == 2*want // the reply before it may have been in the same one
				})
			})
		}
	}
}

// TestLateReplyHeld: a late reply that nobody can record goes back to its queue at the end, and the next one takes it.
func TestLateReplyHeld(t *testing.T) {
	var o ibmmq.Options
	script, over := held()
	h, a := gateway(t, script, func(h *host, to *ibmmq.Options) {
		permanent(h, to)
		o = *to
	})
	down := &adaptertest.LateBook{Fails: 1 << 30}
	a.OnLate(down.Take)
	mustDoubt(recorded(t.Context(), 3), t, h, a, hello())
	over()
	until(t, "the late reply", func() bool { return down.Tries() > 0 })
	_ = a.Close()
	b, err := ibmmq.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	book := &adaptertest.LateBook{}
	book.Doubt(idBy(3))
	b.OnLate(book.Take)
	mustProbe(t, b)
	until(t, "the late reply again", func() bool { return b.Stats().Late == 1 })
	control := mqitest.Connect(t, "control")
	until(t, "the commit", func() bool { return mqitest.Depth(t, control, o.ReplyQueue) == 0 })
}

// TestLateExpiration: that a request ran out on its queue is told to who keeps the journal when nobody waits any more.
func TestLateExpiration(t *testing.T) {
	script, over := held()
	h, a := gateway(t, script, permanent)
	h.answer = func(_, reply *driver.MQMD) {
		reply.MsgType, reply.Feedback = driver.MQMT_REPORT, driver.MQFB_EXPIRATION
	}
	book := &adaptertest.LateBook{}
	book.Doubt(idBy(4))
	a.OnLate(book.Take)
	mustDoubt(recorded(t.Context(), 4), t, h, a, hello())
	over()
	until(t, "the report", func() bool { return a.Stats().Late == 1 })
	if got := book.Got(); len(got) != 1 || got[0] != "expired" {
		t.Errorf("told %q", got)
	}
}
