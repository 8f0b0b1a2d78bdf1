// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"lintel/specs"
	"lintel/transforms/codepage"
)

func newImportZOSConnect(p *program) *cobra.Command {
	dir := ""
	cmd := &cobra.Command{
		Use:   "zosconnect PROJECT",
		Short: "Make a workspace of a z/OS Connect project (OpenAPI 3)",
		Long: `Zosconnect reads the project of an API provider of z/OS Connect 3.0: src/main/api/openapi.yaml, src/main/operations
and src/main/zosAssets. It takes over the contract, the copybooks of CICS COMMAREA and IMS assets, the mappings of requests and responses
with the JSONata that Lintel has a word for, and the conditions of responses. Everything that could not be taken over is reported
with its file and line and stands as a remark in the transform; every file of the project that was not read is named.
The result is checked: what is left to do is printed.
Exit code 0: all was taken over and the result has no errors; 1: something is left to do; 2: wrong usage; 3: a file
cannot be read or written.`,
		Example: `  lintel import zosconnect bank-api --dir bank`,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if dir == "" {
				return usageError("name the folder of the new workspace with --dir")
			}
			return p.importZOSConnect(args[0], dir)
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "`FOLDER` of the workspace, which must be empty or not there yet")
	return cmd
}

// zosProject is a project that is taken over.
type zosProject struct {
	p     *program
	fsys  fs.FS
	draft *draft
	// root is the folder with api, operations and zosAssets.
	root string
	used map[string]bool
	// left is what could not be taken over.
	left     []zosLeft
	assets   map[string]*zosAsset
	backends []string
	pages    map[string]string
	ws       *specs.Workspace
	records  *recordOpener
}

// zosLeft is one thing that was not taken over.
type zosLeft struct {
	Pos    specs.Pos `json:"pos"`
	What   string    `json:"what"`
	Source string    `json:"source,omitempty"`
}

// zosAsset is a z/OS asset.
type zosAsset struct {
	name, kind, connection, program, page string
	// request and reply are the records, as transforms name them.
	request, reply string
	pos            specs.Pos
}

func (z *zosProject) leave(pos specs.Pos, source, format string, args ...any) {
	z.left = append(z.left, zosLeft{pos, fmt.Sprintf(format, args...), source})
}

func (p *program) importZOSConnect(project, dir string) error {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return &exitError{code: exitLoad, err: fmt.Errorf("%s is not empty; nothing was written", dir)}
	}
	z := &zosProject{p: p, fsys: os.DirFS(project), used: map[string]bool{}, assets: map[string]*zosAsset{}, pages: map[string]string{}}
	for _, root := range []string{"src/main", ".", "main"} {
		if _, err := fs.Stat(z.fsys, path.Join(root, "api/openapi.yaml")); err == nil {
			z.root = root
			break
		}
	}
	if z.root == "" {
		return &exitError{code: exitLoad, err: fmt.Errorf("%s has no src/main/api/openapi.yaml: it is no z/OS Connect project for OpenAPI 3", project)}
	}
	var err error
	if z.draft, err = newDraft(dir); err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	defer z.draft.close()
	for _, step := range []func() error{z.contract, z.readAssets, z.config, z.operations, z.unread} {
		if err := step(); err != nil {
			return err
		}
	}
	return z.finish(dir)
}

// read reads a file of the project, and remembers that it did.
func (z *zosProject) read(name string) ([]byte, error) {
	b, err := fs.ReadFile(z.fsys, name)
	if err == nil {
		z.used[name] = true
	}
	return b, err
}

// document reads a YAML file of the project; nil if there is none.
func (z *zosProject) document(name string) *specs.Node {
	b, err := z.read(name)
	if err != nil {
		return nil
	}
	root, findings := specs.ParseYAML(name, b)
	for _, f := range findings {
		z.leave(f.Pos, "", "%s", f.Message)
	}
	return root
}

// contract takes the contract over. Lintel needs an operationId everywhere: where there is none it is put in.
func (z *zosProject) contract() error {
	name := path.Join(z.root, "api/openapi.yaml")
	src, err := z.read(name)
	if err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	root, findings := specs.ParseYAML(name, src)
	if findings.HasErrors() || root == nil {
		return failedImport(z.p, nil, findings)
	}
	lines := strings.SplitAfter(string(src), "\n")
	paths := root.Get("paths")
	if paths == nil {
		return z.draft.write("openapi.yaml", string(src))
	}
	for _, item := range slices.Backward(paths.Fields) {
		for _, op := range slices.Backward(item.Value.Fields) {
			if !slices.Contains([]string{"get", "post", "put", "patch", "delete", "head", "options"}, op.Key.Text) || op.Value.Get("operationId") != nil || len(op.Value.Fields) == 0 {
				continue
			}
			first := op.Value.Fields[0].Key.Pos
			id := operationID(op.Key.Text, item.Key.Text)
			z.leave(op.Key.Pos, "", "the operation had no operationId; it is %s now", id)
			lines = slices.Insert(lines, first.Line-1, strings.Repeat(" ", first.Column-1)+"operationId: "+id+"\n")
		}
	}
	return z.draft.write("openapi.yaml", strings.Join(lines, ""))
}

// config writes lintel.yaml: a backend for each connection.
func (z *zosProject) config() error {
	y := &yamlLines{}
	y.line("lintel: 1")
	y.line("contract: openapi.yaml")
	if len(z.backends) == 0 {
		z.backends = []string{"core"}
	}
	y.within("backends", func() {
		for _, b := range z.backends {
			y.within(b, func() {
				y.within("tcp", func() {
					y.line("address: ${env:%s_ADDRESS:-127.0.0.1:9301} # where a program takes the records of these assets: fill it in", variableName(b))
					y.line("frame: {length: {bytes: 4, includes: self}}")
				})
				if page := z.pages[b]; page != "" {
					y.line("codepage: %s", page)
				}
			})
		}
	})
	if err := z.draft.write("lintel.yaml", y.b.String()); err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	if err := os.MkdirAll(filepath.Join(z.draft.stage, "transforms"), 0o755); err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	z.ws, _ = specs.Load(z.draft.stage, z.p.env) // its findings are printed at the end
	z.records = newRecordOpener(z.ws)
	return nil
}

// operations makes the transforms.
func (z *zosProject) operations() error {
	if z.ws.Contract == nil {
		return nil
	}
	for _, op := range z.ws.Contract.Operations {
		folder := ""
		for _, p := range contractPaths(z.ws, op) {
			candidate := path.Join(z.root, "operations", url.PathEscape(p), strings.ToLower(op.Method))
			if _, err := fs.Stat(z.fsys, candidate); err == nil {
				folder = candidate
			}
		}
		if folder == "" {
			z.leave(op.Pos, "", "%s %s is not implemented in the project: write transforms/%s.yaml", op.Method, op.Path, op.ID)
			continue
		}
		if err := z.operation(op, folder); err != nil {
			return &exitError{code: exitLoad, err: err}
		}
	}
	return nil
}

// contractPaths are the paths that an operation may have in the document: with and without the base path
// of the first server.
func contractPaths(ws *specs.Workspace, op *specs.Operation) []string {
	out := []string{op.Path}
	for i := 1; i < len(op.Path); i++ {
		if op.Path[i] == '/' {
			out = append(out, op.Path[i:])
		}
	}
	root, _ := specs.ParseYAML(ws.Contract.File, ws.Contract.Raw)
	paths := root.Get("paths")
	return slices.DeleteFunc(out, func(p string) bool { return paths.Get(p) == nil })
}

// unread names the files that nothing was made of.
func (z *zosProject) unread() error {
	return fs.WalkDir(z.fsys, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return &exitError{code: exitLoad, err: err}
		case e.IsDir() && (strings.HasPrefix(e.Name(), ".") && name != "." || e.Name() == "build" || e.Name() == "node_modules"):
			return fs.SkipDir
		case !e.IsDir() && !z.used[name]:
			z.leave(specs.Pos{File: name}, "", "%s", whatFileIs(name))
		}
		return nil
	})
}

func whatFileIs(name string) string {
	switch {
	case strings.Contains(name, "/gen/") && strings.HasSuffix(name, ".json"), strings.HasSuffix(name, ".wsbind"), strings.Contains(name, "src/gen/"):
		return "generated from what was read: not needed"
	case strings.Contains(name, "liberty"):
		return "configuration of the server: connections, security and tuning belong into lintel.yaml"
	case strings.HasSuffix(name, "web.xml"), strings.HasSuffix(name, ".gradle"), strings.HasSuffix(name, "Dockerfile"), strings.HasSuffix(name, ".properties"):
		return "building and deploying: not needed"
	default:
		return "not read"
	}
}

// finish lands the workspace with a report.
func (z *zosProject) finish(dir string) error {
	ws, findings := specs.Load(z.draft.stage, z.p.env)
	_, more := compile(ws)
	findings = append(findings, more...).Sort()
	if err := z.draft.land(); err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	if err := z.p.quietly().writeSchemas(dir, "7"); err != nil {
		return err
	}
	written := z.draft.paths()
	if z.p.output == "json" {
		if z.left == nil {
			z.left = []zosLeft{}
		}
		if err := z.p.printJSON(map[string]any{"formatVersion": "1.0", "written": written, "left": z.left, "findings": findings}); err != nil {
			return err
		}
	} else if err := z.print(dir, written, ws, findings); err != nil {
		return err
	}
	todo := slices.ContainsFunc(z.left, func(l zosLeft) bool { return l.Pos.Line > 0 })
	if findings.HasErrors() || todo {
		return &exitError{code: exitFindings, err: errors.New("something is left to do"), silent: true}
	}
	return nil
}

func (z *zosProject) print(dir string, written []string, ws *specs.Workspace, findings specs.Findings) error {
	var b strings.Builder
	for _, name := range written {
		fmt.Fprintf(&b, "wrote %s\n", name)
	}
	if len(z.left) > 0 {
		b.WriteString("not taken over:\n")
	}
	for _, l := range z.left {
		fmt.Fprintf(&b, "  %s: %s\n", l.Pos, l.What)
		if l.Source != "" {
			fmt.Fprintf(&b, "      %s\n", strings.Join(strings.Fields(l.Source), " "))
		}
	}
	if _, err := fmt.Fprint(z.p.stdout, b.String()); err != nil {
		return err
	}
	if err := printFindings(z.p.stdout, ws, findings); err != nil {
		return err
	}
	_, err := fmt.Fprintf(z.p.stdout, "next:\n  lintel check %s\n", dir)
	return err
}

// pageOfCCSID is the code page of a CCSID, as Lintel names it; empty if it is not known.
func pageOfCCSID(ccsid string) string {
	if ccsid == "" {
		return ""
	}
	page, err := codepage.Lookup("cp" + strings.TrimLeft(ccsid, "0"))
	if err != nil {
		if page, err = codepage.Lookup("cp" + ccsid); err != nil {
			return ""
		}
	}
	return page.Name()
}
