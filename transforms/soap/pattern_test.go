// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"regexp"
	"testing"
)

// TestXSDPattern: patterns of XML Schema (part 2, appendix F) where it differs from others.
func TestXSDPattern(t *testing.T) {
	for _, tt := range []struct{ pattern, yes, no string }{
		{`[a-z-[aeiou]]+`, "xyz", "xyza"},
		{`[a-z-[m-p-[n]]]`, "n", "o"},
		{`[^a-c-[x]]`, "d", "x"},
		{`\i\c*`, "_a-1.é", "1a"},
		{`\I\C`, "1 ", "a "},
		{`\d{2}`, "٤2", "4x"},
		{`\w\W`, "€ ", "  "},
		{`\s\S`, " x", "xx"},
		{`\p{Lu}\P{Lu}`, "Éé", "éé"},
		{`\p{IsCyrillic}+`, "Жж", "Zz"},
		{`[\p{IsBasicLatin}-[\s]]`, "a", " "},
		{`a.b`, "axb", "a\nb"},
		{`^a$`, "^a$", "a"},
		{`a|b`, "b", "ab"},
		{`(ab){2,3}`, "abab", "ab"},
		{`[\-\]\^]`, "]", "a"},
		{`[-a]`, "-", "b"},
		{`[a-]`, "-", "b"},
		{`\.\?\*\+\{\}\(\)\|\\\[`, `.?*+{}()|\[`, `x`},
		{`[a-c-[a-c]]`, "", "a"},
	} {
		text, ok := xsdPattern(tt.pattern)
		re, err := regexp.Compile("^(?:" + text + ")$")
		if !ok || err != nil {
			t.Errorf("%s: %v %v", tt.pattern, ok, err)
			continue
		}
		if tt.yes != "" && !re.MatchString(tt.yes) || re.MatchString(tt.no) {
			t.Errorf("%s: %q %v, %q %v", tt.pattern, tt.yes, re.MatchString(tt.yes), tt.no, re.MatchString(tt.no))
		}
	}
	for _, bad := range []string{`[a`, `\p{IsKlingon}`, `\p{Xy}`, `\pL`, `a++`, `a*?`, `(?i)a`, `]`, `\q`, `[b-a]`, `[a-z-[x]y]`, `[[a]]`, `\`} {
		if text, ok := xsdPattern(bad); ok {
			t.Errorf("%s became %s", bad, text)
		}
	}
}

// FuzzXSDPattern: what is translated is a regular expression, unless it repeats too often or nests wrongly.
func FuzzXSDPattern(f *testing.F) {
	for _, p := range []string{`[a-z-[aeiou]]+`, `\i\c*`, `\p{IsGreek}{2,3}`, `[^\s\]]|(a)`} {
		f.Add(p)
	}
	f.Fuzz(func(_ *testing.T, p string) {
		if text, ok := xsdPattern(p); ok {
			_, _ = regexp.Compile(text)
		}
	})
}

// TestTemporal: bounds and days of dates and times, with and without a time zone.
func TestTemporal(t *testing.T) {
	for _, tt := range []struct {
		typ, low, high, text string
		ok                   bool
	}{
		{"date", "", "", "2024-02-29", true},
		{"date", "", "", "2023-02-29", false},
		{"date", "", "", "-0004-02-29", true},
		{"date", "", "", "2024-04-31Z", false},
		{"gMonthDay", "", "", "--02-29", true},
		{"gMonthDay", "", "", "--02-30", false},
		{"gMonth", "", "", "--12", true},
		{"gDay", "", "", "---31", true},
		{"dateTime", "", "", "2024-02-29T24:00:00Z", true},
		{"dateTime", "", "", "99999999999-01-01T00:00:00", false},
		{"date", "2026-01-01", "2026-12-31", "2026-12-31", true},
		{"date", "2026-01-01", "2026-12-31", "2027-01-01", false},
		{"date", "2026-01-01", "2026-12-31", "2026-06-01Z", true},
		{"date", "2026-01-01", "2026-12-31", "2026-01-01Z", false}, // in some time zone it is the day before
		{"dateTime", "2026-01-01T12:00:00Z", "", "2026-01-01T13:00:00+01:00", true},
		{"dateTime", "2026-01-01T12:00:00Z", "", "2026-01-01T12:59:59.9+01:00", false},
		{"dateTime", "2026-01-01T12:00:00.25Z", "", "2026-01-01T12:00:00.3Z", true},
		{"time", "08:00:00", "18:30:00", "18:30:00.0", true},
		{"time", "08:00:00", "18:30:00", "18:30:00.1", false},
		{"gYear", "2020", "2030", "2031", false},
		{"gYearMonth", "2026-02", "", "2026-02", true},
	} {
		s := builtin(tt.typ)
		s.min, s.max = tt.low, tt.high
		if code, reason := s.check(tt.text); (code == "") != tt.ok {
			t.Errorf("%s %s in %q to %q: %s %s", tt.typ, tt.text, tt.low, tt.high, code, reason)
		}
	}
	s := builtin("date")
	s.max, s.maxOpen = "2026-01-01", true
	if code, _ := s.check("2026-01-01"); code == "" {
		t.Error("a bound that is excluded")
	}
}
