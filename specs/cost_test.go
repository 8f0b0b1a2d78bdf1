// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"strings"
	"testing"
)

// X16: TestCostlyDocuments reads documents that are small but would take very long if anything in the
// reader looked at a line, a map or a list again and again. It would run into the time limit of the test.
func TestCostlyDocuments(t *testing.T) {
	const size = 2 << 20
	docs := map[string]string{
		"many scalars in one line": "a: [" + strings.Repeat("é, ", size/4) + "z]",
		"spaces in a quoted text":  "a: 'x" + strings.Repeat(" ", size) + "x'",
		"escapes in one line":      `a: "` + strings.Repeat(`\t`, size/2) + `"`,
		"quotes in one line":       "a: '" + strings.Repeat("''", size/2) + "'",
		"folded lines":             "a: x\n" + strings.Repeat("  y\n", size/4),
		"literal lines":            "a: |\n" + strings.Repeat("  y\n", size/4),
		"blank literal lines":      "a: |\n" + strings.Repeat("\n", size) + "  x\n",
		"alias of a long text":     "a: &a '" + strings.Repeat("x ", size/8) + "'\nb: [" + strings.Repeat("*a, ", size/8) + "]",
		"white space behind":       "a: [" + strings.Repeat("x, ", size/8) + "]" + strings.Repeat(" ", size/2),
	}
	for name, doc := range docs {
		t.Run(name, func(t *testing.T) {
			root, fs := ParseYAML("f.yaml", []byte(doc))
			if root == nil {
				t.Errorf("findings: %v", fs)
			}
		})
	}
}

// TestCostlyContract reads a contract with many schemas that all refer to each other, and many
// references that lead nowhere.
func TestCostlyContract(t *testing.T) {
	var b strings.Builder
	b.WriteString("openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n")
	const schemas = 4000
	for i := range schemas {
		fmt.Fprintf(&b, "    Schema%d: {type: object, properties: {next: {$ref: '#/components/schemas/Schema%d'}, none: {$ref: '#/components/schemas/None%d'}}}\n", i, (i+1)%schemas, i)
	}
	_, found := readContract(t, b.String(), nil)
	if len(found) != schemas {
		t.Errorf("%d findings, want %d", len(found), schemas)
	}
}
