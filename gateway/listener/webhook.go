// SPDX-License-Identifier: Apache-2.0

package listener

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"lintel/gateway"
)

// Webhook delivers events by HTTP POST.
type Webhook struct {
	URL string
	// Secret signs: HMAC-SHA-256, as Standard Webhooks has it. Empty leaves signatures out.
	Secret []byte
	// Headers go with every event.
	Headers map[string]string
	// Client makes the requests. It must not follow redirects.
	Client *http.Client
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// mostAnswer is how much of an answer is read, so that its connection can be used again.
const mostAnswer = 64 << 10

// Deliver sends an event. Any 2xx is a delivery. A redirect and 4xx other than 408, 425 and 429 refuse it for
// good; everything else may go away.
func (w *Webhook) Deliver(ctx context.Context, e Event) error {
	body, err := e.JSON()
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return &Refused{Why: "the URL cannot be used"}
	}
	for name, value := range w.Headers {
		r.Header.Set(name, value)
	}
	r.Header.Set("Content-Type", ContentType)
	w.sign(r.Header, e.ID, body)
	answer, err := w.Client.Do(r)
	if err != nil {
		return fmt.Errorf("the webhook was not reached: %w", plainly(err))
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, mostAnswer))
	return judge(answer.StatusCode, answer.Header)
}

// sign adds the id, the time and the signature.
func (w *Webhook) sign(h http.Header, id string, body []byte) {
	now := time.Now
	if w.Now != nil {
		now = w.Now
	}
	gateway.SignWebhook(h, w.Secret, id, now(), body)
}

// judge says what a status means for a delivery.
func judge(status int, h http.Header) error {
	why := fmt.Sprintf("status %d", status)
	switch {
	case status >= 200 && status < 300:
		return nil
	case status >= 300 && status < 500 && status != http.StatusRequestTimeout && status != http.StatusTooEarly && status != http.StatusTooManyRequests:
		return &Refused{Why: why}
	}
	after, _ := strconv.Atoi(h.Get("Retry-After"))
	return &Later{Why: why, After: time.Duration(max(after, 0)) * time.Second}
}

// plainly leaves the URL out of an error: it may hold a secret.
func plainly(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}
