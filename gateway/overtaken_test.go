// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"strings"
	"testing"

	"lintel/adapters"
	"lintel/gateway/journal"
)

// TestOvertaken: while an exchange is under way another process finds it in doubt, since their clocks differ or one
// stood still, and goes on from there. What the caller is told is true, and is what it is told later.
func TestOvertaken(t *testing.T) {
	doubt := journal.End{To: journal.InDoubt, Proof: journal.ProofOverdue}
	reversing := journal.End{To: journal.InDoubt, Proof: proofReversal}
	stored := func(to journal.State, proof string) journal.End {
		return journal.End{To: to, Proof: proof, Reply: encodeAnswer(&storedAnswer{status: 299, body: []byte(`{"stored":1}`)})}
	}
	notSent := &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable}
	for _, tt := range []struct {
		name           string
		others         []journal.End
		host           error
		status         int
		body           string
		state          journal.State
		again          int
		contradictions string
	}{
		{"found in doubt", []journal.End{doubt}, nil, 201, "done", journal.Complete, 201, "0"},
		{"found in doubt, and not sent", []journal.End{doubt}, notSent, 503, "not-sent", journal.NotApplied, 502, "0"},
		{"being reversed, and done", []journal.End{doubt, reversing}, nil, 504, "in-doubt", journal.InDoubt, 409, "0"},
		{"being reversed, and lost", []journal.End{doubt, reversing}, &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}, 504, "in-doubt", journal.InDoubt, 409, "0"},
		{"being reversed, and refused", []journal.End{doubt, reversing}, reply("refused"), 422, "not-applied", journal.NotApplied, 422, "0"},
		{"being reversed, and not sent", []journal.End{doubt, reversing}, notSent, 503, "not-sent", journal.NotApplied, 502, "0"},
		{"reversed, and done", []journal.End{doubt, reversing, stored(journal.NotApplied, proofReversed)}, nil, 299, "stored", journal.NotApplied, 299, "0"},
		{"reversed, and not sent", []journal.End{doubt, reversing, stored(journal.NotApplied, proofReversed)}, notSent, 299, "stored", journal.NotApplied, 299, "0"},
		{"found to be done", []journal.End{doubt, stored(journal.Complete, "inquiry")}, nil, 299, "stored", journal.Complete, 299, "0"},
		{"found not to be done, but it was", []journal.End{doubt, stored(journal.NotApplied, "inquiry")}, nil, 201, "done", journal.NotApplied, 299, "1"},
		{"found to be done, but it was not", []journal.End{doubt, stored(journal.Complete, "inquiry")}, notSent, 503, "not-sent", journal.Complete, 299, "1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.serve(nil)
			id := w.journal.ID(&journal.Call{Operation: "post-pay", Key: keyA})
			w.host = func(context.Context, string) error {
				for _, end := range tt.others {
					if err := w.journal.Finish(context.Background(), id, end); err != nil {
						t.Error(err)
					}
				}
				return tt.host
			}
			if r := w.pay(keyA, `{}`); r.Code != tt.status || !strings.Contains(r.Body.String(), tt.body) || r.Header().Get(headerDegraded) != "" {
				t.Errorf("told %d %s %v", r.Code, r.Body, r.Header())
			}
			if e, err := w.journal.Get(t.Context(), id); err != nil || e.State != tt.state {
				t.Errorf("%+v %v", e, err)
			}
			w.host = func(context.Context, string) error { t.Error("sent again"); return nil }
			if r := w.pay(keyA, `{}`); r.Code != tt.again {
				t.Errorf("again: %d %s", r.Code, r.Body)
			}
			if text := doAdmin(w.gateway.Admin(), "GET", "/metrics", "").Body.String(); !strings.Contains(text, "lintel_journal_contradictions_total "+tt.contradictions) {
				t.Error("contradictions are not " + tt.contradictions)
			}
		})
	}
}

// TestStepsOvertaken: no step of a call is begun that another process found in doubt, and may be taking back.
func TestStepsOvertaken(t *testing.T) {
	w, s := stepWorld(t, "a: ok / undo ok\nb: ok / undo ok")
	id := w.journal.ID(&journal.Call{Operation: "post-pay", Key: keyA})
	s.during = func(what string) {
		if what == "a" {
			if err := w.journal.Finish(context.Background(), id, journal.End{To: journal.InDoubt, Proof: journal.ProofOverdue}); err != nil {
				t.Error(err)
			}
		}
	}
	r := w.pay(keyA, `{}`)
	if asked := strings.Join(s.asked, " "); asked != "a undo a" || r.Code != 503 || !strings.Contains(r.Body.String(), "journal-unavailable") || !strings.Contains(r.Body.String(), `"outcome":"not-applied"`) {
		t.Errorf("asked %s, told %d %s", asked, r.Code, r.Body)
	}
	if got := w.entries(); got != "call: not applied, a: complete, a.undo: complete" {
		t.Error(got)
	}
}
