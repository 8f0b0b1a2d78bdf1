// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"errors"
)

// write makes the answer of an outcome.
func (o *outcome) write(r *Run) (Output, error) {
	out := Output{Status: o.status, Outcome: o.name, HostFailed: o.hostFailed, NotApplied: o.notApplied}
	r.headers = r.headers[:0]
	for _, h := range o.headers {
		text, ok, err := r.text(h.source)
		if err != nil {
			return Output{}, err
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
	return out, err
}

func (o *outcome) writeBody(r *Run, out *Output) error {
	body, err := o.body.Write(r.answer[:0], r)
	if err != nil {
		return err
	}
	r.answer = body
	out.Body = body
	if o.check == nil {
		return nil
	}
	err = o.check.Read(body, &r.slots, 0)
	if err != nil && !errors.As(err, &out.Invalid) {
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
