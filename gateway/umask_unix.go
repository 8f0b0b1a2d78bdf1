// SPDX-License-Identifier: Apache-2.0

//go:build unix

package gateway

import "syscall"

// ownerOnly makes new files usable by their owner only, until the returned function is called.
func ownerOnly() (restore func()) {
	old := syscall.Umask(0o177)
	return func() { syscall.Umask(old) }
}
