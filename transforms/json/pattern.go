// SPDX-License-Identifier: Apache-2.0

package json

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// maxProgram bounds the size of a compiled pattern in instructions.
const maxProgram = 5000

var errPatternSize = errors.New("the pattern is too large")

// pattern is a compiled pattern. Matching is linear in the text.
type pattern struct {
	re     *regexp.Regexp
	size   int
	quick  quickPattern
	detail string
}

// compilePattern takes an ECMA-262 pattern as far as Go's linear-time engine can express it.
func compilePattern(text string) (*pattern, error) {
	translated := translatePattern(text)
	parsed, err := syntax.Parse(translated, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("the pattern cannot be used: %w", err)
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, fmt.Errorf("the pattern cannot be used: %w", err)
	}
	if len(prog.Inst) > maxProgram {
		return nil, errPatternSize
	}
	re, err := regexp.Compile(translated)
	if err != nil {
		return nil, fmt.Errorf("the pattern cannot be used: %w", err)
	}
	parsed, err = syntax.Parse(translated, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("the pattern cannot be used: %w", err)
	}
	return &pattern{
		re: re, size: len(prog.Inst), quick: newQuickPattern(parsed),
		detail: "must match the pattern " + text,
	}, nil
}

// translatePattern rewrites the escapes that Go spells differently: \uXXXX, \u{X} and \cX, and the
// class \s, which knows more spaces in ECMA-262.
func translatePattern(text string) string {
	var b strings.Builder
	inClass := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '[' && !inClass:
			inClass = true
		case c == ']':
			inClass = false
		}
		if c != '\\' || i+1 == len(text) {
			b.WriteByte(c)
			continue
		}
		i++
		i += translateEscape(&b, text[i:], inClass) - 1
	}
	return b.String()
}

// translateEscape writes the escape whose letter is rest[0] and returns how much it took.
func translateEscape(b *strings.Builder, rest string, inClass bool) int {
	const spaces = `\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`
	switch {
	case rest[0] == 'u' && len(rest) >= 5 && isHex(rest[1:5]):
		b.WriteString(`\x{` + rest[1:5] + `}`)
		return 5
	case rest[0] == 'u' && strings.HasPrefix(rest, "u{") && strings.Contains(rest, "}"):
		n := strings.IndexByte(rest, '}')
		b.WriteString(`\x{` + rest[2:n] + `}`)
		return n + 1
	case rest[0] == 'c' && len(rest) > 1 && isLetter(rest[1]):
		fmt.Fprintf(b, `\x%02x`, rest[1]&0x1f)
		return 2
	case rest[0] == 's' && inClass:
		b.WriteString(spaces)
	case rest[0] == 's':
		b.WriteString("[" + spaces + "]")
	case rest[0] == 'S' && !inClass:
		b.WriteString("[^" + spaces + "]")
	default:
		b.WriteByte('\\')
		b.WriteByte(rest[0])
	}
	return 1
}

func isHex(s string) bool {
	for i := range len(s) {
		if !hexDigit(s[i]) {
			return false
		}
	}
	return true
}

func hexDigit(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

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
}

// maxQuickRune is the last character that UTF-8 writes as one byte, or as two that begin with C2 or C3.
const maxQuickRune = 0xff

func (r *classRun) add(c rune) { r.set[c>>6] |= 1 << (c & 63) }

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
			w := 1
			if c := text[i]; c >= 0x80 {
				w = r.width(text[i:])
			} else if r.set[c>>6]>>(c&63)&1 == 0 {
				break
			}
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
