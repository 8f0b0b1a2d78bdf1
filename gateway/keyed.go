// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"lintel/adapters"
	"lintel/gateway/journal"
	"lintel/transforms"
)

// Keys says what an operation does with idempotency keys.
type Keys uint8

const (
	// KeysOff takes no keys. An operation that changes something is then not recorded.
	KeysOff Keys = iota
	// KeysOptional takes a key; without one the exchange is recorded, but cannot be repeated.
	KeysOptional
	// KeysRequired refuses a request without one.
	KeysRequired
)

// Headers of operations with keys.
const (
	headerKey      = "Idempotency-Key"
	headerReplay   = "Idempotent-Replay"
	headerDegraded = "Journal-Degraded"
)

// StatusPath is where the status of operations is served on the data port, unless the contract has
// that path.
const StatusPath = "/operations/"

// keyedCall is what a call is for the journal.
type keyedCall struct {
	on bool
	// alone says that no key came: no other request is the same as this one.
	alone bool
	call  journal.Call
	id    journal.ID
	in    transforms.Input
	// deadline is when the call gives up, if that is not the deadline of its exchange.
	deadline time.Time
	// begun says that the intent is recorded and what became of it is not.
	begun bool
	// withheld is what the journal said instead of recording the intent, err why it could not.
	withheld journal.Found
	err      error
	// recording is what the adapter knows of the journal.
	recording *adapters.Recording
	// unread is a reply that could not be read.
	unread []byte
	// sum sums up a reply that may come again; nil for others.
	sum []byte
	// sent, if set, is closed when the intent is recorded.
	sent chan struct{}
	// end, if set, is what became of an exchange that nobody waited for.
	end journal.State
	// late says what became of a caller that would rather come back than wait; nil for others.
	late *atomic.Int32
}

// point marks a point in the life of the exchange, for tests.
func (k *keyedCall) point(c *call, name string) {
	if k.on {
		c.g.options.Journal.Point(name)
	}
}

// takeKey reads the idempotency key.
func (c *call) takeKey() (err error) {
	if c.route.Safe || c.route.Keys == KeysOff {
		return nil
	}
	c.keyed.on = true
	c.keyed.call.Key, err = c.idempotencyKey()
	return err
}

// nameOperation finds the identity of the operation, and gives it to the exchange as its id.
func (c *call) nameOperation(in *transforms.Input) {
	if !c.keyed.on {
		return
	}
	j, k := c.g.options.Journal, &c.keyed
	k.call = journal.Call{
		Tenant: c.tenant, Operation: c.route.Operation.ID, Key: k.call.Key, Backend: c.route.BackendName, Version: c.route.Version,
	}
	if !k.alone {
		c.out = append(append(c.out[:0], c.params.out[:c.params.asked]...), '}')
		k.call.Fingerprint = j.Fingerprint(c.out, in.Body)
	}
	k.id = j.ID(&k.call)
	in.ExchangeID = k.id.UUID()
	k.in = *in
}

// idempotencyKey returns the idempotency key of the request. Where none is needed and none came, the id of the
// call is one: the exchange is recorded, and no other request will meet it.
func (c *call) idempotencyKey() (string, error) {
	values := c.r.Header[headerKey]
	switch {
	case len(values) == 0 && c.route.Keys == KeysRequired:
		c.g.metrics.keys("missing")
		return "", &fault{kind: kindKeyMissing}
	case len(values) == 0:
		c.keyed.alone = true
		return c.exchange, nil
	case len(values) > 1:
		c.g.metrics.keys("invalid")
		return "", &fault{kind: kindKeyInvalid}
	}
	key, err := journal.ParseKey(values[0])
	if err != nil {
		c.g.metrics.keys("invalid")
		return "", &fault{kind: kindKeyInvalid}
	}
	return key, nil
}

// recall answers a call that the journal knows. It comes before the host is looked at: what was done
// is told also while the host is down. Where nothing can be recorded, no host is asked for anything.
func (c *call) recall() bool {
	if c.keyed.alone { // nobody knows it
		err := c.g.options.Journal.Ready(c.r.Context())
		if err != nil {
			c.refuseUnrecorded(err)
		}
		return err != nil
	}
	f, err := c.g.options.Journal.Lookup(c.r.Context(), &c.keyed.call)
	if err != nil {
		c.refuseUnrecorded(err)
		return true
	}
	if f.Verdict == journal.Unknown {
		return false
	}
	c.answerFound(f)
	return true
}

func (c *call) refuseUnrecorded(err error) {
	if errors.Is(err, journal.ErrTooLarge) {
		c.refuse(&fault{kind: kindBodyTooLarge, cause: err})
		return
	}
	c.g.metrics.keys("unavailable")
	c.refuse(&fault{kind: kindJournal, cause: err})
}

// answerFound answers with what is known of the same call.
func (c *call) answerFound(f journal.Found) {
	c.g.metrics.keys(f.Verdict.String())
	switch f.Verdict {
	case journal.Mismatch:
		c.refuse(&fault{kind: kindKeyReused})
	case journal.Expired:
		c.refuse(&fault{kind: kindKeyExpired})
	case journal.Running:
		c.refuse(&fault{kind: kindKeyRunning})
	case journal.Doubtful:
		c.refuse(&fault{kind: kindKeyInDoubt})
	default:
		c.replay(f.Reply)
	}
}

// replay gives the answer of the first time again, byte by byte.
func (c *call) replay(stored []byte) {
	a, err := decodeAnswer(stored)
	if err != nil {
		c.refuseUnrecorded(err)
		return
	}
	h := c.w.Header()
	c.commonHeaders(h)
	for name, values := range a.header {
		h[name] = values
	}
	h[headerReplay] = []string{"true"}
	c.send(a.status, a.body)
}

var errKnown = errors.New("the journal knows the request")

// recordIntent is the last thing before the first byte to the host.
func (c *call) recordIntent(ctx context.Context) error {
	k := &c.keyed
	left := c.g.options.Timeout
	if d, bounded := ctx.Deadline(); bounded {
		left = time.Until(d)
	}
	k.call.Deadline = c.g.options.Now().Add(left)
	if !k.deadline.IsZero() {
		k.call.Deadline = k.deadline
	}
	c.record = appendInput(c.record[:0], &k.in)
	k.call.Request = c.record
	start := time.Now()
	f, err := c.g.options.Journal.Begin(ctx, &k.call)
	k.call.Request = nil
	c.g.metrics.intents.Observe(time.Since(start).Seconds())
	switch {
	case err != nil:
		k.err = err
		return err
	case f.Verdict != journal.Unknown:
		k.withheld = f
		return errKnown
	}
	k.begun = true
	c.g.metrics.newKeys.Inc()
	if k.sent != nil {
		close(k.sent)
	}
	return nil
}

// answerWithheld answers a call that recordIntent stopped; false if it did not.
func (c *call) answerWithheld() bool {
	switch {
	case c.keyed.err != nil:
		c.refuseUnrecorded(c.keyed.err)
	case c.keyed.withheld.Entry != nil || c.keyed.withheld.Verdict != journal.Unknown:
		c.answerFound(c.keyed.withheld)
	default:
		return false
	}
	return true
}

// ending is what became of the exchange, for the journal. A caller that was told to come back must find
// what was never sent, too.
func (c *call) ending() journal.State {
	end := c.proven()
	if end == journal.Released && c.keyed.cameBack() {
		return journal.NotApplied
	}
	return end
}

// proven is what is known of the exchange. What is not proven is in doubt.
func (c *call) proven() journal.State {
	switch {
	case c.keyed.end != 0:
		return c.keyed.end
	case c.fate == adapters.NotSent.String():
		return journal.Released
	case c.fate == adapters.NotApplied.String():
		return journal.NotApplied
	case c.fate == adapters.Applied.String() && c.judged && c.failed == nil:
		return endOf(&c.output)
	default:
		return journal.InDoubt
	}
}

// endOf is what the outcome of a reply says of the work.
func endOf(o *transforms.Output) journal.State {
	switch {
	case o.NotApplied:
		return journal.NotApplied
	case o.HostFailed, o.InDoubt:
		return journal.InDoubt
	default:
		return journal.Complete
	}
}

// tell fills in what a problem says to callers whose operations are recorded.
func (k *keyedCall) tell(c *call, p *problem) {
	if !k.on {
		return
	}
	sameKey, newKey := retrySameKey, retryNewKey
	if k.alone { // it has no key to send again, and needs no other
		sameKey, newKey = retryLater, retryLater
	}
	if p.retry == retryLater || p.retry == retrySameKey {
		p.retry = sameKey
	}
	end := journal.Released
	if k.begun || k.end != 0 {
		end = c.ending()
	}
	switch {
	case end == journal.InDoubt:
		p.outcome, p.retry, p.retryAfter = outcomeUnknown, retryNever, 0
		delete(c.w.Header(), "Retry-After") // also where the transform says it
	case end == journal.NotApplied:
		p.outcome, p.retryAfter = outcomeNotApplied, 0
		if p.retry == sameKey || p.retry == "" {
			p.retry = newKey
		}
	case end == journal.Complete:
		p.retryAfter = 0
	}
	if end != journal.Released || p.kind == kindKeyRunning || p.kind == kindKeyInDoubt {
		p.operation = StatusPath + k.id.String()
	}
}

// settle records what became of the exchange, before the first byte of the answer. It reports false if it answered
// otherwise.
func (c *call) settle(status int, body []byte) bool {
	k := &c.keyed
	k.begun = false
	end := journal.End{To: c.ending(), Proof: c.proof(), Tell: c.g.tells() && k.cameBack()}
	if end.To != journal.NotApplied {
		end.Unless = proofReversal
	}
	switch end.To {
	case journal.Complete, journal.NotApplied:
		c.record = appendAnswer(c.record[:0], &storedAnswer{status: status, header: c.w.Header(), body: body, sum: k.sum})
		end.Reply = c.record
	case journal.InDoubt:
		if k.unread != nil {
			end.Reply = encodeUnread(k.unread)
		}
	}
	ctx := context.WithoutCancel(c.r.Context())
	start := time.Now()
	err := c.g.finishKept(ctx, c.route, k.id, end)
	c.g.metrics.ends.Observe(time.Since(start).Seconds())
	if err == nil || errors.Is(err, journal.ErrState) {
		k.recording.Settle()
	}
	switch {
	case errors.Is(err, journal.ErrState):
		return c.overtaken(ctx, end)
	case err != nil:
		c.degraded()
	case end.Tell:
		c.g.options.Webhook.wakeUp()
	}
	return true
}

// finishKept records an end, also where the answer is larger than what can be kept: it is lost for who asks again then.
func (g *Gateway) finishKept(ctx context.Context, r *route, id journal.ID, end journal.End) error {
	j := g.options.Journal
	err := j.Finish(ctx, id, end)
	if !errors.Is(err, journal.ErrTooLarge) {
		return err
	}
	end.Reply = nil
	if end.To != journal.InDoubt {
		end.Reply = encodeAnswer(g.answerLater(r, id, end.To, nil))
	}
	return j.Finish(ctx, id, end)
}

// degraded says that an answer could not be recorded. It is true all the same (row 29 of the failure model).
func (c *call) degraded() {
	c.w.Header()[headerDegraded] = []string{"true"}
	c.g.metrics.degraded.Inc()
}

// overtaken is about an exchange that others found in doubt while it was under way (a clock was set, the process
// stood still), and of which they recorded something before it did. It reports false if it answered with that.
func (c *call) overtaken(ctx context.Context, end journal.End) bool {
	k, j := &c.keyed, c.g.options.Journal
	e, err := j.Get(ctx, k.id)
	switch {
	case end.To == journal.InDoubt: // a late reply was quicker, or it is being taken back
	case err != nil || e == nil:
		c.g.contradiction(k.id, end.To)
	case e.State == journal.InDoubt && end.To == journal.Released:
		// The key is not free any more, but nothing was sent.
		reply := encodeAnswer(c.g.answerLater(c.route, k.id, journal.NotApplied, nil))
		if j.Finish(ctx, k.id, journal.End{To: journal.NotApplied, Proof: "not sent", Reply: reply, Tell: end.Tell}) != nil {
			c.degraded()
		}
	case e.State == journal.InDoubt && end.To == journal.Complete: // it is being taken back
		k.end = journal.InDoubt
		clear(c.w.Header())
		c.commonHeaders(c.w.Header())
		c.write(problemOf(kindInDoubt))
		return false
	case e.State == end.To || e.State == journal.NotApplied && (e.Proof == proofReversed || e.Proof == proofUndone):
		stored, err := j.ReplyOf(e)
		if err != nil || len(stored) == 0 {
			break
		}
		clear(c.w.Header())
		c.replay(stored)
		return false
	case e.State != journal.NotApplied || end.To != journal.Released:
		c.g.contradiction(k.id, end.To)
	}
	return true
}

// proof says how the end is known.
func (c *call) proof() string {
	switch {
	case c.fate == "":
		return "fault"
	case c.hostKind != "" && c.hostKind != "none":
		return c.hostKind
	case c.failed != nil:
		return "reply cannot be read"
	}
	return "reply"
}

// contradiction is an alarm: the journal had another proof already.
func (g *Gateway) contradiction(id journal.ID, to journal.State) {
	g.metrics.contradictions.Inc()
	g.options.Log.Error("journal: a reply contradicts what was known of an operation", "operation", id.String(), "reply", to.String())
}
