// SPDX-License-Identifier: Apache-2.0

package tcp_test

import (
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/tcp"
)

// deafPort is an address whose host takes no connection and says nothing: the backlog of its socket
// is full, so that the system drops every further SYN.
func deafPort(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
	// It is full when three times in a row nothing is taken: once may be a machine with much to do.
	for taken, refused := 0, 0; taken < 16; {
		c, err := net.DialTimeout("tcp", address, 200*time.Millisecond)
		if err != nil {
			if refused++; refused == 3 {
				return address
			}
			continue
		}
		taken, refused = taken+1, 0
		t.Cleanup(func() { _ = c.Close() })
	}
	t.Skip("this system takes connections beyond the backlog")
	return ""
}

// TestN02ConnectTimesOut: a host that does not take the connection is given up in time, nothing was
// sent, and the other address is used. A full backlog stands in for a network that drops SYNs.
func TestN02ConnectTimesOut(t *testing.T) {
	deaf := deafPort(t)
	host := adaptertest.StartHost(t, adaptertest.HostOptions{})
	open := func(address string, connect time.Duration) adapters.Adapter {
		a, err := tcp.New(tcp.Options{Address: address, Connect: connect})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	_, err := open(deaf, 50*time.Millisecond).Exchange(t.Context(), adapters.Message{Body: []byte("1234")})
	want(t, err, adapters.Unreachable, adapters.NotSent)
	both, err := adapters.NewEndpoints(false, adapters.Endpoint{Name: "deaf", Adapter: open(deaf, 50*time.Millisecond)}, adapters.Endpoint{Name: "host", Adapter: open(host.Address(), time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = both.Close() }()
	for range 3 {
		if _, err := both.Exchange(t.Context(), adapters.Message{Body: []byte("1234")}); err != nil {
			t.Error(err)
		}
	}
	if s := both.EndpointStates(); s[0].Used != 1 || !s[0].Resting {
		t.Errorf("the deaf address was asked %d times", s[0].Used)
	}
}
