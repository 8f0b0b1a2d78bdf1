// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"encoding/binary"
	"errors"
	"net"
	"sync/atomic"
)

// maxFrame is the largest frame that this side takes, in bytes; it is told to the broker.
const maxFrame = 64 << 10

// header is the beginning of a protocol header where a frame has its size.
const header = 0x414D5150 // AMQP

// errFrame says that the broker announced a frame that it may not send.
var errFrame = errors.New("the broker announced a frame that is larger than allowed")

// wire counts the frames that carry messages and left as a whole, and looks at the size of every
// frame that comes: the driver would wait for, and keep, whatever is announced. The driver hands
// over one frame with each write.
type wire struct {
	net.Conn
	transfers atomic.Uint64

	// Of the reader: what came of a size, and how much of the frame is still to come.
	size   [4]byte
	have   int
	toCome int
}

// Write counts a transfer once the connection took all of it.
func (w *wire) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	if n == len(p) && isTransfer(p) {
		w.transfers.Add(1)
	}
	return n, err
}

// isTransfer reports whether a frame is a transfer: size, offset of the body in words, type 0 and a
// channel, and then a described list with the descriptor 0x14 as small ulong (AMQP 1.0, parts 1.3 and 2.3).
func isTransfer(p []byte) bool {
	if len(p) < 11 || p[5] != 0 {
		return false
	}
	body := int(p[4]) * 4
	return body >= 8 && body+2 < len(p) && p[body] == 0 && p[body+1] == 0x53 && p[body+2] == 0x14
}

// Read gives what came, unless a frame in it is too large.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	for rest := p[:n]; len(rest) > 0; {
		if w.toCome > 0 {
			step := min(w.toCome, len(rest))
			w.toCome -= step
			rest = rest[step:]
			continue
		}
		w.size[w.have] = rest[0]
		w.have++
		rest = rest[1:]
		if w.have < len(w.size) {
			continue
		}
		w.have = 0
		size := binary.BigEndian.Uint32(w.size[:])
		if size == header {
			size = 8
		}
		if size < 8 || size > maxFrame {
			return 0, errFrame
		}
		w.toCome = int(size) - len(w.size)
	}
	return n, err
}
