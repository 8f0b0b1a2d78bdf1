// SPDX-License-Identifier: Apache-2.0

// Package security verifies the credentials of callers: API keys, which are kept as hashes, also as the
// passwords of basic authentication; certificates of clients; and signed tokens (JWT) of an issuer, whose
// keys are loaded over https and refreshed in the background.
//
// [Keys], [Basic], [Certificates] and [Tokens] are the authenticators that the gateway calls. Everything that is not proven
// is refused, and what was wrong with a credential is not told to who sent it.
package security
