// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"strconv"
	"strings"
	"time"
)

// moment is a value of a type of dates and times on one line of time, as far as it has to be compared.
type moment struct {
	seconds int64
	// fraction are the digits behind the point of the seconds, without zeros at the end.
	fraction string
	// zoned tells that it has a time zone; seconds are UTC then.
	zoned bool
}

// momentOf reads a text of the right form; ok is false for a day that its month does not have, or a year
// further away than can be compared.
func momentOf(name, text string) (m moment, ok bool) {
	text, offset, zoned := cutZone(text)
	m.zoned = zoned
	year, month, day, clock := int64(1972), 1, 1, ""
	switch name {
	case "xs:time":
		clock = text
	case "xs:gMonth", "xs:gMonthDay", "xs:gDay":
		month, day = dayOfYear(strings.TrimLeft(text, "-"), name == "xs:gDay")
	default:
		var date string
		date, clock, _ = strings.Cut(text, "T")
		if year, month, day, ok = civil(date); !ok {
			return m, false
		}
	}
	first := time.Date(int(year), time.Month(month), 1, 0, 0, 0, 0, time.UTC)
	if day > first.AddDate(0, 1, -1).Day() {
		return m, false
	}
	m.seconds = first.Unix() + int64(day-1)*86400 - int64(offset)*60
	if clock != "" {
		var whole string
		whole, m.fraction, _ = strings.Cut(clock, ".")
		m.fraction = strings.TrimRight(m.fraction, "0")
		for i, unit := range []int64{3600, 60, 1} {
			n, err := strconv.Atoi(whole[3*i : 3*i+2])
			if err != nil {
				return m, false
			}
			m.seconds += int64(n) * unit
		}
	}
	return m, true
}

// dayOfYear reads MM, MM-DD or DD.
func dayOfYear(text string, isDay bool) (month, day int) {
	first, second, both := strings.Cut(text, "-")
	n, _ := strconv.Atoi(first)
	switch {
	case isDay:
		return 1, n
	case !both:
		return n, 1
	}
	day, _ = strconv.Atoi(second)
	return n, day
}

// civil reads a year, a year with a month, or a date. Years are bounded so that their seconds can be counted.
func civil(text string) (year int64, month, day int, ok bool) {
	negative := strings.HasPrefix(text, "-")
	parts := strings.Split(strings.TrimPrefix(text, "-"), "-")
	if len(parts[0]) > 9 {
		return 0, 0, 0, false
	}
	year, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return 0, 0, 0, false
	}
	if negative {
		year = -year
	}
	month, day = 1, 1
	if len(parts) > 1 {
		month, _ = strconv.Atoi(parts[1])
	}
	if len(parts) > 2 {
		day, _ = strconv.Atoi(parts[2])
	}
	return year, month, day, true
}

// cutZone takes the time zone from a text: its minutes east of UTC.
func cutZone(text string) (rest string, minutes int, zoned bool) {
	if rest, ok := strings.CutSuffix(text, "Z"); ok {
		return rest, 0, true
	}
	if n := len(text) - 6; n > 0 && (text[n] == '+' || text[n] == '-') && text[n+3] == ':' {
		h, err1 := strconv.Atoi(text[n+1 : n+3])
		m, err2 := strconv.Atoi(text[n+4:])
		if err1 == nil && err2 == nil {
			if minutes = h*60 + m; text[n] == '-' {
				minutes = -minutes
			}
			return text[:n], minutes, true
		}
	}
	return text, 0, false
}

// widest is how far local times can be from UTC, in seconds (XML Schema part 2, section 3.2.7.4).
const widest = 14 * 3600

// compare orders two moments; known is false if that depends on a time zone that one of them lacks.
func (m moment) compare(o moment) (order int, known bool) {
	if m.zoned == o.zoned {
		return order3(m, o), true
	}
	if !m.zoned {
		order, known = o.compare(m)
		return -order, known
	}
	early, late := o, o
	early.seconds -= widest
	late.seconds += widest
	if c := order3(m, early); c < 0 {
		return -1, true
	}
	if c := order3(m, late); c > 0 {
		return 1, true
	}
	return 0, false
}

func order3(a, b moment) int {
	switch {
	case a.seconds != b.seconds && a.seconds < b.seconds:
		return -1
	case a.seconds != b.seconds:
		return 1
	}
	return strings.Compare(a.fraction, b.fraction)
}

// temporal checks day and bounds of a date or time. A value is within a bound only if it is so in every
// time zone that it could have.
func (s *simple) temporal(text string) (code, reason string) {
	m, ok := momentOf(s.name, text)
	if !ok {
		return "type", "the value is no " + s.name + ": there is no such day, or it is too far away"
	}
	if low, ok := momentOf(s.name, s.min); s.min != "" && ok {
		if order, known := m.compare(low); !known || order < 0 || s.minOpen && order == 0 {
			return "overflow", "the value is before the earliest one allowed, or could be"
		}
	}
	if high, ok := momentOf(s.name, s.max); s.max != "" && ok {
		if order, known := m.compare(high); !known || order > 0 || s.maxOpen && order == 0 {
			return "overflow", "the value is after the latest one allowed, or could be"
		}
	}
	return "", ""
}
