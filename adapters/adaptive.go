// SPDX-License-Identifier: Apache-2.0

package adapters

import "time"

// The adaptive limit looks every adaptEvery, once it has seen adaptFrom exchanges.
const (
	adaptEvery = 100 * time.Millisecond
	adaptFrom  = 10
	adaptBack  = 0.9
)

// adaptive finds out how many exchanges a host can work on at once. From the time that exchanges take
// now and the least that their lanes took lately follows how many of them wait at the host (Little's
// law, as in TCP Vegas): few, and the limit grows by one; more than half, and it shrinks by a tenth. The
// half is what exchanges may differ among themselves. It stays between low and high.
type adaptive struct {
	low, high int
	limit     float64
	// What was seen since the last look.
	since       time.Time
	n, most     int
	took, least time.Duration
	bad         bool
}

func newAdaptive(low, high int, now time.Time) *adaptive {
	if low == 0 {
		return nil
	}
	return &adaptive{low: low, high: high, limit: float64(high), since: now}
}

// slots is the limit now. A nil one has none.
func (a *adaptive) slots(most int) int {
	if a == nil {
		return most
	}
	return min(most, int(a.limit))
}

// add counts an exchange that ended while so many were running, itself included. least is what one
// of its lane takes at least.
func (a *adaptive) add(now time.Time, took, least time.Duration, running int, v verdict) {
	if a == nil || v == excluded {
		return
	}
	a.most = max(a.most, running)
	if v == failed {
		a.bad = true
	} else {
		a.n++
		a.took += took
		a.least += min(took, least)
	}
	if now.Sub(a.since) >= adaptEvery && (a.n >= adaptFrom || a.bad) {
		a.look(now)
	}
}

func (a *adaptive) look(now time.Time) {
	waiting := 0.0
	if a.least > 0 {
		waiting = float64(a.most) * (1 - float64(a.least)/float64(a.took))
	}
	share := waiting / float64(max(a.most, 1))
	switch {
	case a.bad || waiting > 4 && share > 0.5:
		a.limit *= adaptBack
	case a.most >= int(a.limit) && (waiting < 2 || share < 0.3):
		a.limit++
	}
	a.limit = min(max(a.limit, float64(a.low)), float64(a.high))
	*a = adaptive{low: a.low, high: a.high, limit: a.limit, since: now}
}
