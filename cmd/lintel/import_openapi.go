// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"lintel/specs"
	"lintel/transforms/codepage"
)

// importOpenAPI is the flags of lintel import openapi.
type importOpenAPI struct {
	p        *program
	dir      string
	backend  string
	codepage string
	// text, entries and whole are what is assumed where the contract has no bound: characters, entries of an
	// array, digits before the point.
	text, entries, whole int
}

func newImportOpenAPI(p *program) *cobra.Command {
	c := &importOpenAPI{p: p}
	cmd := &cobra.Command{
		Use:   "openapi FILE",
		Short: "Make copybooks and transforms for a contract: contract first",
		Long: `Openapi writes a workspace for a contract that is there first: for every operation a copybook with a request and a
reply record that hold just what the contract allows, rules in records.yaml, a transform and a test with an example. The program
on the host is then written for the copybook. The result is checked and its tests are run before anything is written; files
that are there are kept, and so are operations that have a transform.

What the contract leaves open is assumed, and told: the length of a text, the number of entries, digits. What no record can
hold (objects without members, values of any type, arrays of arrays, schemas that contain themselves) is an error: nothing is written.
Exit code 0: fine; 1: findings, or something no record can hold; 2: wrong usage; 3: a file cannot be read or written.`,
		Example: `  lintel import openapi api.yaml --dir shop
  lintel import openapi api.yaml --dir shop --codepage cp1140 --text 80 --entries 50`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd, args[0]) },
	}
	f := cmd.Flags()
	f.StringVar(&c.dir, "dir", ".", "`FOLDER` of the workspace")
	f.StringVar(&c.backend, "backend", "core", "`NAME` of the backend")
	f.StringVar(&c.codepage, "codepage", "cp037", "`PAGE` of the host")
	f.IntVar(&c.text, "text", 50, "`CHARACTERS` of texts for which the contract has no maxLength")
	f.IntVar(&c.entries, "entries", 20, "`NUMBER` of entries of arrays for which it has no maxItems")
	f.IntVar(&c.whole, "digits", 9, "`NUMBER` of digits before the point where it has no bounds")
	return cmd
}

// contractFirst is a contract that gets its workspace.
type contractFirst struct {
	*importOpenAPI
	draft *draft
	ws    *specs.Workspace
	// rules are the lines of records.yaml.
	rules strings.Builder
	// assumed is what the contract does not say, wrong what no record can hold, kept the operations that are
	// there already.
	assumed, wrong, kept []string
	operations           []*plannedOperation
}

func (c *importOpenAPI) run(cmd *cobra.Command, file string) error {
	if _, err := codepage.Lookup(c.codepage); err != nil {
		return usageError("%v", err)
	}
	if c.text < 1 || c.entries < 1 || c.whole < 1 || c.whole > 18 {
		return usageError("--text and --entries must be 1 or more, --digits 1 to 18")
	}
	src, err := readDocument(file)
	if err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	m := &contractFirst{importOpenAPI: c}
	if m.draft, err = newDraft(c.dir); err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	defer m.draft.close()
	if err := m.open(filepath.Base(file), src); err != nil {
		return err
	}
	for _, op := range m.ws.Contract.Operations {
		if m.draft.has("transforms/" + op.ID + ".yaml") {
			m.kept = append(m.kept, op.ID)
			continue
		}
		m.operations = append(m.operations, m.plan(op))
	}
	if len(m.wrong) > 0 {
		return &exitError{code: exitFindings, err: fmt.Errorf("no record can hold this; nothing was written:\n  %s", strings.Join(m.wrong, "\n  "))}
	}
	if err := m.write(); err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	if err := verifyDraft(cmd.Context(), c.p, m.draft, func(string) bool { return true }); err != nil {
		return err
	}
	if err := m.draft.land(); err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	if err := c.p.quietly().writeSchemas(c.dir, "7"); err != nil {
		return err
	}
	return m.tell()
}

// open puts the contract into the workspace and reads it.
func (m *contractFirst) open(name string, src []byte) error {
	if m.draft.has("lintel.yaml") {
		if named := contractFile(m.draft.stage); named != "" {
			name = named
		}
	}
	if m.draft.has(name) {
		if have, err := m.draft.read(name); err != nil || string(have) != string(src) {
			return &exitError{code: exitFindings, err: fmt.Errorf("%s is there already with another text; nothing was written", filepath.Join(m.dir, name))}
		}
	} else if err := m.draft.write(name, string(src)); err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	if !m.draft.has("lintel.yaml") {
		if err := m.draft.write("lintel.yaml", m.config(name, nil)); err != nil {
			return &exitError{code: exitLoad, err: err}
		}
	}
	if err := os.MkdirAll(filepath.Join(m.draft.stage, "transforms"), 0o755); err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	ws, findings := specs.Load(m.draft.stage, m.p.env)
	m.ws = ws
	// What is missing is what is made here.
	missing := []string{specs.CodeNoTransform, specs.CodeSecurity, specs.CodePublic}
	findings = slices.DeleteFunc(findings, func(f specs.Finding) bool { return slices.Contains(missing, f.Code) })
	if findings.HasErrors() || ws.Contract == nil {
		return failedImport(m.p, ws, findings)
	}
	if ws.Config.Backend(m.backend) == nil {
		return usageError("%s has no backend %q; name one with --backend", filepath.Join(m.dir, "lintel.yaml"), m.backend)
	}
	if slices.Contains(m.draft.written, "lintel.yaml") && len(ws.Contract.Schemes) > 0 {
		return m.draft.write("lintel.yaml", schemaLine("lintel.yaml")+m.config(name, ws.Contract.Schemes))
	}
	return nil
}

// config is lintel.yaml. What verifies credentials is to be filled in.
func (m *contractFirst) config(contract string, schemes []*specs.SecurityScheme) string {
	y := &yamlLines{}
	y.line("lintel: 1")
	y.line("contract: %s", yamlText(contract))
	y.within("backends", func() {
		y.within(m.backend, func() {
			y.within("tcp", func() {
				y.line("address: ${env:%s_ADDRESS:-127.0.0.1:9301}", variableName(m.backend))
				y.line("frame: {length: {bytes: 4, includes: self}} # how the host delimits messages: see the reference of lintel.yaml")
			})
			y.line("codepage: %s", m.codepage)
		})
	})
	if len(schemes) == 0 {
		return y.b.String()
	}
	y.within("security", func() {
		y.within("schemes", func() {
			for _, s := range schemes {
				switch {
				case s.Bearer():
					y.line("%s: {issuer: https://issuer.example.com, audience: [%s]} # whose tokens are accepted: fill it in", yamlText(s.Name), m.backend)
				case s.Certificate():
					y.line("%s: {certificates: certificates.yaml} # whose certificates they are: fill it in", yamlText(s.Name))
				default:
					y.line("%s: {keys: keys.yaml} # lintel key CLIENT makes a line of that file", yamlText(s.Name))
				}
			}
		})
	})
	m.assumed = append(m.assumed, "lintel.yaml says how credentials are verified only as far as it must: see security")
	return y.b.String()
}

// variableName is a name as environment variables have it.
func variableName(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, s))
}

// write writes all files.
func (m *contractFirst) write() error {
	for _, s := range m.ws.Contract.Schemes {
		file, text := "keys.yaml", "keys: []\n"
		if s.Certificate() {
			file, text = "certificates.yaml", "certificates: []\n"
		}
		if !s.Bearer() && slices.Contains(m.draft.written, "lintel.yaml") && !m.draft.has(file) {
			if err := m.draft.write(file, text); err != nil {
				return err
			}
		}
	}
	for _, op := range m.operations {
		if err := errors.Join(
			m.draft.write(op.book, op.copybook()),
			m.draft.write("transforms/"+op.spec.ID+".yaml", op.transform(m.backend)),
		); err != nil {
			return err
		}
		if test, ok := op.test(); ok {
			if err := m.draft.write("tests/"+op.spec.ID+".yaml", test); err != nil {
				return err
			}
		} else {
			m.assumed = append(m.assumed, op.spec.ID+" has no test: no example was found that keeps to the contract")
		}
	}
	if m.rules.Len() == 0 {
		return nil
	}
	text := m.rules.String()
	if m.draft.has("records.yaml") {
		have, err := m.draft.read("records.yaml")
		if err != nil {
			return err
		}
		text = strings.TrimRight(string(have), "\n") + "\n" + withoutKeys(text, string(have))
	}
	return m.draft.write("records.yaml", text)
}

// withoutKeys leaves the lines out whose keys a document has already.
func withoutKeys(lines, have string) string {
	root, _ := specs.ParseYAML("records.yaml", []byte(have))
	var b strings.Builder
	for _, line := range strings.SplitAfter(lines, "\n") {
		if key, _, _ := strings.Cut(line, ":"); root.Get(key) == nil {
			b.WriteString(line)
		}
	}
	return b.String()
}

func (m *contractFirst) tell() error {
	if m.p.output == "json" {
		return m.p.printWritten(m.draft.paths())
	}
	var b strings.Builder
	for _, name := range m.draft.written {
		fmt.Fprintf(&b, "wrote %s\n", filepath.Join(m.dir, filepath.FromSlash(name)))
	}
	for _, id := range m.kept {
		fmt.Fprintf(&b, "kept %s, which has a transform\n", id)
	}
	for _, a := range m.assumed {
		fmt.Fprintf(&b, "assumed: %s\n", a)
	}
	fmt.Fprintf(&b, "next:\n  lintel check %[1]s\n  lintel test %[1]s\n  lintel serve --simulate %[1]s\n", m.dir)
	_, err := fmt.Fprint(m.p.stdout, b.String())
	return err
}
