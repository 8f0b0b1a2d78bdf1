// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func newImport(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Make a workspace, or a further operation of one, from what a host already has",
		Example: `  lintel import copybook ACCTINQ.cpy --operation "GET /accounts/{id}" --codepage cp1140 --dir bank --yes
  lintel import copybook --help`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newImportCopybook(p), newImportWSDL(p), newImportOpenAPI(p), newImportZOSConnect(p))
	return cmd
}

// draft is a workspace that is being written: a copy of the folder with the changes, which becomes the
// folder only when all of it is well.
type draft struct {
	dir, stage string
	// written are the files that are new or changed, in the order they were written.
	written []string
}

// maxDraft bounds the workspace that is copied, in files and bytes of one file.
const (
	maxDraftFiles = 10_000
	maxDraftFile  = 64 << 20
)

// newDraft copies the workspace in dir, if there is one, to a folder aside. It must be closed.
func newDraft(dir string) (*draft, error) {
	stage, err := os.MkdirTemp("", "lintel-import-")
	if err != nil {
		return nil, err
	}
	d := &draft{dir: dir, stage: stage}
	n := 0
	err = filepath.WalkDir(dir, func(file string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && file == dir:
			return fs.SkipAll
		case err != nil:
			return err
		case e.IsDir() && strings.HasPrefix(e.Name(), ".") && file != dir:
			return fs.SkipDir
		case !e.Type().IsRegular():
			return nil
		}
		if n++; n > maxDraftFiles {
			return fmt.Errorf("%s has more than %d files: it does not look like a workspace", dir, maxDraftFiles)
		}
		return copyFile(file, filepath.Join(stage, mustRel(dir, file)))
	})
	if err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// mustRel is the path of a file below dir, where it was found.
func mustRel(dir, file string) string {
	rel, err := filepath.Rel(dir, file)
	if err != nil {
		return filepath.Base(file)
	}
	return rel
}

func copyFile(from, to string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	b, err := readAtMost(f, maxDraftFile)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return writeFile(to, b)
}

func writeFile(file string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o644) //nolint:gosec // a workspace is read by others
}

func (d *draft) close() { _ = os.RemoveAll(d.stage) }

// has tells that the workspace has a file.
func (d *draft) has(name string) bool {
	_, err := os.Stat(filepath.Join(d.stage, filepath.FromSlash(name)))
	return err == nil
}

func (d *draft) read(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(d.stage, filepath.FromSlash(name)))
}

// write writes a file of the workspace; a new one begins with the line for editors.
func (d *draft) write(name, text string) error {
	if !d.has(name) {
		text = schemaLine(name) + text
	}
	if !slices.Contains(d.written, name) {
		d.written = append(d.written, name)
	}
	return writeFile(filepath.Join(d.stage, filepath.FromSlash(name)), []byte(text))
}

// paths are the files that were written, as the user finds them.
func (d *draft) paths() []string {
	out := make([]string, len(d.written))
	for i, name := range d.written {
		out[i] = filepath.Join(d.dir, filepath.FromSlash(name))
	}
	return out
}

// land makes the draft the workspace.
func (d *draft) land() error {
	for _, name := range d.written {
		if err := copyFile(filepath.Join(d.stage, filepath.FromSlash(name)), filepath.Join(d.dir, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}

// questions asks what a command cannot know. Without a terminal, or with --yes, the default is taken.
type questions struct {
	p   *program
	in  *bufio.Reader
	ask bool
}

func newQuestions(p *program, cmd *cobra.Command, yes bool) *questions {
	q := &questions{p: p, in: bufio.NewReader(cmd.InOrStdin())}
	if f, ok := cmd.InOrStdin().(*os.File); ok && !yes {
		info, err := f.Stat()
		q.ask = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return q
}

// text asks for a text.
func (q *questions) text(question, def string) string {
	if !q.ask {
		return def
	}
	shown := def
	if shown == "" {
		shown = "none"
	}
	_, _ = fmt.Fprintf(q.p.stderr, "%s [%s] ", question, shown)
	line, err := q.in.ReadString('\n')
	if line = strings.TrimSpace(line); err != nil || line == "" {
		return def
	}
	return line
}
