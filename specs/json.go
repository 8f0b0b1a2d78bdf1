// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"encoding/json"
	"strings"
)

// JSON returns the node as compact JSON text. Scalars that are not quoted become numbers, true,
// false or null where they are written exactly as JSON has them, and texts otherwise: 012 and yes
// stay what they are.
func (n *Node) JSON() string {
	var b strings.Builder
	n.writeJSON(&b)
	return b.String()
}

func (n *Node) writeJSON(b *strings.Builder) {
	switch {
	case n == nil:
		b.WriteString("null")
	case n.Kind == MapNode:
		b.WriteByte('{')
		for i, f := range n.Fields {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quoteJSON(f.Key.Text))
			b.WriteByte(':')
			f.Value.writeJSON(b)
		}
		b.WriteByte('}')
	case n.Kind == ListNode:
		b.WriteByte('[')
		for i, item := range n.Items {
			if i > 0 {
				b.WriteByte(',')
			}
			item.writeJSON(b)
		}
		b.WriteByte(']')
	case n.Null:
		b.WriteString("null")
	case !n.Quoted && (n.Text == "true" || n.Text == "false" || isJSONNumber(n.Text)):
		b.WriteString(n.Text)
	default:
		b.WriteString(quoteJSON(n.Text))
	}
}

// quoteJSON writes a JSON string.
func quoteJSON(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil { // a string can always be written
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// isJSONNumber reports whether s is a number by the grammar of RFC 8259, section 6.
func isJSONNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole := digits(s)
	if whole == 0 || whole > 1 && s[0] == '0' {
		return false
	}
	s = s[whole:]
	if rest, ok := strings.CutPrefix(s, "."); ok {
		n := digits(rest)
		if n == 0 {
			return false
		}
		s = rest[n:]
	}
	if s == "" {
		return true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	s = s[1:]
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	return s != "" && digits(s) == len(s)
}

// digits counts the decimal digits s begins with.
func digits(s string) int {
	return len(s) - len(strings.TrimLeft(s, "0123456789"))
}
