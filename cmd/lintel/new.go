// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	workspaces "lintel/examples"
)

// start is the smallest workspace with everything in it.
//
//go:embed start
var start embed.FS

// sampleStart is the name of the workspace that new writes by default.
const sampleStart = "start"

// samples lists the workspaces that new can write, by name.
func samples() map[string]fs.FS {
	out := map[string]fs.FS{}
	if sub, err := fs.Sub(start, sampleStart); err == nil {
		out[sampleStart] = sub
	}
	entries, err := workspaces.FS.ReadDir(".")
	if err != nil {
		return out
	}
	for _, e := range entries {
		if sub, err := fs.Sub(workspaces.FS, e.Name()); err == nil {
			out[e.Name()] = sub
		}
	}
	return out
}

func sampleNames() []string { return slices.Sorted(maps.Keys(samples())) }

func newNew(p *program) *cobra.Command {
	sample := sampleStart
	cmd := &cobra.Command{
		Use:   "new DIR",
		Short: "Write a new workspace that works: one operation, or a whole sample",
		Long: `New writes a workspace to a folder that does not exist or is empty: by default the smallest one with
everything in it, one operation with its copybook, rules and tests. --sample writes an example: bank (COBOL over
TCP), claims (SOAP) or orders (messages of a broker).
JSON Schemas for editors are written beside it. To begin with a copybook of your own, use lintel import copybook.
Exit code 0: fine; 2: wrong usage; 3: the folder is not empty or cannot be written.`,
		Example: `  lintel new customers
  lintel new bank --sample bank`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return p.writeSample(args[0], sample) },
	}
	cmd.Flags().StringVar(&sample, "sample", sample, "`NAME` of the workspace: "+strings.Join(sampleNames(), ", "))
	return cmd
}

// writeSample copies a workspace to a new folder.
func (p *program) writeSample(dir, name string) error {
	from := samples()[name]
	if from == nil {
		return usageError("there is no sample %q; there are %s", name, strings.Join(sampleNames(), ", "))
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &exitError{code: exitLoad, err: fmt.Errorf("%s is not an empty folder; nothing was written", dir)}
	}
	var b bytes.Buffer
	var written []string
	err := fs.WalkDir(from, ".", func(file string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && e.Name() == "host" || path.Ext(file) == ".md": // what only tests of this project run
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case e.IsDir():
			return nil
		}
		text, err := fs.ReadFile(from, file)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(file))
		fmt.Fprintf(&b, "wrote %s\n", to)
		written = append(written, to)
		return writeFile(to, append([]byte(schemaLine(file)), text...))
	})
	if err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	if err := p.quietly().writeSchemas(dir, "7"); err != nil {
		return err
	}
	if p.output == "json" {
		return p.printWritten(written)
	}
	fmt.Fprintf(&b, "next:\n  lintel check %[1]s\n  lintel test %[1]s\n  lintel serve --simulate %[1]s\n", dir)
	_, err = fmt.Fprint(p.stdout, b.String())
	return err
}

// quietly is the program without results.
func (p *program) quietly() *program {
	out := *p
	out.stdout, out.output = &bytes.Buffer{}, "text"
	return &out
}

// schemaLine is the first line of a document, by which editors find its JSON Schema; "" for other files.
func schemaLine(file string) string {
	kind, up := "", ""
	switch {
	case file == "lintel.yaml" || file == "records.yaml":
		kind = file
	case strings.HasPrefix(file, "transforms/"):
		kind, up = "transform", "../"
	case strings.HasPrefix(file, "listeners/"):
		kind, up = "listener", "../"
	case strings.HasPrefix(file, "pings/"):
		kind, up = "ping", "../"
	case strings.HasPrefix(file, "tests/"):
		kind, up = "tests", "../"
	default:
		return ""
	}
	return "# yaml-language-server: $schema=" + up + schemaFolder + "/" + schemaFile(kind) + "\n"
}
