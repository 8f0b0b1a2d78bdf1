// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says what a finding means for serving.
type Severity uint8

const (
	// Error keeps the workspace from being served.
	Error Severity = iota
	// Warning is worth a look but does not stop anything.
	Warning
	// Info tells what was assumed.
	Info
)

// String gives the word printed in findings: "error", "warning" or "info".
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	default:
		return "info"
	}
}

// MarshalText writes the word of the severity, for JSON output.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word of a severity.
func (s *Severity) UnmarshalText(text []byte) error {
	for _, known := range []Severity{Error, Warning, Info} {
		if known.String() == string(text) {
			*s = known
			return nil
		}
	}
	return fmt.Errorf("%q is no severity", text)
}

// Pos is a place in a file of the workspace. Line and Column count from 1, columns in characters;
// 0 means unknown. File is relative to the workspace, with forward slashes.
type Pos struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// String prints file:line:column, leaving out what is unknown.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	default:
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
}

// Finding is one result of checking a workspace.
type Finding struct {
	Severity Severity `json:"severity"`
	// Code is stable, for example LNT1204; package docs list them.
	Code string `json:"code"`
	Pos
	// Path is where in the document: a JSON pointer, or empty.
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
	// Hint says what to try, or is empty.
	Hint string `json:"hint,omitempty"`
}

// String prints the finding in one line: place, severity, code and message.
func (f Finding) String() string {
	return fmt.Sprintf("%s: %s %s: %s", f.Pos, f.Severity, f.Code, f.Message)
}

// Findings is a list of findings. It is an error, so that a list can be returned as one.
type Findings []Finding

// Error prints the findings, one a line.
func (fs Findings) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// HasErrors reports whether a finding of severity Error is in the list.
func (fs Findings) HasErrors() bool {
	return slices.ContainsFunc(fs, func(f Finding) bool { return f.Severity == Error })
}

// Add appends an error finding.
func (fs *Findings) Add(code string, pos Pos, message string, hint string) {
	*fs = append(*fs, Finding{Severity: Error, Code: code, Pos: pos, Message: message, Hint: hint})
}

// Warn appends a warning.
func (fs *Findings) Warn(code string, pos Pos, message string, hint string) {
	*fs = append(*fs, Finding{Severity: Warning, Code: code, Pos: pos, Message: message, Hint: hint})
}

// LeftOut appends a warning that counts the findings beyond a limit, if there are any; pos is the place of
// the first.
func (fs *Findings) LeftOut(code string, pos Pos, errors, warnings int) {
	if errors+warnings > 0 {
		fs.Warn(code, pos, fmt.Sprintf("%d more errors and %d more warnings are not shown; this is the place of the first", errors, warnings), "")
	}
}

// Limit keeps the first findings, as many errors and as many warnings as the limit says, and counts the others
// under that code.
func (fs Findings) Limit(limit int, code string) Findings {
	var counts [Info + 1]int
	var over Pos
	kept := fs[:0:0]
	for _, f := range fs {
		counts[f.Severity]++
		switch {
		case counts[f.Severity] <= limit || f.Severity == Info:
			kept = append(kept, f)
		case over.Line == 0:
			over = f.Pos
		}
	}
	kept.LeftOut(code, over, max(counts[Error]-limit, 0), max(counts[Warning]-limit, 0))
	return kept
}

// Sort orders by file, line, column and code, and drops findings that say the same twice.
func (fs Findings) Sort() Findings {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Code, b.Code))
	})
	return slices.Compact(fs)
}

// Rule describes one finding code: what `lintel explain` and the reference print.
type Rule struct {
	Code string
	// Title is one line without the facts of a single finding.
	Title string
	// Cause says when it is reported, Cure what to do.
	Cause, Cure string
}
