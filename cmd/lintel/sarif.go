// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"io"
	"net/url"
	"slices"

	"lintel/specs"
)

// The parts of SARIF 2.1.0 that findings need, in the words of the standard.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    string    `json:"id"`
		Short sarifText `json:"shortDescription"`
		Full  sarifText `json:"fullDescription"`
		Help  sarifText `json:"help"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
	}
)

// printSARIF prints findings in the form that code scanning reads. dir is in front of their files.
func printSARIF(w io.Writer, dir, version string, list specs.Findings) error {
	rules, index := sarifRules(list)
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "lintel", Version: version, Rules: rules}},
		ColumnKind: "unicodeCodePoints",
		Results:    []sarifResult{},
	}
	for _, f := range list {
		message := f.Message
		if f.Hint != "" {
			message += "; try: " + f.Hint
		}
		r := sarifResult{RuleID: f.Code, RuleIndex: index[f.Code], Level: sarifLevel(f.Severity), Message: sarifText{message}}
		if f.File != "" {
			r.Locations = []sarifLocation{sarifPlace(dir, f)}
		}
		run.Results = append(run.Results, r)
	}
	return writeJSON(w, sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	})
}

// sarifRules describes the codes of the findings, each once.
func sarifRules(list specs.Findings) ([]sarifRule, map[string]int) {
	known := findingRules()
	rules, index := []sarifRule{}, map[string]int{}
	sorted := slices.SortedFunc(slices.Values(list), func(a, b specs.Finding) int { return cmp.Compare(a.Code, b.Code) })
	for _, f := range sorted {
		if _, there := index[f.Code]; there {
			continue
		}
		r := known[f.Code]
		index[f.Code] = len(rules)
		rules = append(rules, sarifRule{ID: f.Code, Short: sarifText{sentence(cmp.Or(r.Title, f.Code))}, Full: sarifText{sentence(cmp.Or(r.Cause, f.Code))}, Help: sarifText{sentence(cmp.Or(r.Cure, f.Code))}})
	}
	return rules, index
}

func sarifLevel(s specs.Severity) string {
	switch s {
	case specs.Error:
		return "error"
	case specs.Warning:
		return "warning"
	default:
		return "note"
	}
}

func sarifPlace(dir string, f specs.Finding) sarifLocation {
	uri := url.URL{Path: inFolder(dir, f.File)}
	at := sarifLocation{Physical: sarifPhysical{Artifact: sarifArtifact{uri.String()}}}
	if f.Line > 0 {
		at.Physical.Region = &sarifRegion{StartLine: f.Line, StartColumn: f.Column}
	}
	if f.Path != "" {
		at.Logical = []sarifLogical{{f.Path}}
	}
	return at
}
