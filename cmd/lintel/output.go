// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// printJSON prints a result as JSON for programs. Every result has a formatVersion: a minor version adds, a
// major one breaks.
func (p *program) printJSON(result any) error { return writeJSON(p.stdout, result) }

// printWritten tells which files were written, as JSON.
func (p *program) printWritten(written []string) error {
	if written == nil {
		written = []string{}
	}
	return p.printJSON(map[string]any{"formatVersion": "1.0", "written": written})
}

// examplesFirst lets the help of all commands begin with examples: they say more than a list of flags.
func examplesFirst(root *cobra.Command) {
	const examples = "{{if .HasExample}}\n\nExamples:\n{{.Example}}{{end}}"
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), examples, "", 1))
	root.SetHelpTemplate("{{if .HasExample}}Examples:\n{{.Example}}\n\n{{end}}{{with (or .Long .Short)}}{{. | trimTrailingWhitespaces}}\n\n{{end}}" +
		"{{if or .Runnable .HasSubCommands}}{{.UsageString}}{{end}}")
}

func writeJSON(w io.Writer, result any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(result)
}
