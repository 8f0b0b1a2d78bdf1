// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"fmt"
	"strings"
	"time"
)

// maxPicture bounds a picture, in bytes.
const maxPicture = 64

// picture is how a date or time is written: its parts in order.
type picture struct {
	parts []picturePart
	// What it holds: a date, a two-digit year, a time of day.
	date, short, clock bool
}

// picturePart is a field by its letter (y M d D H m s S) with its number of digits, or, with letter 0,
// a character that stands for itself.
type picturePart struct {
	letter  byte
	n       int
	literal byte
}

const pictureHint = "it is made of yyyy, yy, MM, dd, DDD (day of the year), HH, mm, ss, S (parts of a second), T and separators"

// parsePicture takes a picture apart; the problem is empty if it is good.
func parsePicture(s string) (p picture, problem string) {
	if len(s) > maxPicture {
		return p, "picture is longer than 64 bytes"
	}
	seen := map[byte]bool{}
	for i := 0; i < len(s); {
		c := s[i]
		n := len(s) - i - len(strings.TrimLeft(s[i:], string(c)))
		switch {
		case isField(c, n):
			if seen[c] {
				return p, fmt.Sprintf("%c stands in the picture twice", c)
			}
			seen[c] = true
			p.short = p.short || c == 'y' && n == 2
			p.parts = append(p.parts, picturePart{letter: c, n: n})
		case isLetter(c) && (c != 'T' || n != 1), c < ' ', c > '~':
			return p, fmt.Sprintf("picture holds %q", s[i:i+n])
		default:
			for range n {
				p.parts = append(p.parts, picturePart{literal: c, n: 1})
			}
		}
		i += n
	}
	p.date, p.clock = seen['y'], seen['H']
	if !p.date && (seen['M'] || seen['d'] || seen['D']) || !p.clock && (seen['m'] || seen['s']) || seen['s'] && !seen['m'] || seen['S'] && !seen['s'] ||
		p.date && seen['D'] == (seen['M'] && seen['d']) || seen['M'] != seen['d'] || !p.date && !p.clock {
		return p, "parts of the picture do not make a day or a time of day"
	}
	return p, ""
}

func isField(c byte, n int) bool {
	switch c {
	case 'y':
		return n == 4 || n == 2
	case 'M', 'd', 'H', 'm', 's':
		return n == 2
	case 'D':
		return n == 3
	case 'S':
		return n <= 9
	default:
		return false
	}
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func checkPicture(value any) (string, string) {
	s, ok := value.(string)
	if !ok {
		return "", ""
	}
	_, problem := parsePicture(s)
	if problem == "" {
		return "", ""
	}
	return problem, pictureHint
}

// moment is a day, a time of day, or both, taken apart. The day is a time at midnight UTC.
type moment struct {
	day                  time.Time
	hasDay, hasClock     bool
	hour, minute, second int
	// fraction is the digits of the parts of a second.
	fraction string
}

// read takes text apart by the picture; century is the first of the hundred years that a
// two-digit year can mean.
func (p *picture) read(text string, century int) (m moment, ok bool) {
	values := map[byte]int{}
	for _, part := range p.parts {
		if len(text) < part.n {
			return m, false
		}
		piece := text[:part.n]
		text = text[part.n:]
		switch {
		case part.letter == 0:
			if piece[0] != part.literal {
				return m, false
			}
		case !isDigits(piece):
			return m, false
		case part.letter == 'S':
			m.fraction = piece
		default:
			values[part.letter] = atoi(piece)
		}
	}
	if p.short {
		year := century - century%100 + values['y']
		if year < century {
			year += 100
		}
		values['y'] = year
	}
	return m, text == "" && m.set(p, values)
}

// set checks the parts and puts them together.
func (m *moment) set(p *picture, v map[byte]int) bool {
	m.hasDay, m.hasClock = p.date, p.clock
	if p.date {
		month, day := v['M'], v['d']
		yearDay, julian := v['D']
		if julian {
			month, day = 1, yearDay
		}
		m.day = time.Date(v['y'], time.Month(month), day, 0, 0, 0, 0, time.UTC)
		good := m.day.Year() == v['y'] && (julian && yearDay > 0 || !julian && m.day.Day() == day && int(m.day.Month()) == month)
		if !good || v['y'] < 1 || v['y'] > 9999 {
			return false
		}
	}
	m.hour, m.minute, m.second = v['H'], v['m'], v['s']
	return m.hour < 24 && m.minute < 60 && m.second < 60
}

// atoi reads at most 9 digits.
func atoi(digits string) int {
	n := 0
	for i := range len(digits) {
		n = 10*n + int(digits[i]-'0')
	}
	return n
}

// write writes m by the picture; what is wrong is returned in words.
func (p *picture) write(m moment, century int) (text, problem string) {
	switch {
	case p.date && !m.hasDay:
		return "", "value has no day"
	case p.clock && !m.hasClock:
		return "", "value has no time of day"
	case p.short && (m.day.Year() < century || m.day.Year() > century+99):
		return "", "year is outside of the hundred years from century"
	}
	var b strings.Builder
	for _, part := range p.parts {
		switch part.letter {
		case 0:
			b.WriteByte(part.literal)
		case 'S':
			b.WriteString((m.fraction + "000000000")[:part.n])
		default:
			fmt.Fprintf(&b, "%0*d", part.n, m.field(part))
		}
	}
	return b.String(), ""
}

func (m *moment) field(part picturePart) int {
	switch part.letter {
	case 'y':
		if part.n == 2 {
			return m.day.Year() % 100
		}
		return m.day.Year()
	case 'M':
		return int(m.day.Month())
	case 'd':
		return m.day.Day()
	case 'D':
		return m.day.YearDay()
	case 'H':
		return m.hour
	case 'm':
		return m.minute
	default:
		return m.second
	}
}

// lost tells whether writing m by the picture drops parts of a second that are not zeros.
func (p *picture) lost(m moment) bool {
	kept := 0
	for _, part := range p.parts {
		if part.letter == 'S' {
			kept = part.n
		}
	}
	return p.clock && len(m.fraction) > kept && strings.Trim(m.fraction[kept:], "0") != ""
}
