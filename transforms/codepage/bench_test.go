// SPDX-License-Identifier: Apache-2.0

package codepage

import (
	"bytes"
	"strings"
	"testing"
)

// benchText is a text of about a kilobyte in the page.
func benchText(b *testing.B, p *Page, phrase string) (text, host []byte) {
	b.Helper()
	text = []byte(strings.Repeat(phrase, 1000/len(phrase)+1))
	host, err := p.AppendEncode(nil, text)
	if err != nil {
		b.Fatal(err)
	}
	return text, host
}

var benchCases = []struct{ name, page, phrase string }{
	{"ascii", "cp1047", "ACCT 0000004711 SMITH JOHN, 12 HIGH STREET      "},
	{"german", "cp1141", "KONTO 0000004711 MÜLLER JÜRGEN, GROSSE STRASSE 12 "},
	{"cyrillic", "cp1025", "СЧЁТ 0000004711 ИВАНОВ ИВАН "},
	{"japanese", "cp939", "口座 0000004711 山田太郎 "},
	{"utf8", "utf-8", "KONTO 0000004711 MÜLLER JÜRGEN, GROSSE STRASSE 12 "},
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range benchCases {
		b.Run(c.name, func(b *testing.B) {
			p := mustLookup(b, c.page)
			_, host := benchText(b, p, c.phrase)
			var out []byte
			b.SetBytes(int64(len(host)))
			b.ReportAllocs()
			for b.Loop() {
				out, _ = p.AppendDecode(out[:0], host)
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, c := range benchCases {
		b.Run(c.name, func(b *testing.B) {
			p := mustLookup(b, c.page)
			text, host := benchText(b, p, c.phrase)
			var out []byte
			b.SetBytes(int64(len(host)))
			b.ReportAllocs()
			for b.Loop() {
				out, _ = p.AppendEncode(out[:0], text)
			}
			if !bytes.Equal(out, host) {
				b.Fatal("not the same bytes")
			}
		})
	}
}

// BenchmarkField is a field of ten bytes, as most are.
func BenchmarkField(b *testing.B) {
	p := mustLookup(b, "cp1047")
	text, host := []byte("SMITH JOHN"), make([]byte, 10)
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = p.EncodeInto(host, text)
		out, _ = p.AppendDecode(out[:0], host)
	}
}

func BenchmarkLookup(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = Lookup("CP1047")
	}
}

// TestNoAllocations: into a buffer with room nothing is allocated, in either direction.
func TestNoAllocations(t *testing.T) {
	for _, c := range benchCases {
		p := mustLookup(t, c.page)
		text := []byte(c.phrase)
		host, err := p.AppendEncode(nil, text)
		if err != nil {
			t.Fatal(err)
		}
		out, field := make([]byte, 0, 1000), make([]byte, 20)
		got := testing.AllocsPerRun(10, func() {
			_, _ = p.AppendDecode(out, host)
			_, _ = p.AppendEncode(out, text)
			_, _, _ = p.EncodeInto(field, text)
		})
		if got != 0 {
			t.Errorf("%s: %v allocations", c.name, got)
		}
	}
}
