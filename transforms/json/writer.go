// SPDX-License-Identifier: Apache-2.0

package json

import (
	"errors"
	"strconv"

	"lintel/specs"
	"lintel/transforms"
)

// Writer compiles a mapping into a plan that appends JSON text. It does not check the contract:
// the Reader does that with what was written.
func (f *format) Writer(m *transforms.Mapping) (transforms.Writer, specs.Findings) {
	var fs specs.Findings
	root := compileWrite(m, &fs)
	root.prove(f.whole)
	w := &checkedWriter{writer{root: root}, f}
	if f.o.Direction == Hosts {
		return &hostWriter{w}, fs.Sort()
	}
	return w, fs.Sort()
}

// NewWriter makes a writer for a mapping that needs no schema, such as the template of a JSON
// document without a contract. Members are written in the order of the mapping. A member whose
// source is absent, or whose condition does not hold, is left out; a whole document without a value
// is written as nothing at all.
func NewWriter(m *transforms.Mapping) (transforms.Writer, specs.Findings) {
	var fs specs.Findings
	w := compileWrite(m, &fs)
	return &writer{root: w}, fs.Sort()
}

type writer struct{ root *writeNode }

// checkedWriter is a writer that knows the schema of what it writes.
type checkedWriter struct {
	writer
	f *format
}

var (
	_ transforms.Writer        = (*writer)(nil)
	_ transforms.CheckedWriter = (*checkedWriter)(nil)
)

// writeNode is one mapped value.
type writeNode struct {
	// lead is the quoted name and the colon, empty for a root or an item.
	lead   []byte
	name   string
	shape  transforms.Shape
	when   transforms.Condition
	source transforms.Source
	// slot is the source where that is a captured value.
	slot    transforms.Captured
	members []*writeNode
	// list tells that the members are the entries of an array.
	list bool
	each *transforms.Each
	item *writeNode

	// plan checks the value, see prove; need are the members an object must have, as bits.
	plan  *plan
	need  uint64
	proof proof
	kinds kind
}

func compileWrite(m *transforms.Mapping, fs *specs.Findings) *writeNode {
	n := &writeNode{lead: []byte(","), when: m.When, source: m.Source, each: m.Each}
	n.slot, _ = m.Source.(transforms.Captured)
	if m.Type != nil {
		n.shape = m.Type.Shape
	}
	if m.Each != nil {
		if m.Each.Depth < 0 || m.Each.Depth > transforms.MaxLoops {
			var pos specs.Pos
			if m.Type != nil {
				pos = m.Type.Pos
			}
			fs.Add(codeLoops, pos, "loops are nested deeper than "+strconv.Itoa(transforms.MaxLoops), "")
		}
		n.item = compileWrite(m.Each.To, fs)
	}
	n.list = m.List
	for _, sub := range m.Members {
		c := compileWrite(sub, fs)
		c.name = sub.Type.Name
		if !m.List {
			c.lead = append(append(c.lead, quoteName(c.name)...), ':')
		}
		n.members = append(n.members, c)
	}
	return n
}

// Write appends the document. It fails with a *transforms.FieldError whose Field is the JSON
// pointer of the place that was to be written.
func (w *writer) Write(dst []byte, r *transforms.Run) ([]byte, error) { return w.write(dst, r, nil) }

func (w *writer) write(dst []byte, r *transforms.Run, c *checking) ([]byte, error) {
	start := len(dst)
	dst, _, err := w.root.write(dst, 0, r, c)
	if err != nil {
		var pe *placeError
		if errors.As(err, &pe) {
			err = &pe.FieldError
		}
		return dst[:start], err
	}
	return dst, nil
}

// placeError is a FieldError that still collects its place on the way up.
type placeError struct{ transforms.FieldError }

func (e *placeError) Error() string { return e.FieldError.Error() }

func misfit(code, reason string) error {
	return &placeError{transforms.FieldError{Offset: -1, Length: -1, Code: code, Reason: reason}}
}

// below adds a level to the place of an error.
func below(err error, level string) error {
	var pe *placeError
	if errors.As(err, &pe) {
		pe.Field = "/" + escapePointer(level) + pe.Field
	}
	return err
}

// write appends the value, with sep and lead in front, and reports whether there was one.
func (n *writeNode) write(dst []byte, sep byte, r *transforms.Run, c *checking) ([]byte, bool, error) {
	if n.when != nil {
		ok, err := n.when.Holds(r)
		if err != nil || !ok {
			return dst, false, err
		}
	}
	if n.source != nil {
		return n.writeSource(dst, sep, r, c)
	}
	var err error
	wrote := true
	begin := len(dst) + len(n.lead)
	if sep == 0 {
		begin--
	}
	if n.each != nil {
		dst, wrote, err = n.writeEach(dst, sep, r, c)
	} else if n.list {
		dst, err = n.writeList(n.begin(dst, sep), r, c)
	} else {
		dst, err = n.writeObject(n.begin(dst, sep), r, c)
	}
	if c != nil && wrote && err == nil {
		c.value(n, dst, begin)
	}
	return dst, wrote, err
}

func (n *writeNode) writeSource(dst []byte, sep byte, r *transforms.Run, c *checking) ([]byte, bool, error) {
	var v *transforms.Value
	if n.slot != nil {
		v = n.slot.Captured(r)
	}
	if v == nil {
		got, err := n.source.Value(r)
		if err != nil {
			return dst, false, err
		}
		v = &got
	}
	if v.Kind == transforms.Absent {
		return dst, false, nil
	}
	dst = n.begin(dst, sep)
	start := len(dst)
	dst, err := n.writeValue(dst, v)
	if c != nil && err == nil && n.proof != proofCovered && (n.proof != proofKind || n.kinds&kindOf(dst[start]) == 0) {
		c.value(n, dst, start)
	}
	return dst, true, err
}

func (n *writeNode) writeObject(dst []byte, r *transforms.Run, c *checking) ([]byte, error) {
	dst = append(dst, '{')
	next := byte(0)
	seen := uint64(0)
	for i, m := range n.members {
		var wrote bool
		var err error
		dst, wrote, err = m.write(dst, next, r, c)
		if err != nil {
			return dst, below(err, m.name)
		}
		if wrote {
			next = ','
			seen |= 1 << (i & 63)
		}
	}
	if c != nil && n.need&^seen != 0 {
		c.doubt = true
	}
	return append(dst, '}'), nil
}

// writeList writes entries by their places: one without a value would move those behind it.
func (n *writeNode) writeList(dst []byte, r *transforms.Run, c *checking) ([]byte, error) {
	dst = append(dst, '[')
	next := byte(0)
	for _, m := range n.members {
		var wrote bool
		var err error
		if dst, wrote, err = m.write(dst, next, r, c); err == nil && !wrote {
			err = misfit("required", "an entry of a list has no value, and those behind it would take its place")
		}
		if err != nil {
			return dst, below(err, m.name)
		}
		next = ','
	}
	return append(dst, ']'), nil
}

// begin appends what stands in front of a value.
func (n *writeNode) begin(dst []byte, sep byte) []byte {
	if sep == 0 {
		return append(dst, n.lead[1:]...)
	}
	return append(dst, n.lead...)
}

func (n *writeNode) writeEach(dst []byte, sep byte, r *transforms.Run, c *checking) ([]byte, bool, error) {
	v, err := n.each.Source.Value(r)
	switch {
	case err != nil || v.Kind == transforms.Absent:
		return dst, false, err
	case v.Kind == transforms.Null:
		return append(n.begin(dst, sep), "null"...), true, nil
	case v.Kind != transforms.Array:
		return dst, false, misfit("type", "an array is built from something that is not one")
	}
	dst = append(n.begin(dst, sep), '[')
	next := byte(0)
	count := 0
	for i := range int(v.Len) {
		wanted, err := n.each.Enter(r, v, i)
		if err != nil {
			return dst, false, below(err, strconv.Itoa(i))
		}
		if !wanted {
			continue
		}
		var wrote bool
		dst, wrote, err = n.item.write(dst, next, r, c)
		if err != nil {
			return dst, false, below(err, strconv.Itoa(i))
		}
		if wrote {
			next = ','
			count++
		}
	}
	if c != nil {
		c.items(n, count)
	}
	return append(dst, ']'), true, nil
}

// writeValue appends a leaf.
func (n *writeNode) writeValue(dst []byte, v *transforms.Value) ([]byte, error) {
	start := len(dst)
	if len(v.Text) == 0 && v.Kind != transforms.Null && v.Kind != transforms.Host {
		return dst, noText(v)
	}
	switch v.Kind {
	case transforms.Null:
		return append(dst, "null"...), nil
	case transforms.Host:
		dst, err := v.Field.AppendJSON(dst, v.Text)
		if err != nil {
			return v.AppendJSON(dst[:start]) // which knows the place of the field
		}
		if len(dst) == start {
			return dst, misfit("type", "the field gave no JSON value")
		}
		return n.fit(dst, start)
	case transforms.Number:
		if !validNumber(v.Text) {
			return dst, misfit("not-numeric", "the value is not a JSON number")
		}
		return n.fit(append(dst, v.Text...), start)
	case transforms.Array, transforms.Object:
		return append(dst, v.Text...), nil
	default:
		return n.fit(append(dst, v.Text...), start)
	}
}

func noText(v *transforms.Value) error {
	if v.Kind == transforms.Array {
		return misfit("type", "a table of a host message cannot be copied as a whole: build it with each")
	}
	return misfit("type", "the value has no JSON text")
}

// fit turns a number into the text of a string and back where the type asks for it and nothing is
// lost by it.
func (n *writeNode) fit(dst []byte, start int) ([]byte, error) {
	if n.shape == transforms.StringShape == (dst[start] == '"') {
		return dst, nil
	}
	isText := dst[start] == '"'
	isNumber := dst[start] == '-' || isDigit(dst[start])
	switch {
	case n.shape == transforms.StringShape && isNumber:
		dst = append(dst, `""`...)
		copy(dst[start+1:], dst[start:len(dst)-2])
		dst[start], dst[len(dst)-1] = '"', '"'
	case (n.shape == transforms.NumberShape || n.shape == transforms.FloatShape) && isText:
		if !validNumber(dst[start+1 : len(dst)-1]) {
			return dst, misfit("not-numeric", "the text is not a JSON number")
		}
		size := copy(dst[start:], dst[start+1:len(dst)-1])
		dst = dst[:start+size]
	}
	return dst, nil
}
