// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"encoding/base64"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/transforms"
)

// ExactMember is the member in which DecodeExact keeps the bytes of a record, in base64.
const ExactMember = "$bytes"

// DecodeExact is DecodeTolerant with all bytes of the record in a first member, so that EncodeExact
// can give them back: FILLER, slack, the sign nibbles of the host, fields that cannot be read. A
// message of which nothing can be decoded has that member only.
func (c *Codec) DecodeExact(dst, msg []byte) []byte {
	dst = append(append(append(dst, '{', '"'), ExactMember...), '"', ':', '"')
	dst = append(base64.StdEncoding.AppendEncode(dst, msg), '"', ',')
	at := len(dst)
	out, _, _, err := c.DecodeTolerant(dst, msg)
	if err != nil || len(out) == at+2 {
		return append(dst[:at-1], '}')
	}
	return append(out[:at], out[at+1:]...) // without the brace that opens the inner object
}

// EncodeExact is EncodeJSON for what DecodeExact gave, changed or not: the record begins as the
// bytes in the member $bytes, and only fields whose value is another than those bytes hold are
// written. Members that are absent keep their bytes, and so do undecodable fields that are still
// null. Unchanged, the very same bytes come back. Behind a table of variable length that changed its
// number of entries, fields that the document does not have get their defaults.
func (c *Codec) EncodeExact(dst, json []byte) ([]byte, error) {
	if !jsontext.Value(json).IsValid(c.syntax...) {
		return dst, &transforms.InvalidError{Syntax: true, Issues: []transforms.Issue{{Code: "syntax", Detail: "the document is not JSON"}}}
	}
	json = json[skipSpace(json, 0):]
	msg, only, f := exactBytes(json)
	if f != ok {
		return dst, &transforms.InvalidError{Issues: []transforms.Issue{{Pointer: "/" + ExactMember, Code: "type", Detail: "the member is no base64"}}}
	}
	if msg == nil {
		return c.encoder.write(dst, json, nil)
	}
	if only || bytes.Equal(c.DecodeExact(nil, msg), bytes.TrimRight(json, " \t\r\n")) {
		return append(dst, msg...), nil
	}
	return c.encoder.writeOver(dst, json, msg)
}

// exactBytes finds the bytes in a document, nil if it has none; only tells that it has nothing else.
func exactBytes(json []byte) (msg []byte, only bool, f fault) {
	if len(json) == 0 || json[0] != '{' {
		return nil, false, ok
	}
	only = true
	name, at, more := nextMember(json, 1)
	for more {
		end := skipValue(json, at)
		if string(name) == `"`+ExactMember+`"` {
			text, bad := plainText(json[at:end])
			if bad != ok || json[at] != '"' {
				return nil, false, faultSyntax
			}
			out, err := base64.StdEncoding.AppendDecode([]byte{}, text)
			if err != nil {
				return nil, false, faultSyntax
			}
			msg = out
		} else {
			only = false
		}
		name, at, more = nextMember(json, end)
	}
	return msg, only, ok
}

// exactState is what the writer knows about the bytes it writes over.
type exactState struct {
	// old is the record as it was, nil when there is none.
	old []byte
	// inStep tells that what is written stands at the same place as in old.
	inStep bool
	// writes counts the fields that were changed.
	writes int
}

// before gives the old bytes at a position of the record, nil if there are none.
func (x *exactState) before(at, size int) []byte {
	if x.old == nil || !x.inStep || at+size > len(x.old) {
		return nil
	}
	return x.old[at : at+size]
}

// unchanged tells that a field's old bytes already hold the value.
func (w *writing) unchanged(l leaf, at, size int, text []byte) bool {
	old := w.exact.before(at, size)
	if old == nil {
		return false
	}
	start := len(w.scratch)
	out, f := l.decode(w.scratch, old)
	w.scratch = out[:start]
	if f != ok {
		return string(text) == "null"
	}
	return bytes.Equal(out[start:], text)
}

// oldEntries follows the entries of a table through the old bytes.
type oldEntries struct {
	count  int
	inStep bool
}

// oldEntriesOf begins a table.
func (w *writing) oldEntriesOf(n *node) oldEntries {
	x := oldEntries{count: n.table.max, inStep: w.exact.inStep}
	if !x.inStep || n.table.counter == nil {
		return x
	}
	c := n.table.counter
	x.count = 0
	if old := w.exact.before(w.regs[c.reg].pos-w.start, c.size()); old != nil {
		if count, f := w.number(c, old); f == ok {
			x.count = count
		}
	}
	if !n.variable {
		x.count = n.table.max // the entries are there, whatever the counter says
	}
	return x
}

// entry tells whether entry i stands where it stood.
func (x *oldEntries) entry(i int) bool { return x.inStep && i < x.count }

// done notes whether that was still so at the end of entry i.
func (x *oldEntries) done(i int, inStep bool) {
	if i < x.count {
		x.inStep = x.inStep && inStep
	}
}
