// SPDX-License-Identifier: Apache-2.0

// Package hosthttp carries messages to hosts that speak HTTP/1.1: SOAP services, plain XML, JSON. The
// grammar of the body is none of its business.
//
// It is no general HTTP client. One exchange is one request written once: nothing is followed,
// replayed, proxied or cached. The connections are those of the package stream, so that it is known
// how many bytes of a request left and that no reply reaches another request: net/http's Transport
// sends a request again by itself when it looks repeatable to it, and takes bytes that were already
// there for the reply to the next request.
//
// The files: adapter.go the options and the way through, request.go how a request is written, head.go
// and body.go how a reply is read, verdict.go what a status means for the fate of an exchange.
package hosthttp
