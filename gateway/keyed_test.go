// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
	"lintel/gateway/journal"
	"lintel/gateway/journal/filestore"
	"lintel/gateway/journal/journaltest"
	"lintel/specs"
	"lintel/transforms"
)

// world is a gateway with a journal before a host that counts.
type world struct {
	t       testing.TB
	disk    *journaltest.Disk
	journal *journal.Journal
	gateway *Gateway

	mu      sync.Mutex
	applied map[string]int // by exchange id
	// ahead is how far the clock on the wall is.
	ahead atomic.Int64
	// host, if set, takes the place of what the host does.
	host func(ctx context.Context, id string) error
	// holds tells that the wire keeps replies until they are recorded.
	holds bool
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, disk: journaltest.NewDisk(1), applied: map[string]int{}}
	w.open()
	t.Cleanup(w.close)
	return w
}

func (w *world) open() {
	w.t.Helper()
	var err error
	w.journal, err = journal.New(context.Background(), journal.Options{
		Open: func(context.Context) (journal.Store, error) {
			return filestore.Open(filestore.Options{Disk: w.disk})
		},
		Secret: bytes.Repeat([]byte{1}, 32), Owner: "one", Now: w.now,
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// now is the clock on the wall.
func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

func (w *world) close() {
	if w.journal != nil {
		_ = w.journal.Close()
		w.journal = nil
	}
}

// serve makes the gateway; edit may be nil.
func (w *world) serve(edit func(*Options, *Route)) {
	w.t.Helper()
	o := Options{Journal: w.journal, Timeout: 3 * time.Second, Now: w.now}
	r := routeOf("POST", "/pay", func(r *Route) {
		r.Keys = KeysRequired
		r.Start = func() Runner { return &payRunner{} }
		r.Backend = exchange(w.exchange)
		r.Timeout = time.Second
	})
	if edit != nil {
		edit(&o, &r)
	}
	w.gateway = newGateway(w.t, o, r)
}

// payRunner sends the exchange id and answers with the reply.
type payRunner struct{ in transforms.Input }

func (r *payRunner) Request(in transforms.Input) (transforms.Message, error) {
	r.in = in
	return transforms.Message{Body: []byte(in.ExchangeID)}, nil
}

func (r *payRunner) Reply(m transforms.Message) (transforms.Output, error) {
	switch text, _, _ := strings.Cut(string(m.Body), " "); text {
	case "refused":
		return transforms.Output{Status: 422, Problem: &transforms.Problem{Title: "Refused"}, NotApplied: true, Outcome: "422#1"}, nil
	case "trouble":
		return transforms.Output{Status: 502, Problem: &transforms.Problem{Title: "Trouble"}, HostFailed: true, Outcome: "502#1"}, nil
	case "later":
		return transforms.Output{
			Status: 503, Problem: &transforms.Problem{Title: "Later"}, HostFailed: true, Outcome: "503#2",
			Headers: []transforms.Header{{Name: "Retry-After", Value: "5"}},
		}, nil
	case "unknown":
		return transforms.Output{Status: 200, Body: []byte(`{}`), InDoubt: true, Outcome: "200#1"}, nil
	case "garbage":
		return transforms.Output{}, &transforms.FieldError{Field: "X", Reason: "garbage"}
	case "busy":
		return transforms.Output{Status: 503, Problem: &transforms.Problem{Title: "Busy"}, NotApplied: true, HostFailed: true, Outcome: "503#1"}, nil
	}
	return transforms.Output{
		Status: 201, Headers: []transforms.Header{{Name: "Location", Value: "/pay/1"}}, Outcome: "ok",
		Body: fmt.Appendf(nil, `{"reply":%q}`, m.Body),
	}, nil
}

func (r *payRunner) Release() {}

// hostPatience is how long an exchange may take: exact in a bubble, and out of reach outside of one, where a machine may
// stand still.
func hostPatience() time.Duration {
	if time.Now().Year() == 2000 { // the clock of testing/synctest
		return time.Second
	}
	return time.Minute
}

// exchange is the host: it applies what comes.
func (w *world) exchange(ctx context.Context, c adapters.Call) (adapters.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, hostPatience())
	defer cancel()
	if c.Before != nil {
		if err := c.Before(ctx); err != nil {
			return adapters.Message{}, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Withheld, Cause: err}
		}
	}
	if w.holds {
		c.Recording.Hold(func() {})
	}
	id := string(c.Message.Body)
	if w.host != nil {
		if err := w.host(ctx, id); err != nil {
			var said reply
			if !errors.As(err, &said) {
				return adapters.Message{}, err
			}
			m := adapters.Message{Body: []byte(said)}
			c.Judge(m)
			return m, nil
		}
	}
	m := adapters.Message{Body: fmt.Appendf(nil, "done %d", w.apply(id))}
	c.Judge(m)
	return m, nil
}

// reply is an error that is a reply of the host.
type reply string

func (r reply) Error() string { return string(r) }

func (w *world) apply(id string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.applied[id]++
	return len(w.applied)
}

// total is how often anything was applied.
func (w *world) total() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, times := range w.applied {
		n += times
	}
	return n
}

const (
	keyA = "key-a-0123456789"
	keyB = "key-b-0123456789"
)

func (w *world) pay(key, body string, headers ...string) *httptest.ResponseRecorder {
	if key != "" {
		headers = append([]string{"Idempotency-Key", key}, headers...)
	}
	return do(w.gateway, "POST", "/pay", body, headers...)
}

// told checks status and, for problems, their name, outcome and retry: "in-doubt unknown never".
func told(t *testing.T, r *httptest.ResponseRecorder, status int, problem string) {
	t.Helper()
	got := ""
	if strings.Contains(r.Header().Get("Content-Type"), "problem") {
		p := problemIn(t, r)
		got = strings.Join(strings.Fields(strings.TrimPrefix(p.Type, problemBase)+" "+p.Outcome+" "+p.Retry), " ")
	}
	if r.Code != status || got != problem {
		t.Fatalf("told %d %q, want %d %q: %s", r.Code, got, status, problem, r.Body)
	}
}

// TestI01Replay: the same key twice is done once, and the answer is the same byte by byte.
func TestI01Replay(t *testing.T) {
	w := newWorld(t)
	w.serve(nil)
	first := w.pay(keyA, `{"amount":1}`)
	told(t, first, 201, "")
	second := w.pay(keyA, `{"amount":1}`)
	if second.Code != first.Code || second.Body.String() != first.Body.String() || second.Header().Get("Location") != "/pay/1" {
		t.Errorf("first %d %s, second %d %s %v", first.Code, first.Body, second.Code, second.Body, second.Header())
	}
	if first.Header().Get(headerReplay) != "" || second.Header().Get(headerReplay) != "true" {
		t.Error("the marker is wrong")
	}
	if w.total() != 1 {
		t.Errorf("applied %d times", w.total())
	}
	// The same after a restart.
	w.close()
	w.open()
	w.serve(nil)
	if third := w.pay(`"`+keyA+`"`, `{"amount":1.0}`); third.Body.String() != first.Body.String() || w.total() != 1 {
		t.Errorf("after a restart: %s", third.Body)
	}
}

// TestI02SameTime: the same key a hundred times at once is done once.
func TestI02SameTime(t *testing.T) {
	w := newWorld(t)
	w.host = func(context.Context, string) error { time.Sleep(20 * time.Millisecond); return nil }
	w.serve(nil)
	var wg sync.WaitGroup
	var first, replays, running atomic.Int32
	for range 100 {
		wg.Go(func() {
			r := w.pay(keyA, `{"amount":1}`)
			switch {
			case r.Code == 201 && r.Header().Get(headerReplay) == "":
				first.Add(1)
			case r.Code == 201:
				replays.Add(1)
			case r.Code == 409 && r.Header().Get("Retry-After") != "":
				running.Add(1)
			default:
				t.Errorf("%d %s", r.Code, r.Body)
			}
		})
	}
	wg.Wait()
	if first.Load() != 1 || w.total() != 1 {
		t.Errorf("%d done, %d replayed, %d running; applied %d", first.Load(), replays.Load(), running.Load(), w.total())
	}
}

// TestI03OtherPayload: the same key with another request is refused.
func TestI03OtherPayload(t *testing.T) {
	w := newWorld(t)
	w.serve(nil)
	told(t, w.pay(keyA, `{"amount":1.00}`), 201, "")
	told(t, w.pay(keyA, `{"amount":1.01}`), 422, "key-reused not-sent changed")
	told(t, w.pay(keyA, `{"amount":1.00,"x":1}`), 422, "key-reused not-sent changed")
	if w.total() != 1 {
		t.Errorf("applied %d times", w.total())
	}
}

// TestI05BadKeys: no key, or one that is none, sends nothing.
func TestI05BadKeys(t *testing.T) {
	w := newWorld(t)
	w.serve(nil)
	told(t, w.pay("", `{}`), 400, "key-missing not-sent changed")
	told(t, w.pay("short", `{}`), 400, "key-invalid not-sent changed")
	told(t, w.pay(strings.Repeat("x", 129), `{}`), 400, "key-invalid not-sent changed")
	told(t, w.pay(keyA+"\x7f", `{}`), 400, "key-invalid not-sent changed")
	told(t, w.pay(keyA, `{}`, "Idempotency-Key", keyB), 400, "key-invalid not-sent changed")
	if r := w.pay(keyA, `{}`, "Idempotency_Key", keyB); r.Code != 400 {
		t.Errorf("a twin of the header: %d %s", r.Code, r.Body)
	}
	if w.total() != 0 {
		t.Errorf("applied %d times", w.total())
	}
}

// TestI17ExpiredKey: a key with a time in it is refused when what was done with it may be forgotten; as long as it is not
// forgotten, it is told.
func TestI17ExpiredKey(t *testing.T) {
	uuid7 := func(at time.Time) string {
		ms := fmt.Sprintf("%012x", at.UnixMilli())
		return ms[:8] + "-" + ms[8:] + "-7abc-9def-0123456789ab"
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.serve(nil)
		key := uuid7(time.Now())
		told(t, w.pay(key, `{}`), 201, "")
		told(t, w.pay(uuid7(time.Now().Add(-journal.DefaultRetention-time.Minute)), `{}`), 422, "key-expired not-sent changed")
		told(t, w.pay(uuid7(time.Now().Add(-journal.DefaultRetention+time.Minute)), `{}`), 201, "")
		time.Sleep(journal.DefaultRetention + 30*time.Minute)
		if r := w.pay(key, `{}`); r.Code != 201 || r.Header().Get(headerReplay) != "true" {
			t.Errorf("%d %s", r.Code, r.Body)
		}
		time.Sleep(2 * time.Hour)
		told(t, w.pay(key, `{}`), 422, "key-expired not-sent changed")
		if w.total() != 2 {
			t.Errorf("applied %d times", w.total())
		}
		w.close()
	})
}

// TestI06Meaning: the same request written in another way is the same request.
func TestI06Meaning(t *testing.T) {
	w := newWorld(t)
	w.serve(nil)
	told(t, w.pay(keyA, `{"a":1.50,"b":"x"}`), 201, "")
	if r := w.pay(keyA, " {\"b\" : \"\\u0078\",\n\"a\":15e-1} "); r.Header().Get(headerReplay) != "true" {
		t.Errorf("%d %s", r.Code, r.Body)
	}
}

// TestEndings: what every end of an exchange is told as, and what the same key is told after it.
func TestEndings(t *testing.T) {
	failed := func(fate adapters.Fate, kind adapters.Kind) error { return &adapters.Error{Fate: fate, Kind: kind} }
	for _, test := range []struct {
		name    string
		host    error
		status  int
		problem string
		again   int // the status of the same request with the same key
		replay  bool
	}{
		{"row 8: not sent", failed(adapters.NotSent, adapters.Unreachable), 503, "backend-unreachable not-sent same-key-after", 201, false},
		{"row 11: connection lost", failed(adapters.InDoubt, adapters.Broken), 504, "in-doubt unknown never", 409, false},
		{"row 12: timeout", failed(adapters.InDoubt, adapters.Timeout), 504, "in-doubt unknown never", 409, false},
		{"row 13: reply cut", failed(adapters.Applied, adapters.Framing), 502, "reply-unreadable unknown never", 409, false},
		{"row 13: reply unreadable", reply("garbage"), 502, "reply-unreadable unknown never", 409, false},
		{"row 15: refused", reply("refused"), 422, "host-outcome not-applied new-key", 422, true},
		{"row 16: rolled back", failed(adapters.NotApplied, adapters.Broken), 502, "not-applied not-applied new-key", 502, true},
		{"row 16: refused as busy", reply("busy"), 503, "host-outcome not-applied new-key", 503, true},
		{"row 17: trouble at the host", reply("trouble"), 502, "host-outcome unknown never", 409, false},
		{"row 17: trouble, and told to come back", reply("later"), 503, "host-outcome unknown never", 409, false},
		{"row 17: told to come back", &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Framing, RetryAfter: 5 * time.Second}, 504, "in-doubt unknown never", 409, false},
		{"row 16: told to come back", &adapters.Error{Fate: adapters.NotApplied, Kind: adapters.Busy, RetryAfter: 5 * time.Second}, 502, "not-applied not-applied new-key", 502, true},
		{"an outcome that does not know", reply("unknown"), 504, "in-doubt unknown never", 409, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.host = func(context.Context, string) error { return test.host }
			w.serve(nil)
			first := w.pay(keyA, `{}`)
			told(t, first, test.status, test.problem)
			if p := problemIn(t, first); (p.Outcome != "not-sent") != strings.HasPrefix(p.Operation, StatusPath) {
				t.Errorf("operation %q", p.Operation)
			}
			if after := first.Header().Get("Retry-After"); (after != "") != strings.Contains(test.problem, "not-sent") {
				t.Errorf("Retry-After %q", after)
			}
			w.host = nil
			again := w.pay(keyA, `{}`)
			if again.Code != test.again || (again.Header().Get(headerReplay) == "true") != test.replay {
				t.Errorf("again: %d %s", again.Code, again.Body)
			}
			if test.replay && again.Body.String() != first.Body.String() {
				t.Errorf("first %s\nagain %s", first.Body, again.Body)
			}
		})
	}
}

// TestRow28Panic: a fault of our own after the request was sent leaves it in doubt.
func TestRow28Panic(t *testing.T) {
	w := newWorld(t)
	w.host = func(context.Context, string) error { panic("fault") }
	w.serve(nil)
	told(t, w.pay(keyA, `{}`), 504, "in-doubt unknown never")
	told(t, w.pay(keyA, `{}`), 409, "operation-in-doubt unknown same-key-after")
}

// TestRow5And29: the journal fails before the request is sent, and after the reply came.
func TestRow5And29(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var bad atomic.Bool
		w.disk.Fault = func(string) error {
			if bad.Load() {
				return errors.New("injected")
			}
			return nil
		}
		w.host = func(context.Context, string) error { bad.Store(true); return nil }
		w.serve(nil)
		first := w.pay(keyA, `{}`)
		told(t, first, 201, "")
		if first.Header().Get(headerDegraded) != "true" {
			t.Error("the answer does not say that it is not recorded")
		}
		r := w.pay(keyB, `{}`)
		told(t, r, 503, "journal-unavailable not-sent same-key-after")
		if r.Header().Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		if w.total() != 1 {
			t.Errorf("applied %d times", w.total())
		}
		bad.Store(false)
		w.host = nil
		time.Sleep(5 * time.Second)
		if again := w.pay(keyA, `{}`); again.Body.String() != first.Body.String() || again.Header().Get(headerReplay) != "true" {
			t.Errorf("again: %d %s", again.Code, again.Body)
		}
		told(t, w.pay(keyB, `{}`), 201, "")
		w.close()
	})
}

// TestI14SlowJournal: a slow disk refuses in time, and does not send.
func TestI14SlowJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.serve(nil)
		w.disk.SetLatency(5 * time.Second)
		start := time.Now()
		told(t, w.pay(keyA, `{}`), 503, "journal-unavailable not-sent same-key-after")
		if took := time.Since(start); took > 4*time.Second {
			t.Errorf("it took %s", took)
		}
		if w.total() != 0 {
			t.Errorf("applied %d times", w.total())
		}
		w.disk.SetLatency(0)
		time.Sleep(20 * time.Second)
		told(t, w.pay(keyA, `{}`), 201, "")
		w.close()
	})
}

// TestKeysOptional: without a key the exchange is recorded, with one it is replayed.
func TestKeysOptional(t *testing.T) {
	w := newWorld(t)
	w.serve(func(_ *Options, r *Route) { r.Keys = KeysOptional })
	told(t, w.pay("", `{}`), 201, "")
	told(t, w.pay("", `{}`), 201, "")
	told(t, w.pay(keyA, `{}`), 201, "")
	told(t, w.pay(keyA, `{}`), 201, "")
	if w.total() != 3 {
		t.Errorf("applied %d times", w.total())
	}
	w.host = func(context.Context, string) error {
		return &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
	}
	told(t, w.pay("", `{}`), 504, "in-doubt unknown never")
	if list, err := w.journal.List(t.Context(), journal.Filter{State: journal.InDoubt}); err != nil || len(list) != 1 {
		t.Errorf("in doubt: %v %v", list, err)
	}
}

// TestNoJournal: routes that are to be recorded are refused without a journal.
func TestNoJournal(t *testing.T) {
	g, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Swap([]Route{routeOf("POST", "/pay", func(r *Route) { r.Keys = KeysRequired })}); err == nil {
		t.Error("it was taken")
	}
}

// twoCallers are verified by a header.
type twoCallers struct{}

func (twoCallers) Authenticate(r *http.Request) (*Identity, error) {
	if who := r.Header.Get("X-Who"); who != "" {
		return &Identity{Subject: who}, nil
	}
	return nil, ErrNoCredential
}

func statusDoc(t *testing.T, r *httptest.ResponseRecorder) operationStatus {
	t.Helper()
	var s operationStatus
	if err := json.Unmarshal(r.Body.Bytes(), &s); err != nil || r.Code != 200 {
		t.Fatalf("%d %s: %v", r.Code, r.Body, err)
	}
	return s
}

// TestI04Status: a key belongs to a caller, and so does the status of what it did.
func TestI04Status(t *testing.T) {
	w := newWorld(t)
	w.serve(func(_ *Options, r *Route) {
		r.Public = false
		r.Operation.Security = []specs.SecurityRequirement{requirement("who")}
		r.Schemes = map[string]*Scheme{"who": {Authenticator: twoCallers{}, Challenge: "ApiKey"}}
	})
	told(t, w.pay(keyA, `{"amount":1}`, "X-Who", "anna"), 201, "")
	told(t, w.pay(keyA, `{"amount":2}`, "X-Who", "bert"), 201, "")
	if w.total() != 2 {
		t.Errorf("applied %d times", w.total())
	}
	told(t, w.pay(keyA, `{"amount":1}`), 401, "unauthorized not-sent changed")
	w.host = func(context.Context, string) error {
		return &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
	}
	r := w.pay(keyB, `{"amount":1}`, "X-Who", "anna")
	told(t, r, 504, "in-doubt unknown never")
	path := problemIn(t, r).Operation
	get := func(who string) *httptest.ResponseRecorder {
		if who == "" {
			return do(w.gateway, "GET", path, "")
		}
		return do(w.gateway, "GET", path, "", "X-Who", who)
	}
	if s := statusDoc(t, get("anna")); s.State != "in-doubt" || s.Answer != nil || s.Operation != path {
		t.Errorf("%+v", s)
	}
	if r := get("bert"); r.Code != 404 {
		t.Errorf("another caller: %d %s", r.Code, r.Body)
	}
	if r := get(""); r.Code != 401 {
		t.Errorf("nobody: %d %s", r.Code, r.Body)
	}
	for path, want := range map[string]int{StatusPath + "x": 404, StatusPath: 404, StatusPath + strings.Repeat("0", 48): 404, path + "/x": 404} {
		if r := do(w.gateway, "GET", path, "", "X-Who", "anna"); r.Code != want {
			t.Errorf("%s: %d", path, r.Code)
		}
	}
	if r := do(w.gateway, "POST", path, "", "X-Who", "anna"); r.Code != 405 {
		t.Errorf("POST: %d", r.Code)
	}
}

// TestAsync: who does not want to wait is told where to come back.
func TestAsync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		release := make(chan struct{})
		w.host = func(context.Context, string) error { <-release; return nil }
		w.serve(nil)
		r := w.pay(keyA, `{"amount":1}`, "Prefer", "respond-async")
		if r.Code != 202 || r.Header().Get("Preference-Applied") != "respond-async" {
			t.Fatalf("%d %s", r.Code, r.Body)
		}
		path := r.Header().Get("Location")
		if s := statusDoc(t, do(w.gateway, "GET", path, "")); s.State != "running" {
			t.Errorf("%+v", s)
		}
		told(t, w.pay(keyA, `{"amount":1}`), 409, "operation-running unknown same-key-after")
		if w.gateway.InFlight() != 1 {
			t.Errorf("%d in flight", w.gateway.InFlight())
		}
		close(release)
		synctest.Wait()
		s := statusDoc(t, do(w.gateway, "GET", path, ""))
		if s.State != "completed" || s.Answer == nil || s.Answer.Status != 201 || s.Answer.Headers["Location"] != "/pay/1" || string(s.Answer.Body) != `{"reply":"done 1"}` {
			t.Errorf("%+v", s)
		}
		if w.gateway.InFlight() != 0 {
			t.Errorf("%d in flight", w.gateway.InFlight())
		}
		// Who waits long enough gets the answer, also one that is no success.
		w.host = func(context.Context, string) error { time.Sleep(500 * time.Millisecond); return nil }
		told(t, w.pay(keyB, `{}`, "Prefer", "wait=1, respond-async"), 201, "")
		w.host = func(context.Context, string) error {
			return &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable}
		}
		told(t, w.pay("key-c-0123456789", `{}`, "Prefer", "respond-async;x=1, wait=1"), 503, "backend-unreachable not-sent same-key-after")
		w.host = func(context.Context, string) error { panic("fault") }
		told(t, w.pay("key-d-0123456789", `{}`, "Prefer", "respond-async, wait=1"), 504, "in-doubt unknown never")
		w.close()
	})
}

// TestCallerGone: a caller that hangs up does not stop what was begun (row 26).
func TestCallerGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.host = func(context.Context, string) error { time.Sleep(100 * time.Millisecond); return nil }
		guard, err := adapters.NewGuard("core", hostAdapter{w}, adapters.GuardOptions{})
		if err != nil {
			t.Fatal(err)
		}
		w.serve(func(_ *Options, r *Route) { r.Backend = guard })
		ctx, cancel := context.WithCancel(t.Context())
		r := httptest.NewRequest("POST", "/pay", strings.NewReader(`{}`)).WithContext(ctx)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", keyA)
		go func() { time.Sleep(50 * time.Millisecond); cancel() }()
		w.gateway.ServeHTTP(httptest.NewRecorder(), r)
		if again := w.pay(keyA, `{}`); again.Header().Get(headerReplay) != "true" || again.Code != 201 {
			t.Errorf("again: %d %s", again.Code, again.Body)
		}
		w.close()
		_ = guard.Close()
	})
}

// hostAdapter is the host of a world as an adapter.
type hostAdapter struct{ w *world }

func (h hostAdapter) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	return h.w.exchange(ctx, adapters.Call{Message: m, Judge: func(adapters.Message) adapters.Judgement { return adapters.Judgement{} }})
}

// ask makes a means of a function.
func ask(w *world, said func(id string) (string, error)) *Ask {
	return &Ask{
		Start: func() Runner { return &payRunner{} }, Every: time.Second, After: 10 * time.Second,
		Backend: exchange(func(_ context.Context, c adapters.Call) (adapters.Message, error) {
			text, err := said(string(c.Message.Body))
			if err != nil {
				return adapters.Message{}, err
			}
			m := adapters.Message{Body: []byte(text)}
			c.Judge(m)
			return m, nil
		}),
	}
}

// knows answers from the host's books.
func (w *world) knows(id string) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.applied[id] > 0 {
		return "done by inquiry", nil
	}
	return "refused", nil
}

// resolving runs the resolver during f.
func (w *world) resolving(f func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.gateway.Resolve(ctx)
	}()
	defer func() {
		cancel()
		<-done
	}()
	f()
}

// TestInquiry: the host is asked what became of an exchange. That it did the work counts at once, that it
// did not only when it cannot begin it any more.
func TestInquiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		lost := &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
		w.serve(func(_ *Options, r *Route) { r.Means.Inquiry = ask(w, w.knows) })
		w.resolving(func() {
			w.host = func(_ context.Context, id string) error { w.apply(id); return lost }
			told(t, w.pay(keyA, `{}`), 504, "in-doubt unknown never")
			w.host = func(context.Context, string) error { return lost }
			told(t, w.pay(keyB, `{}`), 504, "in-doubt unknown never")
			time.Sleep(3 * time.Second)
			if r := w.pay(keyA, `{}`); r.Code != 201 || r.Header().Get(headerReplay) != "true" || !strings.Contains(r.Body.String(), "inquiry") {
				t.Errorf("applied: %d %s", r.Code, r.Body)
			}
			told(t, w.pay(keyB, `{}`), 409, "operation-in-doubt unknown same-key-after")
			time.Sleep(30 * time.Second)
			r := w.pay(keyB, `{}`)
			told(t, r, 422, "host-outcome not-applied new-key")
			if r.Header().Get(headerReplay) != "true" {
				t.Error("no marker")
			}
		})
		if w.total() != 1 {
			t.Errorf("applied %d times", w.total())
		}
		w.close()
	})
}

// TestI19Reversal: the reversal is sent until it is acknowledged, over a restart and an hour of a host
// that is down.
func TestI19Reversal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var up atomic.Bool
		var tries atomic.Int32
		down := &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable}
		undo := func(_ *Options, r *Route) {
			r.Means.Reversal = ask(w, func(string) (string, error) {
				tries.Add(1)
				if !up.Load() {
					return "", down
				}
				return "done", nil
			})
		}
		w.serve(undo)
		w.host = func(context.Context, string) error {
			return &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
		}
		told(t, w.pay(keyA, `{}`), 504, "in-doubt unknown never")
		w.resolving(func() { time.Sleep(30 * time.Minute) })
		w.close()
		w.open()
		w.serve(undo)
		w.resolving(func() {
			time.Sleep(30 * time.Minute)
			told(t, w.pay(keyA, `{}`), 409, "operation-in-doubt unknown same-key-after")
			up.Store(true)
			time.Sleep(2 * time.Minute)
			told(t, w.pay(keyA, `{}`), 502, "not-applied not-applied new-key")
		})
		if n := tries.Load(); n < 30 || n > 200 {
			t.Errorf("%d attempts in an hour", n)
		}
		w.close()
	})
}

// recovering is a backend whose host keeps replies.
type recovering struct {
	exchange
	text string
}

func (r recovering) Recover(context.Context, []byte) (adapters.Message, error) {
	if r.text == "" {
		return adapters.Message{}, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Timeout}
	}
	return adapters.Message{Body: []byte(r.text)}, nil
}

// TestI20Contradiction: a late reply and the inquiry contradict each other. Nothing is guessed: an operator
// decides, and the audit log says who.
func TestI20Contradiction(t *testing.T) {
	audit := filepath.Join(t.TempDir(), "audit.log")
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		a, err := OpenAudit(audit, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.serve(func(o *Options, r *Route) {
			o.Audit, o.Admin.Token = a, adminToken
			r.Backend = recovering{exchange(w.exchange), "done late"}
			r.Means.Inquiry = ask(w, func(string) (string, error) { return "refused", nil })
			r.Means.Inquiry.After = 0
		})
		w.host = func(context.Context, string) error {
			return &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
		}
		told(t, w.pay(keyA, `{}`), 504, "in-doubt unknown never")
		time.Sleep(2 * time.Second) // from then on "not applied" counts
		w.resolving(func() { time.Sleep(time.Hour) })
		told(t, w.pay(keyA, `{}`), 409, "operation-in-doubt unknown same-key-after")
		if s := w.journal.Stats(); s.Contested != 1 {
			t.Errorf("stats %+v", s)
		}
		w.operator(t, audit)
		w.close()
	})
}

// operator resolves the only doubt by the admin port.
func (w *world) operator(t *testing.T, audit string) {
	t.Helper()
	admin := w.gateway.Admin()
	var list struct{ Doubts []Doubt }
	r := doAdmin(admin, "GET", "/doubts", "")
	if err := json.Unmarshal(r.Body.Bytes(), &list); err != nil || len(list.Doubts) != 1 || !list.Doubts[0].Contested || list.Doubts[0].Key != "" {
		t.Fatalf("%s: %v", r.Body, err)
	}
	path := "/doubts/" + list.Doubts[0].Operation
	if r := doAdmin(admin, "GET", path, "", "Authorization", ""); r.Code != 200 || strings.Contains(r.Body.String(), keyA) {
		t.Errorf("show to anybody: %s", r.Body)
	}
	if r := doAdmin(admin, "GET", path, ""); !strings.Contains(r.Body.String(), keyA) {
		t.Errorf("show: %s", r.Body)
	}
	for body, want := range map[string]int{
		`{}`: 400, `{"outcome":"applied"}`: 400, `{"outcome":"maybe","by":"eva","reason":"x"}`: 400, `{"x":1}`: 400, ``: 400,
	} {
		if r := doAdmin(admin, "POST", path, body); r.Code != want {
			t.Errorf("%s: %d, want %d", body, r.Code, want)
		}
	}
	order := `{"outcome":"applied","by":"eva","reason":"seen in the books"}`
	if r := doAdmin(admin, "POST", path, order); r.Code != 200 || !strings.Contains(r.Body.String(), "completed") {
		t.Fatalf("resolve: %d %s", r.Code, r.Body)
	}
	if r := doAdmin(admin, "POST", path, order); r.Code != 409 {
		t.Errorf("again: %d %s", r.Code, r.Body)
	}
	told(t, w.pay(keyA, `{}`), 502, "answer-lost applied never")
	a, err := OpenAudit(audit, nil)
	if err != nil || a.last == "" {
		t.Errorf("audit: %v", err)
	}
}

const adminToken = "0123456789abcdef01234567"

func doAdmin(h http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "localhost:9901"
	r.Header.Set("Authorization", "Bearer "+adminToken)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
