// SPDX-License-Identifier: Apache-2.0

package amqp_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/amqp"
	"lintel/adapters/amqp/broker"
)

// lateBook is who is told of late replies.
type lateBook struct {
	mu    sync.Mutex
	fails int // how often it cannot record
	known [][]byte
	got   []string
	tries int
}

func (b *lateBook) take(_ context.Context, id []byte, end adapters.LateEnd) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tries++; b.tries <= b.fails {
		return false, errors.New("not now")
	}
	for _, k := range b.known {
		if bytes.Equal(k, id) {
			b.got = append(b.got, string(end.Reply.Body))
			return true, nil
		}
	}
	return false, nil
}

func (b *lateBook) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.got
}

// until waits for something that will happen.
func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what + " does not happen")
		}
	}
}

func recordedCall(ctx context.Context, id byte) (context.Context, *adapters.Recording) {
	r := &adapters.Recording{ID: bytes.Repeat([]byte{id}, 24)}
	r.ID[23] = 0 // ids may end with zeros
	return adapters.WithRecording(ctx, r), r
}

// TestLateReply: a reply that comes too late, or a second one, goes to whoever keeps the journal, once it can be
// recorded; what belongs to nobody is dropped. With ids as text and as IBM MQ wants them.
func TestLateReply(t *testing.T) {
	for name, ibm := range map[string]bool{"text": false, "IBM MQ": true} {
		t.Run(name, func(t *testing.T) {
			p := inMemory(t, broker.Options{})
			queue := newQueue()
			startHost(t, p.dial, queue, nil, func(int, []byte) adaptertest.Step {
				return adaptertest.Step{Do: adaptertest.Reply, After: 300 * time.Millisecond}
			})
			a := p.adapter(t, p.address, queue, func(o *amqp.Options) { o.IBMMQ, o.ReplyTo = ibm, "replies" })
			_, one := recordedCall(t.Context(), 1)
			book := &lateBook{known: [][]byte{one.ID}, fails: 2}
			a.OnLate(book.take)
			for _, id := range []byte{1, 2} {
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				ctx, _ = recordedCall(ctx, id)
				if _, err := a.Exchange(ctx, adapters.Message{Body: []byte{'a' + id}}); err == nil || err.(*adapters.Error).Fate != adapters.InDoubt { //nolint:errorlint // it is one
					t.Errorf("exchange %d: %v", id, err)
				}
				cancel()
			}
			until(t, "the late reply", func() bool { s := a.Stats(); return s.Late == 1 && s.Unmatched == 1 })
			if got := book.all(); len(got) != 1 || got[0] != "b" {
				t.Errorf("taken %q", got)
			}
		})
	}
}

// TestReplyAfterRestart: a reply stays at the broker until it is recorded. A process that ends before, with the
// reply in hand or still waiting for it, leaves it to the next.
func TestReplyAfterRestart(t *testing.T) {
	p := inMemory(t, broker.Options{})
	queue := newQueue()
	startHost(t, p.dial, queue, nil, func(int, []byte) adaptertest.Step { return adaptertest.Step{Do: adaptertest.Reply} })
	fixed := func(o *amqp.Options) { o.ReplyTo = "replies" }
	first := p.adapter(t, p.address, queue, fixed)
	book := &lateBook{}
	first.OnLate(book.take)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for id := range byte(3) {
		ctx, r := recordedCall(ctx, id+1)
		book.known = append(book.known, r.ID)
		if m, err := first.Exchange(ctx, adapters.Message{Body: []byte{'a' + id}}); err != nil || string(m.Body) != string(rune('a'+id)) {
			t.Fatalf("%q %v", m.Body, err)
		}
		if id == 1 {
			r.Settle()
			r.Settle() // twice does no harm
		}
	}
	_ = first.Close() // as a process that dies: two replies were never recorded
	second := p.adapter(t, p.address, queue, fixed)
	second.OnLate(book.take)
	until(t, "their return", func() bool {
		_, _ = second.Recover(ctx, nil) // what connects
		return len(book.all()) == 2
	})
	if got := book.all(); got[0]+got[1] != "ac" && got[0]+got[1] != "ca" {
		t.Errorf("came again: %q", got)
	}
	until(t, "an empty queue", func() bool { return second.Stats().Late == 2 })
}
