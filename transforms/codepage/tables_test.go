// SPDX-License-Identifier: Apache-2.0

package codepage

import (
	"fmt"
	"strings"
	"testing"
)

// TestBijection holds for every single-byte page: 256 bytes, 256 code points, there and back.
func TestBijection(t *testing.T) {
	single, ebcdic := 0, 0
	for _, name := range allNames() {
		p := mustLookup(t, name)
		if p.Multibyte() {
			continue
		}
		single++
		if p.EBCDIC() && !strings.HasSuffix(name, swapped) {
			ebcdic++
		}
		seen := map[rune]int{}
		for b, r := range p.DecodeTable() {
			if other, twice := seen[r]; twice {
				t.Errorf("%s: %U is %02X and %02X", name, r, other, b)
			}
			seen[r] = b
			if back, ok := p.EncodeByte(r); !ok || back != byte(b) {
				t.Errorf("%s: byte %02X is %U, which is byte %02X, %v", name, b, r, back, ok)
			}
			if r == none || r == 0 != (b == 0) {
				t.Errorf("%s: byte %02X is %U", name, b, r)
			}
		}
	}
	if ebcdic < 60 || single < 150 {
		t.Errorf("%d single-byte pages, %d of them EBCDIC", single, ebcdic)
	}
}

// allNames lists the canonical names with the newline variants.
func allNames() []string {
	var all []string
	for _, n := range Names() {
		all = append(all, n)
		if _, err := Lookup(n + swapped); err == nil {
			all = append(all, n+swapped)
		}
	}
	return all
}

// TestEuroTwins: a page and its twin with the euro differ in one byte only.
// Neither ICU nor glibc was made by this rule, so it is an oracle of its own.
func TestEuroTwins(t *testing.T) {
	for _, pair := range []string{
		"37 1140", "273 1141", "277 1142", "278 1143", "280 1144", "284 1145", "285 1146", "297 1147",
		"500 1148", "871 1149", "870 1153", "1025 1154", "1026 1155", "1112 1156", "1122 1157", "1123 1158",
		"838 1160", "1130 1164", "290 8482", "1027 5123", "875 4971", "850 858",
	} {
		a, b, _ := strings.Cut(pair, " ")
		old, euro := mustLookup(t, a), mustLookup(t, b)
		var differ []string
		for i, r := range old.DecodeTable() {
			if e := euro.DecodeTable()[i]; r != e {
				differ = append(differ, fmt.Sprintf("%02X:%04X/%04X", i, r, e))
			}
		}
		at, ok := euro.EncodeByte('€')
		if len(differ) != 1 || !ok || !strings.HasPrefix(differ[0], fmt.Sprintf("%02X:", at)) {
			t.Errorf("%s and its twin %s differ in %v, the euro is %02X", old.Name(), euro.Name(), differ, at)
		}
	}
}

// TestInvariant: letters, digits and some punctuation have the same place in every
// page of a family. Pages with Katakana, and old Hebrew ones, have no small letters or have them elsewhere.
func TestInvariant(t *testing.T) {
	const text = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ +,-./:()*%&;<=>?_'"
	const letters = "abcdefghijklmnopqrstuvwxyz"
	noSmall := map[string]bool{"cp290": true, "cp8482": true, "cp930": true, "cp1390": true, "cp803": true, "cp4899": true}
	for _, name := range Names() {
		p := mustLookup(t, name)
		ref := mustLookup(t, "ascii")
		if p.EBCDIC() {
			ref = mustLookup(t, "cp500")
		}
		check := text
		if !noSmall[name] {
			check += letters
		}
		if name == "cp803" || name == "cp4899" { // Alef stands in the place of the ampersand
			check = strings.ReplaceAll(check, "&", "")
		}
		for _, r := range check {
			want, _ := ref.EncodeByte(r)
			if got, ok := p.EncodeByte(r); !ok || got != want {
				t.Errorf("%s: %q is %02X, %v, in %s %02X", name, r, got, ok, ref.Name(), want)
			}
		}
		if b, _ := p.EncodeByte('0'); b != p.Digit0() {
			t.Errorf("%s: Digit0 is %02X", name, p.Digit0())
		}
		if b, _ := p.EncodeByte(' '); b != p.Space() {
			t.Errorf("%s: Space is %02X", name, p.Space())
		}
	}
}

// TestNewlines pins the two newlines, in the registered and in the swapped pages.
func TestNewlines(t *testing.T) {
	for _, name := range Names() {
		p := mustLookup(t, name)
		if !p.EBCDIC() {
			if _, err := Lookup(name + swapped); err == nil {
				t.Errorf("%s has a newline variant", name)
			}
			continue
		}
		if p.runes[0x15] != 0x85 || p.runes[0x25] != 0x0A || p.runes[0x0D] != 0x0D {
			t.Errorf("%s: 15 is %U, 25 is %U, 0D is %U", name, p.runes[0x15], p.runes[0x25], p.runes[0x0D])
		}
		s := mustLookup(t, name+swapped)
		if s.Name() != name+swapped || s.CCSID() != p.CCSID() {
			t.Errorf("%s: the variant is %s, %d", name, s.Name(), s.CCSID())
		}
		for b := range p.runes {
			at := b
			if b == 0x15 || b == 0x25 {
				at = b ^ 0x30
			}
			if s.runes[at] != p.runes[b] {
				t.Errorf("%s: byte %02X is %U in the variant", name, at, s.runes[at])
			}
		}
	}
}

// TestOutsideICU pins the pages that the packaged ICU data lacks, by the code
// points of IBM's own tables (34B00370, 34B00389, 44B0039C) in their order.
func TestOutsideICU(t *testing.T) {
	for _, c := range []struct{ page, text, hex string }{
		{"cp880", "\u00A0¤\u00ADЁЂЃЄЅІЇЈЉЊЋЌЎЏ", "41E173635962646566676869707172 7475"},
		{"cp880", "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ", "B9BAEDBFBCBDECFACBCCCDCECFDADBDCDEDFEAEBBECABBFEFBFD57EFEEFCB8DD"},
		{"cp880", "абвгдежзийклмнопрстуфхцчшщъыьэюя", "7778AF8D8A8BAEB28F909A9B9C9D9E9FAAABACAD8C8E80B6B3B5B7B1B0B476A0"},
		{"cp880", "ёђѓєѕіїјљњћќўџ№", "44424345464748495152535455 5658"},
		{"cp880", "!\"#$@[\\]^`{|}~", "4F7F7B5B7C4AE05A5F79C06AD0A1"},
		{"cp905", "!\"#$@[\\]^`{|}~", "4FFCECB9AF68DCB65FDA488FB3CC"},
		{"cp905", "\u00A0£¤§¨\u00AD°²³´µ·¸½ÀÁÂÄÇÈÉÊËÌÍÎÏÑÒÓÔÖ×ÙÚÛÜß", "41B19FB5BDCA90EAFABEA0B79DB8646562634A74717273787576 7769EDEEEB7BBFFDFEFB7F59"},
		{"cp905", "àáâäçèéêëìíîïñòóôöö÷ùúûü", "44454243C05451525358555657 49CDCECBA1A1E1DDDEDBE0"},
		{"cp905", "ĈĉĊċĜĝĞğĠġĤĥĦħİıĴĵŜŝŞşŬŭŻż˘˙", "AB8B6747BB9B5AD0EFCFBA9AAA8A5B79BC9CAC8C7C6AAD8DB4B280B0"},
		{"cp924", "¡¢£¥§©ª«¬\u00AD®¯°±²³µ¶·¹º»¿", "AAB0B1B2B5B49A8ABACAAFBC908FEAFAA0B6B3DA9B8BAB"},
		{"cp924", "ŒœŠšŸŽž€ÝÞýþÐð[]^{|}~\\`@#$!", "B7B86ABBB9BE9D9F4AAE8D8EAC8CADBD5FC04FD0A1E0797C7B5B5A"},
	} {
		got, err := mustLookup(t, c.page).AppendEncode(nil, []byte(c.text))
		if want := strings.ReplaceAll(c.hex, " ", ""); err != nil || fmt.Sprintf("%X", got) != want {
			t.Errorf("%s: %s\ngot  %X, %v\nwant %s", c.page, c.text, got, err, want)
		}
	}
}
