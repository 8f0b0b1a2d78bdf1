// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"encoding/json"
	"fmt"
	"strings"
)

// SchemaKinds lists the documents that FileSchema describes.
func SchemaKinds() []string {
	return []string{"lintel.yaml", "transform", "listener", "ping", "records", "soap", "tests", "simulate"}
}

// SchemaDrafts lists the versions of JSON Schema that FileSchema writes.
func SchemaDrafts() []string { return []string{"2020-12", "7"} }

// FileSchema returns the JSON Schema of a kind of document, for editors: lintel.yaml, a transform,
// records.yaml, soap.yaml, or a file of tests/. It is made from what the binder knows. The draft is one of
// SchemaDrafts; empty means the first.
func FileSchema(kind, draft string) ([]byte, error) {
	l := &loader{}
	l.fs, l.sketches = &l.findings, map[*Node]*sketch{}
	w := &schemaWriter{sketches: l.sketches}
	switch draft {
	case "", "2020-12":
		w.dialect, w.definitions = "https://json-schema.org/draft/2020-12/schema", "$defs"
	case "7":
		w.dialect, w.definitions = "http://json-schema.org/draft-07/schema#", "definitions"
	default:
		return nil, fmt.Errorf("there is no draft %q of JSON Schema here: it is %s", draft, strings.Join(SchemaDrafts(), " or "))
	}
	root := l.part()
	title := kind
	switch kind {
	case "lintel.yaml":
		w.references = true
		l.config(&Config{}, root)
	case "transform":
		title, w.fragments = "transforms/*.yaml", true
		l.transform("", root)
	case "listener":
		title, w.fragments = "listeners/*.yaml", true
		l.listener("", root)
	case "ping":
		title, w.fragments = "pings/*.yaml", true
		l.ping("", root)
	case "records":
		title = recordsFile
		l.recordsSketch(root)
	case "soap":
		title = soapFile
		l.soapSketch(root)
	case "tests":
		title = "tests/*.yaml"
		l.testFile("", root)
	case "simulate":
		title = simulateFile
		l.simulation(&Simulation{}, root)
	default:
		return nil, fmt.Errorf("there is no schema %q: it is %s", kind, strings.Join(SchemaKinds(), ", "))
	}
	out := w.document(title, root)
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("schema of %s: %w", kind, err)
	}
	return append(text, '\n'), nil
}

// recordsSketch is records for a sketch: the options for all records, and rules by data-name.
func (l *loader) recordsSketch(root *Node) {
	s := l.sketch(root)
	all := l.part()
	l.object(all, allRecords, optionFields(&[]NodeField{})...)
	s.kind, s.rest = mapSketch, l.part()
	s.keys = []sketchKey{{name: allRecords, value: all}}
	l.fieldRule(&Node{Text: "A"}, s.rest)
}

// schemaWriter writes sketches as JSON Schema.
type schemaWriter struct {
	sketches map[*Node]*sketch
	// dialect is the URI of the draft, definitions its key for shared schemas.
	dialect, definitions string
	// references tells that ${env:NAME} and ${file:PATH} may stand for values, fragments that
	// {use: NAME} may.
	references, fragments bool
}

type schemaMap = map[string]any

func (w *schemaWriter) document(title string, root *Node) schemaMap {
	out := w.node(root)
	out["$schema"], out["title"] = w.dialect, title
	if w.fragments {
		out[w.definitions] = schemaMap{"fragment": schemaMap{
			"type": "object", "additionalProperties": false, "required": []string{"use"},
			"properties": schemaMap{"use": w.useKey()},
		}}
	}
	return out
}

func (w *schemaWriter) useKey() schemaMap {
	return schemaMap{"type": []string{"string", "number"}, "description": "the fragment of fragments/ that stands here"}
}

// node writes the schema of a node.
func (w *schemaWriter) node(n *Node) schemaMap {
	s := w.sketches[n]
	if s == nil {
		return schemaMap{}
	}
	if s.either != nil {
		var forms []schemaMap
		for _, f := range s.either {
			forms = append(forms, w.node(f))
		}
		return schemaMap{"anyOf": forms}
	}
	out := w.form(s)
	if s.many {
		one := out
		out = schemaMap{"anyOf": []schemaMap{one, {"type": "array", "items": one}}}
	}
	if w.fragments && s.kind != anySketch && s.kind != mapSketch {
		return schemaMap{"anyOf": []schemaMap{out, {"$ref": "#/" + w.definitions + "/fragment"}}}
	}
	return out
}

func (w *schemaWriter) form(s *sketch) schemaMap {
	switch s.kind {
	case mapSketch:
		return w.mapping(s)
	case listSketch:
		return schemaMap{"type": "array", "items": w.node(s.items)}
	case scalarSketch:
		return w.scalar(s)
	default:
		return schemaMap{}
	}
}

func (w *schemaWriter) mapping(s *sketch) schemaMap {
	properties := schemaMap{}
	var required []string
	for _, k := range s.keys {
		properties[k.name] = w.node(k.value)
		if k.required {
			required = append(required, k.name)
		}
	}
	out := schemaMap{"type": "object", "additionalProperties": false}
	if s.rest != nil {
		out["additionalProperties"] = w.node(s.rest)
	}
	if w.fragments {
		properties["use"] = w.useKey()
	}
	switch {
	case len(required) == 0:
	case w.fragments: // the fragment may have what is missing
		out["if"] = schemaMap{"not": schemaMap{"required": []string{"use"}}}
		out["then"] = schemaMap{"required": required}
	default:
		out["required"] = required
	}
	if len(properties) > 0 {
		out["properties"] = properties
	}
	return out
}

// scalar writes a single value. YAML gives a text that looks like a number or boolean as one, and
// Lintel reads it as it is written: both forms are allowed.
func (w *schemaWriter) scalar(s *sketch) schemaMap {
	out := schemaMap{}
	if s.about != "" {
		out["description"] = s.about
	}
	switch {
	case len(s.words) > 0:
		out = w.words(s.words)
	case s.whole:
		out["type"] = []string{"integer", "string"}
		out["minimum"], out["maximum"] = s.low, s.high
		out["pattern"] = w.pattern("^-?[0-9]+$")
	case s.pattern != "":
		out["type"], out["pattern"] = "string", w.pattern(s.pattern)
		if s.pattern == durationPattern { // a duration of nothing needs no unit
			out["type"], out["maximum"], out["minimum"] = []string{"string", "integer"}, 0, 0
		}
	default:
		out["type"] = []string{"string", "number", "boolean"}
		if s.filled {
			out["minLength"] = 1
		}
	}
	return out
}

// words writes a choice of words; a word that YAML reads as a number or boolean stands as one too.
func (w *schemaWriter) words(words []string) schemaMap {
	var enum []any
	for _, word := range words {
		var other any
		if err := json.Unmarshal([]byte(word), &other); err == nil {
			enum = append(enum, other)
		}
		enum = append(enum, word)
	}
	if !w.references {
		return schemaMap{"enum": enum}
	}
	return schemaMap{"anyOf": []schemaMap{{"enum": enum}, {"type": "string", "pattern": referencePattern}}}
}

// referencePattern is a text that holds ${env:NAME} or ${file:PATH}.
const referencePattern = `\$\{`

func (w *schemaWriter) pattern(p string) string {
	if !w.references {
		return p
	}
	return "(" + p + ")|" + referencePattern
}
