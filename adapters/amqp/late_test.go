// SPDX-License-Identifier: Apache-2.0

package amqp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/amqp"
	"lintel/adapters/amqp/broker"
)

// until waits for something that will happen.
func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !f(); time.Sleep(5 * time.Millisecond) {
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
			over := make(chan struct{})
			h := startHost(t, p.dial, queue, nil, func(int, []byte) adaptertest.Step {
				<-over
				return adaptertest.Step{}
			})
			a := p.adapter(t, p.address, queue, func(o *amqp.Options) { o.IBMMQ, o.ReplyTo = ibm, "replies" })
			_, one := recordedCall(t.Context(), 1)
			book := &adaptertest.LateBook{Fails: 2}
			book.Doubt(one.ID)
			a.OnLate(book.Take)
			for _, id := range []byte{1, 2} {
				body := []byte{'a' + id}
				err := adaptertest.OutOfTime(h.ledger, body, func(limit time.Duration) error {
					ctx, cancel := context.WithTimeout(t.Context(), limit)
					defer cancel()
					ctx, _ = recordedCall(ctx, id)
					_, err := a.Exchange(ctx, adapters.Message{Body: body})
					return err
				})
				if e := new(adapters.Error); !errors.As(err, &e) || e.Fate != adapters.InDoubt {
					t.Errorf("exchange %d: %v", id, err)
				}
			}
			close(over)
			until(t, "the late reply", func() bool { s := a.Stats(); return s.Late == 1 && s.Unmatched == 1 })
			if got := book.Got(); len(got) != 1 || got[0] != "b" {
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
	book := &adaptertest.LateBook{}
	first.OnLate(book.Take)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for id := range byte(3) {
		ctx, r := recordedCall(ctx, id+1)
		book.Doubt(r.ID)
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
	second.OnLate(book.Take)
	until(t, "their return", func() bool {
		_, _ = second.Recover(ctx, nil) // what connects
		return len(book.Got()) == 2
	})
	if got := book.Got(); got[0]+got[1] != "ac" && got[0]+got[1] != "ca" {
		t.Errorf("came again: %q", got)
	}
	until(t, "an empty queue", func() bool { return second.Stats().Late == 2 })
}

// TestReplyAgain: a reply that the journal has, and that the broker was not told of, comes again: it is dropped and
// counted apart. The next one is for its own exchange.
func TestReplyAgain(t *testing.T) {
	p := inMemory(t, broker.Options{})
	queue := newQueue()
	startHost(t, p.dial, queue, nil, func(int, []byte) adaptertest.Step { return adaptertest.Step{Do: adaptertest.Reply} })
	fixed := func(o *amqp.Options) { o.ReplyTo = "replies" }
	first := p.adapter(t, p.address, queue, fixed)
	book := &adaptertest.LateBook{}
	first.OnLate(book.Take)
	ctx, r := recordedCall(t.Context(), 1)
	if _, err := first.Exchange(ctx, adapters.Message{Body: []byte("a")}); err != nil {
		t.Fatal(err)
	}
	if !r.Held() {
		t.Fatal("the broker has the reply no more")
	}
	book.Ended(r.ID)
	_ = first.Close() // as a process that dies between journal and broker
	second := p.adapter(t, p.address, queue, fixed)
	second.OnLate(book.Take)
	ctx, _ = recordedCall(t.Context(), 2)
	if m, err := second.Exchange(ctx, adapters.Message{Body: []byte("b")}); err != nil || string(m.Body) != "b" {
		t.Fatalf("%q %v", m.Body, err)
	}
	until(t, "the reply once more", func() bool { return second.Stats().Duplicates == 1 })
	if s := second.Stats(); s.Late != 0 || s.Unmatched != 0 || len(book.Got()) != 0 {
		t.Errorf("%+v, taken %q", s, book.Got())
	}
}

// TestManyLateReplies: none of the replies that waited while nobody was there is lost, though the journal takes them slowly
// and at first not at all.
func TestManyLateReplies(t *testing.T) {
	const replies = 400
	p := inMemory(t, broker.Options{})
	queue := newQueue()
	gone := make(chan struct{})
	h := startHost(t, p.dial, queue, nil, func(int, []byte) adaptertest.Step {
		<-gone
		return adaptertest.Step{}
	})
	fixed := func(o *amqp.Options) { o.ReplyTo = "replies" }
	first := p.adapter(t, p.address, queue, fixed)
	book := &adaptertest.LateBook{Fails: 100, Slow: time.Millisecond}
	first.OnLate(book.Take)
	var wg sync.WaitGroup
	for n := range replies {
		id := fmt.Appendf(nil, "%024d", n)
		book.Doubt(id)
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(adapters.WithRecording(context.Background(), &adapters.Recording{ID: id}), 20*time.Second)
			defer cancel()
			_, _ = first.Exchange(ctx, adapters.Message{Body: id})
		})
	}
	until(t, "the requests", func() bool { return h.ledger.Total() == replies })
	_ = first.Close()
	wg.Wait()
	close(gone)
	second := p.adapter(t, p.address, queue, fixed)
	second.OnLate(book.Take)
	until(t, "all replies", func() bool {
		_, _ = second.Recover(t.Context(), nil)
		return len(book.Got()) == replies
	})
	until(t, "an empty queue", func() bool { s := second.Stats(); return s.Late+s.Duplicates == replies && s.Unmatched == 0 })
}
