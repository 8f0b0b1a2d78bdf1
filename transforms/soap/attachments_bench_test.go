// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"encoding/base64"
	"fmt"
	"math"
	"runtime"
	"testing"

	"lintel/specs"
	"lintel/transforms"
)

const mebibyte = 1 << 20

// largeMessage is a message with an attachment of 1 MiB: its JSON, its bytes and their media type.
func largeMessage(t testing.TB) (f *Format, json, msg []byte, mediaType string) {
	t.Helper()
	content := make([]byte, mebibyte)
	for i := range content {
		content[i] = byte(i * 31)
	}
	f, _ = ruled(t, "media-types.wsdl", &specs.SOAPRules{MTOM: true})
	json = fmt.Appendf(nil, `{"any":{"contentType":"image/png","value":%q},"hash":"MTIzNA==","own":[]}`, base64.StdEncoding.EncodeToString(content))
	msg, err := f.EncodeJSON(nil, json)
	if err != nil {
		t.Fatal(err)
	}
	return f, json, msg, f.MediaType(msg)
}

// readLarge reads a message as a transform does that moves the content to the answer.
func readLarge(t testing.TB, r transforms.TypedReader, c *transforms.Capture, slots *transforms.Slots, mediaType string, msg, answer []byte) []byte {
	slots.Reset(c.Size)
	if err := r.ReadTyped(mediaType, msg, slots, 0); err != nil {
		t.Fatal(err)
	}
	for _, m := range c.Members[0].Members {
		if m.Type.Name != "value" {
			continue
		}
		var err error
		if answer, err = slots.At(m.Slot).AppendJSON(answer[:0]); err != nil {
			t.Fatal(err)
		}
	}
	return answer
}

func BenchmarkAttachment(b *testing.B) {
	f, json, msg, mediaType := largeMessage(b)
	b.Run("write", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(mebibyte)
		for b.Loop() {
			if _, err := f.EncodeJSON(nil, json); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		c := captureAll(f.typ)
		r, _ := f.Reader(c)
		typed, _ := r.(transforms.TypedReader)
		var slots transforms.Slots
		answer := make([]byte, 0, 2*mebibyte)
		b.ReportAllocs()
		b.SetBytes(mebibyte)
		for b.Loop() {
			answer = readLarge(b, typed, c, &slots, mediaType, msg, answer)
		}
	})
}

// allocated is how many bytes a call allocates: the least of a few calls, since the race detector makes a
// sync.Pool forget at random and a collection may empty it.
func allocated(call func()) uint64 {
	least := uint64(math.MaxUint64)
	var before, after runtime.MemStats
	for range 8 {
		runtime.ReadMemStats(&before)
		call()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

// FuzzAttachments: messages of any media type; no panic, memory bounded by the message, and a plan fails
// exactly when the whole fails.
func FuzzAttachments(f *testing.F) {
	mediaType, msg := mtomReply(fmt.Sprintf(rootPart, fmt.Sprintf(include, "a")), mimePart("a", "x"))
	f.Add(mediaType, msg)
	f.Add("", msg)
	f.Add("text/xml; charset=iso-8859-1", []byte(`<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"/>`))
	_, out := ruled(f, "media-types.wsdl", &specs.SOAPRules{OtherParts: true})
	c := everything(out.typ, 4)
	r, _ := out.Reader(c)
	typed, _ := r.(transforms.TypedReader)
	f.Fuzz(func(t *testing.T, mediaType string, msg []byte) {
		var slots transforms.Slots
		slots.Reset(c.Size)
		planErr := typed.ReadTyped(mediaType, msg, &slots, 0)
		var whole []byte
		var err error
		if n := allocated(func() { whole, err = out.decodeTyped(nil, mediaType, msg) }); n > uint64(16*len(msg)+256<<10) {
			t.Fatalf("%d bytes of memory for %d bytes", n, len(msg))
		}
		if err == nil && planErr != nil {
			t.Fatalf("the plan says %v\n%s", planErr, whole)
		}
	})
}
