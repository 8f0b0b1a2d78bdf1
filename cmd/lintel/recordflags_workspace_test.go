// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"testing"
	"testing/fstest"

	"lintel/specs"
	"lintel/transforms"
)

// TestWorkspaceRecordOptions serves a record with options of records.yaml: they mean the same there as
// for the tools, and they win over the code page of the backend.
func TestWorkspaceRecordOptions(t *testing.T) {
	for _, c := range []struct{ name, records, hex string }{
		{"none", "", "c1c1c1404040f10040"},
		{"code page of all records", `"*": {codepage: cp819}`, "414141202020310040"},
		{"code page of one", `THING-REQUEST: {codepage: cp819}`, "414141202020310040"},
		{"one wins over all", "\"*\": {codepage: cp819}\nTHING-REQUEST: {codepage: cp037}", "c1c1c1404040f10040"},
		{"another record", "THING-REPLY: {codepage: cp819}", "c1c1c1404040f10040"},
		{"policy of a field", "T-ID: {overflow: truncate}", "c1c1c1404040f10040"},
		{"code page of a field", "T-ID: {codepage: cp819}", "c1c1c1202020f10040"},
		{"layout of a field", "T-COUNT: {binarySize: 1--8}", "c1c1c1404040f140"},
		{"layout of the record", "THING-REQUEST: {binarySize: 1--8}", "c1c1c1404040f140"},
		{"dialect of all", "\"*\": {dialect: gnucobol}", "c1c1c1404040f140"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ws := &specs.Workspace{FS: fstest.MapFS{"THING.cpy": &fstest.MapFile{Data: []byte(
				"       01  THING-REQUEST.\n           05  T-VERB PIC X(3).\n           05  T-ID PIC X(3).\n           05  T-NUM PIC 9.\n" +
					"           05  T-COUNT PIC 9(2) COMP.\n       01  THING-REPLY.\n           05  T-RC PIC X.\n")}}}
			root, findings := specs.ParseYAML("records.yaml", []byte(c.records+"\nNOTHING: {prefix: N-}\n"))
			records, more := specs.BindRecords("records.yaml", root)
			if findings = append(findings, more...); len(findings) > 0 {
				t.Fatal(findings)
			}
			ws.Records = records
			backend := &specs.Backend{CodePage: specs.Text{Value: "cp037"}}
			opener := newRecordOpener(ws)
			for _, name := range []string{"THING-REPLY", "THING-REQUEST"} {
				msg, findings := opener.Open(&specs.Node{Text: "THING.cpy#" + name}, backend, false)
				if len(findings) > 0 {
					t.Fatal(findings)
				}
				if name == "THING-REPLY" {
					continue
				}
				codec, _ := msg.Format.(transforms.Codec)
				got, err := codec.EncodeJSON(nil, []byte(`{"tVerb":"AAA","tNum":1,"tCount":64}`))
				if err != nil {
					t.Fatal(err)
				}
				if s := hex.EncodeToString(got); s != c.hex {
					t.Errorf("bytes %s, want %s", s, c.hex)
				}
			}
			if found := opener.options.findings(); len(found) > 0 {
				t.Error(found)
			}
		})
	}
}
