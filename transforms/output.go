// SPDX-License-Identifier: Apache-2.0

package transforms

// Message is bytes plus properties: what an adapter carries. Its fields are those of
// adapters.Message, so that the one converts to the other.
type Message struct {
	Body       []byte
	Properties map[string]any
}

// Output is the answer that a reply leads to. Its slices belong to the Run and are valid until Release.
type Output struct {
	Status  int
	Headers []Header
	// Body is the JSON body, nil if there is none.
	Body []byte
	// Problem is set instead of Body when the outcome declares one.
	Problem *Problem
	// Outcome names the rule that decided for logs and metrics: its status and its number, for
	// example "404#1"; "ok" when none held.
	Outcome string
	// Continue means that the operation goes on with its next step: there is no answer yet.
	Continue bool
	// Variant is the record that the reply was, as the transform names it. Front is how many bytes of headers stood in
	// front of it.
	Variant string
	Front   int
	// Unreadable are the fields of the reply that became null because their bytes could not be read.
	Unreadable Unreadable
	// Dropped is how many members of the reply were left out of Body because the contract does not name them.
	Dropped int
	// HostFailed means that the outcome counts as host trouble.
	HostFailed bool
	// NotApplied means that the outcome proves that the host did nothing.
	NotApplied bool
	// InDoubt means that the outcome says that it is not known whether the host did the work.
	InDoubt bool
	// Invalid is set when Body breaks the contract.
	Invalid *InvalidError
}

// Header is one response header.
type Header struct{ Name, Value string }

// Problem is what a transform says in an RFC 9457 problem; empty members get the gateway's defaults.
type Problem struct {
	Type, Title, Detail, Code string
	// Members are extension members: name and JSON text.
	Members []Member
}

// Member is one member of a JSON object: its name and the JSON text of its value.
type Member struct {
	Name string
	JSON []byte
}
