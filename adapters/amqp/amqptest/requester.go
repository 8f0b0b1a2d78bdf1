// SPDX-License-Identifier: Apache-2.0

package amqptest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/go-amqp"
)

// Dial connects to a broker.
type Dial func(ctx context.Context) (*amqp.Conn, error)

// Requester is the plainest requester that go-amqp allows, for comparisons: one connection, and replies on a dynamic address.
// It does what a host may count on: a request has a message id and a correlation id as text, since some copy the one
// and some the other, and dies with the patience of its caller.
type Requester struct {
	sender *amqp.Sender
	reply  string
	next   atomic.Int64
	mu     sync.Mutex
	wait   map[string]chan *amqp.Message
}

// credit is above what the comparisons have under way.
const credit = 1000

// StartRequester connects one. It ends with the test.
func StartRequester(t testing.TB, dial Dial, queue string) *Requester {
	t.Helper()
	session := session(t, dial)
	c := &Requester{wait: map[string]chan *amqp.Message{}}
	r, err := session.NewReceiver(t.Context(), "", &amqp.ReceiverOptions{DynamicAddress: true, Credit: credit})
	if err != nil {
		t.Fatal(err)
	}
	c.reply = r.Address()
	if c.sender, err = session.NewSender(t.Context(), queue, nil); err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			m, err := r.Receive(context.Background(), nil)
			if err != nil {
				return
			}
			id, _ := m.Properties.CorrelationID.(string)
			c.mu.Lock()
			ch := c.wait[id]
			delete(c.wait, id)
			c.mu.Unlock()
			ch <- m
			if r.AcceptMessage(context.Background(), m) != nil {
				return
			}
		}
	}()
	return c
}

// session opens a session on a connection of its own.
func session(t testing.TB, dial Dial) *amqp.Session {
	t.Helper()
	conn, err := dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	s, err := conn.NewSession(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Exchange sends a body and waits for the reply.
func (c *Requester) Exchange(ctx context.Context, body []byte) error {
	id := fmt.Sprintf("%024x", c.next.Add(1))
	ch := make(chan *amqp.Message, 1)
	c.mu.Lock()
	c.wait[id] = ch
	c.mu.Unlock()
	header := &amqp.MessageHeader{Priority: 4}
	if until, ok := ctx.Deadline(); ok {
		header.TTL = time.Until(until).Truncate(time.Millisecond)
	}
	if err := c.sender.Send(ctx, &amqp.Message{
		Header: header, Properties: &amqp.MessageProperties{MessageID: id, CorrelationID: id, ReplyTo: &c.reply}, Data: [][]byte{body},
	}, nil); err != nil {
		return err
	}
	select {
	case <-ch:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Echo answers every message of a queue with itself until the test ends: the least work a host can do.
func Echo(t testing.TB, dial Dial, queue string) {
	t.Helper()
	s := session(t, dial)
	r, err := s.NewReceiver(t.Context(), queue, &amqp.ReceiverOptions{Credit: credit})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		links := map[string]*amqp.Sender{}
		for {
			m, err := r.Receive(context.Background(), nil)
			if err != nil || r.AcceptMessage(context.Background(), m) != nil {
				return
			}
			to := *m.Properties.ReplyTo
			if links[to] == nil {
				if links[to], err = s.NewSender(context.Background(), to, nil); err != nil {
					delete(links, to)
					continue
				}
			}
			if _, err := links[to].SendWithReceipt(context.Background(), &amqp.Message{
				Properties: &amqp.MessageProperties{CorrelationID: m.Properties.CorrelationID}, Data: m.Data,
			}, nil); err != nil {
				return
			}
		}
	}()
}
