// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/ibmmq"
	"lintel/adapters/ibmmq/mqitest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var gateways atomic.Int64

// gateway starts a host and an adapter for its queue; change may set options, and define what they name.
func gateway(t testing.TB, s adaptertest.Script, change func(*host, *ibmmq.Options)) (*host, *ibmmq.Adapter) {
	t.Helper()
	app := fmt.Sprintf("lintel%d", gateways.Add(1))
	h := startHost(t, app, s)
	o := ibmmq.Options{Queue: h.queue, Application: app, Slice: 100 * time.Millisecond}
	if change != nil {
		change(h, &o)
	}
	a, err := ibmmq.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return h, a
}

func harness(late int, change func(*host, *ibmmq.Options)) adaptertest.Harness {
	whole := "the queue manager hands over whole messages"
	return adaptertest.Harness{
		LateRuns: late, Correlates: true,
		New: func(t testing.TB, s adaptertest.Script) adaptertest.Setup {
			h, a := gateway(t, s, change)
			ended := func() { // until it has noticed
				for ibmmq.Connected(a) {
					time.Sleep(time.Millisecond)
				}
			}
			return adaptertest.Setup{Adapter: a, Ledger: h.ledger, Ended: ended, Stop: func() {
				h.tell("STOP")
				h.close()
				ended()
			}}
		},
		Without: map[adaptertest.Act]string{
			adaptertest.Drip: whole, adaptertest.CutWithin: whole, adaptertest.StallWithin: whole, adaptertest.Garbage: whole,
			adaptertest.BadLength: whole, adaptertest.Endless: whole,
		},
	}
}

// permanent gives the adapter a reply queue that stays.
func permanent(h *host, o *ibmmq.Options) {
	o.ReplyQueue = mqitest.Queue(h.t, mqitest.Connect(h.t, "control"), "")
}

func TestContractTemporaryQueue(t *testing.T) { adaptertest.Run(t, harness(4000, nil)) }

func TestContractOwnQueue(t *testing.T) {
	adaptertest.Run(t, harness(4000, func(h *host, o *ibmmq.Options) {
		permanent(h, o)
		o.Syncpoint, o.Correlation = true, ibmmq.CorrelationID
	}))
}

func TestContractSharedQueue(t *testing.T) {
	adaptertest.Run(t, harness(4000, func(h *host, o *ibmmq.Options) {
		permanent(h, o)
		o.Shared = true
	}))
}

func TestClosedAdapter(t *testing.T) {
	_, a := gateway(t, func(int, []byte) adaptertest.Step { return adaptertest.Step{} }, nil)
	_ = a.Close()
	_, err := a.Exchange(t.Context(), adapters.Message{Body: []byte("x")})
	mustEnd(t, err, adapters.Unreachable, adapters.NotSent)
}
