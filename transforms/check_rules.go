// SPDX-License-Identifier: Apache-2.0

package transforms

import "lintel/specs"

// Finding codes of the comparison of both sides. LNT403x are about what the host's record takes,
// LNT404x about what the contract is given, LNT405x about the transform by itself.
const (
	codeTooLong    = "LNT4030"
	codeRange      = "LNT4031"
	codeDecimals   = "LNT4032"
	codeNoCode     = "LNT4033"
	codeNoNull     = "LNT4034"
	codeLostAbsent = "LNT4035"
	codeEntries    = "LNT4036"
	codeUnsureText = "LNT4037"
	codeUnsureDate = "LNT4038"
	codeNoMember   = "LNT4039"

	codeLongerText  = "LNT4040"
	codeWider       = "LNT4041"
	codeFiner       = "LNT4042"
	codeNotListed   = "LNT4043"
	codeNullGiven   = "LNT4044"
	codeMayLack     = "LNT4045"
	codeMoreEntries = "LNT4046"
	codeUnsureForm  = "LNT4047"
	codeExtra       = "LNT4048"

	codeNoSuchValue = "LNT4050"
	codeUnreachable = "LNT4051"
	codeMaybeNull   = "LNT4052"
	// CodeUnused is the code of what the contract requires and no expression uses.
	CodeUnused       = "LNT4053"
	codeSilentStatus = "LNT4054"
	codeOverlay      = "LNT4055"
	codeCounter      = "LNT4056"
	codeOverlap      = "LNT4057"
)

// checkRules describes them.
func checkRules() []specs.Rule {
	return append(append(requestRules(), replyRules()...), flowRules()...)
}

func requestRules() []specs.Rule {
	return []specs.Rule{
		{
			Code: codeTooLong, Title: "text that can be longer than its field",
			Cause: "the contract allows more characters than the field holds. Such requests are answered with 422. It is an error if every text is too long, and only told if the characters fit as long as they are plain ones.",
			Cure:  "Set maxLength in the contract to what the hint says.",
		},
		{
			Code: codeRange, Title: "number that can be out of the range of its field",
			Cause: "the contract allows numbers with more digits than the picture, or negative ones where it has no sign. Such requests are answered with 422.",
			Cure:  "Set minimum and maximum in the contract to what the hint says.",
		},
		{
			Code: codeDecimals, Title: "number that can have more decimals than its field",
			Cause: "the contract allows more places behind the point than the picture has. Such requests are answered with 422.",
			Cure:  "Set multipleOf in the contract, 0.01 for two places, or type to integer.",
		},
		{
			Code: codeNoCode, Title: "value without a code at the host",
			Cause: "the contract lists a value, or an expression writes one out, that the field cannot hold: it is none of its names, does not fit, or has characters that the code page lacks; or it allows an empty text or 0 where that is what the host has for null. It is a warning if the contract allows any text and the field has a list.",
			Cure:  "Take the value out of enum, give it a code in records.yaml, or make the enum of the contract that of the field.",
		},
		{
			Code: codeNoNull, Title: "null that the field has no value for",
			Cause: "the contract allows null, and nothing says what the host is to get for it.",
			Cure:  "Write =... ?? with a value, give a date an empty value in records.yaml, or take null out of the contract.",
		},
		{
			Code: codeLostAbsent, Title: "absent value that cannot be told from another",
			Cause: "an optional member is moved as it is. When it is absent the field keeps its default: what that is otherwise the value of (told only), or what is no value of the field at all (a warning).",
			Cure:  "Say what an absent value means: =body.member ?? value.",
		},
		{
			Code: codeEntries, Title: "array with more or fewer entries than OCCURS",
			Cause: "minItems and maxItems of the contract allow a number of entries that the table does not have. Such requests are answered with 422.",
			Cure:  "Set minItems and maxItems in the contract to what the hint says.",
		},
		{
			Code: codeUnsureText, Title: "text or value that need not be a number",
			Cause: "a text of the contract fills a numeric field, and no pattern says that it has digits only; or the contract gives no type at all.",
			Cure:  "Set a pattern such as ^[0-9]{1,8}$ in the contract, or give the member the type of the field.",
		},
		{
			Code: codeUnsureDate, Title: "text that need not be a date",
			Cause: "a text of the contract fills a field with a date rule, and its format is another one or none.",
			Cure:  "Set format to date in the contract, or convert the text.",
		},
		{
			Code: codeNoMember, Title: "member that the group has no field for",
			Cause: "a group is filled from an object as a whole, and the object has a member that the group does not have.",
			Cure:  "Fill the fields one by one, or take the member out of the contract.",
		},
	}
}

func replyRules() []specs.Rule {
	return []specs.Rule{
		{
			Code: codeLongerText, Title: "text longer than the contract allows",
			Cause: "the field can hold more characters than maxLength of the answer's member.",
			Cure:  "Set maxLength in the contract to what the hint says.",
		},
		{
			Code: codeWider, Title: "number beyond the contract's bounds",
			Cause: "the field can hold numbers below minimum or above maximum of the answer's member.",
			Cure:  "Set minimum and maximum in the contract to what the hint says.",
		},
		{
			Code: codeFiner, Title: "number with more decimals than the contract allows",
			Cause: "the field has more places behind the point than multipleOf of the answer's member.",
			Cure:  "Set multipleOf in the contract to what the hint says, or round the number.",
		},
		{
			Code: codeNotListed, Title: "value that the contract does not list",
			Cause: "a name of the field, a level 88 or a value of an enum rule, is not in the contract's enum; or a value that is written out, as a literal or in an expression, breaks the contract. It is a warning if the field can hold any text.",
			Cure:  "Add the value to enum, or give the field names by an enum rule in records.yaml.",
		},
		{
			Code: codeNullGiven, Title: "null where the contract has none",
			Cause: "the field has an empty value that is read as null, and the answer's member cannot be null.",
			Cure:  `Set its type to ["string", "null"] in the contract, write =... ?? with a value, or stand it under a condition.`,
		},
		{
			Code: codeMayLack, Title: "required member that can be missing",
			Cause: "the contract requires a member whose value can be absent: it is in an alternative of a REDEFINES, an optional member of the request, under a condition without else, or not in a group that is copied as a whole.",
			Cure:  "Make it optional in the contract, write =... ?? with a value, or add else.",
		},
		{
			Code: codeMoreEntries, Title: "more or fewer entries than the contract allows",
			Cause: "OCCURS of the table allows a number of entries that minItems and maxItems of the answer's array do not.",
			Cure:  "Set minItems and maxItems in the contract to what the hint says.",
		},
		{
			Code: codeUnsureForm, Title: "text that need not have the contract's form",
			Cause: "the contract promises a date, a time, a uuid or a number, and the field holds text.",
			Cure:  "Give the field a date rule in records.yaml, or convert the text with a function.",
		},
		{
			Code: codeExtra, Title: "group copied with a member that the contract does not have",
			Cause: "a group of the reply is copied as a whole, and has a field that the contract's object does not allow.",
			Cure:  "List the members one by one, or add the member to the contract.",
		},
	}
}

func flowRules() []specs.Rule {
	return []specs.Rule{
		{
			Code: codeNoSuchValue, Title: "comparison with a value that does not exist",
			Cause: "a field or member is compared with a text that is none of its values, or longer than it can be.",
			Cure:  "Use a name of the level-88 entries, of the enum rule or of the contract's enum; the hint has the nearest.",
		},
		{
			Code: codeUnreachable, Title: "outcome that is never reached",
			Cause: "an outcome before has the same condition, or those before leave no value for which it holds.",
			Cure:  "Remove it, or correct one of the conditions.",
		},
		{
			Code: codeMaybeNull, Title: "possible null where a value is needed",
			Cause: "an operator or function is given a value that can be null or absent. It is a warning for values of the reply, which an outcome may have ruled out.",
			Cure:  "Write (path ?? value), or ask before: path != nil ? ... : ...",
		},
		{
			Code: CodeUnused, Title: "required input that is never used",
			Cause: "the contract requires a parameter of the path or a member of the body, and no expression of the transform uses it.",
			Cure:  "Send it to the host, or take it out of the contract.",
		},
		{
			Code: codeSilentStatus, Title: "successful status that is never answered",
			Cause: "the contract declares a 2xx status for the operation, and no outcome has it.",
			Cure:  "Add an outcome, or take the response out of the contract.",
		},
		{
			Code: codeOverlay, Title: "two alternatives filled at once",
			Cause: "two alternatives of one REDEFINES are filled by values that are always there, so that they write over each other.",
			Cure:  "Fill one, or choose between them by a condition or by optional members.",
		},
		{
			Code: codeCounter, Title: "counter that can exceed its table",
			Cause: "a transform fills the counter of a table with a number that can be larger than OCCURS allows.",
			Cure:  "Leave the counter out: it is kept in step with the entries.",
		},
		{
			Code: codeOverlap, Title: "group filled as a whole and in parts",
			Cause: "a group is filled from an object, and one of its fields once more.",
			Cure:  "Do one of the two.",
		},
	}
}
