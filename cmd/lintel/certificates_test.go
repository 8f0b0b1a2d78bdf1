// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"lintel/specs"
)

// TestValidity: certificates are reported in time, those of signers only once the last of them expires.
func TestValidity(t *testing.T) {
	keys := testKeys(t, "gateway", "host") // valid for an hour before and behind now
	expired := baseFiles(t)["keys/old.pem"].Data
	files := fstest.MapFS{"a.pem": keys["keys/gateway.pem"], "old.pem": {Data: expired}, "both.pem": {Data: append(expired, keys["keys/host.pem"].Data...)}}
	b := &specs.Backend{Name: "web", HTTP: &specs.HTTPConfig{SOAP: &specs.SOAPConfig{Security: &specs.WSSecurityConfig{
		Sign: &specs.SignConfig{Certificate: specs.Text{Value: "a.pem"}}, Encrypt: &specs.EncryptConfig{Certificate: specs.Text{Value: "old.pem"}},
		Reply: specs.WSReplyConfig{Signers: []specs.Text{{Value: "old.pem"}, {Value: "both.pem"}}},
	}}}}
	ws := &specs.Workspace{FS: files}
	for after, want := range map[time.Duration]string{0: "encrypt", 30 * time.Minute: "sign encrypt signers", 3 * time.Hour: "sign encrypt signers"} {
		var got []string
		for _, f := range checkValidity(ws, b, time.Now().Add(after)) {
			if f.Severity != specs.Warning {
				t.Errorf("%v", f)
			}
			got = append(got, strings.Fields(strings.TrimPrefix(f.Message, "the certificate of "))[0])
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("after %s: %s, want %s", after, s, want)
		}
	}
	h := &examined{}
	if h.certificates(ws, b) || len(h.Steps) != 1 || h.Steps[0].OK || !strings.Contains(h.Steps[0].Detail, "encrypt expired on 2021-01-01; signers expires on ") {
		t.Errorf("%+v", h.Steps)
	}
}
