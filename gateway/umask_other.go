// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package gateway

// ownerOnly does nothing here: the folder of the socket decides who may use it.
func ownerOnly() (restore func()) { return func() {} }
