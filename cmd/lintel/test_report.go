// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/xml"
	"fmt"
	"os"
	"slices"
	"strings"
)

// testReport is the JSON form of test.
type testReport struct {
	FormatVersion string               `json:"formatVersion"`
	Passed        int                  `json:"passed"`
	Failed        int                  `json:"failed"`
	Tests         []testResult         `json:"tests"`
	Coverage      []*operationCoverage `json:"coverage,omitempty"`
}

// printResults prints results, and coverage if it is asked for. It returns how many tests failed.
func printResults(p *program, results []testResult, reached *coverage) (failed int, err error) {
	for _, r := range results {
		if !r.Passed {
			failed++
		}
	}
	if p.output == "json" {
		report := testReport{FormatVersion: "1.0", Passed: len(results) - failed, Failed: failed, Tests: results}
		if reached != nil {
			report.Coverage = reached.operations
		}
		return failed, p.printJSON(report)
	}
	for _, r := range results {
		mark := "ok    "
		if !r.Passed {
			mark = "FAILED"
		}
		line := fmt.Sprintf("%s %s/%s", mark, r.Operation, r.Name)
		if !r.Passed {
			line += fmt.Sprintf("  (%s)", r.Place)
		}
		for _, f := range r.Failures {
			line += "\n         " + f
		}
		if _, err := fmt.Fprintln(p.stdout, line); err != nil {
			return failed, err
		}
	}
	if reached != nil {
		if err := reached.print(p.stdout); err != nil {
			return failed, err
		}
	}
	_, err = fmt.Fprintf(p.stdout, "%d passed, %d failed\n", len(results)-failed, failed)
	return failed, err
}

// The JUnit form, as build servers read it.
type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr"`
	Line    int           `xml:"line,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitFailure `xml:"failure"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes a file with one suite for each operation.
func writeJUnit(file, dir string, results []testResult) error {
	var out junitSuites
	for _, r := range results {
		i := slices.IndexFunc(out.Suites, func(s junitSuite) bool { return s.Name == r.Operation })
		if i < 0 {
			i = len(out.Suites)
			out.Suites = append(out.Suites, junitSuite{Name: r.Operation})
		}
		s := &out.Suites[i]
		c := junitCase{Class: dir + "." + r.Operation, Name: r.Name, File: r.Place.File, Line: r.Place.Line, Time: fmt.Sprintf("%.3f", r.Seconds)}
		if !r.Passed {
			s.Failures++
			c.Failure = &junitFailure{Message: r.Failures[0], Text: strings.Join(r.Failures, "\n")}
		}
		s.Tests++
		s.Cases = append(s.Cases, c)
	}
	text, err := xml.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append([]byte(xml.Header), append(text, '\n')...), 0o644) //nolint:gosec // a report for everybody
}
