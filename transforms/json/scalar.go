// SPDX-License-Identifier: Apache-2.0

package json

import (
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// maxMatch bounds the steps of one pattern on one text: length times size of the program.
const maxMatch = 10 << 20

// text checks the string at pos.
func (w *walker) text(p *plan, pos int) int {
	s, e := p.str, p.enum
	if e == nil && s != nil && s.plain != nil {
		if end := s.plain.end(w.msg, pos); end > 0 {
			return end
		}
	}
	end, plain := w.str(pos)
	if s == nil && e == nil || w.stop {
		return end
	}
	content := w.msg[pos+1 : end-1]
	length := len(content)
	if !plain {
		w.scratch = append(w.scratch[:0], unquote(w.scratch[:0], w.msg[pos:end])...)
		content = w.scratch
		length = utf8.RuneCount(content)
	}
	if e != nil && !e.hasString(content) {
		w.fail(e.code, e.detail)
	}
	if s == nil || w.stop {
		return end
	}
	switch {
	case length < s.min.n:
		w.fail("minLength", s.min.detail)
	case s.max.n >= 0 && length > s.max.n:
		w.fail("maxLength", s.max.detail)
	case s.pattern != nil && !w.match(s.pattern, content):
		w.fail("pattern", s.pattern.detail)
	}
	if s.format != nil && !w.stop && !s.format.isText(content) {
		w.fail("format", s.format.detail)
	}
	return end
}

// match refuses a text that is too long for the pattern rather than spend the time.
func (w *walker) match(p *pattern, content []byte) bool {
	if ok, decided := p.quick.match(content); decided {
		return ok
	}
	cost := (len(content) + 1) * p.size
	if cost > maxMatch || !w.burn(cost/16) {
		return false
	}
	return p.re.Match(content)
}

func (e *enumCheck) hasString(content []byte) bool {
	for _, s := range e.strings {
		if s == string(content) {
			return true
		}
	}
	return false
}

// number checks the number at pos.
func (w *walker) number(p *plan, pos int) int {
	quick, end := w.digits(pos)
	c, e := p.num, p.enum
	if c == nil && e == nil && !p.integral || w.stop {
		return end
	}
	if quick.ok && e == nil && (!p.integral || quick.scale == 0) && (c == nil || c.bounds != nil && c.bounds.holds(quick)) {
		return end
	}
	v := parseNumber(w.msg[pos:end])
	if v.huge {
		w.fail("number", "the exponent of the number is out of every range")
		return end
	}
	if p.integral && !v.integral() {
		w.fail("type", p.typeDetail)
		return end
	}
	if e != nil && !e.hasNumber(&v) {
		w.fail(e.code, e.detail)
	}
	if c != nil && !w.stop {
		w.bounds(c, &v)
	}
	return end
}

func (w *walker) bounds(c *numberCheck, v *number) {
	switch {
	case c.min.set && compareNumbers(v, &c.min.value) < 0:
		w.fail("minimum", c.min.detail)
	case c.above.set && compareNumbers(v, &c.above.value) <= 0:
		w.fail("exclusiveMinimum", c.above.detail)
	case c.max.set && compareNumbers(v, &c.max.value) > 0:
		w.fail("maximum", c.max.detail)
	case c.below.set && compareNumbers(v, &c.below.value) >= 0:
		w.fail("exclusiveMaximum", c.below.detail)
	}
	if c.format != nil && !w.stop && !c.format.isNumber(*v) {
		w.fail("format", c.format.detail)
	}
	if c.multiple != nil && !w.stop && !c.multiple.divides(v) {
		w.fail("multipleOf", c.multipleDetail)
	}
}

func (e *enumCheck) hasNumber(v *number) bool {
	for i := range e.numbers {
		if compareNumbers(v, &e.numbers[i]) == 0 {
			return true
		}
	}
	return false
}

// quoteName writes a name of the contract as a JSON string. Names that are not valid UTF-8 cannot
// come out of a contract; they would be mangled here, not fail.
func quoteName(name string) []byte {
	b, _ := jsontext.AppendQuote(nil, name)
	return b
}
