// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"lintel/specs"
	"lintel/transforms"
)

// exampleDirs lists the workspaces under examples.
func exampleDirs(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../examples/*/lintel.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples found: %v", err)
	}
	dirs := make([]string, len(files))
	for i, f := range files {
		dirs[i] = filepath.Dir(f)
	}
	return dirs
}

// mustCompile loads and compiles a workspace without findings of any kind.
func mustCompile(t testing.TB, dir string, env func(string) (string, bool)) *plan {
	t.Helper()
	ws, findings := specs.Load(dir, env)
	if ws == nil {
		t.Fatal(findings)
	}
	p, more := compile(ws)
	if findings = append(findings, more...); len(findings) > 0 {
		t.Fatal(findings)
	}
	return p
}

func noEnv(string) (string, bool) { return "", false }

// TestExamples checks every example and runs the exchanges of its tests through its transforms: in
// the code page of the host, and in ASCII.
func TestExamples(t *testing.T) {
	for _, dir := range exampleDirs(t) {
		for _, page := range []string{"", "iso8859-1", "cp037"} {
			t.Run(filepath.Base(dir)+page, func(t *testing.T) {
				p := mustCompile(t, dir, func(name string) (string, bool) { return page, page != "" && name == "CORE_CODEPAGE" })
				ran := 0
				for _, op := range p.operations {
					for _, file := range p.ws.Tests {
						if file.Operation != op.spec.ID {
							continue
						}
						for _, c := range file.Cases {
							if page != "" && c.Replies != nil && c.Replies.Fields == nil {
								continue // its bytes are in the code page of the host
							}
							ran++
							t.Run(op.spec.ID+"/"+c.Name, func(t *testing.T) { runCase(t, p.ws, op, c) })
						}
					}
				}
				if ran == 0 {
					t.Error("the example has no exchanges")
				}
			})
		}
	}
}

// runCase runs one exchange offline.
func runCase(t *testing.T, ws *specs.Workspace, op *operation, c *specs.TestCase) {
	t.Helper()
	run := op.transform.Start()
	defer run.Release()
	msg, err := run.Request(caseInput(op, c))
	if err != nil {
		t.Fatalf("request: %v", err)
	}
	codec := op.transform.Request.Format.(transforms.Codec)
	decoded, err := codec.DecodeJSON(nil, msg.Body)
	if err != nil {
		t.Fatalf("the message of the request cannot be read back: %v", err)
	}
	if c.Receives != nil && c.Receives.Fields != nil && !contains(decoded, nodeJSON(c.Receives.Fields)) {
		t.Errorf("host receives\n%s\nwant\n%s", decoded, nodeJSON(c.Receives.Fields))
	}
	if c.Receives != nil {
		want, findings := transforms.LiteralProperties(op.backend.Wire, true, c.Receives.Properties)
		if len(findings) > 0 || !transforms.HasProperties(msg.Properties, want) {
			t.Errorf("host receives the properties %v, want %v; %v", msg.Properties, want, findings)
		}
	}
	if c.Replies == nil {
		return
	}
	var findings specs.Findings
	reply, err := replyMessage(ws, op, c.Replies, &findings)
	if err != nil {
		t.Fatalf("reply: %v", err)
	}
	out, err := run.Reply(reply)
	if err != nil {
		t.Fatalf("reply: %v", err)
	}
	checkAnswer(t, c, out)
}

func checkAnswer(t *testing.T, c *specs.TestCase, out transforms.Output) {
	t.Helper()
	if out.Invalid != nil {
		t.Errorf("answer breaks the contract: %v\n%s", out.Invalid, out.Body)
	}
	if want := c.Response.Get("status"); want != nil && want.Text != strconv.Itoa(out.Status) {
		t.Errorf("status %d, want %s", out.Status, want.Text)
	}
	if want := c.Response.Get("headers"); want != nil {
		for _, f := range want.Fields {
			if !slices.Contains(out.Headers, transforms.Header{Name: f.Key.Text, Value: f.Value.Text}) {
				t.Errorf("header %s: %s is not among %v", f.Key.Text, f.Value.Text, out.Headers)
			}
		}
	}
	if want := c.Response.Get("body"); want != nil && out.Problem == nil && !contains(out.Body, nodeJSON(want)) {
		t.Errorf("body\n%s\nwant\n%s", out.Body, nodeJSON(want))
	}
}
