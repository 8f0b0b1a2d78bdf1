// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"encoding/binary"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// event is one that the process sends itself. The runtime hands it out with what else comes from the network: when
// no goroutine can go on, or after 10 ms.
type event struct {
	file *os.File
	conn syscall.RawConn
}

// newEvent returns nil where the system has no such event.
func newEvent() *event {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil
	}
	e := &event{file: os.NewFile(uintptr(fd), "eventfd")}
	if e.conn, err = e.file.SyscallConn(); err != nil || e.file.SetReadDeadline(time.Time{}) != nil {
		_ = e.file.Close()
		return nil
	}
	return e
}

// await sends the event and waits until it has come.
func (e *event) await(end time.Time) {
	if e.file.SetReadDeadline(end) != nil {
		return
	}
	sent := false
	var count [8]byte
	binary.NativeEndian.PutUint64(count[:], 1)
	_ = e.conn.Read(func(fd uintptr) bool {
		if !sent {
			sent = true
			if _, err := unix.Write(int(fd), count[:]); err == nil {
				return false
			}
		}
		_, _ = unix.Read(int(fd), count[:])
		return true
	})
}
