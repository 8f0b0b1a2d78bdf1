// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"io"
)

// printJSON prints a result as JSON for programs. Every result has a formatVersion: a minor version adds, a
// major one breaks.
func (p *program) printJSON(result any) error { return writeJSON(p.stdout, result) }

func writeJSON(w io.Writer, result any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(result)
}
