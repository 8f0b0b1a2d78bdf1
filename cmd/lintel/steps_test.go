// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"lintel/specs"
)

// services are the fraud service, the clearing house and the sender of messages of the bank example: a
// small one that answers by what the payment says.
type services struct {
	mu    sync.Mutex
	asked []string
}

// ServeHTTP implements http.Handler.
func (s *services) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Amount  json.Number `json:"amount"`
		Payee   string      `json:"payee"`
		Account string      `json:"account"`
		Revoke  bool        `json:"revoke"`
	}
	if r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&in) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	what := strings.TrimPrefix(r.URL.Path, "/")
	if in.Revoke {
		what = "revoke"
	}
	s.mu.Lock()
	s.asked = append(s.asked, what)
	s.mu.Unlock()
	reply := map[string]any{"state": "accepted", "id": "M-1", "decision": "allow", "risk": "low"}
	switch {
	case what == "screenings" && in.Amount == "9999":
		reply["decision"] = "deny"
	case what == "revoke":
		reply["state"] = "revoked"
	case what == "announcements" && in.Payee == "0000004713":
		reply["state"] = "refused"
	case what == "announcements" && in.Payee == "0000004714":
		panic(http.ErrAbortHandler) // the reply is lost
	case what == "messages" && in.Account == "0000004715":
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(reply)
}

// TestPayments calls the payments of the bank, whose core is simulated, through real HTTP services.
func TestPayments(t *testing.T) {
	s := &services{}
	server := httptest.NewServer(s)
	defer server.Close()
	p := mustCompile(t, "../../examples/bank", func(name string) (string, bool) {
		paths := map[string]string{"FRAUD_URL": "/screenings", "CLEARING_URL": "/announcements", "PUSH_URL": "/messages"}
		path, ok := paths[name]
		return server.URL + path, ok
	})
	log := newLogging(io.Discard)
	t.Cleanup(log.close)
	core := p.ws.Config.Backend("core")
	answers, findings := newAnswers(p, core, &specs.Simulation{})
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	host, err := startSimulated(t.Context(), anyPort, core, answers, nil, log.Logger)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = host.Close() })
	var backends []*specs.Backend
	for _, b := range p.ws.Config.Backends {
		if b == core {
			b = host.at(b)
		}
		backends = append(backends, b)
	}
	h, err := build(p, backends, log, nil, journalPlace{dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	for _, tt := range []struct {
		name, body    string
		status        int
		code, outcome string
		asked         string
	}{
		{"paid", `{"from":"0000004711","to":"0000004712","amount":{"amount":12.50,"currency":"EUR"},"reference":"PAY-1","device":"phone"}`, 201, "", "", "screenings announcements messages"},
		{"denied", `{"from":"0000004711","to":"0000004712","amount":{"amount":9999,"currency":"EUR"},"reference":"PAY-2"}`, 403, "payment-denied", "", "screenings"},
		{"no money", `{"from":"0000004711","to":"0000004712","amount":{"amount":500,"currency":"EUR"},"reference":"PAY-3"}`, 422, "insufficient-funds", "not-applied", "screenings"},
		{"refused, and the money goes back", `{"from":"0000004711","to":"0000004713","amount":{"amount":20,"currency":"EUR"},"reference":"PAY-4"}`, 422, "payee-refused", "not-applied", "screenings announcements"},
		{"lost, revoked, and the money goes back", `{"from":"0000004711","to":"0000004714","amount":{"amount":30,"currency":"EUR"},"reference":"PAY-5"}`, 502, "not-applied", "not-applied", "screenings announcements revoke"},
		{"not told", `{"from":"0000004715","to":"0000004712","amount":{"amount":40,"currency":"EUR"},"reference":"PAY-6"}`, 201, "", "", "screenings announcements messages"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.asked = nil
			r := httptest.NewRequest(http.MethodPost, "/payments", strings.NewReader(tt.body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", "payment-of-the-bank-"+strings.NewReplacer(" ", "-", ",", "").Replace(tt.name))
			w := httptest.NewRecorder()
			h.gateway.ServeHTTP(w, r)
			var got struct{ Code, Outcome string }
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if asked := strings.Join(s.asked, " "); w.Code != tt.status || got.Code != tt.code || tt.outcome != "" && got.Outcome != tt.outcome || asked != tt.asked {
				t.Errorf("%d, asked %q, want %d, %q\n%s", w.Code, asked, tt.status, tt.asked, w.Body)
			}
			if partial := w.Header().Get("Lintel-Partial"); (partial == "notify") != (tt.name == "not told") {
				t.Errorf("partial %q", partial)
			}
		})
	}
}
