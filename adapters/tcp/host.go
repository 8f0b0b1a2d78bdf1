// SPDX-License-Identifier: Apache-2.0

package tcp

import (
	"bufio"
	"fmt"
	"io"
)

// Read reads one frame and returns its message, at most limit bytes long. It is the host's end of
// the wire: simulated hosts use it. io.EOF means that the stream ended between frames.
func (f Frame) Read(r *bufio.Reader, limit int) ([]byte, error) {
	if f.Bytes == 0 {
		f.Bytes = 4
	}
	head := make([]byte, f.Bytes)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	n, err := f.parse(head, limit)
	if err != nil {
		return nil, err
	}
	// The length is only a promise: what is set aside for it grows with what comes.
	body := make([]byte, 0, min(n, firstBody))
	for len(body) < n {
		if len(body) == cap(body) {
			body = append(make([]byte, 0, min(n, 2*len(body))), body...)
		}
		m, err := io.ReadFull(r, body[len(body):cap(body)])
		if body = body[:len(body)+m]; err != nil {
			return nil, io.ErrUnexpectedEOF
		}
	}
	return body, nil
}

// firstBody is the room for a body to begin with, in bytes.
const firstBody = 64 << 10

// Append appends message as one frame. It fails if the length field cannot announce it.
func (f Frame) Append(dst, message []byte) ([]byte, error) {
	if f.Bytes == 0 {
		f.Bytes = 4
	}
	if int64(len(message)) > f.maxBody() {
		return nil, fmt.Errorf("a message of %d bytes does not fit a length field of %d bytes", len(message), f.Bytes)
	}
	at := len(dst)
	dst = append(dst, make([]byte, f.Bytes)...)
	f.put(dst[at:], len(message))
	return append(dst, message...), nil
}
