// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"lintel/specs"
)

func (b *builder) unionType(u *node, doc *schemaDoc) *simple {
	out := builtin("string")
	out.name, out.keep = "union", false
	for _, k := range u.in(nsXSD, "simpleType") {
		if s := b.simpleType(k, doc); s != nil {
			out.union = append(out.union, s)
		}
	}
	for _, name := range strings.Fields(u.get("memberTypes")) {
		if x, ok := b.name(u, doc, name); ok {
			if s := b.simpleNamed(x, u); s != nil {
				out.union = append(out.union, s)
			}
		}
	}
	if slices.ContainsFunc(out.union, func(s *simple) bool { return s.kind == kindQName || s.kind == kindSwaRef }) {
		b.unsupported(u, "a union with qualified names or references to attachments")
	}
	if out.union == nil {
		b.tell(specs.Error, codeSchema, u.pos, "a union of nothing", "")
		return nil
	}
	return out
}

// restrict adds the facets below r to a type.
func (b *builder) restrict(base *simple, r *node, _ *schemaDoc) *simple {
	s := *base
	var enums []string
	var patterns []string
	for _, f := range r.kids {
		if f.space != nsXSD {
			continue
		}
		v := f.get("value")
		switch f.local {
		case "enumeration":
			if s.kind == kindQName {
				if x, ok := f.qname(v); ok {
					v = clark(x.space, x.local)
				}
			}
			enums = append(enums, s.collapse(v))
		case "pattern":
			patterns = append(patterns, v)
		case "whiteSpace":
			s.keep = v == "preserve"
		case "length":
			b.count(f, v, &s.minLength)
			s.maxLength = s.minLength
		case "minLength":
			b.count(f, v, &s.minLength)
		case "maxLength":
			b.count(f, v, &s.maxLength)
		case "totalDigits":
			b.count(f, v, &s.totalDigits)
		case "fractionDigits":
			b.count(f, v, &s.fractionDigits)
		case "minInclusive", "minExclusive":
			s.min, s.minOpen = b.bound(&s, f, v), f.local == "minExclusive"
		case "maxInclusive", "maxExclusive":
			s.max, s.maxOpen = b.bound(&s, f, v), f.local == "maxExclusive"
		}
	}
	if enums != nil {
		s.enums = enums
	}
	if patterns != nil {
		b.pattern(&s, r, patterns)
	}
	return &s
}

func (b *builder) count(f *node, v string, to *int) {
	i, err := strconv.ParseUint(strings.TrimSpace(v), 10, 31)
	if err != nil {
		b.tell(specs.Error, codeSchema, f.pos, "the facet is no number", "")
		return
	}
	*to = int(i) //nolint:gosec // 31 bits fit
}

// bound is the JSON number of a bound; those of dates are not compared.
func (b *builder) bound(s *simple, f *node, v string) string {
	v = strings.TrimSpace(v)
	var number string
	var ok bool
	switch s.kind {
	case kindInteger, kindDecimal:
		number, ok = decimalJSON(v)
	case kindFloat:
		number, ok = floatJSON(v)
	default:
		b.tell(specs.Warning, codeUnsupported, f.pos, "bounds of a "+s.name+" are not checked", "")
		return ""
	}
	if !ok {
		b.tell(specs.Error, codeSchema, f.pos, "the facet is no "+s.name, "")
	}
	return number
}

// pattern adds a step of patterns, one of which must match.
func (b *builder) pattern(s *simple, r *node, patterns []string) {
	all := make([]string, len(patterns))
	for i, p := range patterns {
		text, ok := xsdPattern(p)
		if !ok {
			b.tell(specs.Warning, codeUnsupported, r.pos, "a pattern of this type is not checked: it has something that cannot be matched in linear time", "")
			return
		}
		all[i] = "(?:" + text + ")"
	}
	re, err := regexp.Compile("^(?:" + strings.Join(all, "|") + ")$")
	if err != nil {
		b.tell(specs.Warning, codeUnsupported, r.pos, "a pattern of this type is not checked: it has something that cannot be matched in linear time", "")
		return
	}
	s.patterns = append(s.patterns[:len(s.patterns):len(s.patterns)], re)
}

// xsdPattern writes a pattern of XML Schema (part 2, appendix F) for package regexp; false if it has a
// subtraction of classes or a block.
func xsdPattern(p string) (string, bool) {
	var out strings.Builder
	class := false
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '\\' && i+1 < len(p):
			i++
			text, ok := xsdEscape(p[i], class)
			if !ok {
				return "", false
			}
			if p[i] == 'p' || p[i] == 'P' {
				end := strings.IndexByte(p[i:], '}')
				if end < 0 || strings.HasPrefix(p[i+1:], "{Is") {
					return "", false
				}
				out.WriteString("\\" + p[i:i+end+1])
				i += end
				continue
			}
			out.WriteString(text)
		case c == '[' && class:
			return "", false // subtraction
		case c == '[':
			class = true
			out.WriteByte(c)
		case c == ']':
			class = false
			out.WriteByte(c)
		case !class && (c == '^' || c == '$'):
			out.WriteString("\\" + string(c))
		default:
			out.WriteByte(c)
		}
	}
	return out.String(), !class
}

func xsdEscape(c byte, class bool) (string, bool) {
	switch c {
	case 'i':
		return map[bool]string{true: `\pL_:`, false: `[\pL_:]`}[class], true
	case 'c':
		return map[bool]string{true: `\pL\pN_:.\-`, false: `[\pL\pN_:.\-]`}[class], true
	case 'd':
		return `\p{Nd}`, true
	case 'D':
		return `\P{Nd}`, true
	case 's':
		return map[bool]string{true: ` \t\n\r`, false: `[ \t\n\r]`}[class], true
	case 'S':
		return `[^ \t\n\r]`, !class
	case 'w':
		return map[bool]string{true: `\pL\pM\pN\pS`, false: `[\pL\pM\pN\pS]`}[class], true
	case 'W':
		return `[^\pL\pM\pN\pS]`, !class
	case 'I', 'C':
		return "", false
	}
	return "\\" + string(c), true
}
