// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lintel/gateway/journal"
)

// TestWebhook: a notification is signed, and tried again until it is taken.
func TestWebhook(t *testing.T) {
	secret := []byte("0123456789abcdef")
	var tries atomic.Int32
	got := make(chan notification, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(r.Header.Get("Webhook-Id") + "." + r.Header.Get("Webhook-Timestamp") + "." + string(body)))
		if r.Header.Get("Webhook-Signature") != "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)) || !strings.HasSuffix(r.Header.Get("Webhook-Id"), ".completed") {
			t.Errorf("headers %q", r.Header)
		}
		if tries.Add(1) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		var n notification
		if err := json.Unmarshal(body, &n); err != nil {
			t.Error(err)
		}
		got <- n
	}))
	defer server.Close()
	hook, err := NewWebhook(WebhookOptions{URL: server.URL, Secret: secret, Pause: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = hook.Close() }()
	w := newWorld(t)
	w.serve(func(o *Options, _ *Route) { o.Webhook = hook })
	told(t, w.pay(keyB, `{}`), 201, "") // its caller has the answer: nobody is told
	w.gateway.notify(w.journal.ID(&journal.Call{Operation: "post-pay", Key: keyA}), "post-pay", journal.Complete)
	select {
	case n := <-got:
		if n.State != "completed" || n.OperationID != "post-pay" || !strings.HasPrefix(n.Operation, StatusPath) {
			t.Errorf("%+v", n)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nobody was told")
	}
	if tries.Load() != 3 {
		t.Errorf("%d attempts", tries.Load())
	}
	if _, err := NewWebhook(WebhookOptions{URL: server.URL, Secret: []byte("short")}); err == nil {
		t.Error("a short secret was taken")
	}
}
