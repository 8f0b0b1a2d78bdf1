// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"context"
	"encoding/hex"

	"github.com/Azure/go-amqp"

	"lintel/adapters"
)

// idSize is the size of the id of a recorded exchange, in bytes. It is that of IBM MQ's ids.
const idSize = 24

// OnLate implements adapters.Correlator.
func (a *Adapter) OnLate(to adapters.Late) { a.late.Open(to) }

// Recover implements adapters.Recoverer: replies on a permanent address come by themselves once there is
// a connection.
func (a *Adapter) Recover(ctx context.Context, _ []byte) (adapters.Message, error) {
	if a.opts.Datagram {
		return adapters.Message{}, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Config, Detail: "a datagram has no reply"}
	}
	if _, err := a.links.Get(ctx); err != nil {
		return adapters.Message{}, err
	}
	return adapters.Message{}, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Timeout, Detail: "no reply yet"}
}

// correlationOf makes the id of an exchange: the one that it brings, or one of its own.
func (o *Options) correlationOf(r *adapters.Recording) any {
	var id []byte
	if r != nil {
		id = r.ID
	}
	switch {
	case len(id) != idSize && o.IBMMQ: // ids of other types are refused, or cut
		return []byte(newID())
	case len(id) != idSize:
		return newID()
	case o.IBMMQ:
		return append([]byte(nil), id...)
	default:
		return hex.EncodeToString(id)
	}
}

// recorded is the id of a recorded exchange, if the correlation id of a reply is one.
func recorded(correlation string) ([]byte, bool) {
	if len(correlation) == 2*idSize {
		id, err := hex.DecodeString(correlation)
		return id, err == nil
	}
	id := make([]byte, idSize) // of a binary one the zeros at its end were cut off
	return id, copy(id, correlation) == len(correlation) && correlation != ""
}

// takeLate hands a reply over to who keeps the journal. It is settled when it was recorded, or is of no use; until then
// the broker has it, and gives it again after the loss of the connection. No more of them wait than the credit allows.
// false means that it is not taken.
func (l *link) takeLate(correlation string, m *amqp.Message) bool {
	id, ok := recorded(correlation)
	if !ok {
		return false
	}
	reply, failure := l.decode(m)
	if failure != nil {
		return false
	}
	return l.late.Take(l.lost, id, adapters.LateEnd{Reply: reply}, func(verdict adapters.LateVerdict) {
		if verdict == adapters.LateForeign {
			l.stats.unmatched.Add(1)
		}
		l.accept(m)
	})
}
