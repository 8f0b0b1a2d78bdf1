// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const xsdSpace = "http://www.w3.org/2001/XMLSchema"

// linter checks messages against the schemas of a WSDL by libxml2, as far as they can be had as files.
type linter struct {
	driver string
	files  []string
}

// inlineSchema is a schema that stands in a WSDL.
type inlineSchema struct{ space, text string }

// inlineSchemas cuts the schemas out of a WSDL, with the namespaces that are declared around them.
func inlineSchemas(t *testing.T, src []byte) []inlineSchema {
	t.Helper()
	var out []inlineSchema
	d := xml.NewDecoder(bytes.NewReader(src))
	around := map[string]string{} // prefix to namespace
	for depth := 0; ; {
		before := d.InputOffset()
		tok, err := d.Token()
		if err != nil {
			return out
		}
		start, ok := tok.(xml.StartElement)
		if !ok {
			if _, end := tok.(xml.EndElement); end {
				depth--
			}
			continue
		}
		if start.Name.Space != xsdSpace || start.Name.Local != "schema" {
			if depth++; depth > 2 {
				continue
			}
			for _, a := range start.Attr {
				if a.Name.Space == "xmlns" {
					around[a.Name.Local] = a.Value
				}
			}
			continue
		}
		behind := d.InputOffset()
		if err := d.Skip(); err != nil {
			t.Fatal(err)
		}
		tag, rest := strings.TrimSuffix(string(src[before:behind]), ">"), string(src[behind:d.InputOffset()])
		tag, closed := strings.CutSuffix(tag, "/")
		space := ""
		for _, a := range start.Attr {
			if a.Name.Local == "targetNamespace" {
				space = a.Value
			}
		}
		for prefix, uri := range around {
			if !strings.Contains(tag, "xmlns:"+prefix+"=") {
				tag += fmt.Sprintf(" xmlns:%s=%q", prefix, uri)
			}
		}
		if closed {
			tag += "/"
		}
		out = append(out, inlineSchema{space, strings.TrimLeft(tag, " \t\r\n") + ">" + rest})
	}
}

// newLinter writes the schemas of a WSDL beside it; why says what it lacks where that is no use.
func newLinter(t *testing.T, wsdl string) (l *linter, why string) {
	t.Helper()
	src, err := os.ReadFile(wsdl) //nolint:gosec // a test's own file
	if err != nil {
		t.Fatal(err)
	}
	schemas := inlineSchemas(t, src)
	at := map[string]string{}
	for i, s := range schemas {
		if at[s.space] != "" {
			return nil, "two schemas for one namespace"
		}
		at[s.space] = fmt.Sprintf("inline-%d.xsd", i)
	}
	if len(at) == 0 {
		return nil, "no schema in the WSDL itself"
	}
	dir := filepath.Dir(wsdl)
	imports := regexp.MustCompile(`<([A-Za-z0-9]+:)?import\s[^>]*>`)
	named := regexp.MustCompile(`namespace\s*=\s*["']([^"']*)["']`)
	driver := `<x:schema xmlns:x="` + xsdSpace + `" targetNamespace="urn:lintel:driver">`
	for i, s := range schemas {
		text := imports.ReplaceAllStringFunc(s.text, func(tag string) string {
			m := named.FindStringSubmatch(tag)
			if m == nil || strings.Contains(tag, "schemaLocation") || at[m[1]] == "" {
				return tag
			}
			return strings.Replace(tag, m[0], m[0]+` schemaLocation="`+at[m[1]]+`"`, 1)
		})
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("inline-%d.xsd", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		space := ""
		if s.space != "" {
			space = fmt.Sprintf(" namespace=%q", s.space)
		}
		driver += fmt.Sprintf(`<x:import%s schemaLocation="inline-%d.xsd"/>`, space, i)
	}
	l = &linter{driver: filepath.Join(dir, "driver.xsd")}
	if err := os.WriteFile(l.driver, []byte(driver+`</x:schema>`), 0o600); err != nil {
		t.Fatal(err)
	}
	probe := filepath.Join(dir, "probe.xml")
	if err := os.WriteFile(probe, []byte("<x/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, _ := exec.Command("xmllint", "--noout", "--nonet", "--schema", l.driver, probe).CombinedOutput(); strings.Contains(string(out), "failed to compile") { //nolint:gosec // a test's own files
		return nil, strings.TrimSpace(string(out))
	}
	return l, ""
}

// add takes the first element of a body.
func (l *linter) add(t *testing.T, envelope []byte) {
	t.Helper()
	_, declared, _ := strings.Cut(string(envelope), "<soap:Envelope")
	declared, rest, _ := strings.Cut(declared, ">")
	_, body, _ := strings.Cut(rest, "<soap:Body>")
	body, _, ok := strings.Cut(body, "</soap:Body>")
	end := strings.IndexAny(body, " />")
	if !ok || end < 0 {
		return // no element to check
	}
	file := filepath.Join(filepath.Dir(l.driver), fmt.Sprintf("message-%d.xml", len(l.files)))
	if err := os.WriteFile(file, []byte(body[:end]+declared+body[end:]), 0o600); err != nil {
		t.Fatal(err)
	}
	l.files = append(l.files, file)
}

// check validates all that was added; "" if it is valid.
func (l *linter) check() string {
	if len(l.files) == 0 {
		return ""
	}
	out, err := exec.Command("xmllint", append([]string{"--noout", "--nonet", "--schema", l.driver}, l.files...)...).CombinedOutput() //nolint:gosec // a test's own files
	if err == nil {
		return ""
	}
	return regexp.MustCompile(`(?m)^.* validates\n`).ReplaceAllString(string(out), "")
}
