// SPDX-License-Identifier: Apache-2.0

package mqheader

// FieldType is the type of a field.
type FieldType uint8

const (
	// Long is a number of four bytes with a sign (MQLONG).
	Long FieldType = iota
	// Char is text, filled up with blanks (MQCHARn).
	Char
	// Bytes is bytes without a code page (MQBYTEn).
	Bytes
)

// Field is one field of a structure.
type Field struct {
	// Name as IBM writes it, with a small letter at the beginning.
	Name   string
	Type   FieldType
	Offset int
	Length int
	// fixed fields are written by this package: eye-catcher, version, length, what follows.
	fixed bool
}

// Kind is a structure.
type Kind struct {
	// Name of the structure in lower case: mqcih.
	Name string
	// Eye is the eye-catcher at the beginning, four characters.
	Eye string
	// Format is the format name that announces it; empty for the MQMD, which stands in no body.
	Format string
	// Lengths are the lengths of the versions, from version First on.
	First   int32
	Lengths []int
	Fields  []Field
	// values are the initial values that are not 0, blank or zeros.
	values map[string]any
	// tells is true for headers that say themselves in which encoding and CCSID the rest is.
	tells bool
}

// spec is a field for a table: offsets follow from the order.
type spec struct {
	name   string
	length int // 0 for a Long
	bytes  bool
}

func longs(names ...string) []spec {
	var out []spec
	for _, n := range names {
		out = append(out, spec{name: n})
	}
	return out
}

func char(length int, names ...string) []spec {
	var out []spec
	for _, n := range names {
		out = append(out, spec{name: n, length: length})
	}
	return out
}

func raw(length int, names ...string) []spec {
	out := char(length, names...)
	for i := range out {
		out[i].bytes = true
	}
	return out
}

// layout makes the fields of a structure behind its eye-catcher and version.
func layout(parts ...[]spec) []Field {
	out := []Field{{Name: "strucId", Type: Char, Length: 4, fixed: true}, {Name: "version", Offset: 4, Length: 4, fixed: true}}
	at := 8
	for _, part := range parts {
		for _, s := range part {
			f := Field{Name: s.name, Type: Char, Offset: at, Length: s.length}
			switch {
			case s.length == 0:
				f.Type, f.Length = Long, 4
			case s.bytes:
				f.Type = Bytes
			}
			f.fixed = s.name == "strucLength"
			at += f.Length
			out = append(out, f)
		}
	}
	return out
}

// Kinds returns the structures: mqmd, mqcih, mqiih, mqdlh and mqrfh2, of which the fixed part.
func Kinds() []*Kind { return []*Kind{MQMD(), MQCIH(), MQIIH(), MQDLH(), MQRFH2()} }

// MQMD is the message descriptor, versions 1 and 2.
func MQMD() *Kind {
	return &Kind{
		Name: "mqmd", Eye: "MD  ", First: 1, Lengths: []int{324, 364},
		Fields: layout(
			longs("report", "msgType", "expiry", "feedback", "encoding", "codedCharSetId"), char(8, "format"), longs("priority", "persistence"),
			raw(24, "msgId", "correlId"), longs("backoutCount"), char(48, "replyToQ", "replyToQMgr"), char(12, "userIdentifier"),
			raw(32, "accountingToken"), char(32, "applIdentityData"), longs("putApplType"), char(28, "putApplName"),
			char(8, "putDate", "putTime"), char(4, "applOriginData"),
			raw(24, "groupId"), longs("msgSeqNumber", "offset", "msgFlags", "originalLength"),
		),
		values: map[string]any{
			"msgType": 8, "expiry": -1, "priority": -1, "persistence": 2, "msgSeqNumber": 1, "originalLength": -1,
		},
	}
}

// MQCIH is the header of the CICS bridge, versions 1 and 2.
func MQCIH() *Kind {
	return &Kind{
		Name: "mqcih", Eye: "CIH ", Format: "MQCICS", First: 1, Lengths: []int{164, 180},
		Fields: layout(
			longs("strucLength", "encoding", "codedCharSetId"), char(8, "format"), longs("flags", "returnCode", "compCode", "reason",
				"uowControl", "getWaitInterval", "linkType", "outputDataLength", "facilityKeepTime", "adsDescriptor", "conversationalTask", "taskEndStatus"),
			raw(8, "facility"), char(4, "function", "abendCode"), char(8, "authenticator", "reserved1", "replyToFormat"),
			char(4, "remoteSysId", "remoteTransId", "transactionId", "facilityLike", "attentionId", "startCode", "cancelCode", "nextTransactionId"),
			char(8, "reserved2", "reserved3"),
			longs("cursorPosition", "errorOffset", "inputItem", "reserved4"),
		),
		values: map[string]any{"uowControl": 273, "getWaitInterval": -2, "linkType": 1, "outputDataLength": -1},
	}
}

// MQIIH is the header of the IMS bridge.
func MQIIH() *Kind {
	return &Kind{
		Name: "mqiih", Eye: "IIH ", Format: "MQIMS", First: 1, Lengths: []int{84},
		Fields: layout(
			longs("strucLength", "encoding", "codedCharSetId"), char(8, "format"), longs("flags"),
			char(8, "lTermOverride", "mfsMapName", "replyToFormat", "authenticator"), raw(16, "tranInstanceId"),
			char(1, "tranState", "commitMode", "securityScope", "reserved"),
		),
		values: map[string]any{"commitMode": "0", "securityScope": "C"},
	}
}

// MQDLH is the header of messages in a dead-letter queue.
func MQDLH() *Kind {
	return &Kind{
		Name: "mqdlh", Eye: "DLH ", Format: "MQDEAD", First: 1, Lengths: []int{172}, tells: true,
		Fields: layout(
			longs("reason"), char(48, "destQName", "destQMgrName"), longs("encoding", "codedCharSetId"), char(8, "format"),
			longs("putApplType"), char(28, "putApplName"), char(8, "putDate", "putTime"),
		),
	}
}

// MQRFH2 is the fixed part of the rules and formatting header, version 2; its folders follow.
func MQRFH2() *Kind {
	return &Kind{
		Name: "mqrfh2", Eye: "RFH ", Format: "MQHRF2", First: 2, Lengths: []int{36}, tells: true,
		Fields: layout(longs("strucLength", "encoding", "codedCharSetId"), char(8, "format"), longs("flags", "nameValueCCSID")),
		values: map[string]any{"codedCharSetId": Inherit, "nameValueCCSID": UTF8},
	}
}

// Field finds a field by its name; false if there is none.
func (k *Kind) Field(name string) (Field, bool) {
	for _, f := range k.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// Length is the length of a version; false if there is no such version.
func (k *Kind) Length(version int32) (int, bool) {
	i := int(version) - int(k.First)
	if i < 0 || i >= len(k.Lengths) {
		return 0, false
	}
	return k.Lengths[i], true
}

// latest is the last version.
func (k *Kind) latest() int32 { return k.First + int32(len(k.Lengths)) - 1 } //nolint:gosec // one or two

// kindOf finds the structure that a format name announces, or nil.
func kindOf(format string) *Kind {
	for _, k := range Kinds() {
		if k.Format != "" && k.Format == format {
			return k
		}
	}
	return nil
}
