// SPDX-License-Identifier: Apache-2.0

package transforms

// write makes the answer of an outcome.
func (o *outcome) write(r *Run) (Output, error) {
	out := Output{Status: o.status, Outcome: o.name, HostFailed: o.hostFailed, NotApplied: o.notApplied && o.proven(r)}
	if o.goesOn {
		out.Continue = true
		var err error
		if o.body != nil {
			err = o.writeBody(r, &out)
		}
		return out, err
	}
	out.InDoubt = o.inDoubt || o.notApplied && !out.NotApplied
	r.headers = r.headers[:0]
	var invalid *InvalidError
	for i := range o.headers {
		h := &o.headers[i]
		text, ok, err := r.text(h.source)
		if err != nil {
			return Output{}, err
		}
		if err := h.holds(text, ok, r); err != nil {
			one := invalidIn(err)
			if one == nil {
				return Output{}, err
			}
			invalid = invalid.with(one)
		}
		if ok {
			r.headers = append(r.headers, Header{Name: h.name, Value: text})
		}
	}
	out.Headers = r.headers
	var err error
	switch {
	case o.problem != nil:
		out.Problem, err = o.problem.write(r)
	case o.body != nil:
		err = o.writeBody(r, &out)
	}
	out.Invalid = invalid.with(out.Invalid)
	return out, err
}

// proven reports that no value the condition looks at is absent. A reply that was cut off can make
// a condition true by what it lacks, and proves nothing.
func (o *outcome) proven(r *Run) bool {
	for _, ref := range o.evidence {
		if ref.raw(r).Kind == Absent {
			return false
		}
	}
	return true
}

func (o *outcome) writeBody(r *Run, out *Output) error {
	var body []byte
	var err error
	sure := o.check == nil
	if cw, checks := o.body.(CheckedWriter); checks && !sure {
		body, sure, err = cw.WriteChecked(r.answer[:0], r)
	} else {
		body, err = o.body.Write(r.answer[:0], r)
	}
	if err != nil {
		return err
	}
	if o.drop != nil {
		if body, out.Dropped, err = o.drop.Drop(body); err != nil {
			return err
		}
		sure = sure && out.Dropped == 0
	}
	r.answer = body
	out.Body = body
	if sure {
		return nil
	}
	if err = o.check.Read(body, &r.slots, 0); err == nil {
		return nil
	}
	if out.Invalid = invalidIn(err); out.Invalid == nil {
		return err
	}
	return nil
}

func (p *problemSources) write(r *Run) (*Problem, error) {
	out := &Problem{}
	for _, f := range []struct {
		to   *string
		from Source
	}{{&out.Type, p.typ}, {&out.Title, p.title}, {&out.Detail, p.detail}, {&out.Code, p.code}} {
		if f.from == nil {
			continue
		}
		text, _, err := r.text(f.from)
		if err != nil {
			return nil, err
		}
		*f.to = text
	}
	for _, m := range p.members {
		v, err := m.source.Value(r)
		if err != nil {
			return nil, err
		}
		if v, err = r.JSON(v); err != nil {
			return nil, err
		}
		if v.Kind != Absent {
			out.Members = append(out.Members, Member{Name: m.name, JSON: v.Text})
		}
	}
	return out, nil
}

// text returns a value as plain text; ok is false if it is absent or null.
func (r *Run) text(s Source) (text string, ok bool, err error) {
	v, err := s.Value(r)
	if err != nil {
		return "", false, err
	}
	if v, err = r.JSON(v); err != nil {
		return "", false, err
	}
	switch v.Kind {
	case Absent, Null:
		return "", false, nil
	case String:
		b, err := unquote(v.Text)
		return string(b), true, err
	default:
		return string(v.Text), true, nil
	}
}

// CheckedWriter is a Writer that checks what it writes against the contract, as far as it can
// while it writes.
type CheckedWriter interface {
	// WriteChecked is Write. If sure is true, the document keeps to the contract; otherwise it has to
	// be read to know.
	WriteChecked(dst []byte, r *Run) (out []byte, sure bool, err error)
}

// Captured is a Source whose value was captured: formats that know it save copying the value.
type Captured interface {
	// Captured returns the value, or nil where Value has to make it. It is good until the next slot
	// is filled.
	Captured(r *Run) *Value
	// Type is the type of the value.
	Type() *Type
}

// Type implements Captured.
func (x *slotRef) Type() *Type { return x.typ }

// Captured implements Captured.
func (x *slotRef) Captured(r *Run) *Value {
	v := &r.slots.v[x.index(r)]
	switch {
	case v.Kind == Absent && x.missing.Kind != Absent:
		return &x.missing
	case v.Kind == Array && v.Text == nil && x.each != nil:
		return nil
	}
	return v
}
