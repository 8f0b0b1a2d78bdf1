// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"lintel/transforms"
)

// Sample makes the JSON of a valid message, for examples and tests. pick chooses among n things; one
// that always gives 0 makes the plainest message.
func (f *Format) Sample(pick func(n int) int) []byte {
	s := &sampler{pick: pick}
	out := []byte{'{'}
	switch {
	case f.m.body == nil:
	case f.m.wrapped:
		out = s.element(nil, f.m.body)
		out = out[:len(out)-1]
	default:
		out = s.element(append(transforms.AppendQuoted(out, jsonName(f.m.body.local)), ':'), f.m.body)
	}
	for i, e := range f.m.attached {
		out = s.scalar(f.lead(out, 0, f.attached[i]), e.typ.simple)
	}
	if f.others != "" {
		out = append(f.lead(out, 0, f.others), '[', ']')
	}
	return append(out, '}')
}

type sampler struct {
	pick  func(n int) int
	depth int
	// attempt is how often a value was made in vain.
	attempt int
}

// deep bounds recursive types: below it only what has to be there is made.
const deep = 6

func (s *sampler) element(dst []byte, e *elem) []byte {
	if e.nillable && s.pick(5) == 1 {
		return append(dst, "null"...)
	}
	if e.typ.plain() {
		if e.fixed != "" {
			out, _, _ := e.typ.simple.appendJSON(dst, e.typ.simple.collapse(e.fixed))
			return out
		}
		return s.scalar(dst, e.typ.simple)
	}
	t := e.typ
	dst = append(dst, '{')
	open := len(dst)
	if len(t.derived) > 0 || t.abstract {
		v := t.variants()
		if len(v) == 0 {
			return append(dst, '}')
		}
		t = v[s.pick(len(v))]
		dst = transforms.AppendQuoted(append(dst, `"`+typeMember+`":`...), t.local)
	}
	return append(s.members(dst, open, t), '}')
}

func (s *sampler) lead(dst []byte, open int, m *member) []byte {
	if len(dst) > open {
		dst = append(dst, ',')
	}
	return append(transforms.AppendQuoted(dst, m.json), ':')
}

func (s *sampler) members(dst []byte, open int, t *ctype) []byte {
	s.depth++
	defer func() { s.depth-- }()
	for _, m := range t.members {
		switch {
		case m.attr != nil && (m.attr.required || s.pick(2) == 1):
			dst = s.lead(dst, open, m)
			if m.attr.fixed != "" {
				dst, _, _ = m.attr.typ.appendJSON(dst, m.attr.typ.collapse(m.attr.fixed))
			} else {
				dst = s.scalar(dst, m.attr.typ)
			}
		case m.text:
			dst = s.scalar(s.lead(dst, open, m), t.simple)
		}
	}
	return s.particle(dst, open, t.content, true, false)
}

// particle appends members for a content model; chosen ones are those within a choice or an optional
// group, whose arrays are not written when they are empty.
func (s *sampler) particle(dst []byte, open int, p *particle, needed, chosen bool) []byte {
	if p == nil {
		return dst
	}
	if p.m != nil {
		return s.member(dst, open, p, needed, chosen)
	}
	if p.sort == sortElem || p.min == 0 && (s.depth > deep || s.pick(2) == 0) {
		return s.empties(dst, open, p)
	}
	chosen = chosen || p.min == 0 || p.sort == sortChoice
	if p.sort == sortChoice {
		if len(p.kids) == 0 {
			return dst
		}
		return s.particle(dst, open, p.kids[s.alternative(p)], true, chosen)
	}
	for _, k := range p.kids {
		dst = s.particle(dst, open, k, k.min > 0, chosen)
	}
	return dst
}

// alternative picks one that ends, where types are recursive.
func (s *sampler) alternative(p *particle) int {
	i := s.pick(len(p.kids))
	if s.depth <= deep {
		return i
	}
	for j, k := range p.kids {
		if k.empty() || k.elem != nil && k.elem.typ.plain() {
			return j
		}
	}
	return i
}

// empties appends the arrays that a reader reports although nothing of an optional group is there.
func (s *sampler) empties(dst []byte, open int, p *particle) []byte {
	for _, k := range p.kids {
		if k.m != nil && k.m.array && k.m.min == 0 && !k.m.chosen {
			dst = append(s.lead(dst, open, k.m), '[', ']')
			continue
		}
		dst = s.empties(dst, open, k)
	}
	return dst
}

func (s *sampler) member(dst []byte, open int, p *particle, needed, _ bool) []byte {
	m := p.m
	if !m.array {
		if p.min == 0 && (s.depth > deep || s.pick(2) == 0) || !needed && p.min == 0 && s.depth > deep {
			return dst
		}
		return s.element(s.lead(dst, open, m), m.elem)
	}
	n := m.min
	if s.depth <= deep {
		n += s.pick(3)
	}
	if m.max != unbounded {
		n = min(n, m.max)
	}
	if n == 0 && m.chosen && !(m.min == 0 && !m.chosen) {
		return dst
	}
	dst = append(s.lead(dst, open, m), '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		if m.elem != nil {
			dst = s.element(dst, m.elem)
			continue
		}
		dst = append(dst, '{')
		dst = append(s.members(dst, len(dst), m.group), '}')
	}
	return append(dst, ']')
}

// scalar appends a value of a simple type.
func (s *sampler) scalar(dst []byte, t *simple) []byte {
	if t.list != nil {
		n := max(t.minLength, min(1+s.pick(3), max(t.maxLength, 1)))
		if t.maxLength == unbounded {
			n = max(t.minLength, 1+s.pick(3))
		}
		dst = append(dst, '[')
		for i := range n {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = s.scalar(dst, t.list)
		}
		return append(dst, ']')
	}
	for s.attempt = range 50 {
		text := t.collapse(s.text(t))
		if code, _ := t.check(text); code == "" {
			out, _, _ := t.appendJSON(dst, text)
			return out
		}
	}
	out, _, _ := t.appendJSON(dst, t.collapse(s.text(t)))
	return out
}

// text makes a text of a simple type; not every one it makes is one where facets are involved.
func (s *sampler) text(t *simple) string {
	switch {
	case t.enums != nil:
		return t.enums[s.pick(len(t.enums))]
	case t.union != nil:
		return s.text(t.union[s.pick(len(t.union))])
	case len(t.patterns) > 0:
		re, err := syntax.Parse(t.patterns[len(t.patterns)-1].String(), syntax.Perl)
		if err == nil {
			return s.match(re.Simplify())
		}
	}
	switch t.kind {
	case kindBool:
		return []string{"true", "false"}[s.pick(2)]
	case kindInteger, kindDecimal, kindFloat:
		return s.number(t)
	case kindLexical:
		some := []string{lexicalSample(t.name, 0), lexicalSample(t.name, 1)}
		for _, bound := range []string{t.min, t.max} {
			if bound != "" {
				some = append(some, bound)
			}
		}
		return some[(s.pick(len(some))+s.attempt)%len(some)]
	case kindBase64, kindSwaRef:
		return base64.StdEncoding.EncodeToString(slices.Repeat([]byte{0xA5}, max(t.minLength, 1+s.pick(5))))
	case kindQName:
		return []string{"{urn:example:names}one", "two"}[s.pick(2)]
	case kindHex:
		return strings.ToUpper(hex.EncodeToString(slices.Repeat([]byte{0x5A}, max(t.minLength, 1+s.pick(5)))))
	}
	letters := []string{"a", "Z", "é", "<", "&", "€", "\"", "]]>", "𝄞", "0"}
	if t.name != "xs:string" && t.name != "xs:normalizedString" && t.name != "xs:anySimpleType" {
		letters = []string{"a", "b", "z"}
	}
	n := max(t.minLength, 1+s.pick(6))
	if t.maxLength != unbounded {
		n = min(n, t.maxLength)
	}
	var b strings.Builder
	for range n {
		b.WriteString(letters[s.pick(len(letters))])
	}
	return b.String()
}

func (s *sampler) number(t *simple) string {
	whole := 1 + s.pick(900)
	if t.totalDigits >= 0 && t.totalDigits < 3 {
		whole = 1 + s.pick(9)
	}
	if t.min != "" || t.max != "" {
		if n, err := strconv.Atoi(t.min); err == nil {
			whole = n + s.pick(3)
			if t.minOpen {
				whole++
			}
		} else if n, err := strconv.Atoi(t.max); err == nil {
			whole = n - s.pick(3)
			if t.maxOpen {
				whole--
			}
		}
	}
	if t.kind == kindInteger || t.fractionDigits == 0 || s.pick(2) == 0 {
		return strconv.Itoa(whole)
	}
	digits := 1 + s.pick(2)
	if t.fractionDigits > 0 {
		digits = min(digits, t.fractionDigits)
	}
	return fmt.Sprintf("%d.%s", whole, strings.Repeat("5", digits))
}

func lexicalSample(name string, variant int) string {
	zone := []string{"", "Z"}[variant]
	switch strings.TrimPrefix(name, "xs:") {
	case "xmime:contentType":
		return []string{"image/png", "text/plain; charset=utf-8"}[variant]
	case "date":
		return "2026-02-28" + zone
	case "dateTime":
		return "2026-02-28T13:14:15" + zone
	case "time":
		return "13:14:15.5" + zone
	case "gYear":
		return "2026" + zone
	case "gYearMonth":
		return "2026-02" + zone
	case "gMonthDay":
		return "--02-28" + zone
	case "gMonth":
		return "--02" + zone
	case "gDay":
		return "---28" + zone
	}
	return []string{"P1Y2M3DT4H", "PT1.5S"}[variant]
}

// match makes a text that matches a regular expression.
func (s *sampler) match(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		return s.among(re.Rune)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "x"
	case syntax.OpCapture:
		return s.match(re.Sub[0])
	case syntax.OpConcat:
		var b strings.Builder
		for _, sub := range re.Sub {
			b.WriteString(s.match(sub))
		}
		return b.String()
	case syntax.OpAlternate:
		return s.match(re.Sub[s.pick(len(re.Sub))])
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest:
		n := s.pick(2)
		if re.Op == syntax.OpPlus {
			n++
		}
		var b strings.Builder
		for range n {
			b.WriteString(s.match(re.Sub[0]))
		}
		return b.String()
	}
	return ""
}

// among picks a character of a class, pairs of first and last: as a rule one that can be seen and typed, for
// space at the edges of a text is not part of most values.
func (s *sampler) among(class []rune) string {
	if plain := runes(class).minus(runes(class).minus(runes{'!', '~'})); len(plain) > 0 && s.pick(4) < 3 {
		class = plain
	}
	if len(class) == 0 {
		return ""
	}
	i := 2 * s.pick(min(len(class)/2, 3))
	return string(class[i] + rune(s.pick(int(min(class[i+1]-class[i], 20))+1)))
}
