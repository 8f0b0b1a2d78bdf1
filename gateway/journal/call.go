// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"context"
	"fmt"
	"time"
)

// Call is what an entry is made of.
type Call struct {
	// Tenant is who calls; Operation, Key and Step what for. These four are the identity of the entry.
	Tenant, Operation, Key, Step string
	// Parent is the entry of the call when this is a step of it.
	Parent      ID
	Backend     string
	Fingerprint Fingerprint
	Deadline    time.Time
	Version     string
	// Request is what the exchange can be made or asked for again from. It is kept, encrypted, while
	// the entry is open. Begin does not hold on to it.
	Request []byte
	// Fenced lets the intent of a step be recorded only while that of its call is open: what others found in doubt
	// meanwhile, and may be taking back, goes on no further. It is ErrState then.
	Fenced bool

	// id is the identity of named, which is what the call was when it was derived.
	id    ID
	named [4]string
}

// Who is who began an exchange, and with which key.
type Who struct {
	Tenant string `json:"tenant"`
	Key    string `json:"key"`
}

// Verdict is what the journal says to a call.
type Verdict uint8

const (
	// Unknown says that nothing is known of the call.
	Unknown Verdict = iota
	// Running says that the same call is under way.
	Running
	// Doubtful says that the same call was made, and what it did is not known.
	Doubtful
	// Finished says that the same call was made: Found.Reply is what was answered.
	Finished
	// Mismatch says that the key was used for another request.
	Mismatch
	// Expired says that the key is older than what the journal remembers.
	Expired
)

// String gives the word used as a metric label.
func (v Verdict) String() string {
	return [...]string{"new", "running", "in-doubt", "replayed", "mismatch", "expired"}[v]
}

// Found is what the journal knows of a call.
type Found struct {
	Verdict Verdict
	Entry   *Entry
	Reply   []byte
}

// ID derives the identity of a call. The call remembers it.
func (j *Journal) ID(c *Call) ID {
	if parts := [...]string{c.Tenant, c.Operation, c.Key, c.Step}; c.id.IsZero() || parts != c.named {
		c.id, c.named = j.secrets.identify(parts[:]...), parts
	}
	return c.id
}

// Step returns the call of a step of c, whose entry is below that of c.
func (j *Journal) Step(c *Call, name, backend string) *Call {
	step := *c
	step.Step, step.Parent, step.Backend, step.Request = name, j.ID(c), backend, nil
	return &step
}

// Lookup says what is known of a call. It records nothing, and takes Patience at most.
func (j *Journal) Lookup(ctx context.Context, c *Call) (Found, error) {
	store, err := j.await(ctx)
	if err != nil {
		return Found{}, err
	}
	id := j.ID(c)
	e, err := store.Get(ctx, id)
	if err != nil {
		return Found{}, unavailable(err)
	}
	return j.judge(c, id, e)
}

// Ready waits until something can be looked up and recorded, for Patience at most, or says why it cannot.
func (j *Journal) Ready(ctx context.Context) error {
	_, err := j.await(ctx)
	return err
}

// judge compares a call with the entry of its identity.
func (j *Journal) judge(c *Call, id ID, e *Entry) (Found, error) {
	if e == nil || e.State == Released {
		if j.expired(c.Key, j.options.Now()) {
			return Found{Verdict: Expired}, nil
		}
		return Found{Verdict: Unknown}, nil
	}
	f := Found{Entry: e}
	switch {
	case e.Fingerprint != c.Fingerprint:
		f.Verdict = Mismatch
	case e.State == Intent:
		f.Verdict = Running
	case e.State == InDoubt:
		f.Verdict = Doubtful
	default:
		f.Verdict = Finished
		var err error
		if f.Reply, err = j.secrets.open(id, sealReply, e.Reply); err != nil {
			return Found{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
	return f, nil
}

// Begin records the intent of a call: once it returns Unknown, and only then, the request may be sent. It
// returns what else is known of the call otherwise.
func (j *Journal) Begin(ctx context.Context, c *Call) (Found, error) {
	store, err := j.await(ctx)
	if err != nil {
		return Found{}, err
	}
	id := j.ID(c)
	now := j.options.Now()
	e := &Entry{
		ID: id, Parent: c.Parent, Step: c.Step, Operation: c.Operation, Backend: c.Backend, State: Intent,
		Begun: now, Changed: now, Deadline: c.Deadline, Fingerprint: c.Fingerprint, Version: c.Version,
		Owner: j.options.Owner, Fenced: c.Fenced,
	}
	if j.expired(c.Key, now) {
		return Found{Verdict: Expired}, nil
	}
	e.Who, e.Request = j.secrets.sealCall(id, c)
	j.Point("before-intent")
	there, err := store.Insert(ctx, e)
	if err != nil {
		return Found{}, unavailable(err)
	}
	if there != nil {
		return j.judge(c, id, there)
	}
	j.Point("after-intent")
	j.began(e)
	return Found{Verdict: Unknown, Entry: e}, nil
}
