// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"lintel/gateway"
	"lintel/specs"
)

// watchEvery is how often a watched workspace is looked at. Looking finds every way in which files
// come to be: editors, copies, and the exchange of a link under a mounted volume.
const watchEvery = 500 * time.Millisecond

// reloader reads a workspace again while it is served.
type reloader struct {
	p   *program
	dir string
	// seen sums up the files as they were read last.
	seen [sha256.Size]byte
	// operations is how many the last good version has.
	operations int
	// house is nil where only hosts are played.
	house *house
	sims  *simulation
	log   logging
	// talk is set by lintel dev: files are looked at more often, and it is told how reloads go.
	talk *devTalk

	mu sync.Mutex // one reload at a time
}

// hangupSignals delivers SIGHUP; of many that come at once, one.
func hangupSignals() (hangup <-chan os.Signal, stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	return c, func() { signal.Stop(c) }
}

// start waits for signals and, if watch is set, for changes of files, until ctx ends or the returned
// function is called.
func (r *reloader) start(ctx context.Context, hangup <-chan os.Signal, watch bool) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.run(ctx, hangup, watch)
	}()
	return func() {
		cancel()
		<-done
	}
}

func (r *reloader) run(ctx context.Context, hangup <-chan os.Signal, watch bool) {
	var ticks <-chan time.Time
	t := time.NewTimer(r.pace(0))
	defer t.Stop()
	if watch {
		ticks = t.C
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			r.reload("signal")
		case <-ticks:
			begin := time.Now()
			changed := r.changed()
			looked := time.Since(begin)
			if changed {
				settle(ctx, r.dir)
				r.reload("file")
			}
			t.Reset(r.pace(looked))
		}
	}
}

// pace is the pause until files are looked at again. Under development that is often, as long as a look is cheap.
func (r *reloader) pace(look time.Duration) time.Duration {
	if r.talk == nil {
		return watchEvery
	}
	return min(max(devPace, 20*look), watchEvery)
}

// changed reports that files are not what was read last.
func (r *reloader) changed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return look(r.dir) != r.seen
}

// Reload implements gateway.Operator.
func (r *reloader) Reload() *gateway.Refusal { return r.reload("admin") }

// Hold implements gateway.Operator.
func (r *reloader) Hold(backend string, held bool) bool { return r.house.hold(backend, held) }

// reload is one transaction: the workspace as it is now is loaded, checked and compiled, and then
// takes the place of the one that serves, or is refused as a whole.
func (r *reloader) reload(cause string) *gateway.Refusal {
	r.mu.Lock()
	defer r.mu.Unlock()
	start := time.Now()
	r.seen = look(r.dir)
	findings, err := r.try()
	if err == nil && r.talk == nil {
		r.log.Info("workspace reloaded", "cause", cause, "ms", time.Since(start).Milliseconds())
		return nil
	}
	if err == nil {
		r.talk.reloaded(time.Since(start), r.operations, nil)
		return nil
	}
	refused := gateway.Refusal{Cause: cause, Error: err.Error(), Findings: findings}
	if r.house != nil {
		r.house.gateway.Refused(refused)
	}
	if r.talk != nil {
		r.talk.reloaded(time.Since(start), r.operations, &refused)
		return &refused
	}
	first := ""
	if findings.HasErrors() {
		for _, f := range findings {
			if f.Severity == specs.Error {
				first = f.String()
				break
			}
		}
	}
	r.log.Error("workspace refused, the one in place keeps serving", "cause", cause, "error", err.Error(), "finding", first)
	return &refused
}

func (r *reloader) try() (specs.Findings, error) {
	compiled, findings, err := r.p.ready(r.dir)
	if err != nil {
		return findings, err
	}
	backends, err := r.sims.backends(compiled)
	if err != nil {
		return findings, err
	}
	r.operations = len(compiled.operations)
	if r.house == nil { // the hosts alone
		return findings, nil
	}
	if err := r.house.put(compiled, backends); err != nil {
		return findings, err
	}
	if r.house.pending(compiled) {
		r.log.Warn("the gateway or operations section of lintel.yaml has changed; it takes effect at the next start or handover")
	}
	return findings, nil
}
