// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"lintel/specs"
	"lintel/specs/format"
)

// fmtCommand is the flags of lintel fmt.
type fmtCommand struct {
	p           *program
	check, diff bool
	// report is the JSON form.
	report fmtReport
}

type fmtReport struct {
	FormatVersion string   `json:"formatVersion"`
	Files         int      `json:"files"`
	Changed       []string `json:"changed"`
}

func newFmt(p *program) *cobra.Command {
	c := &fmtCommand{p: p, report: fmtReport{FormatVersion: "1.0", Changed: []string{}}}
	cmd := &cobra.Command{
		Use:   "fmt [DIR|FILE]...",
		Short: "Format the YAML of a workspace",
		Long: `Fmt indents every level by two columns and takes away blanks at the end of lines and empty lines that are
too many. Nothing else changes: values, quotes, comments and the order of keys stay as they are written. The names of
files that changed are printed. A folder means its lintel.yaml, records.yaml, the contract, and what
is in transforms, tests, listeners, pings, fragments and tables.
Exit code 0: fine; 1: with --check, a file is not formatted, or a file is no YAML; 2: wrong usage; 3: a file cannot be read
or written.`,
		Example: `  lintel fmt
  lintel fmt --check examples/bank
  lintel fmt --diff transforms/getAccount.yaml`,
		RunE: func(_ *cobra.Command, args []string) error { return c.run(args) },
	}
	cmd.Flags().BoolVar(&c.check, "check", false, "write nothing; exit code 1 if a file is not formatted")
	cmd.Flags().BoolVar(&c.diff, "diff", false, "write nothing; show what would change")
	return cmd
}

func (c *fmtCommand) run(args []string) error {
	if len(args) == 0 {
		args = []string{"."}
	}
	bad := false
	for _, arg := range args {
		files, err := yamlFiles(arg)
		if err != nil {
			return &exitError{code: exitLoad, err: err}
		}
		for _, file := range files {
			ok, err := c.file(file)
			if err != nil {
				return err
			}
			bad = bad || !ok
		}
	}
	if c.p.output == "json" {
		if err := c.p.printJSON(c.report); err != nil {
			return err
		}
	}
	if bad || c.check && len(c.report.Changed) > 0 {
		return &exitError{code: exitFindings, err: errors.New("not all is formatted"), silent: true}
	}
	return nil
}

// yamlFiles lists the documents that an argument means.
func yamlFiles(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s %s", arg, whyNot(err))
	case !info.IsDir():
		return []string{arg}, nil
	}
	files := []string{}
	for _, name := range []string{"lintel.yaml", "records.yaml"} {
		files = append(files, filepath.Join(arg, name))
	}
	if contract := contractFile(arg); contract != "" {
		files = append(files, filepath.Join(arg, filepath.FromSlash(contract)))
	}
	for _, folder := range []string{"transforms", "tests", "listeners", "pings", "fragments", "tables"} {
		found, err := filepath.Glob(filepath.Join(arg, folder, "*"))
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	files = slices.DeleteFunc(files, func(f string) bool {
		info, err := os.Stat(f)
		return err != nil || !info.Mode().IsRegular() || !slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(f))
	})
	if len(files) == 0 {
		return nil, fmt.Errorf("%s has no documents of a workspace", arg)
	}
	return files, nil
}

// contractFile is the contract that a workspace names, below its folder.
func contractFile(dir string) string {
	src, err := os.ReadFile(filepath.Join(dir, "lintel.yaml"))
	if err != nil {
		return ""
	}
	root, _ := specs.ParseYAML("lintel.yaml", src)
	n := root.Get("contract")
	if n == nil || n.Kind != specs.ScalarNode || !fs.ValidPath(n.Text) {
		return ""
	}
	return n.Text
}

// file formats one document; false if that cannot be done.
func (c *fmtCommand) file(file string) (ok bool, err error) {
	src, err := readDocument(file)
	if err != nil {
		return false, &exitError{code: exitLoad, err: err}
	}
	c.report.Files++
	out, err := format.YAML(filepath.ToSlash(file), src)
	var findings specs.Findings
	switch {
	case errors.As(err, &findings):
		return false, printFindings(c.p.stderr, nil, findings)
	case err != nil:
		_, err = fmt.Fprintf(c.p.stderr, "%s: %v; it was left as it is\n", file, err)
		return false, err
	case string(out) == string(src):
		return true, nil
	}
	c.report.Changed = append(c.report.Changed, filepath.ToSlash(file))
	text := file + "\n"
	if c.diff {
		text = textDiff(file, file+" formatted", string(src), string(out))
	}
	if c.p.output == "text" {
		if _, err := fmt.Fprint(c.p.stdout, text); err != nil {
			return false, err
		}
	}
	if c.check || c.diff {
		return true, nil
	}
	if err := rewrite(file, out); err != nil {
		return false, &exitError{code: exitLoad, err: err}
	}
	return true, nil
}

// readDocument reads a file that is no larger than a document may be.
func readDocument(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("%s %s", file, whyNot(err))
	}
	defer func() { _ = f.Close() }()
	b, err := readAtMost(f, specs.MaxFileSize)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return b, nil
}

// rewrite puts a text in the place of a file, at once and with its permissions. The file may be a new one.
func rewrite(file string, text []byte) error {
	mode := fs.FileMode(0o644)
	info, err := os.Stat(file)
	switch {
	case err == nil:
		mode = info.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	t, err := os.CreateTemp(filepath.Dir(file), "."+strings.TrimPrefix(filepath.Base(file), ".")+"-*")
	if err != nil {
		return err
	}
	_, err = t.Write(text)
	err = errors.Join(err, t.Chmod(mode), t.Close())
	if err == nil {
		err = os.Rename(t.Name(), file)
	}
	if err != nil {
		_ = os.Remove(t.Name())
	}
	return err
}
