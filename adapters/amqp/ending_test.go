// SPDX-License-Identifier: Apache-2.0

package amqp_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/amqp"
	"lintel/adapters/amqp/amqptest"
	"lintel/adapters/amqp/broker"
)

// TestReplyBeforeTheEnd: a reply that came counts, however soon behind it the connection ends, and whoever else is
// writing at that moment.
func TestReplyBeforeTheEnd(t *testing.T) {
	runs := 200
	if testing.Short() {
		runs = 30
	}
	p := inMemory(t, broker.Options{})
	proxy := amqptest.StartProxy(t, p.address)
	queue := p.queue(newQueue())
	startHost(t, p.dial, queue, proxy, func(_ int, request []byte) adaptertest.Step {
		if string(request) == "another" {
			return adaptertest.Step{Do: adaptertest.Never}
		}
		return adaptertest.Step{}
	})
	a := p.adapter(t, proxy.Address(), queue, nil)
	for n := range runs {
		for { // the cut below may meet a connection that is just made
			if _, e := exchange(t, a, adapters.Message{Body: []byte("connects")}, 20*time.Second); e == nil {
				break
			} else if e.Kind == adapters.Timeout {
				t.Fatal(e)
			}
			time.Sleep(time.Millisecond)
		}
		last := fmt.Sprintf("last %d.", n)
		proxy.CutBehind([]byte(last))
		var wg sync.WaitGroup
		others, enough := context.WithCancel(t.Context())
		for range 4 {
			wg.Go(func() { _, _ = a.Exchange(others, adapters.Message{Body: []byte("another")}) })
		}
		got, e := exchange(t, a, adapters.Message{Body: []byte(last)}, 20*time.Second)
		enough()
		wg.Wait()
		if e != nil || string(got.Body) != last {
			t.Errorf("exchange %d: %q, %v", n, got.Body, e)
		}
		proxy.Cut() // what the others connected anew
		for amqp.Connected(a) {
			time.Sleep(time.Millisecond)
		}
	}
}
