// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"lintel/specs"
	"lintel/specs/compare"
	"lintel/transforms"
	"lintel/transforms/mqheader"
)

// compared is one version of a workspace, compiled.
type compared struct {
	ws      *specs.Workspace
	formats map[string]transforms.Opener
}

// diff compares two versions, each named by a folder or a git revision.
func (p *program) diff(ctx context.Context, old, now string) ([]compare.Change, error) {
	from, done, err := p.version(ctx, old, now)
	if err != nil {
		return nil, err
	}
	defer done()
	to, done2, err := p.version(ctx, now, ".")
	if err != nil {
		return nil, err
	}
	defer done2()
	return compareVersions(from, to), nil
}

// version loads a workspace that may be compared: one without errors. beside is the folder that a
// revision is of.
func (p *program) version(ctx context.Context, name, beside string) (*compared, func(), error) {
	dir, done := name, func() {}
	if _, err := os.Stat(name); err != nil {
		if dir, done, err = checkout(ctx, name, beside); err != nil {
			return nil, nil, &exitError{code: exitLoad, err: err}
		}
	}
	ws, findings, err := p.load(dir)
	if err != nil {
		done()
		return nil, nil, err
	}
	_, more := compile(ws)
	if findings = append(findings, more...).Sort(); findings.HasErrors() || ws.Contract == nil {
		_ = printFindings(p.stderr, ws, findings)
		done()
		return nil, nil, &exitError{code: exitLoad, err: fmt.Errorf("%s has errors: only versions that could be served are compared", name)}
	}
	return &compared{ws: ws, formats: map[string]transforms.Opener{
		"record": newRecordOpener(ws), "json": newJSONOpener(ws), "soap": newSOAPOpener(ws),
		specs.FormatNothing: transforms.Nothing{}, "mqHeaders": mqheader.Opener{},
	}}, done, nil
}

func (v *compared) transform(id string) *specs.Transform {
	for _, t := range v.ws.Transforms {
		if t.Operation.Value == id {
			return t
		}
	}
	return nil
}

// tableText is what is in the file of a table, by the name of the table; empty if there is none.
func (v *compared) tableText(name string) string {
	names, err := fs.Glob(v.ws.FS, "tables/*")
	if err != nil {
		return ""
	}
	for _, file := range names {
		base := strings.TrimPrefix(file, "tables/")
		if stem, _, _ := strings.Cut(base, "."); stem == name {
			text, err := fs.ReadFile(v.ws.FS, file)
			if err != nil {
				return ""
			}
			return string(text)
		}
	}
	return ""
}
