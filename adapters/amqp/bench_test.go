// SPDX-License-Identifier: Apache-2.0

package amqp_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/amqp"
	"lintel/adapters/amqp/amqptest"
)

// BenchmarkExchange compares the adapter with the plainest requester that go-amqp allows: the same broker, host and
// number of callers, in one run. It reports the ratio of both speeds as "speed-ratio".
func BenchmarkExchange(b *testing.B) {
	p := real(amqptest.Proton(b))
	queue := p.queue(newQueue())
	survivorB(b, p, queue)
	a := p.adapter(b, p.address, queue, func(o *amqp.Options) { o.Credit = 1000 })
	bare := amqptest.StartRequester(b, amqptest.Dial(p.dial), queue)
	body := make([]byte, 500)
	ours := func(ctx context.Context) error {
		_, err := a.Exchange(ctx, adapters.Message{Body: body})
		return err
	}
	theirs := func(ctx context.Context) error { return bare.Exchange(ctx, body) }
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			var took [2]time.Duration
			// In turns, so that what else the machine does meets both.
			for done := 0; done < b.N; {
				n := min(max(b.N/10, callers), b.N-done)
				took[0] += measure(b, n, callers, ours)
				took[1] += measure(b, n, callers, theirs)
				done += n
			}
			b.ReportMetric(float64(took[0].Nanoseconds())/float64(b.N), "ns/exchange")
			b.ReportMetric(float64(took[1])/float64(took[0]), "speed-ratio")
		})
	}
}

func measure(b *testing.B, n, callers int, f func(context.Context) error) time.Duration {
	var next atomic.Int64
	var wg sync.WaitGroup
	begin := time.Now()
	for range callers {
		wg.Go(func() {
			for next.Add(1) <= int64(n) {
				ctx, cancel := context.WithTimeout(b.Context(), 20*time.Second)
				err := f(ctx)
				cancel()
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(begin)
}

func survivorB(b *testing.B, p peer, queue string) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	ledger := adaptertest.NewLedger()
	wg.Go(func() { serveOnce(ctx, p, queue, ledger) })
	b.Cleanup(func() { cancel(); wg.Wait() })
}
