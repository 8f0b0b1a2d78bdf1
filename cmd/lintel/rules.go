// SPDX-License-Identifier: Apache-2.0

package main

import "lintel/specs"

// Finding codes of the wiring.
const (
	codeCodePage      = "LNT5001"
	codeNoCopybook    = "LNT5002"
	codeNoRecord      = "LNT5003"
	codeTLS           = "LNT5004"
	codeNoExchange    = "LNT5010"
	codeSimulated     = "LNT5011"
	codeSOAPOperation = "LNT5005"
	codeWSSecurity    = "LNT5006"
	codeDemand        = "LNT5007"
	codeExpiry        = "LNT5008"
	codeCall          = "LNT5031"
)

// rules describes the finding codes of the wiring.
func rules() []specs.Rule {
	return append([]specs.Rule{
		{
			Code: codeCodePage, Title: "unknown code page", Cause: "the backend names a code page that Lintel does not have.",
			Cure: "Use an IBM number such as cp037, cp1047 or cp1140.",
		},
		{
			Code: codeNoCopybook, Title: "copybook not found", Cause: "a transform names a copybook file that cannot be read.",
			Cure: "Correct the path; it begins at the workspace folder.",
		},
		{
			Code: codeNoRecord, Title: "record not found", Cause: "a transform names a record that the copybook does not declare.",
			Cure: "Use the name of a level 01 entry behind #, or none if there is only one.",
		},
		{
			Code: codeTLS, Title: "TLS that cannot be set up",
			Cause: "a file of a tls section cannot be read, is no PEM, has expired, or certificate and key do not belong together.",
			Cure:  "Name the right PEM files; paths begin at the workspace folder.",
		},
		{
			Code: codeCall, Title: "call that the operation does not take",
			Cause: "a listener calls an operation with a parameter that it does not have, without one that it needs, or with a body where there is none.",
			Cure:  "Give exactly the parameters and the body that the contract declares.",
		},
		{
			Code: codeNoExchange, Title: "test that cannot be played",
			Cause: "the request or the host's reply of a test does not fit its record or the contract, so that a simulated host cannot use it.",
			Cure:  "Correct the fields of the test.",
		},
		{
			Code: codeSimulated, Title: "simulated host that cannot be played",
			Cause: "a value of simulate.yaml has another type in another row, or a reply names a record that the operation does not have.",
			Cure:  "Write values of a column alike; name records as the transform does.",
		},
		{
			Code: codeSOAPOperation, Title: "SOAP operation not found",
			Cause: "a transform names an operation that the WSDL does not have.",
			Cure:  "Name one of the operations behind #, as OPERATION or PORT.OPERATION.",
		},
		{
			Code: codeWSSecurity, Title: "WS-Security that cannot be set up",
			Cause: "a file of a security section cannot be read, is no PEM, certificate and key do not belong together, or a key is too short or of a kind that is not used.",
			Cure:  "Name the right PEM files; keys are RSA from 2048 bits or ECDSA from P-256, and only RSA keys encrypt.",
		},
		{
			Code: codeDemand, Title: "demand of a WSDL that the backend does not meet",
			Cause: "a policy of the WSDL asks for something around the envelope (WS-Addressing, WS-Security, TLS) that the backend of the transform does not declare, or for MTOM, which soap.yaml does not.",
			Cure:  "Declare it under http.soap of the backend, MTOM in soap.yaml, if the host insists on it.",
		},
		{
			Code: codeExpiry, Title: "certificate that expires",
			Cause: "the certificate that a backend shows, signs or encrypts with, or the last one of those that its replies are verified by, is valid for less than 30 days, or less than a third of its life, or not any more.",
			Cure:  "Put a new certificate in its place and reload. A host's new certificate can stand beside its old one in signers.",
		},
	}, optionRules()...)
}
