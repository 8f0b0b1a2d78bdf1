// SPDX-License-Identifier: Apache-2.0

package record

import (
	"lintel/transforms"
)

// rawLeaf is an INDEX or POINTER: bytes that mean something on their host only. They are given as
// hexadecimal digits.
type rawLeaf struct{ size int }

func (l *rawLeaf) decode(dst, raw []byte) ([]byte, fault) {
	dst = append(dst, '"')
	for _, b := range raw {
		dst = append(dst, hexDigits[b>>4], hexDigits[b&15])
	}
	return append(dst, '"'), ok
}

func (l *rawLeaf) encode(field []byte, v scalar) fault {
	text, f := scalarText(v)
	if f != ok {
		return f
	}
	if len(text) != 2*len(field) || v.kind != transforms.String {
		return faultHex
	}
	for i := range field {
		hi, good := hexValue(text[2*i])
		lo, good2 := hexValue(text[2*i+1])
		if !good || !good2 {
			return faultHex
		}
		field[i] = hi<<4 | lo
	}
	return ok
}

// describe implements describer.
func (l *rawLeaf) describe(t *transforms.Type) { t.MinLength, t.MaxLength = 2*l.size, 2*l.size }
