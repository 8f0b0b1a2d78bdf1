// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"
	"time"

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
		Example: "  lintel import wsdl https://host.example/claims?wsdl --dir claims --yes",
		Args:    cobra.ExactArgs(1),
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
	if err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	w, findings := soap.Load(docs.files, main, specs.Pos{File: main, Line: 1, Column: 1}, nil)
	if w == nil || findings.HasErrors() {
		_, _ = fmt.Fprint(p.stderr, findingLines(findings))
		return &exitError{code: exitFindings, err: errors.New("the WSDL cannot be read"), silent: true}
	}
	made := newImported(p, w, f)
	if len(made.operations) == 0 {
		_, _ = fmt.Fprint(p.stderr, findingLines(made.findings))
		return &exitError{code: exitFindings, err: errors.New("there is no operation to import")}
	}
	files := made.files()
	for name, file := range docs.files {
		files[name] = string(file.Data)
	}
	_, _ = fmt.Fprint(p.stderr, findingLines(append(findings, made.findings...)))
	made.explain()
	return p.writeImport(f, files)
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
func (p *program) writeImport(f *wsdlFlags, files map[string]string) error {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	if _, err := os.Stat(filepath.Join(f.dir, "lintel.yaml")); err == nil {
		return p.showImport(f.dir, names, files)
	}
	for _, name := range names {
		if !f.yes {
			_, _ = fmt.Fprintf(p.stdout, "would write %s\n", name)
			continue
		}
		to := filepath.Join(f.dir, filepath.FromSlash(name))
		if _, err := os.Stat(to); err == nil {
			return &exitError{code: exitLoad, err: fmt.Errorf("%s is there already; nothing more is written", to)}
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { //nolint:gosec // a workspace is no secret
			return &exitError{code: exitLoad, err: err}
		}
		if err := os.WriteFile(to, []byte(files[name]), 0o644); err != nil { //nolint:gosec // a workspace is no secret
			return &exitError{code: exitLoad, err: err}
		}
		_, _ = fmt.Fprintf(p.stdout, "wrote %s\n", name)
	}
	if !f.yes {
		_, _ = fmt.Fprintln(p.stderr, "nothing was written: add --yes")
	}
	return nil
}

// showImport shows how a workspace differs from what a WSDL says.
func (p *program) showImport(dir string, names []string, files map[string]string) error {
	different := 0
	for _, name := range names {
		old, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name))) //nolint:gosec // below the folder that was named
		switch {
		case err != nil:
			_, _ = fmt.Fprintf(p.stdout, "%s is not there; it would be\n%s", name, indented(files[name]))
		case string(old) != files[name]:
			_, _ = fmt.Fprintf(p.stdout, "%s differs (- is there, + is what the WSDL says)\n%s", name, lineDiff(string(old), files[name]))
		default:
			continue
		}
		different++
	}
	_, _ = fmt.Fprintf(p.stderr, "%s not as the WSDL says; nothing was changed\n", map[bool]string{true: "1 file is", false: fmt.Sprintf("%d files are", different)}[different == 1])
	return nil
}

func indented(text string) string {
	return "  + " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  + ") + "\n"
}

// lineDiff lists the lines that two texts do not share, in order: the longest common lines stay.
func lineDiff(old, text string) string {
	a, b := strings.Split(old, "\n"), strings.Split(text, "\n")
	if len(a)*len(b) > 25_000_000 {
		return "  (too long to compare)\n"
	}
	common := make([][]int32, len(a)+1)
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out strings.Builder
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			fmt.Fprintf(&out, "  %d - %s\n", i+1, a[i])
			i++
		default:
			fmt.Fprintf(&out, "  %d + %s\n", j+1, b[j])
			j++
		}
	}
	return out.String()
}

// gatherer brings a WSDL and all that it imports into one folder.
type gatherer struct {
	ctx   context.Context
	files fstest.MapFS
	// names are the files by where they came from.
	names   map[string]string
	catalog []string
	// known are the files of a catalog beside the WSDL, by URL.
	known map[string]string
	home  string
}

// maxDocument bounds a document that is fetched, in bytes; maxDocuments how many.
const (
	maxDocument  = 8 << 20
	maxDocuments = 200
)

// gather reads everything and returns the name of the WSDL.
func (g *gatherer) gather(source string) (string, error) {
	name, err := g.take(source, "wsdl/"+fileName(source, ".wsdl"))
	if err == nil && len(g.catalog) > 0 {
		slices.Sort(g.catalog)
		g.files["wsdl/catalog.xml"] = &fstest.MapFile{Data: []byte(`<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">` + "\n" +
			strings.Join(slices.Compact(g.catalog), "") + "</catalog>\n")}
	}
	return name, err
}

func isURL(s string) bool { return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") }

// fileName is the name of a file for a source.
func fileName(source, ext string) string {
	var base string
	if u, err := url.Parse(source); err == nil && isURL(source) {
		base = path.Base(u.Path)
		if u.RawQuery != "" && !strings.EqualFold(u.RawQuery, "wsdl") && !strings.EqualFold(u.RawQuery, "singleWsdl") {
			base += "-" + u.RawQuery
		}
	} else {
		base = filepath.Base(source)
	}
	base = strings.Map(func(r rune) rune {
		if r < 0x80 && (r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			return r
		}
		return '-'
	}, base)
	if base == "" || base == "." || base == "-" {
		base = "service"
	}
	if e := path.Ext(base); e != ".wsdl" && e != ".xsd" {
		base += ext
	}
	return base
}

// take reads one document and those it names.
func (g *gatherer) take(source, name string) (string, error) {
	if known, ok := g.names[source]; ok {
		return known, nil
	}
	if len(g.files) >= maxDocuments {
		return "", fmt.Errorf("more than %d documents are imported", maxDocuments)
	}
	for i := 2; g.files[name] != nil; i++ {
		ext := path.Ext(name)
		name = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), i, ext)
	}
	src, err := g.fetch(source)
	if err != nil {
		return "", err
	}
	g.names[source], g.files[name] = name, &fstest.MapFile{Data: src}
	locations, fault := soap.Locations(name, src)
	if fault != nil {
		return "", fmt.Errorf("%s: %s", source, fault.Message)
	}
	for _, location := range locations {
		if err := g.follow(source, name, location); err != nil {
			return "", err
		}
	}
	return name, nil
}

// follow takes a document that another names. One with a plain relative name keeps it; others get a name
// of their own, and the catalog says which.
func (g *gatherer) follow(source, name, location string) error {
	target := location
	switch {
	case g.known[location] != "":
		target = filepath.Join(g.home, filepath.FromSlash(g.known[location]))
	case isURL(location):
	case isURL(source):
		base, err := url.Parse(source)
		if err != nil {
			return fmt.Errorf("%s: not a URL", source)
		}
		ref, err := base.Parse(location)
		if err != nil {
			return fmt.Errorf("%s names %q, which is no URL", source, location)
		}
		target = ref.String()
	default:
		target = filepath.Join(filepath.Dir(source), filepath.FromSlash(location))
	}
	want := path.Join(path.Dir(name), location)
	plain := !isURL(location) && !strings.ContainsAny(location, "?*:\\") && strings.HasPrefix(want, "wsdl/")
	if !plain {
		want = "wsdl/" + fileName(target, ".xsd")
	}
	got, err := g.take(target, want)
	if err != nil {
		return err
	}
	if got != path.Join(path.Dir(name), location) {
		g.catalog = append(g.catalog, fmt.Sprintf("  <uri name=%q uri=%q/>\n", strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(location), strings.TrimPrefix(got, "wsdl/")))
	}
	return nil
}

// fetch reads a file, or a document over HTTP.
func (g *gatherer) fetch(source string) ([]byte, error) {
	if !isURL(source) {
		info, err := os.Stat(source)
		if err == nil && info.Size() > maxDocument {
			return nil, fmt.Errorf("%s has more than %d bytes", source, maxDocument)
		}
		src, err := os.ReadFile(source) //nolint:gosec // the user names it
		if err != nil {
			return nil, fmt.Errorf("%s cannot be read: %w", source, err)
		}
		return src, nil
	}
	ctx, cancel := context.WithTimeout(g.ctx, 30*time.Second)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, source, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: not a URL", source)
	}
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be fetched: %w", source, err)
	}
	defer func() { _ = r.Body.Close() }()
	src, err := io.ReadAll(io.LimitReader(r.Body, maxDocument+1))
	if err != nil || r.StatusCode != http.StatusOK || len(src) > maxDocument {
		return nil, fmt.Errorf("%s cannot be fetched: status %d, %d bytes", source, r.StatusCode, len(src))
	}
	return src, nil
}
