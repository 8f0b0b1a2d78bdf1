// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"slices"
	"sync"

	"lintel/specs"
)

// work is what a host was asked to do: by what its messages have in common, for an exchange. Which operation a message is of
// it cannot know: those of several may be alike.
type work struct{ messages, exchange string }

// kindsOfWork tells for all exchanges with a backend which work their messages ask for, undo or ask about.
func kindsOfWork(p *plan, backend *specs.Backend) map[*operation]string {
	kinds := map[*operation]string{}
	kind := func(op, of *operation) {
		if op != nil && op.backend == backend {
			constants, _ := json.Marshal(of.transform.Constants()) // by name; strings are never refused
			kinds[op] = backend.Name + string(constants)
		}
	}
	for _, op := range p.exchanges() {
		of := op
		if op.undo {
			of = op.of.parts[slices.IndexFunc(op.of.parts, func(x *operation) bool { return x.step == op.step && !x.undo })]
		}
		kind(op, of)
		kind(op.inquiry, of)
		kind(op.reversal, of)
	}
	return kinds
}

// workOf is the work of a request, or that an inquiry or a reversal is about. It has no exchange if the message has none.
func (a *answers) workOf(op *operation, request []byte) work {
	return work{messages: a.kinds[op], exchange: op.transform.ExchangeIn(request)}
}

// works is the work that simulated hosts have done, so that an inquiry is told the truth.
type works struct {
	mu sync.Mutex
	// now is the last of it, before what was done before that.
	now, before map[work]struct{}
}

// maxWorks bounds each of the two.
const maxWorks = 50_000

func (s *works) done(w work) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == nil || len(s.now) >= maxWorks {
		s.now, s.before = map[work]struct{}{}, s.now
	}
	s.now[w] = struct{}{}
}

func (s *works) undone(w work) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.now, w)
	delete(s.before, w)
}

func (s *works) did(w work) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, now := s.now[w]
	_, before := s.before[w]
	return now || before
}

// note notes what became of the request of an operation.
func (a *answers) note(op *operation, request []byte, out reaction) {
	w := a.workOf(op, request)
	switch {
	case w.exchange == "" || op.asks == specs.AskInquiry:
	case op.undo || op.asks == specs.AskReversal:
		a.state.works.undone(w)
	case out.act != "" || !op.transform.Refuses(out.reply):
		a.state.works.done(w)
	}
}

// about answers an inquiry or a reversal. One whose message does not say which exchange it is about is told that the work
// was done, which is what simulated hosts do with whatever they get.
func (a *answers) about(op *operation, m *moment) reaction {
	reply, ok := exampleMessage(op, 0, m.request)
	source := "the work was done"
	switch w := a.workOf(op, m.request); {
	case op.asks == specs.AskReversal:
		source = "the work is undone"
	case w.exchange != "" && !a.state.works.did(w):
		reply, ok = written(op.transform.UndoneReply(m.request))
		source = "the work was not done"
	}
	if !ok {
		return reaction{act: "disconnect", how: answered{source: source + ", and no reply says so: connection closed"}}
	}
	return reaction{reply: reply, how: answered{source: source}}
}
