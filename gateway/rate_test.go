// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// clock is a clock that tests turn.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func rated(t *testing.T, o Options, policies []RatePolicy, routes ...Route) *Gateway {
	t.Helper()
	g, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range routes {
		for _, p := range policies {
			routes[i].Rates = append(routes[i].Rates, p.Name)
		}
	}
	if err := g.Put(Site{Routes: routes, Rates: policies}); err != nil {
		t.Fatal(err)
	}
	return g
}

// TestRate spends a quota and waits until there is some again.
func TestRate(t *testing.T) {
	c := &clock{time.Unix(1_700_000_000, 0)}
	g := rated(t, Options{Now: c.Now}, []RatePolicy{{Name: "default", Requests: 3, Per: time.Minute, By: RateByClient}}, routeOf("GET", "/a", nil))
	call := func(from string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/a", nil)
		r.RemoteAddr = from
		return serve(g, r)
	}
	for i, want := range []string{`"default";r=2;t=20`, `"default";r=1;t=40`, `"default";r=0;t=60`} {
		w := call("192.0.2.1:1")
		if w.Code != 200 || w.Header().Get("Ratelimit") != want || w.Header().Get("Ratelimit-Policy") != `"default";q=3;w=60` {
			t.Errorf("call %d: %d %v", i, w.Code, w.Header())
		}
	}
	w := call("192.0.2.1:2")
	after, err := strconv.Atoi(w.Header().Get("Retry-After"))
	if p := problemIn(t, w); w.Code != 429 || p.Code != "rate-limited" || p.Outcome != outcomeNotSent || err != nil || after < 20 || after > 23 || w.Header().Get("Ratelimit") != `"default";r=0;t=20` {
		t.Errorf("%d %v %+v", w.Code, w.Header(), p)
	}
	if w := call("192.0.2.2:1"); w.Code != 200 {
		t.Errorf("another caller: %d", w.Code)
	}
	// A reload keeps the counts of what did not change.
	route := routeOf("GET", "/a", func(r *Route) { r.Rates = []string{"default"} })
	if err := g.Put(Site{Routes: []Route{route}, Rates: []RatePolicy{{Name: "default", Requests: 3, Per: time.Minute, By: RateByClient}}}); err != nil {
		t.Fatal(err)
	}
	if w := call("192.0.2.1:3"); w.Code != 429 {
		t.Errorf("after a reload: %d", w.Code)
	}
	c.now = c.now.Add(20 * time.Second)
	if w := call("192.0.2.1:3"); w.Code != 200 {
		t.Errorf("after the wait: %d", w.Code)
	}
}

// TestRateBy counts by verified caller, address, all together, and wrong credentials.
func TestRateBy(t *testing.T) {
	for _, c := range []struct {
		by    RateBy
		calls []string // address, then credential
		want  string   // statuses
	}{
		{RateByClient, []string{"1 good", "2 good", "3 good", "3 "}, "200 200 429 401"},
		{RateByAddress, []string{"1 good", "1 scoped", "1 good", "2 good"}, "200 200 429 200"},
		{RateByAddress, []string{"1 ", "1 bad", "1 good"}, "401 401 429"},
		{RateByAll, []string{"1 good", "2 scoped", "3 good"}, "200 200 429"},
		{RateByFailure, []string{"1 bad", "1 good", "1 bad", "1 bad", "1 good", "2 good", "1 "}, "401 200 401 429 429 200 429"},
	} {
		r := securedRoute(false, requirement("A"))
		g := rated(t, Options{}, []RatePolicy{{Name: "p", Requests: 2, Per: time.Hour, By: c.by}}, r)
		var got []string
		for _, call := range c.calls {
			host, credential, _ := strings.Cut(call, " ")
			req := httptest.NewRequest("GET", "/a", nil)
			req.RemoteAddr = "192.0.2." + host + ":5"
			if credential != "" {
				req.Header.Set("A", credential)
			}
			got = append(got, strconv.Itoa(serve(g, req).Code))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s %v: %v, want %s", c.by, c.calls, got, c.want)
		}
	}
}

// sharedCounter is a RateCounter of a few lines.
type sharedCounter struct {
	left    int
	buckets []string
}

func (s *sharedCounter) Take(_ context.Context, bucket string, _ RatePolicy) (RateState, error) {
	s.buckets = append(s.buckets, bucket)
	if s.left < 0 {
		return RateState{}, errors.New("down")
	}
	s.left--
	return RateState{OK: s.left >= 0, Remaining: max(s.left, 0), Wait: time.Second}, nil
}

// TestSharedCounter asks the shared counter, never tells it who calls, and goes on alone without it.
func TestSharedCounter(t *testing.T) {
	s := &sharedCounter{left: 1}
	g := rated(t, Options{Counter: s}, []RatePolicy{{Name: "p", Requests: 1, Per: time.Hour, By: RateByAddress}}, routeOf("GET", "/a", nil))
	for i, want := range []int{200, 429, 200, 429} { // two by the counter, then it is down
		if w := do(g, "GET", "/a", ""); w.Code != want {
			t.Errorf("call %d: %d", i, w.Code)
		}
	}
	for _, b := range s.buckets {
		if !strings.HasPrefix(b, "lintel:rate:p:") || strings.Contains(b, "192.0.2") {
			t.Errorf("bucket %q", b)
		}
	}
}

// TestRateIsExact compares the counter with the definition: never more than the quota at once, and
// over any time no more than what flowed in.
func TestRateIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := RatePolicy{Requests: rapid.IntRange(1, 50).Draw(t, "requests"), Per: time.Duration(rapid.IntRange(1, 100).Draw(t, "per")) * time.Second}
		var l localRates
		now, allowed := int64(0), 0
		for range rapid.IntRange(1, 200).Draw(t, "calls") {
			now += int64(rapid.IntRange(0, int(2*p.Per/time.Duration(p.Requests))).Draw(t, "gap"))
			st := l.take(now, 7, p, true)
			if st.OK {
				allowed++
			} else if again := l.take(now+int64(st.Wait), 7, p, false); !again.OK {
				t.Fatalf("not allowed after the wait: %+v", st)
			}
			if most := p.Requests + int(now/(int64(p.Per)/int64(p.Requests))); allowed > most {
				t.Fatalf("%d allowed after %v, at most %d", allowed, time.Duration(now), most)
			}
		}
	})
}

// TestRateMemory bounds what strangers can make a gateway remember.
func TestRateMemory(t *testing.T) {
	var l localRates
	p := RatePolicy{Requests: 10, Per: time.Hour}
	for i := range uint64(2 * rateShards * maxShard) {
		l.take(int64(i), i, p, true)
	}
	n := 0
	for i := range l.shards {
		n += len(l.shards[i].full)
	}
	if n > rateShards*maxShard {
		t.Errorf("%d buckets", n)
	}
}

// TestClientAddress believes X-Forwarded-For of trusted proxies only, and only what they wrote.
func TestClientAddress(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		peer      string
		forwarded []string
		want      string
	}{
		{"192.0.2.1:5", nil, "192.0.2.1"},
		{"192.0.2.1:5", []string{"203.0.113.9"}, "192.0.2.1"},
		{"10.0.0.1:5", []string{"203.0.113.9"}, "203.0.113.9"},
		{"10.0.0.1:5", nil, "10.0.0.1"},
		{"10.0.0.1:5", []string{"1.1.1.1, 203.0.113.9, 10.2.3.4"}, "203.0.113.9"},
		{"10.0.0.1:5", []string{"1.1.1.1", "203.0.113.9"}, "203.0.113.9"},
		{"10.0.0.1:5", []string{"203.0.113.9, evil"}, "10.0.0.1"},
		{"10.0.0.1:5", []string{"203.0.113.9,"}, "10.0.0.1"},
		{"10.0.0.1:5", []string{"203.0.113.9:4711"}, "203.0.113.9"},
		{"[::ffff:10.0.0.1]:5", []string{"2001:db8::7"}, "2001:db8::7"},
		{"[fd00::1]:5", []string{"[2001:db8::7]:99"}, "2001:db8::7"},
		{"pipe", []string{"203.0.113.9"}, "invalid IP"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		r.Header["X-Forwarded-For"] = c.forwarded
		if got := clientAddress(r, proxies).String(); got != c.want {
			t.Errorf("%s %v: %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
	if a, b := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2"); neighborhood(a) != neighborhood(b) {
		t.Error("two addresses of one network are counted apart")
	}
}

func FuzzClientAddress(f *testing.F) {
	f.Add("10.0.0.1:5", "1.1.1.1, 10.0.0.2")
	f.Add("[fd00::1%eth0]:5", ",,[::1],")
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, peer, forwarded string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = peer
		alone := clientAddress(r, nil)
		r.Header.Set("X-Forwarded-For", forwarded)
		if got := clientAddress(r, proxies); got != alone && !trusted(alone, proxies) {
			t.Errorf("%q and %q: %v", peer, forwarded, got)
		}
	})
}

// O13: a clock that is set locks nobody out, and gives nobody more than a bucket holds.
func TestO13ClockIsSet(t *testing.T) {
	for _, jump := range []time.Duration{-time.Hour, time.Hour} {
		c := &clock{time.Unix(1_700_000_000, 0)}
		g := rated(t, Options{Now: c.Now}, []RatePolicy{{Name: "default", Requests: 3, Per: time.Minute, By: RateByClient}}, routeOf("GET", "/a", func(r *Route) {
			r.Caching = &Caching{Gateway: time.Minute}
		}))
		served := func() (n int) {
			for range 10 {
				if do(g, "GET", "/a", "").Code == 200 {
					n++
				}
			}
			return n
		}
		if n := served(); n != 3 {
			t.Fatalf("%s: %d served before", jump, n)
		}
		c.now = c.now.Add(jump)
		if n := served(); n > 3 {
			t.Errorf("%s: %d served at once", jump, n)
		}
		c.now = c.now.Add(time.Minute)
		if n := served(); n != 3 {
			t.Errorf("%s: %d served a minute later", jump, n)
		}
	}
}
