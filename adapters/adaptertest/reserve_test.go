// SPDX-License-Identifier: Apache-2.0

package adaptertest

import (
	"net"
	"testing"
)

// TestReserve: nobody listens at a reserved address, and the test can, again and again.
func TestReserve(t *testing.T) {
	address := Reserve(t)
	if other := Reserve(t); other == address {
		t.Fatalf("%s twice", address)
	}
	for range 3 {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			t.Fatal("somebody listens")
		}
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
