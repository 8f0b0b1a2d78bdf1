// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strings"

	"lintel/specs"
)

// outputForms lists the words that --output takes at a command: text and json, and what its
// annotation adds.
func outputForms(annotations map[string]string) []string {
	forms := []string{"text", "json"}
	if more := annotations[outputAnnotation]; more != "" {
		forms = append(forms, strings.Split(more, ",")...)
	}
	return forms
}

// outputAnnotation is the key of a command's further forms of output.
const outputAnnotation = "lintel-output"

// printGitHub prints findings as workflow commands, which GitHub shows beside the lines they are
// about. dir is in front of their files.
func printGitHub(w io.Writer, dir string, list specs.Findings) error {
	for _, f := range list {
		command := "error"
		switch f.Severity {
		case specs.Warning:
			command = "warning"
		case specs.Info:
			command = "notice"
		case specs.Error:
		}
		var properties []string
		if f.File != "" {
			properties = append(properties, "file="+escapeProperty(inFolder(dir, f.File)))
		}
		if f.Line > 0 {
			properties = append(properties, fmt.Sprintf("line=%d", f.Line))
		}
		if f.Column > 0 {
			properties = append(properties, fmt.Sprintf("col=%d", f.Column))
		}
		properties = append(properties, "title="+escapeProperty(f.Code))
		message := f.Message
		if f.Hint != "" {
			message += "\ntry: " + f.Hint
		}
		if _, err := fmt.Fprintf(w, "::%s %s::%s\n", command, strings.Join(properties, ","), escapeData(message)); err != nil {
			return err
		}
	}
	return nil
}

// escapeData keeps a text from ending its workflow command and beginning another.
func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// escapeProperty does the same for a property, which ends at a comma or a colon too.
func escapeProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}

// inFolder puts the workspace's folder in front of a file, for tools that stand above it.
func inFolder(dir, file string) string {
	dir = strings.TrimSuffix(strings.ReplaceAll(dir, `\`, "/"), "/")
	for strings.HasPrefix(dir, "./") {
		dir = strings.TrimPrefix(dir, "./")
	}
	if dir == "" || dir == "." || file == "" {
		return file
	}
	return dir + "/" + file
}
