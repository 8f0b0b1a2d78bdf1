// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Fingerprint sums up a request under a secret, so that whoever has the journal learns nothing about
// requests by trying them.
type Fingerprint [sha256.Size]byte

// Fingerprint sums up JSON documents by their meaning: the order of members, white space, the
// spelling of texts (escapes) and of numbers (1.50 and 15e-1) make no difference. Every digit of a
// number counts. A document that is no JSON is summed up by its bytes; nil differs from every document.
func (j *Journal) Fingerprint(documents ...[]byte) Fingerprint {
	h := hmac.New(sha256.New, j.secrets.fingerprint)
	var scratch []byte
	for _, d := range documents {
		scratch = canonical(scratch[:0], d)
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(scratch)))
		h.Write(size[:])
		h.Write(scratch)
	}
	var f Fingerprint
	h.Sum(f[:0])
	return f
}

// canonical appends a tag and the document in one spelling.
func canonical(dst, doc []byte) []byte {
	if doc == nil {
		return append(dst, 'n')
	}
	v := jsontext.Value(bytes.Clone(doc))
	// RFC 8785 would round numbers to what a float holds: they are kept here and spelled below.
	if err := v.Canonicalize(jsontext.CanonicalizeRawInts(false), jsontext.CanonicalizeRawFloats(false)); err != nil {
		return append(append(dst, 'b'), doc...)
	}
	dst = append(dst, 'j')
	d := jsontext.NewDecoder(bytes.NewReader(v))
	for {
		t, err := d.ReadToken()
		if err == io.EOF { //nolint:errorlint // the decoder returns io.EOF itself
			return dst
		}
		if err != nil {
			return append(append(dst, 'b'), doc...)
		}
		switch t.Kind() {
		case '0':
			dst = append(appendNumber(dst, t.String()), ',')
		case '"':
			dst, _ = jsontext.AppendQuote(dst, t.String())
			dst = append(dst, ',')
		default:
			dst = append(append(dst, t.String()...), ',')
		}
	}
}

// appendNumber writes a number as its digits without leading and trailing zeros and a power of ten.
// The text is never expanded, so that 1e999999999 costs nothing.
func appendNumber(dst []byte, text string) []byte {
	negative := text[0] == '-'
	if negative {
		text = text[1:]
	}
	exponent := int64(0)
	for i := 0; i < len(text); i++ {
		if text[i] == 'e' || text[i] == 'E' {
			e, err := strconv.ParseInt(text[i+1:], 10, 32)
			if err != nil {
				// Nobody counts that far: the spelling is the meaning.
				return append(append(dst, '?'), text...)
			}
			text, exponent = text[:i], e
			break
		}
	}
	digits := make([]byte, 0, len(text))
	point := -1
	for i := 0; i < len(text); i++ {
		if text[i] == '.' {
			point = i
			continue
		}
		digits = append(digits, text[i])
	}
	if point >= 0 {
		exponent -= int64(len(digits) - point)
	}
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
