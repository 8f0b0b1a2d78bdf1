// SPDX-License-Identifier: Apache-2.0

package json

import "lintel/specs"

// Finding codes of this package.
const (
	codePattern     = "LNT3501"
	codePatternSize = "LNT3502"
	codeCircle      = "LNT3503"
	codeMultipleOf  = "LNT3504"
	codeBound       = "LNT3505"
	codeEnum        = "LNT3506"
	codeLoops       = "LNT3507"
)

// Rules describes the finding codes of this package.
func Rules() []specs.Rule {
	return []specs.Rule{
		{
			Code: codePattern, Title: "pattern that cannot be used",
			Cause: "a pattern is not a regular expression, or uses look-around or back-references, which cannot be matched in linear time.",
			Cure:  "Write the pattern without them; several patterns can be joined with allOf.",
		},
		{
			Code: codePatternSize, Title: "pattern that is too large",
			Cause: "a pattern compiles to more than 5000 instructions, mostly because of large or nested repetitions.",
			Cure:  "Bound the length with minLength and maxLength and use + or * in the pattern.",
		},
		{
			Code: codeCircle, Title: "schema that applies to itself",
			Cause: "allOf, anyOf, oneOf, not, if, dependentSchemas or discriminator lead back to the same schema for the same value.",
			Cure:  "Break the circle: move what the schemas share into a schema of its own.",
		},
		{
			Code: codeMultipleOf, Title: "multipleOf that cannot be enforced",
			Cause: "multipleOf is not more than 0 or has more than 19 significant digits.",
			Cure:  "Correct the number; for two decimals write multipleOf: 0.01.",
		},
		{
			Code: codeBound, Title: "bound that is no number",
			Cause: "minimum, maximum or an exclusive bound is not a number, or its exponent has more than 15 digits.",
			Cure:  "Write the bound as a plain decimal number.",
		},
		{
			Code: codeEnum, Title: "enum value that is not JSON",
			Cause: "a value of enum or const cannot be read as JSON.",
			Cure:  "Correct the value.",
		},
		{
			Code: codeLoops, Title: "loops nested too deep",
			Cause: "a template nests more loops (each) than a transform may have.",
			Cure:  "Flatten the loops.",
		},
	}
}
