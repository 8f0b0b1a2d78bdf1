// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Stats is what operators see of a journal.
type Stats struct {
	// Available tells whether unsafe exchanges can be recorded; Reason why not.
	Available bool   `json:"available"`
	Reason    string `json:"reason,omitempty"`
	Stock
	// Owed is the number of changes that could not be recorded yet.
	Owed int `json:"owed"`
	// Written is how much was recorded since the start, where the store counts it.
	Written Written `json:"-"`
}

// Written is how much a store recorded.
type Written struct {
	// Records of entries, and Groups of them that were brought to stable storage by one call.
	Records, Groups uint64
}

// Stats returns what is known now; the numbers are as old as the last upkeep.
func (j *Journal) Stats() Stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := Stats{Available: j.store != nil, Stock: j.stock, Owed: len(j.owed)}
	if j.reason != nil && j.store == nil {
		s.Reason = j.reason.Error()
	}
	if j.store != nil && j.trouble != nil {
		s.Available, s.Reason = false, j.trouble.Error()
	}
	if h, ok := j.store.(interface{ Health() error }); ok {
		if err := h.Health(); err != nil {
			s.Available, s.Reason = false, err.Error()
		}
	}
	if c, ok := j.store.(interface{ Written() Written }); ok {
		s.Written = c.Written()
	}
	return s
}

// Paces of upkeep, in rounds.
const (
	sweepRounds  = 5
	forgetRounds = 60
)

// grace is how long after its deadline an intent counts as still worked on.
const grace = 5 * time.Second

// upkeep runs beside the journal: it opens the store when that failed, records what is owed, puts
// intents in doubt that nobody works on, forgets what is old and counts.
func (j *Journal) upkeep() {
	defer j.stopped.Done()
	tick := time.NewTicker(j.options.Every)
	defer tick.Stop()
	for round := 1; ; round++ {
		select {
		case <-j.stop:
			return
		case <-tick.C:
		}
		if j.held() && !j.takeOver() {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		j.round(ctx, round)
		cancel()
	}
}

// held reports that another process has the store.
func (j *Journal) held() bool {
	_, err := j.use()
	return errors.Is(err, ErrHeld)
}

// takeOver tries at a quick pace to open a store that another process has; false when the journal ends.
func (j *Journal) takeOver() bool {
	tick := time.NewTicker(heldPace)
	defer tick.Stop()
	for j.held() {
		select {
		case <-j.stop:
			return false
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		j.open(ctx)
		cancel()
	}
	return true
}

func (j *Journal) round(ctx context.Context, round int) {
	store, err := j.use()
	if err != nil {
		j.open(ctx)
		return
	}
	if c, ok := store.(interface{ Check() }); ok {
		c.Check()
	}
	j.sayHealth(store)
	j.settle(ctx, store)
	if round%sweepRounds == 0 {
		now := j.options.Now()
		s := Sweep{Now: now, Overdue: grace}
		if round%forgetRounds == 0 {
			s.Forget = j.forget(now)
		}
		j.note(j.compareClocks(ctx, store))
		j.note(store.Sweep(ctx, s))
	}
	j.count(ctx, store)
}

// sayHealth logs that nothing can be recorded any more, and that it can again.
func (j *Journal) sayHealth(store Store) {
	h, ok := store.(interface{ Health() error })
	if !ok {
		return
	}
	err := h.Health()
	switch {
	case err != nil && (j.ill == nil || j.ill.Error() != err.Error()):
		j.options.Log.Error("journal: nothing can be recorded, operations that change something are refused", "error", err.Error())
	case err == nil && j.ill != nil:
		j.options.Log.Info("journal: it can be recorded again")
	}
	j.ill = err
}

// note logs what upkeep could not do.
func (j *Journal) note(err error) {
	if err != nil {
		j.options.Log.Error("journal: upkeep failed", "error", err.Error())
	}
}

// count takes stock of what is not settled.
func (j *Journal) count(ctx context.Context, store Store) {
	stock, err := store.Stock(ctx)
	j.note(err)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.trouble = err; err == nil {
		j.stock = stock
	}
}

// open opens the store and looks whether it is the right one.
func (j *Journal) open(ctx context.Context) {
	j.opening.Lock()
	defer j.opening.Unlock()
	if _, err := j.use(); err == nil {
		return
	}
	store, err := j.options.Open(ctx)
	if err == nil {
		if err = j.fits(ctx, store); err != nil {
			_ = store.Close()
		}
	}
	j.mu.Lock()
	fresh := j.reason == nil || err == nil || j.reason.Error() != err.Error()
	j.reason = err
	if err == nil {
		j.store = store
	}
	j.mu.Unlock()
	switch {
	case err != nil && fresh:
		j.options.Log.Error("journal: closed, operations that change something are refused", "error", err.Error())
	case err == nil:
		j.count(ctx, store)
	}
}

// fits checks that a store is the one of before, that the secret opens it, and puts in doubt what was
// under way when the process before this one ended.
func (j *Journal) fits(ctx context.Context, store Store) error {
	some, err := store.List(ctx, Filter{Limit: 1})
	if err != nil {
		return err
	}
	if err := j.checkAnchor(store.Epoch(), len(some) == 0); err != nil {
		return err
	}
	for i := range some {
		if _, err := j.WhoBegan(&some[i]); err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	if err := j.checkMark(ctx, store); err != nil {
		return err
	}
	if err := j.compareClocks(ctx, store); err != nil {
		return err
	}
	now := j.options.Now()
	return store.Sweep(ctx, Sweep{Now: now, Owner: j.options.Owner, Overdue: grace})
}
