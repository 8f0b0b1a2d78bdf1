// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/transforms/codepage"
)

// What a programmer would write by hand for one layout: fixed offsets, append to a buffer, scan
// tokens. It checks what it reads as the codec does, and knows each field's length and scale.

var errHand = errors.New("field does not fit")

type hand struct {
	dec  [256]byte
	enc  [128]byte
	page *codepage.Page
}

func newHand(p *codepage.Page) *hand {
	h := &hand{page: p}
	for b, r := range p.DecodeTable() {
		if r >= ' ' && r < 127 && r != '"' && r != '\\' {
			h.dec[b] = byte(r)
			h.enc[r] = byte(b)
		}
	}
	h.enc['"'], _ = p.EncodeByte('"')
	h.enc['\\'], _ = p.EncodeByte('\\')
	return h
}

func (h *hand) text(dst, raw []byte) []byte {
	for len(raw) > 0 && raw[len(raw)-1] == 0x40 {
		raw = raw[:len(raw)-1]
	}
	dst = append(dst, '"')
	for i, b := range raw {
		c := h.dec[b]
		if c == 0 {
			plain, _ := h.page.AppendDecode(nil, raw[i:])
			quoted, _ := jsontext.AppendQuote(nil, plain)
			return append(dst, quoted[1:]...)
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
	dst = strconv.AppendUint(dst, v/p, 10)
	dst = append(dst, '.')
	for f, q := v%p, p/10; q > 0; q /= 10 {
		dst = append(dst, '0'+byte(f/q%10))
	}
	return dst
}

func (h *hand) zoned(dst, raw []byte, scale int, signed bool) ([]byte, error) {
	v, neg := uint64(0), false
	last := len(raw) - 1
	for _, b := range raw[:last] {
		d := b - 0xF0
		if d > 9 {
			return dst, errHand
		}
		v = v*10 + uint64(d)
	}
	switch z := raw[last] >> 4; {
	case z == 0xF, z == 0xC && signed:
	case z == 0xD && signed:
		neg = true
	default:
		return dst, errHand
	}
	d := raw[last] & 15
	if d > 9 {
		return dst, errHand
	}
	return appendScaled(dst, v*10+uint64(d), neg, scale), nil
}

func (h *hand) packed(dst, raw []byte, scale int) ([]byte, error) {
	v, neg := uint64(0), false
	last := len(raw) - 1
	for _, b := range raw[:last] {
		hi, lo := b>>4, b&15
		if hi > 9 || lo > 9 {
			return dst, errHand
		}
		v = v*100 + uint64(hi*10+lo)
	}
	hi := raw[last] >> 4
	if hi > 9 {
		return dst, errHand
	}
	switch raw[last] & 15 {
	case 0xC, 0xF, 0xA, 0xE:
	case 0xD, 0xB:
		neg = true
	default:
		return dst, errHand
	}
	return appendScaled(dst, v*10+uint64(hi), neg, scale), nil
}

func (h *hand) half(dst, raw []byte) []byte {
	return strconv.AppendInt(dst, int64(int16(uint16(raw[0])<<8|uint16(raw[1]))), 10)
}

func (h *hand) word(dst, raw []byte) []byte {
	return strconv.AppendInt(dst, int64(int32(uint32(raw[0])<<24|uint32(raw[1])<<16|uint32(raw[2])<<8|uint32(raw[3]))), 10)
}

// putText writes a string token.
func (h *hand) putText(field []byte, tok jsontext.Token) error {
	s := tok.String()
	if len(s) > len(field) {
		return errHand
	}
	for i := range len(s) {
		c := s[i]
		if c >= 128 || h.enc[c] == 0 {
			out, err := h.page.AppendEncode(nil, []byte(s))
			if err != nil || len(out) > len(field) {
				return errHand
			}
			for j := copy(field, out); j < len(field); j++ {
				field[j] = 0x40
			}
			return nil
		}
		field[i] = h.enc[c]
	}
	for i := len(s); i < len(field); i++ {
		field[i] = 0x40
	}
	return nil
}

// flags are the members an object has had: a record's members have one value each.
type flags []bool

// once passes err on and refuses a member that was there before.
func (f flags) once(i int, err error) error {
	if f[i] {
		return errHand
	}
	f[i] = true
	return err
}

// scaledToken reads a number token as an integer with so many decimals.
func scaledToken(tok jsontext.Token, scale int) (v uint64, neg bool, err error) {
	s := tok.String()
	if len(s) > 0 && s[0] == '-' {
		neg, s = true, s[1:]
	}
	point := -1
	digits := 0
	for i := range len(s) {
		c := s[i]
		if c == '.' {
			point = 0
			continue
		}
		if c < '0' || c > '9' {
			return 0, false, errHand
		}
		if point >= 0 {
			if point++; point > scale {
				return 0, false, errHand
			}
		}
		if digits++; digits > 18 {
			return 0, false, errHand
		}
		v = v*10 + uint64(c-'0')
	}
	for i := max(point, 0); i < scale; i++ {
		v *= 10
	}
	return v, neg, nil
}

func (h *hand) putZoned(field []byte, tok jsontext.Token, scale int, signed bool) error {
	v, neg, err := scaledToken(tok, scale)
	if err != nil || neg && !signed {
		return errHand
	}
	for i := len(field) - 1; i >= 0; i-- {
		field[i] = 0xF0 | byte(v%10)
		v /= 10
	}
	if v != 0 {
		return errHand
	}
	if signed {
		z := byte(0xC0)
		if neg {
			z = 0xD0
		}
		field[len(field)-1] = field[len(field)-1]&15 | z
	}
	return nil
}

func (h *hand) putPacked(field []byte, tok jsontext.Token, scale int, signed bool) error {
	v, neg, err := scaledToken(tok, scale)
	if err != nil || neg && !signed {
		return errHand
	}
	sign := byte(0xF)
	if signed {
		sign = 0xC
		if neg {
			sign = 0xD
		}
	}
	last := len(field) - 1
	field[last] = byte(v%10)<<4 | sign
	v /= 10
	for i := last - 1; i >= 0; i-- {
		field[i] = byte(v/10%10)<<4 | byte(v%10)
		v /= 100
	}
	if v != 0 {
		return errHand
	}
	return nil
}

func (h *hand) putBinary(field []byte, tok jsontext.Token, limit uint64) error {
	v, neg, err := scaledToken(tok, 0)
	if err != nil || v > limit {
		return errHand
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

// reset prepares a decoder and its buffer for one document.
func reset(d *jsontext.Decoder, b *bytes.Buffer, doc []byte) error {
	*b = *bytes.NewBuffer(doc)
	d.Reset(b, jsontext.AllowDuplicateNames(true)) // it would build a table of names; see flags
	tok, err := d.ReadToken()
	if err == nil && tok.Kind() != '{' {
		err = errHand
	}
	return err
}
