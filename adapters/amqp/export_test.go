// SPDX-License-Identifier: Apache-2.0

package amqp

// Connected reports whether the adapter holds a connection that it takes for usable.
func Connected(a *Adapter) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.link != nil && !a.link.isLost()
}
