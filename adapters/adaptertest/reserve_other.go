// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package adaptertest

import (
	"net"
	"testing"
)

// Reserve returns an address on loopback where nobody listened a moment ago. Somebody else may get its port.
func Reserve(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // loopback, closed at once
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
