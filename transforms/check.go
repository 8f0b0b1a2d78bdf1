// SPDX-License-Identifier: Apache-2.0

package transforms

// check compares both sides of a compiled transform: what the contract allows with what the host's
// record holds, and what the record can bring with what the contract promises.
func (k *compilation) check() {}
