// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"lintel/transforms"
)

// yamlText writes a text as a YAML scalar that every reader takes for that text.
func yamlText(s string) string {
	plain := regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./#-]*( [A-Za-z0-9_./-]+)*$`)
	reserved := []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
	if plain.MatchString(s) && !slices.Contains(reserved, strings.ToLower(s)) {
		return s
	}
	return string(transforms.AppendQuoted(nil, s))
}

// yamlLines writes lines of a YAML document, indented.
type yamlLines struct {
	b      strings.Builder
	indent int
}

func (y *yamlLines) line(format string, args ...any) {
	fmt.Fprintf(&y.b, "%s%s\n", strings.Repeat("  ", y.indent), fmt.Sprintf(format, args...))
}

// within writes a key and, one step deeper, what belongs to it.
func (y *yamlLines) within(key string, write func()) {
	y.line("%s:", key)
	y.indent++
	write()
	y.indent--
}
