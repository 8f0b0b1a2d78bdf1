// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"crypto/sha256"
	"sync"
	"time"
)

// mostRemembered bounds the replies that are remembered: about 20 MB.
const mostRemembered = 1 << 18

// Replays remembers signed replies as long as their timestamps would do, so that none is taken twice. The
// zero value is ready, and safe for concurrent use.
type Replays struct {
	mu   sync.Mutex
	seen map[[sha256.Size]byte]struct{}
	// queue has them in the order they came, from first on.
	queue []remembered
	first int
}

type remembered struct {
	mark  [sha256.Size]byte
	until time.Time
}

// Fresh remembers a reply; false if it came before.
func (r *Replays) Fresh(o *Opened, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[[sha256.Size]byte]struct{}{}
	}
	for r.first < len(r.queue) && (now.After(r.queue[r.first].until) || len(r.seen) >= mostRemembered) {
		delete(r.seen, r.queue[r.first].mark)
		r.first++
	}
	if r.first > len(r.queue)/2 {
		r.queue = append(r.queue[:0], r.queue[r.first:]...)
		r.first = 0
	}
	if _, again := r.seen[o.Mark]; again {
		return false
	}
	r.seen[o.Mark] = struct{}{}
	r.queue = append(r.queue, remembered{o.Mark, o.Until})
	return true
}
