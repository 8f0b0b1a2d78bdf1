// SPDX-License-Identifier: Apache-2.0

package tcp

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"runtime"
	"testing"
)

// TestFrameRead: a frame of any size comes whole, and one that only promises much costs nothing.
func TestFrameRead(t *testing.T) {
	const limit = 4 << 20
	for _, n := range []int{1, firstBody - 1, firstBody, firstBody + 1, 2 * firstBody, 2*firstBody + 1, limit} {
		body := bytes.Repeat([]byte{7}, n)
		body[n-1] = 9
		wire := append(binary.BigEndian.AppendUint32(nil, uint32(n)), body...)
		got, err := Frame{}.Read(bufio.NewReader(bytes.NewReader(append(wire, 1, 2, 3))), limit)
		if err != nil || !bytes.Equal(got, body) {
			t.Errorf("%d bytes: got %d, %v", n, len(got), err)
		}
		if _, err := (Frame{}).Read(bufio.NewReader(bytes.NewReader(wire[:len(wire)-1])), limit); err != io.ErrUnexpectedEOF { //nolint:errorlint // as it is
			t.Errorf("%d bytes, cut: %v", n, err)
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const promises = 100
	for range promises {
		if _, err := (Frame{}).Read(bufio.NewReader(bytes.NewReader([]byte{0, 0x3f, 0xff, 0xff, 'x'})), limit); err == nil {
			t.Error("a frame that ends early is taken")
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / promises; each > 2*firstBody {
		t.Errorf("a promise costs %d bytes", each)
	}
}
