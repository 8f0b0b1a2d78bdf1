// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"lintel/specs"
)

func newCheck(p *program) *cobra.Command {
	strict := false
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Check a workspace: every file against the others, and all findings at once",
		Long: `Check reads a workspace, compiles every copybook and transform and compares both sides.
It prints all findings with file, line and column. Exit code 0: nothing worse than warnings;
1: errors, or warnings with --strict; 3: the folder cannot be read.

Besides text and json, --output takes sarif (SARIF 2.1.0, for code scanning) and github
(workflow commands, which GitHub shows beside the lines). Files are named with DIR in front in both.`,
		Example:     "  lintel check examples/bank\n  lintel check --strict --output sarif > lintel.sarif",
		Args:        cobra.MaximumNArgs(1),
		Annotations: map[string]string{outputAnnotation: "sarif,github"},
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			ws, findings, err := p.load(dir)
			if err != nil {
				return err
			}
			if ws != nil {
				compiled, more := compile(ws)
				findings = append(append(findings, more...), checkTests(compiled)...)
			}
			findings = findings.Sort()
			if err := p.printCheck(dir, ws, findings); err != nil {
				return err
			}
			if findings.HasErrors() || strict && slices.ContainsFunc(findings, isWarning) {
				return &exitError{code: exitFindings, err: errors.New("the workspace has errors"), silent: true}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&strict, "strict", false, "warnings fail too")
	return cmd
}

func isWarning(f specs.Finding) bool { return f.Severity == specs.Warning }

// checkReport is the JSON form of check.
type checkReport struct {
	FormatVersion string         `json:"formatVersion"`
	Errors        int            `json:"errors"`
	Warnings      int            `json:"warnings"`
	Operations    int            `json:"operations"`
	Findings      specs.Findings `json:"findings"`
}

func (p *program) printCheck(dir string, ws *specs.Workspace, fs specs.Findings) error {
	switch p.output {
	case "sarif":
		return printSARIF(p.stdout, dir, readVersion().Version, fs)
	case "github":
		return printGitHub(p.stdout, dir, fs)
	}
	report := checkReport{FormatVersion: "1.0", Findings: fs}
	for _, f := range fs {
		switch f.Severity {
		case specs.Error:
			report.Errors++
		case specs.Warning:
			report.Warnings++
		case specs.Info:
		}
	}
	if ws != nil && ws.Contract != nil {
		report.Operations = len(ws.Contract.Operations)
	}
	if p.output == "json" {
		if report.Findings == nil {
			report.Findings = specs.Findings{}
		}
		return p.printJSON(report)
	}
	if err := printFindings(p.stdout, ws, fs); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.stdout, "%s, %s, %s\n", count(report.Operations, "operation"),
		count(report.Errors, "error"), count(report.Warnings, "warning"))
	return err
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
