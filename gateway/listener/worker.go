// SPDX-License-Identifier: Apache-2.0

package listener

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"lintel/adapters"
)

// work delivers the messages of one worker, one after the other. When running ends those that wait are left.
func (l *Listener) work(running context.Context, tasks <-chan *task, left *leftovers) {
	for t := range tasks {
		if running.Err() != nil {
			left.add(t)
			continue
		}
		l.deliver(running, t, left)
	}
}

// deliver tries until a message is delivered, is poison, or the listener ends.
func (l *Listener) deliver(running context.Context, t *task, left *leftovers) {
	pause := l.opts.First
	for attempt := 1; ; attempt++ {
		err := l.attempt(t)
		var refused *Refused
		switch {
		case err == nil:
			l.settle(t, adapters.Done, "done")
			return
		case errors.As(err, &refused):
			l.poison(t, "it was refused: "+refused.Why)
			return
		case l.working.Err() != nil:
			left.add(t)
			return
		case attempt >= l.opts.Attempts:
			l.poison(t, fmt.Sprintf("%d attempts failed, the last: %v", attempt, err))
			return
		}
		l.metrics.count("retried")
		wait := pause/2 + rand.N(pause/2+1)
		var later *Later
		if errors.As(err, &later) {
			wait = max(wait, min(later.After, l.opts.Most))
		}
		l.opts.Log.Warn("delivery failed, and is tried again", "message", t.m.ID, "attempt", attempt, "pause", wait.String(), "error", err.Error())
		pause = min(2*pause, l.opts.Most)
		select {
		case <-time.After(wait):
		case <-running.Done():
			left.add(t)
			return
		}
	}
}

// attempt delivers once. A panic is a failure like any other.
func (l *Listener) attempt(t *task) (err error) {
	ctx, cancel := context.WithTimeout(l.working, l.opts.Timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal error: panic: %T", p)
		}
	}()
	return t.job.Deliver(ctx)
}

// settleTime bounds what is said to the broker about one message.
const settleTime = 10 * time.Second

// poison puts a message away: to the backout queue, with where it came from and why, or to where the
// broker puts such messages. If that fails the message goes back.
func (l *Listener) poison(t *task, why string) {
	if l.opts.Backout == "" {
		l.opts.Log.Error("message is given up", "message", t.m.ID, "reason", why)
		l.settle(t, adapters.Dead, "dead")
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.context()), settleTime)
	defer cancel()
	said := map[string]any{"application.LintelListener": l.opts.Name, "application.LintelReason": why[:min(len(why), 500)]}
	if err := t.m.Bury(ctx, l.opts.Backout, said); err != nil {
		l.opts.Log.Error("message cannot be put to the backout queue and goes back", "message", t.m.ID, "reason", why, "error", err.Error())
		l.settle(t, adapters.Back, "back")
		return
	}
	l.opts.Log.Error("message is put to the backout queue", "message", t.m.ID, "reason", why)
	l.settle(t, adapters.Done, "backout")
}

// context is what settling hangs on: it must be possible while the listener ends.
func (l *Listener) context() context.Context {
	if l.working != nil {
		return l.working
	}
	return context.Background()
}

// settle tells the broker what became of a message.
func (l *Listener) settle(t *task, s adapters.Settlement, result string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.context()), settleTime)
	defer cancel()
	if err := t.m.Settle(ctx, s); err != nil {
		l.opts.Log.Warn("message could not be settled, and may come again", "message", t.m.ID, "result", result, "error", err.Error())
		result = "unsettled"
	}
	l.metrics.done(t.number, result, time.Since(t.begun))
}
