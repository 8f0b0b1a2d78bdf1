// SPDX-License-Identifier: Apache-2.0

package json

import (
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/specs"
	"lintel/transforms"
)

// Direction tells which way a document goes.
type Direction uint8

const (
	// Request documents come from callers: read-only members are refused, and so are members that
	// no schema names.
	Request Direction = iota
	// Response documents go to callers: write-only members are refused.
	Response
	// Hosts get and send documents of their own: what is read-only or write-only is for them to say,
	// and so are members that no schema names.
	Hosts
)

// Options of a JSON format. The zero value reads requests with the default limits.
type Options struct {
	Direction Direction
	// Prefix is put in front of all JSON pointers in issues, for example "/body".
	Prefix string
	// MaxDepth is how deep objects and arrays may nest; default 32.
	MaxDepth int
	// MaxIssues is how many issues are collected before reading stops; default 20.
	MaxIssues int
	// MaxRows is how many array entries one document may bring to a transform; default 10000.
	MaxRows int
	// AllowUnknown accepts, in requests, members that no schema names where the contract says
	// nothing about additionalProperties. Objects for which it names no member at all always
	// accept any.
	AllowUnknown bool
	// Named refuses members that no schema names, as in requests, in documents of any direction.
	Named bool
}

func (o Options) withDefaults() Options {
	set := func(v *int, def int) {
		if *v <= 0 {
			*v = def
		}
	}
	set(&o.MaxDepth, 32)
	set(&o.MaxIssues, 20)
	set(&o.MaxRows, 10000)
	o.MaxDepth = min(o.MaxDepth, maxNesting)
	return o
}

// New makes the message type of documents that s describes. The findings name what the schema asks
// for and cannot be had; with errors among them the message type must not be used.
func New(s *specs.Schema, o Options) (*transforms.MessageType, specs.Findings) {
	f := &format{schema: s, o: o.withDefaults(), duplicates: []jsontext.Options{jsontext.AllowDuplicateNames(true)}}
	c := newCompiler(&f.o)
	f.whole = c.root(s, nil)
	mt := &transforms.MessageType{Type: typeTree(s, f.o.Direction == Hosts), Format: f}
	return mt, c.findings.Sort()
}

// root compiles the plan of a whole document.
func (c *compiler) root(s *specs.Schema, want *transforms.Capture) *plan {
	return c.located(s, c.place(s), want)
}

// format is the JSON grammar of one schema.
type format struct {
	schema *specs.Schema
	o      Options
	// whole checks a document and captures nothing.
	whole *plan
	pool  sync.Pool
	// duplicates is the option of the first pass, kept so that it is not made for every document.
	duplicates []jsontext.Options
}

var (
	_ transforms.Format = (*format)(nil)
	_ transforms.Codec  = (*format)(nil)
)

// Reader compiles schema and capture into one plan. What is wrong with the schema was found by New.
func (f *format) Reader(want *transforms.Capture) (transforms.Reader, specs.Findings) {
	return &reader{f: f, plan: newCompiler(&f.o).root(f.schema, want)}, nil
}

// DecodeJSON checks a whole document and appends it without white space.
func (f *format) DecodeJSON(dst, msg []byte) ([]byte, error) {
	var slots transforms.Slots
	if err := f.read(f.whole, msg, &slots, 0); err != nil {
		return dst, err
	}
	return Compact(dst, msg)
}

// EncodeJSON is DecodeJSON: a message of this format is JSON itself.
func (f *format) EncodeJSON(dst, json []byte) ([]byte, error) { return f.DecodeJSON(dst, json) }

type reader struct {
	f    *format
	plan *plan
}

// Read checks msg against the schema and fills the slots. It fails with a *transforms.InvalidError.
func (r *reader) Read(msg []byte, slots *transforms.Slots, base int) error {
	return r.f.read(r.plan, msg, slots, base)
}

func (f *format) read(p *plan, msg []byte, slots *transforms.Slots, base int) error {
	if err := shallow(msg, f.o.MaxDepth, f.o.Prefix); err != nil {
		return err
	}
	w := f.walker()
	w.msg, w.slots = msg, slots
	w.fuel = fuelBase + fuelPerByte*len(msg)
	end := w.value(p, skipSpace(msg, 0), base)
	if !w.stop && skipSpace(msg, end) != len(msg) {
		w.malformed()
	}
	err := w.result()
	if err != nil || w.bad {
		err = f.syntaxFirst(msg, err, w.bad)
	}
	if err == nil && w.unsure {
		err = wellFormed(msg, f.o.MaxDepth, f.o.Prefix)
	}
	w.release()
	f.pool.Put(w)
	if err != nil {
		return err
	}
	return nil
}

// syntaxFirst gives the error of a document that is not JSON in place of what else was found in it.
func (f *format) syntaxFirst(msg []byte, found *transforms.InvalidError, bad bool) *transforms.InvalidError {
	if err := wellFormed(msg, f.o.MaxDepth, f.o.Prefix, f.duplicates...); err != nil {
		return err
	}
	if found != nil || !bad {
		return found
	}
	if err := wellFormed(msg, f.o.MaxDepth, f.o.Prefix); err != nil { // a member twice in what was skipped
		return err
	}
	return invalid(f.o.Prefix, "syntax", "the document is not JSON")
}

// walker takes one out of the pool.
func (f *format) walker() *walker {
	w, _ := f.pool.Get().(*walker)
	if w == nil {
		w = &walker{f: f}
	}
	w.rows = f.o.MaxRows
	return w
}

func (w *walker) result() *transforms.InvalidError {
	if w.dry {
		w.issues = append(w.issues, transforms.Issue{
			Pointer: w.f.o.Prefix, Code: "complexity",
			Detail: "checking the document against the alternatives of the contract takes too long",
		})
	}
	if len(w.issues) == 0 {
		return nil
	}
	return &transforms.InvalidError{Issues: w.issues}
}

// release forgets everything that belongs to one document.
func (w *walker) release() {
	const keep = 4 << 10
	*w = walker{f: w.f, path: w.path[:0], seen: w.seen[:0], scratch: w.scratch[:0]}
	if cap(w.scratch) > keep {
		w.scratch = nil
	}
	if cap(w.seen) > keep/8 {
		w.seen = nil
	}
}
