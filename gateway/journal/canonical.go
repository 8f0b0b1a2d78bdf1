// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how deep documents are read that are summed up by their meaning.
const maxDepth = 1000

// canonizer writes a JSON document in one spelling. It exists because this is done for every request
// that is recorded: reading tokens, sorting and writing again with a library took longer than all the
// rest of a record.
type canonizer struct {
	src   []byte
	at    int
	depth int
	out   []byte
	// members are those of the objects that are being read, the innermost last.
	members []member
	order   []rank
	moved   []byte
	// known are the orders of the first objects of the last document that were not in order, ranked counts those of
	// this one.
	known  [8][]int
	ranked int
}

// canonical appends a tag and the document in one spelling to out, or the document as it is if it is
// no JSON.
func (c *canonizer) canonical(doc []byte) {
	if doc == nil {
		c.out = append(c.out, 'n')
		return
	}
	start := len(c.out)
	c.src, c.at, c.depth, c.ranked, c.members = doc, 0, 0, 0, c.members[:0]
	c.out = append(c.out, 'j')
	if !c.value() || c.peek() != 0 || c.at != len(doc) {
		c.out = append(append(c.out[:start], 'b'), doc...)
	}
}

// peek skips white space and returns the next byte, or 0 at the end.
func (c *canonizer) peek() byte {
	for c.at < len(c.src) {
		switch b := c.src[c.at]; b {
		case ' ', '\t', '\n', '\r':
			c.at++
		default:
			return b
		}
	}
	return 0
}

func (c *canonizer) value() bool {
	switch b := c.peek(); b {
	case '{':
		return c.nested(c.object)
	case '[':
		return c.nested(c.array)
	case '"':
		return c.text()
	case 't':
		return c.word("true")
	case 'f':
		return c.word("false")
	case 'n':
		return c.word("null")
	default:
		return c.number()
	}
}

func (c *canonizer) nested(read func() bool) bool {
	c.depth++
	ok := c.depth <= maxDepth && read()
	c.depth--
	return ok
}

func (c *canonizer) word(w string) bool {
	if !bytes.HasPrefix(c.src[c.at:], []byte(w)) {
		return false
	}
	c.at += len(w)
	c.out = append(append(c.out, w...), ',')
	return true
}

// next takes the byte that follows an element: true for a comma, false and ok for the end.
func (c *canonizer) next(end byte) (more, ok bool) {
	switch c.peek() {
	case ',':
		c.at++
		return true, true
	case end:
		c.at++
		return false, true
	}
	return false, false
}

func (c *canonizer) array() bool {
	c.at++
	c.out = append(c.out, '[', ',')
	if c.peek() == ']' {
		c.at++
		c.out = append(c.out, ']', ',')
		return true
	}
	for more := true; more; {
		if !c.value() {
			return false
		}
		var ok bool
		if more, ok = c.next(']'); !ok {
			return false
		}
	}
	c.out = append(c.out, ']', ',')
	return true
}

func (c *canonizer) object() bool {
	c.at++
	c.out = append(c.out, '{', ',')
	first := len(c.members)
	for more := c.peek() != '}'; more; {
		m := member{start: len(c.out)}
		if c.peek() != '"' || !c.text() || c.peek() != ':' {
			return false
		}
		c.at++
		m.name = len(c.out)
		m.first = firstBytes(c.out[m.start:m.name])
		if !c.value() {
			return false
		}
		m.end = len(c.out)
		c.members = append(c.members, m)
		var ok bool
		if more, ok = c.next('}'); !ok {
			return false
		}
	}
	if len(c.members) == first {
		c.at++
	}
	ok := c.sort(c.members[first:])
	c.members = c.members[:first]
	c.out = append(c.out, '}', ',')
	return ok
}

// text copies a text. One with escapes, or with more than ASCII, is read and written again.
func (c *canonizer) text() bool {
	for i := c.at + 1; i < len(c.src); i++ {
		switch b := c.src[i]; {
		case b == '"':
			c.out = append(append(c.out, c.src[c.at:i+1]...), ',')
			c.at = i + 1
			return true
		case b == '\\' || b >= 0x80 || b == 0x7f:
			return c.oddText(i)
		case b < 0x20:
			return false
		}
	}
	return false
}

// oddText is text from a byte on that is not plain.
func (c *canonizer) oddText(i int) bool {
	for ; i < len(c.src) && c.src[i] != '"'; i++ {
		if c.src[i] == '\\' {
			i++
		}
	}
	if i >= len(c.src) {
		return false
	}
	plain, err := jsontext.AppendUnquote(nil, c.src[c.at:i+1])
	if err != nil {
		return false
	}
	if c.out, err = jsontext.AppendQuote(c.out, plain); err != nil {
		return false
	}
	c.at = i + 1
	c.out = append(c.out, ',')
	return true
}

// number reads a number (RFC 8259, 6).
func (c *canonizer) number() bool {
	start := c.at
	if c.at < len(c.src) && c.src[c.at] == '-' {
		c.at++
	}
	whole := c.digits()
	if whole == 0 || whole > 1 && c.src[c.at-whole] == '0' {
		return false
	}
	if c.at < len(c.src) && c.src[c.at] == '.' {
		if c.at++; c.digits() == 0 {
			return false
		}
	}
	if c.at < len(c.src) && c.src[c.at]|0x20 == 'e' {
		c.at++
		if c.at < len(c.src) && (c.src[c.at] == '+' || c.src[c.at] == '-') {
			c.at++
		}
		if c.digits() == 0 {
			return false
		}
	}
	c.out = append(appendNumber(c.out, c.src[start:c.at]), ',')
	return true
}

func (c *canonizer) digits() (n int) {
	for c.at < len(c.src) && c.src[c.at] >= '0' && c.src[c.at] <= '9' {
		c.at++
		n++
	}
	return n
}

// appendNumber writes a number as its digits without leading and trailing zeros and a power of ten.
// The text is never expanded, so that 1e999999999 costs nothing.
func appendNumber(dst, text []byte) []byte {
	spelling, negative := text, text[0] == '-'
	if negative {
		text = text[1:]
	}
	exponent := int64(0)
	if i := slices.IndexFunc(text, func(b byte) bool { return b|0x20 == 'e' }); i >= 0 {
		e, err := strconv.ParseInt(string(text[i+1:]), 10, 32)
		if err != nil {
			// Nobody counts that far: the spelling is the meaning.
			return append(append(dst, '?'), spelling...)
		}
		text, exponent = text[:i], e
	}
	var room [64]byte
	whole, fraction, _ := bytes.Cut(text, []byte("."))
	digits := append(append(room[:0], whole...), fraction...)
	exponent -= int64(len(fraction))
	for len(digits) > 0 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
		exponent++
	}
	digits = bytes.TrimLeft(digits, "0")
	if len(digits) == 0 {
		return append(dst, '0')
	}
	if negative {
		dst = append(dst, '-')
	}
	dst = append(append(dst, digits...), 'e')
	return strconv.AppendInt(dst, exponent, 10)
}
