// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq

// Connected reports whether a link is in use.
func Connected(a *Adapter) bool {
	_, ok := a.links.Held()
	return ok
}

// ConnectOptions, FateOf and ClassOf are the tables behind an exchange.
var (
	ConnectOptions = (*Options).connectOptions
	FateOf         = fateOf
)
