// SPDX-License-Identifier: Apache-2.0

package transforms

import "lintel/specs"

// Finding codes of this package.
const (
	codeUnknownField  = "LNT4002"
	codeMapping       = "LNT4003"
	codeMismatch      = "LNT4004"
	codeLoop          = "LNT4005"
	codeFrom          = "LNT4006"
	codeProperty      = "LNT4007"
	codeOutcome       = "LNT4010"
	codeUndeclared    = "LNT4011"
	codeTemplate      = "LNT4012"
	codeMissing       = "LNT4013"
	codeExprSyntax    = "LNT4020"
	codeExprType      = "LNT4021"
	codeExprUnknown   = "LNT4022"
	codeExprForbidden = "LNT4023"
	codeExprTooLarge  = "LNT4024"
	codeExprArgument  = "LNT4025"
	codeExprIdentity  = "LNT4026"
)

// Rules describes the finding codes of this package.
func Rules() []specs.Rule {
	return append([]specs.Rule{
		{
			Code: codeUnknownField, Title: "unknown or ambiguous host field",
			Cause: "a key under fields names no field of the record, or several.",
			Cure:  "Use a data-name of the copybook; where it occurs more than once, put its group in front: GROUP.FIELD.",
		},
		{
			Code: codeMapping, Title: "field filled in the wrong way",
			Cause: "a table is given a single value, a single field a map, or one field is filled twice.",
			Cure:  "Fill tables with each, groups with a map and fields with a literal or an =expression.",
		},
		{
			Code: codeMismatch, Title: "value of another shape than its target",
			Cause: "an object, array or boolean meets a target of another shape.",
			Cure:  "Name a member of the object, loop over the array, or turn the boolean into a text by a condition.",
		},
		{
			Code: codeLoop, Title: "loop that cannot be made",
			Cause: "each does not name an array, or as or to is missing.",
			Cure:  "Write {each: =reply.items, as: item, to: ...}.",
		},
		{
			Code: codeFrom, Title: "same-name mapping that leaves something open",
			Cause: "from does not name an object, or names one with members for which the record has no field of that JSON name; fields that nothing fills are told for information.",
			Cure:  "Fill what is left under fields, or give the field the name of the member in records.yaml (json: NAME).",
		},
		{
			Code: codeProperty, Title: "message property that cannot be had",
			Cause: "the wire of the backend carries no property of that name, not in this direction, or none at all; or a value is written out that the property does not take.",
			Cure:  "Use a property of the wire; the reference lists them.",
		},
		{
			Code: codeOutcome, Title: "outcome that is not complete",
			Cause: "an outcome sets a header or a problem member that the gateway writes itself; or the contract has several successful statuses and the reply names none.",
			Cure:  "Remove the member; give the reply a status.",
		},
		{
			Code: codeUndeclared, Title: "answer that the contract does not declare",
			Cause: "the transform answers with a status or a body that the contract does not have for this operation, or leaves out a body it has.",
			Cure:  "Declare it in the contract or change the transform.",
		},
		{
			Code: codeTemplate, Title: "body template with something the contract does not have",
			Cause: "a member of the template is not in the contract's schema, or a construct stands where it cannot.",
			Cure:  "Use the names of the contract.",
		},
		{
			Code: codeMissing, Title: "required member or header that is never set",
			Cause: "the contract requires a member or a header of the answer and the transform does not set it.",
			Cure:  "Set it, or make it optional in the contract.",
		},
		{
			Code: codeExprSyntax, Title: "expression that cannot be read",
			Cause: "the text after = is no expression.",
			Cure:  "Correct it at the place named; a literal that begins with = is written ==.",
		},
		{
			Code: codeExprType, Title: "expression of the wrong type",
			Cause: "an operator or function is given a value of a type it does not take, or a name is unknown.",
			Cure:  "Compare and join values of one type; names begin with path, query, header, cookie, body, exchange, identity, reply or the name of a loop.",
		},
		{
			Code: codeExprUnknown, Title: "unknown member in an expression",
			Cause: "a path names a member that the contract or the record does not have.",
			Cure:  "Use a name that exists; the hint lists some.",
		},
		{
			Code: codeExprForbidden, Title: "construct that expressions do not allow",
			Cause: "ranges, powers and variables are left out, so that the cost of an expression is bounded.",
			Cure:  "Write it without.",
		},
		{
			Code: codeExprTooLarge, Title: "expression that is too large",
			Cause: "the expression has more than 4,096 bytes or 400 nodes, predicates nest more than two deep, or it takes more than 250,000 steps whatever its values are.",
			Cure:  "Split it, or compute it in the host program; docs/reference/expressions.md says what a step is.",
		},
		{
			Code: codeExprArgument, Title: "argument that can never be right",
			Cause: "an argument that is written out in the expression is none the function takes: a table, column or key that does not exist, a date picture, a rounding mode, a fill of several characters.",
			Cure:  "Correct it at the place named; the hint lists what exists.",
		},
		{
			Code: codeExprIdentity, Title: "identity where there is none",
			Cause: "an expression names identity in an operation for which the contract asks for no security.",
			Cure:  "Add security to the operation in the contract, or do without identity.",
		},
	}, checkRules()...)
}
