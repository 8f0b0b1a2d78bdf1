// SPDX-License-Identifier: Apache-2.0

package record

// fault is why a value and a field do not fit each other; ok is none. It is a small number, so that
// the hot paths can pass it without allocating; see (*node).fail for the error made of it.
type fault uint8

const (
	ok fault = iota
	faultLength
	faultOverflow
	faultScale
	faultPScale
	faultSign
	faultNegative
	faultNotNumeric
	faultBlank
	faultLow
	faultHigh
	faultNibble
	faultPadNibble
	faultZone
	faultUnmappable
	faultText
	faultType
	faultBool
	faultNull
	faultNumber
	faultEnum
	faultEnumName
	faultDate
	faultDateText
	faultShort
	faultRange
	faultEdited
	faultHex
	faultRedefines
	faultDiscriminator
	faultCounter
	faultAgree
	faultOccurs
	faultSyntax
	faultUnknown
	faultExcess
	faultEntries
	faultGroup
	faultArray
	faultNotBool
	faultDuplicate
	faultEmpty
	// faultLast is the last one there is.
	faultLast = faultEmpty
)

// code is the stable word of FieldError.Code, and the sentence of FieldError.Reason.
func (f fault) explain() (code, reason string) {
	switch f {
	case faultLength:
		return "length", "the text is longer than the field"
	case faultOverflow:
		return "overflow", "the number has more integer digits than the picture"
	case faultScale:
		return "scale", "the number has more decimals than the picture"
	case faultPScale:
		return "scale", "the number has digits other than zero where the picture has P"
	case faultSign:
		return "sign", "the sign is not valid"
	case faultNegative:
		return "sign", "the number is negative and the field is unsigned"
	case faultNotNumeric:
		return "not-numeric", "the value is not a number"
	case faultBlank:
		return "not-numeric", "the field is blank, which is no number"
	case faultLow:
		return "not-numeric", "the field holds low-values, which are no number"
	case faultHigh:
		return "not-numeric", "the field holds high-values, which are no number"
	case faultNibble:
		return "not-numeric", "a half-byte is not a decimal digit"
	case faultPadNibble:
		return "not-numeric", "the unused half-byte in front is not zero"
	case faultZone:
		return "not-numeric", "a byte is not a decimal digit"
	case faultUnmappable:
		return "unmappable", "a character is not in the host's code page"
	case faultText:
		return "text", "the bytes are not valid text in the host's code page"
	default:
		return f.explainMore()
	}
}

func (f fault) explainMore() (code, reason string) {
	switch f {
	case faultType:
		return "type", "an object or array cannot fill a field"
	case faultBool:
		return "type", "true and false have no host value for this field"
	case faultNull:
		return "null", "null has no host value for this field"
	case faultEmpty:
		return "empty", "the host value of this value stands for null"
	case faultNumber:
		return "not-numeric", "the number is written too long"
	case faultEnum:
		return "enum", "the host value has no name"
	case faultEnumName:
		return "enum", "the name has no host value"
	case faultDate:
		return "date", "the host value is not a date of the declared picture"
	case faultDateText:
		return "date", "the value is not a date that the field can hold"
	case faultShort:
		return "short", "the message ends within the field"
	case faultRange:
		return "overflow", "the number is out of the range of the field"
	case faultEdited:
		return "edited", "the field does not look like its picture"
	case faultHex:
		return "hex", "the value is not as many hexadecimal digits as the field has half-bytes"
	default:
		return f.explainStructure()
	}
}

func (f fault) explainStructure() (code, reason string) {
	switch f {
	case faultRedefines:
		return "redefines", "several alternatives of a REDEFINES block are given and do not agree"
	case faultDiscriminator:
		return "discriminator", "the field that chooses the alternative says another one"
	case faultCounter:
		return "counter", "the counter of the table is not a number"
	case faultAgree:
		return "counter", "the counter given is not the number of entries"
	case faultOccurs:
		return "occurs", "the number of entries is not what OCCURS allows"
	case faultSyntax:
		return "syntax", "the value is not JSON"
	case faultUnknown:
		return "unknown", "the record has no such member"
	case faultExcess:
		return "excess", "the message is longer than the record"
	case faultGroup:
		return "type", "the value is not an object"
	case faultNotBool:
		return "type", "the value is neither true nor false"
	case faultDuplicate:
		return "duplicate", "the member is there twice"
	case faultArray:
		return "type", "the value is not an array"
	default:
		return "entries", "the message has more table entries than the limit"
	}
}
