// SPDX-License-Identifier: Apache-2.0

package record

import "lintel/specs"

// Finding codes of this package.
const (
	codeAmbiguousRule = "LNT3001"
	codeUnusedRule    = "LNT3002"
	codeRuleTarget    = "LNT3003"
	codeRuleValue     = "LNT3004"
	codeDatePicture   = "LNT3005"
	codeRedefines     = "LNT3006"
	codeName          = "LNT3007"
	codeCounter       = "LNT3010"
	codeUnsupported   = "LNT3011"
	codeTooLarge      = "LNT3012"
	codeLiteral       = "LNT3020"
	codeMapping       = "LNT3021"
	codeValue         = "LNT3022"
)

// Rules describes the finding codes of this package.
func Rules() []specs.Rule {
	return []specs.Rule{
		{
			Code: codeAmbiguousRule, Title: "field rule that fits several fields",
			Cause: "a rule of records.yaml names a field that occurs more than once in the record.",
			Cure:  "Put the names of its groups in front: GROUP.FIELD.",
		},
		{
			Code: codeUnusedRule, Title: "field rule that fits no field",
			Cause: "a rule of records.yaml names a field that no record has.",
			Cure:  "Correct the name or remove the rule.",
		},
		{
			Code: codeRuleTarget, Title: "field rule on an item it cannot be for",
			Cause: "an enum, boolean, date, scale or empty rule stands at a group, a scale at a field that is no decimal number, a scale or empty at one that counts a table, or a redefines rule at an item that is not redefined.",
			Cure:  "Put the rule at the elementary item, or at the item that the others redefine.",
		},
		{
			Code: codeRuleValue, Title: "value that its field cannot hold",
			Cause: "a host value of an enum, boolean, empty or redefines rule does not fit the field, or stands there twice.",
			Cure:  "Write the value as the host holds it, in quotes when it has leading zeros.",
		},
		{
			Code: codeDatePicture, Title: "date picture that cannot be used",
			Cause: "the picture is not made of yyyy, yy, MM, dd, DDD, HH, mm and ss, or its length is not that of the field.",
			Cure:  "Use a picture such as yyyyMMdd; two-digit years need a century window.",
		},
		{
			Code: codeRedefines, Title: "redefines rule that cannot be followed",
			Cause: "the field named by \"by\" does not exist, stands behind a table of variable length, or a choice names no alternative.",
			Cure:  "Name a field of the record in front of the block and alternatives of the block.",
		},
		{
			Code: codeName, Title: "JSON name used twice",
			Cause: "json: gives two fields of one object the same name.",
			Cure:  "Choose another name.",
		},
		{
			Code: codeCounter, Title: "table whose counter cannot be found",
			Cause: "the field after DEPENDING ON is not in the record, stands behind the table, or is not an integer.",
			Cure:  "Correct the copybook, or read the table at its maximum as a fixed one.",
		},
		{
			Code: codeUnsupported, Title: "item that the codec cannot handle",
			Cause: "the item is longer or has more digits than the codec takes, needs a double-byte code page, or has variable length inside a REDEFINES.",
			Cure:  "See the message; records with variable tables inside a REDEFINES need storage at maximum.",
		},
		{
			Code: codeTooLarge, Title: "record longer than the limit",
			Cause: "the record at its maximum is longer than the limit.",
			Cure:  "Raise the limit of the record size.",
		},
		{
			Code: codeLiteral, Title: "literal that does not fit its field",
			Cause: "a literal of a transform is too long, has too many digits or is not a value of the field.",
			Cure:  "Correct the literal.",
		},
		{
			Code: codeMapping, Title: "field that cannot be filled this way",
			Cause: "a table is filled from a single value, a field from members, or two alternatives of a REDEFINES are always filled.",
			Cure:  "Fill tables by each or from an array, groups by their members.",
		},
		{
			Code: codeValue, Title: "VALUE that its field cannot hold",
			Cause: "the VALUE clause or a level 88 of the copybook does not fit its field.",
			Cure:  "Correct the copybook; the value is not used.",
		},
	}
}
