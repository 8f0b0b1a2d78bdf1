// SPDX-License-Identifier: Apache-2.0

package codepage

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func hexOf(b []byte) string { return fmt.Sprintf("%X", b) }

// unhex reads hex digits; blanks are for the eye.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	var b []byte
	if _, err := fmt.Sscanf(strings.ReplaceAll(s, " ", ""), "%X", &b); err != nil && s != "" {
		t.Fatalf("%q: %v", s, err)
	}
	return b
}

func TestMixedVectors(t *testing.T) {
	for _, c := range []struct{ page, text, hex string }{
		{"cp939", "", ""},
		{"cp939", "ABC", "C1C2C3"},
		{"cp939", "日本", "0E 4562 4566 0F"},
		{"cp930", "日本", "0E 4562 4566 0F"},
		{"cp939", "A日B本C", "C1 0E 4562 0F C2 0E 4566 0F C3"},
		{"cp939", "\u3000", "0E 4040 0F"},
		{"cp939", "ab", "8182"},
		{"cp930", "ab", "6263"}, // Katakana pages have the small letters elsewhere
		{"cp930", "ｱｲ", "8182"},
		{"cp933", "한글", "0E D065 8B69 0F"},
		{"cp935", "中国", "0E 5BCF 4D9B 0F"},
		{"cp1388", "中国", "0E 5BCF 4D9B 0F"},
		{"cp937", "中國", "0E 4C84 56CE 0F"},
		{"cp1390", "か\u309Aか", "0E ECB5 4486 0F"}, // one character of two code points
		{"cp1399", "\U0002000B", "0E B342 0F"},
	} {
		p := mustLookup(t, c.page)
		want := unhex(t, c.hex)
		got, err := p.AppendEncode(nil, []byte(c.text))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %s encodes to %X, %v; want %X", c.page, c.text, got, err, want)
		}
		back, err := p.AppendDecode(nil, want)
		if err != nil || string(back) != c.text {
			t.Errorf("%s: %X decodes to %s, %v; want %s", c.page, want, back, err, c.text)
		}
	}
}

func TestMixedMalformed(t *testing.T) {
	p := mustLookup(t, "cp939")
	for _, c := range []struct {
		hex    string
		text   string // decoded up to the error
		offset int
		reason error
	}{
		{"C1 0E 4562", "A日", 4, ErrNoShiftIn},
		{"0E", "", 1, ErrNoShiftIn},
		{"0E 45", "", 1, ErrHalfPair},
		{"0E 4562 45 0F", "日", 3, ErrHalfPair},
		{"0E 0E 4562 0F", "", 1, ErrStrayShift},
		{"C1 0F", "A", 1, ErrStrayShift},
		{"0E 4562 0F 0F", "日", 4, ErrStrayShift},
		{"C1 41", "A", 1, ErrUnassigned},
		{"0E 0000 0F", "", 1, ErrUnassigned},
		{"0E 4041 0F", "", 1, ErrUnassigned},
		{"0E 4562 FEFE 0F", "日", 3, ErrUnassigned},
	} {
		got, err := p.AppendDecode([]byte("x"), unhex(t, c.hex))
		var malformed *DecodeError
		if !errors.As(err, &malformed) || malformed.Offset != c.offset || !errors.Is(err, c.reason) || string(got) != "x"+c.text {
			t.Errorf("%s: %q, %v; want %q, byte %d: %v", c.hex, got, err, c.text, c.offset, c.reason)
		}
	}
	for _, fine := range []string{"0E0F", "C1 0E0F C2", "0E 4562 0F 0E 4566 0F"} {
		if _, err := p.AppendDecode(nil, unhex(t, fine)); err != nil {
			t.Errorf("%s: %v", fine, err)
		}
	}
}

// TestEncodeInto cuts texts at every width: nothing is split, SI is there, and
// what was used is what the field says.
func TestEncodeInto(t *testing.T) {
	texts := []string{"", "A", "ABC", "日", "日本", "A日", "日A", "A日B本C", "日本語A", "A\u3000", "か\u309A日", "ÄÖÜ", "AÄ€"}
	for _, name := range []string{"cp939", "cp1390", "utf-8", "cp1140"} {
		p := mustLookup(t, name)
		for _, text := range texts {
			whole, err := p.AppendEncode(nil, []byte(text))
			if err != nil {
				continue
			}
			for size := range len(whole) + 3 {
				frame := bytes.Repeat([]byte{0xEE}, size+2)
				field := frame[1 : 1+size]
				n, used, err := p.EncodeInto(field, []byte(text))
				if err != nil {
					t.Fatal(err)
				}
				again, err := p.AppendEncode(nil, []byte(text[:used]))
				if err != nil || !bytes.Equal(field[:n], again) {
					t.Errorf("%s: %q into %d: %X for %q", name, text, size, field[:n], text[:used])
				}
				if rest := append(frame[:1:1], frame[1+n:]...); bytes.Count(rest, []byte{0xEE}) != len(rest) {
					t.Errorf("%s: %q into %d: wrote beyond: %X", name, text, size, frame)
				}
				if used < len(text) { // the next character would not have fitted
					_, next := utf8.DecodeRuneInString(text[used:])
					if more, _ := p.AppendEncode(nil, []byte(text[:used+next])); len(more) <= size {
						t.Errorf("%s: %q into %d: cut at %d although %d bytes suffice", name, text, size, used, len(more))
					}
				} else if !bytes.Equal(field[:n], whole) {
					t.Errorf("%s: %q into %d: %X, want %X", name, text, size, field[:n], whole)
				}
			}
		}
	}
}

func TestPad(t *testing.T) {
	field := make([]byte, 3)
	mustLookup(t, "cp939").Pad(field)
	if hexOf(field) != "404040" {
		t.Errorf("%X", field)
	}
	for _, c := range []struct {
		set  *DBCS
		want string
	}{{mustLookup(t, "cp939").DBCS(), "4040404000"}, {UTF16BE(), "0020002000"}} {
		field := make([]byte, 5)
		c.set.Pad(field)
		if hexOf(field) != c.want {
			t.Errorf("%s: %X", c.set.Name(), field)
		}
	}
}

func TestDBCS(t *testing.T) {
	g := mustLookup(t, "cp939").DBCS()
	for _, c := range []struct {
		set       *DBCS
		text, hex string
	}{
		{g, "日本\u3000", "4562 4566 4040"},
		{g, "Ａ￡", "42C1 424A"},
		{UTF16BE(), "AÄ日\U0001F600", "0041 00C4 65E5 D83DDE00"},
		{UTF16BE(), "\uFFFF", "FFFF"},
	} {
		want := unhex(t, c.hex)
		got, err := c.set.AppendEncode([]byte{1}, []byte(c.text))
		if err != nil || !bytes.Equal(got[1:], want) {
			t.Errorf("%s: %q encodes to %X, %v; want %X", c.set.Name(), c.text, got, err, want)
		}
		back, err := c.set.AppendDecode([]byte("x"), want)
		if err != nil || string(back) != "x"+c.text {
			t.Errorf("%s: %X decodes to %q, %v; want %q", c.set.Name(), want, back, err, c.text)
		}
		for size := range len(want) + 2 {
			field := make([]byte, size)
			n, used, err := c.set.EncodeInto(field, []byte(c.text))
			again, _ := c.set.AppendEncode(nil, []byte(c.text[:used]))
			if err != nil || n > size || n+4 <= min(size, len(want)) || !bytes.Equal(field[:n], again) {
				t.Errorf("%s: %q into %d: %X for %d, %v", c.set.Name(), c.text, size, field[:n], used, err)
			}
		}
	}
	if _, err := g.AppendEncode(nil, []byte("日A")); !errors.As(err, new(*UnmappableError)) {
		t.Errorf("a single-byte letter in a double-byte field: %v", err)
	}
	if _, err := g.AppendEncode(nil, []byte("日\xff")); !errors.Is(err, ErrInvalidUTF8) {
		t.Errorf("text that is not UTF-8: %v", err)
	}
	for _, c := range []struct {
		set    *DBCS
		hex    string
		offset int
		reason error
	}{
		{g, "4562 45", 2, ErrHalfPair},
		{g, "4562 0000", 2, ErrUnassigned},
		{g, "0E45 620F", 0, ErrUnassigned},
		{UTF16BE(), "0041 00", 2, ErrHalfPair},
		{UTF16BE(), "0041 D83D", 2, ErrHalfSurrogate},
		{UTF16BE(), "0041 D83D 0041", 2, ErrHalfSurrogate},
		{UTF16BE(), "DE00 D83D", 0, ErrHalfSurrogate},
	} {
		_, err := c.set.AppendDecode(nil, unhex(t, c.hex))
		var malformed *DecodeError
		if !errors.As(err, &malformed) || malformed.Offset != c.offset || !errors.Is(err, c.reason) {
			t.Errorf("%s: %s: %v, want byte %d: %v", c.set.Name(), c.hex, err, c.offset, c.reason)
		}
	}
}

// TestUTF8Malformed tells a cut character from a wrong one.
func TestUTF8Malformed(t *testing.T) {
	p := mustLookup(t, "utf-8")
	for _, c := range []struct {
		in     string
		offset int
		reason error
	}{{"ab\xe2\x82", 2, ErrHalfPair}, {"ab\xffc", 2, ErrUnassigned}, {"\xed\xa0\x80", 0, ErrUnassigned}} {
		got, err := p.AppendDecode(nil, []byte(c.in))
		var malformed *DecodeError
		if !errors.As(err, &malformed) || malformed.Offset != c.offset || !errors.Is(err, c.reason) || string(got) != c.in[:c.offset] {
			t.Errorf("%q: %q, %v", c.in, got, err)
		}
	}
}

// TestDoublesRoundTrip: every pair that decodes encodes to itself, but for the
// pairs of 937 and 1371 that are a second way to write a character.
func TestDoublesRoundTrip(t *testing.T) {
	second := map[string]int{"cp937": 189, "cp1371": 189}
	for _, l := range readListed(t) {
		if l.class != "M" {
			continue
		}
		p := mustLookup(t, l.name)
		count, other := 0, 0
		for i := range cellCount {
			c := cellCode(i)
			pair := []byte{byte(c >> 8), byte(c)}
			text, err := p.DBCS().AppendDecode(nil, pair)
			if err != nil {
				continue
			}
			count++
			back, err := p.DBCS().AppendEncode(nil, text)
			if err != nil {
				t.Errorf("%s: %X: %v", l.name, pair, err)
				continue
			}
			if !bytes.Equal(back, pair) {
				other++
				if again, err := p.DBCS().AppendDecode(nil, back); err != nil || !bytes.Equal(again, text) {
					t.Errorf("%s: %X and %X are not the same character", l.name, pair, back)
				}
			}
		}
		if count < 9000 || other != second[l.name] {
			t.Errorf("%s: %d pairs, %d of them a second way to write a character", l.name, count, other)
		}
	}
}
