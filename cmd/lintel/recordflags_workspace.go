// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"lintel/specs"
	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
)

// workspaceOptions are the record options of records.yaml.
type workspaceOptions struct {
	records *specs.Records
	all     optionValues
	own     map[string]optionValues // by upper-case name
	fields  *fieldOptions
	found   specs.Findings
	// opened are the records that transforms use, asked the names they were asked for by.
	opened map[*copybook.Item]bool
	asked  map[string]bool
}

func newWorkspaceOptions(r *specs.Records) *workspaceOptions {
	w := &workspaceOptions{records: r, own: map[string]optionValues{}, opened: map[*copybook.Item]bool{}, asked: map[string]bool{}}
	w.all, w.found = bindOptions(r.Options, false)
	w.fields = newFieldOptions(r, nil)
	w.paths(r.Options)
	for _, rule := range r.Fields {
		values, findings := bindOptions(rule.Options, false)
		w.found = append(w.found, findings...)
		w.paths(rule.Options)
		if len(values) > 0 {
			w.own[strings.ToUpper(rule.Name)] = values
		}
	}
	return w
}

// paths checks that search paths are folders of the workspace.
func (w *workspaceOptions) paths(fields []specs.NodeField) {
	for _, f := range fields {
		if f.Key.Text != "searchPath" {
			continue
		}
		for _, n := range append([]*specs.Node{f.Value}, f.Value.Items...) {
			if n.Kind == specs.ScalarNode && n.Text != "" && !fs.ValidPath(n.Text) {
				w.found.Add(specs.CodeOutside, n.Pos, "searchPath must be a folder of the workspace", "write a path relative to the workspace, with forward slashes")
			}
		}
	}
}

// of returns the options of one record; no record has an empty name.
func (w *workspaceOptions) of(name string) optionValues { return w.own[strings.ToUpper(name)] }

// settings are those of a record; page is the code page of its backend, which an option replaces.
func (w *workspaceOptions) settings(page *codepage.Page, name string) (recordSettings, specs.Findings) {
	w.asked[strings.ToUpper(name)] = true
	s, err := resolveOptions(recordSettings{page: page}, w.all, w.of(name))
	if err == nil {
		return s, nil
	}
	var findings specs.Findings
	findings.Add(codeOptionClash, w.place(name), err.Error(), "")
	return s, findings
}

// place is where the options of a record stand.
func (w *workspaceOptions) place(name string) specs.Pos {
	for _, rule := range w.records.Fields {
		if strings.EqualFold(rule.Name, name) && len(rule.Options) > 0 {
			return rule.Options[0].Key.Pos
		}
	}
	if len(w.records.Options) > 0 {
		return w.records.Options[0].Key.Pos
	}
	return specs.Pos{File: w.records.File}
}

// findings are what is wrong with the options, after all records were opened.
func (w *workspaceOptions) findings() specs.Findings {
	out := w.found
	opened := slices.SortedFunc(maps.Keys(w.opened), func(a, b *copybook.Item) int { return cmp.Compare(a.Name, b.Name) })
	for _, o := range w.fields.rules {
		one := &fieldOptions{rules: []fieldOption{o}}
		used := w.asked[strings.ToUpper(o.rule.Name)]
		for _, item := range opened {
			found := one.check(item)
			if used = used || len(o.items(item)) > 0; len(found) > 0 {
				out = append(out, found...)
				break
			}
		}
		if !used {
			out.Warn(codeUnusedOption, o.rule.Options[0].Key.Pos, fmt.Sprintf("no record of a transform is or has %s", o.rule.Name), "correct the name or remove the options")
		}
	}
	return out
}
