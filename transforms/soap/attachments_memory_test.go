// SPDX-License-Identifier: Apache-2.0

//go:build !race

// The race detector counts more: with it the compiler allocates what append(s, make([]byte, n)...) adds to s.

package soap

import (
	"strings"
	"testing"

	"lintel/transforms"
)

// TestAttachmentMemory: writing an attachment costs the message and no second copy of the content, reading it
// costs nothing that grows with it.
func TestAttachmentMemory(t *testing.T) {
	f, json, msg, mediaType := largeMessage(t)
	if n := allocated(func() {
		if _, err := f.EncodeJSON(nil, json); err != nil {
			t.Fatal(err)
		}
	}); n > 3*mebibyte {
		t.Errorf("writing 1 MiB allocated %d bytes", n)
	}
	c := captureAll(f.typ)
	r, _ := f.Reader(c)
	typed, _ := r.(transforms.TypedReader)
	var slots transforms.Slots
	answer := readLarge(t, typed, c, &slots, mediaType, msg, make([]byte, 0, 2*mebibyte))
	if !strings.Contains(string(json), string(answer)) {
		t.Error("another content was read")
	}
	if n := allocated(func() { readLarge(t, typed, c, &slots, mediaType, msg, answer) }); n > 64<<10 {
		t.Errorf("reading 1 MiB allocated %d bytes", n)
	}
}
