// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the digest of the UsernameToken profile
	"encoding/base64"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// wire stands between the gateway and a server, and keeps the last request as it went.
type wire struct {
	url  string
	mu   sync.Mutex
	body []byte
}

// tapWire begins to listen in front of a host.
func tapWire(t *testing.T, host string) *wire {
	t.Helper()
	w := &wire{}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: host})
	s := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.mu.Lock()
		w.body = body
		w.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(out, r)
	}))
	t.Cleanup(s.Close)
	w.url = s.URL
	return w
}

func (w *wire) last() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.body
}

// securePeer is a server behind a wire that is watched, and the keys of both sides.
type securePeer struct {
	*peerRow
	wire *wire
	keys fstest.MapFS
	// dir is the workspace of the server.
	dir string
}

// secure makes a row the row of a server that is secured as well.
func (r *peerRow) secure(host string, keys fstest.MapFS, dir string) *securePeer {
	r.t.Helper()
	return &securePeer{peerRow: r, wire: tapWire(r.t, host), keys: keys, dir: dir}
}

// keysFolder writes keys where a server finds them: gateway.pem, host.pem, host.key and stranger.pem.
func keysFolder(t *testing.T, keys fstest.MapFS) string {
	t.Helper()
	dir := t.TempDir()
	for name, f := range keys {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	digestOnly = `username: {name: LINTEL, password: "${file:keys/password}"}`
	signedAll  = digestOnly + `, timestamp: 1m, sign: {certificate: keys/gateway.pem, key: keys/gateway.key}`
	strangers  = digestOnly + `, timestamp: 1m, sign: {certificate: keys/stranger.pem, key: keys/stranger.key}`
	encrypted  = signedAll + `, encrypt: {certificate: keys/host.pem}`
	signedBack = `, reply: {signers: keys/host.pem}`
	hiddenBack = `, reply: {signers: keys/host.pem, key: keys/gateway.key}`
)

// serve serves the workspace with WS-Security at a path of the server.
func (p *securePeer) serve(path, security, password string) http.Handler {
	p.t.Helper()
	dir := p.t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(p.dir)); err != nil {
		p.t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "keys"), 0o700); err != nil {
		p.t.Fatal(err)
	}
	files := map[string][]byte{"keys/password": []byte(password)}
	for name, f := range p.keys {
		files[name] = f.Data
	}
	config, err := os.ReadFile(filepath.Join(dir, "lintel.yaml")) //nolint:gosec // a test's own file
	if err != nil {
		p.t.Fatal(err)
	}
	address := regexp.MustCompile(`url: "[^"]*"`).FindString(string(config))
	http := `soap: {security: {` + security + `}}`
	if strings.Contains(string(config), "http: {") {
		http = ", " + http
	} else {
		http = "\n      " + http
	}
	files["lintel.yaml"] = []byte(strings.NewReplacer(address, `url: "`+p.wire.url+path+`"`+http, "timeout: 5s", "timeout: 25s\n    breaker: {window: 100s}").Replace(string(config)))
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
	return serveFolder(p.t, dir, nil)
}

// checkDigest computes the digest of the UsernameToken that went over the wire.
func (p *securePeer) checkDigest() {
	p.t.Helper()
	sent := string(p.wire.last())
	text := func(name string) string {
		m := regexp.MustCompile(`<ws[a-z]+:`+name+`[^>]*>([^<]*)</`).FindAllStringSubmatch(sent, -1)
		if m == nil {
			p.t.Fatalf("%s: no %s in %.2000s", p.name, name, sent)
		}
		return m[len(m)-1][1]
	}
	nonce, err := base64.StdEncoding.DecodeString(text("Nonce"))
	sum := sha1.Sum(append(nonce, text("Created")+"geheim"...)) //nolint:gosec // the digest of the UsernameToken profile
	if want := base64.StdEncoding.EncodeToString(sum[:]); err != nil || len(nonce) < 16 || text("Password") != want || text("Username") != "LINTEL" {
		p.t.Errorf("%s: the digest on the wire is not that of nonce, time and password", p.name)
	}
}

// whole is the message that went over the wire, with the content of attachments in its place: what XOP stands for.
func (p *securePeer) whole() []byte {
	p.t.Helper()
	sent := p.wire.last()
	if !bytes.HasPrefix(sent, []byte("--")) {
		return sent
	}
	boundary, _, _ := bytes.Cut(sent[2:], []byte("\r\n"))
	parts, root, byID := multipart.NewReader(bytes.NewReader(sent), string(boundary)), []byte(nil), map[string]string{}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			p.t.Fatal(err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			p.t.Fatal(err)
		}
		if root == nil {
			root = content
		}
		byID[strings.Trim(part.Header.Get("Content-ID"), "<>")] = base64.StdEncoding.EncodeToString(content)
	}
	return regexp.MustCompile(`<xop:Include [^>]*/>`).ReplaceAllFunc(root, func(include []byte) []byte {
		_, id, _ := strings.Cut(string(include), `href="cid:`)
		id, _, _ = strings.Cut(id, `"`)
		return []byte(byID[id])
	})
}

// checkSignature lets xmlsec1 verify what went over the wire.
func (p *securePeer) checkSignature() {
	p.t.Helper()
	dir := p.t.TempDir()
	file := filepath.Join(dir, "sent.xml")
	if err := os.WriteFile(file, p.whole(), 0o600); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "gateway.pem"), p.keys["keys/gateway.pem"].Data, 0o600); err != nil {
		p.t.Fatal(err)
	}
	args := []string{"--verify", "--enabled-key-data", "x509", "--pubkey-cert-pem", filepath.Join(dir, "gateway.pem")}
	for _, name := range []string{"Body", "Timestamp", "UsernameToken"} {
		args = append(args, "--id-attr:Id", name)
	}
	if out, err := exec.Command("xmlsec1", append(args, file)...).CombinedOutput(); err != nil { //nolint:gosec // arguments of the test
		p.t.Errorf("%s: xmlsec1 does not verify what went over the wire: %v\n%s", p.name, err, out)
	}
}

// peerCall is one call of a server that must succeed, and what its answer holds.
type peerCall struct {
	call func(http.Handler) (int, string)
	want string
}

// digestCell: a UsernameToken with a digest at a path where the server wants one, a wrong password, and the
// digest that went over the wire.
func (p *securePeer) digestCell(path string, c peerCall) {
	p.t.Helper()
	code, body := c.call(p.serve(path, digestOnly, "geheim"))
	p.cell("digest", code, body, 200, c.want)
	p.checkDigest()
	if code, body = c.call(p.serve(path, digestOnly, "falsch")); code < 400 {
		p.t.Errorf("%s takes a wrong password: %d %s", p.name, code, body)
	}
}

// signatureCell: a signed request, which xmlsec1 verifies from the bytes on the wire; back says what its reply must
// be. A server that verifies refuses that of a stranger.
func (p *securePeer) signatureCell(path, back string, verifies bool, c peerCall) {
	p.t.Helper()
	code, body := c.call(p.serve(path, signedAll+back, "geheim"))
	p.cell("signature", code, body, 200, c.want)
	p.checkSignature()
	if code, body = c.call(p.serve(path, strangers+back, "geheim")); verifies && code < 400 {
		p.t.Errorf("%s takes the signature of a stranger: %d %s", p.name, code, body)
	}
}

// encryptionCell: an encrypted and signed request, of which the server demands that it is both; hidden does not stand on
// the wire.
func (p *securePeer) encryptionCell(path, back, hidden string, c peerCall) {
	p.t.Helper()
	code, body := c.call(p.serve(path, encrypted+back, "geheim"))
	p.cell("encryption", code, body, 200, c.want)
	if sent := p.wire.last(); bytes.Contains(sent, []byte(hidden)) || !bytes.Contains(sent, []byte("EncryptedData")) {
		p.t.Errorf("%s: the request is not encrypted: %.3000s", p.name, sent)
	}
	if code, body = c.call(p.serve(path, signedAll+back, "geheim")); code < 400 {
		p.t.Errorf("%s takes a body that is not encrypted: %d %s", p.name, code, body)
	}
}

// attachmentCells: large content as an attachment that is signed and encrypted with its element, both ways, and
// attachments beside the envelope, signed for themselves or not at all.
func (p *securePeer) attachmentCells() {
	p.t.Helper()
	large := base64.StdEncoding.EncodeToString(pattern(1 << 20))
	for path, security := range map[string]string{"/signed-mtom": signedAll + signedBack, "/encrypted-mtom": encrypted + hiddenBack} {
		h := p.serve(path, security+`, attachments: signed`, "geheim")
		code, body := post(h, "/put-document", `{"content":"`+large+`"}`)
		expect(p.t, p.name+" "+path+": a request of 1 MiB", code, body, 200, `{"size":1048576}`)
		if sent := p.wire.last(); bytes.Contains(sent, pattern(1<<10)) != (path == "/signed-mtom") {
			p.t.Errorf("%s %s: the content goes in another form", p.name, path)
		}
		if path == "/signed-mtom" {
			p.checkSignature()
		}
		code, body = get(h, "/document/D3")
		expect(p.t, p.name+" "+path+": a reply of 1 MiB", code, "", 200)
		if !strings.Contains(body, `"content":"`+large+`"`) {
			p.t.Errorf("%s %s: the reply has another content: %.300s", p.name, path, body)
		}
	}
	scan := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("\r\n--scan"), 1000))
	for _, tt := range []struct {
		path, attachments string
		code              int
	}{{"/signed-attachments", "signed", 200}, {"/signed-attachments", "plain", 200}, {"/signed", "plain", 200}, {"/signed", "signed", 504}} {
		h := p.serve(tt.path, signedAll+signedBack+`, attachments: `+tt.attachments, "geheim")
		code, body := post(h, "/put-scan", `{"scan":{"name":"a","image":"`+scan+`"}}`)
		want := []string{`"name":"a 8000"`, `"image":"` + scan + `"`}
		if tt.code != 200 {
			want = nil
		}
		expect(p.t, p.name+" "+tt.path+", attachments: "+tt.attachments, code, body, tt.code, want...)
	}
}

// confirmationCells: a reply that confirms the signature of its request, one that confirms none, and one that confirms
// another.
func (p *securePeer) confirmationCells() {
	p.t.Helper()
	const confirmed = `, reply: {signers: keys/host.pem, confirmation: required}`
	for path, want := range map[string]int{"/confirmed": 200, "/signed": 502} {
		code, body := get(p.serve(path, signedAll+confirmed, "geheim"), "/document/D1")
		expect(p.t, p.name+" "+path+", confirmation: required", code, body, want)
	}
}
