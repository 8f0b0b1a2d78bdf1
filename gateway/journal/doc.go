// SPDX-License-Identifier: Apache-2.0

// Package journal is the durable record of unsafe exchanges: those that change something at a host.
//
// An entry is written before the first byte goes to the host (the intent) and again before the first
// byte of the answer goes to the caller (what became of it). Its identity is derived from who calls
// what with which idempotency key, so that the same request always meets the same entry: in another
// process, after a crash, on another replica.
//
//	Intent -> Complete | NotApplied | Released | InDoubt
//	InDoubt -> Complete | NotApplied          by proof only
//	Released -> Intent                        nothing was sent, the key is free again
//
// Everything else is refused by whoever keeps the entries. An intent that was open when its process
// ended is in doubt. Nothing in doubt is ever forgotten.
//
// The files: entry.go has the states and what an entry holds, store.go what a store must do; the
// stores are packages below this one, and journaltest is the contract that both keep. journal.go opens and closes,
// call.go and finish.go are how an exchange is recorded, owed.go what could not be, upkeep.go what runs beside it, clock.go whose
// clock counts; key.go reads idempotency keys, fingerprint.go, canonical.go
// and members.go sum up requests, seal.go derives identities and encrypts what is kept, anchor.go notices a journal
// that was lost.
//
// This package imports nothing of Lintel.
package journal
