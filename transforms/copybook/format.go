// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"
	"strings"
	"unicode"

	"lintel/specs"
)

// detectFormat finds the format of a text whose format is not given. What both forms could be is fixed; a
// text with signs of both is refused.
func (p *parser) detectFormat(f *file, lines []line) Format {
	left := p.o.LeftMargin
	fixed, free := 0, 0
	for i := range lines {
		l := &lines[i]
		if form, ok := formatDirective(string(l.runes)); ok {
			return form
		}
		if signOfFixed(l, left) && fixed == 0 {
			fixed = i + 1
		}
		if signOfFree(l, left) && free == 0 {
			free = i + 1
		}
	}
	switch {
	case free == 0:
		return Fixed
	case fixed == 0:
		return Free
	}
	l := &lines[free-1]
	p.errorAt(codeFormat, specs.Pos{File: f.name, Line: free, Column: int(l.column(l.first(1)))},
		fmt.Sprintf("this line looks like free format, but line %d like fixed format", fixed),
		"set the format of the copybook (fixed or free), or its margins if the book is shifted by a column")
	return Fixed
}

// signOfFixed: sequence numbers in front of an indicator, or a continuation.
func signOfFixed(l *line, left int) bool {
	ind := l.at(left)
	if !isIndicator(ind) {
		return false
	}
	area := strings.TrimSpace(string(l.slice(1, left-1)))
	if ind == '-' && area == "" && l.first(left+1) > 0 {
		return true
	}
	digits := 0
	for _, r := range area {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return len(area) >= 5 && digits >= 4 && !strings.ContainsAny(area, " .")
}

// signOfFree: a level number or a directive where fixed form has its sequence area and indicator.
func signOfFree(l *line, left int) bool {
	at := l.first(1)
	if at == 0 || at > left {
		return false
	}
	word, rest := cutWord(string(l.runes[at-1:]))
	if !isLevelWord(word) {
		return false
	}
	// A level number must be followed by something, and must not be a number of five or six digits.
	return rest != "" || strings.HasSuffix(word, ".")
}

func isIndicator(r rune) bool { return strings.ContainsRune(" */-Dd$>", r) }

// cutWord splits off the first blank-delimited word.
func cutWord(s string) (word, rest string) {
	s = strings.TrimLeft(s, " ")
	word, rest, _ = strings.Cut(s, " ")
	return word, strings.TrimLeft(rest, " ")
}

// isLevelWord reports one or two digits that are a level number.
func isLevelWord(w string) bool {
	if len(w) == 0 || len(w) > 2 {
		return false
	}
	n := 0
	for _, r := range w {
		if r < '0' || r > '9' {
			return false
		}
		n = n*10 + int(r-'0')
	}
	return validLevel(n)
}

func validLevel(n int) bool {
	return n >= 1 && n <= 49 || n == 66 || n == 77 || n == 78 || n == 88
}

// formatDirective recognizes the directives that name the format: >>SOURCE FORMAT IS FREE, $SET SOURCEFORMAT"FREE".
func formatDirective(text string) (Format, bool) {
	s := strings.ToUpper(strings.TrimSpace(text))
	if len(s) > 6 && isSequence(s[:6]) {
		s = strings.TrimSpace(s[6:])
	}
	switch {
	case strings.HasPrefix(s, ">>"):
		s = strings.TrimSpace(s[2:])
		if !strings.HasPrefix(s, "SOURCE") && !strings.HasPrefix(s, "SET SOURCEFORMAT") {
			return Auto, false
		}
	case strings.HasPrefix(s, "$SET") && strings.Contains(s, "SOURCEFORMAT"):
	default:
		return Auto, false
	}
	switch {
	case strings.Contains(s, "FREE"):
		return Free, true
	case strings.Contains(s, "FIXED"):
		return Fixed, true
	}
	return Auto, false
}

func isSequence(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

// directive says what is done with a line that is no COBOL text.
type directive uint8

const (
	noDirective directive = iota
	skipLine
	refuseLine
	debugLine
)

// directiveOf recognizes compiler directives and listing statements that stand alone on a line.
func directiveOf(text string) directive {
	s := strings.ToUpper(strings.TrimSpace(text))
	word, rest := cutWord(s)
	switch strings.TrimSuffix(word, ".") {
	case "SKIP1", "SKIP2", "SKIP3", "EJECT":
		if rest == "" || rest == "." {
			return skipLine
		}
	case "TITLE":
		if strings.HasPrefix(rest, "'") || strings.HasPrefix(rest, `"`) {
			return skipLine
		}
	case "*CBL", "*CONTROL", "CBL", "PROCESS":
		return skipLine
	}
	switch {
	case strings.HasPrefix(s, ">>"):
		return interpretDirective(strings.TrimSpace(s[2:]))
	case strings.HasPrefix(s, "$"):
		return interpretDirective(s[1:])
	}
	return noDirective
}

func interpretDirective(s string) directive {
	word, _ := cutWord(s)
	switch word {
	case "IF", "ELSE", "ELIF", "ELSE-IF", "END", "END-IF", "EVALUATE", "WHEN", "END-EVALUATE", "DEFINE", "REGION":
		return refuseLine
	case "D":
		return debugLine
	}
	return skipLine
}
