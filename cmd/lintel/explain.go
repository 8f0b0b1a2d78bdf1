// SPDX-License-Identifier: Apache-2.0

package main

import (
	_ "embed" // the examples of explain
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"lintel/specs"
)

// explainExamples holds a finding of every code as check prints it, with the line it is about. It is
// written by a test from the bad workspaces of the rooms: make gen.
//
//go:embed explain_examples.txt
var explainExamples string

// explanation is what explain tells about a code, and its JSON form.
type explanation struct {
	FormatVersion string `json:"formatVersion"`
	Code          string `json:"code"`
	Title         string `json:"title"`
	Cause         string `json:"cause"`
	Example       string `json:"example,omitempty"`
	Cure          string `json:"cure"`
}

func newExplain(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE]",
		Short: "Explain the code of a finding: cause, example and cure",
		Long: `Explain prints what the code of a finding means: its cause, an example and its cure.
Without a code it lists all of them. It needs no workspace and no network.`,
		Example: "  lintel explain LNT1101\n  lintel explain --output json LNT4022",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.listCodes()
			}
			e, err := explain(args[0])
			if err != nil {
				return err
			}
			return p.printExplanation(e)
		},
	}
}

// explain finds a code; LNT in front and upper case may be left out.
func explain(word string) (*explanation, error) {
	code := strings.ToUpper(strings.TrimSpace(word))
	if code != "" && strings.Trim(code, "0123456789") == "" {
		code = "LNT" + code
	}
	rules := findingRules()
	r, found := rules[code]
	if !found {
		codes := make([]string, 0, len(rules))
		for c := range rules {
			codes = append(codes, c)
		}
		slices.Sort(codes)
		hint := "lintel explain lists all codes"
		if near := specs.Suggest(code, codes); near != "" {
			hint = fmt.Sprintf("did you mean %s (%s)?", near, rules[near].Title)
		}
		return nil, &exitError{code: exitUsage, err: fmt.Errorf("there is no finding code %q: %s", word, hint)}
	}
	return &explanation{
		FormatVersion: "1.0", Code: r.Code, Title: r.Title,
		Cause: sentence(r.Cause), Cure: sentence(r.Cure), Example: examplesByCode()[r.Code],
	}, nil
}

// sentence begins a text with a capital letter, as a page wants it.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// examplesByCode takes the embedded examples apart.
func examplesByCode() map[string]string {
	out := map[string]string{}
	for _, part := range strings.Split("\n"+explainExamples, "\n-- ")[1:] {
		code, text, _ := strings.Cut(part, " --\n")
		out[code] = strings.Trim(text, "\n")
	}
	return out
}

func (p *program) printExplanation(e *explanation) error {
	if p.output == "json" {
		return writeJSON(p.stdout, e)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\nCause\n%s\n", e.Code, e.Title, wrap(e.Cause))
	if e.Example != "" {
		fmt.Fprintf(&b, "\nExample\n%s\n", indentLines(e.Example))
	}
	fmt.Fprintf(&b, "\nCure\n%s\n", wrap(e.Cure))
	_, err := io.WriteString(p.stdout, b.String())
	return err
}

func (p *program) listCodes() error {
	type entry struct {
		Code  string `json:"code"`
		Title string `json:"title"`
	}
	var list []entry
	var b strings.Builder
	for i, g := range findingGroups() {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s\n", g.title)
		for _, r := range g.rules {
			list = append(list, entry{r.Code, r.Title})
			fmt.Fprintf(&b, "  %s  %s\n", r.Code, r.Title)
		}
	}
	if p.output == "json" {
		return writeJSON(p.stdout, struct {
			FormatVersion string  `json:"formatVersion"`
			Codes         []entry `json:"codes"`
		}{"1.0", list})
	}
	_, err := io.WriteString(p.stdout, b.String())
	return err
}

// wrap breaks a text into indented lines of up to 100 characters.
func wrap(text string) string {
	const widest = 100
	var b strings.Builder
	width := 0
	for _, word := range strings.Fields(text) {
		n := len([]rune(word))
		switch {
		case width == 0:
			b.WriteString("  ")
		case width+1+n > widest:
			b.WriteString("\n  ")
			width = 0
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += n
	}
	return b.String()
}

func indentLines(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }
