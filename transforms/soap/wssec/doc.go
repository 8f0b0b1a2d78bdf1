// SPDX-License-Identifier: Apache-2.0

// Package wssec is WS-Security (OASIS, 1.1) around SOAP envelopes: it secures requests and checks replies.
//
// A Policy is made of Options when a workspace is loaded. Seal writes the security header of a request:
// timestamp, username, signature and the key that the body is encrypted with. Open goes through that of a
// reply, decrypts, verifies, and returns an envelope that may be read. Both are pure: time and random bytes
// come in as Inputs, keys as Options.
//
// What is verified is what is used. A signature names what it is over by identifiers, and whoever looks them
// up can be shown one element and read another (signature wrapping). Here a part is told by where it
// stands (document.go): the body of the envelope, a block of its header, a part of the security header. The
// identifier of a reference must be that of the part in its place, and no other element may have it. The
// envelope that Open returns is then made of the very bytes that were digested, in canonical form: what no
// signature is over does not reach the reader, not even a namespace declaration around the body. Content that
// travels as an attachment (XOP) is put into its place before anything is looked up, and is signed and encrypted
// with its element.
//
// The files: canonical.go the exclusive canonical form, by the tokenizer of package soap; document.go where
// things stand; tree.go the small parts as trees; attached.go attachments beside the envelope; seal.go, sign.go and crypt.go what is written; open.go,
// decrypt.go and verify.go what is read; reference.go how certificates are named; replays.go the memory for
// replies that must not come twice.
package wssec
