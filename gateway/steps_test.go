// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
	"lintel/transforms"
)

// fakeAnswer tells which steps ran.
type fakeAnswer struct {
	admit error
	out   transforms.Output
	err   error
}

func (f fakeAnswer) Admit(transforms.Input) error { return f.admit }
func (f fakeAnswer) Release()                     {}

func (f fakeAnswer) Finish(steps []transforms.StepResult) (transforms.Output, error) {
	if f.out.Status == 0 {
		f.out.Status = 201
		f.out.Body = []byte(`"`)
		for i, s := range steps {
			if s.Ran {
				f.out.Body = fmt.Appendf(f.out.Body, "%d", i)
			}
		}
		f.out.Body = append(f.out.Body, '"')
	}
	return f.out, f.err
}

// troupe is several hosts: it notes what they are asked, in order.
type troupe struct {
	mu    sync.Mutex
	asked []string
	// during, if set, is called when a host is asked.
	during func(what string)
}

func (s *troupe) note(what string) {
	s.mu.Lock()
	s.asked = append(s.asked, what)
	s.mu.Unlock()
	if s.during != nil {
		s.during(what)
	}
}

// part is one exchange of a test: what its host does. The words are those of play.host.
func (s *troupe) part(name, word string, safe bool) StepRoute {
	attempts := 0
	request := func(transforms.Input) (transforms.Message, error) { return transforms.Message{Body: []byte(name)}, nil }
	if word == "skip" {
		request = func(transforms.Input) (transforms.Message, error) { return transforms.Message{}, transforms.ErrSkipped }
	}
	if word == "unmappable" {
		request = func(transforms.Input) (transforms.Message, error) {
			return transforms.Message{}, &transforms.FieldError{Pointer: "/body/a", Code: "range", Reason: "is too large"}
		}
	}
	return StepRoute{
		Name: name, Timeout: 5 * time.Second, BackendName: "core", Safe: safe,
		Start: func() Runner {
			return fakeRunner{request: request, reply: func(m transforms.Message) (transforms.Output, error) { return replied(string(m.Body)) }}
		},
		Backend: exchange(func(ctx context.Context, c adapters.Call) (adapters.Message, error) {
			if c.Before != nil {
				if err := c.Before(ctx); err != nil {
					return adapters.Message{}, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Withheld, Cause: err}
				}
			}
			s.note(string(c.Message.Body))
			attempts++
			words := strings.Split(word, " then ")
			return host(ctx, c, words[min(attempts, len(words))-1])
		}),
	}
}

// host does what a word says.
func host(ctx context.Context, c adapters.Call, word string) (adapters.Message, error) {
	fail := func(k adapters.Kind, f adapters.Fate) (adapters.Message, error) {
		return adapters.Message{}, &adapters.Error{Kind: k, Fate: f}
	}
	switch word {
	case "unreachable":
		return fail(adapters.Unreachable, adapters.NotSent)
	case "lost":
		return fail(adapters.Timeout, adapters.InDoubt)
	case "backed out":
		return fail(adapters.Broken, adapters.NotApplied)
	case "garbage":
		return fail(adapters.Framing, adapters.Applied)
	case "panic":
		panic("secret")
	case "exit":
		runtime.Goexit()
	case "slow":
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return fail(adapters.Canceled, adapters.InDoubt)
		}
	}
	reply := adapters.Message{Body: []byte(word)}
	if c.Recording != nil { // as a queue does
		c.Recording.Hold(func() {})
	}
	c.Judge(reply)
	return reply, nil
}

// replied is what a step makes of a reply.
func replied(word string) (transforms.Output, error) {
	switch word {
	case "refused":
		return transforms.Output{Status: 422, Outcome: "422#1", NotApplied: true, Problem: &transforms.Problem{Title: "Refused"}}, nil
	case "abend":
		return transforms.Output{Status: 502, Outcome: "502#1", HostFailed: true, Problem: &transforms.Problem{Title: "Abend"}}, nil
	case "early":
		return transforms.Output{Status: 202, Outcome: "202#1", Body: []byte(`{}`)}, nil
	case "unknown":
		return transforms.Output{Status: 502, Outcome: "502#2", InDoubt: true, Problem: &transforms.Problem{Title: "Unknown"}}, nil
	case "told":
		return transforms.Output{Continue: true, Outcome: "ok", Variant: "REPLY", Body: []byte("as told")}, nil
	case "unreadable":
		return transforms.Output{}, &transforms.FieldError{}
	}
	return transforms.Output{Continue: true, Outcome: "ok"}, nil
}

// play makes an operation from lines: NAME [safe] [optional] [stays]: WORD [/ undo WORD] [/ undo in doubt WORD]
// [/ inquiry WORD]. Lines that begin with | run in parallel with the one before.
func play(lines string) (*troupe, []StepRoute) {
	s := &troupe{}
	var steps []StepRoute
	group := -1
	for line := range strings.Lines(lines) {
		line = strings.TrimSpace(line)
		if rest, parallel := strings.CutPrefix(line, "| "); parallel {
			line = rest
		} else {
			group++
		}
		head, body, _ := strings.Cut(line, ": ")
		word, more, _ := strings.Cut(body, " / ")
		flags := strings.Fields(head)
		step := s.part(flags[0], word, strings.Contains(head, " safe"))
		step.Group, step.Optional = group, strings.Contains(head, " optional")
		for one := range strings.SplitSeq(more, " / ") {
			if inquiry, ok := strings.CutPrefix(one, "inquiry "); ok {
				p := s.part("inquiry "+flags[0], inquiry, true)
				step.Inquiry, step.Told = &Ask{Start: p.Start, Backend: p.Backend, After: 10 * time.Second, Every: time.Second}, true
			}
			if undo, ok := strings.CutPrefix(one, "undo "); ok {
				rest, inDoubt := strings.CutPrefix(undo, "in doubt ")
				u := s.part("undo "+flags[0], rest, false)
				step.Undo, step.UndoInDoubt = &u, inDoubt
			}
		}
		steps = append(steps, step)
	}
	return s, steps
}

func TestSteps(t *testing.T) {
	for _, tt := range []struct {
		name, play string
		// asked is what the hosts were asked, in order.
		asked string
		// status and code of the answer, outcome and retry of a problem, fate in the log.
		status               int
		code, outcome, retry string
		body                 string
		partial              string
	}{
		{"all go well", "a safe: ok\nb: ok / undo ok\nc: ok", "a b c", 201, "", "", "", `"012"`, ""},
		{"a step is skipped", "a safe: ok\nb: skip\nc: ok", "a c", 201, "", "", "", `"02"`, ""},
		{"the first cannot be reached", "a: unreachable\nb: ok", "a", 503, "backend-unreachable", "not-sent", "later", "", ""},
		{"a safe one gets no reply", "a safe: lost\nb: ok", "a", 504, "no-reply", "not-applied", "later", "", ""},
		{"an unsafe one gets no reply", "a safe: ok\nb: lost\nc: ok", "a b", 504, "in-doubt", "unknown", "never", "", ""},
		{"a refusal is the answer", "a safe: ok\nb: refused\nc: ok", "a b", 422, "host-outcome", "not-applied", "", "", ""},
		{"the request of a step cannot be made", "a safe: ok\nb: unmappable", "a", 422, "field-unmappable", "not-sent", "changed", "", ""},
		{"an answer ends early", "a: ok / undo ok\nb safe: early\nc: ok", "a b", 202, "", "", "", `{}`, ""},

		{"refused after a change, which is taken back", "a: ok / undo ok\nb: refused", "a b undo a", 422, "host-outcome", "not-applied", "", "", ""},
		{"not sent after a change, which is taken back", "a: ok / undo ok\nb: unreachable", "a b undo a", 503, "backend-unreachable", "not-applied", "later", "", ""},
		{"backed out after a change, which is taken back", "a: ok / undo ok\nb: backed out", "a b undo a", 502, "not-applied", "not-applied", "later", "", ""},
		{"several are taken back, the last one first", "a: ok / undo ok\nb: ok / undo ok\nc: refused", "a b c undo b undo a", 422, "host-outcome", "not-applied", "", "", ""},
		{"the undo is repeated", "a: ok / undo lost then ok\nb: refused", "a b undo a undo a", 422, "host-outcome", "not-applied", "", "", ""},
		{"the undo is refused at first", "a: ok / undo refused then ok\nb: refused", "a b undo a undo a", 422, "host-outcome", "not-applied", "", "", ""},
		{"what stays is told", "a: ok\nb: refused", "a b", 502, "partly-applied", "applied", "never", "", ""},
		{"in doubt after a change: nothing is taken back", "a: ok / undo ok\nb: lost", "a b", 504, "in-doubt", "unknown", "never", "", ""},
		{"in doubt, and may be taken back", "a: ok / undo ok\nb: lost / undo in doubt ok", "a b undo b undo a", 502, "not-applied", "not-applied", "later", "", ""},
		{"unreadable after a change", "a: ok / undo ok\nb: unreadable", "a b", 504, "in-doubt", "unknown", "never", "", ""},
		{"an abend that proves nothing", "a: ok / undo ok\nb: abend", "a b", 504, "in-doubt", "unknown", "never", "", ""},
		{"a panic", "a: ok / undo ok\nb: panic", "a b", 504, "in-doubt", "unknown", "never", "", ""},
		{"a panic in a safe step", "a: ok / undo ok\nb safe: panic", "a b undo a", 500, "internal", "not-applied", "later", "", ""},

		{"an optional one fails", "a: ok\nb safe optional: unreachable", "a b", 201, "", "", "", `"0"`, "b"},
		{"two optional ones fail", "a: ok\nb safe optional: lost\nc optional: refused", "a b c", 201, "", "", "", `"0"`, "b, c"},
		{"an optional one in doubt", "a: ok\nb optional: lost", "a b", 201, "", "", "", `"0"`, "b"},
		{"optional ones are taken back too", "a optional: ok / undo ok\nb: refused", "a b undo a", 422, "host-outcome", "not-applied", "", "", ""},

		{"one of two in parallel fails", "a: slow / undo ok\n| b: refused\nc: ok", "a b undo a", 422, "host-outcome", "not-applied", "", "", ""},
		{"the end of a goroutine", "a: slow / undo ok\n| b: exit", "a b", 504, "in-doubt", "unknown", "never", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, steps := play(tt.play)
				g := newGateway(t, Options{}, routeOf("POST", "/a", func(r *Route) {
					r.Steps, r.Answer = steps, func() Answerer { return fakeAnswer{} }
				}))
				w := do(g, "POST", "/a", "{}")
				asked := strings.Join(s.asked, " ")
				if strings.Contains(tt.play, "|") { // those in parallel in any order
					asked = strings.Replace(asked, "b a", "a b", 1)
				}
				if w.Code != tt.status || asked != tt.asked || w.Header().Get(headerPartial) != tt.partial {
					t.Errorf("%d, partial %q, asked %q, want %d, %q, %q\n%s", w.Code, w.Header().Get(headerPartial), asked, tt.status, tt.partial, tt.asked, w.Body)
				}
				if tt.code == "" {
					if w.Body.String() != tt.body {
						t.Errorf("body %s", w.Body)
					}
					return
				}
				p := problemIn(t, w)
				if p.Code != tt.code || p.Outcome != tt.outcome || p.Retry != tt.retry {
					t.Errorf("%s, outcome %s, retry %s; want %s, %s, %s", p.Code, p.Outcome, p.Retry, tt.code, tt.outcome, tt.retry)
				}
				if after := w.Header().Get("Retry-After"); after != "" && p.Outcome == "unknown" {
					t.Errorf("Retry-After %s on an unknown outcome", after)
				}
			})
		})
	}
}

// TestUndoGivesUp: the answer waits for a while; then it is in doubt, and the log says what is open.
func TestUndoGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, steps := play("a: ok / undo lost\nb: refused")
		g := newGateway(t, Options{}, routeOf("POST", "/a", func(r *Route) {
			r.Steps, r.Answer = steps, func() Answerer { return fakeAnswer{} }
		}))
		start := time.Now()
		p := problemIn(t, do(g, "POST", "/a", "{}"))
		if p.Code != "in-doubt" || p.Outcome != "unknown" {
			t.Errorf("%+v", p)
		}
		if d := time.Since(start); d > undoPatience || d < undoPatience/2 || len(s.asked) < 5 {
			t.Errorf("gave up after %v and %v", d, s.asked)
		}
	})
}

// TestParallelSteps take as long as the longest.
func TestParallelSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, steps := play("a safe: slow\n| b safe: slow\n| c safe: slow\nd: ok")
		g := newGateway(t, Options{}, routeOf("POST", "/a", func(r *Route) {
			r.Steps, r.Answer = steps, func() Answerer { return fakeAnswer{} }
		}))
		start := time.Now()
		w := do(g, "POST", "/a", "{}")
		if d := time.Since(start); d != time.Second || w.Body.String() != `"0123"` {
			t.Errorf("%v, %s", d, w.Body)
		}
	})
}

// TestStepsAndTime: what is left of the call's time bounds each step, and none begins without any.
func TestStepsAndTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, steps := play("a safe: slow\nb: slow / undo ok\nc: ok")
		g := newGateway(t, Options{Timeout: 2 * time.Second}, routeOf("POST", "/a", func(r *Route) {
			r.Steps, r.Answer = steps, func() Answerer { return fakeAnswer{} }
		}))
		p := problemIn(t, do(g, "POST", "/a", "{}"))
		if asked := strings.Join(s.asked, " "); asked != "a b undo b" || p.Code != "deadline-too-short" || p.Outcome != "not-applied" {
			t.Errorf("asked %s, %+v", asked, p)
		}
	})
}

// TestCallerOfStepsGoesAway: before anything changed the operation ends, after that it goes on.
func TestCallerOfStepsGoesAway(t *testing.T) {
	for lines, asked := range map[string]string{
		"a safe: slow\nb: ok":          "a",
		"a: ok\nb safe: slow\nc: ok":   "a b c",
		"a: ok\nb safe: slow\n| c: ok": "a b c",
	} {
		synctest.Test(t, func(t *testing.T) {
			s, steps := play(lines)
			g := newGateway(t, Options{}, routeOf("POST", "/a", func(r *Route) {
				r.Steps, r.Answer = steps, func() Answerer { return fakeAnswer{} }
			}))
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				time.Sleep(100 * time.Millisecond)
				cancel()
			}()
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/a", strings.NewReader("{}"))
			r.Header.Set("Content-Type", "application/json")
			g.ServeHTTP(httptest.NewRecorder(), r)
			got := strings.Replace(strings.Join(s.asked, " "), "c b", "b c", 1)
			if got != asked {
				t.Errorf("%q: asked %s", lines, got)
			}
		})
	}
}

// TestStepsAreAdmittedFirst: nothing is asked of a host for input that is refused.
func TestStepsAreAdmittedFirst(t *testing.T) {
	for err, code := range map[error]string{
		&transforms.InvalidError{}: "invalid-request",
		&transforms.DeniedError{}:  "forbidden",
	} {
		s, steps := play("a: ok")
		g := newGateway(t, Options{}, routeOf("POST", "/a", func(r *Route) {
			r.Steps, r.Answer = steps, func() Answerer { return fakeAnswer{admit: err} }
		}))
		if p := problemIn(t, do(g, "POST", "/a", "{}")); p.Code != code || len(s.asked) > 0 {
			t.Errorf("%s, asked %v", p.Code, s.asked)
		}
	}
}

// TestAnswerOfSteps: an answer of 400 and more takes back what was done; one that cannot be made does not.
func TestAnswerOfSteps(t *testing.T) {
	for _, tt := range []struct {
		answer         fakeAnswer
		status         int
		asked, outcome string
	}{
		{fakeAnswer{out: transforms.Output{Status: 409, Outcome: "409#1", Problem: &transforms.Problem{Title: "No"}}}, 409, "a undo a", "not-applied"},
		{fakeAnswer{err: errors.New("division by zero")}, 500, "a", "applied"},
	} {
		s, steps := play("a: ok / undo ok")
		g := newGateway(t, Options{}, routeOf("POST", "/a", func(r *Route) {
			r.Steps, r.Answer = steps, func() Answerer { return tt.answer }
		}))
		w := do(g, "POST", "/a", "{}")
		p := problemIn(t, w)
		if asked := strings.Join(s.asked, " "); w.Code != tt.status || asked != tt.asked || p.Outcome != tt.outcome {
			t.Errorf("%d %s, asked %q", w.Code, p.Outcome, asked)
		}
	}
}

func TestStepsLackAPart(t *testing.T) {
	_, steps := play("a: ok / undo ok")
	for name, edit := range map[string]func(*Route){
		"no answer":                 func(r *Route) { r.Answer = nil },
		"no backend":                func(r *Route) { r.Steps[0].Backend = nil },
		"no timeout":                func(r *Route) { r.Steps[0].Timeout = 0 },
		"inquiry without a backend": func(r *Route) { r.Steps[0].Inquiry = &Ask{Start: r.Steps[0].Start} },
		"undo without a transform": func(r *Route) {
			u := *r.Steps[0].Undo
			u.Start = nil
			r.Steps[0].Undo = &u
		},
	} {
		g, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		r := routeOf("POST", "/a", func(r *Route) {
			r.Steps, r.Answer = append([]StepRoute(nil), steps...), func() Answerer { return fakeAnswer{} }
			edit(r)
		})
		if g.Swap([]Route{r}) == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Answers of an operation of several steps are kept like others, but not those that lack a part.
func TestStepsAreKept(t *testing.T) {
	s := &troupe{}
	part := func(name, word string, optional bool) StepRoute {
		step := s.part(name, word, true)
		step.Optional = optional
		return step
	}
	composed := func(path, word string) Route {
		return routeOf("GET", path, func(r *Route) {
			r.Steps = []StepRoute{part("one", "continue", false), part("two", word, true)}
			r.Answer = func() Answerer { return fakeAnswer{out: transforms.Output{Status: 200, Body: []byte(`{}`)}} }
			r.Caching = &Caching{Gateway: time.Minute}
		})
	}
	g := newGateway(t, Options{}, composed("/whole", "continue"), composed("/part", "unreachable"))
	for path, want := range map[string]int{"/whole": 2, "/part": 4} {
		s.asked = nil
		first, second := do(g, "GET", path, ""), do(g, "GET", path, "")
		if first.Code != 200 || second.Code != 200 || len(s.asked) != want {
			t.Errorf("%s: %d, %d, asked %v", path, first.Code, second.Code, s.asked)
		}
		kept := second.Header().Get("Age") != ""
		if whole := path == "/whole"; kept != whole || (second.Header().Get("Etag") != "") != whole {
			t.Errorf("%s: %v", path, second.Header())
		}
	}
}

// TestStepsKeepTheirLimits: step and undo go through their own lane and in their own time.
func TestStepsKeepTheirLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		guard, err := adapters.NewGuard("core", adapter(func(_ context.Context, m adapters.Message) (adapters.Message, error) { return m, nil }), adapters.GuardOptions{})
		if err != nil {
			t.Fatal(err)
		}
		_, steps := play("a: ok / undo ok\nb: refused")
		var got []string
		watch := func(s *StepRoute, name string, timeout time.Duration) {
			lane, err := guard.NewLane(adapters.LaneOptions{})
			if err != nil {
				t.Fatal(err)
			}
			host := s.Backend
			s.Lane, s.Timeout = lane, timeout
			s.Backend = exchange(func(ctx context.Context, c adapters.Call) (adapters.Message, error) {
				got = append(got, fmt.Sprint(name, " ", c.Timeout, " ", c.Lane == lane))
				return host.Exchange(ctx, c)
			})
		}
		watch(&steps[0], "a", 2*time.Second)
		watch(steps[0].Undo, "undo of a", 3*time.Second)
		watch(&steps[1], "b", time.Hour) // no more than what is left of the call
		g := newGateway(t, Options{Timeout: 10 * time.Second}, routeOf("POST", "/a", func(r *Route) {
			r.Steps, r.Answer = steps, func() Answerer { return fakeAnswer{} }
		}))
		do(g, "POST", "/a", "{}")
		if want := "[a 2s true b 10s true undo of a 3s true]"; fmt.Sprint(got) != want {
			t.Errorf("%v, want %s", got, want)
		}
	})
}
