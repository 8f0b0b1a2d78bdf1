// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ID names an entry. It is derived from tenant, operation, key and step under a secret: nobody can
// guess it, and everybody who knows these and the secret finds the same. Its 24 bytes are a
// correlation id of MQ.
type ID [24]byte

// String gives 48 lower hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// IsZero reports whether id names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// UUID gives the first 16 bytes in the form of a UUID of version 8 (RFC 9562, 5.8), for hosts and
// records that have room for such a name.
func (id ID) UUID() string {
	var u [16]byte
	copy(u[:], id[:16])
	u[6] = u[6]&0x0f | 0x80
	u[8] = u[8]&0x3f | 0x80
	var text [36]byte
	rest := text[:0]
	for i, n := range [...]int{4, 2, 2, 2, 6} {
		if i > 0 {
			rest = append(rest, '-')
		}
		from := (len(rest) - i) / 2
		rest = hex.AppendEncode(rest, u[from:from+n])
	}
	return string(rest)
}

// ParseID reads what String wrote.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 2*len(id) {
		return ID{}, errBadID
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil || id.String() != s {
		return ID{}, errBadID
	}
	return id, nil
}

var errBadID = errors.New("not the id of an operation")

// State is what is known of an exchange.
type State uint8

const (
	// Intent says that the request may be on its way to the host.
	Intent State = iota + 1
	// Complete says that the host answered; the answer is kept.
	Complete
	// NotApplied says that the host did not do the work, by proof.
	NotApplied
	// Released says that the host never held the request. The key is free again.
	Released
	// InDoubt says that the host may or may not have done the work.
	InDoubt
)

// String gives the words of the admin port and of logs.
func (s State) String() string {
	if s < Intent || s > InDoubt {
		return "unknown"
	}
	return [...]string{"intent", "complete", "not applied", "released", "in doubt"}[s-1]
}

// Open reports whether the state can still change.
func (s State) Open() bool { return s == Intent || s == InDoubt }

// CanMove reports whether an entry may go from one state to another. In doubt to in doubt only adds
// a note.
func CanMove(from, to State) bool {
	switch from {
	case Intent:
		return slices.Contains([]State{Complete, NotApplied, Released, InDoubt}, to)
	case InDoubt:
		return to == Complete || to == NotApplied || to == InDoubt
	default:
		return false
	}
}

// What a Store says.
var (
	// ErrNoEntry says that there is no such entry.
	ErrNoEntry = errors.New("journal: no such entry")
	// ErrState says that the entry cannot go from its state to the one asked for.
	ErrState = errors.New("journal: entry is not in a state for that")
	// ErrBusy says that another change of the entry is under way.
	ErrBusy = errors.New("journal: another change of the entry is under way")
	// ErrUnavailable says that nothing can be recorded now.
	ErrUnavailable = errors.New("journal: cannot record now")
	// ErrTooLarge says that no record can be as large as this one. Others can be recorded.
	ErrTooLarge = errors.New("journal: too large to be recorded")
	// ErrHeld says that another process has the store. It may be about to give it up.
	ErrHeld = errors.New("journal: another process uses the store")
	// ErrDamaged says that what was recorded cannot be read as it was written. A person has to look.
	ErrDamaged = errors.New("journal: damaged")
)

// ProofOverdue is the proof of an intent that Sweep put in doubt because of its deadline: the process that has it may
// still be at work. That of one whose process is gone is "restart".
const ProofOverdue = "overdue"

// Entry is one exchange.
type Entry struct {
	ID ID
	// Parent is the entry of the call that this exchange is a step of, and Step the name of the step;
	// zero and empty for the entry of the call itself.
	Parent ID
	Step   string

	Operation, Backend string
	State              State
	// Begun is when the intent was recorded, Changed when the state was entered.
	Begun, Changed time.Time
	// Deadline is when the process that began the exchange gives up on it.
	Deadline time.Time
	// Fingerprint sums up the request under a secret.
	Fingerprint Fingerprint
	// Version names the workspace that made the message.
	Version string
	// Owner names the process that began it.
	Owner string
	// Proof says in a word or two how the state is known: "reply", "inquiry", "operator ...".
	Proof string
	// Contested says that two means gave different answers: only a person can resolve the entry.
	Contested bool
	// Untold says that somebody is still to be told how it ended.
	Untold bool
	// Fenced asks Insert to record the entry only while its parent is an Intent. It is not kept.
	Fenced bool

	// Who (tenant and key), Request (what the exchange was made of; only while the entry is open) and
	// Reply (what to say to the caller) are sealed.
	Who, Request, Reply []byte
}

// Change is a move of an entry to another state.
type Change struct {
	ID    ID
	To    State
	At    time.Time
	Proof string
	// Contested marks an entry that stays in doubt.
	Contested bool
	// Tell asks to mark an entry that ends with this as Untold.
	Tell bool
	// Unless, if set, is a Proof that forbids the change.
	Unless string
	// Begun, if set, is that of the intent that the change is of. One that was begun at another time is another attempt, of
	// which the change says nothing.
	Begun time.Time
	// Reply is sealed; nil keeps what is there.
	Reply []byte
}

// Apply makes the change to an entry, or ErrState.
func (c *Change) Apply(e Entry) (Entry, error) {
	if !CanMove(e.State, c.To) {
		return e, fmt.Errorf("%w: from %s to %s", ErrState, e.State, c.To)
	}
	if !c.Begun.IsZero() && !c.Begun.Equal(e.Begun) {
		return e, fmt.Errorf("%w: another attempt was begun since", ErrState)
	}
	if c.Unless != "" && e.Proof == c.Unless {
		return e, fmt.Errorf("%w: %s", ErrState, e.Proof)
	}
	if e.State != c.To {
		e.Changed = c.At
	}
	e.State, e.Proof = c.To, c.Proof
	e.Contested = (e.Contested || c.Contested) && c.To == InDoubt
	if c.Reply != nil {
		e.Reply = c.Reply
	}
	if !c.To.Open() {
		e.Request, e.Untold = nil, c.Tell
	}
	return e, nil
}
