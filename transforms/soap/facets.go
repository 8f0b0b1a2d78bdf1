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
	var patterns []*node
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
			patterns = append(patterns, f)
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
		b.pattern(&s, patterns)
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

// bound is the JSON number of a bound, or the text of one of dates, times and durations.
func (b *builder) bound(s *simple, f *node, v string) string {
	v = strings.TrimSpace(v)
	var number string
	var ok bool
	switch s.kind {
	case kindInteger, kindDecimal:
		number, ok = decimalJSON(v)
	case kindFloat:
		number, ok = floatJSON(v)
	case kindLexical:
		switch number = v; {
		case !s.lexical(v):
		case s.name == "xs:duration":
			_, ok = spanOf(v)
		default:
			_, ok = momentOf(s.name, v)
		}
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
func (b *builder) pattern(s *simple, patterns []*node) {
	all := make([]string, len(patterns))
	for i, p := range patterns {
		text, ok := xsdPattern(p.get("value"))
		if ok {
			all[i] = "(?:" + text + ")"
			_, err := regexp.Compile(all[i])
			ok = err == nil
		}
		if !ok {
			b.tell(specs.Warning, codeUnsupported, p.pos, "the patterns of this type are not checked: this one is malformed, names a block of characters that is not known, or repeats more than 1,000 times", "")
			return
		}
	}
	re, err := regexp.Compile("^(?:" + strings.Join(all, "|") + ")$")
	if err != nil {
		b.tell(specs.Warning, codeUnsupported, patterns[0].pos, "the patterns of this type are not checked: together they are too large", "")
		return
	}
	s.patterns = append(s.patterns[:len(s.patterns):len(s.patterns)], re)
}
