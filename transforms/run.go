// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/expr-lang/expr/vm"
)

// MaxLoops is how deep loops (each) may nest in one transform.
const MaxLoops = 8

// NoParams are the Params of an Input that comes with no parameters.
const NoParams = `{"path":{},"query":{},"header":{},"cookie":{}}`

// Input is what one request brings to a transform.
type Input struct {
	// Params is a JSON object with the members path, query, header and cookie, each an object from
	// parameter name to value. The gateway writes it: numbers, booleans and arrays already have
	// their JSON form where the contract declares such a type.
	Params []byte
	// Body is the JSON body as received, or what a body of another media type is in JSON; nil if there is none.
	Body []byte
	// Media is the number of the body's media type in the contract, counted from 1; 0 if that is not known.
	Media int
	// Identity is who calls, a JSON object with the members subject, client, scopes, roles and
	// claims; nil for an anonymous caller.
	Identity []byte
	// Now is the time the request came in.
	Now time.Time
	// ExchangeID names this exchange, the same at every attempt.
	ExchangeID string
	// Steps are the results of the steps so far, by their number; nil for an operation without steps.
	Steps []StepResult
}

// Run is one use of a Transform: the request and then the reply of one exchange. It holds the
// buffers, so that none are allocated per field. A Run serves one goroutine.
type Run struct {
	t       *Transform
	in      Input
	slots   Slots
	frames  [MaxLoops + 1]int
	scratch []byte
	message []byte
	answer  []byte
	headers []Header
	// properties are those of the request.
	properties map[string]any
	// noParams: see Transform.takesNone.
	noParams bool
	vm       *vm.VM
	// met are the sizes of the values that the present expression was given.
	met  sizes
	envs []*exprEnv
	// numbers are for those of expressions.
	numbers numbers
}

// maxKept bounds the buffers a Run keeps for its next use, in bytes.
const maxKept = 64 << 10

func newRun(t *Transform) *Run {
	return &Run{
		t: t, noParams: t.takesNone(),
		scratch: make([]byte, 0, 512), message: make([]byte, 0, 512), answer: make([]byte, 0, 1024),
	}
}

// Start begins a run. It must be given back with Release.
func (t *Transform) Start() *Run {
	r, _ := t.pool.Get().(*Run)
	r.slots.Reset(t.slots)
	r.scratch = r.scratch[:0]
	return r
}

// Release gives the run back. The messages and outputs it made must not be used any more.
func (r *Run) Release() {
	if cap(r.scratch) > maxKept || cap(r.message) > maxKept || cap(r.answer) > maxKept || r.slots.Len() > maxKept/64 {
		return
	}
	r.in = Input{}
	r.t.pool.Put(r)
}

// Request checks the input against the contract and writes the message for the host. Errors are
// *InvalidError (input breaks the contract), *DeniedError (the allow rule), *FieldError (valid input that the host's record
// cannot hold) or *ExprError. The message is valid until Release.
func (r *Run) Request(in Input) (Message, error) {
	r.in = in
	if err := r.readInput(); err != nil {
		return Message{}, err
	}
	if err := r.allowed(); err != nil {
		return Message{}, err
	}
	if err := r.readSteps(); err != nil {
		return Message{}, err
	}
	out, err := r.writePrefixed(r.message[:0])
	if err != nil {
		return Message{}, err
	}
	r.message = out
	properties, err := r.writeProperties()
	if err != nil {
		return Message{}, err
	}
	return Message{Body: out, Properties: properties}, nil
}

func (r *Run) readInput() error {
	var all *InvalidError
	if d := r.t.params; d != nil && d.reader != nil && !(r.noParams && string(r.in.Params) == emptyParams) {
		if err := d.reader.Read(r.in.Params, &r.slots, d.base); err != nil {
			if all = invalidIn(err); all == nil {
				return err
			}
		}
	}
	if err := r.readBody(); err != nil {
		more := invalidIn(err)
		if more == nil {
			return err
		}
		all = all.with(more)
	}
	if all != nil {
		return all
	}
	r.readExchange()
	return r.readIdentity()
}

// invalidIn finds the InvalidError in err, nil if there is none.
func invalidIn(err error) *InvalidError {
	var invalid *InvalidError
	if errors.As(err, &invalid) {
		return invalid
	}
	return nil
}

// with joins the issues of two documents.
func (e *InvalidError) with(more *InvalidError) *InvalidError {
	switch {
	case e == nil:
		return more
	case more == nil:
		return e
	}
	return &InvalidError{Issues: slices.Concat(e.Issues, more.Issues), Syntax: e.Syntax || more.Syntax}
}

// emptyParams are the parameters of a request that has none.
const emptyParams = `{"path":{},"query":{},"header":{},"cookie":{}}`

// takesNone reports that a request without parameters keeps to the contract, and that nothing of
// it is captured, so that it does not have to be read.
func (t *Transform) takesNone() bool {
	if t.params == nil || t.params.reader == nil {
		return false
	}
	var s Slots
	s.Reset(t.slots)
	if t.params.reader.Read([]byte(emptyParams), &s, t.params.base) != nil {
		return false
	}
	return !slices.ContainsFunc(s.v, func(v Value) bool { return v.Kind != Absent })
}

// readExchange fills in what Lintel knows about the exchange.
func (r *Run) readExchange() {
	for _, m := range r.t.exchange.capture.Members {
		if m.Slot < 0 {
			continue
		}
		text := r.in.ExchangeID
		if m.Type.Name == "time" {
			text = r.in.Now.UTC().Format("2006-01-02T15:04:05.000Z")
		}
		start := len(r.scratch)
		r.scratch = AppendQuoted(r.scratch, text)
		*r.slots.At(r.t.exchange.base + m.Slot) = Value{Kind: String, Text: r.scratch[start:len(r.scratch):len(r.scratch)]}
	}
}

// Reply reads the host's reply and makes the answer of the first outcome that holds. It must come
// after Request on the same run. Errors are *FieldError or *InvalidError (the reply cannot be
// read) or *ExprError.
func (r *Run) Reply(m Message) (Output, error) {
	if err := r.readProperties(m.Properties); err != nil {
		return Output{}, err
	}
	rest, err := r.readPrefix(m.Body)
	if err != nil {
		return Output{}, err
	}
	front := len(m.Body) - len(rest)
	m.Body = rest
	v, err := r.variant(m)
	if err != nil {
		return Output{}, err
	}
	if err := v.read(m, &r.slots); err != nil {
		return r.unread(v, err)
	}
	if err := r.readUnreadable(); err != nil {
		return Output{}, err
	}
	for i := range v.echoes {
		if err := v.echoes[i].check(r); err != nil {
			return Output{}, err
		}
	}
	out, err := r.decide(v, m)
	out.Front = front
	return out, err
}

// decide makes the answer of the first outcome that holds.
func (r *Run) decide(v *variant, m Message) (Output, error) {
	for _, o := range v.outcomes {
		if o.when != nil {
			holds, err := o.when.Holds(r)
			if err != nil {
				return Output{}, err
			}
			if !holds {
				continue
			}
		} else if out, is, err := v.faulted(r, m); is || err != nil {
			return out, err
		}
		out, err := o.write(r)
		out.Variant, out.Unreadable = cmp.Or(o.tells, v.ref), r.Unreadable()
		return out, err
	}
	return Output{}, errors.New("no outcome holds")
}

// unread makes the answer to a reply that is not what the transform calls it, such as the page that a
// proxy sends with a status of its own: the outcomes that look at nothing in it can still decide, up
// to the first one that does.
func (r *Run) unread(v *variant, unread error) (Output, error) {
	for _, o := range v.outcomes {
		if o.when == nil || o.looks || o.goesOn {
			break
		}
		holds, err := o.when.Holds(r)
		if err != nil {
			return Output{}, err
		}
		if holds {
			return o.write(r)
		}
	}
	return Output{}, unread
}

// errNoVariant says that a reply's code chooses none of the declared variants.
var errNoVariant = &InvalidError{Issues: []Issue{{Code: "variant", Detail: "the reply is none of the variants"}}}

// variant reads the head, where there is one, and chooses what the reply is.
func (r *Run) variant(m Message) (*variant, error) {
	if head := r.t.head; head != nil {
		if err := head.reader.Read(m.Body, &r.slots, head.base); err != nil {
			return nil, err
		}
	}
	for _, v := range r.t.variants {
		if v.when == nil {
			return v, nil
		}
		if holds, err := v.when.Holds(r); err != nil || holds {
			return v, err
		}
	}
	return nil, errNoVariant
}

// ExchangeID names the exchange of this run, the same at every attempt.
func (r *Run) ExchangeID() string { return r.in.ExchangeID }

// Slots returns the values captured so far.
func (r *Run) Slots() *Slots { return &r.slots }

// Enter makes the slots that begin at base the frame of the loop with number depth.
func (r *Run) Enter(depth, base int) { r.frames[depth] = base }

// JSON turns a Host value into a JSON one (decoding its bytes into the run's scratch buffer) and
// returns any other as it is.
func (r *Run) JSON(v Value) (Value, error) {
	if v.Kind != Host {
		return v, nil
	}
	start := len(r.scratch)
	out, err := v.AppendJSON(r.scratch)
	if err != nil {
		return Value{}, err
	}
	r.scratch = out
	return JSONValue(out[start:len(out):len(out)]), nil
}

// jsonArray writes the entries of a host table as a JSON array into the scratch buffer.
func (r *Run) jsonArray(v Value, each *Capture) (Value, error) {
	start := len(r.scratch)
	out := append(r.scratch, '[')
	for i := range int(v.Len) {
		if i > 0 {
			out = append(out, ',')
		}
		entry := r.slots.At(int(v.First) + i*each.Size + each.Slot)
		var err error
		if out, err = entry.AppendJSON(out); err != nil {
			return Value{}, err
		}
	}
	r.scratch = append(out, ']')
	return Value{Kind: Array, Text: r.scratch[start:len(r.scratch):len(r.scratch)]}, nil
}

// JSONValue classifies the text of one complete JSON value by its first byte.
func JSONValue(text []byte) Value {
	if len(text) == 0 {
		return Value{}
	}
	switch text[0] {
	case '"':
		return Value{Kind: String, Text: text}
	case '{':
		return Value{Kind: Object, Text: text}
	case '[':
		return Value{Kind: Array, Text: text}
	case 'n':
		return Value{Kind: Null, Text: text}
	case 't', 'f':
		return Value{Kind: Bool, Text: text}
	default:
		return Value{Kind: Number, Text: text}
	}
}
