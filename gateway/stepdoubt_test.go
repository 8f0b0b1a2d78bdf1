// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"lintel/gateway/journal"
)

// TestStepIsDecided: an operator decides on a step in doubt, and the gateway goes on with the others. Of one that was
// done nobody knows the reply, which its undo may need: taking it back is left to people.
func TestStepIsDecided(t *testing.T) {
	for _, tt := range []struct{ name, play, step, outcome, asked, entries string }{
		{"not applied", "a: ok / undo ok\nb: lost\nc: ok", "b", "not-applied", "undo a", "call: not applied, a: complete, b: not applied, a.undo: complete"},
		{"applied", "a: ok / undo ok\nb: lost / undo ok\nc: ok", "b", "applied", "", "call: in doubt, a: complete, b: complete"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := OpenAudit(filepath.Join(t.TempDir(), "audit.log"), nil)
			if err != nil {
				t.Fatal(err)
			}
			receiver := newReceiver(t)
			w := newWorld(t)
			s, steps := play(tt.play)
			w.serve(func(o *Options, r *Route) {
				o.Audit, o.Admin.Token, o.Webhook = a, adminToken, receiver.hook()
				r.Steps, r.Answer = steps, func() Answerer { return fakeAnswer{} }
			})
			w.pay(keyA, "{}")
			list, err := w.journal.List(context.Background(), journal.Filter{State: journal.InDoubt})
			if err != nil || len(list) != 2 {
				t.Fatalf("%v %s", err, w.entries())
			}
			s.asked = nil
			for _, e := range list {
				if e.Step != tt.step {
					continue
				}
				if r := doAdmin(w.gateway.Admin(), "POST", "/doubts/"+e.ID.String(), `{"outcome":"`+tt.outcome+`","by":"eva","reason":"seen in the books"}`); r.Code != 200 {
					t.Fatalf("%d %s", r.Code, r.Body)
				}
			}
			r := &resolver{g: w.gateway, next: map[journal.ID]attempt{}}
			r.round(t.Context())
			if asked := strings.Join(s.asked, " "); asked != tt.asked {
				t.Errorf("asked %q, want %q", asked, tt.asked)
			}
			if got := w.entries(); got != tt.entries {
				t.Errorf("journal: %s", got)
			}
			for w.gateway.tellRound(t.Context(), w.gateway.options.Webhook) {
			}
			for _, n := range receiver.got {
				if r := do(w.gateway, "GET", n.Operation, ""); r.Code != 200 {
					t.Errorf("told of %s, whose status is %d", n.Operation, r.Code)
				}
			}
		})
	}
}
