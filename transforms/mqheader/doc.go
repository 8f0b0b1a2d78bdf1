// SPDX-License-Identifier: Apache-2.0

// Package mqheader reads and writes the headers of IBM MQ: the message descriptor MQMD, and those that
// stand in the body of a message in front of the application's data: MQRFH2, MQCIH (CICS bridge), MQIIH
// (IMS bridge) and MQDLH (dead-letter queue). It is pure Go and knows no queue manager.
//
// A Header is the bytes of one structure with the names of its fields: it reads and writes them in place,
// so that a header that nobody changed goes out as it came in. Which bytes a number or a text is, is told
// by the Encoding and the CCSID that whatever stands before the header announces; a Chain follows them from
// header to header, and writes them.
//
// The files: encoding.go byte order and characters, kind.go the structures as IBM's reference "Developing
// applications, structure data types" has them, header.go a header, rfh2.go the folders of MQRFH2, chain.go
// headers one behind the other; format.go makes a chain a format of transforms.
package mqheader
