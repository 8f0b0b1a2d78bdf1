// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"lintel/adapters"
	"lintel/gateway/journal"
)

// late gives the gateway a reply that comes when nobody waits.
func late(t *testing.T, w *world, id []byte, text string) adapters.LateVerdict {
	t.Helper()
	verdict, err := w.gateway.LateReply(t.Context(), id, adapters.LateEnd{Reply: adapters.Message{Body: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	return verdict
}

// TestLateReply: a reply that comes when nobody waits ends its own exchange and no other.
func TestLateReply(t *testing.T) {
	w := newWorld(t)
	w.serve(nil)
	w.host = func(context.Context, string) error {
		return &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
	}
	told(t, w.pay(keyA, `{}`), 504, "in-doubt unknown never")
	told(t, w.pay(keyB, `{}`), 504, "in-doubt unknown never")
	id := w.journal.ID(&journal.Call{Operation: "post-pay", Key: keyA})
	for _, foreign := range [][]byte{nil, []byte("x"), make([]byte, 24)} {
		if late(t, w, foreign, "done") != adapters.LateForeign {
			t.Errorf("%x was taken", foreign)
		}
	}
	if late(t, w, id[:], "done late") != adapters.LateTaken {
		t.Fatal("the reply was not taken")
	}
	if r := w.pay(keyA, `{}`); r.Code != 201 || !strings.Contains(r.Body.String(), "late") {
		t.Errorf("%d %s", r.Code, r.Body)
	}
	told(t, w.pay(keyB, `{}`), 409, "operation-in-doubt unknown same-key-after")
	if late(t, w, id[:], "refused") != adapters.LateForeign {
		t.Error("a second reply was taken")
	}
}

// TestLateExpiration: the word of a queue manager that a request ran out on its queue proves that it was not applied.
func TestLateExpiration(t *testing.T) {
	w := newWorld(t)
	w.serve(nil)
	w.host = func(context.Context, string) error {
		return &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
	}
	told(t, w.pay(keyA, `{}`), 504, "in-doubt unknown never")
	id := w.journal.ID(&journal.Call{Operation: "post-pay", Key: keyA})
	for _, want := range []adapters.LateVerdict{adapters.LateTaken, adapters.LateDuplicate} {
		if got, err := w.gateway.LateReply(t.Context(), id[:], adapters.LateEnd{Expired: true}); err != nil || got != want {
			t.Fatalf("%d, want %d: %v", got, want, err)
		}
	}
	if e, err := w.journal.Get(t.Context(), id); err != nil || e.State != journal.NotApplied || e.Proof != "expiration report" {
		t.Errorf("%+v, %v", e, err)
	}
}

// TestLateDuplicate: a queue delivers a reply again that the journal has, since the process ended before it could tell the
// queue. It is known by its content, dropped, and changes nothing; any other is an alarm.
func TestLateDuplicate(t *testing.T) {
	lost := &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
	expired := adapters.LateEnd{Expired: true}
	is := func(text string, more ...string) adapters.LateEnd {
		m := adapters.Message{Body: []byte(text), Properties: map[string]any{"deliveryCount": int64(1)}}
		for i := 0; i < len(more); i += 2 {
			m.Properties["application."+more[i]] = more[i+1]
		}
		return adapters.LateEnd{Reply: m}
	}
	ended := func(to journal.State, proof string) []journal.End {
		return []journal.End{{To: journal.InDoubt, Proof: proofReversal}, {To: to, Proof: proof, Reply: encodeAnswer(&storedAnswer{status: 299, body: []byte(`{}`)})}}
	}
	for _, tt := range []struct {
		name   string
		host   error // what it does; nil: "done 1"
		holds  bool
		others []journal.End // what is found out afterwards
		late   []adapters.LateEnd
		want   string // the results in order
		alarms int
	}{
		{"done", nil, true, nil, []adapters.LateEnd{is("done 1"), is("done 1")}, "duplicate duplicate", 0},
		{"done, and another", nil, true, nil, []adapters.LateEnd{is("done 2"), is("refused")}, "differs differs", 2},
		{"done, and more beside it", nil, true, nil, []adapters.LateEnd{is("done 1", "rc", "8")}, "differs", 1},
		{"done, and said to have run out", nil, true, nil, []adapters.LateEnd{expired}, "differs", 1},
		{"refused", reply("refused"), true, nil, []adapters.LateEnd{is("refused"), is("done 1")}, "duplicate differs", 1},
		{"unreadable", reply("garbage"), true, nil, []adapters.LateEnd{is("garbage"), is("done late"), is("done late")}, "duplicate matched duplicate", 0},
		{"late", lost, true, nil, []adapters.LateEnd{is("done late", "a", "1", "b", "2"), is("done late", "b", "2", "a", "1"), is("done late", "b", "1", "a", "2")}, "matched duplicate differs", 1},
		{"run out, and answered all the same", lost, true, nil, []adapters.LateEnd{expired, expired, is("done 1")}, "matched duplicate differs", 1},
		{"done, by a wire that keeps nothing", nil, false, nil, []adapters.LateEnd{is("done 1"), is("else")}, "duplicate duplicate", 0},
		{"found to be done", lost, true, ended(journal.Complete, "inquiry"), []adapters.LateEnd{is("done 1")}, "duplicate", 0},
		{"found not to be done", lost, true, ended(journal.NotApplied, "inquiry"), []adapters.LateEnd{is("done 1")}, "differs", 1},
		{"taken back", lost, true, ended(journal.NotApplied, proofReversed), []adapters.LateEnd{is("done 1")}, "duplicate", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.serve(nil)
			w.holds, w.host = tt.holds, func(context.Context, string) error { return tt.host }
			w.pay(keyA, `{}`)
			id := w.journal.ID(&journal.Call{Operation: "post-pay", Key: keyA})
			for _, end := range tt.others {
				if err := w.journal.Finish(t.Context(), id, end); err != nil {
					t.Fatal(err)
				}
			}
			for i, result := range strings.Fields(tt.want) {
				w.lateIs(id, tt.late[i], result)
			}
			w.alarms(tt.alarms)
		})
	}
}

// lateIs gives the gateway a late end and looks what it makes of it. What is recorded changes with "matched" only.
func (w *world) lateIs(id journal.ID, end adapters.LateEnd, result string) {
	w.t.Helper()
	before, err := w.journal.Get(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	verdict, err := w.gateway.LateReply(w.t.Context(), id[:], end)
	if want := map[string]adapters.LateVerdict{"matched": adapters.LateTaken, "duplicate": adapters.LateDuplicate}[result]; err != nil || verdict != want {
		w.t.Errorf("%q: %d %v, want %s", end.Reply.Body, verdict, err, result)
	}
	after, err := w.journal.Get(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	if same := fmt.Sprint(*after) == fmt.Sprint(*before); same != (result != "matched") {
		w.t.Errorf("%q: recorded is %+v, before %+v", end.Reply.Body, after, before)
	}
}

// alarms looks how many contradictions were counted.
func (w *world) alarms(want int) {
	w.t.Helper()
	text := doAdmin(w.gateway.Admin(), http.MethodGet, "/metrics", "").Body.String()
	for _, name := range []string{"lintel_journal_contradictions_total", `lintel_late_replies_total{result="differs"}`} {
		if line := fmt.Sprintf("%s %d\n", name, want); !strings.Contains(text, line) {
			w.t.Errorf("metrics have no %s", line)
		}
	}
}

// TestLateDuplicateStep is the same for the steps of an operation, each of which is an exchange of its own.
func TestLateDuplicateStep(t *testing.T) {
	w, _ := stepWorld(t, "a: ok / undo ok\nb: ok")
	if r := w.pay(keyA, `{}`); r.Code != 201 {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	list, err := w.journal.List(t.Context(), journal.Filter{})
	if err != nil || len(list) != 3 {
		t.Fatalf("%+v %v", list, err)
	}
	for _, e := range list {
		if e.Step == "" {
			continue
		}
		w.lateIs(e.ID, adapters.LateEnd{Reply: adapters.Message{Body: []byte("ok")}}, "duplicate")
		w.lateIs(e.ID, adapters.LateEnd{Reply: adapters.Message{Body: []byte("refused")}}, "differs")
	}
	w.alarms(2)
	w, _ = stepWorld(t, "a: ok / undo ok\nb: refused")
	told(t, w.pay(keyA, `{}`), 422, "host-outcome not-applied new-key")
	list, err = w.journal.List(t.Context(), journal.Filter{})
	if err != nil || len(list) != 4 {
		t.Fatalf("%+v %v", list, err)
	}
	for _, e := range list {
		switch e.Step {
		case "b":
			w.lateIs(e.ID, adapters.LateEnd{Reply: adapters.Message{Body: []byte("refused")}}, "duplicate")
			w.lateIs(e.ID, adapters.LateEnd{Reply: adapters.Message{Body: []byte("ok")}}, "differs")
		case "a", "a" + undoSuffix:
			w.lateIs(e.ID, adapters.LateEnd{Reply: adapters.Message{Body: []byte("ok")}}, "duplicate")
		}
	}
}
