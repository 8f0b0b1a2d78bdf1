// SPDX-License-Identifier: Apache-2.0

package json

import (
	"encoding/binary"
	"math"
	"math/bits"
	"regexp/syntax"
	"unicode/utf8"
)

// quickPattern matches the patterns that contracts mostly have, such as ^[A-Z]{2}[0-9]{2,30}$:
// runs of classes between both anchors, where one look at a character tells which run it belongs to. The
// classes have characters up to U+00FF, which is what host code pages mostly have. It saves the regexp
// engine, which is an order of magnitude slower.
type quickPattern struct {
	runs []classRun
}

// classRun is a class of characters up to maxQuickRune that repeats; max is -1 for no bound.
type classRun struct {
	set      [4]uint64
	min, max int
	// ascii tells which bytes are characters of the class by themselves.
	ascii [256]bool
}

// maxQuickRune is the last character that UTF-8 writes as one byte, or as two that begin with C2 or C3.
const maxQuickRune = 0xff

func (r *classRun) add(c rune) {
	r.set[c>>6] |= 1 << (c & 63)
	r.ascii[c] = c < utf8.RuneSelf
}

func (r *classRun) meets(other *classRun) bool {
	for i := range r.set {
		if r.set[i]&other.set[i] != 0 {
			return true
		}
	}
	return false
}

// most is how many characters the run takes at most.
func (r *classRun) most(text []byte) int {
	if r.max < 0 {
		return len(text)
	}
	return r.max
}

// width is how many bytes the first character of text, which is not ASCII, takes if the class has it, else 0.
func (r *classRun) width(text []byte) int {
	if c := text[0]; c&^1 == 0xc2 && len(text) > 1 && text[1]&0xc0 == 0x80 {
		return int(r.set[2+c&1]>>(text[1]&63)&1) * 2
	}
	return 0
}

// newQuickPattern gives an empty one for patterns that are not of the simple form.
func newQuickPattern(re *syntax.Regexp) quickPattern {
	if re.Op != syntax.OpConcat || len(re.Sub) < 3 ||
		re.Sub[0].Op != syntax.OpBeginText || re.Sub[len(re.Sub)-1].Op != syntax.OpEndText {
		return quickPattern{}
	}
	var runs []classRun
	for _, sub := range re.Sub[1 : len(re.Sub)-1] {
		var ok bool
		if runs, ok = appendRuns(runs, sub); !ok {
			return quickPattern{}
		}
	}
	for i := range runs {
		// A run of variable length must end where none of what may follow can begin.
		for j := i + 1; j < len(runs) && runs[i].min != runs[i].max; j++ {
			if runs[i].meets(&runs[j]) {
				return quickPattern{}
			}
			if runs[j].min > 0 {
				break
			}
		}
	}
	return quickPattern{runs: runs}
}

func appendRuns(runs []classRun, re *syntax.Regexp) ([]classRun, bool) {
	if re.Flags&(syntax.FoldCase|syntax.NonGreedy) != 0 && re.Op != syntax.OpCharClass {
		return nil, false
	}
	lo, hi := 1, 1
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if r > maxQuickRune {
				return nil, false
			}
			run := classRun{min: 1, max: 1}
			run.add(r)
			runs = append(runs, run)
		}
		return runs, true
	case syntax.OpCharClass:
	case syntax.OpRepeat:
		lo, hi = re.Min, re.Max
	case syntax.OpStar:
		lo, hi = 0, -1
	case syntax.OpPlus:
		hi = -1
	case syntax.OpQuest:
		lo = 0
	default:
		return nil, false
	}
	if re.Op != syntax.OpCharClass {
		re = re.Sub[0]
	}
	run, ok := singleClass(re)
	run.min, run.max = lo, hi
	return append(runs, run), ok
}

// singleClass gives the set of a class or of a single character.
func singleClass(re *syntax.Regexp) (classRun, bool) {
	var run classRun
	pairs := re.Rune
	switch {
	case re.Op == syntax.OpLiteral && len(re.Rune) == 1 && re.Flags&syntax.FoldCase == 0:
		pairs = []rune{re.Rune[0], re.Rune[0]}
	case re.Op != syntax.OpCharClass:
		return run, false
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] > maxQuickRune {
			return run, false
		}
		for r := pairs[i]; r <= pairs[i+1]; r++ {
			run.add(r)
		}
	}
	return run, true
}

// match tells whether text matches; decided is false when the regexp engine has to say.
func (q quickPattern) match(text []byte) (ok, decided bool) {
	if q.runs == nil {
		return false, false
	}
	i := 0
	for n := range q.runs {
		r, found := &q.runs[n], 0
		for most := r.most(text); i < len(text) && found < most; found++ {
			if r.ascii[text[i]] {
				i++
				continue
			}
			w := r.width(text[i:])
			if w == 0 {
				break
			}
			i += w
		}
		if found < r.min {
			return false, true
		}
	}
	return i == len(text), true
}

// quickText takes the strings that most strings are: plain ASCII, without escapes, all of one class and of a
// length that the schema allows. They are passed over once, as they stand in the document.
type quickText struct {
	// class are the bytes that may stand in the string; the quote and the backslash are not among them.
	class [256]bool
	// printable tells that all of ASCII from the space to the tilde is in the class.
	printable bool
	min, max  int
}

// quick gives the check of plain strings, nil if there is none: a pattern of several classes, or a format.
func (s *stringCheck) quick() *quickText {
	if s.pattern == nil || len(s.pattern.quick.runs) != 1 || s.format != nil {
		return nil
	}
	run := &s.pattern.quick.runs[0]
	q := &quickText{class: run.ascii, printable: true, min: max(s.min.n, run.min), max: run.max}
	if s.max.n >= 0 && (q.max < 0 || s.max.n < q.max) {
		q.max = s.max.n
	}
	if q.max < 0 {
		q.max = math.MaxInt
	}
	for c := ' '; c <= '~'; c++ {
		q.printable = q.printable && q.class[c]
	}
	for c := range ' ' {
		q.class[c] = false
	}
	q.class['"'], q.class['\\'] = false, false
	return q
}

// end returns the offset behind the string that begins at i, or 0 if it has to be looked at closer.
func (q *quickText) end(b []byte, i int) int {
	j := i + 1
	if q.printable {
		for j+8 <= len(b) {
			x := binary.LittleEndian.Uint64(b[j:])
			d := x ^ eachDelete
			if m := special(x) | (d-eachOne)&^d&eachTop; m != 0 {
				j += bits.TrailingZeros64(m) >> 3
				break
			}
			j += 8
		}
	}
	for j < len(b) && q.class[b[j]] {
		j++
	}
	if n := j - i - 1; j == len(b) || b[j] != '"' || n < q.min || n > q.max {
		return 0
	}
	return j + 1
}
