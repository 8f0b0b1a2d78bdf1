// SPDX-License-Identifier: Apache-2.0

package amqp

// Connected reports whether the adapter holds a connection that it takes for usable.
func Connected(a *Adapter) bool {
	_, ok := a.links.Held()
	return ok
}
