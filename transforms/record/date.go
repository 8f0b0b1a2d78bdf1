// SPDX-License-Identifier: Apache-2.0

package record

import "lintel/transforms"

// dateLeaf is a date or time of day in digits or text.
type dateLeaf struct {
	base    leaf
	number  digiter // the base, when it holds digits
	parts   []datePart
	century int
	hasDate bool
	hasDay  bool
	hasTime bool
	seconds bool
}

// datePart is one part of a picture: a field by its letter (y year, M d D H m s) with its number of
// digits, or a character that stands for itself.
type datePart struct {
	letter  byte
	n       int
	literal byte
}

// moment is a date and time of day taken apart.
type moment struct{ year, month, day, yearDay, hour, minute, second int }

func (l *dateLeaf) decode(dst, raw []byte) ([]byte, fault) {
	var m moment
	if l.number != nil {
		var buf digitBuf
		n, f := l.number.digits(raw, &buf)
		if f != ok {
			return dst, f
		}
		for i := range n {
			buf[i] += '0'
		}
		if !l.read(buf[:n], &m) {
			return dst, faultDate
		}
		return l.appendISO(dst, &m), ok
	}
	out, f := l.base.decode(dst, raw)
	if f != ok {
		return dst, f
	}
	text := out[len(dst):]
	if len(text) < 2 || !l.read(text[1:len(text)-1], &m) {
		return dst, faultDate
	}
	return l.appendISO(dst, &m), ok
}

// read takes host text apart. Digits in front of the picture must be zeros.
func (l *dateLeaf) read(text []byte, m *moment) bool {
	size := 0
	for _, p := range l.parts {
		size += p.n
	}
	if len(text) < size || l.number == nil && len(text) != size {
		return false
	}
	for _, c := range text[:len(text)-size] {
		if c != '0' {
			return false
		}
	}
	text = text[len(text)-size:]
	for _, p := range l.parts {
		if p.letter == 0 {
			if text[0] != p.literal {
				return false
			}
			text = text[1:]
			continue
		}
		v := 0
		for _, c := range text[:p.n] {
			if c < '0' || c > '9' {
				return false
			}
			v = v*10 + int(c-'0')
		}
		text = text[p.n:]
		l.set(m, p, v)
	}
	return l.valid(m)
}

func (l *dateLeaf) set(m *moment, p datePart, v int) {
	switch p.letter {
	case 'y':
		if p.n == 2 {
			v += l.century - l.century%100
			if v < l.century {
				v += 100
			}
		}
		m.year = v
	case 'M':
		m.month = v
	case 'd':
		m.day = v
	case 'D':
		m.yearDay = v
	case 'H':
		m.hour = v
	case 'm':
		m.minute = v
	case 's':
		m.second = v
	}
}

// valid checks the calendar, and makes month and day of the day of the year.
func (l *dateLeaf) valid(m *moment) bool {
	if m.hour > 23 || m.minute > 59 || m.second > 59 {
		return false
	}
	if !l.hasDate {
		return true
	}
	if m.year < 1 || m.year > 9999 {
		return false
	}
	for _, p := range l.parts {
		if p.letter == 'D' {
			return m.fromYearDay()
		}
	}
	if m.month < 1 || m.month > 12 {
		return false
	}
	return !l.hasDay || m.day >= 1 && m.day <= daysIn(m.year, m.month)
}

func (m *moment) fromYearDay() bool {
	rest := m.yearDay
	if rest < 1 {
		return false
	}
	for m.month = 1; m.month <= 12; m.month++ {
		n := daysIn(m.year, m.month)
		if rest <= n {
			m.day = rest
			return true
		}
		rest -= n
	}
	return false
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

// appendISO appends the moment as ISO 8601 text: as much of 2024-01-31T10:11:12 as the picture has.
func (l *dateLeaf) appendISO(dst []byte, m *moment) []byte {
	dst = append(dst, '"')
	if l.hasDate {
		dst = appendPadded(dst, m.year, 4)
		dst = appendPadded(append(dst, '-'), m.month, 2)
		if l.hasDay {
			dst = appendPadded(append(dst, '-'), m.day, 2)
		}
		if l.hasTime {
			dst = append(dst, 'T')
		}
	}
	if l.hasTime {
		dst = appendPadded(dst, m.hour, 2)
		dst = appendPadded(append(dst, ':'), m.minute, 2)
		if l.seconds {
			dst = appendPadded(append(dst, ':'), m.second, 2)
		}
	}
	return append(dst, '"')
}

func appendPadded(dst []byte, v, n int) []byte {
	for i := n; i > 0; i-- {
		d := v
		for range i - 1 {
			d /= 10
		}
		dst = append(dst, '0'+byte(d%10))
	}
	return dst
}

// isoShape is the text that appendISO writes, with the letters of the parts in place of digits.
func (l *dateLeaf) isoShape() string {
	s := ""
	if l.hasDate {
		s = "yyyy-MM"
		if l.hasDay {
			s += "-dd"
		}
		if l.hasTime {
			s += "T"
		}
	}
	if l.hasTime {
		s += "HH:mm"
		if l.seconds {
			s += ":ss"
		}
	}
	return s
}

func (l *dateLeaf) encode(field []byte, v scalar) fault {
	if v.kind != transforms.String {
		return faultDateText
	}
	text, f := plainText(v.text)
	if f != ok {
		return faultDateText
	}
	var m moment
	if !l.parseISO(text, &m) {
		return faultDateText
	}
	var buf [2 + 64]byte
	host := append(buf[:0], '"')
	for _, p := range l.parts {
		if p.letter == 0 {
			host = append(host, p.literal)
			continue
		}
		if host, f = l.appendPart(host, p, &m); f != ok {
			return f
		}
	}
	if l.number == nil {
		return l.base.encode(field, scalar{kind: transforms.String, text: append(host, '"')})
	}
	for i := range host[1:] {
		host[i+1] -= '0'
	}
	return l.number.setDigits(field, host[1:])
}

func (l *dateLeaf) appendPart(dst []byte, p datePart, m *moment) ([]byte, fault) {
	v := 0
	switch p.letter {
	case 'y':
		v = m.year
		if p.n == 2 && (v < l.century || v > l.century+99) {
			return dst, faultDateText
		}
	case 'M':
		v = m.month
	case 'd':
		v = m.day
	case 'D':
		v = m.day
		for month := 1; month < m.month; month++ {
			v += daysIn(m.year, month)
		}
	case 'H':
		v = m.hour
	case 'm':
		v = m.minute
	case 's':
		v = m.second
	}
	return appendPadded(dst, v, p.n), ok
}

// parseISO reads exactly the text that appendISO writes.
func (l *dateLeaf) parseISO(text []byte, m *moment) bool {
	shape := l.isoShape()
	if len(text) != len(shape) {
		return false
	}
	for i := range len(shape) {
		c, at := text[i], (*int)(nil)
		switch shape[i] {
		case 'y':
			at = &m.year
		case 'M':
			at = &m.month
		case 'd':
			at = &m.day
		case 'H':
			at = &m.hour
		case 'm':
			at = &m.minute
		case 's':
			at = &m.second
		default:
			if c != shape[i] {
				return false
			}
			continue
		}
		if c < '0' || c > '9' {
			return false
		}
		*at = *at*10 + int(c-'0')
	}
	if m.hour > 23 || m.minute > 59 || m.second > 59 {
		return false
	}
	if !l.hasDate {
		return true
	}
	return m.year >= 1 && m.month >= 1 && m.month <= 12 && (!l.hasDay || m.day >= 1 && m.day <= daysIn(m.year, m.month))
}

// describe implements describer.
func (l *dateLeaf) describe(t *transforms.Type) {
	t.Shape = transforms.StringShape
	t.MinLength, t.MaxLength = len(l.isoShape()), len(l.isoShape())
	if l.hasDate && l.hasDay && !l.hasTime {
		t.Format = "date"
	}
}
