// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"time"

	"lintel/gateway/journal"
	"lintel/gateway/journal/filestore"
)

// plant is a bug that the simulation must find.
type plant string

const (
	noBug        plant = ""
	resends      plant = "an exchange in doubt is sent again"
	tooEarly     plant = "the answer goes out before it is recorded"
	dirtyReply   plant = "a late reply stays in the connection of the next caller"
	trustsClock  plant = "that the host begins no more is taken from the time of day"
	tellsEarly   plant = "somebody is told before the end"
	tellsNever   plant = "that somebody was told is recorded before they were"
	tellsForged  plant = "notifications are signed with another secret"
	forgetsSteps plant = "a restart does not know the steps"
	goesOn       plant = "what is being taken back is completed all the same"
	diskLies     plant = "a failed sync counts as done"
	turnsProof   plant = "a step that was proved done counts as one that was not"
	believesSoon plant = "that a step was not done is believed while the host may still begin"
)

func plants() []plant {
	return []plant{resends, tooEarly, dirtyReply, trustsClock, tellsEarly, tellsNever, tellsForged, forgetsSteps, goesOn, diskLies, turnsProof, believesSoon}
}

const simSecret = "0123456789abcdef"

// secret is what notifications are signed with.
func (b plant) secret() []byte {
	if b == tellsForged {
		return []byte("another-" + simSecret)
	}
	return []byte(simSecret)
}

// store puts the bug into a store.
func (b plant) store(s journal.Store) journal.Store {
	switch b {
	case tooEarly:
		return earlyStore{s}
	case tellsEarly, tellsNever, forgetsSteps, goesOn, turnsProof:
		return bentStore{s, b}
	}
	return s
}

// disk puts the bug into a disk.
func (b plant) disk(d filestore.Disk) filestore.Disk {
	if b == diskLies {
		return lyingDisk{d}
	}
	return d
}

// faulty is how many of a hundred uses of the disk fail, where a seed says n.
func (b plant) faulty(n int) int {
	if b == diskLies {
		return 20
	}
	return n
}

// after is how long the host may begin a step that nobody waits for.
func (b plant) after(d time.Duration) time.Duration {
	if b == believesSoon {
		return -d
	}
	return d
}

// lyingDisk makes nothing of a sync that fails.
type lyingDisk struct{ filestore.Disk }

type lyingFile struct{ filestore.File }

// Open implements filestore.Disk.
func (d lyingDisk) Open(name string) (filestore.File, error) {
	f, err := d.Disk.Open(name)
	return lyingFile{f}, err
}

// Create implements filestore.Disk.
func (d lyingDisk) Create(name string) (filestore.File, error) {
	f, err := d.Disk.Create(name)
	return lyingFile{f}, err
}

// Sync implements filestore.File.
func (f lyingFile) Sync() error {
	_ = f.File.Sync()
	return nil
}

// earlyStore says that an end is recorded before it is.
type earlyStore struct{ journal.Store }

// Move implements journal.Store.
func (e earlyStore) Move(_ context.Context, c journal.Change) error {
	go func() {
		time.Sleep(100 * time.Millisecond)
		_ = e.Store.Move(context.Background(), c)
	}()
	return nil
}

// bentStore has the bugs that are a word of a call.
type bentStore struct {
	journal.Store
	bug plant
}

// Insert implements journal.Store.
func (b bentStore) Insert(ctx context.Context, e *journal.Entry) (*journal.Entry, error) {
	if b.bug == goesOn {
		e.Fenced = false
	}
	return b.Store.Insert(ctx, e)
}

// Move implements journal.Store.
func (b bentStore) Move(ctx context.Context, c journal.Change) error {
	switch {
	case b.bug == goesOn:
		c.Unless = ""
	case b.bug == turnsProof && c.Proof == meansInquiry && c.To == journal.Complete:
		if e, err := b.Get(ctx, c.ID); err == nil && e != nil && !e.Parent.IsZero() {
			c.To, c.Reply = journal.NotApplied, nil
		}
	}
	return b.Store.Move(ctx, c)
}

// List implements journal.Store.
func (b bentStore) List(ctx context.Context, f journal.Filter) ([]journal.Entry, error) {
	if b.bug == forgetsSteps && !f.Parent.IsZero() {
		return nil, nil
	}
	return b.Store.List(ctx, f)
}

// Claim implements journal.Store.
func (b bentStore) Claim(ctx context.Context, c journal.Claim) ([]journal.Entry, error) {
	list, err := b.Store.Claim(ctx, c)
	switch {
	case err != nil:
	case b.bug == tellsEarly:
		open, oerr := b.Store.List(ctx, journal.Filter{State: journal.InDoubt, Limit: 1})
		return append(list, open...), oerr
	case b.bug == tellsNever:
		for i := range list {
			_ = b.Told(ctx, list[i].ID)
		}
	}
	return list, err
}
