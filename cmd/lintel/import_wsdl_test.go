// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms/soap"
)

const wsdlCorpus = "../../transforms/soap/testdata/wsdl"

// TestImportCorpus: each WSDL of the corpus becomes a workspace that check accepts and whose tests pass.
func TestImportWSDLCorpus(t *testing.T) {
	var files []string
	err := filepath.WalkDir(wsdlCorpus, func(file string, _ fs.DirEntry, err error) error {
		if filepath.Ext(file) == ".wsdl" && !strings.Contains(filepath.ToSlash(file), "/parts/") {
			files = append(files, file)
		}
		return err
	})
	if err != nil || len(files) < 40 {
		t.Fatal(len(files), err)
	}
	for i, file := range files {
		if testing.Short() && i%5 != 0 {
			continue
		}
		t.Run(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), func(t *testing.T) {
			dir := t.TempDir()
			for _, args := range [][]string{{"import", "wsdl", file, "--dir", dir, "--yes"}, {"check", dir}, {"test", dir}} {
				var out bytes.Buffer
				if code := run(t.Context(), args, &out, &out); code != exitOK {
					t.Fatalf("%v: %d\n%s", args[:1], code, out.String())
				}
			}
		})
	}
}

// TestImportDemands: what the policies of a WSDL ask for is told with how to declare it; WS-Addressing, which
// needs nothing more, is declared.
func TestImportWSDLDemands(t *testing.T) {
	dir := t.TempDir()
	var out, talk bytes.Buffer
	if code := run(t.Context(), []string{"import", "wsdl", filepath.Join(wsdlCorpus, "policies.wsdl"), "--dir", dir, "--yes"}, &out, &talk); code != exitOK {
		t.Fatal(talk.String())
	}
	for _, want := range []string{
		"policies.wsdl:14:11: warning LNT5007: the WSDL demands a timestamp (IncludeTimestamp), and backend \"rates\" does not have it\n  try: add to http.soap of the backend: security: {timestamp: 5m}\n",
		"the WSDL demands a signature (SignedParts)", "the WSDL demands an encrypted body (EncryptedParts)", "ReadRate becomes GET /rate-3/{code}",
	} {
		if !strings.Contains(talk.String(), want) {
			t.Errorf("%s\ndoes not say %s", talk.String(), want)
		}
	}
	config, err := os.ReadFile(filepath.Join(dir, "lintel.yaml"))
	if err != nil || !strings.Contains(string(config), "soap: {addressing: {}}") || strings.Contains(talk.String(), "demands WS-Addressing") {
		t.Errorf("%s %v", config, err)
	}
}

// TestImportWSDLJSON: with --output json the result is JSON, also where nothing can be imported.
func TestImportWSDLJSON(t *testing.T) {
	source := filepath.Join(wsdlCorpus, "claims", "claims.wsdl")
	broken := filepath.Join(t.TempDir(), "broken.wsdl")
	if err := os.WriteFile(broken, []byte("<a>"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args                     []string
		code                     int
		operations, files, finds bool
	}{
		{[]string{source}, exitOK, true, true, false},
		{[]string{source, "--yes"}, exitOK, true, true, false},
		{[]string{broken}, exitFindings, false, false, true},
		{[]string{source, "--operation", "None"}, exitFindings, false, false, false},
	} {
		var out, talk bytes.Buffer
		code := run(t.Context(), append([]string{"import", "wsdl", "--output", "json", "--dir", t.TempDir()}, c.args...), &out, &talk)
		var report wsdlReport
		err := json.Unmarshal(out.Bytes(), &report)
		if err != nil || code != c.code || (len(report.Operations) > 0) != c.operations || (len(report.Written)+len(report.Would) > 0) != c.files || report.Findings.HasErrors() != c.finds {
			t.Errorf("%v: %d %v\n%s%s", c.args, code, err, out.String(), talk.String())
		}
	}
}

// TestImportWSDLMTOM: MTOM that a policy demands is declared; one that it offers is told.
func TestImportWSDLMTOM(t *testing.T) {
	src, err := os.ReadFile(filepath.Join(wsdlCorpus, "mtom-policy.wsdl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, demanded := range []bool{true, false} {
		dir := t.TempDir()
		text := string(src)
		if !demanded {
			text = strings.Replace(text, "OptimizedMimeSerialization/", `OptimizedMimeSerialization wsp:Optional="true"/`, 1)
		}
		source := filepath.Join(t.TempDir(), "scans.wsdl")
		if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, talk bytes.Buffer
		if code := run(t.Context(), []string{"import", "wsdl", source, "--dir", dir, "--yes"}, &out, &talk); code != exitOK {
			t.Fatal(talk.String())
		}
		rules, err := os.ReadFile(filepath.Join(dir, "soap.yaml"))
		if demanded != strings.Contains(string(rules), "wsdl/scans.wsdl: {attachments: mtom}") || demanded != (err == nil) {
			t.Errorf("demanded %t: %s %v", demanded, rules, err)
		}
		if demanded == strings.Contains(talk.String(), "the host takes MTOM, too") || strings.Contains(talk.String(), "demands MTOM") {
			t.Errorf("demanded %t: %s", demanded, talk.String())
		}
	}
}

// TestImportWSDLMTOMOnce: MTOM that a policy demands for one operation is declared for that one.
func TestImportWSDLMTOMOnce(t *testing.T) {
	src, err := os.ReadFile(filepath.Join(wsdlCorpus, "mtom-policy.wsdl"))
	if err != nil {
		t.Fatal(err)
	}
	const reference = `<wsp:PolicyReference URI="#Attached"/>`
	text := strings.Replace(string(src), reference, "", 1)
	bound := text[strings.Index(text, `<operation name="StoreScan"><soap:operation`):strings.Index(text, "</binding>")]
	text = strings.Replace(text, bound, strings.Replace(bound, "<soap:operation", reference+"<soap:operation", 1)+strings.ReplaceAll(bound, "StoreScan", "DropScan"), 1)
	abstract := `<operation name="StoreScan"><input message="t:in"/><output message="t:out"/></operation>`
	text = strings.Replace(text, abstract, abstract+strings.ReplaceAll(abstract, "StoreScan", "DropScan"), 1)
	source, dir := filepath.Join(t.TempDir(), "scans.wsdl"), t.TempDir()
	if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, talk bytes.Buffer
	if code := run(t.Context(), []string{"import", "wsdl", source, "--dir", dir, "--yes"}, &out, &talk); code != exitOK {
		t.Fatal(talk.String())
	}
	rules, err := os.ReadFile(filepath.Join(dir, "soap.yaml"))
	if want := "wsdl/scans.wsdl:\n  operations:\n    StoreScan: {attachments: mtom}\n"; err != nil || !strings.Contains(string(rules), want) {
		t.Errorf("%s %v", rules, err)
	}
	ws, findings := specs.Load(dir, noEnv)
	p, more := compile(ws)
	if findings = append(findings, more...); findings.HasErrors() {
		t.Fatal(findings)
	}
	for _, op := range p.operations {
		if f, ok := op.transform.Request.Format.(*soap.Format); !ok || f.MTOM() != (op.spec.ID == "storeScan") {
			t.Errorf("%s: MTOM is %t", op.spec.ID, f.MTOM())
		}
	}
}

// TestImportAgain: a second import shows what is different and touches nothing.
func TestImportWSDLAgain(t *testing.T) {
	dir := t.TempDir()
	source := filepath.Join(wsdlCorpus, "claims", "claims.wsdl")
	var out, talk bytes.Buffer
	if code := run(t.Context(), []string{"import", "wsdl", source, "--dir", dir}, &out, &talk); code != exitOK || !strings.Contains(talk.String(), "nothing was written") {
		t.Fatal(code, talk.String())
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Fatal(entries, err)
	}
	if code := run(t.Context(), []string{"import", "wsdl", source, "--dir", dir, "--yes"}, &out, &talk); code != exitOK {
		t.Fatal(talk.String())
	}
	if want := "GetClaim becomes GET /claim/{claimID}"; !strings.Contains(talk.String(), want) {
		t.Errorf("%s does not say %s", talk.String(), want)
	}
	file := filepath.Join(dir, "transforms", "getClaim.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	mine := strings.Replace(string(text), "status: 404", "status: 410", 1)
	if err := os.WriteFile(file, []byte(mine), 0o600); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	talk.Reset()
	if code := run(t.Context(), []string{"import", "wsdl", source, "--dir", dir, "--yes"}, &out, &talk); code != exitOK {
		t.Fatal(talk.String())
	}
	for _, want := range []string{"+++ what the WSDL says", "-      status: 410", "+      status: 404"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s\ndoes not say %s", out.String(), want)
		}
	}
	if now, err := os.ReadFile(file); err != nil || string(now) != mine || !strings.Contains(talk.String(), "1 file is not") {
		t.Error("the file was touched", err, talk.String())
	}
	out.Reset()
	if code := run(t.Context(), []string{"import", "wsdl", source, "--dir", dir, "--output", "json"}, &out, &talk); code != exitOK {
		t.Fatal(talk.String())
	}
	var report wsdlReport
	if err := json.Unmarshal(out.Bytes(), &report); err != nil || len(report.Different) != 1 || report.Different[0].File != file ||
		!strings.Contains(report.Different[0].Diff, "+      status: 404") || report.FormatVersion != "1.0" || len(report.Operations) == 0 {
		t.Errorf("%v\n%s", err, out.String())
	}
}

// TestImportURL fetches a WSDL and what it imports.
func TestImportWSDLFromURL(t *testing.T) {
	host := httptest.NewServer(http.FileServer(http.Dir(filepath.Join(wsdlCorpus, "claims"))))
	defer host.Close()
	dir := t.TempDir()
	var out bytes.Buffer
	if code := run(t.Context(), []string{"import", "wsdl", host.URL + "/claims.wsdl", "--dir", dir, "--yes"}, &out, &out); code != exitOK {
		t.Fatal(out.String())
	}
	if code := run(t.Context(), []string{"check", dir}, &out, &out); code != exitOK {
		t.Fatal(out.String())
	}
}
