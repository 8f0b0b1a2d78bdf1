// SPDX-License-Identifier: Apache-2.0

package specs

import "slices"

// Rules lists every code that a finding of this package may have, in their order.
func Rules() []Rule {
	return slices.Concat(fileRules(), bindRules(), configRules(), transformRules(), testRules(), contractRules(), tableRules())
}

func fileRules() []Rule {
	return []Rule{
		{CodeFile, "file cannot be read", "A file or folder that the workspace needs is missing, is no regular file, or may not be read.", "Check its name, relative to the workspace, and its permissions."},
		{CodeTooLarge, "too large", "A document has more than 4 MiB, a folder more than 5000 files, a contract more than 200 files, 10000 schemas or 500 parameters in a list, or a table more than 50000 rows, 100 columns or 4096 bytes in a value.", "Split it."},
		{CodeNotUTF8, "not UTF-8 text", "A document is not UTF-8, or holds one of the line separators U+0085, U+2028 and U+2029.", "Save it as UTF-8; write the separators as escapes in a double-quoted scalar."},
		{CodeSyntax, "YAML syntax", "The document is not YAML or JSON.", "Check the indentation, quotes and brackets at the place and in the line before it."},
		{CodeDuplicateKey, "key stands twice", "A map has the same key twice; one of the values would be lost.", "Remove one of them."},
		{CodeAlias, "anchor or alias", "An alias names no anchor, stands inside the value it names, or aliases make the document larger than 500000 values.", "Define the anchor first, or write the value out."},
		{CodeMerge, "merge key", "A map uses the merge key <<, which hides where a value comes from.", "Write the fields out, or use an alias for the whole value."},
		{CodeDocuments, "more than one document", "A file holds several YAML documents.", "Keep one document per file."},
		{CodeTag, "tag", "A value has a YAML tag such as !!str.", "Remove the tag; quote a text that looks like a number."},
		{CodeTooDeep, "nested too deep", "Maps and lists nest deeper than 64 levels.", "Flatten the document."},
		{CodeKeyKind, "key is not a text", "The key of a map is a map or list, or longer than 1024 bytes.", "Write the key as a plain word."},
		{CodeStray, "file is not read", "A file or folder stands where only .yaml files are read, and would be ignored.", "Rename it to end in .yaml, or move it away."},
		{CodeOutside, "outside the workspace", "A file name or reference leads out of the workspace.", "Copy the file to the workspace and name it with forward slashes."},
	}
}

func bindRules() []Rule {
	return []Rule{
		{CodeUnknownKey, "unknown key", "A map has a key that means nothing at its place.", "Correct its spelling, or remove it."},
		{CodeWrongType, "wrong kind of value", "A list stands where a map is wanted, a map where a single value is wanted, or a value is empty.", "Write the kind of value that the message names."},
		{CodeMissingKey, "key is missing", "A map lacks a key that it must have.", "Add the key."},
		{CodeOutOfRange, "out of range", "A number, duration, size or count is smaller or larger than it can be.", "Choose a value in the range that the message names."},
		{CodeWord, "not one of the words", "A value must be one of a few words and is another.", "Choose one of the words that the message names."},
		{CodeFormat, "not in the right form", "A value is not a number, duration, size, percentage, name or expression as its key wants.", "Write it in the form that the hint shows."},
		{CodeExclusive, "keys exclude each other", "Two keys stand together of which only one may be there.", "Keep one of them."},
		{CodeTogether, "keys belong together", "A key stands without another that it needs.", "Add the other, or remove both."},
		{CodeReference, "reference cannot be read", "A ${...} in lintel.yaml is neither ${env:NAME}, ${env:NAME:-default} nor ${file:PATH}.", "Correct it; write $${ for a plain ${."},
		{CodeEnv, "environment variable is not set", "A reference names an environment variable that is not set, and gives no default.", "Set the variable, or give a default: ${env:NAME:-value}."},
		{CodeFileReference, "referenced file cannot be used", "A ${file:PATH} names a file that is missing, unreadable, outside the workspace or larger than 64 KiB.", "Name a file below the workspace, or an absolute path."},
	}
}

func configRules() []Rule {
	return []Rule{
		{CodeWire, "backend without a wire", "A backend says nothing about how the host is reached.", "Add a tcp or an http section."},
		{CodeWindow, "breaker window too short", "The window of a breaker is shorter than four times a timeout. Calls that outlast the window are never counted, so that the breaker could stay closed while every call fails.", "Lengthen breaker.window, or shorten the timeout."},
		{CodeAddress, "not an address", "An address is not host:port with a port number, or the URL of a host is no plain http or https URL.", "Write host:port, or http://host:port/path."},
		{CodeNeverReached, "limit that is never reached", "A limit has no effect because another ends the call first: the timeout of a backend is longer than that of the gateway, or needs, hedge or concurrency of a transform go beyond the timeout or the concurrency of its backend, or needs stands in an undo, which always has the whole of its timeout.", "Change the one or the other."},
		{CodeSchemeUnused, "security scheme is not used", "lintel.yaml says how a security scheme is verified that no operation of the contract asks for.", "Correct its name, or remove it."},
		{CodeURL, "URL is not safe", "The URL of an issuer or of its keys is no plain https URL: somebody on the way could put other keys in their place.", "Write https://host/path."},
		{CodeAlgorithm, "algorithm cannot be used", "An algorithm for tokens is none, one with a shared secret, or not known.", "Use RS256, PS256, ES256 or EdDSA."},
		{CodeKeys, "API key or certificate cannot be used", "A file of API keys holds a key itself instead of its hash, the same key twice, or a hash, client or expiry that cannot be read; or one of certificates says not or not only once whose a certificate is.", "Write CLIENT: {sha256: HASH}; lintel key makes a key and its hash."},
		{CodeTooSlow, "no time for the next address", "A backend has several addresses, and connecting to all of them one after the other may take longer than its timeout, so that the last ones would never be tried.", "Lower tcp.connect, or raise the timeout."},
		{CodeJournal, "journal cannot be used like this", "The key of the journal or the secret of the webhook stands in the file itself or is too short, or several gateways are to serve operations that change something without a journal that they share.", "Keep secrets in files and name them by ${file:...}; with several gateways use journal: {postgres: ..., key: ...}."},
		{CodeSecretFile, "secret file can be read by others", "A file with a private key, or one that a ${file:PATH} takes a value from, can be read by every user of the machine.", "Take the right away: chmod o-r FILE. For a mounted secret of Kubernetes set defaultMode: 0440."},
		{CodeInlineSecret, "secret stands in the document", "A value that must stay secret is written in lintel.yaml itself instead of referred to.", "Write ${env:NAME} or ${file:PATH}, and change the secret: everybody who saw the file knows it."},
		{CodeOrigin, "origin cannot be allowed", "An origin of cors is none, or credentials are allowed for every origin, so that any web page could act for its visitors.", "List exact origins such as https://app.example."},
		{CodePlainLogin, "login without TLS", "A backend sends user and password over a network without TLS, where others can read them.", "Add a tls section."},
		{CodeUnsigned, "content that no signature covers", "A backend decrypts replies and verifies no signature, though everybody may have the certificate that replies are encrypted for; or it signs requests without their body.", "Name the certificates of the host as signers; add body to the parts that are signed."},
	}
}

func transformRules() []Rule {
	return []Rule{
		{CodeFileName, "file name differs from the operation", "A file of transforms/ is not named for the operation it serves, one of listeners/ for its listener, or one of pings/ for its backend.", "Rename the file, or correct the name in it."},
		{CodeNoOperation, "operation is not in the contract", "A transform serves an operationId that the contract does not have.", "Correct the name, or add the operation to the contract."},
		{CodeNoTransform, "operation without a transform", "An operation of the contract has no file in transforms/.", "Add transforms/OPERATIONID.yaml, or remove the operation."},
		{CodeTwoTransforms, "two transforms for one operation", "Two files of transforms/ serve the same operation.", "Keep one of them."},
		{CodeNoBackend, "unknown backend", "A transform calls a backend that lintel.yaml does not have, or a ping is for one.", "Correct the name, or add the backend."},
		{CodeFormatWord, "message is not named", "request or reply names no message, or two.", "Name one, for example record: copybooks/FILE.cpy#RECORD."},
		{CodePublic, "operation is open by oversight", "The contract lets callers in without security, and the transform of the operation does not declare it public.", "Add public: true to the transform if everybody may call it."},
		{CodeSecurity, "security scheme cannot be verified", "An operation asks for a security scheme that lintel.yaml says nothing about, or something that does not fit; that cannot be verified; or its transform declares it public all the same.", "Add the scheme to security.schemes of lintel.yaml; apiKey, http bearer and basic, oauth2, openIdConnect and mutualTLS can be verified."},
		{CodeFragment, "fragment cannot be used", "use names a fragment that is not in fragments/, that uses itself, or that does not fit its place.", "Correct the name; the file is fragments/NAME.yaml."},
		{CodeCache, "answers that cannot be kept", "The cache section stands in the transform of an operation that changes something at the host; or every caller is to get the same answer, and identity is used to make it.", "Remove it, or declare the operation safe; write callers: each."},
		{CodeUnsafeRepeat, "unsafe operation would be sent twice", "hedge or fallback asks for a second attempt of an operation that changes something at the host: it could do its work twice.", "Remove it; or write safe: true if the operation changes nothing at the host."},
		{CodeNoStep, "step", "Two steps of an operation have the same name, or something speaks of a step that is not there: an outcome continues where there is no next step, a test names an unknown one.", "Give every step a name of its own; use the names of steps that are there."},
		{CodeUndo, "step that cannot be taken back", "A step changes something at its host, a later step may fail, and nothing takes the first one back; or a step that changes something stands in an operation that is safe; or undo stands where there is nothing to undo; or a step can be taken back in an operation that is not recorded (idempotency: off), so that nothing would after a crash.", "Declare undo with the request that takes the step back, or undo: none if what it did stays; correct safe."},
		{CodeOtherHost, "fallback cannot take the message", "The backend of a fallback is the one that failed, or has another wire or code page than the message is made for.", "Name another backend that is spoken to in the same way."},
		{CodeStepInquiry, "inquiry that does not decide", "An outcome of the inquiry of a step does not say whether the step was done, or makes an answer of the operation; or the step has an undo that is sent without asking (inDoubt: true).", "Give each outcome fate: not applied or fate: in doubt; a reply for which no outcome holds says that the step was done. Keep one of inquiry and inDoubt."},
		{CodeIdempotency, "operation can be done twice", "An operation changes something at the host and takes no idempotency keys (a warning), so that nobody can tell a repeated request from a new one; or the contract has the path under which the gateway serves the status of operations.", "Leave idempotency at its default, required; choose another path."},
		{CodeAskForNothing, "key has no effect", "idempotency, inquiry or reversal stands in the transform of an operation that changes nothing or is not recorded (idempotency: off), or inquiry stands at a step that changes nothing or is optional: nobody ever asks.", "Remove it; or declare safe: false, record the operation, or make the step one that counts."},
		{CodeListener, "listener is not whole", "A listener of lintel.yaml has no file in listeners/, a file has no listener, or the two do not agree on what is delivered.", "Name the file for the listener; event: says what goes to a webhook or queue, call: which operation is called."},
		{CodePing, "ping cannot be used", "A breaker has a ping and there is no file pings/BACKEND.yaml, a file is for a breaker without a ping, or for a backend whose messages nobody answers; a ping is not declared safe; or a backend with a ping has the name of an operation or a listener.", "Add what is missing, or remove the other; send a request that changes nothing, and write safe: true; rename the backend."},
		{CodeSimulation, "simulation names what is not there", "A section of simulate.yaml names a table or a row that the file does not have, or a certificate stands there for a host that is simulated without TLS.", "Correct the name, or add it below tables, below rows of the operation, or add a tls section to the backend."},
		{CodeAmbiguous, "rule cannot be reversed", "Two host values stand for the same JSON value, so that it could not be written back.", "Give each host value a JSON value of its own."},
	}
}

func testRules() []Rule {
	return []Rule{
		{CodeTestName, "test name is used twice", "Two tests of a file have the same name.", "Change one of them."},
		{CodeTestOperation, "tests for an unknown operation", "A file of tests/ is named for no operation of the contract, no listener and no backend with a ping; or a test says what belongs to another of these.", "Rename it for what it tests."},
		{CodeTestParameter, "unknown parameter in a test", "A test sends a parameter that the operation does not have.", "Correct its name."},
	}
}

func contractRules() []Rule {
	return []Rule{
		{CodeVersion, "version of OpenAPI", "The contract is not an OpenAPI 3.0 or 3.1 document.", "Begin it with openapi: 3.1.0 or openapi: 3.0.3."},
		{CodeDocument, "not valid OpenAPI", "The document as a whole breaks a rule of the OpenAPI specification.", "Read the message; it names the part of the document."},
		{CodeRefTarget, "target of a $ref is missing", "A $ref names something that does not exist.", "Correct its JSON pointer or file name."},
		{CodeRefCycle, "definition contains itself", "References lead back to where they began, or a schema contains itself without a property or item between.", "Write the definition out in one of the places."},
		{CodeRefSibling, "key beside $ref", "A key stands beside $ref where it has no effect: in a schema of OpenAPI 3.0, or in a parameter, response, body, header or path.", "For a schema, put the $ref into allOf or use version 3.1.0; elsewhere move the key to what the $ref names."},
		{CodeNotEnforced, "not enforced by Lintel", "The contract uses a keyword or feature that this version of Lintel does not enforce; it would be a promise nobody keeps.", "Remove it, or use what the hint names."},
		{CodeOperationID, "operationId", "An operation has no operationId, one that cannot name a file, or one that is used twice.", "Give every operation a name of its own, such as getAccount."},
		{CodeAmbiguousPath, "ambiguous paths", "Two paths differ only in the names of their parameters.", "Put their operations together under one path."},
		{CodePathTemplate, "path template", "A path does not begin with /, or a parameter is only a part of a segment.", "Write paths like /accounts/{id}/transactions."},
		{CodePathParameter, "path and parameters differ", "A parameter of the path is not declared, or one is declared that the path does not have.", "Declare exactly the parameters of the path."},
		{CodeParameter, "parameter", "A parameter stands twice, has a style its place does not allow, is in the path and not required, or is a header that OpenAPI ignores (a warning).", "Correct the parameter as the message says."},
		{CodePattern, "pattern", "A pattern is too long or is no regular expression of the RE2 syntax.", "Write it without look-around and back-references."},
		{CodeServer, "server", "The URL of a server cannot be read, or a further server has another path than the first.", "Write a URL or a path; variables need a default."},
		{CodeScheme, "security scheme or scope is not defined", "A security requirement names a scheme that components/securitySchemes does not have, or a scope that none of its flows declares.", "Correct the name, or define the scheme or scope."},
		{CodeMediaType, "media type", "A body has a media type that Lintel does not read, or does not answer with (a warning where there is another one), or whose schema allows no value of that type.", "Use JSON, text, bytes or, in requests, a form; an answer has media types of one of these kinds."},
		{CodeStatus, "status of a response", "A key of responses is no status, class or default.", "Write a status such as 200, a class such as 4XX, or default."},
		{CodeDiscriminator, "discriminator", "An alternative of a discriminator is not a $ref, so that no value can choose it.", "Move the schema to components/schemas and refer to it."},
		{CodeExample, "example does not fit", "An example or default breaks its own schema.", "Correct the example, or the schema."},
	}
}

func tableRules() []Rule {
	return []Rule{
		{CodeTable, "table without rows and columns", "A file of tables/ is no CSV, a row has other columns than the first, or a column has no name of its own.", "Name the columns in the first line of a CSV, and give every row a value for each; in YAML give every key the same columns."},
		{CodeTableKey, "key of a table", "A row has no key, or the key of a row before it: only one of them could be found.", "Give every row a key of its own in the first column."},
		{CodeTableName, "name of a table", "Two files of tables/ differ only in their ending, or a name cannot be used.", "Rename the file; up to 64 letters, digits, - and _, beginning with a letter."},
	}
}
