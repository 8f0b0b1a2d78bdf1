// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/transforms/codepage"
)

// handQuote is what a careful Go programmer would write by hand for the record QUOTE: JSON tokens
// go straight into the bytes of the record, and the bytes of a record are appended as JSON straight
// away. There is no struct, no reflection, and no contract: it checks what it must to write a
// correct record, which is digits and lengths.
type handQuote struct {
	to     [128]byte
	from   [256]byte
	blank  []byte
	buffer bytes.Buffer
	tokens *jsontext.Decoder
}

const quoteSize = 200

var errDoesNotFit = errors.New("value does not fit")

func newHandQuote(page *codepage.Page) *handQuote {
	h := &handQuote{blank: bytes.Repeat([]byte{0x40}, quoteSize), tokens: jsontext.NewDecoder(&bytes.Buffer{})}
	for r := rune(' '); r < 127; r++ {
		b, _ := page.EncodeByte(r)
		h.to[r] = b
		if r != '"' && r != '\\' {
			h.from[b] = byte(r)
		}
	}
	return h
}

// encode appends the record of a JSON document.
func (h *handQuote) encode(dst, doc []byte) ([]byte, error) {
	h.buffer = *bytes.NewBuffer(doc)
	h.tokens.Reset(&h.buffer)
	if tok, err := h.tokens.ReadToken(); err != nil || tok.Kind() != '{' {
		return dst, errDoesNotFit
	}
	start := len(dst)
	dst = append(dst, h.blank...)
	rec := dst[start:]
	for h.tokens.PeekKind() == '"' {
		name, err := h.tokens.ReadToken()
		if err != nil {
			return dst, err
		}
		at := fieldOf(name.String())
		tok, err := h.tokens.ReadToken()
		if err != nil {
			return dst, err
		}
		if err = h.put(rec, at, tok); err != nil {
			return dst, err
		}
	}
	_, err := h.tokens.ReadToken()
	return dst, err
}

// fieldOf gives the number of a field by its JSON name, -1 for a strange name.
func fieldOf(name string) int {
	switch name {
	case "customer":
		return 0
	case "name":
		return 1
	case "street":
		return 2
	case "city":
		return 3
	case "postcode":
		return 4
	case "country":
		return 5
	case "product":
		return 6
	case "tariff":
		return 7
	case "sum":
		return 8
	case "premium":
		return 9
	case "discount":
		return 10
	case "rate":
		return 11
	case "term":
		return 12
	case "age":
		return 13
	case "children":
		return 14
	case "smoker":
		return 15
	case "risk":
		return 16
	case "channel":
		return 17
	case "agent":
		return 18
	case "note":
		return 19
	}
	return -1
}

func (h *handQuote) put(rec []byte, field int, tok jsontext.Token) error {
	switch field {
	case 0:
		return h.putText(rec[0:10], tok)
	case 1:
		return h.putText(rec[10:40], tok)
	case 2:
		return h.putText(rec[40:70], tok)
	case 3:
		return h.putText(rec[70:90], tok)
	case 4:
		return h.putText(rec[90:100], tok)
	case 5:
		return h.putText(rec[100:102], tok)
	case 6:
		return h.putText(rec[102:110], tok)
	case 7:
		return putBinary(rec[110:112], tok, 9999)
	case 8:
		return putPacked(rec[112:118], tok, 2)
	case 9:
		return putPacked(rec[118:123], tok, 2)
	case 10:
		return putZoned(rec[123:126], tok, 1, false)
	case 11:
		return putZoned(rec[126:131], tok, 3, true)
	case 12:
		return putZoned(rec[131:133], tok, 0, false)
	case 13:
		return putZoned(rec[133:136], tok, 0, false)
	case 14:
		return putZoned(rec[136:138], tok, 0, false)
	case 15:
		return h.putText(rec[138:139], tok)
	case 16:
		return putBinary(rec[139:143], tok, 99999999)
	case 17:
		return h.putText(rec[143:147], tok)
	case 18:
		return putZoned(rec[147:155], tok, 0, false)
	case 19:
		return h.putText(rec[155:175], tok)
	}
	return errDoesNotFit
}

func (h *handQuote) putText(field []byte, tok jsontext.Token) error {
	s := tok.String()
	if len(s) > len(field) {
		return errDoesNotFit
	}
	for i := range len(s) {
		if s[i] >= 128 {
			return errDoesNotFit
		}
		field[i] = h.to[s[i]]
	}
	return nil
}

// scaled reads a number token as an integer with so many decimals.
func scaled(tok jsontext.Token, scale int) (v uint64, neg bool, err error) {
	s := tok.String()
	if len(s) > 0 && s[0] == '-' {
		neg, s = true, s[1:]
	}
	if len(s) > 19 {
		return 0, false, errDoesNotFit
	}
	left := -1
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			left = scale
			continue
		case c < '0' || c > '9' || left == 0:
			return 0, false, errDoesNotFit
		default:
			v = v*10 + uint64(c-'0')
		}
		left--
	}
	if left < 0 {
		left = scale
	}
	for range left {
		v *= 10
	}
	return v, neg, nil
}

func putBinary(field []byte, tok jsontext.Token, limit uint64) error {
	v, neg, err := scaled(tok, 0)
	if err != nil || v > limit || neg && len(field) == 2 {
		return errDoesNotFit
	}
	if neg {
		v = -v
	}
	for i := len(field) - 1; i >= 0; i-- {
		field[i] = byte(v)
		v >>= 8
	}
	return nil
}

func putZoned(field []byte, tok jsontext.Token, scale int, signed bool) error {
	v, neg, err := scaled(tok, scale)
	if err != nil || neg && !signed {
		return errDoesNotFit
	}
	for i := len(field) - 1; i >= 0; i-- {
		field[i] = 0xF0 | byte(v%10)
		v /= 10
	}
	if v != 0 {
		return errDoesNotFit
	}
	if signed {
		zone := byte(0xC0)
		if neg {
			zone = 0xD0
		}
		field[len(field)-1] = field[len(field)-1]&0x0F | zone
	}
	return nil
}

func putPacked(field []byte, tok jsontext.Token, scale int) error {
	v, neg, err := scaled(tok, scale)
	if err != nil {
		return err
	}
	sign := byte(0x0C)
	if neg {
		sign = 0x0D
	}
	last := len(field) - 1
	field[last] = byte(v%10)<<4 | sign
	v /= 10
	for i := last - 1; i >= 0; i-- {
		field[i] = byte(v/10%10)<<4 | byte(v%10)
		v /= 100
	}
	if v != 0 {
		return errDoesNotFit
	}
	return nil
}

// decode appends the JSON document of a record.
func (h *handQuote) decode(dst, rec []byte) ([]byte, error) {
	if len(rec) < 175 {
		return dst, errDoesNotFit
	}
	dst = slices.Grow(dst, 512)
	good := true
	dst = h.text(append(dst, `{"customer":`...), rec[0:10])
	dst = h.text(append(dst, `,"name":`...), rec[10:40])
	dst = h.text(append(dst, `,"street":`...), rec[40:70])
	dst = h.text(append(dst, `,"city":`...), rec[70:90])
	dst = h.text(append(dst, `,"postcode":`...), rec[90:100])
	dst = h.text(append(dst, `,"country":`...), rec[100:102])
	dst = h.text(append(dst, `,"product":`...), rec[102:110])
	dst = strconv.AppendUint(append(dst, `,"tariff":`...), uint64(binary.BigEndian.Uint16(rec[110:])), 10)
	dst = packed(append(dst, `,"sum":`...), rec[112:118], 2, &good)
	dst = packed(append(dst, `,"premium":`...), rec[118:123], 2, &good)
	dst = zoned(append(dst, `,"discount":`...), rec[123:126], 1, false, &good)
	dst = zoned(append(dst, `,"rate":`...), rec[126:131], 3, true, &good)
	dst = zoned(append(dst, `,"term":`...), rec[131:133], 0, false, &good)
	dst = zoned(append(dst, `,"age":`...), rec[133:136], 0, false, &good)
	dst = zoned(append(dst, `,"children":`...), rec[136:138], 0, false, &good)
	dst = h.text(append(dst, `,"smoker":`...), rec[138:139])
	dst = strconv.AppendInt(append(dst, `,"risk":`...), int64(int32(binary.BigEndian.Uint32(rec[139:]))), 10)
	dst = h.text(append(dst, `,"channel":`...), rec[143:147])
	dst = zoned(append(dst, `,"agent":`...), rec[147:155], 0, false, &good)
	dst = h.text(append(dst, `,"note":`...), rec[155:175])
	if !good {
		return dst, errDoesNotFit
	}
	return append(dst, '}'), nil
}

func (h *handQuote) text(dst, raw []byte) []byte {
	for len(raw) > 0 && raw[len(raw)-1] == 0x40 {
		raw = raw[:len(raw)-1]
	}
	dst = append(dst, '"')
	for _, b := range raw {
		c := h.from[b]
		if c == 0 {
			c = '?'
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

func appendScaled(dst []byte, v uint64, neg bool, scale int) []byte {
	if neg && v != 0 {
		dst = append(dst, '-')
	}
	if scale == 0 {
		return strconv.AppendUint(dst, v, 10)
	}
	p := uint64(1)
	for range scale {
		p *= 10
	}
	dst = append(strconv.AppendUint(dst, v/p, 10), '.')
	for f, q := v%p, p/10; q > 0; q /= 10 {
		dst = append(dst, '0'+byte(f/q%10))
	}
	return dst
}

func zoned(dst, raw []byte, scale int, signed bool, good *bool) []byte {
	v, last := uint64(0), len(raw)-1
	for i, b := range raw {
		if b&0x0F > 9 || i < last && b < 0xF0 {
			*good = false
		}
		v = v*10 + uint64(b&0x0F)
	}
	zone := raw[last] & 0xF0
	if zone != 0xF0 && (!signed || zone != 0xC0 && zone != 0xD0) {
		*good = false
	}
	return appendScaled(dst, v, zone == 0xD0, scale)
}

func packed(dst, raw []byte, scale int, good *bool) []byte {
	v, last := uint64(0), len(raw)-1
	for _, b := range raw[:last] {
		if b>>4 > 9 || b&0x0F > 9 {
			*good = false
		}
		v = v*100 + uint64(b>>4)*10 + uint64(b&0x0F)
	}
	sign := raw[last] & 0x0F
	if raw[last]>>4 > 9 || sign < 0x0A {
		*good = false
	}
	return appendScaled(dst, v*10+uint64(raw[last]>>4), sign == 0x0D || sign == 0x0B, scale)
}
