// SPDX-License-Identifier: Apache-2.0

package soap

import "lintel/specs"

// Finding codes of this package.
const (
	codeXML         = "LNT3601"
	codeFile        = "LNT3602"
	codeUnsupported = "LNT3603"
	codeReference   = "LNT3604"
	codeNotWritten  = "LNT3605"
	codeSchema      = "LNT3606"
	// CodeRule is that of a rule of soap.yaml that cannot hold.
	CodeRule = "LNT3607"
)

// Rules describes the finding codes of this package.
func Rules() []specs.Rule {
	return []specs.Rule{
		{
			Code: codeXML, Title: "XML that is not read",
			Cause: "a WSDL or schema is not well-formed, is not in UTF-8, or has a document type declaration.",
			Cure:  "Correct the document; write it in UTF-8 and without DTD.",
		},
		{
			Code: codeFile, Title: "WSDL or schema that cannot be read",
			Cause: "a WSDL, or a schema that it imports or includes, is not in the workspace, or is no WSDL or schema.",
			Cure:  "Copy the file to the workspace, next to the one that names it; nothing is fetched.",
		},
		{
			Code: codeUnsupported, Title: "construct of a WSDL or schema that is not supported",
			Cause: "a WSDL or schema uses something that this version cannot read or write.",
			Cure:  "Use another operation, or change the copy of the schema so that it describes the same messages without it.",
		},
		{
			Code: codeReference, Title: "component that is not declared",
			Cause: "a WSDL or schema names an element, type, group, message or binding that no document declares.",
			Cure:  "Import the schema that declares it, or correct the name or its prefix.",
		},
		{
			Code: codeNotWritten, Title: "part of a schema that is left out",
			Cause: "a message has parts that JSON has no form for here: any elements, any attributes, or text between elements. They are skipped in replies and not sent.",
			Cure:  "Nothing has to be done if those parts are not needed.",
		},
		{
			Code: codeSchema, Title: "schema that contradicts itself",
			Cause: "a schema has a component that cannot be: a type derived from itself, a facet with a value its type does not have.",
			Cure:  "Correct the schema.",
		},
		{
			Code: CodeRule, Title: "rule of soap.yaml that cannot hold",
			Cause: "soap.yaml speaks of a WSDL, type or member that no transform uses, asks of a member what it cannot be, or its messages have attachments that the security of the backend leaves out.",
			Cure:  "Correct the name, or remove the rule; declare attachments under security of the backend.",
		},
	}
}
