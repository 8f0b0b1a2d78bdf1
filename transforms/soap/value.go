// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"strings"
	"unsafe"

	"lintel/transforms"
)

// value is a simple type as the field of a message: it turns raw spans into JSON.
type value struct {
	*simple
	// path names the element or attribute in errors: Claim/amount.
	path string
	// attr tells that spans are values of attributes.
	attr bool
}

// AppendJSON implements transforms.Field.
func (v *value) AppendJSON(dst, raw []byte) ([]byte, error) {
	// The common spans stand for themselves; a text is only looked at here, not kept.
	var text string
	switch {
	case len(raw) == 0:
	case !v.attr && isPlain(raw):
		text = unsafe.String(&raw[0], len(raw)) //nolint:gosec // read only, not kept beyond this call
	case v.attr:
		text = string(appendAttrText(nil, raw))
	default:
		text = string(appendText(nil, raw))
	}
	out, code, reason := v.appendJSON(dst, v.collapse(text))
	if code != "" {
		return dst, v.fault(code, reason)
	}
	return out, nil
}

func (v *value) fault(code, reason string) *transforms.FieldError {
	return &transforms.FieldError{Field: v.path, Offset: -1, Picture: v.name, Code: code, Reason: reason}
}

// appendJSON appends the JSON of a text whose white space is collapsed.
func (s *simple) appendJSON(dst []byte, text string) (out []byte, code, reason string) {
	if s.list != nil {
		return s.appendList(dst, text)
	}
	if s.union != nil {
		return transforms.AppendQuoted(dst, text), "", ""
	}
	switch s.kind {
	case kindBool:
		switch text {
		case "true", "1":
			return append(dst, "true"...), "", ""
		case "false", "0":
			return append(dst, "false"...), "", ""
		}
	case kindInteger, kindDecimal:
		if number, ok := decimalJSON(text); ok && (s.kind == kindDecimal || isInteger(text)) {
			return s.appendNumber(dst, number), "", ""
		}
	case kindFloat:
		if number, ok := floatJSON(text); ok {
			return s.appendNumber(dst, number), "", ""
		}
		if text == "INF" || text == "-INF" || text == "NaN" {
			switch s.nonFinite {
			case nonFiniteText:
				return transforms.AppendQuoted(dst, text), "", ""
			case nonFiniteNull:
				return append(dst, "null"...), "", ""
			}
			return dst, "type", "the value is " + text + ", which no JSON number is"
		}
	case kindLexical:
		if s.form.MatchString(text) {
			return transforms.AppendQuoted(dst, text), "", ""
		}
	case kindQName:
		if s.lexical(text) {
			return transforms.AppendQuoted(dst, text), "", ""
		}
	case kindBase64:
		if s.lexical(text) {
			return transforms.AppendQuoted(dst, strings.ReplaceAll(text, " ", "")), "", ""
		}
	case kindSwaRef: // the sampler's only: messages have references
		return transforms.AppendQuoted(dst, text), "", ""
	case kindHex:
		if s.lexical(text) {
			return transforms.AppendQuoted(dst, text), "", ""
		}
	default:
		return transforms.AppendQuoted(dst, text), "", ""
	}
	return dst, "type", "the value is no " + s.name
}

// appendNumber appends a number, or its text.
func (s *simple) appendNumber(dst []byte, number string) []byte {
	if s.asText {
		return transforms.AppendQuoted(dst, number)
	}
	return append(dst, number...)
}

func (s *simple) appendList(dst []byte, text string) (out []byte, code, reason string) {
	dst = append(dst, '[')
	for i, item := range strings.Fields(text) {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, code, reason = s.list.appendJSON(dst, item); code != "" {
			return dst, code, reason
		}
	}
	return append(dst, ']'), "", ""
}

// textOf is the text that a JSON scalar or, for a list, an array stands for; false if its kind is wrong.
func (s *simple) textOf(json []byte) (string, bool) {
	if len(json) == 0 {
		return "", false
	}
	if s.list != nil {
		return s.listText(json)
	}
	switch json[0] {
	case '"':
		b, err := transforms.Unquote(nil, json)
		return string(b), err == nil
	case '{', '[', 'n':
		return "", false
	case 't', 'f':
		return string(json), s.kind == kindBool || s.kind == kindString
	}
	if s.kind == kindInteger || s.kind == kindDecimal {
		return plainDecimal(string(json))
	}
	return string(json), s.kind != kindBool
}

func (s *simple) listText(json []byte) (string, bool) {
	if json[0] != '[' {
		return "", false
	}
	var parts []string
	for item := range items(json) {
		text, ok := s.list.textOf(item)
		if !ok || text == "" || strings.ContainsAny(text, " \t\r\n") {
			return "", false
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " "), true
}

// maxPlain bounds the digits that an exponent can stand for.
const maxPlain = 1000

// plainDecimal writes a JSON number without an exponent, which xs:decimal does not have.
func plainDecimal(text string) (string, bool) {
	mantissa, exponent, has := strings.Cut(strings.ToLower(text), "e")
	if !has {
		return text, true
	}
	shift, negative := 0, strings.HasPrefix(exponent, "-")
	for _, c := range strings.TrimLeft(exponent, "+-") {
		if shift = shift*10 + int(c-'0'); shift > maxPlain {
			return "", false
		}
	}
	if negative {
		shift = -shift
	}
	sign := ""
	if strings.HasPrefix(mantissa, "-") {
		sign, mantissa = "-", mantissa[1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits, point := whole+fraction, len(whole)+shift
	if point < 1 {
		digits, point = strings.Repeat("0", 1-point)+digits, 1
	}
	if point > len(digits) {
		digits += strings.Repeat("0", point-len(digits))
	}
	whole, fraction = strings.TrimLeft(digits[:point], "0"), strings.TrimRight(digits[point:], "0")
	if whole == "" {
		whole = "0"
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return sign + whole, true
}
