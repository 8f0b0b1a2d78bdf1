// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
	"lintel/transforms"
)

// rescued is a runner with a fixed answer.
type rescued struct{ fakeRunner }

func (rescued) Fallback(int) (transforms.Output, error) {
	return transforms.Output{Status: 200, Body: []byte(`"static"`), Outcome: "fallback"}, nil
}

// worded answers with what the host said.
func worded() Runner {
	return rescued{fakeRunner{
		request: func(transforms.Input) (transforms.Message, error) {
			return transforms.Message{Body: []byte("ask")}, nil
		},
		reply: func(m transforms.Message) (transforms.Output, error) {
			out, err := replied(string(m.Body))
			if err == nil && out.Continue {
				out = transforms.Output{Status: 200, Body: fmt.Appendf(nil, "%q", m.Body), Outcome: "ok"}
			}
			return out, err
		},
	}}
}

// hostOf is a host that does what the word says at the moment.
func hostOf(word *string) exchange {
	return func(ctx context.Context, c adapters.Call) (adapters.Message, error) { return host(ctx, c, *word) }
}

func TestFallback(t *testing.T) {
	for _, tt := range []struct {
		name, host, other string
		fallbacks         []Fallback
		status            int
		body, source      string
	}{
		{"the host answers", "fine", "", []Fallback{{}}, 200, `"fine"`, ""},
		{"a refusal is an answer", "refused", "", []Fallback{{}}, 422, "", ""},
		{"not there", "unreachable", "", []Fallback{{}}, 200, `"static"`, "static"},
		{"no reply", "lost", "", []Fallback{{}}, 200, `"static"`, "static"},
		{"unreadable", "unreadable", "", []Fallback{{}}, 200, `"static"`, "static"},
		{"host trouble", "abend", "", []Fallback{{}}, 200, `"static"`, "static"},
		{"another host", "lost", "other", []Fallback{{Backend: exchange(nil)}, {}}, 200, `"other"`, "backend"},
		{"the other host is down too", "lost", "unreachable", []Fallback{{Backend: exchange(nil)}, {}}, 200, `"static"`, "static"},
		{"the other host is in trouble", "lost", "abend", []Fallback{{Backend: exchange(nil)}, {}}, 200, `"static"`, "static"},
		{"the other host refuses", "lost", "refused", []Fallback{{Backend: exchange(nil)}, {}}, 422, "", "backend"},
		{"nothing is remembered", "lost", "", []Fallback{{Last: time.Minute}}, 504, "", ""},
		{"none", "lost", "", nil, 504, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for i := range tt.fallbacks {
				if tt.fallbacks[i].Backend != nil {
					tt.fallbacks[i].Backend, tt.fallbacks[i].Timeout = hostOf(&tt.other), time.Second
				}
			}
			g := newGateway(t, Options{}, routeOf("GET", "/a", func(r *Route) {
				r.Start, r.Backend, r.Fallbacks = worded, hostOf(&tt.host), tt.fallbacks
			}))
			w := do(g, "GET", "/a", "")
			if w.Code != tt.status || w.Header().Get(headerFallback) != tt.source || tt.body != "" && w.Body.String() != tt.body {
				t.Errorf("%d %s, from %q", w.Code, w.Body, w.Header().Get(headerFallback))
			}
		})
	}
}

// TestNoFallbackForUnsafe: what became of a change is told, whatever the routes say.
func TestNoFallbackForUnsafe(t *testing.T) {
	word := "lost"
	g := newGateway(t, Options{}, routeOf("POST", "/a", func(r *Route) {
		r.Start, r.Backend, r.Fallbacks = worded, hostOf(&word), []Fallback{{}}
	}))
	if p := problemIn(t, do(g, "POST", "/a", "{}")); p.Code != "in-doubt" {
		t.Errorf("%+v", p)
	}
}

// TestLastAnswer: the last good answer to the same request, for so long, and never another's.
func TestLastAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		word := "first"
		g := newGateway(t, Options{}, routeOf("GET", "/a/{id}", func(r *Route) {
			r.Start, r.Backend, r.Fallbacks = worded, hostOf(&word), []Fallback{{Last: time.Minute}}
		}))
		get := func(path, want string) {
			t.Helper()
			w := do(g, "GET", path, "")
			got := fmt.Sprintf("%d %s age %s", w.Code, strings.TrimSpace(w.Body.String()), w.Header().Get("Age"))
			if w.Code >= 400 {
				got = fmt.Sprint(w.Code)
			}
			if got != want {
				t.Errorf("%s: %s, want %s", path, got, want)
			}
		}
		get("/a/1", `200 "first" age `)
		word = "second"
		get("/a/1", `200 "second" age `)
		get("/a/2", `200 "second" age `)
		word = "lost"
		time.Sleep(30 * time.Second)
		get("/a/1", `200 "second" age 30`)
		get("/a/3", "504")
		word = "abend"
		time.Sleep(29 * time.Second)
		get("/a/1", `200 "second" age 59`) // trouble is not remembered
		time.Sleep(2 * time.Second)
		get("/a/1", "502")
	})
}

// TestMemory: it is there where a fallback needs it, and bounded.
func TestMemory(t *testing.T) {
	if newMemory([]Fallback{{}}) != nil {
		t.Error("a memory that nobody needs")
	}
	m := newMemory([]Fallback{{Last: time.Hour}})
	now := time.Now()
	for n := range 3 * memoryEntries {
		m.put(cacheKey{byte(n), byte(n >> 8)}, &kept{made: now})
	}
	if n, _ := m.state(); n != memoryEntries {
		t.Errorf("%d entries", n)
	}
	for n := range 100 {
		m.put(cacheKey{byte(n)}, &kept{body: make([]byte, 1<<20), made: now})
	}
	if _, bytes := m.state(); bytes > memoryBytes {
		t.Errorf("%d bytes", bytes)
	}
}

// TestFallbackAfterCancel: nobody waits for the answer.
func TestFallbackAfterCancel(t *testing.T) {
	g := newGateway(t, Options{}, routeOf("GET", "/a", func(r *Route) {
		r.Start, r.Fallbacks = worded, []Fallback{{}}
		r.Backend = fails(&adapters.Error{Kind: adapters.Canceled, Fate: adapters.NotSent, Cause: errors.New("gone")})
	}))
	if w := do(g, "GET", "/a", ""); w.Code != 503 {
		t.Errorf("%d", w.Code)
	}
}
