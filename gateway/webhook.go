// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"cmp"
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
	"sync/atomic"
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
	// Pause is the least pause between attempts of one notification; default 10 s, and more than Timeout. The pause is as
	// long as it is since the operation ended, so it doubles, up to MaxPause; default 10 min.
	Pause, MaxPause time.Duration
	// GiveUp is how long after the end of an operation the last attempt is made; default a day.
	GiveUp time.Duration
}

// Webhook tells of operations that ended. That somebody is to be told is recorded with the end of the operation, and
// stays recorded until they took it: a notification comes at least once, also when the gateway dies in between.
type Webhook struct {
	o      WebhookOptions
	client *http.Client
	wake   chan struct{}
}

type notification struct {
	Operation   string    `json:"operation"`
	OperationID string    `json:"operationId"`
	State       string    `json:"state"`
	At          time.Time `json:"at"`
}

// Bounds of telling.
const (
	// tellEvery is how often the journal is asked what is due.
	tellEvery = time.Second
	// tellAtOnce is how many attempts are made at the same time.
	tellAtOnce = 8
)

// NewWebhook makes a Webhook. It must be closed.
func NewWebhook(o WebhookOptions) (*Webhook, error) {
	if o.URL == "" || len(o.Secret) < 16 {
		return nil, errors.New("a webhook needs a URL and a secret of at least 16 bytes")
	}
	o.Timeout = cmp.Or(o.Timeout, 5*time.Second)
	o.Pause = max(cmp.Or(o.Pause, 10*time.Second), o.Timeout+time.Second)
	o.MaxPause = max(cmp.Or(o.MaxPause, 10*time.Minute), o.Pause)
	o.GiveUp = cmp.Or(o.GiveUp, 24*time.Hour)
	return &Webhook{
		o: o, wake: make(chan struct{}, 1),
		client: &http.Client{
			Timeout:   o.Timeout,
			Transport: &http.Transport{MaxIdleConns: 2, IdleConnTimeout: 30 * time.Second},
			// What is signed is for one receiver.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Close ends it.
func (w *Webhook) Close() error {
	w.client.CloseIdleConnections()
	return nil
}

// wakeUp lets what was just recorded be told at once; w may be nil.
func (w *Webhook) wakeUp() {
	if w == nil {
		return
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// tells reports that there is somebody to tell.
func (g *Gateway) tells() bool { return g.options.Webhook != nil }

// Tell tells of operations that ended, until ctx ends. One at a time may run.
func (g *Gateway) Tell(ctx context.Context) {
	w := g.options.Webhook
	if w == nil || g.options.Journal == nil {
		return
	}
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	for {
		for g.tellRound(ctx, w) {
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-w.wake:
		}
	}
}

// tellRound makes an attempt for as many operations as are told of at once; true if there may be more, and
// who is told takes them.
func (g *Gateway) tellRound(ctx context.Context, w *Webhook) bool {
	list, err := g.options.Journal.Claim(ctx, journal.Claim{Pause: w.o.Pause, MaxPause: w.o.MaxPause, Limit: tellAtOnce})
	if err != nil || ctx.Err() != nil {
		return false // the journal says itself what is wrong with it
	}
	var wg sync.WaitGroup
	var failed atomic.Bool
	for i := range list {
		wg.Go(func() {
			if !g.tellOf(ctx, w, &list[i]) {
				failed.Store(true)
			}
		})
	}
	wg.Wait()
	return len(list) == tellAtOnce && !failed.Load()
}

// tellOf makes one attempt to tell of an operation.
func (g *Gateway) tellOf(ctx context.Context, w *Webhook, e *journal.Entry) bool {
	n := notification{StatusPath + e.ID.String(), e.Operation, statusWord(e.State), e.Changed.UTC()}
	body, err := json.Marshal(n)
	taken := err == nil && w.post(ctx, n.id(), g.options.Now(), body)
	result := "delivered"
	switch {
	case taken:
	case ctx.Err() != nil:
		return false
	case g.options.Now().Sub(e.Changed) < w.o.GiveUp:
		g.metrics.webhooks.WithLabelValues("retried").Inc()
		return false
	default:
		result = "failed"
		g.options.Log.Error("webhook: nobody took the notification, it is given up", "operation", e.ID.String())
	}
	g.metrics.webhooks.WithLabelValues(result).Inc()
	// If this cannot be recorded it is told again: its id is the same.
	if err := g.options.Journal.Told(context.WithoutCancel(ctx), e.ID); err != nil && !errors.Is(err, journal.ErrNoEntry) {
		g.options.Log.Warn("webhook: that a notification was taken cannot be recorded", "operation", e.ID.String(), "error", logText(err))
	}
	return taken
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
func (w *Webhook) post(ctx context.Context, id string, now time.Time, body []byte) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.o.URL, bytes.NewReader(body))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/json")
	SignWebhook(r.Header, w.o.Secret, id, now, body)
	resp, err := w.client.Do(r)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
	_ = resp.Body.Close()
	return resp.StatusCode >= 200 && resp.StatusCode < 300
}
