// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"time"

	"lintel/adapters"
)

// Tracer keeps the traces of calls.
type Tracer interface {
	// Sample decides whether a trace that begins here is kept.
	Sample(traceID [16]byte) bool
	// Export takes the trace of a call that is over. It must neither wait nor keep what it was given.
	Export(t *Trace)
}

// Trace is one call as a tree of two levels: the call, and what was done for it. It holds words of the
// contract and the workspace, and no value that came in or back.
type Trace struct {
	ID   [16]byte
	Span [8]byte
	// Parent is the span of the caller; zero if the trace begins here. State is the caller's tracestate.
	Parent     [8]byte
	State      string
	Start, End time.Time
	// Method, Route and Operation are those of the contract; Route and Operation are empty if none was found.
	Method, Route, Operation, Backend string
	Status                            int
	Exchange                          string
	Problem, Fate, Kind, Outcome      string
	Steps                             []Step
}

// Step is one thing that was done for a call: validate, encode, exchange or decode.
type Step struct {
	Name       string
	Span       [8]byte
	Start, End time.Time
}

// marks are the times between the steps of a call.
type marks struct {
	read, written, sent, replied, judge, judged time.Time
}

// sampled is the trace of a call that is kept.
type sampled struct {
	id           [16]byte
	span, parent [8]byte
	exchange     [8]byte
	state        string
}

// beginTrace reads the caller's trace context (W3C), decides whether the trace is kept, and finds what
// the host is told.
func (c *call) beginTrace() {
	parent, given := "", false
	if parents := c.r.Header["Traceparent"]; len(parents) == 1 && traceID(parents[0]) != "" {
		parent, given = parents[0], true
		c.trace = parent[3:35]
		c.outgoing = adapters.TraceContext{Parent: parent, State: c.traceState()}
	}
	tracer := c.g.options.Tracer
	if tracer == nil {
		return
	}
	var s sampled
	_, _ = hex.Decode(s.id[:], []byte(c.trace)) // it is hexadecimal
	keep := given && isSampled(parent)
	if !given {
		keep = tracer.Sample(s.id)
	}
	if !keep {
		if !given {
			c.outgoing = adapters.TraceContext{Parent: "00-" + c.trace + "-" + c.exchange[24:32] + c.trace[:8] + "-00"}
		}
		return
	}
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	copy(s.span[:], random[:8])
	copy(s.exchange[:], random[8:])
	if given {
		_, _ = hex.Decode(s.parent[:], []byte(parent[36:52]))
		s.state = c.outgoing.State
	}
	c.sampled = &s
	c.outgoing = adapters.TraceContext{Parent: "00-" + c.trace + "-" + hex.EncodeToString(s.exchange[:]) + "-01", State: s.state}
}

// maxTraceState is the length up to which the state of a trace is passed on (W3C Trace Context, 3.3.1.5).
const maxTraceState = 512

// traceState is the caller's tracestate if it can be passed on.
func (c *call) traceState() string {
	states := c.r.Header["Tracestate"]
	if len(states) != 1 || len(states[0]) > maxTraceState {
		return ""
	}
	for i := 0; i < len(states[0]); i++ {
		if b := states[0][i]; b < ' ' || b > '~' {
			return ""
		}
	}
	return states[0]
}

// isSampled reads the flags of a valid traceparent.
func isSampled(parent string) bool {
	flags, err := strconv.ParseUint(parent[53:55], 16, 8)
	return err == nil && flags&1 == 1
}

// endTrace hands a kept trace to the tracer.
func (c *call) endTrace(end time.Time) {
	s := c.sampled
	if s == nil {
		return
	}
	t := Trace{
		ID: s.id, Span: s.span, Parent: s.parent, State: s.state, Start: c.start, End: end, Method: methodLabel(c.r.Method),
		Status: c.status, Exchange: c.exchange, Problem: c.problem, Fate: c.fate, Kind: c.hostKind, Outcome: c.output.Outcome,
	}
	if c.entry != nil {
		t.Route = c.entry.template
	}
	if c.route != nil {
		t.Operation, t.Backend = c.route.Operation.ID, c.route.BackendName
	}
	t.Steps = c.steps()
	c.g.options.Tracer.Export(&t)
}

// steps are what the marks tell. A step without its end is one in which the call failed, or that was
// never begun.
func (c *call) steps() []Step {
	m := &c.marks
	out := make([]Step, 0, 4)
	add := func(name string, from, to time.Time) {
		if !from.IsZero() && !to.IsZero() {
			out = append(out, Step{Name: name, Start: from, End: to})
		}
	}
	add("validate", c.start, m.read)
	add("encode", m.read, m.written)
	add("exchange", m.sent, m.replied)
	add("decode", m.judge, m.judged)
	for i := range out {
		if s := c.sampled; s != nil && out[i].Name == "exchange" {
			out[i].Span = s.exchange // the one that the host was told
			continue
		}
		_, _ = rand.Read(out[i].Span[:])
	}
	return out
}

// serverTiming writes the value of Server-Timing (W3C Server Timing): milliseconds of each step.
func (c *call) serverTiming() string {
	var b []byte
	for _, s := range c.steps() {
		d := s.End.Sub(s.Start)
		name := s.Name
		if name == "exchange" {
			name = "backend"
			if !c.marks.judge.Before(s.Start) && !c.marks.judged.After(s.End) {
				d -= c.marks.judged.Sub(c.marks.judge) // the reply is judged inside the exchange
			}
		}
		if len(b) > 0 {
			b = append(b, ", "...)
		}
		b = append(append(b, name...), ";dur="...)
		b = strconv.AppendFloat(b, milliseconds(d), 'f', -1, 64)
	}
	return string(b)
}
