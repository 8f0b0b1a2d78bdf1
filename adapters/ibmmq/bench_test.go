// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	driver "github.com/ibm-messaging/mq-golang/v5/ibmmq"

	"lintel/adapters"
	"lintel/adapters/ibmmq"
	"lintel/adapters/ibmmq/mqitest"
)

// echoes starts a host that answers at once, and returns its queue. It ends with the benchmark.
func echoes(b *testing.B) string {
	b.Helper()
	control := mqitest.Connect(b, "control")
	mqitest.Tell(b, control, "START; HEAL; DEFINE QMODEL(SYSTEM.DEFAULT.MODEL.QUEUE)")
	queue := mqitest.Queue(b, control, "")
	var stop atomic.Bool
	var wg sync.WaitGroup
	for range 2 {
		m := mqitest.Connect(b, "host")
		in := mqitest.Open(b, m, queue, driver.MQOO_INPUT_SHARED)
		wg.Go(func() {
			buffer := make([]byte, 4096)
			for !stop.Load() {
				md, g := driver.NewMQMD(), driver.NewMQGMO()
				g.Options, g.WaitInterval = driver.MQGMO_WAIT|driver.MQGMO_NO_SYNCPOINT, 50
				n, err := in.Get(md, g, buffer)
				if err != nil {
					continue
				}
				d, p, reply := driver.NewMQOD(), driver.NewMQPMO(), driver.NewMQMD()
				d.ObjectType, d.ObjectName, p.Options = driver.MQOT_Q, md.ReplyToQ, driver.MQPMO_NO_SYNCPOINT
				reply.MsgType, reply.CorrelId = driver.MQMT_REPLY, md.MsgId
				_ = m.Put1(d, reply, p, buffer[:n])
			}
		})
	}
	b.Cleanup(func() {
		stop.Store(true)
		wg.Wait()
	})
	return queue
}

// share runs f on n goroutines, b.N times in all.
func share(b *testing.B, n int, f func(worker int)) {
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	b.ResetTimer()
	for w := range n {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				f(w)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
}

// BenchmarkExchange is a request and its reply of 1 KiB: through the adapter, and by mq-golang alone with a
// connection for each of as many goroutines.
func BenchmarkExchange(b *testing.B) {
	body := make([]byte, 1024)
	for _, n := range []int{1, 16} {
		b.Run(fmt.Sprintf("adapter-%d", n), func(b *testing.B) {
			a, err := ibmmq.New(ibmmq.Options{Queue: echoes(b)})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = a.Close() }()
			if err := a.Probe(b.Context()); err != nil {
				b.Fatal(err)
			}
			share(b, n, func(int) {
				if _, err := a.Exchange(b.Context(), adapters.Message{Body: body}); err != nil {
					b.Error(err)
				}
			})
		})
		b.Run(fmt.Sprintf("bare-%d", n), func(b *testing.B) {
			queue, control := echoes(b), mqitest.Connect(b, "control")
			replies := mqitest.Queue(b, control, "")
			var put, get []driver.MQObject
			for range n {
				m := mqitest.Connect(b, "bare")
				put = append(put, mqitest.Open(b, m, queue, driver.MQOO_OUTPUT))
				get = append(get, mqitest.Open(b, m, replies, driver.MQOO_INPUT_SHARED))
			}
			share(b, n, func(w int) { bare(b, put[w], get[w], replies, body) })
		})
	}
}

func bare(b *testing.B, put, get driver.MQObject, replies string, body []byte) {
	md, p, g := driver.NewMQMD(), driver.NewMQPMO(), driver.NewMQGMO()
	md.MsgType, md.ReplyToQ, p.Options = driver.MQMT_REQUEST, replies, driver.MQPMO_NO_SYNCPOINT
	if err := put.Put(md, p, body); err != nil {
		b.Error(err)
		return
	}
	in := driver.NewMQMD()
	in.CorrelId = md.MsgId
	g.Version, g.MatchOptions = driver.MQGMO_VERSION_2, driver.MQMO_MATCH_CORREL_ID
	g.Options, g.WaitInterval = driver.MQGMO_WAIT|driver.MQGMO_NO_SYNCPOINT, 20_000
	if _, err := get.Get(in, g, make([]byte, 2048)); err != nil {
		b.Error(err)
	}
}
