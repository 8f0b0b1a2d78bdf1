// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/ibmmq"
	"lintel/adapters/ibmmq/mqitest"
)

// idBy is the id of a recorded exchange.
func idBy(b byte) []byte { return bytes.Repeat([]byte{b}, 24) }

func recorded(ctx context.Context, id byte) context.Context {
	return adapters.WithRecording(ctx, &adapters.Recording{ID: idBy(id)})
}

// TestLateReply: a reply that comes too late goes to whoever keeps the journal, once it can be recorded; what belongs to
// nobody is put away.
func TestLateReply(t *testing.T) {
	quarantine := mqitest.Queue(t, mqitest.Connect(t, "control"), "")
	script, over := held()
	h, a := gateway(t, script, func(h *host, o *ibmmq.Options) {
		permanent(h, o)
		o.Quarantine = quarantine
	})
	book := &adaptertest.LateBook{Fails: 2}
	book.Doubt(idBy(1))
	a.OnLate(book.Take)
	for _, id := range []byte{1, 2} {
		mustDoubt(recorded(t.Context(), id), t, h, a, adapters.Message{Body: []byte{'a' + id}})
	}
	over()
	until(t, "the late reply", func() bool { s := a.Stats(); return s.Late == 1 && s.Unmatched == 1 && s.Quarantined == 1 })
	if got := book.Got(); len(got) != 1 || got[0] != "b" {
		t.Errorf("taken %q", got)
	}
}

// TestReplyAfterRestart: a reply that came while nobody was there is found by the next process: on a queue of its own it
// comes in, on a shared one it is looked for.
func TestReplyAfterRestart(t *testing.T) {
	for name, shared := range map[string]bool{"own": false, "shared": true} {
		t.Run(name, func(t *testing.T) {
			var replies string
			script, over := held()
			h, first := gateway(t, script, func(h *host, o *ibmmq.Options) {
				permanent(h, o)
				o.Shared, replies = shared, o.ReplyQueue
			})
			mustDoubt(recorded(t.Context(), 7), t, h, first, adapters.Message{Body: []byte("x"), Properties: map[string]any{}})
			_ = first.Close()
			over()
			control := mqitest.Connect(t, "control")
			until(t, "the late reply", func() bool { return mqitest.Depth(t, control, replies) == 1 })
			second, err := ibmmq.New(ibmmq.Options{Queue: h.queue, ReplyQueue: replies, Shared: shared, Slice: 100 * time.Millisecond, Application: h.app})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = second.Close() }()
			book := &adaptertest.LateBook{}
			book.Doubt(idBy(7))
			second.OnLate(book.Take)
			mustProbe(t, second)
			if m, err := second.Recover(t.Context(), idBy(7)); err == nil {
				t.Errorf("found %q, which nobody has recorded", m.Body)
			}
			until(t, "the late reply", func() bool { return second.Stats().Late == 1 })
		})
	}
}

// TestReplyAgain: a reply that the journal has, and whose unit of work did not end, comes again: it is dropped and counted
// apart, and not put away as something of nobody.
func TestReplyAgain(t *testing.T) {
	quarantine := mqitest.Queue(t, mqitest.Connect(t, "control"), "")
	var o ibmmq.Options
	_, first := gateway(t, echo, func(h *host, to *ibmmq.Options) {
		permanent(h, to)
		to.Quarantine = quarantine
		o = *to
	})
	book := &adaptertest.LateBook{}
	first.OnLate(book.Take)
	if _, err := first.Exchange(recorded(t.Context(), 5), hello()); err != nil {
		t.Fatal(err)
	}
	book.Ended(idBy(5))
	_ = first.Close() // as a process that dies between journal and queue manager
	control := mqitest.Connect(t, "control")
	until(t, "the reply on its queue again", func() bool { return mqitest.Depth(t, control, o.ReplyQueue) == 1 })
	second, err := ibmmq.New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = second.Close() }()
	second.OnLate(book.Take)
	mustWork(t, second)
	until(t, "the reply once more", func() bool { return second.Stats().Duplicates == 1 })
	until(t, "the commit", func() bool { return mqitest.Depth(t, control, o.ReplyQueue) == 0 })
	if s := second.Stats(); s.Late != 0 || s.Unmatched != 0 || s.Quarantined != 0 || mqitest.Depth(t, control, quarantine) != 0 {
		t.Errorf("%+v", s)
	}
}
