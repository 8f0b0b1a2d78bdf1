// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
	for _, want := range []string{"transforms/getClaim.yaml differs", "-       status: 410", "+       status: 404"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s\ndoes not say %s", out.String(), want)
		}
	}
	if now, err := os.ReadFile(file); err != nil || string(now) != mine || !strings.Contains(talk.String(), "1 file is not") {
		t.Error("the file was touched", err, talk.String())
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
