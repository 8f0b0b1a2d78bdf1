// SPDX-License-Identifier: Apache-2.0

package amqp_test

import (
	"context"
	"testing"
	"time"

	driver "github.com/Azure/go-amqp"
	"go.uber.org/goleak"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/amqp"
	"lintel/adapters/amqp/amqptest"
	"lintel/adapters/amqp/broker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// peer is a broker as the tests see it.
type peer struct {
	address string
	dial    dialer
	queue   func(string) string
	options amqp.Options
	// cut ends a broker in memory for good.
	cut func()
}

// inMemory starts the broker of --simulate.
func inMemory(t testing.TB, o broker.Options) peer {
	t.Helper()
	b, err := broker.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return peer{
		address: b.Address(), queue: func(s string) string { return s }, cut: func() { _ = b.Close() },
		dial: func(ctx context.Context) (*driver.Conn, error) {
			return driver.Dial(ctx, "amqp://"+b.Address(), &driver.ConnOptions{SASLType: driver.SASLTypeAnonymous()})
		},
	}
}

func real(b *amqptest.Broker) peer {
	p := peer{address: b.Address, dial: b.Dial, queue: b.Queue}
	if b.User != "" {
		p.options = amqp.Options{SASL: amqp.Plain, User: b.User, Password: b.Password}
	}
	if !b.Dynamic {
		p.options.ReplyTo = b.Queue("replies-{instance}")
	}
	return p
}

// adapter makes an adapter for a queue, at an address that may be a proxy's.
func (p peer) adapter(t testing.TB, address, queue string, change func(*amqp.Options)) *amqp.Adapter {
	t.Helper()
	o := p.options
	o.Address, o.Target, o.Connect = address, queue, time.Minute // a machine that stands still does not count
	if change != nil {
		change(&o)
	}
	a, err := amqp.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func (p peer) harness(late int) adaptertest.Harness {
	broken := adaptertest.Want{Kind: adapters.Broken, Fate: adapters.InDoubt}
	return adaptertest.Harness{
		LateRuns: late, Correlates: true,
		New: func(t testing.TB, s adaptertest.Script) adaptertest.Setup {
			queue := p.queue(newQueue())
			proxy := amqptest.StartProxy(t, p.address)
			h := startHost(t, p.dial, queue, proxy, s)
			a := p.adapter(t, proxy.Address(), queue, nil)
			ended := func() { // until it has noticed
				for amqp.Connected(a) {
					time.Sleep(time.Millisecond)
				}
			}
			return adaptertest.Setup{Adapter: a, Ledger: h.ledger, Ended: ended, Stop: func() {
				proxy.Close()
				h.stop()
				ended()
			}}
		},
		Without: map[adaptertest.Act]string{
			adaptertest.StallWithin: "the connection is everybody's: only Options.Idle ends one that stalls",
		},
		// A part of a frame is no reply, and says nothing about whose it was.
		Ends: map[adaptertest.Act]adaptertest.Want{
			adaptertest.CutWithin: broken, adaptertest.Garbage: broken, adaptertest.BadLength: broken, adaptertest.Endless: broken,
		},
	}
}

func TestContract(t *testing.T) {
	adaptertest.Run(t, inMemory(t, broker.Options{}).harness(7000))
}

func TestContractProton(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a broker")
	}
	adaptertest.Run(t, real(amqptest.Proton(t)).harness(4000))
}

func TestContractArtemis(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a broker")
	}
	b := amqptest.Artemis(t)
	adaptertest.Run(t, real(b).harness(2000))
	t.Run("reply addresses", func(t *testing.T) { manyReplyAddresses(t, real(b), 130) })
	t.Run("restart", func(t *testing.T) { restarts(t, real(b), 1, func() { b.Kill(); b.Start() }) })
}

func TestContractRabbitMQ(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a broker")
	}
	b := amqptest.RabbitMQ(t)
	adaptertest.Run(t, real(b).harness(4000))
	t.Run("reply addresses", func(t *testing.T) { manyReplyAddresses(t, real(b), 130) })
	t.Run("restart", func(t *testing.T) { restarts(t, real(b), 1, func() { b.Kill(); b.Start() }) })
}
