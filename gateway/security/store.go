// SPDX-License-Identifier: Apache-2.0

package security

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Times of a store, unless its options say otherwise.
const (
	refreshEvery = 15 * time.Minute
	// rotationGap is the least time between two fetches for ids of keys that nobody knows.
	rotationGap = 30 * time.Second
	// rotationWait is how long a call waits for such a fetch.
	rotationWait = 2 * time.Second
	firstRetry   = time.Second
	lastRetry    = time.Minute
)

// store holds the last good keys of an issuer and refreshes them.
type store struct {
	load func(context.Context) (*keySet, error)
	log  *slog.Logger
	name string
	gap  time.Duration
	// every is the time between two refreshes.
	every time.Duration

	set  atomic.Pointer[keySet]
	ctx  context.Context
	stop context.CancelFunc
	wg   sync.WaitGroup

	mu sync.Mutex
	// running is closed at the end of the fetch under way; nil if there is none.
	running chan struct{}
	last    time.Time // the begin of the last fetch
	failed  bool
	closed  bool
}

// start loads the keys at once, in the background, and goes on refreshing them.
func (s *store) start() {
	s.ctx, s.stop = context.WithCancel(context.Background())
	first := s.fetch(0)
	s.wg.Go(func() { s.refresh(first) })
}

func (s *store) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.wg.Wait()
}

func (s *store) refresh(done <-chan struct{}) {
	retry := firstRetry
	for {
		select {
		case <-done:
		case <-s.ctx.Done():
			return
		}
		wait := s.every
		if s.isFailed() {
			wait, retry = min(retry, s.every), min(2*retry, lastRetry)
		} else {
			retry = firstRetry
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-s.ctx.Done():
			t.Stop()
			return
		}
		done = s.fetch(0)
	}
}

func (s *store) isFailed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// fetch begins to load the keys, unless that is under way or was begun within gap. It returns a
// channel that is closed when the keys are as fresh as they get.
func (s *store) fetch(gap time.Duration) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		return s.running
	}
	if s.closed || !s.last.IsZero() && time.Since(s.last) < gap {
		done := make(chan struct{})
		close(done)
		return done
	}
	done := make(chan struct{})
	s.running, s.last = done, time.Now()
	s.wg.Go(func() {
		ctx, cancel := context.WithTimeout(s.ctx, 2*fetchTimeout)
		defer cancel()
		set, err := s.load(ctx)
		if err == nil {
			s.set.Store(set)
		} else if s.ctx.Err() == nil {
			s.log.Warn("keys of an issuer cannot be loaded", "scheme", s.name, "haveKeys", s.set.Load() != nil, "error", err.Error())
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.running, s.failed = nil, err != nil
		close(done)
	})
	return done
}

// unknown is called for a token whose key is not in the set. It waits for a fetch for a moment: the
// issuer may have changed its keys.
func (s *store) unknown(ctx context.Context) {
	wait(ctx, s.fetch(s.gap), rotationWait)
}

func wait(ctx context.Context, done <-chan struct{}, most time.Duration) {
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-done:
	case <-ctx.Done():
	case <-t.C:
	}
}
