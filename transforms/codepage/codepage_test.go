// SPDX-License-Identifier: Apache-2.0

package codepage

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLookup(t *testing.T) {
	for _, c := range []struct{ want, names string }{
		{"cp037", "cp037|037|37|ibm-037|IBM037|IBM-37|CP37|cp 037|ccsid37|ebcdic-cp-us|EBCDIC-CP-NL|ibm_037| 037 "},
		{"cp1047", "cp1047|1047|IBM1047|ibm-1047|CP01047"},
		{"cp1047,swaplfnl", "cp1047,swaplfnl|1047,swaplfnl|IBM-1047,SWAPLFNL|ibm-1047-s390"},
		{"cp037,swaplfnl", "37,swaplfnl|ibm-37-s390"},
		{"cp939,swaplfnl", "ibm-939,swaplfnl"},
		{"cp500", "500|ebcdic-cp-ch"},
		{"ascii", "ASCII|us-ascii|ANSI_X3.4-1968|367"},
		{"iso8859-1", "iso8859-1|ISO-8859-1|iso_8859-1|latin1|Latin-1|l1|819|cp819"},
		{"iso8859-15", "iso8859-15|latin9|923"},
		{"windows-1252", "windows-1252|cp1252|1252|Windows1252"},
		{"cp437", "cp437|437|ibm437|windows-437"},
		{"cp850", "850|ibm-850|IBM00850"},
		{"cp930", "x-IBM930|Cp930"},
		{"cp838", "IBM-Thai"},
		{"utf-8", "utf-8|UTF8|utf8|1208"},
		{"cp28709", "28709"},
		{"koi8-r", "KOI8-R|878"},
	} {
		for _, name := range strings.Split(c.names, "|") {
			p, err := Lookup(name)
			if err != nil {
				t.Errorf("Lookup(%q): %v", name, err)
			} else if p.Name() != c.want {
				t.Errorf("Lookup(%q) is %s, want %s", name, p.Name(), c.want)
			}
		}
	}
}

func TestLookupUnknown(t *testing.T) {
	for _, c := range []struct {
		name string
		want string // the first of the close names
		none bool
	}{
		{name: "cp1074", want: "cp1047"},
		{name: "cp1048", want: "cp1047"},
		{name: "1048,swaplfnl", want: "cp1047,swaplfnl"},
		{name: "iso8859-16", want: "iso8859-1"},
		{name: "windows-1259", want: "windows-1250"},
		{name: "utf-9", want: "utf-8"},
		{name: "ebcdic-us", want: "cp037"},
		{name: "ebcdic", none: true},
		{name: "", none: true},
		{name: ",swaplfnl", none: true},
		{name: "utf-8,swaplfnl", none: true},
		{name: "latin1,swaplfnl", none: true},
		{name: strings.Repeat("1047", 5000), none: true},
		{name: "\xff\x00", none: true},
	} {
		_, err := Lookup(c.name)
		var unknown *UnknownPageError
		if !errors.As(err, &unknown) {
			t.Errorf("Lookup(%.20q): %v", c.name, err)
			continue
		}
		if c.none && len(unknown.Close) > 0 || !c.none && (len(unknown.Close) == 0 || unknown.Close[0] != c.want) {
			t.Errorf("Lookup(%.20q) proposes %v, want %q", c.name, unknown.Close, c.want)
		}
		if len(err.Error()) > 200 {
			t.Errorf("Lookup(%.20q): message of %d bytes", c.name, len(err.Error()))
		}
	}
	_, err := Lookup("cp1074")
	if want := `unknown code page "cp1074"; did you mean cp1047`; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %s, want %s", err, want)
	}
}

func TestNames(t *testing.T) {
	names := Names()
	if !slices.IsSorted(names) {
		t.Error("not sorted")
	}
	for _, name := range names {
		if p := mustLookup(t, name); p.Name() != name || p.About() == "" {
			t.Errorf("%s: name %s, about %q", name, p.Name(), p.About())
		}
	}
	names[0] = "changed"
	if Names()[0] == "changed" {
		t.Error("the list is shared")
	}
	for _, name := range strings.Fields(`37 273 277 278 280 284 285 297 420 424 500 838 870 871 875 880 905 918 924 1025 1026 1047 1112
		1122 1123 1130 1132 1140 1141 1142 1143 1144 1145 1146 1147 1148 1149 1153 1154 1155 1156 1157 1158 1160
		290 833 836 1027 930 933 935 937 939 1364 1371 1388 1390 1399`) {
		if p := mustLookup(t, name); !p.EBCDIC() {
			t.Errorf("%s is not EBCDIC", name)
		}
	}
}

func TestAttributes(t *testing.T) {
	type attributes struct {
		CCSID              int
		EBCDIC, Multibyte  bool
		Space, Digit0      byte
		HasDBCS, HasTable  bool
		Control, HighBytes bool // 0E and 81 are assigned
	}
	for name, want := range map[string]attributes{
		"cp1047":       {1047, true, false, 0x40, 0xF0, false, true, true, true},
		"cp939":        {939, true, true, 0x40, 0xF0, true, false, false, true},
		"ascii":        {367, false, false, 0x20, 0x30, false, true, true, false},
		"windows-1252": {1252, false, false, 0x20, 0x30, false, true, true, true},
		"utf-8":        {1208, false, true, 0x20, 0x30, false, false, true, false},
	} {
		p := mustLookup(t, name)
		got := attributes{
			p.CCSID(), p.EBCDIC(), p.Multibyte(), p.Space(), p.Digit0(), p.DBCS() != nil, p.DecodeTable() != nil,
			p.Assigned(0x0E), p.Assigned(0x81),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestVectors are bytes that every mainframe programmer knows, or loses a day to.
func TestVectors(t *testing.T) {
	for _, c := range []struct{ page, text, hex string }{
		{"cp037", "Hello, World!", "C8859393966B40E6969993845A"},
		{"cp037", "[]^|!¬¢\\{}~@#$`", "BABBB04F5A5F4AE0C0D0A17C7B5B79"},
		{"cp1047", "[]^|!¬¢\\{}~@#$`", "ADBD5F4F5AB04AE0C0D0A17C7B5B79"},
		{"cp500", "[]^|!¬¢\\{}~@#$`", "4A5A5FBB4FBAB0E0C0D0A17C7B5B79"},
		{"cp273", "ÄÖÜäöüß§@", "4AE05AC06AD0A17CB5"},
		{"cp1140", "€", "9F"},
		{"cp1141", "€", "9F"},
		{"cp297", "éèàçù£$", "C0D07CE06A7B5B"},
		{"cp285", "£$", "5B4A"},
		{"cp280", "éèàòù", "5AD0C06A79"},
		{"cp037", "\n\u0085\r\t", "25150D05"},
		{"cp037,swaplfnl", "\n\u0085\r\t", "15250D05"},
		{"windows-1252", "€\u0081ÿ", "8081FF"},
		{"cp437", "ÇµΩ\u007f", "80E6EA7F"},
		{"cp858", "€", "D5"},
		{"ascii", "A\uEFE9", "41E9"},
		{"utf-8", "Aé€\U0001F600", "41C3A9E282ACF09F9880"},
	} {
		p := mustLookup(t, c.page)
		got, err := p.AppendEncode([]byte{0xAA}, []byte(c.text))
		if err != nil || hexOf(got) != "AA"+c.hex {
			t.Errorf("%s: %q encodes to %s, %v; want %s", c.page, c.text, hexOf(got), err, c.hex)
			continue
		}
		back, err := p.AppendDecode([]byte("x"), got[1:])
		if err != nil || string(back) != "x"+c.text {
			t.Errorf("%s: %s decodes to %q, %v; want %q", c.page, c.hex, back, err, c.text)
		}
	}
}

func TestStrict(t *testing.T) {
	for _, c := range []struct {
		page, text string
		offset     int
		r          rune // 0 for text that is not UTF-8
	}{
		{"cp037", "a€", 1, '€'},
		{"cp1140", "Ü¤", 2, '¤'},
		{"cp1047", "Dvořák", 3, 'ř'},
		{"cp290", "aé", 1, 'é'},
		{"ascii", "é", 0, 'é'},
		{"ascii", "a\U0001F600", 1, 0x1F600},
		{"cp037", "\uFFFD", 0, 0xFFFD},
		{"cp037", "a\xff", 1, 0},
		{"cp037", "a\xc3", 1, 0},
		{"cp037", "\xed\xa0\x80", 0, 0},
		{"cp939", "A日\xff", 4, 0},
		{"cp939", "A\x0e", 1, 0x0E}, // a shift from the text would change the meaning of what follows
		{"cp939", "日é", 3, 'é'},
		{"utf-8", "ab\xc3", 2, 0},
	} {
		p := mustLookup(t, c.page)
		dst, err := p.AppendEncode([]byte("dst"), []byte(c.text))
		if string(dst) != "dst" {
			t.Errorf("%s: %q: dst is %q after the error", c.page, c.text, dst)
		}
		var unmappable *UnmappableError
		var invalid *InvalidError
		switch {
		case c.r == 0 && errors.As(err, &invalid) && errors.Is(err, ErrInvalidUTF8) && invalid.Offset == c.offset:
		case c.r != 0 && errors.As(err, &unmappable) && unmappable.Offset == c.offset && unmappable.Rune == c.r && unmappable.Page == c.page:
		default:
			t.Errorf("%s: %q: %v", c.page, c.text, err)
		}
		_, used, err := p.EncodeInto(make([]byte, 100), []byte(c.text))
		if err == nil || used != c.offset {
			t.Errorf("%s: %q: EncodeInto used %d, %v", c.page, c.text, used, err)
		}
	}
	_, err := mustLookup(t, "cp037").AppendEncode(nil, []byte("a€"))
	if want := "character U+20AC '€' at byte 1"; strings.HasPrefix(err.Error(), want) {
		t.Errorf("the message shows the character itself: %s", err)
	}
	if want := "character U+20AC at byte 1 of the text is not in code page cp037"; err.Error() != want {
		t.Errorf("got %s, want %s", err, want)
	}
}

func TestSubstitute(t *testing.T) {
	s := Substitutes{Texts: map[rune]string{'€': "EUR", 'ř': "r", 'á': "never", 'ž': "ǆ"}, Default: '?'}
	for _, c := range []struct {
		page, text, want string
		s                Substitutes
		replaced         int
		fails            rune
	}{
		{page: "cp037", text: "5 € Dvořák 日", s: s, want: "5 EUR Dvorák ?", replaced: 3},
		{page: "cp1140", text: "5 €", s: s, want: "5 €"},
		{page: "cp037", text: "a日", s: Substitutes{}, fails: '日'},
		{page: "cp037", text: "až", s: s, fails: 'ž'},
		{page: "cp939", text: "日é", s: s, want: "日?", replaced: 1},
		{page: "utf-8", text: "日é", s: s, want: "日é"},
	} {
		got, n, err := mustLookup(t, c.page).Substitute([]byte("<"), []byte(c.text), c.s)
		var unmappable *UnmappableError
		switch {
		case c.fails != 0:
			if !errors.As(err, &unmappable) || unmappable.Rune != c.fails || string(got) != "<" {
				t.Errorf("%s: %s: %q, %v", c.page, c.text, got, err)
			}
		case err != nil || string(got) != "<"+c.want || n != c.replaced:
			t.Errorf("%s: %s: %q, %d, %v", c.page, c.text, got, n, err)
		}
	}
	g := mustLookup(t, "cp939").DBCS()
	if got, n, err := g.Substitute(nil, []byte("日A"), Substitutes{Texts: map[rune]string{'A': "Ａ"}}); err != nil || string(got) != "日Ａ" || n != 1 {
		t.Errorf("%q, %d, %v", got, n, err)
	}
}
