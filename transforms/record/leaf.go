// SPDX-License-Identifier: Apache-2.0

package record

import (
	"unicode/utf8"

	"lintel/transforms"
)

// leaf is the codec of one elementary item: bytes of the field to JSON text and back. Leaves hold
// no state, so they are safe for concurrent use.
type leaf interface {
	// decode appends the JSON text of the bytes in raw, which is exactly the field.
	decode(dst, raw []byte) ([]byte, fault)
	// encode fills field, which is exactly the field, from a JSON string, number or boolean.
	encode(field []byte, v scalar) fault
}

// scalar is a JSON string, number or boolean: Kind and Text of a transforms.Value.
type scalar struct {
	text []byte
	kind transforms.Kind
}

// nuller is a leaf that has bytes for null.
type nuller interface {
	encodeNull(field []byte) fault
}

// digiter is a leaf whose value is a row of decimal digits: what dates are made of. buf has room
// for maxDigits.
type digiter interface {
	digits(raw []byte, buf *digitBuf) (n int, f fault)
	setDigits(field []byte, digits []byte) fault
}

// maxDigits is the most digit positions a number in storage can have.
const maxDigits = 40

// digitBuf holds digits, values 0 to 9. It is longer than maxDigits so that eight can be read at once.
type digitBuf [maxDigits + 8]byte

// encodeValue fills a field from a value of any kind but Host, Absent and composite ones.
func encodeValue(l leaf, field []byte, v transforms.Value) fault {
	switch v.Kind {
	case transforms.String, transforms.Number, transforms.Bool:
		return l.encode(field, scalar{text: v.Text, kind: v.Kind})
	case transforms.Null:
		if n, isNuller := l.(nuller); isNuller {
			return n.encodeNull(field)
		}
		return faultNull
	default:
		return faultType
	}
}

func appendUTF8(dst []byte, r rune) []byte { return utf8.AppendRune(dst, r) }

// encodeJSON fills a field from the text of a JSON value.
func encodeJSON(l leaf, field, text []byte) fault {
	if len(text) == 0 {
		return faultSyntax
	}
	switch text[0] {
	case '"':
		return l.encode(field, scalar{text, transforms.String})
	case '{', '[':
		return faultType
	case 'n':
		if n, isNuller := l.(nuller); isNuller {
			return n.encodeNull(field)
		}
		return faultNull
	case 't', 'f':
		return l.encode(field, scalar{text, transforms.Bool})
	default:
		return l.encode(field, scalar{text, transforms.Number})
	}
}
