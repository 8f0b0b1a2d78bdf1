// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"context"
	"time"
)

// Clocks are set, and those of several gateways differ. What would be wrong about it only costs memory or refuses a key; so
// what is forgotten goes by the clock that is behind, and how old a key is by the one that is ahead.

// clocked is a Store with a clock of its own, which its gateways have in common.
type clocked interface {
	// Clock tells the time.
	Clock(ctx context.Context) (time.Time, error)
}

// clocks are the times that a moment may have: what the clock says, what it would say had nobody set it since the start,
// and what the clock of the store says.
func (j *Journal) clocks(now time.Time) (earliest, latest time.Time) {
	now, steady := now.Round(0), j.started.Add(now.Sub(j.started)).Round(0)
	earliest, latest = now, now
	for _, t := range [...]time.Time{steady, now.Add(time.Duration(j.ahead.Load()))} {
		if t.Before(earliest) {
			earliest = t
		}
		if t.After(latest) {
			latest = t
		}
	}
	return earliest, latest
}

// expired reports that a key has a time in it, and is older than what is remembered.
func (j *Journal) expired(key string, now time.Time) bool {
	t, ok := KeyTime(key)
	if !ok {
		return false
	}
	_, latest := j.clocks(now)
	return t.Before(latest.Add(-j.options.Retention))
}

// forget is the time before which final entries are old.
func (j *Journal) forget(now time.Time) time.Time {
	earliest, _ := j.clocks(now)
	return earliest.Add(-j.options.Retention - skew)
}

// compareClocks looks at the clock of the store. While it cannot be asked it is as far ahead as it was.
func (j *Journal) compareClocks(ctx context.Context, store Store) error {
	c, ok := store.(clocked)
	if !ok {
		return nil
	}
	there, err := c.Clock(ctx)
	if err != nil {
		return unavailable(err)
	}
	ahead := there.Sub(j.options.Now().Round(0))
	before := time.Duration(j.ahead.Swap(int64(ahead)))
	if far(ahead) && !far(before) {
		j.options.Log.Error("journal: the clock of this machine is not that of the database", "ahead", ahead.Round(time.Second).String())
	}
	return nil
}

// far tells that clocks differ by more than is of no account.
func far(d time.Duration) bool { return d.Abs() > time.Minute }
