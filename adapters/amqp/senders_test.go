// SPDX-License-Identifier: Apache-2.0

package amqp_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	driver "github.com/Azure/go-amqp"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/amqp"
	"lintel/adapters/amqp/broker"
)

// manyReplyAddresses answers messages that want their answers at more addresses than a source keeps links to.
func manyReplyAddresses(t *testing.T, p peer, addresses int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	conn, err := p.dial(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	session, err := conn.NewSession(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	queue, replies := p.queue(newQueue()), newQueue()
	out, err := session.NewSender(ctx, queue, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := p.options
	o.Address, o.Target = p.address, queue
	source, err := amqp.NewSource(o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = source.Close() }()
	var wg sync.WaitGroup
	for n := range addresses {
		to := p.queue(fmt.Sprintf("%s-%d", replies, n))
		if err := out.Send(ctx, &driver.Message{Properties: &driver.MessageProperties{ReplyTo: &to}, Data: [][]byte{[]byte("x")}}, nil); err != nil {
			t.Fatal(err)
		}
		m, err := source.Receive(ctx)
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			if err := m.Forward(ctx, m.ReplyTo, adapters.Message{Body: fmt.Append(nil, n)}); err != nil {
				t.Errorf("answer %d: %v", n, err)
			}
			if err := m.Settle(ctx, adapters.Done); err != nil {
				t.Errorf("message %d: %v", n, err)
			}
		})
		if n%10 == 9 {
			wg.Wait()
		}
	}
	wg.Wait()
	for _, n := range []int{0, addresses / 2, addresses - 1} {
		r, err := session.NewReceiver(ctx, p.queue(fmt.Sprintf("%s-%d", replies, n)), nil)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := r.Receive(ctx, nil); err != nil || string(m.Data[0]) != fmt.Sprint(n) {
			t.Errorf("answer %d: %v, %v", n, m, err)
		}
	}
}

// TestReplyAddresses: more reply addresses than links are kept for, with a broker that answers the end of a link, and
// with one that never does: nobody waits for that with a lock.
func TestReplyAddresses(t *testing.T) {
	t.Run("answered", func(t *testing.T) { manyReplyAddresses(t, inMemory(t, broker.Options{}), 150) })
	t.Run("not answered", func(t *testing.T) {
		var ends atomic.Int64
		p := inMemory(t, broker.Options{Farewell: func() bool { ends.Add(1); return false }})
		manyReplyAddresses(t, p, 110)
		if ends.Load() == 0 {
			t.Error("no link was ended: the test tests nothing")
		}
	})
}

// TestSourceWays: a source goes to the next broker when one is not there, and back when that one ends.
func TestSourceWays(t *testing.T) {
	address := adaptertest.Reserve(t)
	first, err := broker.StartAt(t.Context(), address, broker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_ = first.Close()
	second := inMemory(t, broker.Options{})
	queue := newQueue()
	s, err := amqp.NewSource(amqp.Options{Address: address, Target: queue}, amqp.Options{Address: second.address, Target: queue})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	take := func(p peer) {
		t.Helper()
		a := p.adapter(t, p.address, queue, func(o *amqp.Options) { o.Datagram = true })
		if _, err := a.Exchange(ctx, adapters.Message{Body: []byte(p.address)}); err != nil {
			t.Fatal(err)
		}
		for {
			m, err := s.Receive(ctx)
			if ctx.Err() != nil {
				t.Fatal(err)
			}
			if err != nil {
				continue // on its way to the other
			}
			if string(m.Message.Body) != p.address {
				t.Fatalf("got %q", m.Message.Body)
			}
			if err := m.Settle(ctx, adapters.Done); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	take(second)
	again, err := broker.StartAt(t.Context(), address, broker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	second.cut()
	take(peer{address: address})
}
