// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"lintel/specs"
)

// needZeep skips, loudly, where zeep is not there; with LINTEL_REQUIRE_PEERS=1 it fails.
func needZeep(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts servers")
	}
	if out, err := exec.Command("../../scripts/peers/xmlsec.sh").CombinedOutput(); err != nil {
		if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" {
			t.Fatalf("zeep is missing and LINTEL_REQUIRE_PEERS=1: %v\n%s", err, out)
		}
		t.Skipf("zeep is missing: %v\n%s", err, out)
	}
}

// testKeys are PEM files with keys and certificates that are valid now.
func testKeys(t *testing.T, names ...string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	for i, name := range names {
		src, err := os.ReadFile("../../transforms/soap/wssec/testdata/keys/" + name + ".pem")
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(src)
		k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		key, _ := k.(crypto.Signer)
		c := &x509.Certificate{
			SerialNumber: big.NewInt(int64(100 + i)), Subject: pkix.Name{CommonName: name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		}
		der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		out["keys/"+name+".key"] = &fstest.MapFile{Data: src}
		out["keys/"+name+".pem"] = &fstest.MapFile{Data: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
	}
	return out
}

// securedNames serves the base workspace's names from a host with a soap section.
func securedNames(t *testing.T, keys fstest.MapFS, url, section string, edit func(string) string) http.Handler {
	t.Helper()
	files := baseFiles(t)
	for name, f := range keys {
		files[name] = f
	}
	files["keys/password"] = &fstest.MapFile{Data: []byte("geheim")}
	config := string(files["lintel.yaml"].Data)
	files["lintel.yaml"].Data = []byte(strings.Replace(config, `{url: "http://127.0.0.1:9/things"}`, `{url: "`+url+`", soap: `+section+"}", 1))
	if edit != nil {
		files["transforms/getName.yaml"].Data = []byte(edit(string(files["transforms/getName.yaml"].Data)))
	}
	ws, findings := specs.LoadFS("base", files, noEnv)
	patient(ws.Config.Backends)
	p, more := compile(ws)
	if findings = append(findings, more...); findings.HasErrors() {
		t.Fatal(findings)
	}
	log := newLogging(io.Discard)
	t.Cleanup(log.close)
	h, err := build(p, ws.Config.Backends, log, nil, journalPlace{dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return h.gateway
}

// unsafeName makes getName an operation that changes something.
func unsafeName(s string) string {
	return strings.Replace(s, "public: true", "public: true\nsafe: false\nidempotency: optional", 1)
}

// TestPeerZeep: signed, dated, addressed and encrypted requests are taken by zeep and xmlsec, and its replies
// only as they were signed.
func TestPeerZeep(t *testing.T) {
	needZeep(t)
	keys := testKeys(t, "gateway", "host")
	dir := t.TempDir()
	for name, f := range keys {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	host := startPeer(t, "", "/usr/bin/python3", soapPeers+"/zeep/server.py", dir)
	const (
		request  = `username: {name: LINTEL, password: "${file:keys/password}"}, timestamp: 1m, sign: {certificate: keys/gateway.pem, key: keys/gateway.key}`
		section  = `{addressing: {}, security: {` + request + `, reply: {signers: keys/host.pem}}}`
		fresh    = `{security: {` + request + `, reply: {signers: keys/host.pem}}}`
		faulting = `{addressing: {}, security: {` + request + `, reply: {signers: keys/host.pem, faults: plain}}}`
		secret   = `{addressing: {}, security: {` + request + `, encrypt: {certificate: keys/host.pem}, reply: {signers: keys/host.pem}}}`
		unlike   = `{addressing: {relatesTo: optional}, security: {` + request + `, reply: {signers: keys/host.pem}}}`
	)
	for _, tt := range []struct {
		mode, section string
		code          int
		want          string
	}{
		{"good", section, 200, `{"name":"Anna"}`},
		{"good-embedded", section, 200, `{"name":"Anna"}`},
		{"good-encrypted", secret, 200, `{"name":"Anna"}`},
		{"good", unlike, 200, `{"name":"Anna"}`},
		{"fault", section, 422, `"outcome":"not-applied"`},
		{"fault-plain", faulting, 422, `"outcome":"not-applied"`},
		{"fault-plain", section, 504, `"outcome":"unknown"`},
		{"plain", section, 504, `"outcome":"unknown"`},
		{"plain", faulting, 504, `"outcome":"unknown"`},
		{"tampered", section, 504, `"outcome":"unknown"`},
		{"stranger", section, 504, `"outcome":"unknown"`},
		{"foreign", section, 504, `"outcome":"unknown"`},
		{"foreign", unlike, 504, `"outcome":"unknown"`},
		{"replayed", section, 200, `{"name":"Anna"}`},
		{"replayed", fresh, 504, `"outcome":"unknown"`},
	} {
		h := securedNames(t, keys, "http://"+host+"/"+tt.mode, tt.section, unsafeName)
		code, body := get(h, "/names/A1")
		if tt.mode == "replayed" {
			code, body = get(h, "/names/A1")
			tt.code, tt.want = 504, `"outcome":"unknown"` // the second one is not taken, by its relation or its time
		}
		expect(t, tt.mode+" "+tt.section, code, body, tt.code, tt.want)
	}
}

// TestSecuredOneWay: a reply without anything in it is not verified: it says nothing. An operation that
// expects something takes it for no reply.
func TestSecuredOneWay(t *testing.T) {
	var seen []byte
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(host.Close)
	h := securedNames(t, testKeys(t, "gateway"), host.URL, `{security: {timestamp: 1m, sign: {certificate: keys/gateway.pem, key: keys/gateway.key}, reply: {signers: keys/gateway.pem}}}`, unsafeName)
	code, body := get(h, "/names/A1")
	expect(t, "nothing", code, body, 502, "reply-unreadable")
	if !bytes.Contains(seen, []byte("<ds:SignatureValue>")) {
		t.Errorf("%s", seen)
	}
}

// TestCharsetOfTheHeader: a reply whose character encoding only the HTTP header tells is read by it, also
// where the reply is opened before.
func TestCharsetOfTheHeader(t *testing.T) {
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", `text/xml; charset="ISO-8859-1"`)
		_, _ = io.WriteString(w, strings.Replace(fmt.Sprintf(envelope11, nameReply), "Anna", "S\xF6hne", 1))
	}))
	t.Cleanup(host.Close)
	for _, section := range []string{"{}", "{security: {timestamp: 1m}}"} {
		code, body := get(securedNames(t, nil, host.URL, section, nil), "/names/A1")
		expect(t, section, code, body, 200, `{"name":"Söhne"}`)
	}
}

// TestAddressed: what a host gets has the headers of WS-Addressing, at every attempt those of the exchange,
// and a reply that answers another request is not read.
func TestAddressed(t *testing.T) {
	const tag = "<wsa:MessageID>"
	answer := func(id string) string { return id }
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		_, rest, _ := strings.Cut(string(sent), tag)
		id, _, _ := strings.Cut(rest, "<")
		for _, want := range []string{"<wsa:To>urn:names</wsa:To>", "<wsa:Action>urn:names:Names:GetNameRequest</wsa:Action>", "/anonymous</wsa:Address>"} {
			if !strings.Contains(string(sent), want) {
				t.Errorf("%s does not hold %s", sent, want)
			}
		}
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, strings.Replace(fmt.Sprintf(envelope11, nameReply), "<s:Body>",
			`<s:Header><a:RelatesTo xmlns:a="http://www.w3.org/2005/08/addressing" s:mustUnderstand="1">`+answer(id)+`</a:RelatesTo></s:Header><s:Body>`, 1))
	}))
	t.Cleanup(host.Close)
	h := securedNames(t, nil, host.URL, "{addressing: {to: urn:names}}", unsafeName)
	code, body := get(h, "/names/A1")
	expect(t, "answer", code, body, 200, `{"name":"Anna"}`)
	answer = func(id string) string { return strings.Replace(id, "urn:", "urn:x", 1) }
	code, body = get(h, "/names/A1")
	expect(t, "answer to another", code, body, 504, `"outcome":"unknown"`)
}
