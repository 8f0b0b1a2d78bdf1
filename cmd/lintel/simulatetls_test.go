// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lintel/adapters"
	"lintel/specs"
)

// bankOver are edits that put the core of the bank behind a wire with TLS, as a section says.
func bankOver(wire, section string) map[string]string {
	const plain = "tcp:\n      address: ${env:CORE_ADDRESS:-127.0.0.1:9301}\n      frame: {length: {bytes: 4, includes: self}}"
	return map[string]string{plain: map[string]string{
		"tcp":  "tcp:\n      address: mvs1.bank.example:9301\n      frame: {length: {bytes: 4}}\n      tls: " + section,
		"http": "http:\n      url: https://mvs1.bank.example/core\n      method: POST\n      tls: " + section,
		"amqp": "amqp:\n      address: mvs1.bank.example:5671\n      queue: CORE.IN\n      tls: " + section,
	}[wire]}
}

// writePair writes a certificate and its key as NAME.pem and NAME.key.
func writePair(t *testing.T, dir, name string, c tls.Certificate) {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, dir, name+".pem", "CERTIFICATE", c.Certificate[0])
	writePEM(t, dir, name+".key", "PRIVATE KEY", key)
}

// TestSimulatedTLS: what a workspace says of TLS towards its host is what it meets at a simulated one: names, roots and
// certificates of both sides.
func TestSimulatedTLS(t *testing.T) {
	root, stranger := &testRoot{}, &testRoot{}
	root.sign(t, "root")
	stranger.sign(t, "root")
	host, client := root.sign(t, "mvs1.bank.example"), root.sign(t, "lintel")
	const own, pair = "tls: {core: {certificate: host.pem, key: host.key}}\n", ", certificate: client.pem, key: client.key}"
	for _, tt := range []struct {
		name, section, simulate string
		status                  int
	}{
		{"made for the run", "{}", "", 200},
		{"made for the run, other name", "{serverName: core.bank.example}", "", 200},
		{"made for the run, roots of the host", "{ca: stranger.pem}", "", 200},
		{"made for the run, certificate of the client", "{ca: root.pem" + pair, "", 200},
		{"own", "{ca: root.pem}", own, 200},
		{"own, of another root", "{ca: stranger.pem}", own, 503},
		{"own, roots of the system", "{}", own, 503},
		{"own, other name", "{ca: root.pem, serverName: mvs2.bank.example}", own, 503},
		{"own, any client", "{ca: root.pem" + pair, own, 200},
		{"own, known clients", "{ca: root.pem" + pair, strings.Replace(own, "}}", ", clients: root.pem}}", 1), 200},
		{"own, unknown clients", "{ca: root.pem" + pair, strings.Replace(own, "}}", ", clients: stranger.pem}}", 1), 503},
		{"own, a client without certificate", "{ca: root.pem}", strings.Replace(own, "}}", ", clients: root.pem}}", 1), 503},
	} {
		for _, wire := range []string{"tcp", "http", "amqp"} {
			t.Run(tt.name+" "+wire, func(t *testing.T) {
				dir := copyWorkspace(t, "../../examples/bank", bankOver(wire, tt.section))
				writePair(t, dir, "host", host)
				writePair(t, dir, "client", client)
				writePEM(t, dir, "root.pem", "CERTIFICATE", root.cert.Raw)
				writePEM(t, dir, "stranger.pem", "CERTIFICATE", stranger.cert.Raw)
				if tt.simulate != "" {
					if err := os.WriteFile(filepath.Join(dir, "simulate.yaml"), []byte(tt.simulate), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				code, body := get(simulated(t, mustCompile(t, dir, noEnv)), "/accounts/0000004711")
				if ok := code < 300; ok != (tt.status < 300) || code == 500 {
					t.Errorf("%d %s", code, body)
				}
			})
		}
	}
}

// TestReferenceSimulateTLS serves the bank with the certificates of docs/reference/simulate.md.
func TestReferenceSimulateTLS(t *testing.T) {
	_, page, ok := strings.Cut(readDoc(t, "../../docs/reference/simulate.md"), "## TLS\n")
	_, block, _ := strings.Cut(page, "```yaml\n")
	block, _, _ = strings.Cut(block, "```")
	root := &testRoot{}
	root.sign(t, "root")
	dir := copyWorkspace(t, "../../examples/bank", bankOver("tcp", "{ca: tls/ca.pem, certificate: tls/lintel.pem, key: tls/lintel.key}"))
	files := filepath.Join(dir, "tls")
	if err := os.Mkdir(files, 0o700); err != nil || !ok {
		t.Fatal(err)
	}
	writePair(t, files, "simulated-core", root.sign(t, "mvs1.bank.example"))
	writePair(t, files, "lintel", root.sign(t, "lintel"))
	writePEM(t, files, "ca.pem", "CERTIFICATE", root.cert.Raw)
	if err := os.WriteFile(filepath.Join(dir, "simulate.yaml"), []byte(block), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, body := get(simulated(t, mustCompile(t, dir, noEnv)), "/accounts/0000004711"); code != 200 {
		t.Errorf("%d %s", code, body)
	}
}

// TestSimulatedTLSIsSpoken: a host that is to speak TLS does not speak without, and the certificate made for the run holds
// for all its names.
func TestSimulatedTLSIsSpoken(t *testing.T) {
	for _, wire := range []string{"tcp", "http", "amqp"} {
		p := mustCompile(t, copyWorkspace(t, "../../examples/bank", bankOver(wire, "{serverName: core.bank.example}")), noEnv)
		_, sims := simulatedWith(t, p)
		host := sims.hosts["core"]
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(sims.root.pem)
		for _, name := range []string{"core.bank.example", "mvs1.bank.example", "127.0.0.1", "localhost", "::1"} {
			c, err := tls.Dial("tcp", host.Address(), &tls.Config{RootCAs: roots, ServerName: name})
			if err != nil {
				t.Errorf("%s as %s: %v", wire, name, err)
				continue
			}
			_ = c.Close()
		}
		plain := *host.at(p.ws.Config.Backends[0])
		if plain.TCP != nil {
			plain.TCP.TLS = nil
		}
		if plain.HTTP != nil {
			plain.HTTP.TLS, plain.HTTP.URLs = nil, []specs.Text{{Value: "http://" + host.Address() + "/core"}}
		}
		if plain.AMQP != nil {
			plain.AMQP.TLS = nil
		}
		a, err := newAdapter(p.ws.FS, &plain)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Exchange(t.Context(), adapters.Message{Body: []byte("hello")}); err == nil {
			t.Errorf("%s: spoken to without TLS", wire)
		}
		if c, can := a.(interface{ Close() error }); can {
			_ = c.Close()
		}
	}
}

// TestSimulatedListenerTLS: a listener hears over TLS what is put into its queue.
func TestSimulatedListenerTLS(t *testing.T) {
	hook := newEventHook(t)
	dir := copyWorkspace(t, "../../examples/orders", map[string]string{
		`amqp: {address: "${env:MQ_ADDRESS:-127.0.0.1:5672}", queue: "${env:EVENTS_QUEUE:-ORDERS.EVENTS}"}`: `amqp: {address: "mq.example:5671", queue: ORDERS.EVENTS, tls: {}}`,
	})
	env := func(name string) (string, bool) { return hook.URL, name == "EVENTS_URL" }
	p := mustCompile(t, dir, env)
	_, sims := simulatedWith(t, p)
	l := listenerOf(t, p, "orderEvents")
	if l.config.AMQP.TLS == nil || l.config.AMQP.TLS.ServerName != "mq.example" || l.config.AMQP.TLS.Roots == nil {
		t.Fatalf("%+v", l.config.AMQP.TLS)
	}
	putter(t, sims.queues["orderEvents"], "ORDERS.EVENTS")(adapters.Message{
		Body: hostMessage(t, l.read.Answer(""), `{"order":"00000001","status":"open","weight":1.125}`), Properties: map[string]any{"messageId": "tls-1"},
	})
	hook.distinct(t, 1)
}
