// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"sync"

	"lintel/specs"
	"lintel/transforms"
)

// maxRows bounds the rows of a table of a simulation.
const maxRows = 100_000

// hostState is what simulated hosts remember: rows of JSON objects by table and key. It outlives a reload that
// leaves the tables as they are.
type hostState struct {
	mu     sync.Mutex
	tables map[string]map[string][]byte
	// from are the tables as they are written, to notice that they were changed.
	from  []byte
	works works
}

// begin takes the tables of a workspace. What is there already goes on with its values if nothing was changed.
func (s *hostState) begin(sim *specs.Simulation) {
	var from []byte
	tables := map[string]map[string][]byte{}
	if sim != nil {
		for _, t := range sim.Tables {
			rows := make(map[string][]byte, len(t.Rows.Fields))
			for _, f := range t.Rows.Fields {
				rows[f.Key.Text] = nodeJSON(f.Value)
			}
			tables[t.Name.Value] = rows
			from = fmt.Appendf(from, "%s: %s\n", t.Name.Value, nodeJSON(t.Rows))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tables != nil && bytes.Equal(from, s.from) {
		return
	}
	s.tables, s.from = tables, from
}

// put stores a row.
func (s *hostState) put(table, key string, row []byte) error {
	rows := s.tables[table]
	if rows == nil { // a message is still answered by a version that had the table
		rows = map[string][]byte{}
		s.tables[table] = rows
	}
	if _, there := rows[key]; !there && len(rows) >= maxRows {
		return fmt.Errorf("table %s has %d rows already", table, maxRows)
	}
	rows[key] = row
	return nil
}

// rowType is the type of the rows of a table: a member that some row does not have is optional, and all are in rows
// that may be made.
func rowType(t *specs.RowTable, name string, create bool) (*transforms.Type, specs.Findings) {
	var findings specs.Findings
	out := &transforms.Type{Name: name, Shape: transforms.ObjectShape}
	count := map[string]int{}
	for _, row := range t.Rows.Fields {
		for _, f := range row.Value.Fields {
			shape := literalShape(f.Value)
			m := out.Member(f.Key.Text)
			if m == nil {
				m = &transforms.Type{
					Name: f.Key.Text, Shape: shape, MaxLength: transforms.Unbounded, Digits: transforms.Unbounded,
					Scale: transforms.Unbounded, Signed: true, Pos: f.Value.Pos,
				}
				out.Members = append(out.Members, m)
			}
			count[f.Key.Text]++
			if m.Shape != shape {
				findings.Add(codeSimulated, f.Value.Pos, fmt.Sprintf("%s is a %s here and a %s in %s", f.Key.Text, shape, m.Shape, m.Pos), "write it alike in every row; quote texts that look like numbers")
			}
		}
	}
	for _, m := range out.Members {
		m.Optional = create || count[m.Name] < len(t.Rows.Fields)
	}
	return out, findings
}

// literalShape is what nodeJSON makes of a scalar.
func literalShape(n *specs.Node) transforms.Shape {
	switch transforms.JSONValue(nodeJSON(n)).Kind {
	case transforms.Number:
		return transforms.NumberShape
	case transforms.Bool:
		return transforms.BoolShape
	default:
		return transforms.StringShape
	}
}
