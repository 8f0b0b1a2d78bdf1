// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/spf13/cobra"

	"lintel/specs"
	"lintel/transforms/soap"
)

// wsdlFlags are the flags of lintel import wsdl.
type wsdlFlags struct {
	dir                  string
	services, ports, ops []string
	yes                  bool
	backend              string
}

func newImportWSDL(p *program) *cobra.Command {
	f := wsdlFlags{}
	wsdl := &cobra.Command{
		Use:   "wsdl FILE|URL",
		Short: "Write contract, transforms and tests for the operations of a WSDL",
		Long: `Wsdl copies a WSDL with all that it imports into a workspace and writes a contract, a transform
and a test for each operation. It shows what it would write and which operation becomes which path;
with --yes it writes. In a folder that is a workspace already it shows how the files differ from what
the WSDL says now, and touches nothing.`,
		Example: `  lintel import wsdl https://host.example/claims?wsdl --dir claims --yes
  lintel import wsdl claims.wsdl --dir claims --output json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.importWSDL(cmd.Context(), args[0], &f)
		},
	}
	flags := wsdl.Flags()
	flags.StringVar(&f.dir, "dir", ".", "folder of the workspace")
	flags.StringSliceVar(&f.services, "service", nil, "only these services")
	flags.StringSliceVar(&f.ports, "port", nil, "only these ports")
	flags.StringSliceVar(&f.ops, "operation", nil, "only these operations")
	flags.StringVar(&f.backend, "backend", "", "name of the backend; default: the name of the service")
	flags.BoolVar(&f.yes, "yes", false, "write the files")
	return wsdl
}

// importWSDL makes the files of a workspace and writes them, or shows how they differ.
func (p *program) importWSDL(ctx context.Context, source string, f *wsdlFlags) error {
	docs := &gatherer{ctx: ctx, files: fstest.MapFS{}, names: map[string]string{}}
	if !isURL(source) {
		docs.home = filepath.Dir(source)
		docs.known = soap.Catalog(os.DirFS(filepath.Dir(source)), ".")
	}
	main, err := docs.gather(source)
	var unreadable specs.Findings
	if errors.As(err, &unreadable) {
		return p.refuseWSDL(unreadable, true)
	}
	if err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	w, findings := soap.Load(docs.files, main, specs.Pos{File: main, Line: 1, Column: 1}, nil)
	if w == nil || findings.HasErrors() {
		return p.refuseWSDL(findings, true)
	}
	made := newImported(p, w, f)
	if len(made.operations) == 0 {
		return p.refuseWSDL(append(findings, made.findings...), false)
	}
	files := made.files()
	for name, file := range docs.files {
		files[name] = string(file.Data)
	}
	findings = append(findings, made.findings...)
	_, _ = fmt.Fprint(p.stderr, findingLines(findings))
	made.explain()
	report, err := p.writeImport(f, files)
	if report == nil || p.output != "json" {
		return err
	}
	report.Findings, report.Operations = append(specs.Findings{}, findings...), made.views()
	return errors.Join(p.printJSON(report), err)
}

// refuseWSDL says why nothing can be imported.
func (p *program) refuseWSDL(findings specs.Findings, unreadable bool) error {
	_, _ = fmt.Fprint(p.stderr, findingLines(findings))
	refused := &exitError{code: exitFindings, err: errors.New("there is no operation to import")}
	if unreadable {
		refused = &exitError{code: exitFindings, err: errors.New("the WSDL cannot be read"), silent: true}
	}
	if p.output != "json" {
		return refused
	}
	report := newWSDLReport()
	report.Findings = append(report.Findings, findings...)
	if err := p.printJSON(report); err != nil {
		return err
	}
	return refused
}

// wsdlReport is what an import does, or would do.
type wsdlReport struct {
	FormatVersion string              `json:"formatVersion"`
	Operations    []wsdlOperationView `json:"operations"`
	Written       []string            `json:"written"`
	// Would are the files that --yes writes.
	Would []string `json:"wouldWrite"`
	// Different are files of the workspace that are not as the WSDL says.
	Different []wsdlDifference `json:"different"`
	Findings  specs.Findings   `json:"findings"`
}

func newWSDLReport() *wsdlReport {
	return &wsdlReport{
		FormatVersion: "1.0", Operations: []wsdlOperationView{}, Written: []string{}, Would: []string{},
		Different: []wsdlDifference{}, Findings: specs.Findings{},
	}
}

// wsdlOperationView says what an operation becomes.
type wsdlOperationView struct {
	Name        string `json:"name"`
	OperationID string `json:"operationId"`
	Method      string `json:"method"`
	Path        string `json:"path"`
	Why         string `json:"why"`
}

// wsdlDifference is a file with the difference in the unified form.
type wsdlDifference struct {
	File    string `json:"file"`
	Missing bool   `json:"missing"`
	Diff    string `json:"diff"`
}

func findingLines(findings specs.Findings) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s: %s %s: %s\n", f.Pos, f.Severity, f.Code, f.Message)
		if f.Code == codeDemand {
			fmt.Fprintf(&b, "  try: %s\n", f.Hint)
		}
	}
	return b.String()
}

// writeImport writes the files of a new workspace, or shows what is different in an old one.
func (p *program) writeImport(f *wsdlFlags, files map[string]string) (*wsdlReport, error) {
	names := slices.Sorted(maps.Keys(files))
	report := newWSDLReport()
	if _, err := os.Stat(filepath.Join(f.dir, "lintel.yaml")); err == nil {
		return report, p.showImport(f.dir, names, files, report)
	}
	for _, name := range names {
		to := filepath.Join(f.dir, filepath.FromSlash(name))
		if !f.yes {
			report.Would = append(report.Would, to)
			p.sayText("would write %s\n", name)
			continue
		}
		if _, err := os.Stat(to); err == nil {
			return nil, &exitError{code: exitLoad, err: fmt.Errorf("%s is there already; nothing more is written", to)}
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { //nolint:gosec // a workspace is no secret
			return nil, &exitError{code: exitLoad, err: err}
		}
		if err := os.WriteFile(to, []byte(files[name]), 0o644); err != nil { //nolint:gosec // a workspace is no secret
			return nil, &exitError{code: exitLoad, err: err}
		}
		report.Written = append(report.Written, to)
		p.sayText("wrote %s\n", name)
	}
	if !f.yes {
		_, _ = fmt.Fprintln(p.stderr, "nothing was written: add --yes")
	}
	return report, nil
}

// sayText prints what is not said with --output json.
func (p *program) sayText(format string, args ...any) {
	if p.output != "json" {
		_, _ = fmt.Fprintf(p.stdout, format, args...)
	}
}

// showImport shows how a workspace differs from what a WSDL says.
func (p *program) showImport(dir string, names []string, files map[string]string, report *wsdlReport) error {
	for _, name := range names {
		file := filepath.Join(dir, filepath.FromSlash(name))
		old, err := os.ReadFile(file) //nolint:gosec // below the folder that was named
		missing := errors.Is(err, fs.ErrNotExist)
		if err != nil && !missing {
			return &exitError{code: exitLoad, err: err}
		}
		if !missing && string(old) == files[name] {
			continue
		}
		d := wsdlDifference{File: file, Missing: missing, Diff: textDiff(file, "what the WSDL says", string(old), files[name])}
		report.Different = append(report.Different, d)
		if missing {
			p.sayText("%s is not there\n", name)
		}
		p.sayText("%s", d.Diff)
	}
	n := len(report.Different)
	_, _ = fmt.Fprintf(p.stderr, "%s not as the WSDL says; nothing was changed\n", map[bool]string{true: "1 file is", false: fmt.Sprintf("%d files are", n)}[n == 1])
	return nil
}
