// SPDX-License-Identifier: Apache-2.0

package listener

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lintel/adapters"
)

func TestEventJSON(t *testing.T) {
	e := Event{ID: "1", Source: "/listeners/x", Type: "a.b", Subject: "<7>", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Data: []byte(`{"n":1.10}`)}
	got, err := e.JSON()
	want := `{"specversion":"1.0","id":"1","source":"/listeners/x","type":"a.b","subject":"<7>","time":"2026-01-02T03:04:05Z","datacontenttype":"application/json","data":{"n":1.10}}`
	if err != nil || string(got) != want {
		t.Errorf("%s\nwant %s, %v", got, want, err)
	}
	if a, b := MessageID(&adapters.Received{Message: adapters.Message{Body: []byte("x")}}), MessageID(&adapters.Received{Message: adapters.Message{Body: []byte("y")}}); a == b || !strings.HasPrefix(a, "sha256-") {
		t.Errorf("%s, %s", a, b)
	}
}

// TestWebhook: what is sent, signed as Standard Webhooks says, and what each status means.
func TestWebhook(t *testing.T) {
	status, retry := 200, ""
	var seen *http.Request
	var body []byte
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("Retry-After", retry)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	defer s.Close()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	w := &Webhook{
		URL: s.URL + "/events", Secret: []byte("0123456789abcdef"), Headers: map[string]string{"X-Team": "orders"}, Client: client,
		Now: func() time.Time { return time.Unix(1700000000, 0) },
	}
	e := Event{ID: "id-1", Source: "s", Type: "t", Data: []byte("{}")}
	if err := w.Deliver(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte("0123456789abcdef"))
	_, _ = mac.Write([]byte("id-1.1700000000." + string(body)))
	want := http.Header{
		"Content-Type": {ContentType}, "Webhook-Id": {"id-1"}, "Webhook-Timestamp": {"1700000000"}, "X-Team": {"orders"},
		"Webhook-Signature": {"v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))},
	}
	for name := range want {
		if diff := cmp.Diff(want[name], seen.Header[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for code, refused := range map[int]bool{201: false, 302: true, 400: true, 404: true, 408: false, 410: true, 425: false, 429: false, 500: false, 503: false} {
		status, retry = code, "7"
		err := w.Deliver(t.Context(), e)
		var r *Refused
		var l *Later
		switch {
		case code < 300:
			if err != nil {
				t.Errorf("%d: %v", code, err)
			}
		case errors.As(err, &r) != refused:
			t.Errorf("%d: %v", code, err)
		case !refused && (!errors.As(err, &l) || l.After != 7*time.Second):
			t.Errorf("%d: %v", code, err)
		}
	}
	s.Close()
	err := w.Deliver(t.Context(), e)
	var r *Refused
	if err == nil || errors.As(err, &r) || strings.Contains(err.Error(), "/events") {
		t.Errorf("unreachable: %v", err)
	}
}

func TestCall(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, strings.Join([]string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("X-Branch"), r.Header.Get("Idempotency-Key"), r.Header.Get("Authorization"), string(body)}, "|"))
	})
	c := Call{
		Method: "POST", Path: "/orders/{id}/lines", Params: map[string]string{"path.id": "a/b", "query.q": "x y", "header.X-Branch": "7", "key": "k"},
		Body: []byte("{}"), ID: "msg-1", Headers: map[string]string{"Authorization": "Bearer t"},
	}
	a, err := c.Do(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(a.Body), "POST|/orders/a%2Fb/lines|q=x+y|7|msg-1|Bearer t|{}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var later *Later
	if err := a.Retry(); !errors.As(err, &later) || later.After != 3*time.Second {
		t.Errorf("503: %v", err)
	}
	for _, status := range []int{200, 400, 404, 502, 504} {
		if err := (Answer{Status: status}).Retry(); err != nil {
			t.Errorf("%d: %v", status, err)
		}
	}
	delete(c.Params, "path.id")
	var refused *Refused
	if _, err := c.Do(t.Context(), h); !errors.As(err, &refused) {
		t.Errorf("no id: %v", err)
	}
}
