// SPDX-License-Identifier: Apache-2.0

package main

import (
	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/copybook"
	"lintel/transforms/json"
	"lintel/transforms/mqheader"
	"lintel/transforms/record"
	"lintel/transforms/soap"
)

// findingGroup is the rules of one room.
type findingGroup struct {
	title string
	rules []specs.Rule
}

// findingGroups lists every code a finding can have, by room: explain, SARIF and the reference are
// made from it.
func findingGroups() []findingGroup {
	return []findingGroup{
		{"Workspace and contract", specs.Rules()},
		{"Copybooks", copybook.Rules()},
		{"Records", record.Rules()},
		{"JSON of the contract", json.Rules()},
		{"SOAP", soap.Rules()},
		{"Transforms and expressions", transforms.Rules()},
		{"Headers of IBM MQ", mqheader.Rules()},
		{"Wiring and tests", rules()},
	}
}

// findingRules are the rules of all rooms by code.
func findingRules() map[string]specs.Rule {
	all := map[string]specs.Rule{}
	for _, g := range findingGroups() {
		for _, r := range g.rules {
			all[r.Code] = r
		}
	}
	return all
}
