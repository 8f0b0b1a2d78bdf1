// SPDX-License-Identifier: Apache-2.0

package specs

// Records is records.yaml: what copybooks cannot say.
type Records struct {
	File string
	// Options are the record options under "*": they are for all records. Their values are bound by
	// whoever compiles records; see RecordOptionKeys.
	Options []NodeField
	Fields  []*FieldRule
	// Broken tells that the file has errors: names made with it cannot be relied on.
	Broken bool
}

// FieldRule is what records.yaml says about a field or record.
type FieldRule struct {
	// Name is a data-name, or several from the outside in joined by points (GROUP.FIELD).
	Name string
	Pos  Pos
	// JSON overrides the JSON name.
	JSON Text
	// Prefix, on a record, is dropped from the names of its fields before JSON names are made.
	Prefix []Text
	// Enum maps host values to JSON strings, in the order written.
	Enum []EnumRule
	// Boolean maps true and false to host values.
	Boolean *BooleanRule
	// Date is the picture of a date (yyyyMMdd).
	Date Text
	// Empty are the host values that stand for null: the first is written, all are read.
	Empty []EmptyValue
	// Redefines says which alternative of a REDEFINES block is meant.
	Redefines *RedefinesRule
	// Scale is how many of the digits stand behind a point that the picture does not have, or, below 0,
	// how many zeros follow them that the host does not keep; -18 to 18.
	Scale     int
	Sensitive bool
	// Options are the record options beside the rules: they are for the record of that name.
	Options []NodeField
}

// EmptyValue is a host value that stands for null.
type EmptyValue struct {
	Text
	// Word is a figurative constant of COBOL (SPACES, ZEROS, LOW-VALUES, HIGH-VALUES), empty for a value.
	Word string
}

// EnumRule is one value of an enum rule.
type EnumRule struct{ Host, JSON Text }

// BooleanRule gives the host values of a boolean.
type BooleanRule struct{ True, False Text }

// RedefinesRule chooses an alternative by the value of a field.
type RedefinesRule struct {
	By      Text
	Choices []RedefinesChoice
}

// RedefinesChoice is one value of the discriminator and the alternative it chooses.
type RedefinesChoice struct{ Value, Field Text }

// SOAPRules is what soap.yaml says about the messages of one WSDL.
type SOAPRules struct {
	// File is the WSDL, as transforms name it.
	File string
	Pos  Pos
	// MTOM tells that binary content is sent as attachments.
	MTOM bool
	// OtherParts tells that attachments that nothing names are a member of the message.
	OtherParts bool
	// NonFinite says what becomes of INF, -INF and NaN: "text", "null", or empty for an error.
	NonFinite Text
	// Operations are what differs for some operations.
	Operations []*SOAPOperation
	// Types are rules for the members of types.
	Types []*SOAPType
}

// SOAPOperation is what soap.yaml says about one operation of a WSDL.
type SOAPOperation struct {
	// Name is that of the WSDL.
	Name string
	Pos  Pos
	// Attachments is "inline" or "mtom"; empty where it is as for the WSDL.
	Attachments Text
}

// SOAPType is what soap.yaml says about a type of a schema.
type SOAPType struct {
	// Name is that of the type, or of the top element it is declared in, with the elements down to it,
	// joined by points; with its namespace in braces before it, or for all that are called so.
	Name    string
	Pos     Pos
	Members []*SOAPMember
}

// SOAPMember is what soap.yaml says about a member of a type.
type SOAPMember struct {
	// Name is the name in JSON that follows from the schema.
	Name string
	Pos  Pos
	// JSON overrides it.
	JSON Text
	// As is "text" for a number that is a text in JSON, else empty.
	As Text
	// Single tells that an array has one entry at most, which stands for it.
	Single bool
}
