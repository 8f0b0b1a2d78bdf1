// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"lintel/transforms/soap"
)

// canonicalOf is the canonical form of a whole document.
func canonicalOf(src []byte, inclusive ...string) ([]byte, error) {
	t, err := soap.NewTokens(src)
	if err != nil {
		return nil, err
	}
	for kind := soap.Characters; kind == soap.Characters; {
		if kind, err = t.Next(); err != nil {
			return nil, err
		}
	}
	out, err := appendCanonical(nil, t, inclusive, nil)
	if err != nil {
		return nil, err
	}
	for {
		if k, err := t.Next(); err != nil || k == soap.End {
			return out, err
		}
	}
}

// documents are what the canonical form is tried on.
func documents() []string {
	return []string{
		`<a/>`,
		`<a xmlns="urn:u"><b xmlns=""/><b/></a>`,
		`<a xmlns:p="urn:u" xmlns:q="urn:v"><p:b q:z="1" a="2" p:y='3' xmlns:q="urn:w"/></a>`,
		`<p:a xmlns:p="urn:u"><p:b xmlns:p="urn:v"><p:c xmlns:p="urn:u"/></p:b></p:a>`,
		`<a xmlns="urn:u"><b><c xmlns="urn:u"/><c xmlns="urn:v"><d xmlns="urn:u"/></c></b></a>`,
		"<a b=\"\t\n\r\n&#9;&#10;&#13;&quot;&apos;&lt;&gt;&amp;\" c='\"'>\t\n\r\n&#9;&#10;&#13;&quot;'&lt;&gt;&amp;</a>",
		"<a><![CDATA[<&>\r\n\r]]>text<![CDATA[]]></a>",
		`<?xml version="1.0" encoding="UTF-8"?><a xml:lang="de" b="ä€𝄞">ä€𝄞&#228;</a>`,
		`<a><b xmlns:unused="urn:u"><c xmlns:unused="urn:v" unused:d="1"/></b></a>`,
		`<z:a xmlns:z="urn:z" xmlns:b="urn:y" xmlns:y="urn:b" y:c="1" b:c="2" c="3" b:a="4"/>`,
		"\n <a >\n<b  c = 'd'  ></b ></a >\n",
	}
}

// TestCanonicalByPeer: the canonical form is that of libxml2.
func TestCanonicalByPeer(t *testing.T) {
	if _, err := exec.LookPath("xmllint"); err != nil {
		missingPeer(t, "xmllint is missing: scripts/peers/xmlsec.sh installs it")
	}
	for _, src := range documents() {
		got, err := canonicalOf([]byte(src))
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		file := filepath.Join(t.TempDir(), "a.xml")
		if err := os.WriteFile(file, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		want, err := exec.Command("xmllint", "--nonet", "--exc-c14n", file).Output()
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		if !bytes.Equal(got, bytes.TrimSpace(want)) {
			t.Errorf("%s\n got %s\nwant %s", src, got, want)
		}
	}
}

// missingPeer skips, loudly; with LINTEL_REQUIRE_PEERS=1 it fails.
func missingPeer(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" {
		t.Fatal(what + ", and LINTEL_REQUIRE_PEERS=1")
	}
	t.Skip(what)
}
