// SPDX-License-Identifier: Apache-2.0

package codepage

import (
	"encoding/binary"
	"math"
)

// unlimited is the limit of an encoding that may not be cut.
const unlimited = math.MaxInt

// decodeMixed is AppendDecode of the pages with SO and SI. An empty SO SI is
// taken, as editors leave it; a shift into the state that is already on is
// refused, since then the bytes are not what they seem.
func (p *Page) decodeMixed(dst, src []byte) ([]byte, error) {
	double := false
	for i := 0; i < len(src); i++ {
		b := src[i]
		switch {
		case b == shiftOut || b == shiftIn:
			if double == (b == shiftOut) {
				return dst, p.malformed(i, ErrStrayShift)
			}
			double = !double
		case !double:
			s := p.single.seq[b]
			if s == 0 {
				return dst, p.malformed(i, ErrUnassigned)
			}
			var seq [4]byte
			binary.LittleEndian.PutUint32(seq[:], s)
			dst = append(dst, seq[:s>>24]...)
		case i+1 == len(src) || src[i+1] == shiftIn:
			return dst, p.malformed(i, ErrHalfPair)
		default:
			var ok bool
			if dst, ok = p.set.set.append(dst, b, src[i+1]); !ok {
				return dst, p.malformed(i, ErrUnassigned)
			}
			i++
		}
	}
	if double {
		return dst, p.malformed(len(src), ErrNoShiftIn)
	}
	return dst, nil
}

func (p *Page) malformed(offset int, reason error) error {
	return &DecodeError{Page: p.name, Offset: offset, Reason: reason}
}

// encodeMixed is AppendEncode of the pages with SO and SI.
func (p *Page) encodeMixed(dst, src []byte) ([]byte, error) {
	out, _, err := p.encodeShifted(dst, src, unlimited)
	return out, err
}

// encodeShifted appends text to dst until the appended bytes, with the SI that
// is still due, would exceed limit.
func (p *Page) encodeShifted(dst, text []byte, limit int) (out []byte, used int, err error) {
	room := limit // what is left, the due SI already taken off
	double := false
	for used < len(text) {
		r, size, err := runeAt(text, used)
		if err != nil {
			return dst, used, err
		}
		b, ok := p.encode.byteOf(r)
		if ok {
			if room < 1 {
				break
			}
			if double {
				dst, double = append(dst, shiftIn), false
			}
			dst = append(dst, b)
			room--
			used += size
			continue
		}
		code, eaten := p.set.set.find(r, text[used+size:])
		if code == 0 {
			return dst, used, &UnmappableError{Page: p.name, Offset: used, Rune: r}
		}
		if cost := 2; room < cost || !double && room < cost+2 {
			break
		}
		if !double {
			dst, double = append(dst, shiftOut), true
			room -= 2
		}
		dst = append(dst, byte(code>>8), byte(code))
		room -= 2
		used += size + eaten
	}
	if double {
		dst = append(dst, shiftIn)
	}
	return dst, used, nil
}

// EncodeInto encodes text into field, as many whole characters as fit, from
// its front: a double byte is never split and SI is never lost. It returns the
// bytes written and the bytes of text used: used < len(text) says that the
// text was cut. The rest of field is not touched, see Pad. Errors are those of
// AppendEncode, for the text up to the cut; after one the contents of field
// are undefined, and used is the offset of the error.
func (p *Page) EncodeInto(field, text []byte) (n, used int, err error) {
	switch p.class {
	case classMixed:
		out, used, err := p.encodeShifted(field[:0:len(field)], text, len(field))
		return len(out), used, err
	case classUTF8:
		used, err = cutUTF8(text, len(field))
		return copy(field, text[:used]), used, err
	}
	return p.encodeTo(field, text)
}

// Pad fills field with blanks.
func (p *Page) Pad(field []byte) {
	for i := range field {
		field[i] = p.Space()
	}
}

// cutUTF8 returns the length of the longest text of whole characters in n bytes.
func cutUTF8(text []byte, n int) (used int, err error) {
	for used < len(text) {
		_, size, err := runeAt(text, used)
		if err != nil {
			return used, err
		}
		if used+size > n {
			break
		}
		used += size
	}
	return used, nil
}
