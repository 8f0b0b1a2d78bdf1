// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"context"
	"encoding/hex"
	"sync"
	"time"

	"github.com/Azure/go-amqp"

	"lintel/adapters"
)

// idSize is the size of the id of a recorded exchange, in bytes. It is that of IBM MQ's ids.
const idSize = 24

// Limits of late replies: how many are taken in at once, and the pauses between attempts.
const (
	lateAtOnce   = 64
	latePause    = 200 * time.Millisecond
	lateLongest  = 10 * time.Second
	latePatience = 5 * time.Second
)

// lateDesk takes in replies that no exchange waits for.
type lateDesk struct {
	mu   sync.Mutex
	to   adapters.Late // nil if nobody wants them
	busy int
}

// OnLate implements adapters.Correlator.
func (a *Adapter) OnLate(to adapters.Late) {
	a.late.mu.Lock()
	defer a.late.mu.Unlock()
	a.late.to = to
}

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

// take hands a reply over, beside the receiving of others. It is settled when it was recorded, or
// belongs to nobody; until then the broker has it, and gives it again after the loss of the connection.
// false means that it is not taken.
func (d *lateDesk) take(l *link, correlation string, m *amqp.Message) bool {
	id, ok := recorded(correlation)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.to == nil || !ok || d.busy >= lateAtOnce {
		return false
	}
	d.busy++
	to := d.to
	go func() {
		l.handOver(to, id, m)
		d.mu.Lock()
		defer d.mu.Unlock()
		d.busy--
	}()
	return true
}

func (l *link) handOver(to adapters.Late, id []byte, m *amqp.Message) {
	reply, failure := l.decode(m)
	taken := false
	for pause := latePause; failure == nil; pause = min(2*pause, lateLongest) {
		ctx, cancel := context.WithTimeout(context.Background(), latePatience)
		var err error
		taken, err = to(ctx, id, reply)
		cancel()
		if err == nil {
			break
		}
		select {
		case <-time.After(pause):
		case <-l.lost:
			return
		}
	}
	if taken {
		l.stats.late.Add(1)
	} else {
		l.stats.unmatched.Add(1)
	}
	l.accept(m)
}
