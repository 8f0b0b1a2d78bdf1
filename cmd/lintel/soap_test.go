// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"lintel/specs"
)

// soapHost serves the base workspace's names from a host that answers with one body and status, and
// returns what the caller of getName gets.
func soapHost(t *testing.T, edit func(string) string, status int, contentType, body string) (code int, answer string) {
	t.Helper()
	var seen string
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		seen = fmt.Sprintf("%s %s %q %s", r.Method, r.Header.Get("Content-Type"), r.Header.Get("SOAPAction"), sent)
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(host.Close)
	files := baseFiles(t)
	files["lintel.yaml"].Data = []byte(strings.Replace(string(files["lintel.yaml"].Data), "http://127.0.0.1:9/things", host.URL, 1))
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
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/names/A1", nil)
	r.Header.Set("Idempotency-Key", "0190a4f0-0000-7000-8000-00000000soap") // for those that are not safe
	h.gateway.ServeHTTP(w, r)
	code, answer = w.Code, strings.TrimSpace(w.Body.String())
	want := `POST text/xml; charset=utf-8 "\"\"" <?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:n1="urn:names"><soap:Body><n1:GetName><ID>A1</ID></n1:GetName></soap:Body></soap:Envelope>`
	if seen != want {
		t.Errorf("the host got\n%s\nwant\n%s", seen, want)
	}
	return code, answer
}

const (
	envelope11 = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%s</s:Body></s:Envelope>`
	envelope12 = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>%s</s:Body></s:Envelope>`
	fault11    = `<s:Fault><faultcode>s:%s</faultcode><faultstring>secret</faultstring></s:Fault>`
	fault12    = `<s:Fault><s:Code><s:Value>s:%s</s:Value></s:Code><s:Reason><s:Text xml:lang="en">secret</s:Text></s:Reason></s:Fault>`
	nameReply  = `<n:GetNameResponse xmlns:n="urn:names"><Name>Anna</Name></n:GetNameResponse>`
)

// TestM14Faults: what a reply means is told by its content, in both shapes of faults and in the
// envelopes of both versions.
func TestM14Faults(t *testing.T) {
	unsafe := func(s string) string {
		return strings.Replace(s, "public: true", "public: true\nsafe: false\nidempotency: optional", 1)
	}
	rollback := func(s string) string { return unsafe(s) + "  faultMeansRollback: true\n" }
	declared := func(s string) string {
		return unsafe(strings.Replace(s, "  body: {name: =reply", "  outcomes:\n    - when: =reply.fault.code == \"Server.Busy\"\n      status: 503\n      fate: not applied\n      problem: {title: Busy}\n  body: {name: =reply", 1))
	}
	for _, tt := range []struct {
		name   string
		edit   func(string) string
		status int
		body   string
		code   int
		want   []string
	}{
		{"reply", nil, 200, fmt.Sprintf(envelope11, nameReply), 200, []string{`{"name":"Anna"}`}},
		{"reply of 1.2", nil, 200, fmt.Sprintf(envelope12, nameReply), 200, []string{`{"name":"Anna"}`}},
		{"client", unsafe, 500, fmt.Sprintf(envelope11, fmt.Sprintf(fault11, "Client")), 422, []string{`"outcome":"not-applied"`}},
		{"client with 200", unsafe, 200, fmt.Sprintf(envelope11, fmt.Sprintf(fault11, "Client.Name")), 422, []string{`"outcome":"not-applied"`}},
		{"sender", unsafe, 400, fmt.Sprintf(envelope12, fmt.Sprintf(fault12, "Sender")), 422, []string{`"outcome":"not-applied"`}},
		{"fault of 1.2 in 1.1", unsafe, 500, fmt.Sprintf(envelope11, fmt.Sprintf(fault12, "Sender")), 422, []string{`"outcome":"not-applied"`}},
		{"server", unsafe, 500, fmt.Sprintf(envelope11, fmt.Sprintf(fault11, "Server")), 502, []string{`"outcome":"unknown"`, `"retry":"never"`}},
		{"receiver", unsafe, 500, fmt.Sprintf(envelope12, fmt.Sprintf(fault12, "Receiver")), 502, []string{`"outcome":"unknown"`}},
		{"server that rolls back", rollback, 500, fmt.Sprintf(envelope11, fmt.Sprintf(fault11, "Server")), 502, []string{`"outcome":"not-applied"`}},
		{"text as detail", unsafe, 500, fmt.Sprintf(envelope11, `<s:Fault><faultcode>s:Client</faultcode><faultstring>x</faultstring><detail>secret</detail></s:Fault>`), 422, []string{`"outcome":"not-applied"`}},
		{"declared", declared, 500, fmt.Sprintf(envelope11, fmt.Sprintf(fault11, "Server.Busy")), 503, []string{`"outcome":"not-applied"`, `"title":"Busy"`}},
		{"declared, another", declared, 500, fmt.Sprintf(envelope11, fmt.Sprintf(fault11, "Server")), 502, []string{`"outcome":"unknown"`}},
		{"500 with a reply", unsafe, 500, fmt.Sprintf(envelope11, nameReply), 502, []string{`"outcome":"unknown"`}},
		{"500 without an envelope", unsafe, 500, "<html>secret</html>", 504, []string{`"outcome":"unknown"`}},
		{"200 without an envelope", unsafe, 200, "<html>secret</html>", 502, []string{`reply-unreadable`}},
		{"another body", unsafe, 200, fmt.Sprintf(envelope11, `<x/>`), 502, []string{`reply-unreadable`}},
		{"two bodies", unsafe, 200, fmt.Sprintf(envelope11, nameReply+nameReply), 502, []string{`reply-unreadable`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, answer := soapHost(t, tt.edit, tt.status, "text/xml", tt.body)
			if code != tt.code || strings.Contains(answer, "secret") {
				t.Errorf("%d %s", code, answer)
			}
			for _, w := range tt.want {
				if !strings.Contains(answer, w) {
					t.Errorf("%s does not hold %s", answer, w)
				}
			}
		})
	}
}
