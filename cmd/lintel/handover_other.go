// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package main

import (
	"errors"
	"net"
	"os"
)

// handoverSignals delivers nothing: there is no such signal here.
func handoverSignals() (signals <-chan os.Signal, stop func()) { return nil, func() {} }

// listenerFile is not to be had here.
func listenerFile(net.Listener) (*os.File, error) {
	return nil, errors.New("listeners cannot be passed on by this system")
}
