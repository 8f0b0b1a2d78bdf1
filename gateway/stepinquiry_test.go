// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
	"lintel/transforms"
)

// TestStepInquiry: the host is asked whether a step was done, and the operation ends as what it says demands.
func TestStepInquiry(t *testing.T) {
	for _, tt := range []struct {
		name, play string
		edit       func(*Route)
		// asked is what hosts were asked after the caller was told, without repetitions; entries the journal at the end.
		asked, entries string
		// status and problem are what the same key gets at the end.
		status  int
		problem string
	}{
		{
			name: "it was not done", play: "a: ok / undo ok\nb: lost / inquiry refused\nc: ok",
			asked: "inquiry b, undo a", entries: "call: not applied, a: complete, b: not applied, a.undo: complete",
			status: 422, problem: "host-outcome not-applied new-key",
		},
		{
			name: "the first was not done", play: "a: lost / inquiry refused / undo ok\nb: ok",
			asked: "inquiry a", entries: "call: not applied, a: not applied",
			status: 422, problem: "host-outcome not-applied new-key",
		},
		{
			name: "it was done, and is taken back", play: "a: ok / undo ok\nb: lost / inquiry ok / undo ok\nc: ok",
			asked: "inquiry b, undo b, undo a", entries: "call: not applied, a: complete, b: complete, b.undo: complete, a.undo: complete",
			status: 502, problem: "not-applied not-applied new-key",
		},
		{
			name: "the undo is repeated", play: "a: lost / inquiry ok / undo lost then refused then ok\nb: ok",
			asked: "inquiry a, undo a", entries: "call: not applied, a: complete, a.undo: complete",
			status: 502, problem: "not-applied not-applied new-key",
		},
		{
			name: "the last was done, and there is nothing that takes it back", play: "a: ok / undo ok\nb: lost / inquiry ok",
			asked: "inquiry b", entries: "call: complete, a: complete, b: complete", status: 201,
		},
		{
			name: "so it is, and the answer needs what nobody told", play: "a: ok / undo ok\nb: lost / inquiry ok",
			edit:  func(r *Route) { r.Steps[1].Told = false },
			asked: "inquiry b", entries: "call: complete, a: complete, b: complete", status: 502, problem: "answer-lost applied never",
		},
		{
			name: "so it is, and the answer names a step that is not recorded", play: "s safe: ok\na: ok / undo ok\nb: lost / inquiry ok",
			edit:  func(r *Route) { r.AnswerNeeds = []int{0, 2} },
			asked: "inquiry b", entries: "call: complete, a: complete, b: complete", status: 502, problem: "answer-lost applied never",
		},
		{
			name: "so it is, and nobody knows whether the answer was one of a failure", play: "s safe: ok\na: ok / undo ok\nb: lost / inquiry ok",
			edit:  func(r *Route) { r.AnswerNeeds, r.AnswerCanFail = []int{0}, true },
			asked: "inquiry b", entries: "call: in doubt, a: complete, b: complete", status: 409, problem: "operation-in-doubt unknown same-key-after",
		},
		{
			name: "so it is, and the answer is one of a failure", play: "a: ok / undo ok\nb: lost / inquiry ok",
			edit: func(r *Route) {
				r.AnswerCanFail, r.Answer = true, func() Answerer {
					return fakeAnswer{out: transforms.Output{Status: 409, Outcome: "409#1", Problem: &transforms.Problem{Title: "No"}}}
				}
			},
			asked: "inquiry b, undo a", entries: "call: complete, a: complete, b: complete, a.undo: complete", status: 502, problem: "partly-applied applied never",
		},
		{
			name: "so it is, and an optional one was never tried", play: "a: ok / undo ok\nb: lost / inquiry ok\nc optional: ok",
			asked: "inquiry b", entries: "call: complete, a: complete, b: complete", status: 502, problem: "answer-lost applied never",
		},
		{
			name: "so were all of the last", play: "a: ok / undo ok\nb: lost / inquiry ok\n| c: ok",
			asked: "inquiry b", entries: "call: complete, a: complete, b: complete, c: complete", status: 201,
		},
		{
			name: "but not all of the last", play: "a: ok / undo ok\nb: lost / inquiry ok\n| c: refused",
			asked: "inquiry b, undo a", entries: "call: complete, a: complete, b: complete, c: not applied, a.undo: complete",
			status: 502, problem: "partly-applied applied never",
		},
		{
			name: "what it did stays as declared", play: "a: ok / undo ok\nb: lost / inquiry ok\nc: ok",
			asked: "inquiry b, undo a", entries: "call: complete, a: complete, b: complete, a.undo: complete",
			status: 502, problem: "partly-applied applied never",
		},
		{
			name: "unknown, unreachable, unreadable, then it was done", play: "a: ok / undo ok\nb: lost / inquiry unknown then unreachable then unreadable then abend then lost then ok / undo ok\nc: ok",
			asked: "inquiry b, undo b, undo a", entries: "call: not applied, a: complete, b: complete, b.undo: complete, a.undo: complete",
			status: 502, problem: "not-applied not-applied new-key",
		},
		{
			name: "it is never known", play: "a: ok / undo ok\nb: lost / inquiry unknown / undo ok\nc: ok",
			asked: "inquiry b", entries: "call: in doubt, a: complete, b: in doubt", status: 409, problem: "operation-in-doubt unknown same-key-after",
		},
		{
			name: "an answer is no word", play: "a: lost / inquiry early / undo ok\nb: ok",
			asked: "inquiry a", entries: "call: in doubt, a: in doubt", status: 409, problem: "operation-in-doubt unknown same-key-after",
		},
		{
			name: "of two in parallel one was done", play: "a: lost / inquiry ok / undo ok\n| b: lost / inquiry refused / undo ok\nc: ok",
			asked: "inquiry a, inquiry b, undo a", entries: "call: not applied, a: complete, b: not applied, a.undo: complete",
			status: 422, problem: "host-outcome not-applied new-key",
		},
		{
			name: "of two in parallel one cannot be asked for", play: "a: lost / inquiry ok / undo ok\n| b: lost / undo ok\nc: ok",
			asked: "inquiry a", entries: "call: in doubt, a: complete, b: in doubt", status: 409, problem: "operation-in-doubt unknown same-key-after",
		},
		{
			name: "beside one that is taken back without asking", play: "a: lost / inquiry ok / undo ok\n| b: lost / undo in doubt ok\nc: ok",
			asked: "inquiry a, undo b, undo a", entries: "call: not applied, a: complete, b: not applied, b.undo: complete, a.undo: complete",
			status: 502, problem: "not-applied not-applied new-key",
		},
		{
			name: "an optional one is nobody's business", play: "a: ok / undo ok\nb optional: lost / inquiry ok\nc: lost / inquiry refused",
			asked: "inquiry c, undo a", entries: "call: not applied, a: complete, b: in doubt, c: not applied, a.undo: complete",
			status: 422, problem: "host-outcome not-applied new-key",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, s := inquiryWorld(t, tt.play, tt.edit)
				told(t, w.pay(keyA, "{}"), 504, "in-doubt unknown never")
				s.asked = nil
				w.resolving(func() { time.Sleep(5 * time.Minute) })
				if asked := once(s.asked); asked != tt.asked {
					t.Errorf("asked %s, want %s", asked, tt.asked)
				}
				if got := sorted(w.entries()); got != sorted(tt.entries) {
					t.Errorf("journal: %s", w.entries())
				}
				told(t, w.pay(keyA, "{}"), tt.status, tt.problem)
				w.close()
			})
		})
	}
}

// sorted puts the parts of a list in order: entries of the same moment have none.
func sorted(list string) string {
	return strings.Join(slices.Sorted(strings.SplitSeq(list, ", ")), ", ")
}

// once leaves out what is asked again.
func once(asked []string) string {
	var out []string
	for _, what := range asked {
		if !slices.Contains(out, what) {
			out = append(out, what)
		}
	}
	return strings.Join(out, ", ")
}

// inquiryWorld is a world whose operation has the steps of a play.
func inquiryWorld(t *testing.T, lines string, edit func(*Route)) (*world, *troupe) {
	t.Helper()
	w := newWorld(t)
	s, steps := play(lines)
	w.serve(func(o *Options, r *Route) {
		o.Timeout = 3 * time.Second
		r.Steps, r.Answer = steps, func() Answerer { return fakeAnswer{} }
		if edit != nil {
			edit(r)
		}
	})
	return w, s
}

// TestStepInquiryProvesLate: that a step was done counts at once, that it was not only when the host cannot begin
// any more; until then nothing is taken back.
func TestStepInquiryProvesLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := inquiryWorld(t, "a: ok / undo ok\nb: lost / inquiry refused", nil)
		w.pay(keyA, "{}")
		w.resolving(func() {
			time.Sleep(9 * time.Second)
			synctest.Wait()
			if asked := strings.Join(s.asked, " "); strings.Contains(asked, "undo") || !strings.Contains(asked, "inquiry b") {
				t.Errorf("asked %s", asked)
			}
			told(t, w.pay(keyA, "{}"), 409, "operation-in-doubt unknown same-key-after")
			time.Sleep(30 * time.Second)
			told(t, w.pay(keyA, "{}"), 422, "host-outcome not-applied new-key")
		})
		w.close()

		w, s = inquiryWorld(t, "a: ok / undo ok\nb: lost / inquiry ok / undo ok\nc: ok", nil)
		w.pay(keyA, "{}")
		w.resolving(func() { time.Sleep(time.Second) })
		told(t, w.pay(keyA, "{}"), 502, "not-applied not-applied new-key")
		if asked := strings.Join(s.asked, ", "); asked != "a, b, inquiry b, undo b, undo a" {
			t.Errorf("asked %s", asked)
		}
		w.close()
	})
}

// TestStepInquiryTells: what the inquiry tells of the reply is what the undo sees, after a restart too.
func TestStepInquiryTells(t *testing.T) {
	for lines, want := range map[string]string{
		"a: lost / inquiry told / undo ok\nb: ok": "true as told REPLY",
		"a: lost / inquiry ok / undo ok\nb: ok":   "true  ",
		"a: ok / undo ok\nb: refused then ok":     "true ok ",
	} {
		synctest.Test(t, func(t *testing.T) {
			var saw []string
			see := func(r *Route) {
				undo := *r.Steps[0].Undo
				start := undo.Start
				undo.Start = func() Runner {
					run := start().(fakeRunner)
					run.request = func(in transforms.Input) (transforms.Message, error) {
						saw = append(saw, fmt.Sprintf("%t %s %s", in.Steps[0].Ran, in.Steps[0].Reply.Body, in.Steps[0].Variant))
						return transforms.Message{Body: []byte("undo a")}, nil
					}
					return run
				}
				r.Steps[0].Undo = &undo
			}
			lines = strings.Replace(lines, "undo ok", "undo lost then lost then lost then lost then lost then lost then lost then ok", 1)
			w, _ := inquiryWorld(t, lines, see)
			w.pay(keyA, "{}")
			w.resolving(func() { time.Sleep(5 * time.Second) })
			w.close() // the process dies before the undo is acknowledged
			w.open()
			_, steps := play(lines)
			w.serve(func(_ *Options, r *Route) {
				r.Steps, r.Answer = steps, func() Answerer { return fakeAnswer{} }
				see(r)
			})
			w.resolving(func() { time.Sleep(5 * time.Minute) })
			if !strings.Contains(w.entries(), "call: not applied") || len(saw) < 2 || slices.ContainsFunc(saw, func(s string) bool { return s != want }) {
				t.Errorf("%s: %s, saw %q, want %q", lines, w.entries(), saw, want)
			}
			w.close()
		})
	}
}

// TestStepInquiryHostDown: the host that could tell is down for an hour. It is asked again and again, more and more
// rarely, and a gateway that is started meanwhile goes on with it.
func TestStepInquiryHostDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		at := func(r *Route) {
			asked := r.Steps[1].Inquiry.Backend
			r.Steps[1].Inquiry.Backend = exchange(func(ctx context.Context, c adapters.Call) (adapters.Message, error) {
				if !up.Load() {
					return host(ctx, c, "unreachable")
				}
				return asked.Exchange(ctx, c)
			})
		}
		const lines = "a: ok / undo ok\nb: lost / inquiry ok / undo ok\nc: ok"
		w, _ := inquiryWorld(t, lines, at)
		told(t, w.pay(keyA, "{}"), 504, "in-doubt unknown never")
		w.resolving(func() { time.Sleep(30 * time.Minute) })
		w.close()
		w.open()
		s, steps := play(lines)
		var tries atomic.Int32
		w.serve(func(_ *Options, r *Route) {
			r.Steps, r.Answer = steps, func() Answerer { return fakeAnswer{} }
			at(r)
			asked := r.Steps[1].Inquiry.Backend
			r.Steps[1].Inquiry.Backend = exchange(func(ctx context.Context, c adapters.Call) (adapters.Message, error) {
				tries.Add(1)
				return asked.Exchange(ctx, c)
			})
		})
		w.resolving(func() {
			time.Sleep(30 * time.Minute)
			if n := tries.Load(); n < 30 || n > 60 {
				t.Errorf("asked %d times in half an hour", n)
			}
			told(t, w.pay(keyA, "{}"), 409, "operation-in-doubt unknown same-key-after")
			up.Store(true)
			time.Sleep(time.Minute)
			told(t, w.pay(keyA, "{}"), 502, "not-applied not-applied new-key")
		})
		if asked := strings.Join(s.asked, ", "); asked != "inquiry b, undo b, undo a" {
			t.Errorf("asked %s", asked)
		}
		w.close()
	})
}

// TestStepContradiction (I20): a late reply and the inquiry contradict each other. Nothing is taken back, whatever they
// say later, until an operator decides.
func TestStepContradiction(t *testing.T) {
	audit := t.TempDir() + "/audit.log"
	synctest.Test(t, func(t *testing.T) {
		w, s := inquiryWorld(t, "a: ok / undo ok\nb: lost / inquiry refused / undo ok\nc: ok", func(r *Route) {
			b := r.Steps[1].Backend
			r.Steps[1].Backend = recovering{exchange: b.Exchange, text: "ok"}
			r.Steps[1].Inquiry.After = -time.Hour
		})
		a, err := OpenAudit(audit, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.gateway.options.Audit, w.gateway.options.Admin.Token = a, adminToken
		w.pay(keyA, "{}")
		w.resolving(func() { time.Sleep(10 * time.Minute) })
		if got := sorted(w.entries()); got != "a: complete, b: in doubt, call: in doubt" || strings.Contains(strings.Join(s.asked, " "), "undo") {
			t.Errorf("journal: %s, asked %v", got, s.asked)
		}
		if n := strings.Count(strings.Join(s.asked, " "), "inquiry"); n != 1 {
			t.Errorf("asked %d times", n)
		}
		list := showDoubts(t, w)
		if len(list) != 2 || list[0].Means != nil || !list[1].Contested || list[1].Step != "b" || list[1].Means != nil {
			t.Errorf("%+v", list)
		}
		if r := doAdmin(w.gateway.Admin(), "POST", "/doubts/"+list[1].Operation, `{"outcome":"not-applied","by":"eva","reason":"seen in the books"}`); r.Code != http.StatusOK {
			t.Fatalf("%d %s", r.Code, r.Body)
		}
		w.resolving(func() { time.Sleep(2 * time.Minute) })
		told(t, w.pay(keyA, "{}"), 502, "not-applied not-applied new-key")
		w.close()
	})
}

// showDoubts asks the admin port for what is in doubt, the call first.
func showDoubts(t *testing.T, w *world) []Doubt {
	t.Helper()
	var list struct{ Doubts []Doubt }
	r := doAdmin(w.gateway.Admin(), "GET", "/doubts", "")
	if err := json.Unmarshal(r.Body.Bytes(), &list); err != nil {
		t.Fatalf("%s: %v", r.Body, err)
	}
	slices.SortFunc(list.Doubts, func(a, b Doubt) int { return strings.Compare(a.Step, b.Step) })
	return list.Doubts
}

// TestStepDoubtsShown: who looks at what is in doubt sees what is done about it.
func TestStepDoubtsShown(t *testing.T) {
	for play, want := range map[string]string{
		"a: ok / undo ok\nb: lost / inquiry unknown\nc: ok":            "call by inquiry of b, undo; b by inquiry",
		"a: lost / inquiry unknown\n| b: lost / inquiry unknown":       "call by inquiry of a, inquiry of b; a by inquiry; b by inquiry",
		"a: ok / undo ok\nb: lost / undo ok":                           "call by nobody; b by nobody",
		"a: lost / inquiry unknown\n| b: lost / undo ok":               "call by nobody; a by inquiry; b by nobody",
		"a: ok / undo lost\nb: refused":                                "call by undo; a.undo by undo",
		"a: ok / undo ok\nb: lost / undo in doubt lost":                "call by undo; b by undo; b.undo by undo",
		"a optional: lost / undo ok\nb: lost / inquiry unknown\nc: ok": "call by inquiry of b; a by nobody; b by inquiry",
	} {
		synctest.Test(t, func(t *testing.T) {
			w, _ := inquiryWorld(t, play, nil)
			w.gateway.undoPatience = time.Millisecond
			w.pay(keyA, "{}")
			w.resolving(func() { time.Sleep(time.Minute) })
			var lines []string
			for _, d := range showDoubts(t, w) {
				by := strings.Join(d.Means, ", ")
				lines = append(lines, cmp.Or(d.Step, "call")+" by "+cmp.Or(by, "nobody"))
			}
			if got := strings.Join(lines, "; "); got != want {
				t.Errorf("%s: %s, want %s", play, got, want)
			}
			w.close()
		})
	}
}
