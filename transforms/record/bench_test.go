// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// benchRecord is one of the four records of the benchmarks.
type benchRecord struct {
	name, book, doc string
	decode          func(h *hand, dst, msg []byte) ([]byte, error)
	encode          func(h *hand, dst []byte, d *jsontext.Decoder, b *bytes.Buffer, doc []byte) ([]byte, error)
}

func benchRecords() []benchRecord {
	return []benchRecord{
		{"mixed", bookMixed(), docMixed(), (*hand).decodeMixed, (*hand).encodeMixed},
		{"display", bookDisplay(), docDisplay(), (*hand).decodeDisplay, (*hand).encodeDisplay},
		{"packed", bookPacked(), docPacked(), (*hand).decodePacked, (*hand).encodePacked},
		{"list", bookList(), docList(), (*hand).decodeList, (*hand).encodeList},
	}
}

// TestHandAgrees makes sure that the benchmarks compare two codecs that do the same.
func TestHandAgrees(t *testing.T) {
	h := newHand(page(t, "cp037"))
	for _, r := range benchRecords() {
		c := compile(t, r.book, Options{})
		msg, err := c.EncodeJSON(nil, []byte(r.doc))
		if err != nil {
			t.Fatalf("%s: %v", r.name, err)
		}
		d, b := jsontext.NewDecoder(&bytes.Buffer{}), &bytes.Buffer{}
		byHand, err := r.encode(h, nil, d, b, []byte(r.doc))
		if err != nil || !bytes.Equal(byHand, msg) {
			t.Errorf("%s: by hand %x, %v\ncodec %x", r.name, byHand, err, msg)
		}
		js, err := c.DecodeJSON(nil, msg)
		if err != nil || string(js) != r.doc {
			t.Errorf("%s: %.300s, %v\nwant %.300s", r.name, js, err, r.doc)
		}
		js, err = r.decode(h, nil, msg)
		if err != nil || string(js) != r.doc {
			t.Errorf("%s: by hand %.300s, %v\nwant %.300s", r.name, js, err, r.doc)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	h := newHand(page(b, "cp037"))
	for _, r := range benchRecords() {
		c := compile(b, r.book, Options{})
		msg, err := c.EncodeJSON(nil, []byte(r.doc))
		if err != nil {
			b.Fatal(err)
		}
		var dst []byte
		b.Run(r.name+"/hand", func(b *testing.B) {
			b.SetBytes(int64(len(msg)))
			b.ReportAllocs()
			for b.Loop() {
				if dst, err = r.decode(h, dst[:0], msg); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(r.name+"/plan", func(b *testing.B) {
			b.SetBytes(int64(len(msg)))
			b.ReportAllocs()
			for b.Loop() {
				if dst, err = c.DecodeJSON(dst[:0], msg); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	h := newHand(page(b, "cp037"))
	for _, r := range benchRecords() {
		c := compile(b, r.book, Options{})
		doc := []byte(r.doc)
		dst, err := c.EncodeJSON(nil, doc)
		if err != nil {
			b.Fatal(err)
		}
		size := int64(len(dst))
		d, buf := jsontext.NewDecoder(&bytes.Buffer{}), &bytes.Buffer{}
		b.Run(r.name+"/hand", func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				if dst, err = r.encode(h, dst[:0], d, buf, doc); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(r.name+"/plan", func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				if dst, err = c.EncodeJSON(dst[:0], doc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
