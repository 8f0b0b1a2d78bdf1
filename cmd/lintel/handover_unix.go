// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"errors"
	"net"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// handoverSignals delivers the signals that ask for a handover: SIGUSR2.
func handoverSignals() (signals <-chan os.Signal, stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR2)
	return c, func() { signal.Stop(c) }
}

// listenerFile makes a copy of the descriptor of a listener. The copy that its File method makes would
// become a blocking one when it is passed on, and with it the listener itself, since both are the
// same socket: Accept would then not end when the listener is closed.
func listenerFile(l net.Listener) (*os.File, error) {
	sc, ok := l.(syscall.Conn)
	if !ok {
		return nil, errors.New("it has no descriptor")
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil, err
	}
	var file *os.File
	var failed error
	err = raw.Control(func(fd uintptr) {
		next, err := unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0)
		if failed = err; err == nil {
			file = os.NewFile(uintptr(next), "listener")
		}
	})
	return file, errors.Join(err, failed)
}
