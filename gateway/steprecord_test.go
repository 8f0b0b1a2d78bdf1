// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"lintel/gateway/journal"
	"lintel/transforms"
)

// stepWorld is a world whose operation has the steps of a play.
func stepWorld(t *testing.T, lines string) (*world, *troupe) {
	t.Helper()
	w := newWorld(t)
	s, steps := play(lines)
	w.serve(func(o *Options, r *Route) {
		o.Timeout = 3 * time.Second
		r.Steps, r.Answer = steps, func() Answerer { return fakeAnswer{} }
	})
	return w, s
}

// entries lists the journal as "NAME: STATE", the call first.
func (w *world) entries() string {
	w.t.Helper()
	list, err := w.journal.List(context.Background(), journal.Filter{})
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, e := range list {
		name := e.Step
		if name == "" {
			name = "call"
		}
		out = append(out, name+": "+e.State.String())
	}
	return strings.Join(out, ", ")
}

func TestStepsAreRecorded(t *testing.T) {
	for _, tt := range []struct {
		name, play, entries, asked string
		status                     int
		again                      int // of the same key
	}{
		{"all went well", "a safe: ok\nb: ok / undo ok\nc: ok", "call: complete, b: complete, c: complete", "a b c", 201, 201},
		{"nothing changed", "a safe: refused\nb: ok", "", "a", 422, 422},
		{"taken back", "a: ok / undo ok\nb: refused", "call: not applied, a: complete, b: not applied, a.undo: complete", "a b undo a", 422, 422},
		{"in doubt", "a: ok / undo ok\nb: lost", "call: in doubt, a: complete, b: in doubt", "a b", 504, 409},
		{"in doubt and taken back", "a: ok / undo ok\nb: lost / undo in doubt ok", "call: not applied, a: complete, b: not applied, b.undo: complete, a.undo: complete", "a b undo b undo a", 502, 502},
		{"not sent: the key is free again", "a: unreachable", "", "a", 503, 503},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, s := stepWorld(t, tt.play)
			if got := w.pay(keyA, "{}"); got.Code != tt.status {
				t.Errorf("%d %s", got.Code, got.Body)
			}
			if got := w.entries(); got != tt.entries {
				t.Errorf("journal: %s, want %s", got, tt.entries)
			}
			if asked := strings.Join(s.asked, " "); asked != tt.asked {
				t.Errorf("asked %s", asked)
			}
			s.asked = nil
			got := w.pay(keyA, "{}")
			if got.Code != tt.again || tt.again == tt.status && tt.status < 500 && len(s.asked) > 0 && tt.entries != "" {
				t.Errorf("again: %d, asked %v", got.Code, s.asked)
			}
		})
	}
}

// TestStepsWithoutAJournal: what cannot be recorded is not sent.
func TestStepsWithoutAJournal(t *testing.T) {
	w, s := stepWorld(t, "a safe: ok\nb: ok")
	w.close()
	if got := w.pay(keyA, "{}"); got.Code != 503 || strings.Join(s.asked, " ") != "" {
		t.Errorf("%d %s, asked %v", got.Code, got.Body, s.asked)
	}
}

// TestUndoIsDrivenToTheEnd: the answer gave up, or the process died; the resolver takes back what there is.
func TestUndoIsDrivenToTheEnd(t *testing.T) {
	for _, tt := range []struct{ name, play, before, after, asked string }{
		{
			"the answer gave up", "a: ok / undo refused then ok\nb: refused",
			"call: in doubt, a: complete, b: not applied, a.undo: in doubt", "not applied", "undo a",
		},
		{
			"a step in doubt may be taken back", "a: ok / undo ok\nb: lost / undo in doubt lost then ok",
			"call: in doubt, a: complete, b: in doubt, b.undo: in doubt", "not applied", "undo b undo a",
		},
		{
			"a step in doubt may not", "a: ok / undo ok\nb: lost",
			"call: in doubt, a: complete, b: in doubt", "in doubt", "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, s := stepWorld(t, tt.play)
			w.gateway.undoPatience = time.Millisecond
			w.pay(keyA, "{}")
			s.asked = nil
			r := &resolver{g: w.gateway, next: map[journal.ID]attempt{}}
			r.round(t.Context())
			list, err := w.journal.List(context.Background(), journal.Filter{})
			if err != nil || len(list) == 0 || list[0].State.String() != tt.after {
				t.Fatalf("%v, journal: %s", err, w.entries())
			}
			if asked := strings.Join(s.asked, " "); asked != tt.asked {
				t.Errorf("asked %s, want %s", asked, tt.asked)
			}
			if tt.after == "not applied" {
				if p := problemIn(t, w.pay(keyA, "{}")); p.Code != "not-applied" || p.Outcome != "not-applied" {
					t.Errorf("again: %+v", p)
				}
			}
		})
	}
}

// TestCrashBetweenSteps: the process dies after the debit. The next one finds the entries and takes it back.
func TestCrashBetweenSteps(t *testing.T) {
	w, _ := stepWorld(t, "a: ok / undo ok\nb: ok")
	in := transforms.Input{Params: []byte(`{"path":{},"query":{},"header":{},"cookie":{}}`), Body: []byte("{}"), ExchangeID: "x"}
	call := journal.Call{Tenant: "", Operation: "post-pay", Key: keyA, Deadline: time.Now(), Request: appendInput(nil, &in)}
	if _, err := w.journal.Begin(t.Context(), &call); err != nil {
		t.Fatal(err)
	}
	step := call
	step.Step, step.Parent, step.Request = "a", w.journal.ID(&call), nil
	if _, err := w.journal.Begin(t.Context(), &step); err != nil {
		t.Fatal(err)
	}
	if err := w.journal.Finish(t.Context(), w.journal.ID(&step), journal.End{To: journal.Complete, Reply: []byte(`{"body":"b2s=","variant":""}`)}); err != nil {
		t.Fatal(err)
	}
	w.close() // the process dies
	w.open()
	s, steps := play("a: ok / undo ok\nb: ok")
	w.serve(func(_ *Options, r *Route) { r.Steps, r.Answer = steps, func() Answerer { return fakeAnswer{} } })
	r := &resolver{g: w.gateway, next: map[journal.ID]attempt{}}
	r.round(t.Context())
	if got := w.entries(); got != "call: not applied, a: complete, a.undo: complete" || strings.Join(s.asked, " ") != "undo a" {
		t.Errorf("journal: %s, asked %v", got, s.asked)
	}
}

// TestStepsAsync: who does not want to wait for all steps is told where to come back, once the first step that changes
// something is recorded; who waits long enough gets the answer.
func TestStepsAsync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := stepWorld(t, "a safe: ok\nb: slow / undo ok\nc: ok")
		r := w.pay(keyA, "{}", "Prefer", "respond-async")
		if r.Code != 202 || r.Header().Get("Location") == "" {
			t.Fatalf("%d %s", r.Code, r.Body)
		}
		if w.gateway.InFlight() != 1 {
			t.Errorf("%d in flight", w.gateway.InFlight())
		}
		time.Sleep(time.Minute)
		if got := w.pay(keyA, "{}"); got.Header().Get("Idempotent-Replay") == "" {
			t.Errorf("later: %d %s", got.Code, got.Body)
		}
		if w.gateway.InFlight() != 0 || len(s.asked) < 2 {
			t.Errorf("%d in flight, asked %v", w.gateway.InFlight(), s.asked)
		}
		w.close()

		w, s = stepWorld(t, "a safe: ok\nb: ok / undo ok\nc: ok")
		if r := w.pay(keyB, "{}", "Prefer", "respond-async, wait=5"); r.Code != 201 || strings.Join(s.asked, " ") != "a b c" {
			t.Errorf("%d %s, asked %v", r.Code, r.Body, s.asked)
		}
		w.close()
	})
}
