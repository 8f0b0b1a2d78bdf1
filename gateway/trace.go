// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// traceID takes the trace id out of a traceparent header (W3C Trace Context, 3.2), "" if it is not valid.
func traceID(parent string) string {
	if len(parent) < 55 || parent[2] != '-' || parent[35] != '-' || parent[52] != '-' {
		return ""
	}
	version := parent[:2]
	if !isLowerHex(version) || version == "ff" || version == "00" && len(parent) != 55 || len(parent) > 55 && parent[55] != '-' {
		return ""
	}
	trace, span := parent[3:35], parent[36:52]
	if !isLowerHex(trace) || !isLowerHex(span) || !isLowerHex(parent[53:55]) || isZeros(trace) || isZeros(span) {
		return ""
	}
	return trace
}

func isLowerHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if (s[i] < '0' || s[i] > '9') && (s[i] < 'a' || s[i] > 'f') {
			return false
		}
	}
	return true
}

func isZeros(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '0' {
			return false
		}
	}
	return true
}

// newIDs makes the id of an exchange, a UUID of version 7 (RFC 9562, 5.7), and a trace id.
func newIDs(now time.Time) (exchange, trace string) {
	var random [26]byte
	// Since Go 1.24 Read never fails: it ends the process when the system has no random numbers.
	_, _ = rand.Read(random[:])
	var id [16]byte
	binary.BigEndian.PutUint64(id[:], uint64(now.UnixMilli())<<16)
	copy(id[6:], random[:10])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	var text [68]byte
	hex.Encode(text[0:8], id[0:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:36], id[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	hex.Encode(text[36:], random[10:])
	both := string(text[:])
	return both[:36], both[36:]
}
