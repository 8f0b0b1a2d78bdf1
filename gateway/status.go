// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"lintel/gateway/journal"
)

// statusWord is a state in the words of the status resource.
func statusWord(s journal.State) string {
	switch s {
	case journal.Intent:
		return "running"
	case journal.Complete:
		return "completed"
	case journal.NotApplied:
		return "not-applied"
	default:
		return "in-doubt"
	}
}

// operationStatus is the document of GET /operations/{id}.
type operationStatus struct {
	Operation   string    `json:"operation"`
	OperationID string    `json:"operationId"`
	State       string    `json:"state"`
	Begun       time.Time `json:"begun"`
	Changed     time.Time `json:"changed"`
	// Answer is what the caller was told or would have been; there when the state is final.
	Answer *statusAnswer `json:"answer,omitempty"`
}

type statusAnswer struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
}

// statusID returns the id in the path of a status, "" if it is none.
func statusID(path string) string {
	id, ok := strings.CutPrefix(path, StatusPath)
	if !ok || strings.Contains(id, "/") {
		return ""
	}
	return id
}

// serveStatus answers a request for the status of an operation. Only who began it is told anything:
// the credentials that the operation asks for must be those of the same caller.
func (c *call) serveStatus(text string) {
	if err := c.findStatus(text); err != nil {
		c.route = nil // the problem is not one of the operation's
		c.refuse(err)
	}
}

func (c *call) findStatus(text string) error {
	notFound := &fault{kind: kindNotFound}
	id, err := journal.ParseID(text)
	if err != nil {
		return notFound
	}
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return &fault{kind: kindMethodNotAllowed, allow: "GET, HEAD"}
	}
	ctx, cancel := context.WithTimeout(c.r.Context(), journal.Patience)
	defer cancel()
	j := c.g.options.Journal
	e, err := j.Get(ctx, id)
	if err != nil {
		return &fault{kind: kindJournal, cause: err}
	}
	if e == nil || !e.Parent.IsZero() {
		return notFound
	}
	route := c.g.table.Load().status[e.Operation]
	if route == nil {
		return notFound
	}
	c.route = route
	if err := c.authenticate(); err != nil {
		return err
	}
	who, err := j.WhoBegan(e)
	if err != nil {
		return &fault{kind: kindJournal, cause: err}
	}
	if who.Tenant != c.tenant {
		return notFound
	}
	return c.writeStatus(e)
}

func (c *call) writeStatus(e *journal.Entry) error {
	doc := operationStatus{
		Operation: StatusPath + e.ID.String(), OperationID: e.Operation, State: statusWord(e.State),
		Begun: e.Begun.UTC(), Changed: e.Changed.UTC(),
	}
	if !e.State.Open() {
		stored, err := c.g.options.Journal.ReplyOf(e)
		if err != nil {
			return &fault{kind: kindJournal, cause: err}
		}
		if a, err := decodeAnswer(stored); err == nil {
			doc.Answer = statusOf(a)
		}
	}
	body, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	h := c.w.Header()
	c.commonHeaders(h)
	h["Content-Type"] = contentJSON[:]
	if e.State.Open() {
		h["Retry-After"] = []string{"1"}
	}
	c.send(http.StatusOK, body)
	return nil
}

func statusOf(a *storedAnswer) *statusAnswer {
	out := &statusAnswer{Status: a.status, Headers: map[string]string{}}
	for name, values := range a.header {
		out.Headers[name] = strings.Join(values, ", ")
	}
	if json.Valid(a.body) {
		out.Body = a.body
	}
	return out
}
