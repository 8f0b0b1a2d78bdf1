// SPDX-License-Identifier: Apache-2.0

//go:build unix

package stream

import (
	"io"
	"syscall"
)

// readNow reads what is there without waiting. It returns errNothing when nothing is: one system
// call, no deadline, no goroutine.
func (w *wire) readNow(p []byte) (int, error) {
	var n int
	var got error
	err := w.raw.Read(func(fd uintptr) bool {
		n, got = syscall.Read(int(fd), p)
		return true
	})
	switch {
	case err != nil:
		return 0, err
	case got == syscall.EAGAIN || got == syscall.EINTR:
		return 0, errNothing{}
	case got != nil:
		return 0, got
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}
