// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"slices"
	"testing"
)

// TestIncoming: the frames of a stream are told apart however it is cut into parts.
func TestIncoming(t *testing.T) {
	frame := func(body ...byte) []byte { return append([]byte{0, 0, 0, byte(8 + len(body)), 2, 0, 0, 0}, body...) }
	stream := slices.Concat(
		[]byte("AMQP\x00\x01\x00\x00"),
		frame(), // nothing but a sign of life
		frame(0, 0x53, transfer, 0xC0, 12, 6, 0x43, 0x52, 1, 0xA0, 2, 't', '1', 0x43, 0x42, 0x41, 'b'), // more follows
		frame(0, 0x53, transfer, 0xC0, 11, 6, 0x43, 0x40, 0xA0, 2, 't', '1', 0x43, 0x56, 0, 0x56, 0, 'b'),
		frame(0, 0x53, transfer, 0xD0, 0, 0, 0, 5, 0, 0, 0, 1, 0x43), // the rest is left out
		frame(0, 0x53, 0x15, 0x45),
		frame(0, 0x53, endOfSession, 0x45),
		frame(0, 0x53, endOfAll, 0x45),
	)
	for size := 1; size <= len(stream); size++ {
		var f incoming
		var got []event
		for part := range slices.Chunk(stream, size) {
			for len(part) > 0 {
				n, e, err := f.take(part)
				if err != nil || n == 0 {
					t.Fatalf("parts of %d: %d bytes taken, %v", size, n, err)
				}
				if e != nothing {
					got = append(got, e)
				}
				part = part[n:]
			}
		}
		if !slices.Equal(got, []event{reply, reply, ending, ending}) {
			t.Fatalf("parts of %d: %v", size, got)
		}
	}
	for _, bad := range []string{"\x00\x00\x00\x07", "\x00\x01\x00\x01", "HTTP"} {
		var f incoming
		if _, _, err := f.take([]byte(bad)); err == nil {
			t.Errorf("%q is taken for the size of a frame", bad)
		}
	}
}
