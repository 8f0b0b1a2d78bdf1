// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"time"
)

// MaxLoops is how deep loops (each) may nest in one transform.
const MaxLoops = 8

// Input is what one request brings to a transform.
type Input struct {
	// Params is a JSON object with the members path, query, header and cookie, each an object from
	// parameter name to value. The gateway writes it: numbers, booleans and arrays already have
	// their JSON form where the contract declares such a type.
	Params []byte
	// Body is the JSON body as received, or nil.
	Body []byte
	// Identity is a JSON object with the verified claims of the caller, or nil.
	Identity []byte
	// Now is the time the request came in.
	Now time.Time
	// ExchangeID names this exchange, the same at every attempt.
	ExchangeID string
}

// Run is one use of a Transform: the request and then the reply of one exchange. It holds the
// buffers, so that none are allocated per field. A Run serves one goroutine.
type Run struct {
	in      Input
	slots   Slots
	frames  [MaxLoops + 1]int
	scratch []byte
}

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
	out, err := v.Field.AppendJSON(r.scratch, v.Text)
	if err != nil {
		return Value{}, err
	}
	r.scratch = out
	return JSONValue(out[start:len(out):len(out)]), nil
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
