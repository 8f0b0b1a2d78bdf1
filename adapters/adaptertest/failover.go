// SPDX-License-Identifier: Apache-2.0

package adaptertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"lintel/adapters"
)

// FailOver sends requests over several ways to one host while the ways break at any moment: a way refuses, takes a part of a
// request, takes all of it and says nothing, answers in part, or ends what is idle. With
// retries and changes of the way, nothing comes to the host twice, what is said not to have been sent did not come, and every
// reply is that of its request.
func FailOver(t *testing.T, p Protocol, dial func(address string) (adapters.Adapter, error)) {
	requests := 3000
	if testing.Short() {
		requests = 600
	}
	for _, spread := range []bool{false, true} {
		t.Run(fmt.Sprintf("spread %t", spread), func(t *testing.T) { failOver(t, p, dial, spread, requests) })
	}
}

func failOver(t *testing.T, p Protocol, dial func(string) (adapters.Adapter, error), spread bool, requests int) {
	books := NewLedger()
	var hosts []*Host
	var ways []adapters.Endpoint
	for range 3 {
		h := StartHost(t, HostOptions{Protocol: p, Deaf: deafNow, Script: func(_ int, request []byte) Step {
			books.Add(request)
			return stepNow()
		}})
		hosts = append(hosts, h)
		ways = append(ways, way(t, h.Address(), dial))
	}
	ways = append(ways, way(t, Reserve(t), dial))
	e, err := adapters.NewEndpoints(spread, ways...)
	if err != nil {
		t.Fatal(err)
	}
	g, err := adapters.NewGuard("core", e, adapters.GuardOptions{Retries: 2, Max: 16, Wait: time.Minute, Timeout: 2 * time.Second, Breaker: adapters.BreakerOptions{Minimum: 1 << 30}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	var next, told fateCount
	var clients sync.WaitGroup
	for range 16 {
		clients.Go(func() {
			for n := next.add(0); n <= requests; n = next.add(0) {
				told.add(oneOver(t, g, books, n))
				switch {
				case n%50 == 0: // what is idle ends as well
					hosts[n/50%len(hosts)].CutAll()
				case n == requests/2:
					clients.Go(hosts[0].Close)
				}
			}
		})
	}
	clients.Wait()
	for _, h := range hosts { // there is no way left
		h.Close()
	}
	for n := range 3 {
		told.add(oneOver(t, g, books, requests+1+n))
	}
	t.Logf("fates %v, %d came to the host", told.n, books.Total())
	for _, fate := range []adapters.Fate{adapters.InDoubt, adapters.NotSent, adapters.Applied} {
		if told.n[fate] == 0 {
			t.Errorf("nothing was %s", fate)
		}
	}
}

// fateCount counts fates; what is not one counts as 0.
type fateCount struct {
	mu sync.Mutex
	n  [adapters.Applied + 1]int
}

func (c *fateCount) add(f adapters.Fate) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n[f]++
	return c.n[f]
}

func oneOver(t *testing.T, g *adapters.Guard, books *Ledger, n int) adapters.Fate {
	body := fmt.Appendf(nil, "request number %d", n)
	// Some are larger than what a socket takes at once.
	if n%10 == 0 {
		body = append(body, bytes.Repeat([]byte("."), 30_000)...)
	}
	reply, err := g.Exchange(context.Background(), adapters.Call{Message: adapters.Message{Body: body}, Timeout: time.Duration(20+rand.IntN(300)) * time.Millisecond})
	times, fate := books.Times(body), adapters.Applied
	var failure *adapters.Error
	switch {
	case errors.As(err, &failure):
		fate = failure.Fate
	case err != nil:
		t.Errorf("an error without a fate: %v", err)
	case !bytes.Equal(reply.Body, body):
		t.Errorf("%.20q got the reply %.20q", body, reply.Body)
	}
	if times > 1 || fate == adapters.NotSent && times > 0 || fate == adapters.Applied && times == 0 || fate == adapters.NotApplied {
		t.Errorf("%.20q came %d times and is %s: %v", body, times, fate, err)
	}
	return fate
}

// deafNow lets one connection in six break within its first request.
func deafNow(int) int {
	if rand.IntN(6) == 0 {
		return rand.IntN(60)
	}
	return -1
}

// stepNow lets one request in four go wrong.
func stepNow() Step {
	acts := []Act{CutBefore, ResetBefore, HalfClose, CutWithin, StallWithin, Never, ReplyAndEnd}
	if rand.IntN(4) > 0 {
		return Step{}
	}
	return Step{Do: acts[rand.IntN(len(acts))], Bytes: 1 + rand.IntN(12)}
}

func way(t *testing.T, address string, dial func(string) (adapters.Adapter, error)) adapters.Endpoint {
	t.Helper()
	a, err := dial(address)
	if err != nil {
		t.Fatal(err)
	}
	return adapters.Endpoint{Name: address, Adapter: a}
}
