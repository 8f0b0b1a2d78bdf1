// SPDX-License-Identifier: Apache-2.0

package main

import "lintel/specs"

// Finding codes of record options.
const (
	codeDatasetOption = "LNT5020"
	codeFieldOption   = "LNT5021"
	codeUnusedOption  = "LNT5022"
	codeOptionClash   = "LNT5023"
)

// optionRules describes the finding codes of record options.
func optionRules() []specs.Rule {
	return []specs.Rule{
		{
			Code: codeDatasetOption, Title: "dataset option in a workspace",
			Cause: "records.yaml of a workspace has an option that says how records stand in a dataset.",
			Cure:  "Keep it in a file for the --options flag of lintel decode and encode; messages are delimited by the frame of their backend.",
		},
		{
			Code: codeFieldOption, Title: "record option that cannot be at this field",
			Cause: "an option that is for whole records stands at the name of a field, or options stand at a name that several fields have.",
			Cure:  "Put it at the name of the level 01 entry, or under \"*\" for all records; put group names in front of the field.",
		},
		{
			Code: codeUnusedOption, Title: "record options that nothing uses",
			Cause: "options stand at a name that no record of the transforms has.",
			Cure:  "Correct the name or remove the options.",
		},
		{
			Code: codeOptionClash, Title: "record options that contradict each other",
			Cause: "two options cannot both hold, such as a right margin in front of the left one.",
			Cure:  "Correct one of them.",
		},
	}
}
