// SPDX-License-Identifier: Apache-2.0

package adapters

import "time"

const windowParts = 10

// window counts completed, failed and slow calls over a rolling time. gobreaker has no notion of a
// slow call, and rolls its own counts only when a call comes.
type window struct {
	part  time.Duration
	start time.Time
	// age is the number of the current part since start.
	age   int64
	parts [windowParts]tally
	sum   tally
}

type tally struct{ completed, failed, slow int }

func newWindow(length time.Duration, now time.Time) window {
	return window{part: max(length/windowParts, 1), start: now}
}

func (w *window) roll(now time.Time) {
	age := int64(now.Sub(w.start) / w.part)
	if age <= w.age {
		return
	}
	if age-w.age >= windowParts {
		w.parts, w.sum = [windowParts]tally{}, tally{}
		w.age = age
		return
	}
	for w.age < age {
		w.age++
		p := &w.parts[w.age%windowParts]
		w.sum.completed -= p.completed
		w.sum.failed -= p.failed
		w.sum.slow -= p.slow
		*p = tally{}
	}
}

func (w *window) add(now time.Time, bad, slow bool) {
	w.roll(now)
	p := &w.parts[w.age%windowParts]
	p.completed++
	w.sum.completed++
	if bad {
		p.failed++
		w.sum.failed++
	}
	if slow {
		p.slow++
		w.sum.slow++
	}
}

func (w *window) clear(now time.Time) {
	*w = window{part: w.part, start: now}
}
