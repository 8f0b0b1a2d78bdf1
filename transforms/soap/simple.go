// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"lintel/transforms"
)

// kind is the sort of a simple type, by the JSON it has.
type kind uint8

const (
	kindString kind = iota
	kindBool
	kindDecimal
	kindInteger
	kindFloat
	kindLexical // a text with a form of its own: dates, times, durations
	kindBase64
	kindHex
	kindQName  // in JSON {namespace}local
	kindSwaRef // the URL of an attachment (WS-I Attachments Profile 1.0, section 4.4)
)

// simple is a simple type: what may stand between two tags, or in an attribute.
type simple struct {
	// name is that of the built-in type it comes from, for messages: xs:decimal.
	name string
	kind kind
	// form is the lexical form of kindLexical; nil for others.
	form *regexp.Regexp
	// list is the type of the items of a list; union the members of a union.
	list  *simple
	union []*simple
	// keep leaves white space as it is; otherwise it is collapsed.
	keep     bool
	enums    []string
	patterns []*regexp.Regexp
	// The facets; -1 and "" for none.
	minLength, maxLength, totalDigits, fractionDigits int
	min, max                                          string
	minOpen, maxOpen                                  bool
	// asText numbers are texts in JSON; nonFinite says what becomes of INF and NaN.
	asText    bool
	nonFinite string
}

// builtin makes a built-in type of XML Schema part 2; nil if there is none of that name.
func builtin(local string) *simple {
	s := &simple{name: "xs:" + local, maxLength: transforms.Unbounded, totalDigits: -1, fractionDigits: -1}
	switch local {
	case "string", "normalizedString", "anySimpleType", "anyType":
		s.keep = local != "normalizedString"
	case "token", "language", "Name", "NCName", "NMTOKEN", "ID", "IDREF", "ENTITY", "anyURI":
	case "QName", "NOTATION":
		s.kind = kindQName
	case "NMTOKENS", "IDREFS", "ENTITIES":
		s.list = builtin(strings.TrimSuffix(strings.Replace(local, "ENTITIES", "ENTITYS", 1), "S"))
	case "boolean":
		s.kind = kindBool
	case "decimal":
		s.kind = kindDecimal
	case "float", "double":
		s.kind = kindFloat
	case "base64Binary":
		s.kind = kindBase64
	case "hexBinary":
		s.kind = kindHex
	default:
		if b, ok := integerBounds(local); ok {
			s.kind, s.min, s.max, s.fractionDigits = kindInteger, b[0], b[1], 0
			return s
		}
		form := lexicalForm(local)
		if form == "" {
			return nil
		}
		s.kind, s.form = kindLexical, regexp.MustCompile("^(?:"+form+")$")
	}
	return s
}

// integerBounds are the bounds of the integer types.
func integerBounds(local string) ([2]string, bool) {
	b, ok := map[string][2]string{
		"integer": {}, "nonPositiveInteger": {"", "0"}, "negativeInteger": {"", "-1"}, "nonNegativeInteger": {"0", ""}, "positiveInteger": {"1", ""},
		"long": {"-9223372036854775808", "9223372036854775807"}, "int": {"-2147483648", "2147483647"},
		"short": {"-32768", "32767"}, "byte": {"-128", "127"},
		"unsignedLong": {"0", "18446744073709551615"}, "unsignedInt": {"0", "4294967295"}, "unsignedShort": {"0", "65535"}, "unsignedByte": {"0", "255"},
	}[local]
	return b, ok
}

// lexicalForm is the form of the types of dates and times.
func lexicalForm(local string) string {
	const (
		year  = `-?(?:[1-9][0-9]{3,}|0[0-9]{3})`
		month = `(?:0[1-9]|1[0-2])`
		day   = `(?:0[1-9]|[12][0-9]|3[01])`
		clock = `(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)`
		zone  = `(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?`
	)
	switch local {
	case "date":
		return year + "-" + month + "-" + day + zone
	case "dateTime":
		return year + "-" + month + "-" + day + "T" + clock + zone
	case "time":
		return clock + zone
	case "gYear":
		return year + zone
	case "gYearMonth":
		return year + "-" + month + zone
	case "gMonthDay":
		return "--" + month + "-" + day + zone
	case "gMonth":
		return "--" + month + zone
	case "gDay":
		return "---" + day + zone
	case "duration":
		return `-?P(?:[0-9]+Y(?:[0-9]+M)?(?:[0-9]+D)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)(?:T(?:[0-9]+H(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?|[0-9]+M(?:[0-9]+(?:\.[0-9]+)?S)?|[0-9]+(?:\.[0-9]+)?S))?` +
			`|-?PT(?:[0-9]+H(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?|[0-9]+M(?:[0-9]+(?:\.[0-9]+)?S)?|[0-9]+(?:\.[0-9]+)?S)`
	}
	return ""
}

// collapse applies the white space rule of the type.
func (s *simple) collapse(text string) string {
	if s.keep {
		return text
	}
	if !strings.ContainsAny(text, " \t\r\n") {
		return text
	}
	if s.name == "xs:normalizedString" {
		return strings.NewReplacer("\t", " ", "\n", " ", "\r", " ").Replace(text)
	}
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < 0x80 && isSpace(byte(r)) }), " ")
}

// check reports why a text, white space collapsed, is no value of the type; empty if it is one.
func (s *simple) check(text string) (code, reason string) {
	switch {
	case s.list != nil:
		return s.checkList(text)
	case s.union != nil:
		if slices.ContainsFunc(s.union, func(m *simple) bool { code, _ := m.check(m.collapse(text)); return code == "" }) {
			break
		}
		return "type", "the value is of none of the types of the union"
	case !s.lexical(text):
		return "type", "the value is no " + s.name
	}
	return s.facets(text, s.length(text))
}

func (s *simple) checkList(text string) (code, reason string) {
	items := strings.Fields(text)
	for _, item := range items {
		if code, reason := s.list.check(item); code != "" {
			return code, reason
		}
	}
	return s.facets(text, len(items))
}

// lexical reports whether a text has the form of the kind.
func (s *simple) lexical(text string) bool {
	switch s.kind {
	case kindBool:
		return text == "true" || text == "false" || text == "1" || text == "0"
	case kindInteger:
		return isInteger(text)
	case kindDecimal:
		_, ok := decimalJSON(text)
		return ok
	case kindFloat:
		_, ok := floatJSON(text)
		return ok || text == "INF" || text == "-INF" || text == "NaN"
	case kindLexical:
		return s.form.MatchString(text)
	case kindQName:
		_, _, ok := cutClark(text)
		return ok
	case kindBase64:
		return s.length(text) >= 0
	case kindHex:
		_, err := hex.DecodeString(text)
		return err == nil
	}
	return true
}

// length is what the length facets count: characters, or bytes of binary types.
func (s *simple) length(text string) int {
	switch s.kind {
	case kindHex:
		return len(text) / 2
	case kindBase64:
		if n, ok := base64Length([]byte(strings.ReplaceAll(text, " ", ""))); ok {
			return n
		}
		return -1
	}
	return utf8.RuneCountInString(text)
}

// facets checks what restrictions add.
func (s *simple) facets(text string, length int) (code, reason string) {
	switch {
	case s.enums != nil && !slices.Contains(s.enums, text):
		return "enum", "the value is not one of the listed ones"
	}
	if code, reason := s.lengths(length); code != "" {
		return code, reason
	}
	for _, p := range s.patterns {
		if !p.MatchString(text) {
			return "pattern", "the value does not match the pattern"
		}
	}
	switch {
	case s.kind == kindLexical && s.name == "xs:duration":
		return s.spanned(text)
	case s.kind == kindLexical && s.name != "xmime:contentType":
		return s.temporal(text)
	}
	if s.totalDigits < 0 && s.fractionDigits < 0 && s.min == "" && s.max == "" || s.kind == kindLexical || s.kind == kindString {
		return "", ""
	}
	return s.numeric(text)
}

// lengths checks the facets of length.
func (s *simple) lengths(length int) (code, reason string) {
	switch {
	case length < s.minLength:
		return "length", "the value is shorter than allowed"
	case s.maxLength != transforms.Unbounded && length > s.maxLength:
		return "length", "the value is longer than allowed"
	}
	return "", ""
}

// numeric checks digits and bounds, exactly.
func (s *simple) numeric(text string) (code, reason string) {
	whole, fraction := digitsOf(text)
	switch {
	case s.totalDigits >= 0 && whole+fraction > s.totalDigits:
		return "overflow", "the value has more digits than allowed"
	case s.fractionDigits >= 0 && fraction > s.fractionDigits:
		return "scale", "the value has more decimals than allowed"
	}
	json, ok := decimalJSON(text)
	if s.kind == kindFloat {
		json, ok = floatJSON(text)
	}
	v, err := transforms.ParseDecimal(json)
	if !ok || err != nil {
		return "", ""
	}
	if low, err := transforms.ParseDecimal(s.min); s.min != "" && err == nil && (v.Cmp(low) < 0 || s.minOpen && v.Cmp(low) == 0) {
		return "overflow", "the value is below the smallest one allowed"
	}
	if high, err := transforms.ParseDecimal(s.max); s.max != "" && err == nil && (v.Cmp(high) > 0 || s.maxOpen && v.Cmp(high) == 0) {
		return "overflow", "the value is above the largest one allowed"
	}
	return "", ""
}

// digitsOf counts the digits that matter before and behind the point.
func digitsOf(text string) (whole, fraction int) {
	a, b, _ := strings.Cut(strings.TrimLeft(text, "+-"), ".")
	return len(strings.TrimLeft(a, "0")), len(strings.TrimRight(b, "0"))
}

func isInteger(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	if digits == text {
		digits = strings.TrimPrefix(text, "+")
	}
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

// decimalJSON turns a decimal or integer into the JSON number of the same value.
func decimalJSON(text string) (string, bool) {
	sign := ""
	digits := text
	switch {
	case strings.HasPrefix(text, "-"):
		sign, digits = "-", text[1:]
	case strings.HasPrefix(text, "+"):
		digits = text[1:]
	}
	whole, fraction, point := strings.Cut(digits, ".")
	if whole == "" && fraction == "" || strings.Trim(whole, "0123456789") != "" || strings.Trim(fraction, "0123456789") != "" {
		return "", false
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if point && fraction != "" {
		whole += "." + fraction
	}
	return sign + whole, true
}

// floatJSON turns a float or double into a JSON number; INF and NaN have none.
func floatJSON(text string) (string, bool) {
	mantissa, exponent, has := strings.Cut(strings.ToLower(text), "e")
	out, ok := decimalJSON(mantissa)
	if !ok || has && !isInteger(exponent) {
		return "", false
	}
	if has {
		out += "e" + exponent
	}
	return out, true
}
