// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"net/http"
	"net/netip"
	"runtime/debug"
	"time"

	"github.com/go-chi/chi/v5"

	"lintel/adapters"
	"lintel/transforms"
)

// maxPooledBuffer bounds the buffers that a pooled call keeps.
const maxPooledBuffer = 64 << 10

// call is one HTTP call on its way. Calls are pooled.
type call struct {
	g *Gateway
	w http.ResponseWriter
	r *http.Request

	start           time.Time
	budget          time.Duration // of the whole call
	exchange, trace string        // ids
	table           *table
	entry           *pathEntry
	document        *document
	route           *route
	rctx            *chi.Context
	params          paramWriter
	body, out       []byte
	record          []byte     // what the journal is given
	joined          *connState // where it came in; nil if there is none
	media           int        // the number of the body's media type, 0 without a body
	// identity is who calls, as JSON; empty for an anonymous caller. caller stands for it in the log.
	identity []byte
	caller   string
	subject  string
	run      Runner
	// in is what run was given, other a second run; both only where there are fallbacks.
	in    transforms.Input
	other Runner
	// course is set for an operation of several steps.
	course *course

	// What the call holds of the bounds, see limits.go.
	admitted            *bound
	ticket              ticket
	rateNow, ratePolicy string
	address             netip.Addr
	addressKnown        bool

	stage stage
	// tenant is who calls for the journal: nothing that is not the same for the same caller next week.
	tenant string
	// operation is the id of the operation whose status is asked for.
	operation string
	keyed     keyedCall

	// What the judge leaves behind.
	judge  adapters.Judge              // c.judgeReply, bound once
	intent func(context.Context) error // c.recordIntent, bound once
	judged bool
	output transforms.Output
	failed error // of Runner.Reply

	// What is told about the call in log and metrics.
	status    int
	written   int
	problem   string // the kind's name, "" if there is none
	fate      string // "" if the host was never asked
	hostKind  string
	took      time.Duration // of the exchange
	stepFates string        // what became of each step, "" if there are none
	partial   string        // the optional steps that failed
	fallback  string        // where the answer comes from instead, "" if from the host
	staleAge  time.Duration // of an answer from before
	fault     error
	keep      bool // false when the call must not be pooled
	done      bool
	line      jsonLine

	// marks and sampled are for who wants to know where the time went; outgoing is what the host is
	// told of the trace.
	marks    marks
	sampled  *sampled
	outgoing adapters.TraceContext

	// cached says how the answer came without the host: hit, shared, or empty; age how old it is.
	// keepUnder and flight say who else wants it.
	cached    string
	age       time.Duration
	keepUnder *cacheKey
	flight    *flight
}

func newCall(g *Gateway) *call {
	c := &call{g: g, rctx: chi.NewRouteContext()}
	c.judge, c.intent = c.judgeReply, c.recordIntent
	return c
}

func (c *call) begin(w http.ResponseWriter, r *http.Request) {
	c.w, c.r = w, r
	c.join()
	c.start = c.g.options.Now()
	c.exchange, c.trace = newIDs(c.start)
	c.beginTrace()
	c.keep = true
}

// end ends a call whatever happened: it answers for a panic, writes the log line, counts, and
// gives everything back. It is deferred, so that it can recover.
func (c *call) end() {
	// A call without an answer and without a panic is one whose goroutine is ending (runtime.Goexit).
	if p := recover(); p != nil || !c.done {
		c.keep = false
		c.afterPanic()
	}
	if c.admitted != nil {
		c.leave()
	}
	c.landFlight()
	c.part()
	c.observe()
	if c.keep {
		if c.run != nil {
			c.run.Release()
		}
		if c.course != nil {
			c.course.release()
		}
		if c.other != nil {
			c.other.Release()
		}
		c.recycle()
	}
}

func (c *call) afterPanic() {
	c.g.metrics.panics.Inc()
	err := &panicked{stack: debug.Stack()}
	if c.done {
		c.fault = err
		return
	}
	c.refuse(err)
}

func (c *call) recycle() {
	g, rctx, judge, intent := c.g, c.rctx, c.judge, c.intent
	params, body, out, record, identity, line := c.params, c.body, c.out, c.record, c.identity, c.line
	if cap(body) > maxPooledBuffer || cap(out) > maxPooledBuffer || cap(record) > maxPooledBuffer || cap(identity) > maxPooledBuffer || cap(params.out) > maxPooledBuffer || cap(params.pairs) > 256 {
		return
	}
	params.reset()
	*c = call{g: g, rctx: rctx, judge: judge, intent: intent, params: params, body: body[:0], out: out[:0], record: record[:0], identity: identity[:0], line: line[:0]}
	g.calls.Put(c)
}

// serve is the straight line of one call.
func (c *call) serve() {
	if c.r.ContentLength != 0 {
		c.bodyDeadline(time.Now().Add(c.g.options.BodyTimeout))
	}
	if err := c.match(); err != nil {
		if c.operation != "" {
			c.serveStatus(c.operation)
			return
		}
		c.refuse(err)
		return
	}
	switch {
	case c.document != nil:
		c.serveDocument()
		return
	case c.isPreflight():
		c.preflight()
		return
	case c.route == nil:
		c.allow()
		return
	}
	if err := c.letIn(); err != nil {
		c.refuse(err)
		return
	}
	if err := c.takeKey(); err != nil {
		c.refuse(err)
		return
	}
	if err := c.readBudget(); err != nil {
		c.refuse(err)
		return
	}
	in, err := c.input()
	if err != nil {
		c.refuse(err)
		return
	}
	c.nameOperation(&in)
	if len(c.route.Steps) > 0 {
		c.serveSteps(in)
		return
	}
	c.marks.read = c.g.options.Now()
	c.run = c.route.Start()
	m, err := c.run.Request(in)
	c.marks.written = c.g.options.Now()
	c.route.metrics.wrote(c.marks.written.Sub(c.marks.read), err)
	if err != nil {
		c.countDenied(err)
		c.refuse(err)
		return
	}
	if len(c.route.Fallbacks) > 0 {
		c.in = in
	}
	if c.route.Caching.keeps() {
		if done, err := c.fromStore(); done {
			if err != nil {
				c.refuse(err)
			}
			return
		}
	}
	if c.keyed.on {
		if c.recall() {
			return
		}
		if wait, ok := prefersAsync(c.r.Header); ok {
			c.respondAsync(wait, func(other *call) { other.exchangeWith(m) })
			return
		}
	}
	c.exchangeWith(m)
}

// exchangeWith is the rest of the line, from the host to the answer.
func (c *call) exchangeWith(m transforms.Message) {
	reply, err := c.carry(m)
	if err != nil {
		if !c.answerWithheld() && !c.fallBack(err) {
			c.refuse(err)
		}
		return
	}
	c.keyed.point(c, "after-reply")
	c.stage = stageReply
	if !c.judged {
		c.judgeReply(reply)
	}
	if (c.failed != nil || c.output.HostFailed) && c.fallBack(c.failed) {
		return
	}
	if c.failed != nil {
		c.refuse(c.failed)
		return
	}
	c.remember()
	c.answer()
}

// letIn decides whether the call is served: bounds of the gateway, who calls, bounds of the caller,
// the operation and the backend, and what the caller takes.
func (c *call) letIn() error {
	if err := c.admit(); err != nil {
		return err
	}
	if err := c.authenticate(); err != nil {
		return err
	}
	if err := c.acceptable(); err != nil {
		return err
	}
	return c.ratesAfter()
}

// match finds the route. It leaves c.route nil for an OPTIONS call that the contract does not declare.
func (c *call) match() error {
	t := c.g.table.Load()
	if t == nil {
		return &fault{kind: kindNotReady}
	}
	c.table = t
	if err := c.head(); err != nil {
		return err
	}
	path, ok := canonicalPath(c.r.URL.EscapedPath())
	if !ok {
		return &fault{kind: kindUnsafePath}
	}
	e := t.find(c.rctx, path)
	if e == nil {
		if c.document = t.documents[path]; c.document != nil {
			return nil
		}
		if c.g.options.Journal != nil {
			c.operation = statusID(path)
		}
		return &fault{kind: kindNotFound}
	}
	c.entry = e
	if !e.semi && hasSemicolon(path) {
		return &fault{kind: kindUnsafePath}
	}
	c.route = e.route(c.r.Method)
	if c.route == nil && c.r.Method != http.MethodOptions {
		return &fault{kind: kindMethodNotAllowed, allow: e.allow}
	}
	return nil
}

func hasSemicolon(path string) bool {
	for i := 0; i < len(path); i++ {
		if path[i] == ';' {
			return true
		}
	}
	return false
}

// input reads parameters and body.
func (c *call) input() (transforms.Input, error) {
	c.params.write(&c.route.inputs, c.rctx.URLParams.Values, c.r)
	if len(c.params.issues) > 0 {
		return transforms.Input{}, &fault{kind: kindInvalidRequest, issues: c.params.issues}
	}
	hasBody, err := c.readBody()
	if err != nil {
		return transforms.Input{}, err
	}
	in := transforms.Input{Params: c.params.out, Identity: c.identity, Now: c.start, ExchangeID: c.exchange}
	if hasBody {
		in.Body, in.Media = c.body, c.media
	}
	return in, nil
}
