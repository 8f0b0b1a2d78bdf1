// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/adapters/ibmmq"
	"lintel/adapters/ibmmq/mqitest"
)

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
			a, err := ibmmq.New(ibmmq.Options{Queue: mqitest.Echoes(b)})
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
			exchange := mqitest.Requesters(b, mqitest.Echoes(b), callers)
			theirs := func(w int) {
				if err := exchange(w, body); err != nil {
					b.Error(err)
				}
			}
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
