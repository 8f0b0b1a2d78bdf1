// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/ibmmq"
	"lintel/adapters/ibmmq/mqitest"
)

// lateBook is who is told of late replies.
type lateBook struct {
	mu    sync.Mutex
	fails int // how often it cannot record
	known []byte
	got   []string
}

func (b *lateBook) take(_ context.Context, id []byte, end adapters.LateEnd) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fails--; b.fails >= 0 {
		return false, errors.New("not now")
	}
	if !bytes.Equal(b.known, id) {
		return false, nil
	}
	if end.Expired {
		b.got = append(b.got, "expired")
		return true, nil
	}
	b.got = append(b.got, string(end.Reply.Body))
	return true, nil
}

func recorded(ctx context.Context, id byte) context.Context {
	return adapters.WithRecording(ctx, &adapters.Recording{ID: bytes.Repeat([]byte{id}, 24)})
}

// TestLateReply: a reply that comes too late goes to whoever keeps the journal, once it can be recorded; what belongs to
// nobody is put away.
func TestLateReply(t *testing.T) {
	quarantine := mqitest.Queue(t, mqitest.Connect(t, "control"), "")
	_, a := gateway(t, func(int, []byte) adaptertest.Step {
		return adaptertest.Step{Do: adaptertest.Reply, After: 300 * time.Millisecond}
	}, func(h *host, o *ibmmq.Options) {
		permanent(h, o)
		o.Quarantine = quarantine
	})
	if err := a.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	book := &lateBook{known: bytes.Repeat([]byte{1}, 24), fails: 2}
	a.OnLate(book.take)
	for _, id := range []byte{1, 2} {
		ctx, cancel := context.WithTimeout(recorded(t.Context(), id), 100*time.Millisecond)
		_, err := a.Exchange(ctx, adapters.Message{Body: []byte{'a' + id}})
		cancel()
		mustEnd(t, err, adapters.Timeout, adapters.InDoubt)
	}
	until(t, "the late reply", func() bool { s := a.Stats(); return s.Late == 1 && s.Unmatched == 1 && s.Quarantined == 1 })
	book.mu.Lock()
	defer book.mu.Unlock()
	if len(book.got) != 1 || book.got[0] != "b" {
		t.Errorf("taken %q", book.got)
	}
}

// TestReplyAfterRestart: a reply that came while nobody was there is found by the next process: on a queue of its own it
// comes in, on a shared one it is looked for.
func TestReplyAfterRestart(t *testing.T) {
	for name, shared := range map[string]bool{"own": false, "shared": true} {
		t.Run(name, func(t *testing.T) {
			var replies string
			h, first := gateway(t, func(int, []byte) adaptertest.Step {
				return adaptertest.Step{Do: adaptertest.Reply, After: 200 * time.Millisecond}
			}, func(h *host, o *ibmmq.Options) {
				permanent(h, o)
				o.Shared, replies = shared, o.ReplyQueue
			})
			if err := first.Probe(t.Context()); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(recorded(t.Context(), 7), 50*time.Millisecond)
			defer cancel()
			_, err := first.Exchange(ctx, adapters.Message{Body: []byte("x"), Properties: map[string]any{}})
			mustEnd(t, err, adapters.Timeout, adapters.InDoubt)
			_ = first.Close()
			control := mqitest.Connect(t, "control")
			until(t, "the late reply", func() bool { return mqitest.Depth(t, control, replies) == 1 })
			second, err := ibmmq.New(ibmmq.Options{Queue: h.queue, ReplyQueue: replies, Shared: shared, Slice: 100 * time.Millisecond, Application: h.app})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = second.Close() }()
			book := &lateBook{known: bytes.Repeat([]byte{7}, 24)}
			second.OnLate(book.take)
			if m, err := second.Recover(t.Context(), book.known); err == nil {
				t.Errorf("found %q, which nobody has recorded", m.Body)
			}
			until(t, "the late reply", func() bool { return second.Stats().Late == 1 })
		})
	}
}
