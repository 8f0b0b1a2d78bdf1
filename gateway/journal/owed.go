// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"context"
	"errors"
	"time"
)

// What cannot be recorded when it is known is owed, and recorded as soon as that is possible. Nobody knows then whether it
// was not recorded after all: a database may lose the connection over which it would have said so. So a key that was
// to be free again may be, and in use by another attempt. What is owed is of its own attempt only.

// maxOwed bounds the changes that wait for a store that can record them.
const maxOwed = 10_000

// began notes an intent of this process.
func (j *Journal) began(e *Entry) {
	j.mu.Lock()
	j.begun[e.ID] = e.Begun
	j.mu.Unlock()
}

// ended returns when this process recorded the intent that is to be ended; zero if it did not, or has ended it.
func (j *Journal) ended(id ID) time.Time {
	j.mu.Lock()
	defer j.mu.Unlock()
	at := j.begun[id]
	delete(j.begun, id)
	return at
}

// owe keeps a change for later. What is owed of the same attempt and is an end stays: it is what was told.
func (j *Journal) owe(c *Change) {
	j.mu.Lock()
	defer j.mu.Unlock()
	there := j.owed[c.ID]
	switch {
	case there == nil && len(j.owed) >= maxOwed:
		j.options.Log.Error("journal: too many changes wait to be recorded; the operation will be in doubt after a restart", "operation", c.ID.String())
	case there == nil || there.To.Open() || !c.Begun.IsZero() && !c.Begun.Equal(there.Begun):
		j.owed[c.ID] = c
	}
}

// first records what is owed of an entry, before anything else of it is.
func (j *Journal) first(ctx context.Context, store Store, id ID) error {
	j.mu.Lock()
	c := j.owed[id]
	j.mu.Unlock()
	if c == nil {
		return nil
	}
	return j.pay(c, move(ctx, store, *c))
}

// pay takes a change from what is owed if it needs to be recorded no more.
func (j *Journal) pay(c *Change, err error) error {
	if err != nil && !errors.Is(err, ErrState) && !errors.Is(err, ErrNoEntry) {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.owed[c.ID] == c {
		delete(j.owed, c.ID)
	}
	return nil
}

// settle records changes that could not be recorded when they came.
func (j *Journal) settle(ctx context.Context, store Store) {
	j.mu.Lock()
	owed := make([]*Change, 0, len(j.owed))
	for _, c := range j.owed {
		owed = append(owed, c)
	}
	j.mu.Unlock()
	for _, c := range owed {
		if j.pay(c, store.Move(ctx, *c)) != nil {
			return
		}
	}
}
