// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"testing"
	"time"
)

// TestPingDefaults: a ping makes an early look cheap, and defaults follow from that.
func TestPingDefaults(t *testing.T) {
	for _, tt := range []struct {
		timeout, breaker           string
		open, most, every, timeOut time.Duration
	}{
		{"5s", "{ping: {}}", time.Second, 40 * time.Second, 5 * time.Second, 2 * time.Second},
		{"500ms", "{ping: {}}", time.Second, 40 * time.Second, 5 * time.Second, 500 * time.Millisecond},
		{"5s", "{ping: {every: 1s}}", time.Second, 40 * time.Second, time.Second, time.Second},
		{"5s", "{open: 20s, ping: {timeout: 3s}}", 20 * time.Second, 80 * time.Second, 5 * time.Second, 3 * time.Second},
		{"5s", "{open: 2s, maxOpen: 3s, ping: {}}", 2 * time.Second, 3 * time.Second, 5 * time.Second, 2 * time.Second},
	} {
		c, found := config(t, "lintel: 1\ncontract: openapi.yaml\nbackends:\n  core:\n    tcp: {address: \"127.0.0.1:1\", frame: {length: {bytes: 4}}}\n    timeout: "+tt.timeout+"\n    breaker: "+tt.breaker+"\n", nil)
		if found.HasErrors() {
			t.Fatal(found)
		}
		b := c.Backend("core").Breaker
		if b.Open != tt.open || b.MaxOpen != tt.most || b.Ping.Every != tt.every || b.Ping.Timeout != tt.timeOut {
			t.Errorf("%s: open %v to %v, every %v, timeout %v", tt.breaker, b.Open, b.MaxOpen, b.Ping.Every, b.Ping.Timeout)
		}
		if tt.open == time.Second {
			var shown string
			for _, s := range c.Settings {
				if s.Path == "backends.core.breaker.open" {
					shown = s.Value
				}
			}
			if shown != "1s" {
				t.Errorf("%s: open is shown as %q", tt.breaker, shown)
			}
		}
	}
}
