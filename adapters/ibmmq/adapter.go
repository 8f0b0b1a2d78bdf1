// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/ibm-messaging/mq-golang/v5/ibmmq"

	"lintel/adapters"
	"lintel/adapters/queue"
)

// lastWords is how long Close waits for calls of the library that do not come back.
const lastWords = 5 * time.Second

// Adapter exchanges messages over a queue manager. It is safe for concurrent use.
type Adapter struct {
	opts  Options
	links *queue.Keeper[*link]
	stats stats
	late  queue.LateDesk
}

// stats are the counters behind Stats.
type stats struct{ unmatched, quarantined, reports, deaf atomic.Uint64 }

// Stats are counters since the start.
type Stats struct {
	// Connected counts links that were made, Failed those that could not be.
	Connected, Failed uint64
	// Late counts replies that came when nobody waited, and ended an exchange in doubt; Duplicates those whose exchange
	// the journal knew as ended by them already; Unmatched all others that no exchange waited for; Quarantined those of
	// them that were put on the quarantine queue.
	Late, Duplicates, Unmatched, Quarantined uint64
	// Reports counts reports about requests: confirmations, expirations, exceptions.
	Reports uint64
	// Deaf counts attempts to read the reply queue that its state refused.
	Deaf uint64
}

var (
	_ adapters.Adapter    = (*Adapter)(nil)
	_ adapters.Prober     = (*Adapter)(nil)
	_ adapters.Correlator = (*Adapter)(nil)
	_ adapters.Recoverer  = (*Adapter)(nil)
)

// New checks the options and returns an adapter. It does not connect.
func New(o Options) (*Adapter, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	a := &Adapter{opts: o, late: queue.LateDesk{Most: mostLate, MostBytes: mostLateBytes}}
	a.links = queue.NewKeeper(a.open, lastWords)
	return a, nil
}

// Exchange puts m on the host's queue and waits for the reply with its id. The fates: reasons.go says what
// a failed call means; a request that is on the queue is in doubt until its reply comes, or a report
// that it expired there.
func (a *Adapter) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	if ctx.Err() != nil {
		return adapters.Message{}, queue.Ended(ctx, adapters.NotSent, "time ran out")
	}
	if a.opts.Trace {
		m = queue.Traced(ctx, m)
	}
	recording := adapters.RecordingFrom(ctx)
	r, err := a.opts.encode(m, idOf(recording))
	if err != nil {
		return adapters.Message{}, err
	}
	if recording != nil && a.opts.ReplyQueue != "" { // a late reply still says what became of the exchange
		r.md.Report &^= ibmmq.MQRO_PASS_DISCARD_AND_EXPIRY
	}
	l, err := a.links.Get(ctx)
	if err != nil {
		return adapters.Message{}, err
	}
	reply, failure := l.exchange(ctx, r)
	if failure != nil {
		return adapters.Message{}, failure
	}
	return reply, nil
}

// Stats gives the counters.
func (a *Adapter) Stats() Stats {
	made, failed := a.links.Counts()
	late, duplicates := a.late.Counts()
	return Stats{
		Connected: made, Failed: failed, Late: late, Duplicates: duplicates,
		Unmatched: a.stats.unmatched.Load(), Quarantined: a.stats.quarantined.Load(), Reports: a.stats.reports.Load(), Deaf: a.stats.deaf.Load(),
	}
}

// Probe reports whether the queue manager is there and the queues can be used. It puts no message.
func (a *Adapter) Probe(ctx context.Context) error {
	l, err := a.links.Get(ctx)
	if err != nil {
		return err
	}
	if e := l.deaf.Load(); e != nil {
		return e
	}
	return nil
}

// Close ends the connections. Exchanges under way end with an error that tells their fate; later ones
// are not sent. It never fails and may be called twice. It waits for calls of the library, but not
// for ever: one that hangs keeps its thread.
func (a *Adapter) Close() error {
	a.links.Close()
	return nil
}
