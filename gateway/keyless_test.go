// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
	"lintel/gateway/journal"
	"lintel/gateway/journal/filestore"
)

// journalFrom makes a journal whose store is opened by open.
func journalFrom(t *testing.T, open func() (journal.Store, error)) *journal.Journal {
	t.Helper()
	j, err := journal.New(t.Context(), journal.Options{
		Open: func(context.Context) (journal.Store, error) { return open() }, Secret: bytes.Repeat([]byte{1}, journal.MinSecret), Owner: "one",
	})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// TestKeylessHandover: at a handover, calls without a key wait for the journal before they take a place at the host and
// some of its time; others go on meanwhile.
func TestKeylessHandover(t *testing.T) {
	for _, held := range []time.Duration{500 * time.Millisecond, 1500 * time.Millisecond, 3 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			j := journalFrom(t, func() (journal.Store, error) {
				if time.Since(begun) < held {
					return nil, journal.ErrHeld
				}
				return filestore.Open(filestore.Options{Disk: &filestore.Memory{}})
			})
			defer func() { _ = j.Close() }()
			host := adapterFunc(func(context.Context, adapters.Message) (adapters.Message, error) {
				time.Sleep(400 * time.Millisecond)
				return adapters.Message{Body: []byte("done 1")}, nil
			})
			guard, err := adapters.NewGuard("core", host, adapters.GuardOptions{Timeout: time.Second, Max: 4, Wait: 100 * time.Millisecond, Queue: 100})
			if err != nil {
				t.Fatal(err)
			}
			defer guard.Close()
			at := func(r *Route) {
				r.Start, r.Backend, r.Timeout = func() Runner { return &payRunner{} }, guard, 1300*time.Millisecond
			}
			g := newGateway(t, Options{Journal: j, Timeout: 8 * time.Second},
				routeOf("POST", "/pay", func(r *Route) { at(r); r.Keys = KeysOptional }),
				routeOf("GET", "/read", func(r *Route) { at(r); r.Safe = true }))
			var wg sync.WaitGroup
			expect := func(method, target, body string) {
				if w := do(g, method, target, body); w.Code >= 300 {
					t.Errorf("%s after %s: %d %s", method, held, w.Code, w.Body)
				}
			}
			for range 4 {
				wg.Go(func() { expect("POST", "/pay", "{}") })
			}
			time.Sleep(10 * time.Millisecond)
			expect("GET", "/read", "")
			wg.Wait()
		})
	}
}

// TestKeylessUnrecorded: where nothing can be recorded, no host is asked for anything, also by steps that change nothing.
func TestKeylessUnrecorded(t *testing.T) {
	for _, lines := range []string{"a safe: ok\nb: ok", "a safe: refused\nb: ok", "a: unreachable", "a safe: lost\nb: ok"} {
		synctest.Test(t, func(t *testing.T) {
			j := journalFrom(t, func() (journal.Store, error) { return nil, errors.New("no disk") })
			defer func() { _ = j.Close() }()
			s, steps := play(lines)
			g := newGateway(t, Options{Journal: j}, routeOf("POST", "/a", func(r *Route) {
				r.Keys, r.Steps, r.Answer = KeysOptional, steps, func() Answerer { return fakeAnswer{} }
			}))
			w := do(g, "POST", "/a", "{}")
			told(t, w, 503, "journal-unavailable not-sent later")
			if w.Header().Get("Retry-After") == "" || len(s.asked) > 0 {
				t.Errorf("%q: %v %s, asked %s", lines, w.Header(), w.Body, fmt.Sprint(s.asked))
			}
		})
	}
}

// TestKeylessTold: a caller without a key is told when it may send again, and nothing of a key that it does not have.
func TestKeylessTold(t *testing.T) {
	failed := func(fate adapters.Fate, kind adapters.Kind) error { return &adapters.Error{Fate: fate, Kind: kind} }
	for _, tt := range []struct {
		name    string
		host    error
		disk    error
		status  int
		problem string
		after   bool
	}{
		{name: "not sent", host: failed(adapters.NotSent, adapters.Unreachable), status: 503, problem: "backend-unreachable not-sent later", after: true},
		{name: "not recorded", disk: errors.New("injected"), status: 503, problem: "journal-unavailable not-sent later", after: true},
		{name: "not applied", host: failed(adapters.NotApplied, adapters.Broken), status: 502, problem: "not-applied not-applied later"},
		{name: "refused", host: reply("refused"), status: 422, problem: "host-outcome not-applied later"},
		{name: "in doubt", host: failed(adapters.InDoubt, adapters.Timeout), status: 504, problem: "in-doubt unknown never"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.disk.Fault = func(string) error { return tt.disk }
				w.host = func(context.Context, string) error { return tt.host }
				w.serve(func(_ *Options, r *Route) { r.Keys = KeysOptional })
				r := w.pay("", "{}")
				told(t, r, tt.status, tt.problem)
				if got := r.Header().Get("Retry-After") != ""; got != tt.after {
					t.Errorf("Retry-After is there: %v, want %v", got, tt.after)
				}
				w.close()
			})
		})
	}
}
