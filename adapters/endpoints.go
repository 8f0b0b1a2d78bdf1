// SPDX-License-Identifier: Apache-2.0

package adapters

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"
)

// MaxEndpoints is how many ways there may be to one host.
const MaxEndpoints = 16

// How long an endpoint is passed over: at first, doubled with every further failure up to the most.
const (
	firstRest = time.Second
	mostRest  = 30 * time.Second
	// doubtsToRest is how many exchanges in a row may be left in doubt before an endpoint rests.
	doubtsToRest = 3
)

// Endpoint is one of several ways to the same host.
type Endpoint struct {
	// Name is what operators see: its address.
	Name    string
	Adapter Adapter
}

// Endpoints is an Adapter over several ways to one host. A request that was provably not sent over
// one goes to the next, at most once to each. An endpoint that failed is passed over for a while, which
// grows with every failure; the first exchange after it tries it again. A ping tries also those that are
// passed over, after the others: it is to find out what is well again.
type Endpoints struct {
	list   []*endpoint
	spread bool

	mu   sync.Mutex
	turn int
}

type endpoint struct {
	Endpoint
	failures  int
	doubts    int
	restUntil time.Time
	used      uint64
	failed    uint64
}

// EndpointState is how an endpoint is.
type EndpointState struct {
	Name string
	// Resting endpoints are passed over until Until.
	Resting bool
	Until   time.Time
	// Used counts exchanges that were given to it, Failed those of them that showed it in trouble.
	Used, Failed uint64
}

// EndpointLister is an Adapter that has several ways to its host.
type EndpointLister interface {
	// EndpointStates tells how they are, in the order they were given.
	EndpointStates() []EndpointState
}

var (
	_ Adapter        = (*Endpoints)(nil)
	_ Prober         = (*Endpoints)(nil)
	_ Distruster     = (*Endpoints)(nil)
	_ Correlator     = (*Endpoints)(nil)
	_ Recoverer      = (*Endpoints)(nil)
	_ EndpointLister = (*Endpoints)(nil)
)

// NewEndpoints makes one adapter of several. The first one that is well is used, or with spread each
// in turn.
func NewEndpoints(spread bool, list ...Endpoint) (*Endpoints, error) {
	if len(list) == 0 || len(list) > MaxEndpoints {
		return nil, fmt.Errorf("%d endpoints, want 1 to %d", len(list), MaxEndpoints)
	}
	e := &Endpoints{spread: spread}
	for _, one := range list {
		if one.Adapter == nil {
			return nil, errors.New("endpoint " + one.Name + ": no adapter")
		}
		e.list = append(e.list, &endpoint{Endpoint: one})
	}
	return e, nil
}

// Exchange implements Adapter.
func (e *Endpoints) Exchange(ctx context.Context, m Message) (reply Message, err error) {
	var tried uint64
	for range e.list {
		i := e.choose(&tried, err == nil, isPing(ctx))
		if i < 0 {
			break
		}
		reply, err = e.one(ctx, e.list[i], m)
		var failure *Error
		if err == nil || ctx.Err() != nil || !errors.As(err, &failure) || !unsent(failure) {
			break
		}
	}
	return reply, err
}

// one makes an exchange over one endpoint. Also one that panics is counted.
func (e *Endpoints) one(ctx context.Context, p *endpoint, m Message) (reply Message, err error) {
	err = &Error{Kind: Internal, Detail: "the exchange ended without a result"}
	defer func() { e.learn(p, err) }()
	return p.Adapter.Exchange(ctx, m)
}

// choose picks the next endpoint that was not tried: one that is well, else, if none was tried yet or all are
// to be tried, the one whose rest ends first. -1 means that there is none.
func (e *Endpoints) choose(tried *uint64, first, all bool) int {
	now := time.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	start, best := 0, -1
	if e.spread {
		start = e.turn
		if first {
			e.turn = (e.turn + 1) % len(e.list)
		}
	}
	for n := range e.list {
		i := (start + n) % len(e.list)
		p := e.list[i]
		if *tried&(1<<i) != 0 {
			continue
		}
		if !now.Before(p.restUntil) {
			best = i
			break
		}
		if (first || all) && (best < 0 || p.restUntil.Before(e.list[best].restUntil)) {
			best = i
		}
	}
	if best >= 0 {
		*tried |= 1 << best
		p := e.list[best]
		p.used++
		if p.failures > 0 { // one at a time finds out whether it is well again
			p.restUntil = now.Add(rest(p.failures))
		}
	}
	return best
}

// learn remembers how an exchange over an endpoint went.
func (e *Endpoints) learn(p *endpoint, err error) {
	var failure *Error
	if err != nil && !errors.As(err, &failure) {
		failure = asError("", err)
	}
	now := time.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case err == nil || failure.Fate == Applied || failure.Fate == NotApplied:
		p.failures, p.doubts, p.restUntil = 0, 0, time.Time{}
		return
	case unsent(failure):
		p.doubts = 0
	case failure.Fate == InDoubt && failure.Kind != Canceled:
		if p.doubts++; p.doubts < doubtsToRest {
			p.failed++
			return
		}
	default: // nothing is known
		return
	}
	p.failed++
	p.failures++
	p.restUntil = now.Add(rest(p.failures))
}

// rest is how long an endpoint is passed over after so many failures, a fifth of it at random.
func rest(failures int) time.Duration {
	d := firstRest
	for i := 1; i < failures && d < mostRest; i++ {
		d *= 2
	}
	d = min(d, mostRest)
	return d + rand.N(d/5)
}

// EndpointStates implements EndpointLister.
func (e *Endpoints) EndpointStates() []EndpointState {
	now := time.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	out := make([]EndpointState, len(e.list))
	for i, p := range e.list {
		out[i] = EndpointState{Name: p.Name, Used: p.used, Failed: p.failed}
		if now.Before(p.restUntil) {
			out[i].Resting, out[i].Until = true, p.restUntil
		}
	}
	return out
}

// Probe returns nil if the host can be reached over any endpoint.
func (e *Endpoints) Probe(ctx context.Context) error {
	var first error
	for _, p := range e.list {
		prober, can := p.Adapter.(Prober)
		if !can {
			return nil
		}
		err := prober.Probe(ctx)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// Distrust implements Distruster.
func (e *Endpoints) Distrust() {
	for _, p := range e.list {
		if d, can := p.Adapter.(Distruster); can {
			d.Distrust()
		}
	}
}

// OnLate implements Correlator, for those endpoints that are one.
func (e *Endpoints) OnLate(to Late) {
	for _, p := range e.list {
		if c, can := p.Adapter.(Correlator); can {
			c.OnLate(to)
		}
	}
}

// Recover implements Recoverer: the reply may lie behind any endpoint.
func (e *Endpoints) Recover(ctx context.Context, correlation []byte) (Message, error) {
	last := error(&Error{Fate: NotSent, Kind: Config, Detail: "the wire keeps no replies"})
	for _, p := range e.list {
		r, can := p.Adapter.(Recoverer)
		if !can {
			continue
		}
		m, err := r.Recover(ctx, correlation)
		if err == nil {
			return m, nil
		}
		last = err
	}
	return Message{}, last
}

// Close closes all endpoints.
func (e *Endpoints) Close() error {
	var errs []error
	for _, p := range e.list {
		if c, can := p.Adapter.(io.Closer); can {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}
