// SPDX-License-Identifier: Apache-2.0

// Package specs is what is read from disk: the documents of a workspace, with the place of
// everything in them, and the findings about them. It only reads and checks, and it imports nothing
// of Lintel.
//
// [Load] reads a folder: lintel.yaml, the contract it names, transforms/*.yaml, records.yaml,
// tests/*.yaml and tables/*. It collects every fault of every file as a [Finding] and returns the [Workspace] as
// far as it could be read.
//
// How a document goes through the room:
//
//   - yaml.go, scalar.go and surrogates.go turn YAML or JSON into [Node] trees with exact texts and places;
//   - reference.go replaces ${env:NAME} and ${file:PATH}, in lintel.yaml only;
//   - bind.go, values.go and suggest.go are the strict binder: unknown keys, wrong types, missing keys, ranges;
//   - config.go, transform.go, listener.go, ping.go, records.go and testfile.go bind one kind of document each;
//   - contractreader.go, operation.go, parameter.go, schema.go, schemavalues.go, discriminator.go and
//     refs.go build the [Contract] from the OpenAPI document; kin.go has the document checked by a
//     second implementation;
//   - fragments.go puts fragments/*.yaml in the place of use:, tables.go reads the lookup tables of tables/;
//   - sketch.go and schema_gen.go make the JSON Schemas of the documents by running the binder on an
//     empty one;
//   - check.go compares the documents with each other;
//   - rules.go and ruletable.go list every code a finding of this package may have.
//
// The workspaces of testdata/bad show every finding there is, with its place and its hint.
package specs
