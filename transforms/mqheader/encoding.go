// SPDX-License-Identifier: Apache-2.0

package mqheader

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"lintel/transforms/codepage"
)

// Encoding says how numbers are written, as the field Encoding of IBM MQ does: the lowest hexadecimal
// digit integers, the next packed decimals, the third floating point.
type Encoding int32

// Encodings of whole platforms.
const (
	// Native of z/OS: everything in big-endian order, hexadecimal floating point.
	ZOS Encoding = 785
	// BigEndian has big-endian order and IEEE floating point (AIX, IBM i, Linux on Z).
	BigEndian Encoding = 273
	// LittleEndian has little-endian order and IEEE floating point (x86, ARM).
	LittleEndian Encoding = 546
)

// byteOrder reads and appends integers.
type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// order is the byte order of integers; false if the encoding does not say.
func (e Encoding) order() (byteOrder, bool) {
	switch e & 0xF {
	case 1:
		return binary.BigEndian, true
	case 2:
		return binary.LittleEndian, true
	default:
		return nil, false
	}
}

// Special CCSIDs.
const (
	// Inherit means that what follows has the CCSID of what stands before.
	Inherit = -2
	// UTF8 is the CCSID of UTF-8.
	UTF8 = 1208
)

// Coding is how the numbers and characters of a header are written. Make one with NewCoding.
type Coding struct {
	encoding Encoding
	ccsid    int32
	order    byteOrder
	page     *codepage.Page
}

// NewCoding checks an encoding and a CCSID. Characters of headers have one byte each: UTF-8 is taken, since
// what headers hold is mostly ASCII, two-byte pages are not.
func NewCoding(e Encoding, ccsid int32) (Coding, error) {
	order, ok := e.order()
	if !ok {
		return Coding{}, fmt.Errorf("encoding %d does not say in which order integers are", e)
	}
	page, err := pageOf(ccsid)
	if err != nil {
		return Coding{}, err
	}
	return Coding{e, ccsid, order, page}, nil
}

// pageOf finds the code page of a CCSID.
func pageOf(ccsid int32) (*codepage.Page, error) {
	name := strconv.Itoa(int(ccsid))
	if ccsid == UTF8 {
		name = "utf-8"
	}
	page, err := codepage.Lookup(name)
	if err != nil || page.Multibyte() && ccsid != UTF8 {
		return nil, fmt.Errorf("CCSID %d cannot be used for a header", ccsid)
	}
	return page, nil
}

// Encoding is the encoding of numbers.
func (c Coding) Encoding() Encoding { return c.encoding }

// CCSID is the number of the code page.
func (c Coding) CCSID() int32 { return c.ccsid }
