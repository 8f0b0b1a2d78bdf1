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
