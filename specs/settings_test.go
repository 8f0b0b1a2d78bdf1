// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"strings"
	"testing"
)

// TestSettings looks at the origins of values: a place, a default, or a reference whose value is not shown.
func TestSettings(t *testing.T) {
	env := map[string]string{"HOST": "secret-host", "ISSUER": "https://secret.example", "EMPTY": "", "MAX": "8", "TOKEN": "secret-0123456789abcdef0"}
	c, _ := config(t, fullConfig, env)
	got := map[string]Setting{}
	for _, s := range c.Settings {
		if _, twice := got[s.Path]; twice {
			t.Errorf("%s is listed twice", s.Path)
		}
		got[s.Path] = s
		if strings.Contains(s.Value+s.Origin, "secret") {
			t.Errorf("%s shows what came from a reference: %+v", s.Path, s)
		}
		if s.Origin == "" {
			t.Errorf("%s has no origin", s.Path)
		}
	}
	for _, want := range []Setting{
		{Path: "backends.core.tcp.addresses.0", Hidden: true, Origin: "lintel.yaml:7:19 (env HOST, default of env EMPTY)"},
		{Path: "backends.core.concurrency.max", Hidden: true, Origin: "lintel.yaml:16:24 (env MAX)"},
		{Path: "operations.adminToken", Hidden: true, Origin: "lintel.yaml:131:15 (env TOKEN)"},
		{Path: "gateway.drain", Value: "1s", Origin: "lintel.yaml:123:90"},
	} {
		if got[want.Path] != want {
			t.Errorf("got %+v, want %+v", got[want.Path], want)
		}
	}
	c, _ = config(t, "lintel: 1\ncontract: openapi.yaml\nbackends: {core: {tcp: {address: \"${env:NONE:-host:1}\", frame: {length: {bytes: 2}}}}}\n", nil)
	got = map[string]Setting{}
	for _, s := range c.Settings {
		got[s.Path] = s
	}
	for _, want := range []Setting{
		{Path: "backends.core.tcp.address", Value: "host:1", Origin: "lintel.yaml:3:34 (default of env NONE)"},
		{Path: "backends.core.breaker.window", Value: "30s", Origin: "default"},
		{Path: "gateway.admin", Value: "127.0.0.1:9901", Origin: "default"},
		{Path: "gateway.responses", Value: "enforce", Origin: "default"},
		{Path: "operations.compress", Value: "1KiB", Origin: "default"},
	} {
		if got[want.Path] != want {
			t.Errorf("got %+v, want %+v", got[want.Path], want)
		}
	}
}
