// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// maxPattern is the longest pattern of a schema, in bytes.
const maxPattern = 1000

func jsonTypes() []string {
	return []string{"string", "number", "integer", "boolean", "object", "array", "null"}
}

func (r *schemaReader) types(v *Node) {
	items := []*Node{v}
	if v.Kind == ListNode {
		items = v.Items
		if !r.v31 {
			r.addOnce(CodeWrongType, v, "a list of types does not exist in OpenAPI 3.0", "use nullable: true, oneOf, or version 3.1.0")
		}
	}
	for _, i := range items {
		if i.Kind != ScalarNode || !slices.Contains(jsonTypes(), i.Text) || i.Text == "null" && !r.v31 {
			hint := didYouMean(i.Text, jsonTypes())
			if i.Text == "null" {
				hint = "write nullable: true beside another type, or use version 3.1.0"
			}
			r.addOnce(CodeWord, i, fmt.Sprintf("%s is not a type", show(i)), hint)
			continue
		}
		if i.Null && !i.Quoted {
			r.addOnce(CodeWord, i, "the type null must be quoted: without quotes YAML reads it as nothing", `write "null"`)
		}
		if !slices.Contains(r.s.Types, i.Text) {
			r.s.Types = append(r.s.Types, i.Text)
		}
	}
}

func (r *schemaReader) enum(v *Node) {
	if !r.isList(v, "enum") {
		return
	}
	if len(v.Items) == 0 {
		r.addOnce(CodeOutOfRange, v, "enum must have at least one value", "list the values, or remove enum")
	}
	r.s.Enum = []string{}
	for _, i := range v.Items {
		r.s.Enum = append(r.s.Enum, i.JSON())
	}
}

// number reads a bound as it is written: it is never turned into a float.
func (r *schemaReader) number(k string, v *Node) {
	if !r.v31 && (v.Text == "true" || v.Text == "false") && strings.HasPrefix(k, "exclusive") {
		if k == "exclusiveMinimum" {
			r.exclusiveMin = v.Text == "true"
		} else {
			r.exclusiveMax = v.Text == "true"
		}
		return
	}
	if v.Kind != ScalarNode || v.Quoted || !isJSONNumber(v.Text) {
		r.addOnce(CodeFormat, v, fmt.Sprintf("%s must be a number, not %s", k, show(v)), "write it as JSON does: 10, -0.5, 1e3; without quotes and leading zeros")
		return
	}
	switch k {
	case "minimum":
		r.s.Minimum = v.Text
	case "maximum":
		r.s.Maximum = v.Text
	case "exclusiveMinimum":
		r.s.ExclusiveMinimum = v.Text
	case "exclusiveMaximum":
		r.s.ExclusiveMaximum = v.Text
	default:
		if strings.HasPrefix(v.Text, "-") || strings.Trim(mantissa(v.Text), "0.") == "" {
			r.addOnce(CodeOutOfRange, v, "multipleOf must be greater than zero", "")
			return
		}
		r.s.MultipleOf = v.Text
	}
}

// mantissa is a number without its exponent.
func mantissa(s string) string {
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		return s[:i]
	}
	return s
}

func (r *schemaReader) count(k string, v *Node) {
	to := map[string]*int{
		"minLength": &r.s.MinLength, "maxLength": &r.s.MaxLength, "minItems": &r.s.MinItems,
		"maxItems": &r.s.MaxItems, "minProperties": &r.s.MinProperties, "maxProperties": &r.s.MaxProperties,
	}[k]
	r.whole(to, k, v)
}

// whole reads a count. JSON Schema takes 2.0 for one too.
func (r *schemaReader) whole(to *int, k string, v *Node) {
	n := *v
	if before, after, ok := strings.Cut(v.Text, "."); ok && !v.Quoted && after != "" && strings.Trim(after, "0") == "" {
		n.Text = before
	}
	r.integer(to, k, 0, 1<<30)(&n)
}

// pattern checks that a pattern compiles with the engine that will run it.
func (r *schemaReader) pattern(to *string, v *Node) {
	if !r.scalar(v, "pattern") {
		return
	}
	if len(v.Text) > maxPattern {
		r.addOnce(CodePattern, v, fmt.Sprintf("the pattern has %d characters, at most %d are allowed", len(v.Text), maxPattern), "simplify it")
		return
	}
	if _, err := regexp.Compile(v.Text); err != nil {
		hint := "check brackets and escapes; the syntax is that of RE2"
		if strings.Contains(v.Text, "(?=") || strings.Contains(v.Text, "(?!") || strings.Contains(v.Text, "(?<") {
			hint = "look-ahead and look-behind are not supported: write the pattern without them"
		}
		r.addOnce(CodePattern, v, fmt.Sprintf("the pattern cannot be used: %s", err), hint)
		return
	}
	*to = v.Text
}

func (r *schemaReader) requiredNames(v *Node) {
	r.s.Required = append(r.s.Required, r.names(v, "required")...)
}

// names reads a list of names of members.
func (r *schemaReader) names(v *Node, what string) []string {
	if !r.isList(v, what) {
		return nil
	}
	var out []string
	seen := make(map[string]bool, len(v.Items))
	for _, i := range v.Items {
		if !r.scalar(i, "a name in "+what) {
			continue
		}
		if seen[i.Text] {
			r.addOnce(CodeOutOfRange, i, fmt.Sprintf("the property %s stands twice in %s", show(i), what), "remove one of them")
			continue
		}
		seen[i.Text] = true
		out = append(out, i.Text)
	}
	return out
}
