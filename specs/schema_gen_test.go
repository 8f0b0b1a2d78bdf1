// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// schemaKind tells which schema is for a file; empty for none.
func schemaKind(file string) string {
	switch {
	case file == configFile:
		return "lintel.yaml"
	case file == recordsFile:
		return "records"
	case file == soapFile:
		return "soap"
	case file == simulateFile:
		return "simulate"
	case path.Dir(file) == transformsDir:
		return "transform"
	case path.Dir(file) == listenersDir:
		return "listener"
	case path.Dir(file) == pingsDir:
		return "ping"
	case path.Dir(file) == testsDir:
		return "tests"
	default:
		return ""
	}
}

// compiled are the schemas of a draft by kind, compiled by another implementation.
func compiled(t *testing.T, draft string) map[string]*jsonschema.Schema {
	t.Helper()
	out := map[string]*jsonschema.Schema{}
	for _, kind := range SchemaKinds() {
		text, err := FileSchema(kind, draft)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v\n%s", kind, err, text)
		}
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		name := "https://lintel.example/" + kind
		if err := c.AddResource(name, doc); err != nil {
			t.Fatal(err)
		}
		// The compiler holds the schema against the meta-schema of its draft.
		if out[kind], err = c.Compile(name); err != nil {
			t.Fatalf("%s, draft %s: %v", kind, draft, err)
		}
	}
	return out
}

// jsonOf reads YAML as an editor does.
func jsonOf(t *testing.T, src []byte) any {
	t.Helper()
	var doc any
	if err := yaml.Unmarshal(src, &doc); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(plain(doc))
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// plain gives maps the text of their keys.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = plain(x)
		}
	case map[any]any:
		out := map[string]any{}
		for k, x := range v {
			out[fmt.Sprint(k)] = plain(x)
		}
		return out
	case []any:
		for i, x := range v {
			v[i] = plain(x)
		}
	}
	return v
}

// goodFiles collects the documents of all workspaces without findings: examples and testdata/good.
func goodFiles(t *testing.T) map[string]fstest.MapFS {
	t.Helper()
	out := map[string]fstest.MapFS{"base": base(t)}
	files, err := filepath.Glob(filepath.Join("testdata", "good", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out[file] = base(t)
		overlay(t, out[file], ar)
	}
	examples, err := filepath.Glob("../examples/*/lintel.yaml")
	if err != nil || len(examples) == 0 {
		t.Fatal("no examples", err)
	}
	for _, file := range examples {
		out[file] = readFolder(t, os.DirFS(filepath.Dir(file)))
	}
	return out
}

func readFolder(t *testing.T, dir fs.FS) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	for _, pattern := range []string{configFile, recordsFile, soapFile, simulateFile, "transforms/*.yaml", "tests/*.yaml"} {
		names, err := fs.Glob(dir, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(dir, name)
			if err != nil {
				t.Fatal(err)
			}
			out[name] = &fstest.MapFile{Data: data}
		}
	}
	return out
}

// TestSchemasAcceptGood validates every document of the examples and the good workspaces.
func TestSchemasAcceptGood(t *testing.T) {
	good := goodFiles(t)
	for _, draft := range SchemaDrafts() {
		schemas, seen := compiled(t, draft), map[string]int{}
		for from, files := range good {
			for name, f := range files {
				kind := schemaKind(name)
				if kind == "" {
					continue
				}
				seen[kind]++
				if err := schemas[kind].Validate(jsonOf(t, f.Data)); err != nil {
					t.Errorf("draft %s: %s of %s: %v", draft, name, from, err)
				}
			}
		}
		for _, kind := range SchemaKinds() {
			if seen[kind] == 0 {
				t.Errorf("no document was held against the schema of %s", kind)
			}
		}
	}
}

// TestSchemasRefuseBad holds the bad workspaces against the schemas: a document with an unknown key,
// a wrong kind of value, a missing key or a word that does not exist must not pass.
func TestSchemasRefuseBad(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "bad", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, draft := range SchemaDrafts() {
		schemas, refused := compiled(t, draft), map[string]int{}
		for _, file := range files {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			fsys := base(t)
			overlay(t, fsys, ar)
			_, found := LoadFS("case", fsys, environment(ar.Comment))
			for _, f := range found {
				kind := schemaKind(f.File)
				if kind == "" || f.Code != CodeUnknownKey || strings.HasPrefix(filepath.Base(file), "yaml-") {
					continue
				}
				refused[kind]++
				if err := schemas[kind].Validate(jsonOf(t, fsys[f.File].Data)); err == nil {
					t.Errorf("draft %s: %s of %s passes, and has %v", draft, f.File, file, f)
				}
			}
		}
		for _, kind := range SchemaKinds() {
			if refused[kind] == 0 {
				t.Errorf("no bad document with an unknown key was held against the schema of %s", kind)
			}
		}
	}
}

// TestSchemaValues tries single values against the schema of lintel.yaml and against the binder: both
// must agree.
func TestSchemaValues(t *testing.T) {
	schema := compiled(t, "2020-12")["lintel.yaml"]
	for _, line := range []string{
		"bodyLimit: 64KiB", "bodyLimit: 64", "bodyLimit: 64KX", "bodyLimit: 1 MiB", "timeout: 2s", "timeout: 1m30s", "timeout: 2", "timeout: soon",
		"timeout: 1.5s", "timeout: -2s", "responses: enforce", "responses: off", "responses: maybe", "responses: ${env:X:-off}", "drain: ${env:X:-1s}",
		"responses: [off]", "drain: {}", "unknown: 1", "listen: :8080", "listen:",
	} {
		text := "lintel: 1\ncontract: openapi.yaml\nbackends: {core: {tcp: {address: \"h:1\", frame: {length: {bytes: 4}}}}}\ngateway:\n  " + line + "\n"
		fsys := base(t)
		fsys[configFile] = &fstest.MapFile{Data: []byte(text)}
		_, found := LoadFS("case", fsys, noEnv)
		errs := slices.DeleteFunc(found, func(f Finding) bool { return f.File != configFile || f.Severity != Error })
		if err := schema.Validate(jsonOf(t, []byte(text))); (err == nil) != (len(errs) == 0) {
			t.Errorf("%s: the schema says %v, the binder %v", line, err, errs)
		}
	}
}

// TestSchemasKnowAllKeys reads the good documents with the binder, which tells every key it knows on
// its way, and looks all of them up in the schemas.
func TestSchemasKnowAllKeys(t *testing.T) {
	known := map[string]map[string]bool{}
	for _, files := range goodFiles(t) {
		l := &loader{fsys: files, env: func(string) (string, bool) { return "1", true }, ws: &Workspace{Config: &Config{}}}
		l.fs = &l.findings
		for name, f := range files {
			kind := schemaKind(name)
			root, _ := ParseYAML(name, f.Data)
			if kind == "" || root == nil {
				continue
			}
			if known[kind] == nil {
				known[kind] = map[string]bool{}
			}
			l.trace = func(p string) { known[kind][p] = true }
			switch kind {
			case "lintel.yaml":
				l.config(&Config{}, root)
			case "transform":
				l.transform(name, root) // without fragments: they bring keys that are known elsewhere
			case "listener":
				l.listener(name, root)
			case "ping":
				l.ping(name, root)
			case "records":
				l.records(&Records{}, root)
			case "soap":
				l.soapRules(new([]*SOAPRules), root)
			case "tests":
				l.testFile(name, root)
			case "simulate":
				l.simulation(&Simulation{}, root)
			}
		}
	}
	for _, kind := range SchemaKinds() {
		text, err := FileSchema(kind, "")
		if err != nil {
			t.Fatal(err)
		}
		var schema map[string]any
		if err := json.Unmarshal(text, &schema); err != nil {
			t.Fatal(err)
		}
		if len(known[kind]) < 5 {
			t.Errorf("%s: the binder told only of %v", kind, known[kind])
		}
		for _, p := range slices.Sorted(maps.Keys(known[kind])) {
			if strings.HasPrefix(p, "/mobile/") {
				continue // of a file of API keys, which has no schema
			}
			if !schemaHas(schema, strings.Split(p, "/")[1:]) {
				t.Errorf("%s: the binder knows %s, the schema does not", kind, p)
			}
		}
	}
}

// schemaHas follows a path through a schema. Only the last step must be a property of its own.
func schemaHas(schema map[string]any, steps []string) bool {
	if len(steps) == 0 {
		return true
	}
	if forms, ok := schema["anyOf"].([]any); ok {
		return slices.ContainsFunc(forms, func(f any) bool {
			m, isMap := f.(map[string]any)
			return isMap && schemaHas(m, steps)
		})
	}
	step := strings.NewReplacer("~1", "/", "~0", "~").Replace(steps[0])
	if properties, ok := schema["properties"].(map[string]any); ok {
		if p, ok := properties[step].(map[string]any); ok {
			return schemaHas(p, steps[1:])
		}
	}
	for _, other := range []string{"additionalProperties", "items"} {
		if m, ok := schema[other].(map[string]any); ok && len(steps) > 1 && schemaHas(m, steps[1:]) {
			return true
		}
	}
	return false
}

func TestFileSchemaRefuses(t *testing.T) {
	for _, tt := range []struct{ kind, draft, want string }{
		{"transforms", "", "lintel.yaml, transform, listener, ping, records, soap, tests, simulate"},
		{"records", "4", "2020-12 or 7"},
	} {
		if _, err := FileSchema(tt.kind, tt.draft); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s, %s: %v", tt.kind, tt.draft, err)
		}
	}
}
