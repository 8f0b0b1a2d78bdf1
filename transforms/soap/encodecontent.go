// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"fmt"
	"strconv"
	"strings"

	"lintel/transforms"
)

// gather finds the values of the members of a type in a JSON object.
func (e *encoder) gather(t *ctype, json []byte) ([][]byte, error) {
	vals := make([][]byte, len(t.members))
	for name, value := range members(json) {
		plain, err := transforms.Unquote(nil, name)
		if err != nil {
			return nil, misfit("syntax", "the name of a member cannot be read")
		}
		if string(plain) == typeMember {
			continue
		}
		m := t.byName[string(plain)]
		if m == nil {
			return nil, below(misfit("unknown", "the message has no place for this member"), string(plain))
		}
		vals[m.index] = value
	}
	return vals, nil
}

// given tells whether there is any value for a content model.
func (p *particle) given(vals [][]byte) bool {
	if p.m != nil {
		v := vals[p.m.index]
		if v == nil || !p.m.array {
			return v != nil
		}
		for range items(v) {
			return true
		}
		return false
	}
	for _, k := range p.kids {
		if k.given(vals) {
			return true
		}
	}
	return false
}

// empty tells whether a content model allows that nothing stands there.
func (p *particle) empty() bool {
	if p.min == 0 {
		return true
	}
	switch {
	case p.sort == sortElem:
		return false
	case p.sort == sortChoice:
		for _, k := range p.kids {
			if k.empty() {
				return true
			}
		}
		return len(p.kids) == 0
	}
	for _, k := range p.kids {
		if !k.empty() {
			return false
		}
	}
	return true
}

// particle writes what a content model asks for.
func (e *encoder) particle(p *particle, vals [][]byte, needed bool) error {
	if p == nil {
		return nil
	}
	if p.m != nil {
		return e.member(p, vals[p.m.index], needed)
	}
	if p.sort == sortElem { // nothing of it has a form in JSON
		if needed {
			for range p.min {
				e.str("<")
				e.name(p.elem.ns, p.elem.local)
				e.str("/>")
			}
		}
		return nil
	}
	if p.min == 0 && !p.given(vals) {
		return nil
	}
	if p.sort != sortChoice {
		for _, k := range p.kids {
			if err := e.particle(k, vals, k.min > 0); err != nil {
				return err
			}
		}
		return nil
	}
	var chosen *particle
	for _, k := range p.kids {
		if !k.given(vals) {
			continue
		}
		if chosen != nil {
			return misfit("choice", fmt.Sprintf("only one of %s can stand here", p.names()))
		}
		chosen = k
	}
	if chosen == nil {
		if !needed || p.empty() {
			return nil
		}
		return misfit("choice", fmt.Sprintf("one of %s must stand here", p.names()))
	}
	return e.particle(chosen, vals, true)
}

// names lists the alternatives of a choice.
func (p *particle) names() string {
	var out []string
	var walk func(p *particle)
	walk = func(p *particle) {
		if p.m != nil {
			out = append(out, p.m.json)
			return
		}
		for _, k := range p.kids {
			walk(k)
		}
	}
	walk(p)
	return strings.Join(out, ", ")
}

// member writes an element, or the elements of an array or a repeated group.
func (e *encoder) member(p *particle, json []byte, needed bool) error {
	m := p.m
	if json == nil && m.elem != nil && !m.array {
		switch {
		case !needed || p.min == 0:
			return nil
		case m.elem.fixed != "" && m.elem.typ.plain():
			return below(e.element(m.elem, transforms.AppendQuoted(nil, m.elem.fixed)), m.json)
		}
		return below(misfit("missing", "the element is missing"), m.json)
	}
	if !m.array {
		return below(e.element(m.elem, json), m.json)
	}
	if json != nil && json[0] != '[' {
		return below(misfit("type", "an array is needed here"), m.json)
	}
	n := 0
	for item := range items(json) {
		var err error
		if m.elem != nil {
			err = e.element(m.elem, item)
		} else {
			err = e.group(m.group, item)
		}
		if err != nil {
			return below(err, m.json+"["+strconv.Itoa(n)+"]")
		}
		if n++; m.max != unbounded && n > m.max {
			return below(misfit("occurs", "there are more elements than allowed"), m.json)
		}
	}
	if n < m.min && (needed || n > 0) {
		return below(misfit("occurs", "there are fewer elements than needed"), m.json)
	}
	return nil
}

func (e *encoder) group(g *ctype, json []byte) error {
	if len(json) == 0 || json[0] != '{' {
		return misfit("type", "an object is needed here")
	}
	vals, err := e.gather(g, json)
	if err != nil {
		return err
	}
	return e.particle(g.content, vals, true)
}
