// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package gateway

import "net"

// refuseNew does nothing here, and says so: connections that the kernel has taken but nobody accepted are reset
// when the listener is closed.
func refuseNew(net.Listener) bool { return false }

// backlog is not known here.
func backlog(net.Listener) int { return 0 }

// unreadBytes is not known here.
func unreadBytes(net.Conn) int { return 0 }

// openFiles is not known here.
func openFiles() int { return 0 }
