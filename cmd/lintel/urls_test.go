// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/specs"
)

// TestSeveralURLs: of several ways to a host over HTTP the next is taken for what was provably not sent, and
// for nothing else: a host that took the request and said no word, or said that it failed, may have done the work.
func TestSeveralURLs(t *testing.T) {
	var books atomic.Int32
	host := func(answer http.HandlerFunc) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			books.Add(1)
			answer(w, r)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	well := host(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("done")) })
	mute := host(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	failed := host(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	dead := "http://" + adaptertest.Reserve(t)
	for name, c := range map[string]struct {
		urls []string
		fate adapters.Fate
		done bool
	}{
		"the first is dead":        {[]string{dead, well}, 0, true},
		"the first is mute":        {[]string{mute, well}, adapters.InDoubt, false},
		"the first failed":         {[]string{failed, well}, adapters.InDoubt, false},
		"the second is mute":       {[]string{dead, mute, well}, adapters.InDoubt, false},
		"the second is never used": {[]string{well, mute}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := &specs.Backend{Name: "core", Timeout: patience, HTTP: &specs.HTTPConfig{Method: "POST", Connect: 10 * time.Second, MaxReply: 1 << 10}}
			b.Concurrency.Max = 4
			for _, u := range c.urls {
				b.HTTP.URLs = append(b.HTTP.URLs, specs.Text{Value: u})
			}
			a, err := newAdapter(nil, b)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = a.(*adapters.Endpoints).Close() }()
			before := books.Load()
			reply, err := a.Exchange(t.Context(), adapters.Message{Body: []byte("pay")})
			if c.done != (err == nil) || c.done && string(reply.Body) != "done" {
				t.Errorf("%q, %v", reply.Body, err)
			}
			var failure *adapters.Error
			if !c.done && (!errors.As(err, &failure) || failure.Fate != c.fate) {
				t.Errorf("%v", err)
			}
			if n := books.Load() - before; n != 1 {
				t.Errorf("the hosts took %d requests", n)
			}
		})
	}
}
