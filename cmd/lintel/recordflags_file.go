// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"lintel/specs"
)

// bindOptions reads the record options of a map. With dataset false, options about datasets are
// refused: a workspace has none.
func bindOptions(fields []specs.NodeField, dataset bool) (optionValues, specs.Findings) {
	values := optionValues{}
	var findings specs.Findings
	table := recordOptions()
	for _, f := range fields {
		for i := range table {
			opt := &table[i]
			if opt.key != f.Key.Text {
				continue
			}
			if opt.group == groupDataset && !dataset {
				findings.Add(codeDatasetOption, f.Key.Pos, fmt.Sprintf("%s is about datasets, and a workspace has messages", opt.key),
					"give it to lintel decode or encode, as a flag or in a file of its own; the frame of a backend delimits messages")
				continue
			}
			bindOption(opt, f.Value, values, &findings)
		}
	}
	return values, findings
}

// bindOption checks the value of one option.
func bindOption(opt *recordOption, n *specs.Node, values optionValues, findings *specs.Findings) {
	items := []*specs.Node{n}
	if opt.list && n.Kind == specs.ListNode {
		items = n.Items
	}
	for _, item := range items {
		word := item.Null && slices.Contains(opt.words, item.Text) // null without quotes
		if item.Kind != specs.ScalarNode || item.Null && !word {
			findings.Add(specs.CodeWrongType, item.Pos, opt.key+" must be a single value", "write the value behind the colon")
			continue
		}
		var scratch recordSettings
		if err := opt.set(&scratch, item.Text); err != nil {
			code := specs.CodeFormat
			var oe *optionError
			if errors.As(err, &oe) {
				code = oe.code
			}
			findings.Add(code, item.Pos, opt.key+" "+err.Error(), "")
			continue
		}
		values[opt.key] = append(values[opt.key], item.Text)
	}
}

// readOptionsFile reads a document in the form of records.yaml. The error means that there is no
// such file.
func readOptionsFile(file string) (*specs.Records, specs.Findings, error) {
	if file == "" {
		return &specs.Records{}, nil, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, nil, fmt.Errorf("options file %s %s", file, whyNot(err))
	}
	defer func() { _ = f.Close() }()
	src, err := readAtMost(f, specs.MaxFileSize+1)
	if err != nil {
		return nil, nil, fmt.Errorf("options file %s cannot be read: %w", file, err)
	}
	r, findings := parseOptionsFile(file, src)
	return r, findings, nil
}

// parseOptionsFile binds the text of an options file; without an error among the findings there are
// records, if only empty ones.
func parseOptionsFile(file string, src []byte) (*specs.Records, specs.Findings) {
	root, findings := specs.ParseYAML(file, src)
	if root == nil {
		return &specs.Records{}, findings
	}
	r, more := specs.BindRecords(file, root)
	findings = append(findings, more...)
	for _, fields := range optionFields(r) {
		_, more := bindOptions(fields, true)
		findings = append(findings, more...)
	}
	return r, findings.Sort()
}

// optionFields lists every map of options in a document: that for all records, and those of each.
func optionFields(r *specs.Records) [][]specs.NodeField {
	out := [][]specs.NodeField{r.Options}
	for _, rule := range r.Fields {
		out = append(out, rule.Options)
	}
	return out
}

// optionsFor returns the options of a document for one record, without what was found wrong: for
// all records, and for that one.
func optionsFor(r *specs.Records, name string, dataset bool) (all, own optionValues) {
	all, _ = bindOptions(r.Options, dataset)
	own = optionValues{}
	for _, rule := range r.Fields {
		if strings.EqualFold(rule.Name, name) {
			own, _ = bindOptions(rule.Options, dataset)
		}
	}
	return all, own
}

// whyNot says why a file could not be opened, without its name.
func whyNot(err error) string {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "does not exist"
	case errors.Is(err, os.ErrPermission):
		return "may not be read"
	default:
		return "cannot be read"
	}
}
