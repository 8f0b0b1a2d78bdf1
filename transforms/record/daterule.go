// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"

	"lintel/specs"
)

const needsCentury = "yy needs a century window"

func (k *compiler) dateRule(n *node, r *specs.FieldRule) {
	l := &dateLeaf{base: n.base, century: n.policy.Century}
	size, problem := l.parse(r.Date.Value)
	if problem == "" {
		problem = l.suits(n, size)
	}
	if problem != "" {
		hint := ""
		if problem == needsCentury {
			hint = "write century beside date, the first of the hundred years that are meant: century: 1950"
		}
		k.findings.Add(codeDatePicture, r.Date.Pos, fmt.Sprintf("date picture of %s: %s", n.item.Name, problem), hint)
		return
	}
	n.leaf, n.partial = l, false
}

// parse takes the picture apart and returns how many characters it stands for.
func (l *dateLeaf) parse(picture string) (size int, problem string) {
	seen := map[byte]bool{}
	for i := 0; i < len(picture); {
		c := picture[i]
		j := i
		for j < len(picture) && picture[j] == c {
			j++
		}
		n := j - i
		switch {
		case c == 'y' && (n == 4 || n == 2), (c == 'M' || c == 'd' || c == 'H' || c == 'm' || c == 's') && n == 2, c == 'D' && n == 3:
			if seen[c] {
				return 0, fmt.Sprintf("%c stands there twice", c)
			}
			if c == 'y' && n == 2 && l.century == 0 {
				return 0, needsCentury
			}
			seen[c] = true
			l.parts = append(l.parts, datePart{letter: c, n: n})
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' && !(c == 'T' && n == 1), c < ' ', c > '~', c == '"', c == '\\':
			return 0, "it is made of yyyy, yy, MM, dd, DDD, HH, mm, ss and separators"
		default:
			for range n {
				l.parts = append(l.parts, datePart{literal: c, n: 1})
			}
		}
		i = j
	}
	l.hasDate, l.hasTime, l.seconds = seen['y'], seen['H'], seen['s']
	l.hasDay = seen['d'] || seen['D']
	switch {
	case l.hasDate && (seen['D'] && (seen['M'] || seen['d']) || seen['d'] && !seen['M']), !l.hasDate && (seen['M'] || seen['d'] || seen['D']),
		!l.hasTime && (seen['m'] || seen['s']), l.hasTime && !seen['m'], !l.hasDate && !l.hasTime, l.hasDate && l.hasTime && !l.hasDay,
		l.hasDate && !seen['M'] && !seen['D']:
		return 0, "its parts do not make a date or a time"
	}
	for _, p := range l.parts {
		size += p.n
	}
	return size, ""
}

// suits checks the picture against the field.
func (l *dateLeaf) suits(n *node, size int) string {
	if d, isDigits := n.base.(digiter); isDigits {
		l.number = d
		for _, p := range l.parts {
			if p.letter == 0 {
				return "a number has no separators"
			}
		}
		if n.item.Scale != 0 || size > n.item.Digits {
			return fmt.Sprintf("it has %d digits and the field %d", size, n.item.Digits)
		}
		return ""
	}
	if !isText(n.item) {
		return "a date is kept in text or in an integer"
	}
	if size > n.item.Size {
		return fmt.Sprintf("it has %d characters and the field %d", size, n.item.Size)
	}
	return ""
}
