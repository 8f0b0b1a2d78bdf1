// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"lintel/transforms"
	"lintel/transforms/codepage"
	"lintel/transforms/mqheader"
)

// TestOrdersAbend: after an abend the bridge sends a text in place of the COMMAREA, and the header says why.
func TestOrdersAbend(t *testing.T) {
	p := mustCompile(t, "../../examples/orders", noEnv)
	coding, err := mqheader.NewCoding(mqheader.ZOS, 1047)
	if err != nil {
		t.Fatal(err)
	}
	h, err := mqheader.New(mqheader.MQCIH(), coding)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]any{"returnCode": 5, "abendCode": "ASRA", "format": "MQSTR"} {
		if err := h.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	page, err := codepage.Lookup("cp1047")
	if err != nil {
		t.Fatal(err)
	}
	text, err := page.AppendEncode(nil, []byte("CSQC750E CKBP A BRIDGE TASK HAS ABENDED"))
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range p.operations {
		if op.spec.ID != "changeQuantity" {
			continue
		}
		run := op.transform.Start()
		if _, err := run.Request(firstInput(t, p, op)); err != nil {
			t.Fatal(err)
		}
		out, err := run.Reply(transforms.Message{Body: append(h.Raw, text...)})
		if err != nil || out.Status != 502 || out.Problem == nil || out.Problem.Code != "abend" || !out.NotApplied || !out.HostFailed {
			t.Errorf("got %+v, %v", out, err)
		}
		run.Release()
	}
}

// TestOrdersSimulated: every wire pattern of the example works without a broker.
func TestOrdersSimulated(t *testing.T) {
	h := simulated(t, mustCompile(t, "../../examples/orders", noEnv))
	if code, body := get(h, "/orders/00004711"); code != 200 || !strings.Contains(body, `"price":29.70`) {
		t.Errorf("%d %s", code, body)
	}
	if code, body := get(h, "/orders/00000001"); code != 404 {
		t.Errorf("unknown order: %d %s", code, body)
	}
	if code, body := send(h, "PATCH", "/orders/00004711", `{"quantity":5}`); code != 200 || !strings.Contains(body, `"price":49.50`) {
		t.Errorf("%d %s", code, body)
	}
	if code, body := send(h, "PATCH", "/orders/00000001", `{"quantity":5}`); code != 404 {
		t.Errorf("unknown order behind the bridge: %d %s", code, body)
	}
	if code, body := send(h, "POST", "/orders/00004711/shipments", `{"carrier":"DHL"}`); code != 202 {
		t.Errorf("datagram: %d %s", code, body)
	}
}
