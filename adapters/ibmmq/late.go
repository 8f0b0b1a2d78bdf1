// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq

import (
	"context"

	"github.com/ibm-messaging/mq-golang/v5/ibmmq"

	"lintel/adapters"
)

// OnLate implements adapters.Correlator.
func (a *Adapter) OnLate(to adapters.Late) { a.late.Open(to) }

// Recover implements adapters.Recoverer: replies on a permanent queue come by themselves once there is a connection;
// one on a shared queue is looked for by its id.
func (a *Adapter) Recover(ctx context.Context, correlation []byte) (adapters.Message, error) {
	if a.opts.Datagram {
		return adapters.Message{}, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Config, Detail: "a datagram has no reply"}
	}
	l, err := a.links.Get(ctx)
	if err != nil {
		return adapters.Message{}, err
	}
	none := &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Timeout, Detail: "no reply yet"}
	if !a.opts.Shared || len(correlation) != len(id{}) {
		return adapters.Message{}, none
	}
	return l.look(ctx, id(correlation), none)
}

// look gets the reply with an id from a shared queue, if it is there within one slice.
func (l *link) look(ctx context.Context, i id, none *adapters.Error) (adapters.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, l.a.opts.Slice)
	defer cancel()
	select {
	case l.room <- struct{}{}:
	case <-ctx.Done():
		return adapters.Message{}, none
	}
	w := &waiter{id: i, done: ctx, got: l.waiters.Wait(i, nil)}
	defer l.forget(w)
	select {
	case l.gets <- w:
	case <-l.ctx.Done():
		return adapters.Message{}, none
	}
	select {
	case got := <-w.got:
		l.late(i, got)
	case <-l.ctx.Done():
	case <-ctx.Done():
	}
	return adapters.Message{}, none // who keeps the journal is told by OnLate, and the queue keeps it until then
}

// idOf is the id of an exchange: the one that the journal knows, or one of its own.
func idOf(r *adapters.Recording) id {
	if r != nil && len(r.ID) == len(id{}) {
		return id(r.ID)
	}
	return newID()
}

// forget takes an exchange back. A reply may have come when it looked no more.
func (l *link) forget(w *waiter) {
	l.waiters.Forget(w.id)
	select {
	case got := <-w.got:
		l.late(w.id, got)
	default:
	}
}

// late hands over what came when nobody looked any more.
func (l *link) late(i id, got result) {
	if got.release == nil {
		got.release = func() {}
	}
	expired := got.err != nil && got.err.Fate == adapters.NotApplied
	if got.err != nil && !expired || !l.takeLate(i, nil, adapters.LateEnd{Reply: got.reply, Expired: expired}, got.release) {
		l.a.stats.unmatched.Add(1)
		got.release()
	}
}

// foreign is a reply that belongs to nobody.
type foreign struct {
	md      *ibmmq.MQMD
	body    []byte
	release func()
}

// Bounds of the replies that wait to be recorded. A queue gives more of them than it gets back: a unit of work is not held
// open for ever.
const (
	mostLate      = 1000
	mostLateBytes = 64 << 20
)

// takeLate hands a reply over to who keeps the journal, beside the getting of others; release tells that it has it. If it
// belongs to nobody the getter puts it away.
func (l *link) takeLate(i id, md *ibmmq.MQMD, end adapters.LateEnd, release func()) bool {
	return i != (id{}) && l.a.late.Take(l.ctx.Done(), i[:], end, func(verdict adapters.LateVerdict) {
		if verdict != adapters.LateForeign {
			release()
			return
		}
		l.a.stats.unmatched.Add(1)
		if md == nil {
			release()
			return
		}
		select {
		case l.foreign <- foreign{md, end.Reply.Body, release}:
		default: // more than can be: it is dropped
			release()
		}
	})
}
