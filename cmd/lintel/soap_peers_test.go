// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lintel/adapters/adaptertest"
	"lintel/specs"
)

const soapPeers = "testdata/soap-peers"

// peerCommand starts a server that nobody here wrote and ends it with the test. Its stdin is open as long
// as it is wanted. The first line it prints is its port, unless port says which one it was told.
func startPeer(t *testing.T, port string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...) //nolint:gosec // ended by its stdin, see below
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if port != "" {
			_ = cmd.Process.Kill()
		}
		_ = cmd.Wait()
	})
	if port == "" {
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatalf("the server did not start: %v", err)
		}
		port = strings.TrimSpace(line)
	}
	for end := time.Now().Add(patience); time.Now().Before(end); {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = c.Close()
			return "127.0.0.1:" + port
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the server does not listen")
	return ""
}

// serveFolder serves a workspace.
func serveFolder(t *testing.T, dir string, env map[string]string) http.Handler {
	t.Helper()
	ws, findings := specs.Load(dir, func(name string) (string, bool) { v, ok := env[name]; return v, ok })
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

func post(h http.Handler, target, body string) (int, string) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", fmt.Sprintf("key-%032x", time.Now().UnixNano()))
	h.ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

// expect compares an answer: want is in it, "secret" never is.
func expect(t *testing.T, what string, code int, body string, status int, want ...string) (ok bool) {
	t.Helper()
	ok = true
	if code != status || strings.Contains(body, "secret") {
		t.Errorf("%s: %d %.500s, want %d", what, code, body, status)
		ok = false
	}
	for _, w := range want {
		if !strings.Contains(body, w) {
			t.Errorf("%s: %.500s does not hold %.500s", what, body, w)
			ok = false
		}
	}
	return ok
}

// TestPeerNode: document/literal and node-soap, through the gateway.
func TestPeerNode(t *testing.T) {
	needPeer(t, "soap.sh")
	dir, err := filepath.Abs("../../examples/claims")
	if err != nil {
		t.Fatal(err)
	}
	needPeer(t, "xmlsec.sh")
	keys := testKeys(t, "gateway", "host", "stranger")
	host := startPeer(t, "", "node", "../../.build/soap-peers/node/server.js", filepath.Join(dir, "wsdl"), keysFolder(t, keys))
	h := serveFolder(t, dir, map[string]string{"CLAIMS_URL": "http://" + host + "/claims"})
	r := newPeerRow(t, "node-soap")
	code, body := get(h, "/claim/C000047")
	r.cell("success, nil, choice, array of one", code, body, 200, `"$type":"Person","name":"Anna & Söhne <Bau>"`, `"remark":null`, `"vehicle":{"plate":"M-AB 12"}`,
		`"payment":[{"on":"2026-01-03","amount":{"currency":"EUR","value":1200.50}}]`, `"tags":["glass","urgent"]`)
	code, body = get(h, "/claim/C000048")
	r.cell("empty", code, body, 200, `"remark":""`, `"property":{"address":"Hauptstr. 1"}`, `"payment":[]`)
	code, body = get(h, "/claim/C000404")
	r.cell("declared fault", code, body, 404, "Claim not found")
	code, body = get(h, "/claim/C000500")
	r.cell("undeclared fault", code, body, 502)
	code, body = get(h, "/claims/P-0001?status=open")
	expect(t, "array of one", code, body, 200, `{"claim":[{"claimID":"C000047","status":"open"}]}`)
	code, body = get(h, "/claims/P-0002")
	expect(t, "array of none", code, body, 200, `{"claim":[]}`)
	photo := base64.StdEncoding.EncodeToString(pattern(1 << 20))
	report := `{"policyNumber":%q,"occurred":"2026-01-02T03:04:05Z","property":{"address":"a ]]> <b>"},"description":"x","attachment":[{"mediaType":"image/png","fileName":"a.png","content":%q}]}`
	code, body = post(h, "/report-claim", fmt.Sprintf(report, "P-0001", photo))
	r.cell("1 MiB", code, body, 200, `"handler":"1048576 property"`)
	photosOf(t, h)
	code, body = post(h, "/report-claim", fmt.Sprintf(report, "P-0009", "AA=="))
	expect(t, "declared fault of a write", code, body, 409, "Policy expired", `"outcome":"not-applied"`)
	one := peerCall{func(h http.Handler) (int, string) { return get(h, "/claim/C000047") }, `"name":"Anna & Söhne <Bau>"`}
	p := r.secure(host, keys, dir)
	p.digestCell("/digest", one)
	p.signatureCell("/signed", "", true, one) // it verifies by xml-crypto, and a server of node-soap signs no reply
	r.skip("encryption", "node-soap decrypts nothing")
}

// importFolder imports a WSDL.
func importFolder(t *testing.T, source string, more ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	var out bytes.Buffer
	if code := run(t.Context(), append([]string{"import", "wsdl", source, "--dir", dir, "--yes"}, more...), &out, &out); code != exitOK {
		t.Fatal(out.String())
	}
	return dir
}

// TestPeerPHP: rpc/encoded and PHP's SoapServer, through the gateway.
func TestPeerPHP(t *testing.T) {
	needPeer(t, "soap.sh")
	_, port, _ := net.SplitHostPort(adaptertest.Reserve(t))
	host := startPeer(t, port, "php", "-d", "display_errors=0", "-S", "127.0.0.1:"+port, "-t", soapPeers+"/php")
	needPeer(t, "xmlsec.sh")
	dir := larger(t, importFolder(t, soapPeers+"/php/policies.wsdl"))
	h := serveFolder(t, dir, map[string]string{"POLICIES_URL": "http://" + host + "/server.php"})
	r := newPeerRow(t, "PHP")
	r.skip("choice", "SOAP encoding has none: a struct has all of its members (SOAP 1.1, section 5.4.1)")
	code, body := get(h, "/policy/P-0001")
	r.cell("success, array of one", code, body, 200, `{"policy":{"id":"P-0001","premium":12.50,"holder":"Anna & Bob","covers":{"item":["fire"]}}}`)
	code, body = get(h, "/policy/P-0002")
	r.cell("nil", code, body, 200, `"holder":null`)
	code, body = get(h, "/policy/P-0003")
	r.cell("empty", code, body, 200, `"covers":{"item":[]}`)
	code, body = get(h, "/policy/P-0404")
	expect(t, "client fault", code, body, 422)
	code, body = get(h, "/policy/P-0500")
	r.cell("undeclared fault", code, body, 502)
	code, body = get(h, "/policy/P-0410")
	r.cell("declared fault", code, body, 409, "Lapsed")
	code, body = post(h, "/store-scan", fmt.Sprintf(`{"content":%q}`, base64.StdEncoding.EncodeToString(pattern(1<<20))))
	r.cell("1 MiB", code, body, 200, `{"size":1048576}`)
	code, body = post(h, "/sum-premiums", `{"policies":{"item":[{"id":"a","premium":1.25,"holder":null,"covers":{"item":[]}},{"id":"b","premium":2.5,"holder":"x","covers":{"item":["c","d"]}}]}}`)
	expect(t, "encoded arrays", code, body, 200, `{"sum":3.75}`)
	one := peerCall{func(h http.Handler) (int, string) { return get(h, "/policy/P-0001") }, `"holder":"Anna & Bob"`}
	p := r.secure(host, testKeys(t, "gateway", "host", "stranger"), dir)
	p.digestCell("/secured.php", one)
	p.signatureCell("/secured.php", "", false, one) // SoapServer verifies and signs nothing: xmlsec1 does
	r.skip("encryption", "PHP's SoapServer decrypts nothing")
}

// TestPeerSpyne: a WSDL that nobody here wrote, imported from its server, and spyne with its validator.
func TestPeerSpyne(t *testing.T) {
	needPeer(t, "soap.sh")
	needPeer(t, "xmlsec.sh")
	keys := testKeys(t, "gateway", "host", "stranger")
	host := startPeer(t, "", "/usr/bin/python3", soapPeers+"/spyne/server.py", keysFolder(t, keys))
	dir := larger(t, importFolder(t, "http://"+host+"/?wsdl"))
	h := serveFolder(t, dir, map[string]string{})
	r := newPeerRow(t, "spyne")
	r.skip("declared fault", "spyne declares an element for a fault and sends its code alone")
	tariff := func(code string) (int, string) { return post(h, "/get-tariff", fmt.Sprintf(`{"code":%q}`, code)) }
	code, body := tariff("T1")
	r.cell("success, nil, array of one, choice", code, body, 200, `"rate":0.125`, `"since":null`, `["A & B"]`, `"percent":5`)
	code, body = tariff("T0")
	r.cell("empty", code, body, 200, `"zones":{"string":[]}`)
	code, body = tariff("T404")
	expect(t, "client fault", code, body, 422)
	code, body = tariff("T500")
	r.cell("undeclared fault", code, body, 502)
	document := base64.StdEncoding.EncodeToString(pattern(1 << 20))
	code, body = post(h, "/put-document", fmt.Sprintf(`{"content":%q}`, document))
	r.cell("1 MiB", code, body, 200, `1048576`)
	one := peerCall{func(h http.Handler) (int, string) { return post(h, "/get-tariff", `{"code":"T1"}`) }, `"rate":0.125`}
	p := r.secure(host, keys, dir)
	p.digestCell("/digest", one)
	p.signatureCell("/signed", signedBack, true, one)
	p.encryptionCell("/encrypted", signedBack, ">T1<", one) // zeep signs replies, and does not encrypt them
}

// photosOf sends a photo as a file of a form, and gets it as a part of an answer.
func photosOf(t *testing.T, h http.Handler) {
	t.Helper()
	photo := pattern(1 << 20)
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	if err := w.WriteField("caption", "Das Fenster <ö>"); err != nil {
		t.Fatal(err)
	}
	file, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="photo"; filename="a.png"`}, "Content-Type": {"image/png"}})
	if err == nil {
		_, err = file.Write(photo)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/claim/C000047/photos", &form)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Idempotency-Key", fmt.Sprintf("key-%032x", time.Now().UnixNano()))
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	expect(t, "a photo in a form", answer.Code, strings.TrimSpace(answer.Body.String()), 201, `{"number":1}`)
	answer = httptest.NewRecorder()
	h.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/claim/C000047/photos/1", nil))
	_, params, err := mime.ParseMediaType(answer.Header().Get("Content-Type"))
	if err != nil || answer.Code != 200 {
		t.Fatalf("%d %v", answer.Code, err)
	}
	parts := multipart.NewReader(answer.Body, params["boundary"])
	for _, want := range []string{"Das Fenster <ö>", string(photo)} {
		p, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(p); err != nil || string(got) != want {
			t.Errorf("%d bytes of %s, want %d: %v", len(got), p.Header.Get("Content-Type"), len(want), err)
		}
	}
}
