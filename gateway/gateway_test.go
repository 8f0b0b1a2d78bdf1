// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"testing"

	"lintel/specs"
)

func TestServesARoute(t *testing.T) {
	g := newGateway(t, Options{}, routeOf("GET", "/accounts/{accountId}", func(r *Route) {
		r.Operation.Parameters = append(r.Operation.Parameters, query("limit", "integer"),
			&specs.Parameter{Name: "X-Channel", In: "header", Style: "simple", Schema: &specs.Schema{Types: []string{"string"}}})
	}))
	w := do(g, "GET", "/accounts/0000004711?limit=5", "", "x-channel", "web")
	want := `{"params":{"path":{"accountId":"0000004711"},"query":{"limit":5},"header":{"X-Channel":"web"},"cookie":{}}}`
	if w.Code != 200 || w.Body.String() != want {
		t.Errorf("%d %s\nwant %s", w.Code, w.Body, want)
	}
	w = do(g, "GET", "/accounts/1?limti=5", "")
	if p := problemIn(t, w); w.Code != 400 || p.Errors[0].Parameter != "limti" || p.Errors[0].In != "query" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w = do(g, "GET", "/nowhere", ""); w.Code != 404 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w = do(g, "POST", "/accounts/1", "{}"); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD, OPTIONS" {
		t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
	}
}
