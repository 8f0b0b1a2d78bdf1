// SPDX-License-Identifier: Apache-2.0

// Package compare says what changed between two versions of a workspace, and whom it breaks: the
// callers of the API, or the host. It reads nothing and compiles nothing: it is given what specs read,
// and the layouts of records as plain values.
//
// [Contracts] compares what callers see. What an operation takes may become wider and what it answers
// may become narrower; the other way round breaks callers. Schemas are compared by what they accept, not
// by how they are written: a schema that is moved to components, an allOf that is written out or
// a minimum that is written as exclusiveMinimum is no change. Where it cannot be decided what a schema
// accepts, the change is reported as one that breaks.
//
// [Layouts] compares the bytes of one message of a host, [Rules] and [Transforms] what else decides about
// them, and [Settings] lintel.yaml.
//
//   - change.go: what is reported;
//   - contract.go, parameters.go, responses.go, security.go: operations;
//   - schema.go walks two schemas at once; flat.go and meet.go make one schema of allOf, oneOf and anyOf,
//     numbers.go, values.go, objects.go and alternatives.go compare their parts;
//   - layout.go, rules.go, transform.go, settings.go: the side of the host.
package compare
