// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
)

// unixPrefix begins the address of an admin port that is a unix socket.
const unixPrefix = "unix:"

// adminOff is the address of an admin port that is not there.
const adminOff = "off"

// bind opens the listeners that were not given.
func (s *Server) bind(ctx context.Context) error {
	var lc net.ListenConfig
	// A multipath listener takes no filter: see refuseNew.
	lc.SetMultipathTCP(false)
	s.listener, s.adminOn = s.options.ListenOn, s.options.AdminOn
	var err error
	if s.listener == nil {
		if s.listener, err = lc.Listen(ctx, "tcp", s.options.Listen); err != nil {
			return fmt.Errorf("data port: %w", err)
		}
	}
	if s.options.Admin == adminOff || s.adminOn != nil {
		return nil
	}
	if path, ok := strings.CutPrefix(s.options.Admin, unixPrefix); ok {
		s.adminOn, err = listenUnix(ctx, path)
	} else {
		s.adminOn, err = lc.Listen(ctx, "tcp", s.options.Admin)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("admin port: %w", err), s.listener.Close())
	}
	return nil
}

// listenUnix makes a unix socket that only its owner may use. A socket that nobody serves any more
// is replaced.
func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() == fs.ModeSocket {
		var d net.Dialer
		c, err := d.DialContext(ctx, "unix", path)
		switch {
		case err == nil:
			_ = c.Close()
			return nil, fmt.Errorf("%s is in use", path)
		case errors.Is(err, syscall.ECONNREFUSED):
			if err := os.Remove(path); err != nil {
				return nil, fmt.Errorf("the socket of before cannot be removed: %w", err)
			}
		}
	}
	// The file must never be there with more permissions than it is to have.
	lc := net.ListenConfig{}
	restore := ownerOnly()
	l, err := lc.Listen(ctx, "unix", path)
	restore()
	if err != nil {
		return nil, err
	}
	return l, nil
}

// leave closes this process's copy of a listener that another process has too: what waits in its
// queue stays there, and the file of a unix socket too.
func leave(l net.Listener) {
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
	if l != nil {
		_ = l.Close()
	}
}
