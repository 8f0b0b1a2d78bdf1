// SPDX-License-Identifier: Apache-2.0

//go:build unix

package adaptertest

import (
	"net"
	"strconv"
	"syscall"
	"testing"
)

// Reserve returns an address on loopback that is the test's own until it ends: neither another listener nor a
// connection that goes out gets its port. Nobody listens there, so connections to it are refused, until the test or a
// process of it does, as often as it likes, with SO_REUSEADDR, which servers set as a rule. The socket that holds the port is
// bound and does not listen.
func Reserve(t testing.TB) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	syscall.CloseOnExec(fd)
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(at.(*syscall.SockaddrInet4).Port))
}
