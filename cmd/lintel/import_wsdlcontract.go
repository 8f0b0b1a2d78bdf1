// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"

	"lintel/transforms"
)

// contract writes the OpenAPI document.
func (m *importedWSDL) contract() string {
	var b strings.Builder
	fmt.Fprintf(&b, "openapi: 3.1.0\ninfo: {title: %q, version: \"1\"}\npaths:\n", m.operations[0].Service)
	paths := []string{}
	for _, o := range m.operations {
		if !slices.Contains(paths, o.path) {
			paths = append(paths, o.path)
		}
	}
	for _, path := range paths {
		fmt.Fprintf(&b, "  %s:\n", path)
		for _, o := range m.operations {
			if o.path == path {
				m.operation(&b, o)
			}
		}
	}
	m.schemas.write(&b)
	return b.String()
}

func (m *importedWSDL) operation(b *strings.Builder, o *importedOperation) {
	fmt.Fprintf(b, "    %s:\n      operationId: %s\n", o.method, o.id)
	if o.Documentation != "" {
		fmt.Fprintf(b, "      summary: %s\n", transforms.AppendQuoted(nil, o.Documentation))
	}
	switch {
	case len(o.request.Type.Members) == 0:
	case o.method == "get":
		b.WriteString("      parameters:\n")
		for _, t := range o.request.Type.Members {
			in := "query"
			if t.Name == o.inPath {
				in = "path"
			}
			fmt.Fprintf(b, "        - {name: %q, in: %s, required: %t, schema: %s}\n", t.Name, in, in == "path" || !t.Optional, m.schemas.schema(t))
		}
	default:
		name := m.schemas.object(strings.ToUpper(o.id[:1])+o.id[1:]+"Request", o.request.Type.Members)
		fmt.Fprintf(b, "      requestBody:\n        required: true\n        content: {application/json: {schema: {$ref: \"#/components/schemas/%s\"}}}\n", name)
	}
	fmt.Fprintf(b, "      responses:\n        \"%d\":\n          description: what the host answers\n", o.success())
	if members := o.replyMembers(); len(members) > 0 {
		name := m.schemas.object(strings.ToUpper(o.id[:1])+o.id[1:]+"Reply", members)
		fmt.Fprintf(b, "          content: {application/json: {schema: {$ref: \"#/components/schemas/%s\"}}}\n", name)
	}
	told := map[int]string{422: "the host refused the request"}
	for _, f := range o.declared() {
		status, title := faultStatus(f.Name)
		if told[status] != "" {
			title = told[status] + "; " + title
		}
		told[status] = title
	}
	for _, status := range []int{404, 409, 422} {
		if told[status] != "" {
			fmt.Fprintf(b, "        \"%d\": {description: %q}\n", status, told[status])
		}
	}
}
