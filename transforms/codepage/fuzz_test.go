// SPDX-License-Identifier: Apache-2.0

package codepage

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// drawPage draws one of all pages and their variants.
func drawPage(t *rapid.T) *Page {
	name := rapid.SampledFrom(allNames()).Draw(t, "page")
	p, err := Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestBytesRoundTrip: in a single-byte page any bytes come back, and their text is UTF-8.
func TestBytesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPage(t)
		in := rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
		checkBytes(t, p, in)
	})
}

// TestTextRoundTrip: text made of the characters of a page comes back, whole and cut.
func TestTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPage(t)
		var text []byte
		for range rapid.IntRange(0, 40).Draw(t, "length") {
			text = utf8.AppendRune(text, drawRune(t, p))
		}
		checkText(t, p, text, rapid.IntRange(0, 90).Draw(t, "width"))
	})
}

// drawRune draws a character that the page has.
func drawRune(t *rapid.T, p *Page) rune {
	switch {
	case p.class == classUTF8:
		return rapid.Rune().Draw(t, "rune")
	case p.class == classMixed && rapid.Bool().Draw(t, "double"):
		cells := p.set.set.cells
		for i := rapid.IntRange(0, cellCount-1).Draw(t, "cell"); ; i = (i + 1) % cellCount {
			if cells[i] != 0 && cells[i] < sequence {
				return cells[i]
			}
		}
	}
	for b := rapid.Byte().Draw(t, "byte"); ; b++ {
		if p.runes[b] != none {
			return p.runes[b]
		}
	}
}

type fataler interface{ Fatalf(string, ...any) }

// checkBytes decodes any bytes; what can be decoded is UTF-8 and encodes again.
// Single-byte pages give the very bytes, multibyte ones the very text.
func checkBytes(t fataler, p *Page, in []byte) {
	text, err := p.AppendDecode([]byte("dst"), in)
	if !bytes.HasPrefix(text, []byte("dst")) || !utf8.Valid(text) {
		t.Fatalf("%s: %X: not UTF-8 behind dst: %q", p.Name(), in, text)
	}
	if err != nil {
		if !p.Multibyte() {
			t.Fatalf("%s: %X: %v", p.Name(), in, err)
		}
		return
	}
	back, err := p.AppendEncode(nil, text[3:])
	if err != nil {
		t.Fatalf("%s: %X: %q: %v", p.Name(), in, text, err)
	}
	if p.class != classMixed {
		if !bytes.Equal(back, in) {
			t.Fatalf("%s: %X comes back as %X", p.Name(), in, back)
		}
		return
	}
	again, err := p.AppendDecode(nil, back)
	if err != nil || !bytes.Equal(again, text[3:]) {
		t.Fatalf("%s: %X: %q comes back as %q, %v", p.Name(), in, text[3:], again, err)
	}
}

// checkText encodes any text; what can be encoded decodes to itself, whole and cut to a width.
func checkText(t fataler, p *Page, text []byte, width int) {
	host, err := p.AppendEncode([]byte("dst"), text)
	if !bytes.HasPrefix(host, []byte("dst")) {
		t.Fatalf("%s: %q: dst is lost", p.Name(), text)
	}
	if err != nil {
		if len(host) != 3 {
			t.Fatalf("%s: %q: bytes with an error", p.Name(), text)
		}
		return
	}
	back, err := p.AppendDecode(nil, host[3:])
	if err != nil || !bytes.Equal(back, text) {
		t.Fatalf("%s: %q comes back as %q, %v", p.Name(), text, back, err)
	}
	field := make([]byte, width)
	n, used, err := p.EncodeInto(field, text)
	if err != nil || n > width || used > len(text) || used < len(text) && len(host)-3 <= width {
		t.Fatalf("%s: %q into %d: %d, %d, %v", p.Name(), text, width, n, used, err)
	}
	back, err = p.AppendDecode(nil, field[:n])
	if err != nil || !bytes.Equal(back, text[:used]) {
		t.Fatalf("%s: %q into %d is %q, %v", p.Name(), text[:used], width, back, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("cp1047", []byte{0xC1, 0x15, 0x25, 0xFF})
	f.Add("cp939", []byte{0xC1, 0x0E, 0x45, 0x62, 0x0F, 0x40})
	f.Add("cp1390", []byte{0x0E, 0xEC, 0xB5, 0x44, 0x86, 0x0F, 0x0E})
	f.Add("utf-8", []byte("a\u00e9\xe2\x82"))
	f.Fuzz(func(t *testing.T, name string, in []byte) {
		p, err := Lookup(name)
		if err != nil {
			return
		}
		checkBytes(t, p, in)
		for _, set := range []*DBCS{p.DBCS(), UTF16BE()} {
			if set == nil {
				continue
			}
			text, err := set.AppendDecode(nil, in)
			if !utf8.Valid(text) {
				t.Fatalf("%X: not UTF-8: %q", in, text)
			}
			if back, failed := set.AppendEncode(nil, text); err == nil && (failed != nil || len(back) > len(in)) {
				t.Fatalf("%X comes back as %X, %v", in, back, failed)
			}
		}
	})
}

func FuzzEncode(f *testing.F) {
	f.Add("cp1047", []byte("Hello \u00a3"), 5)
	f.Add("cp939", []byte("A\u65e5B\u672c"), 7)
	f.Add("cp1390", []byte("\u304b\u309a\u304b"), 6)
	f.Add("utf-8", []byte("\u20ac\u20ac"), 4)
	f.Fuzz(func(t *testing.T, name string, text []byte, width int) {
		p, err := Lookup(name)
		if err != nil || width < 0 || width > 1<<16 {
			return
		}
		checkText(t, p, text, width)
	})
}

func FuzzLookup(f *testing.F) {
	f.Add("cp037")
	f.Add("IBM-1047,swaplfnl")
	f.Fuzz(func(t *testing.T, name string) {
		p, err := Lookup(name)
		if (p == nil) == (err == nil) {
			t.Fatalf("%q: %v, %v", name, p, err)
		}
	})
}
