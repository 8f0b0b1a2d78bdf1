// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"math/rand/v2"
	"strings"
)

// sampler writes values of types: what is wished for, else something the type allows. With dice it chooses, without
// them it takes the plainest.
type sampler struct {
	wishes
	dice *rand.Rand
	// counters say how many entries tables have; they follow by themselves.
	counters map[*Type]bool
	// promised is what the contract says of the values that the answer moves.
	promised map[*Type]*Type
}

// counters are the counters of the tables in a type.
func counters(t *Type) map[*Type]bool {
	out := map[*Type]bool{}
	var visit func(t *Type, depth int)
	visit = func(t *Type, depth int) {
		if t == nil || depth > 32 {
			return
		}
		if t.Counter != nil {
			out[t.Counter] = true
		}
		visit(t.Items, depth+1)
		for _, m := range t.Members {
			visit(m, depth+1)
		}
	}
	visit(t, 0)
	return out
}

// sample writes a value of the type: what was wished for, else something the type allows.
func (s *sampler) sample(dst []byte, t *Type, path string) []byte {
	if text := s.text(path, t); text != "" && (s.dice == nil || s.wishes[path].is != nil) {
		return append(dst, text...)
	}
	switch t.Shape {
	case ObjectShape:
		dst = append(dst, '{')
		first := true
		for _, m := range t.Members {
			if s.left(m) && !s.under(path+"/"+m.Name) {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = AppendQuoted(dst, m.Name)
			dst = append(dst, ':')
			dst = s.sample(dst, m, path+"/"+m.Name)
		}
		return append(dst, '}')
	case ArrayShape:
		dst = append(dst, '[')
		for i := range s.entries(t) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = s.sample(dst, t.Items, path+"/*")
		}
		return append(dst, ']')
	}
	if s.dice != nil {
		return s.random(dst, s.both(t), s.wishes[path])
	}
	return sampleScalar(dst, t)
}

// left tells that a member is left to the record. Plain numbers are, without dice: zero.
func (s *sampler) left(m *Type) bool {
	if m.Optional && m.Overlay > 0 && s.dice != nil {
		return s.dice.IntN(2) == 0 // which alternative is meant is not known here: see RandomReply
	}
	if m.Optional || s.counters[m] {
		return true
	}
	return m.Shape == NumberShape && len(m.Enum) == 0 && s.dice == nil
}

func (s *sampler) entries(t *Type) int {
	if s.dice == nil {
		return t.MinItems
	}
	t = s.both(t)
	most := t.MinItems + 3
	if t.MaxItems != Unbounded {
		most = min(most, t.MaxItems)
	}
	return t.MinItems + s.dice.IntN(max(most-t.MinItems, 0)+1)
}

func (w wishes) under(path string) bool {
	for k := range w {
		if k == path || strings.HasPrefix(k, path+"/") {
			return true
		}
	}
	return false
}

func sampleScalar(dst []byte, t *Type) []byte {
	switch {
	case len(t.Enum) > 0:
		return append(dst, t.Enum[0]...)
	case t.Shape == NumberShape:
		return append(dst, '1')
	case t.Shape == FloatShape:
		return append(dst, "1.5"...)
	case t.Shape == BoolShape:
		return append(dst, "false"...)
	case t.Format == "date":
		return append(dst, `"2024-01-31"`...)
	case t.Shape == StringShape && t.MaxLength > 0 && t.MaxLength <= 20:
		// Numbers, keys and codes are of this sort; a contract likes them of full length.
		return AppendQuoted(dst, strings.Repeat("0", t.MaxLength-1)+"1")
	case t.Shape == StringShape:
		return AppendQuoted(dst, strings.ToUpper(t.Name))
	}
	return append(dst, "null"...)
}
