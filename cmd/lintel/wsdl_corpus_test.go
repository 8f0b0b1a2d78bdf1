// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms/json"
	"lintel/transforms/soap"
)

// TestForeignWSDLs: WSDLs of packages that nobody here wrote. The import ends without a crash, whatever it
// says; what it makes is a workspace that check accepts, and random valid messages of every operation go from
// JSON to XML and back unchanged.
func TestForeignWSDLs(t *testing.T) {
	needPeer(t, "wsdls.sh")
	needPeer(t, "xmlsec.sh")
	var files []string
	err := filepath.WalkDir("../../.build/wsdls", func(p string, _ fs.DirEntry, err error) error {
		if filepath.Ext(p) == ".wsdl" {
			files = append(files, p)
		}
		return err
	})
	if err != nil || len(files) < 14 {
		t.Fatalf("%d WSDLs, %v", len(files), err)
	}
	operations, refused, validated := 0, 0, 0
	for _, file := range files {
		n, valid, said := importForeign(t, file)
		validated += valid
		if operations += n; n == 0 {
			refused++
			t.Logf("%s: nothing of it can be used: %s", strings.TrimPrefix(file, "../../.build/wsdls/"), said)
		}
	}
	t.Logf("%d WSDLs, %d operations, %d WSDLs without any, %d messages valid by xmllint", len(files), operations, refused, validated)
	if validated < 100 {
		t.Errorf("only %d messages were checked against their schema", validated)
	}
	if operations < 15 {
		t.Errorf("only %d operations were tried", operations)
	}
}

// importForeign imports a WSDL and tries its operations; said is what the import says if there are none. Messages are
// checked by xmllint where the schema can be had as files: validated are so many.
func importForeign(t *testing.T, file string) (operations, validated int, said string) {
	t.Helper()
	dir := t.TempDir()
	var out bytes.Buffer
	code := run(t.Context(), []string{"import", "wsdl", file, "--dir", dir, "--yes"}, &out, &out)
	if code == exitInternal {
		t.Fatalf("%s: %s", file, out.String())
	}
	if code != exitOK {
		return 0, 0, strings.ReplaceAll(strings.TrimSpace(out.String()), "\n", " / ")
	}
	ws, findings := specs.Load(dir, noEnv)
	p, more := compile(ws)
	if findings = append(findings, more...); findings.HasErrors() {
		t.Errorf("%s: %v", file, findings)
		return 0, 0, ""
	}
	names, err := filepath.Glob(filepath.Join(dir, "wsdl", "*.wsdl"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	lint, why := newLinter(t, names[0])
	if lint == nil {
		t.Logf("%s: not checked by xmllint: %.300s", strings.TrimPrefix(file, "../../.build/wsdls/"), why)
	}
	for _, op := range p.operations {
		for way, m := range map[string]any{"request": op.transform.Request.Format, "reply": op.transform.Answer("").Format} {
			rnd := rand.New(rand.NewPCG(5, 6)) //nolint:gosec // a test wants the same messages each time
			f, ok := m.(*soap.Format)
			if !ok {
				t.Fatalf("%s: %T", file, m)
			}
			for i := range 50 {
				sent := f.Sample(rnd.IntN)
				xml, err := f.EncodeJSON(nil, sent)
				if err != nil {
					t.Errorf("%s %s %s: %v\n%s", file, op.spec.ID, way, err, sent)
					break
				}
				if lint != nil && i < 10 && f.Literal() {
					lint.add(t, xml)
				}
				if string(sent) == "{}" {
					continue
				}
				if back, err := f.DecodeJSON(nil, xml); err != nil || !json.Equal(back, sent) {
					t.Errorf("%s %s %s: %v\nsent %s\nback %s", file, op.spec.ID, way, err, sent, back)
					break
				}
			}
		}
		operations++
	}
	if lint == nil {
		return operations, 0, ""
	}
	if wrong := lint.check(); wrong != "" {
		t.Errorf("%s: %.1500s", file, wrong)
	}
	return operations, len(lint.files), ""
}

// TestImportChangedWSDL: where a WSDL changed, the import shows the difference and touches nothing.
func TestImportChangedWSDL(t *testing.T) {
	source := t.TempDir()
	if err := os.CopyFS(source, os.DirFS("../../examples/claims/wsdl")); err != nil {
		t.Fatal(err)
	}
	dir := importFolder(t, filepath.Join(source, "claims.wsdl"))
	before := snapshot(t, dir)
	types := filepath.Join(source, "schemas", "types.xsd")
	text, err := os.ReadFile(types) //nolint:gosec // a test's own file
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), `<xsd:attribute name="version" type="xsd:int"/>`, `<xsd:attribute name="edition" type="xsd:int" use="required"/>`, 1)
	if err := os.WriteFile(types, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, more := range [][]string{nil, {"--yes"}} {
		var out bytes.Buffer
		run(t.Context(), append([]string{"import", "wsdl", filepath.Join(source, "claims.wsdl"), "--dir", dir}, more...), &out, &out)
		for _, want := range []string{`"version": {type: integer`, `"edition": {type: integer`, `name="edition"`, "types.xsd", "openapi.yaml"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%v: %s is not shown in\n%s", more, want, out.String())
			}
		}
		if after := snapshot(t, dir); after != before {
			t.Errorf("%v: the import touched the workspace", more)
		}
	}
}

// snapshot is the names and texts of all files of a folder.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var out strings.Builder
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(p) //nolint:gosec // a test's own file
		out.WriteString(p + "\n" + string(text) + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}
