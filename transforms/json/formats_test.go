// SPDX-License-Identifier: Apache-2.0

package json

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTextFormats(t *testing.T) {
	for word, c := range map[string]struct{ good, bad []string }{
		"date": {[]string{"2000-02-29", "2024-12-31", "0001-01-01"}, []string{"", "1900-02-29", "2024-04-31", "2024-00-10", "2024-10-00", "2024-1-01", "2024-01-1x", "２024-01-01"}},
		"time": {
			[]string{"00:00:00Z", "23:59:59.999999999+14:00", "23:59:60Z", "15:59:60-08:00", "12:00:00z"},
			[]string{"24:00:00Z", "12:60:00Z", "12:00:61Z", "12:00:60Z", "12:00:00", "12:00:00.Z", "12:00:00+24:00", "12:00:00+1:00", "12:00Z"},
		},
		"date-time": {[]string{"2026-03-14T09:26:53Z", "2026-03-14t09:26:53.1-00:00"}, []string{"2026-03-14 09:26:53Z", "2026-03-14T09:26:53", "2026-02-30T09:26:53Z", "2026-03-14"}},
		"duration":  {[]string{"P1Y", "P1Y2M3D", "PT1H", "P1DT2H3M4S", "P4W", "PT36H"}, []string{"P", "PT", "P1", "1Y", "P1YT", "P1Y3D", "PT1H3S", "P1W2D", "P1S", "P2D1Y"}},
		"uuid":      {[]string{"9f1c2d3e-4b5a-4c6d-8e7f-0123456789AB"}, []string{"9f1c2d3e4b5a4c6d8e7f0123456789ab", "9f1c2d3e-4b5a-4c6d-8e7f-0123456789ag", "{9f1c2d3e-4b5a-4c6d-8e7f-0123456789}"}},
		"email":     {[]string{"a@b", "first.last+x@example.org", "ü@example.org"}, []string{"@b", "a@", "a b@c", "a..b@c", ".a@c", "a.@c", "a@-b", "a@b..c", "a"}},
		"hostname":  {[]string{"a", "a-b.c1", strings.Repeat("a", 63)}, []string{"", ".", "a.", "-a", "a-", "a_b", strings.Repeat("a", 64)}},
		"ipv4":      {[]string{"127.0.0.1"}, []string{"127.0.0", "256.0.0.1", "01.0.0.1", "::1", "127.0.0.1 "}},
		"ipv6":      {[]string{"::1", "2001:db8::1", "::ffff:1.2.3.4"}, []string{"127.0.0.1", "fe80::1%eth0", ":::", "g::1"}},
		"uri":       {[]string{"http://a/b?c#d", "urn:x:y", "a:", "mailto:a%20b@c"}, []string{"", ":a", "//a", "a", "1a:b", "a:b c", "a:%g0", "a:%1", "a:#b#c", "a:é", "a:\\b"}},
		"byte":      {[]string{"", "YQ==", "YWI=", "YWJj"}, []string{"YQ", "YQ=", "YQ==YQ==", "YR==", "Y Q=", "YW\nJj", "____"}},
		"decimal":   {[]string{"0", "-1.50", "123456789012345678901234567890.1"}, []string{"", "1e5", "01", "1.", "NaN", "+1"}},
	} {
		f := formatOf(word)
		for _, s := range c.good {
			if !f.isText([]byte(s)) {
				t.Errorf("%s refuses %q", word, s)
			}
		}
		for _, s := range c.bad {
			if f.isText([]byte(s)) {
				t.Errorf("%s accepts %q", word, s)
			}
		}
	}
}

func TestIntegerFormats(t *testing.T) {
	for _, c := range []struct {
		word, good, bad string
	}{
		{"int8", "-128", "128"},
		{"int16", "32767", "-32769"},
		{"int32", "2147483647.0", "2147483648"},
		{"int64", "-9223372036854775808", "9223372036854775808"},
		{"int64", "9.223372036854775807e18", "0.5"},
	} {
		f := formatOf(c.word)
		if !f.isNumber(parseNumber([]byte(c.good))) || f.isNumber(parseNumber([]byte(c.bad))) {
			t.Errorf("%s: %s, %s", c.word, c.good, c.bad)
		}
	}
}

// TestFormatsAgainstTheLibrary compares dates and base64 with Go's own readers.
func TestFormatsAgainstTheLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		date := rapid.StringMatching(`(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]`).Draw(t, "date")
		if _, err := time.Parse(time.DateOnly, date); (err == nil) != isDate([]byte(date)) {
			t.Errorf("date %s", date)
		}
		text := rapid.StringMatching(`[A-Za-d+/]{0,140}={0,2}`).Draw(t, "base64")
		if _, err := base64.StdEncoding.Strict().DecodeString(text); (err == nil) != isBase64([]byte(text)) {
			t.Errorf("base64 %s", text)
		}
	})
}
