// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
	"lintel/gateway/journal"
)

// receiver is who takes notifications, in place of the network.
type receiver struct {
	t      *testing.T
	secret []byte

	mu    sync.Mutex
	down  bool
	tries []time.Time
	got   []notification
}

// RoundTrip implements http.RoundTripper.
func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tries = append(r.tries, time.Now())
	if r.down {
		return nil, errors.New("refused")
	}
	mac := hmac.New(sha256.New, r.secret)
	mac.Write([]byte(req.Header.Get("Webhook-Id") + "." + req.Header.Get("Webhook-Timestamp") + "." + string(body)))
	if req.Header.Get("Webhook-Signature") != "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
		r.t.Errorf("headers %q", req.Header)
	}
	var n notification
	if err := json.Unmarshal(body, &n); err != nil {
		r.t.Error(err)
	}
	if req.Header.Get("Webhook-Id") != n.id() {
		r.t.Errorf("id %q", req.Header.Get("Webhook-Id"))
	}
	r.got = append(r.got, n)
	return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}, nil
}

func (r *receiver) set(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
}

// heard returns what came since the last time, and forgets it.
func (r *receiver) heard() (got []notification, tries []time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	got, tries = r.got, r.tries
	r.got, r.tries = nil, nil
	return got, tries
}

// hook makes the webhook that leads there.
func (r *receiver) hook() *Webhook {
	r.t.Helper()
	h, err := NewWebhook(WebhookOptions{URL: "http://receiver.example/", Secret: r.secret})
	if err != nil {
		r.t.Fatal(err)
	}
	h.client.Transport = r
	return h
}

// telling tells of what ended during f.
func (w *world) telling(f func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { w.gateway.Tell(ctx) })
	defer wg.Wait()
	defer cancel()
	f()
}

func newReceiver(t *testing.T) *receiver {
	return &receiver{t: t, secret: []byte("0123456789abcdef")}
}

// TestWebhook: who did not wait is told, once and at once; who has the answer is not.
func TestWebhook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := newReceiver(t), newWorld(t)
		lost := &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
		w.serve(func(o *Options, rt *Route) { o.Webhook = r.hook(); rt.Means.Inquiry = ask(w, w.knows) })
		w.telling(func() {
			told(t, w.pay(keyB, `{}`), 201, "")
			told(t, w.pay("key-w-0123456789", `{}`, "Prefer", "respond-async, wait=5"), 201, "")
			time.Sleep(time.Minute)
			if got, _ := r.heard(); len(got) != 0 {
				t.Errorf("who has the answer was told: %+v", got)
			}
			release := make(chan struct{})
			w.host = func(context.Context, string) error { <-release; return nil }
			path := w.pay(keyA, `{}`, "Prefer", "respond-async").Header().Get("Location")
			close(release)
			synctest.Wait()
			got, tries := r.heard()
			if len(got) != 1 || got[0].State != "completed" || got[0].OperationID != "post-pay" || got[0].Operation != path || path == "" || len(tries) != 1 {
				t.Errorf("%+v %v", got, tries)
			}
			// Whoever was told to come back finds what was never sent, too.
			release = make(chan struct{})
			w.host = func(context.Context, string) error {
				<-release
				return &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable}
			}
			path = w.pay("key-c-0123456789", `{}`, "Prefer", "respond-async").Header().Get("Location")
			close(release)
			synctest.Wait()
			if got, _ := r.heard(); len(got) != 1 || got[0].State != "not-applied" || got[0].Operation != path {
				t.Errorf("%+v", got)
			}
			if s := statusDoc(t, do(w.gateway, "GET", path, "")); s.State != "not-applied" || s.Answer == nil || s.Answer.Status != 503 {
				t.Errorf("%+v", s)
			}
			// What was in doubt is told when it is resolved.
			w.host = func(_ context.Context, id string) error { w.apply(id); return lost }
			told(t, w.pay("key-d-0123456789", `{}`), 504, "in-doubt unknown never")
			w.resolving(func() { time.Sleep(10 * time.Second) })
			if got, _ := r.heard(); len(got) != 1 || got[0].State != "completed" {
				t.Errorf("%+v", got)
			}
		})
		w.close()
	})
	if _, err := NewWebhook(WebhookOptions{URL: "http://receiver.example/", Secret: []byte("short")}); err == nil {
		t.Error("a short secret was taken")
	}
}

// TestWebhookRestart: that somebody is to be told outlives the process: by SIGKILL, and by a loss of power.
// Once they took it, it is not told again.
func TestWebhookRestart(t *testing.T) {
	for name, end := range map[string]func(*world){
		"close": func(*world) {}, "kill": func(w *world) { w.disk.Crash() }, "power": func(w *world) { w.disk.LosePower() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, w := newReceiver(t), newWorld(t)
				w.host = slowly
				r.set(true)
				w.serve(func(o *Options, _ *Route) { o.Webhook = r.hook() })
				w.telling(func() {
					if c := w.pay(keyA, `{}`, "Prefer", "respond-async").Code; c != 202 {
						t.Fatal(c)
					}
					time.Sleep(15 * time.Second)
				})
				if got, tries := r.heard(); len(got) != 0 || len(tries) != 2 {
					t.Errorf("%d told, %d attempts", len(got), len(tries))
				}
				if text := doAdmin(w.gateway.Admin(), "GET", "/metrics", "").Body.String(); !strings.Contains(text, "lintel_webhooks_waiting 1\n") ||
					strings.Contains(text, "lintel_webhooks_oldest_waiting_seconds 0\n") {
					t.Error("the metrics do not know that somebody is to be told")
				}
				r.set(false)
				for life := range 3 {
					end(w)
					w.close()
					w.open()
					w.serve(func(o *Options, _ *Route) { o.Webhook = r.hook() })
					w.telling(func() { time.Sleep(time.Hour) })
					if got, _ := r.heard(); (len(got) == 1) != (life == 0) {
						t.Errorf("life %d: told %d times", life, len(got))
					}
					if s := w.journal.Stats(); s.Untold != 0 || !s.OldestUntold.IsZero() {
						t.Errorf("life %d: %+v", life, s)
					}
				}
				w.close()
			})
		})
	}
}

// TestWebhookBacksOff: attempts become rarer, and end after a day.
func TestWebhookBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := newReceiver(t), newWorld(t)
		w.host = slowly
		r.set(true)
		w.serve(func(o *Options, _ *Route) { o.Webhook = r.hook() })
		w.telling(func() {
			w.pay(keyA, `{}`, "Prefer", "respond-async")
			time.Sleep(72 * time.Hour)
		})
		_, tries := r.heard()
		if n := len(tries); n < 100 || n > 200 {
			t.Fatalf("%d attempts", n)
		}
		for i := 1; i < len(tries); i++ {
			pause := tries[i].Sub(tries[i-1])
			want := min(max(tries[i-1].Sub(tries[0]), 10*time.Second), 10*time.Minute)
			if pause < want || pause > want+2*time.Second {
				t.Errorf("attempt %d comes after %s, not %s", i, pause, want)
			}
		}
		if all := tries[len(tries)-1].Sub(tries[0]); all < 24*time.Hour || all > 24*time.Hour+11*time.Minute {
			t.Errorf("the last attempt is after %s", all)
		}
		e, err := w.journal.Get(t.Context(), w.journal.ID(&journal.Call{Operation: "post-pay", Key: keyA}))
		if err != nil || e == nil || e.Untold {
			t.Errorf("%+v %v", e, err)
		}
		w.close()
	})
}

// TestWebhookMany: more than are told of at once, and one stays up to date.
func TestWebhookMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := newReceiver(t), newWorld(t)
		w.host = slowly
		w.serve(func(o *Options, _ *Route) { o.Webhook = r.hook() })
		for n := range 5 * tellAtOnce {
			w.pay("key-many-01234567"+strings.Repeat("x", n), `{}`, "Prefer", "respond-async")
		}
		time.Sleep(time.Second)
		w.telling(synctest.Wait)
		if got, _ := r.heard(); len(got) != 5*tellAtOnce {
			t.Errorf("%d were told at once", len(got))
		}
		w.close()
	})
}

// slowly lets callers that do not want to wait go first.
func slowly(context.Context, string) error { time.Sleep(10 * time.Millisecond); return nil }
