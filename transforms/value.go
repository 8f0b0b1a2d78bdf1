// SPDX-License-Identifier: Apache-2.0

package transforms

import "errors"

// Kind is what a Value holds.
type Kind uint8

const (
	// Absent means that the member, field or element is not there. The zero Value is absent.
	Absent Kind = iota
	// Null is JSON null, xsi:nil, or a field whose declared "no value" was found.
	Null
	// Bool has the Text "true" or "false".
	Bool
	// Number has as Text a JSON number exactly as it was written (digits, sign, point, exponent).
	Number
	// String has as Text the JSON string as written, quotes and escapes included.
	String
	// Object has as Text the raw JSON text of an object.
	Object
	// Array has as Text the raw JSON text of an array, or nil for a host table; First and Len give
	// the rows of slots of its entries.
	Array
	// Host has as Text the undecoded bytes of a host field; Field decodes them.
	Host
)

// Value is one value on its way through a transform. It points into the buffers it was read from:
// it is valid for as long as those are, that is within one Run.
type Value struct {
	Text  []byte
	Field Field
	// First and Len are set for arrays whose entries were captured: entry i of the array keeps
	// its slots at First + i*Capture.Each.Size. For values of Kind Host they are the format's own: where
	// the field stood, for a Locator.
	First, Len int32
	Kind       Kind
}

// Field decodes the bytes of one host field (or the text of one XML element). It is the
// receiving end of moves out of a host message.
type Field interface {
	// AppendJSON appends the JSON text of the value that raw holds: a string with its quotes, a
	// number, true, false or null. It fails with a *FieldError when raw is not valid.
	AppendJSON(dst, raw []byte) ([]byte, error)
}

// Locator is a Field that can tell where in its message a value stood.
type Locator interface {
	// Locate completes an error that AppendJSON gave for v: offset and occurrence numbers.
	Locate(err *FieldError, v Value)
}

// AppendJSON appends the JSON text of v: of a host value what its field makes of the bytes, of
// any other its text, nothing for an absent one. Errors of fields say where in the message they stood.
func (v Value) AppendJSON(dst []byte) ([]byte, error) {
	if v.Kind != Host {
		return append(dst, v.Text...), nil
	}
	out, err := v.Field.AppendJSON(dst, v.Text)
	if err == nil {
		return out, nil
	}
	var fe *FieldError
	if l, located := v.Field.(Locator); located && errors.As(err, &fe) {
		l.Locate(fe, v)
	}
	return dst, err
}

// Slots is the store of one run: the values a transform asked for. Readers fill it.
type Slots struct {
	v []Value
	// bad are what readers could not read and were told to go on behind; more counts those beyond maxNotes.
	bad  []*FieldError
	more int
}

// maxNotes bounds how many unreadable fields of one message are listed.
const maxNotes = 100

// Note lists a field that could not be read and became null.
func (s *Slots) Note(err *FieldError) {
	if len(s.bad) >= maxNotes {
		s.more++
		return
	}
	s.bad = append(s.bad, err)
}

// Noted returns the fields that were noted, at most 100 of them.
func (s *Slots) Noted() []*FieldError { return s.bad }

// Reset forgets all values and makes room for n absent ones.
func (s *Slots) Reset(n int) {
	clear(s.v)
	s.v = s.v[:0]
	s.bad, s.more = nil, 0
	s.Grow(n)
}

// Grow appends n absent values and returns the index of the first: how readers make room for the
// entries of an array. What lies behind the values in use is always clear.
func (s *Slots) Grow(n int) int {
	first := len(s.v)
	if first+n <= cap(s.v) {
		s.v = s.v[:first+n]
	} else {
		s.v = append(s.v, make([]Value, n)...)
	}
	return first
}

// At returns the slot with index i for reading or setting. The pointer is good until the next Grow.
func (s *Slots) At(i int) *Value { return &s.v[i] }

// Len returns the number of slots in use.
func (s *Slots) Len() int { return len(s.v) }

// Capture says which parts of a message a transform wants, in the shape of the message's Type.
// The compiler builds it; a Format turns it into a Reader.
//
// A Reader for a Capture is given the index of the first slot of the frame (base). The value of a
// captured node goes to slot base+Slot.
type Capture struct {
	// Type is the node of the message's type this capture is about.
	Type *Type
	// Slot is where the value goes, relative to the frame; -1 when only parts of it are wanted.
	Slot int
	// Members are the wanted members of an object or group, in any order, each of a different Type.
	Members []*Capture
	// Each is what is wanted of every entry of an array, in a frame of its own of Each.Size slots
	// per entry. The array itself then needs a Slot too, for its First and Len. Nil if no part of
	// the entries is wanted. The Slot of Each itself (0, when wanted) is the whole entry.
	Each *Capture
	// Size is the number of slots of the frame, set on the root and on every Each.
	Size int
}

// Reader fills the slots of a Capture from one message.
type Reader interface {
	// Read checks msg as far as its format demands and stores the captured values at base. The
	// root capture's frame must already have been grown. Absent parts stay Absent. It fails with
	// an *InvalidError (JSON that breaks the contract) or a *FieldError (host bytes).
	Read(msg []byte, slots *Slots, base int) error
}

// Mapping says what a message is written from, in the shape of the message's Type. The compiler
// builds it; a Format turns it into a Writer. A member without a mapping gets the format's default
// (for a record: its VALUE, spaces or zeros; for JSON: it is left out).
type Mapping struct {
	// Type is the node that is written. For JSON templates without a contract it may be a made-up
	// type that carries only names.
	Type *Type
	// Source gives the value of a leaf, or a whole object or array in JSON that is copied by member
	// name; nil when Members or Each say how it is built.
	Source Source
	// Members are the mapped members of an object or group, or, of a JSON array, its entries: List tells so,
	// and their types are named by their places.
	Members []*Mapping
	List    bool
	// Each builds the entries of an array.
	Each *Each
	// When, if set, makes the whole node optional: false leaves it out.
	When Condition
}

// Each builds the entries of an array from the entries of another.
type Each struct {
	// Source gives the array: a Value of kind Array.
	Source Source
	// Depth is the loop's frame number: entry frames are pushed with Run.Enter(Depth, ...).
	Depth int
	// Size is the number of slots of one entry.
	Size int
	// Where, if set, leaves out the entries for which it does not hold.
	Where Condition
	// To is what each entry becomes.
	To *Mapping
}

// Enter goes to entry i of the array v: expressions of To then name it. It reports whether the entry
// is wanted.
func (e *Each) Enter(r *Run, v Value, i int) (bool, error) {
	r.Enter(e.Depth, int(v.First)+i*e.Size)
	if e.Where == nil {
		return true, nil
	}
	return e.Where.Holds(r)
}

// Source gives a value at run time: a literal, a slot, or the result of an expression.
type Source interface {
	// Value returns the value in the present loop frames of r.
	Value(r *Run) (Value, error)
}

// Pointed is a Source that can tell where in the input its value stood, for errors.
type Pointed interface {
	// Pointer returns the JSON pointer of the value in the present loop frames: /body/lines/2/price.
	Pointer(r *Run) string
}

// Condition decides at run time.
type Condition interface {
	// Holds reports the condition in the present loop frames of r.
	Holds(r *Run) (bool, error)
}

// Writer writes one message from a Mapping.
type Writer interface {
	// Write appends the message to dst. It fails with a *FieldError when a value does not fit.
	Write(dst []byte, r *Run) ([]byte, error)
}
