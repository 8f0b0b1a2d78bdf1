// SPDX-License-Identifier: Apache-2.0

package tcp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Frame says how a message is delimited on the stream: by a binary length in front of it.
type Frame struct {
	// Bytes is the width of the length field: 2 or 4. 0 means 4.
	Bytes int
	// Little is true for little-endian order; most hosts are big-endian.
	Little bool
	// IncludesSelf is true when the length counts its own bytes too.
	IncludesSelf bool
}

var (
	errLengthTooSmall = errors.New("the length field announces no message")
	errLengthTooLarge = errors.New("the length field announces more than the largest reply allowed")
)

func (f Frame) check() error {
	if f.Bytes != 2 && f.Bytes != 4 {
		return fmt.Errorf("a length field has 2 or 4 bytes, not %d", f.Bytes)
	}
	return nil
}

// maxBody is the largest body that the length field can announce.
func (f Frame) maxBody() int64 {
	limit := int64(math.MaxUint16)
	if f.Bytes == 4 {
		limit = math.MaxUint32
	}
	if f.IncludesSelf {
		limit -= int64(f.Bytes)
	}
	return limit
}

// put writes the length field for a body of n bytes to dst, which has f.Bytes bytes. The caller has
// checked n against maxBody.
func (f Frame) put(dst []byte, n int) {
	v := uint64(n)
	if f.IncludesSelf {
		v += uint64(f.Bytes)
	}
	switch {
	case f.Bytes == 2 && f.Little:
		binary.LittleEndian.PutUint16(dst, uint16(v))
	case f.Bytes == 2:
		binary.BigEndian.PutUint16(dst, uint16(v))
	case f.Little:
		binary.LittleEndian.PutUint32(dst, uint32(v))
	default:
		binary.BigEndian.PutUint32(dst, uint32(v))
	}
}

// parse reads the length field at the start of src and gives the length of the body. A length of
// nothing is refused too: an empty frame is a heartbeat on some wires and never a reply.
func (f Frame) parse(src []byte, limit int) (int, error) {
	var v int64
	switch {
	case f.Bytes == 2 && f.Little:
		v = int64(binary.LittleEndian.Uint16(src))
	case f.Bytes == 2:
		v = int64(binary.BigEndian.Uint16(src))
	case f.Little:
		v = int64(binary.LittleEndian.Uint32(src))
	default:
		v = int64(binary.BigEndian.Uint32(src))
	}
	if f.IncludesSelf {
		v -= int64(f.Bytes)
	}
	if v <= 0 {
		return 0, errLengthTooSmall
	}
	if v > int64(limit) {
		return 0, errLengthTooLarge
	}
	return int(v), nil
}
