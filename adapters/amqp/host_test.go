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

	"lintel/adapters/adaptertest"
	"lintel/adapters/amqp/amqptest"
)

// host plays a program on a mainframe: it reads a queue and answers as scripted.
type host struct {
	t       testing.TB
	proxy   *amqptest.Proxy
	script  adaptertest.Script
	ledger  *adaptertest.Ledger
	session *driver.Session
	conn    *driver.Conn

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	mu     sync.Mutex
	links  map[string]*driver.Sender
}

// dialer connects to a broker.
type dialer func(context.Context) (*driver.Conn, error)

// startHost starts a host on a queue. It ends with the test.
func startHost(t testing.TB, dial dialer, queue string, p *amqptest.Proxy, s adaptertest.Script) *host {
	t.Helper()
	h := &host{t: t, proxy: p, script: s, ledger: adaptertest.NewLedger(), links: map[string]*driver.Sender{}}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	var err error
	if h.conn, err = dial(h.ctx); err != nil {
		t.Fatal(err)
	}
	if h.session, err = h.conn.NewSession(h.ctx, nil); err != nil {
		t.Fatal(err)
	}
	r, err := h.session.NewReceiver(h.ctx, queue, &driver.ReceiverOptions{Credit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	h.wg.Go(func() { h.serve(r) })
	t.Cleanup(h.stop)
	return h
}

func (h *host) stop() {
	h.cancel()
	_ = h.conn.Close()
	h.wg.Wait()
}

func (h *host) serve(r *driver.Receiver) {
	for {
		m, err := r.Receive(h.ctx, nil)
		if err != nil {
			return
		}
		if r.AcceptMessage(h.ctx, m) != nil {
			return
		}
		n := h.ledger.Add(m.GetData())
		h.wg.Go(func() {
			step := h.script(n, m.GetData())
			if step.Body == nil {
				step.Body = m.GetData()
			}
			select {
			case <-time.After(step.After):
				h.act(m, step)
			case <-h.ctx.Done():
			}
			if step.Done != nil {
				step.Done()
			}
		})
	}
}

func (h *host) act(m *driver.Message, s adaptertest.Step) {
	switch s.Do {
	case adaptertest.Drip:
		h.proxy.Drip(300, s.Gap)
		h.reply(m, s.Body, m.Properties.CorrelationID)
	case adaptertest.Reply:
		h.reply(m, s.Body, m.Properties.CorrelationID)
	case adaptertest.Twice:
		h.reply(m, s.Body, m.Properties.CorrelationID)
		h.reply(m, s.Body, m.Properties.CorrelationID)
	case adaptertest.Chatter:
		h.reply(m, s.Body, m.Properties.CorrelationID)
		time.Sleep(s.Gap)
		h.reply(m, []byte("chatter"), "nobody asked")
	case adaptertest.ReplyAndEnd:
		h.reply(m, s.Body, m.Properties.CorrelationID)
		select {
		case <-s.Taken:
		case <-h.ctx.Done():
		}
		h.proxy.Cut()
	case adaptertest.CutBefore:
		h.proxy.Cut()
	case adaptertest.ResetBefore:
		h.proxy.Reset()
	case adaptertest.HalfClose:
		h.proxy.HalfClose()
	case adaptertest.CutWithin:
		h.proxy.Quiet()
		h.proxy.CutAfter(s.Bytes)
		h.reply(m, s.Body, m.Properties.CorrelationID)
	case adaptertest.Garbage:
		h.proxy.Inject([]byte("\xFF\xD8\x00\x15\xFF\xD8\x00\x15\xFF\xD8\x00\x15"), false)
	case adaptertest.BadLength, adaptertest.Endless:
		n := s.Length
		h.proxy.Inject([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n), 2, 0, 0, 0}, s.Do == adaptertest.Endless)
	}
}

// reply sends one message to where the request wants its replies.
func (h *host) reply(m *driver.Message, body []byte, id any) {
	link, err := h.link(*m.Properties.ReplyTo)
	if err == nil {
		// A context that ends here would leave out a delivery-id.
		err = link.Send(context.Background(), &driver.Message{
			Properties: &driver.MessageProperties{CorrelationID: id}, Data: [][]byte{body},
		}, nil)
	}
	if err != nil && h.ctx.Err() == nil {
		// The address may be gone with its connection, as it must be.
		h.mu.Lock()
		delete(h.links, *m.Properties.ReplyTo)
		h.mu.Unlock()
	}
}

func (h *host) link(address string) (*driver.Sender, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l := h.links[address]; l != nil {
		return l, nil
	}
	l, err := h.session.NewSender(h.ctx, address, nil)
	if err == nil {
		h.links[address] = l
	}
	return l, err
}

var queueNumber atomic.Int64

// newQueue is a name that no other test uses.
func newQueue() string { return fmt.Sprintf("requests-%d", queueNumber.Add(1)) }
