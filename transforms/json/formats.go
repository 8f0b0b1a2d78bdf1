// SPDX-License-Identifier: Apache-2.0

package json

import (
	"bytes"
	"encoding/base64"
	"net/netip"
)

// formatCheck is one format word. The function of the other kind of value is nil.
type formatCheck struct {
	isText   func([]byte) bool
	isNumber func(number) bool // by value: a pointer would move every number to the heap
	detail   string
}

func integerBetween(lo, hi string) func(number) bool {
	low, high := parseNumber([]byte(lo)), parseNumber([]byte(hi))
	return func(v number) bool {
		return v.integral() && compareNumbers(&v, &low) >= 0 && compareNumbers(&v, &high) <= 0
	}
}

// formatOf returns the check of a format word, or nil: unknown formats are annotations.
func formatOf(word string) *formatCheck {
	text := func(f func([]byte) bool, detail string) *formatCheck {
		return &formatCheck{isText: f, detail: detail}
	}
	numeric := func(lo, hi, detail string) *formatCheck {
		return &formatCheck{isNumber: integerBetween(lo, hi), detail: detail}
	}
	switch word {
	case "date":
		return text(isDate, "must be a date, yyyy-mm-dd")
	case "time":
		return text(isTime, "must be a time of RFC 3339, hh:mm:ss with Z or an offset")
	case "date-time":
		return text(isDateTime, "must be a date and time of RFC 3339")
	case "duration":
		return text(isDuration, "must be a duration of ISO 8601, for example P3DT4H")
	case "uuid":
		return text(isUUID, "must be a UUID")
	case "email":
		return text(isEmail, "must be an e-mail address")
	case "hostname":
		return text(isHostname, "must be a host name")
	case "ipv4":
		return text(isIPv4, "must be an IPv4 address")
	case "ipv6":
		return text(isIPv6, "must be an IPv6 address")
	case "uri":
		return text(isURI, "must be an absolute URI")
	case "byte":
		return text(isBase64, "must be base64 with padding")
	case "decimal":
		return text(isDecimal, "must be a decimal number without exponent")
	case "int8":
		return numeric("-128", "127", "must be an integer of 8 bits")
	case "int16":
		return numeric("-32768", "32767", "must be an integer of 16 bits")
	case "int32":
		return numeric("-2147483648", "2147483647", "must be an integer of 32 bits")
	case "int64":
		return numeric("-9223372036854775808", "9223372036854775807", "must be an integer of 64 bits")
	}
	return nil
}

// pair reads two digits, -1 if they are none.
func pair(b []byte) int {
	if len(b) < 2 || !isDigit(b[0]) || !isDigit(b[1]) {
		return -1
	}
	return int(b[0]-'0')*10 + int(b[1]-'0')
}

func isDate(b []byte) bool {
	if len(b) != 10 || b[4] != '-' || b[7] != '-' {
		return false
	}
	century, rest, month, day := pair(b), pair(b[2:]), pair(b[5:]), pair(b[8:])
	if century < 0 || rest < 0 || month < 1 || month > 12 || day < 1 {
		return false
	}
	return day <= daysIn(century*100+rest, month)
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	default:
		return 31
	}
}

// isTime accepts the full-time of RFC 3339. A second 60 must be 23:59:60 in UTC.
func isTime(b []byte) bool {
	if len(b) < 9 || b[2] != ':' || b[5] != ':' {
		return false
	}
	h, m, s := pair(b), pair(b[3:]), pair(b[6:])
	if h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60 {
		return false
	}
	b = b[8:]
	if b[0] == '.' {
		n := digitRun(b[1:])
		if n == 0 {
			return false
		}
		b = b[n+1:]
	}
	offset, ok := zone(b)
	if !ok {
		return false
	}
	utc := ((h*60+m-offset)%1440 + 1440) % 1440
	return s < 60 || utc == 1439
}

// zone reads Z or an offset, in minutes east.
func zone(b []byte) (minutes int, ok bool) {
	if len(b) == 1 {
		return 0, b[0] == 'Z' || b[0] == 'z'
	}
	if len(b) != 6 || b[0] != '+' && b[0] != '-' || b[3] != ':' {
		return 0, false
	}
	h, m := pair(b[1:]), pair(b[4:])
	if h < 0 || h > 23 || m < 0 || m > 59 {
		return 0, false
	}
	if b[0] == '-' {
		return -(h*60 + m), true
	}
	return h*60 + m, true
}

func isDateTime(b []byte) bool {
	return len(b) > 11 && (b[10] == 'T' || b[10] == 't') && isDate(b[:10]) && isTime(b[11:])
}

// isDuration accepts the grammar of RFC 3339 appendix A: units in order, none left out between.
func isDuration(b []byte) bool {
	if len(b) < 3 || b[0] != 'P' {
		return false
	}
	date, clock, hasClock := bytes.Cut(b[1:], []byte("T"))
	if hasClock {
		return unitRun(clock, "HMS") && len(clock) > 0 && (len(date) == 0 || unitRun(date, "YMD"))
	}
	return unitRun(date, "YMD") || unitRun(date, "W")
}

// unitRun accepts numbers with units that follow each other in the list without a gap.
func unitRun(b []byte, units string) bool {
	if len(b) == 0 {
		return false
	}
	last := -1
	for len(b) > 0 {
		n := digitRun(b)
		if n == 0 || n == len(b) {
			return false
		}
		u := bytes.IndexByte([]byte(units), b[n])
		if u < 0 || last >= 0 && u != last+1 {
			return false
		}
		last = u
		b = b[n+1:]
	}
	return true
}

func isUUID(b []byte) bool {
	if len(b) != 36 {
		return false
	}
	for i, c := range b {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !hexDigit(c) {
				return false
			}
		}
	}
	return true
}

// isEmail accepts the mailbox of RFC 5321 without quoted local parts and address literals.
func isEmail(b []byte) bool {
	at := bytes.LastIndexByte(b, '@')
	if at < 1 || at > 64 || len(b) > 254 || !isHostname(b[at+1:]) {
		return false
	}
	dot := true // a dot may not come first
	for _, c := range b[:at] {
		switch {
		case c == '.':
			if dot {
				return false
			}
			dot = true
			continue
		case isDigit(c), isLetter(c), c >= 0x80, bytes.IndexByte([]byte("!#$%&'*+-/=?^_`{|}~"), c) >= 0:
		default:
			return false
		}
		dot = false
	}
	return !dot
}

func isHostname(b []byte) bool {
	if len(b) == 0 || len(b) > 253 {
		return false
	}
	start := 0
	for i := 0; i <= len(b); i++ {
		if i < len(b) && b[i] != '.' {
			if !isDigit(b[i]) && !isLetter(b[i]) && b[i] != '-' {
				return false
			}
			continue
		}
		if i == start || i-start > 63 || b[start] == '-' || b[i-1] == '-' {
			return false
		}
		start = i + 1
	}
	return true
}

func isIPv4(b []byte) bool {
	if len(b) > 15 {
		return false
	}
	a, err := netip.ParseAddr(string(b))
	return err == nil && a.Is4()
}

func isIPv6(b []byte) bool {
	if len(b) > 45 {
		return false
	}
	a, err := netip.ParseAddr(string(b))
	return err == nil && a.Is6() && a.Zone() == ""
}

// isURI accepts a scheme and then the characters of RFC 3986 with whole percent escapes.
func isURI(b []byte) bool {
	colon := bytes.IndexByte(b, ':')
	if colon < 1 || !isLetter(b[0]) {
		return false
	}
	for _, c := range b[:colon] {
		if !isDigit(c) && !isLetter(c) && c != '+' && c != '-' && c != '.' {
			return false
		}
	}
	rest := b[colon+1:]
	hash := false
	for i := 0; i < len(rest); i++ {
		c := rest[i]
		switch {
		case c == '%':
			if i+2 >= len(rest) || !hexDigit(rest[i+1]) || !hexDigit(rest[i+2]) {
				return false
			}
			i += 2
		case c == '#':
			if hash {
				return false
			}
			hash = true
		case isDigit(c), isLetter(c), bytes.IndexByte([]byte("-._~:/?[]@!$&'()*+,;="), c) >= 0:
		default:
			return false
		}
	}
	return true
}

// isBase64 accepts RFC 4648 section 4 with padding and without line breaks.
func isBase64(b []byte) bool {
	if len(b)%4 != 0 || bytes.ContainsAny(b, "\r\n") {
		return false
	}
	var out [48]byte
	for len(b) > 0 {
		n := min(len(b), 64)
		if n < len(b) && b[n-1] == '=' {
			return false
		}
		if _, err := base64.StdEncoding.Strict().Decode(out[:], b[:n]); err != nil {
			return false
		}
		b = b[n:]
	}
	return true
}

func isDecimal(b []byte) bool {
	return validNumber(b) && !bytes.ContainsAny(b, "eE")
}
