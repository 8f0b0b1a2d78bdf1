// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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

// share runs f on as many goroutines as there are workers, total times in all, and returns how long it took.
func share(workers, total int, f func(worker int)) time.Duration {
	var left atomic.Int64
	left.Store(int64(total))
	var wg sync.WaitGroup
	begin := time.Now()
	for w := range workers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				f(w)
			}
		})
	}
	wg.Wait()
	return time.Since(begin)
}

// BenchmarkExchange compares a request and its reply of 1 KiB through the adapter with the plainest that mq-golang
// allows: put and get by one goroutine with a connection of its own, for each caller. It reports the ratio of both
// speeds as "speed-ratio".
func BenchmarkExchange(b *testing.B) {
	body := make([]byte, 1024)
	for _, callers := range []int{1, 16} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			a, err := ibmmq.New(ibmmq.Options{Queue: echoes(b)})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = a.Close() }()
			if err := a.Probe(b.Context()); err != nil {
				b.Fatal(err)
			}
			ours := func(int) {
				if _, err := a.Exchange(b.Context(), adapters.Message{Body: body}); err != nil {
					b.Error(err)
				}
			}
			queue, control := echoes(b), mqitest.Connect(b, "control")
			replies := mqitest.Queue(b, control, "")
			var put, get []driver.MQObject
			for range callers {
				m := mqitest.Connect(b, "bare")
				put = append(put, mqitest.Open(b, m, queue, driver.MQOO_OUTPUT))
				get = append(get, mqitest.Open(b, m, replies, driver.MQOO_INPUT_SHARED))
			}
			theirs := func(w int) { bare(b, put[w], get[w], replies, body) }
			var took [2]time.Duration
			b.ResetTimer()
			for done := 0; done < b.N; { // in turns, so that what else the machine does meets both
				n := min(max(b.N/10, callers), b.N-done)
				took[0] += share(callers, n, ours)
				took[1] += share(callers, n, theirs)
				done += n
			}
			b.ReportMetric(float64(took[0].Nanoseconds())/float64(b.N), "ns/exchange")
			b.ReportMetric(float64(took[1])/float64(took[0]), "speed-ratio")
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
