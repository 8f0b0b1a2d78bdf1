// SPDX-License-Identifier: Apache-2.0

package adaptertest

import (
	"context"
	"errors"
	"sync"
	"time"

	"lintel/adapters"
)

// LateBook is a journal as an adapter sees it: it takes the late end of each exchange that is in doubt, once. The zero
// value knows none.
type LateBook struct {
	mu sync.Mutex
	// Fails is how often it cannot record, before it can; Slow is how long it takes each time.
	Fails int
	Slow  time.Duration
	state map[string]bool // whether the exchange is in doubt
	got   []string
	tries int
}

// Doubt makes it know exchanges that are in doubt.
func (b *LateBook) Doubt(ids ...[]byte) { b.set(true, ids) }

// Ended makes it know exchanges whose end is recorded.
func (b *LateBook) Ended(ids ...[]byte) { b.set(false, ids) }

func (b *LateBook) set(doubt bool, ids [][]byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == nil {
		b.state = map[string]bool{}
	}
	for _, id := range ids {
		b.state[string(id)] = doubt
	}
}

// Take is an adapters.Late.
func (b *LateBook) Take(_ context.Context, id []byte, end adapters.LateEnd) (adapters.LateVerdict, error) {
	time.Sleep(b.Slow)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tries++; b.tries <= b.Fails {
		return adapters.LateForeign, errors.New("not now")
	}
	doubt, known := b.state[string(id)]
	switch {
	case !known:
		return adapters.LateForeign, nil
	case !doubt:
		return adapters.LateDuplicate, nil
	}
	b.state[string(id)] = false
	text := string(end.Reply.Body)
	if end.Expired {
		text = "expired"
	}
	b.got = append(b.got, text)
	return adapters.LateTaken, nil
}

// Got are the replies that were taken; of an expiration report it is "expired".
func (b *LateBook) Got() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.got
}

// Tries is how often it was asked.
func (b *LateBook) Tries() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tries
}
