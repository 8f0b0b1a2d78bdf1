// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestXmllint: random valid messages of the WSDLs with one schema, checked against that schema by
// libxml2. What is written is valid, not only what we read again.
func TestXmllint(t *testing.T) {
	if testing.Short() {
		t.Skip("starts xmllint for each WSDL")
	}
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" {
			t.Fatal("xmllint is missing and LINTEL_REQUIRE_PEERS=1")
		}
		t.Skip("xmllint is missing: scripts/peers/soap.sh installs it")
	}
	schema := regexp.MustCompile(`(?s)<x:schema .*</x:schema>`)
	checked := 0
	for _, name := range corpus(t) {
		src, err := corpusFS.ReadFile("testdata/wsdl/" + name)
		if err != nil {
			t.Fatal(err)
		}
		text := schema.FindString(string(src))
		if strings.Count(text, "<x:schema ") != 1 || strings.Contains(text, "schemaLocation") || strings.Contains(text, "swaRef") || strings.Contains(text, "enc:Array") || strings.Contains(text, `ref="xml:`) {
			continue // schemas in several files, and those of SOAP encoding, need more than this
		}
		w := load(t, name)
		op := w.Operations[0]
		if op.RPC || op.Open().HasErrors() {
			continue
		}
		dir := t.TempDir()
		text = strings.Replace(text, "<x:schema ", `<x:schema xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" `, 1)
		if err := os.WriteFile(filepath.Join(dir, "s.xsd"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args := []string{"--noout", "--nonet", "--schema", filepath.Join(dir, "s.xsd")}
		c := codec(t, op.Request())
		rnd := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // a test wants the same messages each time
		for i := range 40 {
			xml, err := c.EncodeJSON(nil, c.Sample(rnd.IntN))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			_, body, _ := strings.Cut(string(xml), "<soap:Body>")
			body, _, _ = strings.Cut(body, "</soap:Body>")
			end := strings.IndexAny(body, " />")
			file := filepath.Join(dir, fmt.Sprintf("%d.xml", i))
			if err := os.WriteFile(file, []byte(body[:end]+c.declarations+body[end:]), 0o600); err != nil {
				t.Fatal(err)
			}
			args = append(args, file)
		}
		if out, err := exec.Command(lint, args...).CombinedOutput(); err != nil { //nolint:gosec // a test's own files
			t.Errorf("%s: %v\n%.1500s", name, err, regexp.MustCompile(`(?m)^.* validates\n`).ReplaceAllString(string(out), ""))
		}
		checked++
	}
	if checked < 30 {
		t.Errorf("only %d WSDLs were checked", checked)
	}
}
