// SPDX-License-Identifier: Apache-2.0

package record

import (
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
// null. Unchanged, the very same bytes come back. Where a table gets more or fewer entries, what stands
// behind it moves with all its bytes, and each entry keeps those it had: entries that are the same at
// the beginning and at the end of the array are found again there, those between go by their numbers.
// A record that ends early ends there again, or behind the last field that was written. Bytes in which
// a counter cannot be read can only be given back unchanged.
func (c *Codec) EncodeExact(dst, json []byte) ([]byte, error) {
	if !jsontext.Value(json).IsValid(c.syntax...) {
		return dst, &transforms.InvalidError{Syntax: true, Issues: []transforms.Issue{{Code: "syntax", Detail: "the document is not JSON"}}}
	}
	json = json[transforms.SkipSpace(json, 0):]
	msg, only, f := exactBytes(json)
	if f != ok {
		return dst, notExact("type", "the member is no base64")
	}
	if msg == nil {
		return c.encoder.write(dst, json, nil)
	}
	if only {
		return append(dst, msg...), nil
	}
	before, _, _, err := c.DecodeTolerant(nil, msg)
	if err != nil {
		return dst, notExact("unreadable", "the bytes cannot be read as this record, so nothing in them can be changed")
	}
	return c.encoder.writeOver(dst, json, msg, before)
}

// notExact is the error for a member $bytes that cannot be used.
func notExact(code, detail string) error {
	return &transforms.InvalidError{Issues: []transforms.Issue{{Pointer: "/" + ExactMember, Code: code, Detail: detail}}}
}

// exactBytes finds the bytes in a document, nil if it has none; only tells that it has nothing else.
func exactBytes(json []byte) (msg []byte, only bool, f fault) {
	if len(json) == 0 || json[0] != '{' {
		return nil, false, ok
	}
	only = true
	name, at, more := transforms.NextMember(json, 1)
	for more {
		end := transforms.SkipValue(json, at)
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
		name, at, more = transforms.NextMember(json, end)
	}
	return msg, only, ok
}
