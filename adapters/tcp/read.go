// SPDX-License-Identifier: Apache-2.0

package tcp

import "io"

// firstStep is how much memory an announced length may claim before that many bytes have come.
const firstStep = 32 << 10

// frameReader reads one frame at a time from a stream. Its buffer catches a small frame in one read.
type frameReader struct {
	frame Frame
	limit int
	buf   []byte
	// held are the bytes of buf that were read and not yet used.
	held []byte
}

func newFrameReader(f Frame, limit int) *frameReader {
	return &frameReader{frame: f, limit: limit, buf: make([]byte, 4<<10)}
}

// next reads one frame and returns its body in memory of its own: at most two allocations, and no
// more than firstStep bytes before the host has sent as much. began tells whether any byte of the
// frame came. The error is errLengthTooSmall, errLengthTooLarge or the stream's own.
func (r *frameReader) next(src io.Reader) (body []byte, began bool, err error) {
	r.held = r.buf[:0]
	for len(r.held) < r.frame.Bytes {
		n, err := src.Read(r.buf[len(r.held):])
		r.held = r.buf[:len(r.held)+n]
		if err != nil && len(r.held) < r.frame.Bytes {
			return nil, len(r.held) > 0, err
		}
	}
	size, err := r.frame.parse(r.held, r.limit)
	if err != nil {
		return nil, true, err
	}
	body = make([]byte, min(size, firstStep))
	n := copy(body, r.held[r.frame.Bytes:])
	r.held = r.held[r.frame.Bytes+n:]
	if _, err := io.ReadFull(src, body[n:]); err != nil {
		return nil, true, err
	}
	if size == len(body) {
		return body, true, nil
	}
	whole := make([]byte, size)
	n = copy(whole, body)
	if _, err := io.ReadFull(src, whole[n:]); err != nil {
		return nil, true, err
	}
	return whole, true, nil
}

// Extra tells whether bytes came that belong to no frame that was asked for.
func (r *frameReader) Extra() bool { return len(r.held) > 0 }
