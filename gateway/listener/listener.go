// SPDX-License-Identifier: Apache-2.0

package listener

import (
	"context"
	"errors"
	"hash/fnv"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"lintel/adapters"
)

// Job is one message as it was read: what is to be done with it.
type Job struct {
	// Key orders: jobs with the same key are delivered one after the other.
	Key string
	// Deliver does it once. An error that is a *Refused is for good; any other may go away.
	Deliver func(ctx context.Context) error
}

// Refused is the error of a delivery that is refused for good: it makes no sense to try again.
type Refused struct {
	// Why never holds a payload.
	Why string
}

// Error says why.
func (e *Refused) Error() string { return e.Why }

// Later is the error of a delivery that shall be tried again, not before After has passed.
type Later struct {
	Why   string
	After time.Duration
}

// Error says why.
func (e *Later) Error() string { return e.Why }

// Options of a Listener.
type Options struct {
	// Name stands in logs and metrics.
	Name   string
	Source adapters.Source
	// Read makes a job of a message. An error means that the message is poison: nobody can read it.
	Read func(m *adapters.Received) (Job, error)
	// Workers is how many deliveries run at once; 0 means 8. Waiting is how many messages may wait for each; 0
	// means 16.
	Workers, Waiting int
	// Attempts is how often a delivery is tried before its message is poison, redeliveries by the broker not
	// counted; 0 means 5.
	Attempts int
	// First and Most bound the pauses between attempts, which double; 0 means 1 s and 1 min.
	First, Most time.Duration
	// Timeout bounds one attempt; 0 means 10 s.
	Timeout time.Duration
	// Grace is how long deliveries under way may go on when the listener ends; 0 means 10 s.
	Grace time.Duration
	// Backout is the queue that poison goes to; empty leaves it to the broker.
	Backout string
	// Log may be nil.
	Log *slog.Logger
}

// Listener takes messages from one queue.
type Listener struct {
	opts    Options
	metrics *counters
	workers []chan *task
	// working ends when deliveries must end.
	working context.Context
	stop    context.CancelFunc
}

// task is a message on its way.
type task struct {
	m   *adapters.Received
	job Job
	// begun is when the message was taken.
	begun time.Time
	// number counts the messages as they came.
	number uint64
}

// New makes a listener; Run starts it.
func New(o Options) (*Listener, error) {
	if o.Name == "" || o.Source == nil || o.Read == nil {
		return nil, errors.New("a listener needs a name, a source and a reader")
	}
	if o.Workers < 0 || o.Waiting < 0 || o.Attempts < 0 || o.First < 0 || o.Most < 0 || o.Timeout < 0 || o.Grace < 0 {
		return nil, errors.New("the numbers and times of a listener cannot be negative")
	}
	o.Workers, o.Waiting, o.Attempts = or(o.Workers, 8), or(o.Waiting, 16), or(o.Attempts, 5)
	o.First, o.Most = or(o.First, time.Second), or(o.Most, time.Minute)
	o.Timeout, o.Grace = or(o.Timeout, 10*time.Second), or(o.Grace, 10*time.Second)
	o.Most = max(o.First, o.Most)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Log = o.Log.With("listener", o.Name)
	l := &Listener{opts: o, metrics: newCounters()}
	if s, ok := o.Source.(adapters.Limited); ok {
		s.OnLimit(func(what string) { o.Log.Warn("the listener has to do without something", "what", what) })
	}
	for range o.Workers {
		l.workers = append(l.workers, make(chan *task, o.Waiting))
	}
	return l, nil
}

func or[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// Run takes messages until ctx ends. Then it takes no more, lets the deliveries under way finish within Grace,
// and gives back what was not delivered, so that it keeps its order. It closes the source.
func (l *Listener) Run(ctx context.Context) {
	l.working, l.stop = context.WithCancel(context.WithoutCancel(ctx))
	defer l.stop()
	left := &leftovers{}
	var wg sync.WaitGroup
	for _, w := range l.workers {
		wg.Go(func() { l.work(ctx, w, left) })
	}
	l.receive(ctx, left)
	for _, w := range l.workers {
		close(w)
	}
	grace := time.AfterFunc(l.opts.Grace, l.stop)
	wg.Wait()
	grace.Stop()
	l.giveBack(left)
	if c, ok := l.opts.Source.(io.Closer); ok {
		_ = c.Close()
	}
}

// receive takes messages and hands them to the worker of their key.
func (l *Listener) receive(ctx context.Context, left *leftovers) {
	for number := uint64(0); ctx.Err() == nil; number++ {
		m, err := l.opts.Source.Receive(ctx)
		if err != nil {
			if ctx.Err() == nil {
				l.metrics.failures.Add(1)
				l.opts.Log.Warn("no message can be taken", "error", err.Error())
			}
			continue
		}
		l.metrics.take(number, m.Created)
		if m.Spent != "" {
			l.poison(&task{m: m, begun: time.Now(), number: number}, m.Spent)
			continue
		}
		job, err := l.opts.Read(m)
		t := &task{m: m, job: job, begun: time.Now(), number: number}
		if err != nil {
			l.poison(t, "it cannot be read: "+err.Error())
			continue
		}
		select {
		case l.workers[l.worker(job.Key, number)] <- t:
		case <-ctx.Done():
			left.add(t)
		}
	}
}

// worker chooses the worker of a key; those without a key go around.
func (l *Listener) worker(key string, number uint64) uint64 {
	if key == "" {
		return number % uint64(len(l.workers))
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(key))
	return h.Sum64() % uint64(len(l.workers))
}

// leftovers are messages that were taken and not delivered.
type leftovers struct {
	mu    sync.Mutex
	tasks []*task
}

func (f *leftovers) add(t *task) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tasks = append(f.tasks, t)
}

// giveBack gives back what is left, the last first: brokers put each in front.
func (l *Listener) giveBack(left *leftovers) {
	slices.SortFunc(left.tasks, func(a, b *task) int {
		if a.number > b.number {
			return -1
		}
		return 1
	})
	for _, t := range left.tasks {
		l.settle(t, adapters.Back, "back")
	}
}
