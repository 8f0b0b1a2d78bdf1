// SPDX-License-Identifier: Apache-2.0

package listener

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Call is a call of one of the gateway's own operations.
type Call struct {
	Method string
	// Path is the template of the operation: /orders/{orderId}.
	Path string
	// Params are its parameters, by place and name: path.orderId, query.limit, header.X-Branch.
	Params map[string]string
	Body   []byte
	// ID is the message's: it goes along as Idempotency-Key, so that a repeat does nothing twice where the
	// operation keeps such keys.
	ID string
	// Headers go with every call: who Lintel is.
	Headers map[string]string
}

// Answer is what a call gave.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// mostCalled bounds an answer, in bytes.
const mostCalled = 8 << 20

// Do makes the call in this process. An answer of any status is an answer; whether it is one that shall be tried
// again is Retry's to say.
func (c Call) Do(ctx context.Context, handler http.Handler) (Answer, error) {
	target, err := c.target()
	if err != nil {
		return Answer{}, err
	}
	r, err := http.NewRequestWithContext(ctx, c.Method, target, bytes.NewReader(c.Body))
	if err != nil {
		return Answer{}, &Refused{Why: "the call cannot be made"}
	}
	r.RequestURI = target
	r.RemoteAddr = "127.0.0.1:0"
	for name, value := range c.Headers {
		r.Header.Set(name, value)
	}
	for name, value := range c.Params {
		if h, ok := strings.CutPrefix(name, "header."); ok {
			r.Header.Set(h, value)
		}
	}
	if c.Body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Idempotency-Key", c.ID)
	w := &answerWriter{header: http.Header{}}
	handler.ServeHTTP(w, r)
	if w.over {
		return Answer{}, &Refused{Why: "the answer is too large"}
	}
	return Answer{Status: w.status, Header: w.header, Body: w.body.Bytes()}, nil
}

// target fills in the template.
func (c Call) target() (string, error) {
	path := c.Path
	query := url.Values{}
	for name, value := range c.Params {
		if p, ok := strings.CutPrefix(name, "path."); ok {
			path = strings.ReplaceAll(path, "{"+p+"}", url.PathEscape(value))
		}
		if q, ok := strings.CutPrefix(name, "query."); ok {
			query.Set(q, value)
		}
	}
	if strings.Contains(path, "{") {
		return "", &Refused{Why: "a parameter of the path is not given"}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path, nil
}

// Retry reports whether an answer says that the same call shall be made again: the host was not reached, or
// does not take it now. What is in doubt is not called again.
func (a Answer) Retry() error {
	switch a.Status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		after, _ := strconv.Atoi(a.Header.Get("Retry-After"))
		return &Later{Why: fmt.Sprintf("the operation answered %d", a.Status), After: time.Duration(max(after, 0)) * time.Second}
	}
	return nil
}

// answerWriter keeps an answer.
type answerWriter struct {
	header http.Header
	status int
	body   bytes.Buffer
	over   bool
}

// Header implements http.ResponseWriter.
func (w *answerWriter) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *answerWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

// Write implements http.ResponseWriter.
func (w *answerWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.body.Len()+len(p) > mostCalled {
		w.over = true
		return len(p), nil
	}
	return w.body.Write(p)
}
