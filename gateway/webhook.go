// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"lintel/gateway/journal"
)

// WebhookOptions say who is told of operations that ended when their caller did not wait.
type WebhookOptions struct {
	// URL is where the notifications go, Secret what they are signed with.
	URL    string
	Secret []byte
	// Timeout bounds one attempt; default 5 s.
	Timeout time.Duration
	// Attempts is how often one notification is tried; default 8. Pause is the pause after the first
	// attempt; it doubles; default 1 s.
	Attempts int
	Pause    time.Duration
	// Queue is how many wait at most; default 1000. Further ones are dropped and counted.
	Queue int
}

// Webhook tells of operations that ended. What it tells is a hint: the status of the operation is the
// truth, and a notification that is lost with the process is not repeated.
type Webhook struct {
	o      WebhookOptions
	client *http.Client
	queue  chan notification
	stop   context.CancelFunc
	done   sync.WaitGroup
	count  func(result string)
}

type notification struct {
	Operation   string    `json:"operation"`
	OperationID string    `json:"operationId"`
	State       string    `json:"state"`
	At          time.Time `json:"at"`
}

// NewWebhook makes a Webhook. It must be closed.
func NewWebhook(o WebhookOptions) (*Webhook, error) {
	if o.URL == "" || len(o.Secret) < 16 {
		return nil, errors.New("a webhook needs a URL and a secret of at least 16 bytes")
	}
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Second
	}
	if o.Attempts <= 0 {
		o.Attempts = 8
	}
	if o.Pause <= 0 {
		o.Pause = time.Second
	}
	if o.Queue <= 0 {
		o.Queue = 1000
	}
	ctx, stop := context.WithCancel(context.Background())
	w := &Webhook{
		o: o, queue: make(chan notification, o.Queue), stop: stop, count: func(string) {},
		client: &http.Client{
			Timeout:   o.Timeout,
			Transport: &http.Transport{MaxIdleConns: 2, IdleConnTimeout: 30 * time.Second},
			// What is signed is for one receiver.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	w.done.Go(func() { w.run(ctx) })
	return w, nil
}

// Close ends it; what waits is dropped.
func (w *Webhook) Close() error {
	w.stop()
	w.done.Wait()
	w.client.CloseIdleConnections()
	return nil
}

// notify queues a notification.
func (g *Gateway) notify(id journal.ID, operation string, to journal.State) {
	w := g.options.Webhook
	if w == nil {
		return
	}
	select {
	case w.queue <- notification{StatusPath + id.String(), operation, statusWord(to), g.options.Now().UTC()}:
	default:
		g.metrics.webhooks.WithLabelValues("dropped").Inc()
	}
}

func (w *Webhook) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case n := <-w.queue:
			w.deliver(ctx, n)
		}
	}
}

func (w *Webhook) deliver(ctx context.Context, n notification) {
	body, err := json.Marshal(n)
	if err != nil {
		return
	}
	pause := w.o.Pause
	for range w.o.Attempts {
		if w.post(ctx, n.id(), body) {
			w.count("delivered")
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, time.Minute)
	}
	w.count("failed")
}

// SignWebhook adds the headers of Standard Webhooks 1.0 to a notification: its id, the same at every attempt, the time,
// and, if there is a secret, a signature over both and the body, so that nobody can send it again later.
func SignWebhook(h http.Header, secret []byte, id string, at time.Time, body []byte) {
	seconds := strconv.FormatInt(at.Unix(), 10)
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", seconds)
	if len(secret) == 0 {
		return
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(id + "." + seconds + "."))
	mac.Write(body)
	h.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// id is the same at every attempt, and another for every state of an operation.
func (n notification) id() string { return strings.TrimPrefix(n.Operation, StatusPath) + "." + n.State }

// post makes one attempt.
func (w *Webhook) post(ctx context.Context, id string, body []byte) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.o.URL, bytes.NewReader(body))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/json")
	SignWebhook(r.Header, w.o.Secret, id, time.Now(), body)
	resp, err := w.client.Do(r)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
	_ = resp.Body.Close()
	return resp.StatusCode >= 200 && resp.StatusCode < 300
}
