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
	life    context.Context
	running *sync.WaitGroup
	room    chan struct{}

	mu sync.Mutex
	to adapters.Late // nil if nobody wants them
}

func newLateDesk(life context.Context, running *sync.WaitGroup) *lateDesk {
	return &lateDesk{life: life, running: running, room: make(chan struct{}, lateAtOnce)}
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
	if _, err := a.connected(ctx); err != nil {
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
	d.mu.Lock()
	to := d.to
	d.mu.Unlock()
	id, ok := recorded(correlation)
	if to == nil || !ok {
		return false
	}
	select {
	case d.room <- struct{}{}:
	default:
		return false
	}
	d.running.Go(func() {
		defer func() { <-d.room }()
		d.handOver(l, to, id, m)
	})
	return true
}

func (d *lateDesk) handOver(l *link, to adapters.Late, id []byte, m *amqp.Message) {
	reply, failure := l.decode(m)
	for pause := latePause; failure == nil; pause = min(2*pause, lateLongest) {
		ctx, cancel := context.WithTimeout(d.life, latePatience)
		taken, err := to(ctx, id, reply)
		cancel()
		if err == nil {
			if taken {
				l.count(func(s *Stats) { s.Late++ })
			} else {
				l.count(func(s *Stats) { s.Unmatched++ })
			}
			break
		}
		select {
		case <-time.After(pause):
		case <-l.lost:
			return
		case <-d.life.Done():
			return
		}
	}
	if failure != nil {
		l.count(func(s *Stats) { s.Unmatched++ })
	}
	l.accept(m)
}
