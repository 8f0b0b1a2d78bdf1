// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"context"
	"io"
	"time"
)

// Store keeps entries. It is safe for concurrent use, by several processes at once where it says so.
// What a method reports as done is on stable storage. An error that is none of those of this package
// counts as ErrUnavailable.
type Store interface {
	// Insert records e, an Intent, unless an entry with its ID is there in another state than Released:
	// that is returned then, and nothing is recorded. When ctx ends first, or after Patience, it returns an
	// error, and an entry that is recorded after all is released by the store. A Fenced entry whose parent is no
	// Intent (any more) is ErrState. Nobody changes e any more.
	Insert(ctx context.Context, e *Entry) (there *Entry, err error)
	// Move makes a change that CanMove allows: else ErrState, or ErrNoEntry. It takes Patience at most.
	Move(ctx context.Context, c Change) error
	// Get returns the entry with an id, or nil. It never shows what is not yet on stable storage,
	// except that an Intent is there from the moment it is being recorded.
	Get(ctx context.Context, id ID) (*Entry, error)
	// List returns entries, the oldest first.
	List(ctx context.Context, f Filter) ([]Entry, error)
	// Sweep puts intents in doubt that nobody works on any more, and forgets what is final and old.
	Sweep(ctx context.Context, s Sweep) error
	// Claim returns entries that somebody is to be told of, those that ended first in front, and gives them to nobody
	// else for the time that c says.
	Claim(ctx context.Context, c Claim) ([]Entry, error)
	// Told takes the mark from an entry that somebody was to be told of. It takes Patience at most.
	Told(ctx context.Context, id ID) error
	// Stock takes stock of what is not settled. It does not read whole entries: it is asked once a second.
	Stock(ctx context.Context) (Stock, error)
	// Epoch names this store: another one, or one that was emptied, has another name.
	Epoch() string
	io.Closer
}

// Filter says which entries are listed.
type Filter struct {
	// State limits the list to one state, Parent to the steps of one call; zero means all.
	State  State
	Parent ID
	// After leaves out what is not behind it in the order of the list.
	After Cursor
	// Limit is the most that are listed; 0 means 1000.
	Limit int
	// Heads leaves Who, Request and Reply out of the entries: what is large of them is not read.
	Heads bool
}

// Stock is what is not settled in a store.
type Stock struct {
	// InDoubt is the number of entries in doubt, Contested how many of these only a person can resolve, and Oldest when
	// the first of them was begun.
	InDoubt   int       `json:"inDoubt"`
	Contested int       `json:"contested"`
	Oldest    time.Time `json:"oldest,omitzero"`
	// Untold is the number of ended operations of which somebody is still to be told, and OldestUntold when the first
	// of them ended.
	Untold       int       `json:"untold"`
	OldestUntold time.Time `json:"oldestUntold,omitzero"`
}

// Cursor is where an entry stands in a list. The zero Cursor is before all.
type Cursor struct {
	Begun time.Time
	ID    ID
}

// Cursor is where the entry stands in a list.
func (e *Entry) Cursor() Cursor { return Cursor{e.Begun, e.ID} }

// Claim says which entries a process wants to tell of.
type Claim struct {
	Now time.Time
	// Pause is the least time until an entry can be claimed again, MaxPause the most. In between it is as long as it
	// is since the entry ended: it doubles with every claim, whichever process made the one before.
	Pause, MaxPause time.Duration
	// Limit is how many entries are wanted.
	Limit int
}

// Until is when an entry that ended at a time can be claimed again. A clock that was set back does not make it late.
func (c *Claim) Until(ended time.Time) time.Time {
	return c.Now.Add(min(max(c.Now.Sub(ended), c.Pause), c.MaxPause))
}

// DefaultLimit is how many entries List returns if the filter does not say.
const DefaultLimit = 1000

// Sweep says what is old.
type Sweep struct {
	Now time.Time
	// Owner, if set, names a process that has just begun: intents under its name are of one before it.
	Owner string
	// Overdue is how long after its deadline an intent is in doubt, whoever has it. A store with a clock of its own
	// goes by that: those of its processes may differ.
	Overdue time.Duration
	// Forget is the time before which a final entry must have changed to be forgotten. A store with a clock of its own
	// waits as long by that, too. Nothing in doubt is forgotten.
	Forget time.Time
}
