// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestListenerTestsFail: what is not as a test of a listener says is shown, by value, field and reason.
func TestListenerTestsFail(t *testing.T) {
	dir := copyWorkspace(t, "../../examples/orders", nil)
	for name, text := range map[string]string{
		"orderEvents": `
- name: another event
  message: {fields: {order: "00004711", status: sent, weight: 2.5}}
  key: "00000000"
  event: {type: example.order.gone, data: {weight: 2}}
- name: unreadable
  message: {hex: "F0"}
- name: refused
  message: {fields: {order: "00004711", status: sent, weight: 2.5}}
  webhook: {status: 400}
- name: no answer
  message: {fields: {order: "00004711", status: sent, weight: 2.5}}
  answer: {hex: ""}
`,
		"orderLookups": `
- name: another call
  message: {fields: {order: "00004711"}}
  call: {path: {orderId: "00000000"}}
  host: {receives: {fields: {id: "00000000"}}, replies: {fields: {rc: notFound}}}
  response: {status: 200}
  answer: {fields: {status: 200}, properties: {correlationId: other}}
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, "tests", name+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"test", dir, "order*"}, &stdout, &stderr); code != exitFindings {
		t.Fatalf("exit %d: %s%s", code, &stdout, &stderr)
	}
	out := stdout.String()
	for _, want := range []string{
		`key: want "00000000", got "00004711"`,
		"example.order.gone", "/data/weight",
		"result: want done, got backout: it cannot be read: ",
		"result: want done, got backout: it was refused: ",
		"no answer went back",
		"call /path/orderId",
		"host receives /id", "[ORD-REQUEST", // the fields by their place
		"response status: want 200, got 404",
		"answer /status", "answer property correlationId: want other, got ",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("nothing of %q", want)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}

// TestListenerTestsChecked: check reports tests of listeners whose message cannot be made.
func TestListenerTestsChecked(t *testing.T) {
	dir := copyWorkspace(t, "../../examples/orders", nil)
	text := "- name: no such property\n  message: {hex: \"\", properties: {color: red}}\n- name: no such field\n  message: {fields: {color: red}}\n"
	if err := os.WriteFile(filepath.Join(dir, "tests", "orderEvents.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"check", dir}, &stdout, &stderr); code != exitFindings {
		t.Fatalf("exit %d: %s%s", code, &stdout, &stderr)
	}
	for _, want := range []string{"tests/orderEvents.yaml:2:35: error LNT4007", "tests/orderEvents.yaml:4:12: error LNT5010", "no such field"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("nothing of %q in\n%s", want, &stdout)
		}
	}
}
