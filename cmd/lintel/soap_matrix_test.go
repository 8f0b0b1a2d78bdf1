// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// peerCells are what each SOAP server nobody here wrote is called with.
func peerCells() []string {
	return []string{"success", "declared fault", "undeclared fault", "nil", "empty", "choice", "array of one", "1 MiB", "digest", "signature", "encryption"}
}

// peerTable is the page on which the cells are told to users.
const peerTable = "../../docs/reference/soap-peers.md"

// tableSays is what the page says about a cell of a server.
func tableSays(t *testing.T, server, cell string) string {
	t.Helper()
	page, err := os.ReadFile(peerTable)
	if err != nil {
		t.Fatal(err)
	}
	var head []string
	for line := range strings.SplitSeq(string(page), "\n") {
		fields := strings.Split(line, "|")
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		if !strings.HasPrefix(line, "|") || len(fields) < 4 {
			continue
		}
		if head == nil {
			head = fields
		}
		if i := slices.Index(head, server); i >= 0 && i < len(fields) && fields[1] == cell {
			return fields[i]
		}
	}
	return ""
}

// peerRow is what became of the cells of one server.
type peerRow struct {
	t    *testing.T
	name string
	done map[string]string
}

func newPeerRow(t *testing.T, name string) *peerRow {
	r := &peerRow{t: t, name: name, done: map[string]string{}}
	t.Cleanup(func() {
		for _, c := range peerCells() {
			if r.done[c] == "" {
				t.Errorf("%s: the cell %q is neither tried nor skipped", name, c)
			}
			word, _, _ := strings.Cut(tableSays(t, name, c), " ")
			if told := map[string]string{"yes": "passed", "no": "skipped"}[word]; !t.Failed() && (told == "" || !strings.HasPrefix(r.done[c], told)) {
				t.Errorf("%s: %s says %q of the cell %q, which %s", name, peerTable, word, c, r.done[c])
			}
			t.Logf("%-10s %-17s %s", name, c, r.done[c])
		}
	})
	return r
}

// cell compares an answer of some cells: want is in it, "secret" never is.
func (r *peerRow) cell(cells string, code int, body string, status int, want ...string) {
	r.t.Helper()
	word := "passed"
	if !expect(r.t, r.name+": "+cells, code, body, status, want...) {
		word = "FAILED"
	}
	for c := range strings.SplitSeq(cells, ", ") {
		r.done[c] = word
	}
}

// skip says, in the log of the test, why a server has no such cell.
func (r *peerRow) skip(cell, why string) { r.done[cell] = "skipped: " + why }

// needPeer builds a server with its script; it skips, loudly, where that cannot be done, and fails with
// LINTEL_REQUIRE_PEERS=1.
func needPeer(t *testing.T, script string) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts servers")
	}
	out, err := exec.Command("../../scripts/peers/" + script).CombinedOutput() //nolint:gosec // a script of the repository
	switch {
	case err == nil:
	case os.Getenv("LINTEL_REQUIRE_PEERS") == "1":
		t.Fatalf("%s failed and LINTEL_REQUIRE_PEERS=1: %v\n%s", script, err, out)
	default:
		t.Skipf("the server of %s is missing: %v\n%s", script, err, out)
	}
}

// pattern is content in which no two places are alike enough for a boundary to be missed.
func pattern(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i * 31)
	}
	return out
}

// withMTOM lets a workspace send its attachments as parts.
func withMTOM(t *testing.T, dir string) {
	t.Helper()
	wsdls, err := filepath.Glob(filepath.Join(dir, "wsdl", "*.wsdl"))
	if err != nil || len(wsdls) != 1 {
		t.Fatalf("%v %v", wsdls, err)
	}
	rules := fmt.Sprintf("wsdl/%s: {attachments: mtom}\n", filepath.Base(wsdls[0]))
	if err := os.WriteFile(filepath.Join(dir, "soap.yaml"), []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
}

// larger lets the bodies of a workspace and the replies of its hosts be larger than usual.
func larger(t *testing.T, dir string) string {
	t.Helper()
	config, err := os.ReadFile(filepath.Join(dir, "lintel.yaml")) //nolint:gosec // a test's own file
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(config)+"\ngateway: {bodyLimit: 4MiB}\n", `"}`, `", maxReply: 4MiB}`, 1)
	if err := os.WriteFile(filepath.Join(dir, "lintel.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// archiveRow calls the archive that gSOAP and Apache CXF serve.
func archiveRow(t *testing.T, name, dir string, env map[string]string) *peerRow {
	t.Helper()
	h := serveFolder(t, larger(t, dir), env)
	r := newPeerRow(t, name)
	code, body := get(h, "/document/D1")
	r.cell("success, nil, array of one", code, body, 200, `"id":"D1"`, `"title":null`, `"pages":12`, `"tag":["A & B"]`, `"content":"PHg+DQotLQ=="`)
	code, body = get(h, "/document/D2")
	r.cell("empty, choice", code, body, 200, `"title":""`, `"reel":"R7"`, `"tag":[]`)
	code, body = get(h, "/document/D404")
	r.cell("declared fault", code, body, 409, "No document")
	code, body = get(h, "/document/D500")
	r.cell("undeclared fault", code, body, 502)
	large := base64.StdEncoding.EncodeToString(pattern(1 << 20))
	code, body = get(h, "/document/D3")
	if code != 200 || !strings.Contains(body, `"content":"`+large+`"`) {
		t.Errorf("%s: a reply with 1 MiB: %d, %d bytes", name, code, len(body))
	}
	code, body = post(h, "/put-document", fmt.Sprintf(`{"content":%q}`, large))
	r.cell("1 MiB", code, body, 200, `{"size":1048576}`)
	return r
}

// oneDocument is a call of the archive.
func oneDocument() peerCall {
	return peerCall{func(h http.Handler) (int, string) { return get(h, "/document/D1") }, `"content":"PHg+DQotLQ=="`}
}

// TestPeerGSOAP: SOAP 1.2 and MTOM with gSOAP, from a WSDL of ours, and WS-Security with its plugin.
func TestPeerGSOAP(t *testing.T) {
	needPeer(t, "gsoap.sh")
	needPeer(t, "xmlsec.sh")
	const server = "../../.build/gsoap-peer/server"
	host := startPeer(t, "", server)
	dir := importFolder(t, soapPeers+"/gsoap/archive.wsdl")
	plain := importFolder(t, soapPeers+"/gsoap/archive.wsdl")
	withMTOM(t, dir)
	r := archiveRow(t, "gSOAP", dir, map[string]string{"ARCHIVE_SERVICE_URL": "http://" + host})
	keys := testKeys(t, "gateway", "host", "stranger")
	folder := keysFolder(t, keys)
	r.secure(startPeer(t, "", server, "digest", folder), keys, dir).digestCell("/", oneDocument())
	r.secure(startPeer(t, "", server, "signed", folder), keys, plain).signatureCell("/", signedBack, true, oneDocument())
	r.skip("encryption", "its plugin wraps keys by RSA 1.5 alone, whatever it is told (EVP_OpenInit), which is never written here")
}

// TestPeerCXF: the WSDL that Apache CXF writes, imported from its server; with MTOM, in base64, and with a
// reference to an attachment (swaRef); with WS-Security both ways by WSS4J.
func TestPeerCXF(t *testing.T) {
	needPeer(t, "cxf.sh")
	needPeer(t, "xmlsec.sh")
	keys := testKeys(t, "gateway", "host", "stranger")
	host := startPeer(t, "", "java", "-XX:TieredStopAtLevel=1", "-cp", "../../.build/cxf-peer/classes:../../.build/cxf-peer/lib/*", "Archive", keysFolder(t, keys))
	dir := importFolder(t, "http://"+host+"/plain?wsdl")
	r := archiveRow(t, "CXF", dir, map[string]string{})
	p := r.secure(host, keys, importFolder(t, "http://"+host+"/plain?wsdl", "--operation", "GetDocument,PutDocument"))
	p.digestCell("/digest", oneDocument())
	p.signatureCell("/signed", signedBack, true, oneDocument())
	p.encryptionCell("/encrypted", hiddenBack, "GetDocument", oneDocument())
	p.confirmationCells()
	mtom := importFolder(t, "http://"+host+"/mtom?wsdl")
	withMTOM(t, mtom)
	m := archiveRow(t, "CXF, MTOM", mtom, map[string]string{})
	q := m.secure(host, keys, mtom)
	q.digestCell("/digest", oneDocument())
	q.signatureCell("/signed-mtom", signedBack+`, attachments: signed`, true, oneDocument())
	q.encryptionCell("/encrypted-mtom", hiddenBack+`, attachments: signed`, "GetDocument", oneDocument())
	q.attachmentCells()
	h := serveFolder(t, mtom, map[string]string{})
	scan := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("\r\n--scan"), 1000))
	code, body := post(h, "/put-scan", fmt.Sprintf(`{"scan":{"name":"a","image":%q}}`, scan))
	expect(t, "swaRef both ways", code, body, 200, `"name":"a 8000"`, `"image":"`+scan+`"`)
}
