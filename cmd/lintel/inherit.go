// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// handoverVariable carries, to a successor, which descriptors it has been given.
const handoverVariable = "LINTEL_HANDOVER"

// firstDescriptor is the number of the first descriptor that a process is given beside the standard ones.
const firstDescriptor = 3

// handed is what a process hands to its successor, as descriptors from firstDescriptor on: the
// listeners, and the end of a pipe that it writes to when it is ready.
type handed struct {
	// Addresses are the configured ones of the listeners, each behind its name: api or admin. A
	// successor that is configured otherwise binds its own.
	Addresses []string `json:"addresses"`
}

// handedName is how a listener is called between predecessor and successor.
func handedName(name, address string) string { return name + " " + address }

// inheritance is what this process was given at its start.
type inheritance struct {
	// byAddress are listeners by name and the address they were configured with, named those of
	// systemd by name alone.
	byAddress, named map[string]net.Listener
	ready            *os.File
	// shared tells that systemd keeps the sockets open for the next start.
	shared bool
}

// inherit takes the listeners that a predecessor or systemd passed to this process.
func (p *program) inherit() (*inheritance, error) {
	in := &inheritance{byAddress: map[string]net.Listener{}, named: map[string]net.Listener{}}
	if text, ok := p.env(handoverVariable); ok {
		var h handed
		if err := json.Unmarshal([]byte(text), &h); err != nil {
			return nil, fmt.Errorf("%s cannot be read: %w", handoverVariable, err)
		}
		for i, address := range h.Addresses {
			l, err := listenerOn(firstDescriptor + i)
			if err != nil {
				return nil, fmt.Errorf("listener of %s cannot be taken over: %w", address, err)
			}
			in.byAddress[address] = l
		}
		in.ready = os.NewFile(uintptr(firstDescriptor+len(h.Addresses)), "ready")
		return in, nil
	}
	return in, p.activated(in)
}

// activated takes the sockets of systemd (sd_listen_fds): those named api and admin, or the first
// as the one and the second as the other.
func (p *program) activated(in *inheritance) error {
	pid, _ := p.env("LISTEN_PID")
	if pid != strconv.Itoa(os.Getpid()) {
		return nil
	}
	count, _ := p.env("LISTEN_FDS")
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 || n > 2 {
		return fmt.Errorf("LISTEN_FDS is %q: systemd must pass one socket for the API and at most one for the admin port", count)
	}
	names, _ := p.env("LISTEN_FDNAMES")
	given := strings.Split(names, ":")
	for i, name := range []string{"api", "admin"}[:n] {
		if len(given) == n && (given[i] == "api" || given[i] == "admin") {
			name = given[i]
		}
		if in.named[name], err = listenerOn(firstDescriptor + i); err != nil {
			return fmt.Errorf("socket %s of systemd cannot be used: %w", name, err)
		}
	}
	in.shared = n > 0
	return nil
}

func listenerOn(fd int) (net.Listener, error) {
	f := os.NewFile(uintptr(fd), "listener")
	if f == nil {
		return nil, fmt.Errorf("descriptor %d is not open", fd)
	}
	defer func() { _ = f.Close() }() // FileListener makes a copy
	l, err := net.FileListener(f)
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(true)
	}
	return l, err
}

// take returns the listener for an address or name, or nil; it can be taken once.
func (in *inheritance) take(address, name string) net.Listener {
	key := handedName(name, address)
	if l := in.byAddress[key]; l != nil {
		delete(in.byAddress, key)
		return l
	}
	l := in.named[name]
	delete(in.named, name)
	return l
}

// rest closes what was not taken.
func (in *inheritance) rest() {
	for _, list := range []map[string]net.Listener{in.byAddress, in.named} {
		for _, l := range list {
			if u, ok := l.(*net.UnixListener); ok {
				u.SetUnlinkOnClose(false)
			}
			_ = l.Close()
		}
	}
}

// tell tells the predecessor, and systemd, that this process serves.
func (in *inheritance) tell() {
	if in.ready != nil {
		_, _ = in.ready.WriteString(readyWord)
		_ = in.ready.Close()
	}
	notify(fmt.Sprintf("READY=1\nMAINPID=%d", os.Getpid()))
}

// readyWord is what a successor writes when it serves.
const readyWord = "ready\n"

// notify tells systemd the state of the service (sd_notify), if it asked for that.
func notify(state string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	if c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"}); err == nil {
		_, _ = c.Write([]byte(state))
		_ = c.Close()
	}
}
