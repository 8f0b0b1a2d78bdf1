// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// refuseNew makes the kernel ignore new connections to a listener while those it has already
// taken can still be accepted: closing the listener at once would reset them, with their
// requests. It is a filter on the listening socket that drops packets with SYN and without ACK.
// Where it cannot be set, which it tells, the listener is closed without it.
func refuseNew(l net.Listener) (refused bool) {
	const tcpFlags, syn, synAck, keep, drop = 13, 0x02, 0x12, 0x40000, 0
	program := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: tcpFlags},
		{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: synAck},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: syn, Jt: 0, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: drop},
		{Code: unix.BPF_RET | unix.BPF_K, K: keep},
	}
	control(l, func(fd int) {
		refused = unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
			&unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}) == nil
	})
	return refused
}

// backlog is the number of connections that the kernel has made but nobody has accepted.
func backlog(l net.Listener) (n int) {
	control(l, func(fd int) {
		// Of a listening socket this member is the length of the accept queue.
		if info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			n = int(info.Unacked)
		}
	})
	return n
}

// unreadBytes is the number of bytes that have arrived on a connection but were not read.
func unreadBytes(c net.Conn) (n int) {
	control(c, func(fd int) {
		if have, err := unix.IoctlGetInt(fd, unix.TIOCINQ); err == nil {
			n = have
		}
	})
	return n
}

// control calls f with the descriptor of a socket, if it has one that is open.
func control(socket any, f func(fd int)) {
	if wrapped, ok := socket.(interface{ NetConn() net.Conn }); ok { // TLS
		socket = wrapped.NetConn()
	}
	if sc, ok := socket.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) { f(int(fd)) })
		}
	}
}

// openFiles is how many files the process may have open; 0 if that is not known.
func openFiles() int {
	var r unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &r) != nil {
		return 0
	}
	return int(min(r.Cur, 1<<30))
}
