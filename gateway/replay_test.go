// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"lintel/transforms"
)

// TestReplayIsOfTheAnswer: an answer that is given again is what the host said, and no more: what is for one page, or tells
// how many requests are left, is that of who asks now.
func TestReplayIsOfTheAnswer(t *testing.T) {
	w := newWorld(t)
	var site Site
	w.serve(func(_ *Options, r *Route) {
		r.Rates = []string{"p"}
		site = Site{
			Routes: []Route{*r}, Rates: []RatePolicy{{Name: "p", Requests: 100, Per: time.Hour, By: RateByAddress}},
			CORS: &CORS{Origins: []string{"https://one.example", "https://two.example"}, Credentials: true},
		}
		r.Rates = nil
	})
	if err := w.gateway.Put(site); err != nil {
		t.Fatal(err)
	}
	told := func(r *httptest.ResponseRecorder) map[string][]string {
		h := r.Header().Clone()
		h.Del(headerReplay)
		return h
	}
	first := w.pay(keyA, `{}`, "Origin", "https://one.example")
	for _, origin := range []string{"https://two.example", "https://three.example", ""} {
		var headers []string
		if origin != "" {
			headers = []string{"Origin", origin}
		}
		again := w.pay(keyA, `{}`, headers...)
		fresh := w.pay("key-for-"+origin+"-0123456789", `{}`, headers...)
		if again.Code != first.Code || again.Body.String() != first.Body.String() || again.Header().Get(headerReplay) != "true" {
			t.Errorf("%d %s", again.Code, again.Body)
		}
		want, got := told(fresh), told(again)
		if got["Ratelimit"][0] == first.Header().Get("Ratelimit") {
			t.Error("it has the limits of the first time")
		}
		want["Ratelimit"] = got["Ratelimit"]
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("origin %q, an answer of its own, and one again:\n%s", origin, diff)
		}
	}
}

// TestAnswerTooLarge: an answer that is larger than what can be kept is given once, and is lost for who asks again; a request
// that is larger is not sent.
func TestAnswerTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // no time goes by for so many bytes
		w := newWorld(t)
		w.serve(func(o *Options, r *Route) {
			o.BodyLimit = 70 << 20
			r.Start = func() Runner {
				return fakeRunner{reply: func(transforms.Message) (transforms.Output, error) {
					return transforms.Output{Status: 200, Outcome: "ok", Body: bytes.Repeat([]byte("1"), 64<<20)}, nil
				}}
			}
		})
		if r := w.pay(keyA, `{}`); r.Code != 200 || r.Body.Len() != 64<<20 || r.Header().Get(headerDegraded) != "" {
			t.Errorf("%d, %d bytes, %v", r.Code, r.Body.Len(), r.Header())
		}
		told(t, w.pay(keyA, `{}`), 502, "answer-lost applied never")
		told(t, w.pay(keyB, `"`+strings.Repeat("1", 64<<20)+`"`), 413, "body-too-large not-sent changed")
		if w.total() != 1 {
			t.Errorf("applied %d times", w.total())
		}
		w.close()
	})
}
