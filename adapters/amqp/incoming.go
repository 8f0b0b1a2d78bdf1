// SPDX-License-Identifier: Apache-2.0

package amqp

import "encoding/binary"

// The performatives that a wire looks for, by their descriptors (AMQP 1.0, part 2.7).
const (
	transfer     = 0x14
	endOfLink    = 0x16
	endOfSession = 0x17
	endOfAll     = 0x18
)

// event is what a wire wants to know of the frames that come.
type event int

const (
	// nothing of interest came.
	nothing event = iota
	// reply is the end of a message.
	reply
	// unlinking is the beginning of a frame that ends a link.
	unlinking
	// ending is the beginning of a frame that ends the session or the connection.
	ending
)

// Sizes in bytes of what is looked at of a frame: its size, all up to the descriptor of its performative, and all up to the
// field "more" of a transfer, whose delivery tag has 32 bytes at most.
const (
	upToSize = 4
	upToKind = 11
	upToMore = 80
)

// incoming follows the frames of a stream.
type incoming struct {
	head [upToMore]byte
	// have is how much of the frame came, whole its size; 0 until that is known.
	have, whole int
}

// take follows some bytes, up to the next that tells something, and reports how many they were.
func (f *incoming) take(p []byte) (n int, e event, err error) {
	until := upToSize
	switch {
	case f.whole > 0 && f.have < upToKind:
		until = min(upToKind, f.whole)
	case f.whole > 0:
		until = f.whole
	}
	n = min(until-f.have, len(p))
	if f.have < upToMore {
		copy(f.head[f.have:], p[:n])
	}
	f.have += n
	switch {
	case f.have < until:
	case f.whole == 0:
		f.whole, err = wholeOf(f.head[:upToSize])
	case f.have < f.whole:
		switch performative(f.head[:f.have]) {
		case endOfLink:
			e = unlinking
		case endOfSession, endOfAll:
			e = ending
		}
	default:
		if head := f.head[:min(f.whole, upToMore)]; performative(head) == transfer && !more(head[upToKind:]) {
			e = reply
		}
		f.have, f.whole = 0, 0
	}
	return n, e, err
}

// wholeOf reads the size of a frame, or knows a protocol header by its beginning.
func wholeOf(size []byte) (int, error) {
	n := binary.BigEndian.Uint32(size)
	if n == header {
		return 8, nil
	}
	if n < 8 || n > maxFrame {
		return 0, errFrame
	}
	return int(n), nil
}

// performative is the descriptor of a frame; 0 if it has none that is written as usual. A frame is its size, the offset of
// its body in words, type 0 and a channel, and then a described list with a small ulong as descriptor (AMQP 1.0, parts
// 1.3 and 2.3).
func performative(p []byte) byte {
	if len(p) < upToKind || p[4] != 2 || p[5] != 0 || p[8] != 0 || p[9] != 0x53 {
		return 0
	}
	return p[10]
}

// more reads the field of that name from the list of a transfer: whether more frames of the same message follow.
func more(list []byte) bool {
	switch {
	case len(list) > 3 && list[0] == 0xC0: // sizes of one byte
		list = list[3:]
	case len(list) > 9 && list[0] == 0xD0: // of four
		list = list[9:]
	default:
		return false
	}
	for range 5 { // handle, delivery-id, delivery-tag, message-format, settled
		n := widthOf(list)
		if n >= len(list) {
			return false
		}
		list = list[n:]
	}
	return list[0] == 0x41 || list[0] == 0x56 && len(list) > 1 && list[1] == 1
}

// widthOf is the size of a value in bytes, its constructor included (AMQP 1.0, part 1.2).
func widthOf(p []byte) int {
	switch p[0] >> 4 {
	case 0x5:
		return 2
	case 0x6:
		return 3
	case 0x7:
		return 5
	case 0x8:
		return 9
	case 0xA:
		if len(p) > 1 {
			return 2 + int(p[1])
		}
	case 0xB:
		if len(p) > 4 {
			return 5 + int(binary.BigEndian.Uint32(p[1:]))
		}
	}
	return 1
}
