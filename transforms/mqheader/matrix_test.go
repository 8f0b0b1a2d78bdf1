// SPDX-License-Identifier: Apache-2.0

package mqheader

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// layouts are the structures as IBM's reference "Developing applications, structure data types" prints them, written
// here by hand and apart from the tables of kind.go: kind, version, length, eye-catcher, and for each field its offset,
// its length and its type (n number, c characters, b bytes).
const layouts = `
mqmd 1 324 MD
report 8 4 n, msgType 12 4 n, expiry 16 4 n, feedback 20 4 n, encoding 24 4 n, codedCharSetId 28 4 n, format 32 8 c, priority 40 4 n, persistence 44 4 n,
msgId 48 24 b, correlId 72 24 b, backoutCount 96 4 n, replyToQ 100 48 c, replyToQMgr 148 48 c, userIdentifier 196 12 c, accountingToken 208 32 b,
applIdentityData 240 32 c, putApplType 272 4 n, putApplName 276 28 c, putDate 304 8 c, putTime 312 8 c, applOriginData 320 4 c

mqmd 2 364 MD
report 8 4 n, msgType 12 4 n, expiry 16 4 n, feedback 20 4 n, encoding 24 4 n, codedCharSetId 28 4 n, format 32 8 c, priority 40 4 n, persistence 44 4 n,
msgId 48 24 b, correlId 72 24 b, backoutCount 96 4 n, replyToQ 100 48 c, replyToQMgr 148 48 c, userIdentifier 196 12 c, accountingToken 208 32 b,
applIdentityData 240 32 c, putApplType 272 4 n, putApplName 276 28 c, putDate 304 8 c, putTime 312 8 c, applOriginData 320 4 c,
groupId 324 24 b, msgSeqNumber 348 4 n, offset 352 4 n, msgFlags 356 4 n, originalLength 360 4 n

mqcih 1 164 CIH
strucLength 8 4 l, encoding 12 4 n, codedCharSetId 16 4 n, format 20 8 c, flags 28 4 n, returnCode 32 4 n, compCode 36 4 n, reason 40 4 n, uowControl 44 4 n,
getWaitInterval 48 4 n, linkType 52 4 n, outputDataLength 56 4 n, facilityKeepTime 60 4 n, adsDescriptor 64 4 n, conversationalTask 68 4 n, taskEndStatus 72 4 n,
facility 76 8 b, function 84 4 c, abendCode 88 4 c, authenticator 92 8 c, reserved1 100 8 c, replyToFormat 108 8 c, remoteSysId 116 4 c, remoteTransId 120 4 c,
transactionId 124 4 c, facilityLike 128 4 c, attentionId 132 4 c, startCode 136 4 c, cancelCode 140 4 c, nextTransactionId 144 4 c, reserved2 148 8 c, reserved3 156 8 c

mqcih 2 180 CIH
strucLength 8 4 l, encoding 12 4 n, codedCharSetId 16 4 n, format 20 8 c, flags 28 4 n, returnCode 32 4 n, compCode 36 4 n, reason 40 4 n, uowControl 44 4 n,
getWaitInterval 48 4 n, linkType 52 4 n, outputDataLength 56 4 n, facilityKeepTime 60 4 n, adsDescriptor 64 4 n, conversationalTask 68 4 n, taskEndStatus 72 4 n,
facility 76 8 b, function 84 4 c, abendCode 88 4 c, authenticator 92 8 c, reserved1 100 8 c, replyToFormat 108 8 c, remoteSysId 116 4 c, remoteTransId 120 4 c,
transactionId 124 4 c, facilityLike 128 4 c, attentionId 132 4 c, startCode 136 4 c, cancelCode 140 4 c, nextTransactionId 144 4 c, reserved2 148 8 c, reserved3 156 8 c,
cursorPosition 164 4 n, errorOffset 168 4 n, inputItem 172 4 n, reserved4 176 4 n

mqiih 1 84 IIH
strucLength 8 4 l, encoding 12 4 n, codedCharSetId 16 4 n, format 20 8 c, flags 28 4 n, lTermOverride 32 8 c, mfsMapName 40 8 c, replyToFormat 48 8 c,
authenticator 56 8 c, tranInstanceId 64 16 b, tranState 80 1 c, commitMode 81 1 c, securityScope 82 1 c, reserved 83 1 c

mqdlh 1 172 DLH
reason 8 4 n, destQName 12 48 c, destQMgrName 60 48 c, encoding 108 4 n, codedCharSetId 112 4 n, format 116 8 c, putApplType 124 4 n, putApplName 128 28 c,
putDate 156 8 c, putTime 164 8 c

mqrfh2 2 36 RFH
strucLength 8 4 l, encoding 12 4 n, codedCharSetId 16 4 n, format 20 8 c, flags 28 4 n, nameValueCCSID 32 4 s
`

// layoutField is one field of layouts.
type layoutField struct {
	name           string
	offset, length int
	typ            string
}

// layoutOf is one structure of layouts.
type layoutOf struct {
	kind    *Kind
	version int32
	length  int
	eye     string
	fields  []layoutField
}

func readLayouts(t *testing.T) []layoutOf {
	t.Helper()
	var out []layoutOf
	for _, block := range strings.Split(strings.TrimSpace(layouts), "\n\n") {
		head, body, _ := strings.Cut(block, "\n")
		var l layoutOf
		var name string
		if _, err := fmt.Sscan(head, &name, &l.version, &l.length, &l.eye); err != nil {
			t.Fatal(err)
		}
		for _, k := range Kinds() {
			if k.Name == name {
				l.kind = k
			}
		}
		for _, part := range strings.Split(strings.ReplaceAll(body, "\n", " "), ",") {
			var f layoutField
			if _, err := fmt.Sscan(part, &f.name, &f.offset, &f.length, &f.typ); err != nil {
				t.Fatalf("%s: %q: %v", name, part, err)
			}
			l.fields = append(l.fields, f)
		}
		out = append(out, l)
	}
	return out
}

// values that the vectors hold: a number of four different bytes, characters that every code page of a family has at the
// same place, bytes that are no text.
func (f layoutField) number() int32 { return int32(0x01020304 + 0x10000*f.offset) } //nolint:gosec // small

func (f layoutField) text() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	n := max(1, f.length-f.offset%3) // some end with blanks
	return letters[:n]
}

func (f layoutField) bytes() []byte {
	out := make([]byte, f.length)
	for i := range out {
		out[i] = byte(0x80 + f.offset + 3*i)
	}
	return out
}

// characters writes text by hand: EBCDIC has its letters in three rows.
func characters(text string, ebcdic bool) []byte {
	out := []byte(text)
	for i, c := range out {
		switch {
		case !ebcdic:
		case c == ' ':
			out[i] = 0x40
		case c == '.':
			out[i] = 0x4B
		case c >= '0' && c <= '9':
			out[i] = 0xF0 + c - '0'
		case c <= 'I':
			out[i] = 0xC1 + c - 'A'
		case c <= 'R':
			out[i] = 0xD1 + c - 'J'
		default:
			out[i] = 0xE2 + c - 'S'
		}
	}
	return out
}

// integer writes a number by hand.
func integer(n int32, reversed bool) []byte {
	b := []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)} //nolint:gosec // one byte each
	if reversed {
		b[0], b[1], b[2], b[3] = b[3], b[2], b[1], b[0]
	}
	return b
}

// vectorOf makes the bytes of a structure by hand.
func (l layoutOf) vectorOf(reversed, ebcdic bool) []byte {
	raw := make([]byte, l.length)
	put := func(at int, p []byte) { copy(raw[at:], p) }
	put(0, characters(fmt.Sprintf("%-4s", l.eye), ebcdic))
	put(4, integer(l.version, reversed))
	for _, f := range l.fields {
		switch f.typ {
		case "n":
			put(f.offset, integer(f.number(), reversed))
		case "l":
			put(f.offset, integer(int32(l.length), reversed)) //nolint:gosec // a few hundred
		case "s":
			put(f.offset, integer(1208, reversed)) // only some can be the CCSID of names and values
		case "c":
			put(f.offset, characters(fmt.Sprintf("%-*s", f.length, f.text()), ebcdic))
		case "b":
			put(f.offset, f.bytes())
		}
	}
	return raw
}

// encodings are all that IBM documents: integers normal or reversed, decimals normal or reversed, floating point IEEE
// normal, IEEE reversed, S/390 or TNS.
func encodings() []Encoding {
	var out []Encoding
	for _, integers := range []Encoding{0x1, 0x2} {
		for _, decimals := range []Encoding{0x10, 0x20} {
			for _, floats := range []Encoding{0x100, 0x200, 0x300, 0x400} {
				out = append(out, integers+decimals+floats)
			}
		}
	}
	return out
}

// ebcdicCCSIDs and asciiCCSIDs are those of one byte for each character that IBM documents for queue managers, by
// family. 1208 is UTF-8.
func ebcdicCCSIDs() []int32 {
	return []int32{
		37, 273, 277, 278, 280, 284, 285, 297, 420, 424, 500, 838, 870, 871, 875, 880, 905, 918, 924, 1025, 1026, 1047, 1097, 1112, 1122, 1123, 1130, 1132,
		1137, 1140, 1141, 1142, 1143, 1144, 1145, 1146, 1147, 1148, 1149, 1153, 1154, 1155, 1156, 1157, 1158, 1160, 1164,
	}
}

func asciiCCSIDs() []int32 {
	return []int32{
		437, 737, 775, 819, 850, 852, 855, 857, 858, 860, 861, 862, 863, 865, 866, 869, 1208, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258,
	}
}

// TestMatrix: every version of every header, in every encoding with every CCSID: what was made by hand is read field by
// field, and written again to the last byte.
func TestMatrix(t *testing.T) {
	vectors := 0
	for _, l := range readLayouts(t) {
		for _, e := range encodings() {
			for _, ccsid := range ebcdicCCSIDs() {
				l.check(t, e, ccsid, l.vectorOf(e&0xF == 2, true))
				vectors++
			}
			for _, ccsid := range asciiCCSIDs() {
				l.check(t, e, ccsid, l.vectorOf(e&0xF == 2, false))
				vectors++
			}
		}
	}
	t.Logf("%d vectors", vectors)
}

func (l layoutOf) check(t *testing.T, e Encoding, ccsid int32, raw []byte) {
	t.Helper()
	at := fmt.Sprintf("%s %d, encoding %d, CCSID %d", l.kind.Name, l.version, e, ccsid)
	coding, err := NewCoding(e, ccsid)
	if err != nil {
		t.Errorf("%s: %v", at, err)
		return
	}
	h, err := Parse(l.kind, raw, coding)
	if err != nil {
		t.Errorf("%s: %v", at, err)
		return
	}
	again, err := NewVersion(l.kind, l.version, coding)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range l.fields {
		var want any
		var got any
		switch f.typ {
		case "n":
			want = f.number()
			got, err = h.Int(f.name)
		case "c":
			want = f.text()
			got, err = h.Text(f.name)
		case "b":
			want = string(f.bytes())
			var b []byte
			b, err = h.Bytes(f.name)
			got = string(b)
		default:
			continue
		}
		if err != nil || got != want {
			t.Errorf("%s: %s is %v (%v), want %v", at, f.name, got, err, want)
		}
		if f.typ == "b" {
			want = f.bytes()
		}
		if err := again.Set(f.name, want); err != nil {
			t.Errorf("%s: %v", at, err)
		}
	}
	if !bytes.Equal(again.Raw, raw) {
		t.Errorf("%s: written as\n%x\nwant\n%x", at, again.Raw, raw)
	}
}
