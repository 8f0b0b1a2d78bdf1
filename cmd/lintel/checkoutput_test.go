// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"lintel/specs"
)

// unpleasant are findings whose texts try to leave their form.
func unpleasant() specs.Findings {
	return specs.Findings{
		{Severity: specs.Error, Code: "LNT1101", Pos: specs.Pos{File: "a,b:c%.yaml", Line: 3, Column: 7}, Path: "/a/b", Message: "unknown\r\n::error::key 100%", Hint: "did you mean \"x\"?"},
		{Severity: specs.Warning, Code: "LNT1012", Pos: specs.Pos{File: "tables/ö x.txt"}, Message: "not read"},
		{Severity: specs.Info, Code: "LNT1101", Message: "without a place"},
	}
}

func TestPrintGitHub(t *testing.T) {
	var b bytes.Buffer
	if err := printGitHub(&b, "./apis/bank/", unpleasant()); err != nil {
		t.Fatal(err)
	}
	want := `::error file=apis/bank/a%2Cb%3Ac%25.yaml,line=3,col=7,title=LNT1101::unknown%0D%0A::error::key 100%25%0Atry: did you mean "x"?
::warning file=apis/bank/tables/ö x.txt,title=LNT1012::not read
::notice title=LNT1101::without a place
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

// TestPrintSARIF checks the structure that SARIF 2.1.0 demands: required members, levels, indexes of
// rules, places that begin at 1, URIs.
func TestPrintSARIF(t *testing.T) {
	var b bytes.Buffer
	if err := printSARIF(&b, ".", "v1.0.0", unpleasant()); err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b.Bytes()))
	d.DisallowUnknownFields()
	var log sarifLog
	if err := d.Decode(&log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || !strings.HasSuffix(log.Schema, "sarif-schema-2.1.0.json") || len(log.Runs) != 1 {
		t.Fatalf("not a log of one run: %+v", log)
	}
	run := log.Runs[0]
	if run.Tool.Driver.Name != "lintel" || len(run.Results) != 3 || len(run.Tool.Driver.Rules) != 2 {
		t.Fatalf("tool and results: %+v", run)
	}
	for i, level := range []string{"error", "warning", "note"} {
		r := run.Results[i]
		if r.Level != level || r.Message.Text == "" || run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("result %d: %+v", i, r)
		}
		for _, l := range r.Locations {
			if l.Physical.Artifact.URI == "" || l.Physical.Region != nil && l.Physical.Region.StartLine < 1 {
				t.Errorf("result %d: %+v", i, l)
			}
		}
	}
	for _, r := range run.Tool.Driver.Rules {
		if r.Short.Text == "" || r.Full.Text == "" || r.Help.Text == "" {
			t.Errorf("rule %+v", r)
		}
	}
	first, second := run.Results[0].Locations[0], run.Results[1].Locations[0]
	if first.Physical.Region.StartColumn != 7 || first.Logical[0].FullyQualifiedName != "/a/b" || first.Physical.Artifact.URI != "./a,b:c%25.yaml" {
		t.Errorf("place %+v", first)
	}
	if second.Physical.Region != nil || second.Physical.Artifact.URI != "tables/%C3%B6%20x.txt" || run.Results[2].Locations != nil {
		t.Errorf("places %+v", run.Results)
	}
	b.Reset()
	if err := printSARIF(&b, ".", "", nil); err != nil || !strings.Contains(b.String(), `"results": []`) || !strings.Contains(b.String(), `"rules": []`) {
		t.Errorf("an empty log must have empty lists: %v\n%s", err, b.String())
	}
}
