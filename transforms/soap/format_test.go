// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"os"
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms"
)

func load(t testing.TB, file string) *WSDL {
	t.Helper()
	w, findings := Load(os.DirFS("testdata/wsdl"), file, specs.Pos{}, nil)
	if w == nil || findings.HasErrors() {
		t.Fatalf("%v", findings)
	}
	return w
}

func codec(t testing.TB, m *transforms.MessageType) *Format {
	t.Helper()
	f, ok := m.Format.(*Format)
	if !ok {
		t.Fatal("no Format")
	}
	return f
}

const claimJSON = `{"claim":{"version":3,"claimID":"C000047","status":"open","reported":"2026-01-02T03:04:05Z",` +
	`"claimant":{"$type":"Person","name":"Anna <& Co>","born":"1980-02-29"},"vehicle":{"plate":"M-AB 12"},` +
	`"payment":[{"on":"2026-01-03","amount":{"currency":"EUR","value":1200.50}}],"remark":null,"tags":["a","b"]}}`

func TestClaim(t *testing.T) {
	w := load(t, "claims/claims.wsdl")
	op, err := w.Find("GetClaim")
	if err != nil {
		t.Fatal(err)
	}
	if findings := op.Open(); len(findings) > 0 {
		t.Fatal(findings)
	}
	in := codec(t, op.Request())
	got, err := in.EncodeJSON(nil, []byte(`{"claimID":"C000047"}`))
	if err != nil || !strings.Contains(string(got), `<n1:GetClaim><n1:ClaimID>C000047</n1:ClaimID></n1:GetClaim>`) {
		t.Errorf("%s, %v", got, err)
	}
	out := codec(t, op.Reply())
	xml, err := out.EncodeJSON(nil, []byte(claimJSON))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", xml)
	back, err := out.DecodeJSON(nil, xml)
	if err != nil || string(back) != claimJSON {
		t.Errorf("%s\n%v", back, err)
	}
}
