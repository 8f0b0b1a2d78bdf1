// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"lintel/specs"
)

// schemaFolder is where schemas are written below a workspace.
const schemaFolder = ".lintel/schemas"

func newSchema(p *program) *cobra.Command {
	var draft, write string
	cmd := &cobra.Command{
		Use:   "schema KIND",
		Short: "Print the JSON Schema of a kind of file, or write all for an editor",
		Long: `Schema prints the JSON Schema of lintel.yaml, a transform, a listener, a ping, records
(records.yaml), soap (soap.yaml), tests or simulate (simulate.yaml).
With --write it writes all of them to ` + schemaFolder + ` below a workspace, where editors find
them by the first line of a file:

  # yaml-language-server: $schema=` + schemaFolder + `/lintel.schema.json`,
		Example: "  lintel schema transform\n  lintel schema --write examples/bank",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 || (len(args) == 0) == (write == "") {
				return fmt.Errorf("name one kind (%s), or a workspace with --write", strings.Join(specs.SchemaKinds(), ", "))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if write != "" {
				return p.writeSchemas(write, draft)
			}
			text, err := specs.FileSchema(args[0], draft)
			if err != nil {
				return &exitError{code: exitUsage, err: err}
			}
			_, err = p.stdout.Write(text)
			return err
		},
	}
	cmd.Flags().StringVar(&draft, "draft", "7", "version of JSON Schema: 7 or 2020-12")
	cmd.Flags().StringVar(&write, "write", "", "workspace to write all schemas to, in "+schemaFolder)
	return cmd
}

// schemaFile is the name of the file with the schema of a kind.
func schemaFile(kind string) string { return strings.TrimSuffix(kind, ".yaml") + ".schema.json" }

// writeSchemas writes all schemas below a workspace.
func (p *program) writeSchemas(dir, draft string) error {
	if _, err := os.Stat(filepath.Join(dir, "lintel.yaml")); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return &exitError{code: exitLoad, err: fmt.Errorf("%s is no workspace: it has no lintel.yaml", dir)}
		}
		return &exitError{code: exitLoad, err: fmt.Errorf("workspace %s cannot be read: %w", dir, err)}
	}
	texts := map[string][]byte{}
	for _, kind := range specs.SchemaKinds() {
		text, err := specs.FileSchema(kind, draft)
		if err != nil {
			return &exitError{code: exitUsage, err: err}
		}
		texts[kind] = text
	}
	folder := filepath.Join(dir, filepath.FromSlash(schemaFolder))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return &exitError{code: exitLoad, err: fmt.Errorf("schemas cannot be written: %w", err)}
	}
	report := struct {
		FormatVersion string   `json:"formatVersion"`
		Files         []string `json:"files"`
	}{FormatVersion: "1.0"}
	for _, kind := range specs.SchemaKinds() {
		file := filepath.Join(folder, schemaFile(kind))
		if err := os.WriteFile(file, texts[kind], 0o644); err != nil { // #nosec G306 -- schemas are no secret, and editors of others read them
			return &exitError{code: exitLoad, err: fmt.Errorf("schema cannot be written: %w", err)}
		}
		report.Files = append(report.Files, filepath.ToSlash(file))
	}
	if p.output == "json" {
		return writeJSON(p.stdout, report)
	}
	for _, file := range report.Files {
		if _, err := fmt.Fprintln(p.stdout, "wrote "+file); err != nil {
			return err
		}
	}
	return nil
}
