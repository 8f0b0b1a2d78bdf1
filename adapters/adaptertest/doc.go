// SPDX-License-Identifier: Apache-2.0

// Package adaptertest is what every adapter is tested with: a contract suite, and scripted hosts
// that drip, cut, delay, garble and keep a ledger of the whole requests they saw.
//
// A package that holds an adapter writes a Harness that starts a host for its wire and hands it to
// Run. For stream wires the Host of this package does, with a Protocol; for a length field it has
// framing code of its own, so that the adapter is checked against something else than itself.
package adaptertest
