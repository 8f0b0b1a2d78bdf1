// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"lintel/gateway/journal"
)

// simEars is what apps were told.
type simEars struct {
	// told is the end of a request as its app knows it, answers the answer; by path and key.
	told, answers map[string]string
	// accepted are operations whose app was told to come back, notified those that the receiver was told of.
	accepted map[journal.ID]bool
	notified map[journal.ID]string
}

const (
	saysApplied    = "applied"
	saysNotApplied = "not applied"
)

// client sends the same few requests again and again, as an app that did not get an answer does.
func (s *simulation) client(ctx context.Context, g *Gateway, host simHost, number int) {
	for n := 0; ctx.Err() == nil; n++ {
		path, key := simRequest(number, n%simKeys)
		headers := []string{"Idempotency-Key", key}
		if s.roll(3) == 0 {
			headers = append(headers, "Prefer", "respond-async")
		}
		r := do(g, "POST", path, fmt.Sprintf(`{"n":%d}`, n%simKeys), headers...)
		if !host.alive() {
			return // the process is gone, and its answer with it
		}
		s.hear(g.options.Journal, path, key, r.Code, r.Header(), r.Body.Bytes())
		if s.calm && n%simKeys == simKeys-1 && s.knowsAll(number) {
			return
		}
		pause := time.Duration(50+s.roll(500)) * time.Millisecond
		if n > 2*simKeys {
			pause *= 8 // it asked for everything twice
		}
		time.Sleep(pause)
	}
}

// simRequest is one of the requests of a client.
func simRequest(client, n int) (path, key string) {
	path = "/pay"
	switch n {
	case simKeys - 1:
		path = "/order"
	case simKeys - 2:
		path = "/trade"
	}
	return path, fmt.Sprintf("simulation-key-%d-%d", client, n)
}

// knowsAll reports that a client was told the end of all its requests. In the calm life at the end there
// is nothing else to learn.
func (s *simulation) knowsAll(number int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := range simKeys {
		path, key := simRequest(number, n)
		if s.told[path+" "+key] == "" {
			return false
		}
	}
	return true
}

// simID is the identity of a request.
func simID(j *journal.Journal, path, key string) journal.ID {
	return j.ID(&journal.Call{Operation: "post-" + path[1:], Key: key})
}

// hear compares an answer with the truth and with what was said before.
func (s *simulation) hear(j *journal.Journal, path, key string, status int, h http.Header, body []byte) {
	id := simID(j, path, key)
	var doc struct{ Reply, Outcome string }
	_ = json.Unmarshal(body, &doc)
	final := ""
	switch {
	case status == http.StatusCreated:
		final = saysApplied
		if !strings.Contains(doc.Reply, id.UUID()) {
			s.violation("%s %s got the reply of another: %s", path, key, doc.Reply)
		}
	case doc.Outcome == outcomeNotApplied:
		final = saysNotApplied
	case status == http.StatusAccepted:
		s.mu.Lock()
		s.accepted[id] = true
		s.mu.Unlock()
	}
	if final != "" {
		s.compare(id, path+" "+key, final)
	}
	name := path + " " + key
	s.mu.Lock()
	before, answer := s.told[name], s.answers[name]
	s.mu.Unlock()
	if before != "" && (before != final || answer != string(body)) {
		s.violation("%s was told %q: %s, then %d %q: %s", name, before, answer, status, final, body)
	}
	if final != "" && h.Get(headerDegraded) == "" {
		s.mu.Lock()
		s.told[name], s.answers[name] = final, string(body)
		s.mu.Unlock()
	}
}

// compare compares what somebody was told of a request with the books of the host.
func (s *simulation) compare(id journal.ID, name, final string) {
	if truth := s.truth(id, name); truth != final {
		s.violation("%s was said to be %s, and the books say %s", name, final, truth)
	}
}

// truth is what the books say.
func (s *simulation) truth(id journal.ID, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasPrefix(name, "/pay") {
		switch n := s.applied[id.UUID()]; n {
		case 0:
			return saysNotApplied
		case 1:
			return saysApplied
		default:
			return fmt.Sprintf("applied %d times", n)
		}
	}
	o := s.order(id.UUID())
	debit, announced := o.kept()
	switch {
	case debit && announced && o.debits == 1:
		return saysApplied
	case !debit && !announced && o.debits <= 1:
		return saysNotApplied
	}
	return fmt.Sprintf("applied in part: %+v", *o)
}

// reckon compares, when all is over, what everybody was told with the books.
func (s *simulation) reckon() {
	if len(s.told) == 0 {
		s.violation("nobody was told anything")
	}
	for id, n := range s.applied {
		if n > 1 {
			s.violation("%s was done %d times", id, n)
		}
	}
	for id, o := range s.orders {
		if o.debits > 1 || o.announcements > 1 || o.backs > 0 && o.debits == 0 {
			s.violation("order %s: %+v", id, *o)
		}
	}
}

// audit compares the journal at the end with the books, and with who was to be told of it.
func (s *simulation) audit(j *journal.Journal) {
	for client := range simClients {
		for n := range simKeys {
			path, key := simRequest(client, n)
			id, name := simID(j, path, key), path+" "+key
			e, err := j.Get(context.Background(), id)
			if err != nil {
				s.violation("%s: %v", name, err)
				continue
			}
			s.mu.Lock()
			told, accepted, notified := s.told[name], s.accepted[id], s.notified[id]
			s.mu.Unlock()
			if told != "" {
				s.compare(id, name, told)
			}
			switch {
			case e == nil && (told != "" || accepted):
				s.violation("%s was %s (accepted: %t), and the journal does not know it", name, told, accepted)
			case e == nil || e.State.Open():
				if e != nil {
					s.violation("%s is still %s", name, e.State)
				}
			case accepted && notified == "":
				s.violation("%s ended, its app was told to come back, and nobody was told", name)
			}
		}
	}
}

// simReceiver is who takes notifications, as one process sees it, in place of the network.
type simReceiver struct {
	simHost
	j *journal.Journal
}

// RoundTrip implements http.RoundTripper.
func (r simReceiver) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	fault := r.s.roll(4)
	if r.s.calm {
		fault = 3
	}
	if fault == 0 || !r.alive() {
		return nil, errors.New("refused")
	}
	r.notified(req.Header, body)
	if fault == 1 {
		return nil, errors.New("the answer was lost")
	}
	return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}, nil
}

// notified checks a notification that came.
func (r simReceiver) notified(h http.Header, body []byte) {
	s := r.s
	mac := hmac.New(sha256.New, []byte(simSecret))
	mac.Write([]byte(h.Get("Webhook-Id") + "." + h.Get("Webhook-Timestamp") + "." + string(body)))
	if h.Get("Webhook-Signature") != "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
		s.violation("a notification is not signed: %q", h)
	}
	var n notification
	err := json.Unmarshal(body, &n)
	id, perr := journal.ParseID(strings.TrimPrefix(n.Operation, StatusPath))
	if err != nil || perr != nil || h.Get("Webhook-Id") != n.id() {
		s.violation("notification %q %s: %v", h, body, errors.Join(err, perr))
		return
	}
	final := map[string]string{statusWord(journal.Complete): saysApplied, statusWord(journal.NotApplied): saysNotApplied}[n.State]
	if final == "" {
		s.violation("somebody was told that %s is %s, which is no end", n.Operation, n.State)
		return
	}
	s.compare(id, "/"+strings.TrimPrefix(n.OperationID, "post-")+" notification", final)
	s.mu.Lock()
	before := s.notified[id]
	s.notified[id] = final
	s.mu.Unlock()
	if before != "" && before != final {
		s.violation("somebody was told that %s is %s, then %s", n.Operation, before, final)
	}
}
