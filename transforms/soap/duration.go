// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"strconv"
	"strings"
	"time"
)

// span is a value of xs:duration: months and seconds have no fixed relation.
type span struct {
	months, seconds int64
	// fraction are the digits behind the point of the seconds, without zeros at the end. It counts forwards, also
	// where seconds are negative.
	fraction string
}

// maxSpan bounds years and seconds of a span, so that they can be counted: about 300,000 years.
const maxSpan = 10_000_000_000_000

// spanOf reads a text of the form of a duration; ok is false if it is too long to be compared.
func spanOf(text string) (s span, ok bool) {
	text, negative := strings.CutPrefix(text, "-")
	days, clock, _ := strings.Cut(strings.TrimPrefix(text, "P"), "T")
	for _, part := range []struct {
		text  *string
		mark  string
		to    *int64
		times int64
	}{{&days, "Y", &s.months, 12}, {&days, "M", &s.months, 1}, {&days, "D", &s.seconds, 86400}, {&clock, "H", &s.seconds, 3600}, {&clock, "M", &s.seconds, 60}, {&clock, "S", &s.seconds, 1}} {
		number, rest, found := strings.Cut(*part.text, part.mark)
		if !found {
			continue
		}
		*part.text = rest
		if part.mark == "S" {
			number, s.fraction, _ = strings.Cut(number, ".")
			s.fraction = strings.TrimRight(s.fraction, "0")
		}
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil || n > maxSpan/part.times {
			return s, false
		}
		*part.to += n * part.times
	}
	if s.months > maxSpan/(31*86400) {
		return s, false
	}
	if negative {
		s = s.negative()
	}
	return s, true
}

// negative turns a span around: what is behind the point counts forwards from a second further back.
func (s span) negative() span {
	s.months, s.seconds = -s.months, -s.seconds
	if s.fraction == "" {
		return s
	}
	s.seconds--
	digits := []byte(s.fraction)
	for i := range digits {
		digits[i] = '0' + '9' - digits[i]
	}
	digits[len(digits)-1]++ // which was no zero
	s.fraction = string(digits)
	return s
}

// compare orders two spans by the four times at which months are as long and as short as they can be
// (XML Schema part 2, section 3.2.6.2); known is false if these do not agree.
func (s span) compare(o span) (order int, known bool) {
	for i, from := range [4]time.Time{
		time.Date(1696, 9, 1, 0, 0, 0, 0, time.UTC), time.Date(1697, 2, 1, 0, 0, 0, 0, time.UTC),
		time.Date(1903, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(1903, 7, 1, 0, 0, 0, 0, time.UTC),
	} {
		c := order3(s.after(from), o.after(from))
		if i > 0 && c != order {
			return 0, false
		}
		order = c
	}
	return order, true
}

// after is the moment a span after the first day of a month.
func (s span) after(from time.Time) moment {
	to := time.Date(from.Year(), from.Month()+time.Month(s.months), 1, 0, 0, 0, 0, time.UTC)
	return moment{seconds: to.Unix() + s.seconds, fraction: s.fraction}
}

// spanned checks the bounds of a duration. A value is within a bound only if it is so at any time of the year.
func (s *simple) spanned(text string) (code, reason string) {
	if s.min == "" && s.max == "" {
		return "", ""
	}
	d, ok := spanOf(text)
	if !ok {
		return "overflow", "the value is too long to be compared with its bounds"
	}
	if low, ok := spanOf(s.min); s.min != "" && ok {
		if order, known := d.compare(low); !known || order < 0 || s.minOpen && order == 0 {
			return "overflow", "the value is shorter than allowed, or could be"
		}
	}
	if high, ok := spanOf(s.max); s.max != "" && ok {
		if order, known := d.compare(high); !known || order > 0 || s.maxOpen && order == 0 {
			return "overflow", "the value is longer than allowed, or could be"
		}
	}
	return "", ""
}
