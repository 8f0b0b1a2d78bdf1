// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"os"
	"testing"

	"lintel/specs"
	"lintel/transforms"
)

// TestTry asks for each value what a request with it would say.
func TestTry(t *testing.T) {
	w, findings := Load(os.DirFS("../../examples/claims/wsdl"), "claims.wsdl", specs.Pos{}, nil)
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	for _, tt := range []struct {
		op, member, json, code string
	}{
		{"GetClaim", "claimID", `"C000047"`, ""},
		{"GetClaim", "claimID", `" C000047 "`, "pattern"},
		{"GetClaim", "claimID", `"X"`, "pattern"},
		{"ListClaims", "policyNumber", `"P-0001"`, ""},
		{"ListClaims", "policyNumber", `"P-00012"`, "pattern"},
		{"ListClaims", "limit", `100`, ""},
		{"ListClaims", "limit", `"100"`, ""},
		{"ListClaims", "limit", `101`, "overflow"},
		{"ListClaims", "limit", `0`, "overflow"},
		{"ListClaims", "limit", `1.5`, "type"},
		{"ListClaims", "limit", `true`, "type"},
		{"ListClaims", "limit", `null`, "null"},
		{"ListClaims", "status", `"open"`, ""},
		{"ListClaims", "status", `"ajar"`, "enum"},
	} {
		op, err := w.Find(tt.op)
		if err != nil {
			t.Fatal(err)
		}
		if findings := op.Open(); findings.HasErrors() {
			t.Fatal(findings)
		}
		m := op.Request()
		member := m.Type.Member(tt.member)
		if member == nil {
			t.Fatalf("%s has no %s", tt.op, tt.member)
		}
		code := ""
		if err := codec(t, m).Try(member, transforms.JSONValue([]byte(tt.json))); err != nil {
			code = err.Code
		}
		if code != tt.code {
			t.Errorf("%s.%s %s: %q, not %q", tt.op, tt.member, tt.json, code, tt.code)
		}
	}
	op, _ := w.Find("GetClaim")
	m := op.Request()
	if err := codec(t, m).Try(m.Type, transforms.JSONValue([]byte(`"x"`))); err != nil {
		t.Errorf("an object is no single value: %v", err)
	}
}
