// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"context"
	"errors"
	"time"
)

// End is what became of an exchange.
type End struct {
	To    State
	Proof string
	// Reply is what is said to the caller, now and whenever it asks again. Finish does not hold on to it.
	Reply []byte
	// Contested keeps an entry in doubt until a person decides.
	Contested bool
	// Tell says that somebody is to be told: the entry can be claimed until it is Told.
	Tell bool
	// Unless, if set, is a proof that forbids the change: it is ErrState then.
	Unless string
	// AtOnce says that what cannot be recorded now is not to be recorded later: who decided it will decide again.
	AtOnce bool
}

// Finish records what became of an exchange. If that cannot be done now the error is ErrUnavailable,
// and it is tried again until it is. ErrState says that something else was known before, ErrTooLarge that the reply
// cannot be kept. It takes Patience at most.
func (j *Journal) Finish(ctx context.Context, id ID, end End) error {
	c := Change{
		ID: id, To: end.To, At: j.options.Now(), Proof: end.Proof, Contested: end.Contested, Tell: end.Tell, Unless: end.Unless,
		Begun: j.ended(id), Reply: j.secrets.seal(nil, id, sealReply, end.Reply),
	}
	store, err := j.use()
	if err == nil {
		err = j.first(ctx, store, id)
	}
	if err == nil {
		j.pointAt("before-", end.To)
		err = move(ctx, store, c)
		if err == nil {
			j.pointAt("after-", end.To)
			return nil
		}
	}
	if errors.Is(err, ErrState) || errors.Is(err, ErrNoEntry) || errors.Is(err, ErrTooLarge) {
		return err
	}
	if !end.AtOnce {
		owed := c
		j.owe(&owed)
	}
	return unavailable(err)
}

// move makes a change, after one of the same entry that is on its way.
func move(ctx context.Context, store Store, c Change) error {
	err := store.Move(ctx, c)
	if !errors.Is(err, ErrBusy) {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	for errors.Is(err, ErrBusy) {
		select {
		case <-ctx.Done():
			return err
		case <-time.After(busyPace):
		}
		err = store.Move(ctx, c)
	}
	return err
}

// busyPace is how often a change is tried while another is on its way.
const busyPace = time.Millisecond
