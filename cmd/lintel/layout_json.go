// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"

	"lintel/transforms/copybook"
)

// layoutJSON is the JSON form of layout.
type layoutJSON struct {
	FormatVersion string             `json:"formatVersion"`
	File          string             `json:"file"`
	Dialect       string             `json:"dialect"`
	Records       []layoutRecordJSON `json:"records"`
}

type layoutRecordJSON struct {
	Name      string             `json:"name"`
	CodePage  string             `json:"codepage"`
	MinLength int                `json:"minLength"`
	MaxLength int                `json:"maxLength"`
	Fields    []layoutFieldJSON  `json:"fields"`
	Renames   []layoutRenameJSON `json:"renames,omitempty"`
}

type layoutFieldJSON struct {
	Level      int           `json:"level"`
	Depth      int           `json:"depth"`
	Name       string        `json:"name"`
	Path       string        `json:"path"`
	JSONName   string        `json:"jsonName,omitempty"`
	Pointer    string        `json:"pointer,omitempty"`
	Offset     int           `json:"offset"`
	Length     int           `json:"length"`
	Moves      bool          `json:"moves,omitempty"`
	Slack      int           `json:"slack,omitempty"`
	Pad        int           `json:"pad,omitempty"`
	CodePage   string        `json:"codepage,omitempty"`
	Picture    string        `json:"picture,omitempty"`
	Usage      string        `json:"usage,omitempty"`
	Digits     int           `json:"digits,omitempty"`
	Scale      int           `json:"scale,omitempty"`
	Signed     bool          `json:"signed,omitempty"`
	MinOccurs  int           `json:"minOccurs,omitempty"`
	MaxOccurs  int           `json:"maxOccurs,omitempty"`
	Counter    string        `json:"dependingOn,omitempty"`
	Redefines  string        `json:"redefines,omitempty"`
	Conditions []string      `json:"conditions,omitempty"`
	Comment    string        `json:"comment,omitempty"`
	Line       int           `json:"line,omitempty"`
	Values     *[]tracedJSON `json:"values,omitempty"`
}

type layoutRenameJSON struct {
	Name   string `json:"name"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
}

// printLayoutJSON prints records as one JSON document.
func printLayoutJSON(w io.Writer, drawn []drawnLayout) error {
	out := layoutJSON{FormatVersion: "1.0", File: drawn[0].opened.file, Dialect: drawn[0].opened.book.Dialect.Name}
	for i := range drawn {
		out.Records = append(out.Records, drawn[i].json())
	}
	return writeJSON(w, out)
}

func (d *drawnLayout) json() layoutRecordJSON {
	o := d.opened
	r := layoutRecordJSON{Name: o.item.Name, CodePage: o.settings.page.Name()}
	r.MinLength, r.MaxLength = o.codec.Size()
	for f := range o.fields() {
		it := f.Item
		j := layoutFieldJSON{
			Level: max(it.Level, 1), Depth: f.Depth, Name: it.Name, Path: f.Path, JSONName: jsonName(f), Pointer: f.Pointer,
			Offset: f.Offset, Length: f.Length, Moves: f.Moves, Slack: it.Slack, Pad: it.Pad, Picture: it.Picture, Usage: usageWords(it),
			Digits: it.Digits, Scale: it.Scale, Signed: it.Signed, Counter: f.Counter, Conditions: conditionNames(it),
			Comment: it.Comment, Line: it.Pos.Line,
		}
		if f.Page.Name() != r.CodePage && len(it.Children) == 0 {
			j.CodePage = f.Page.Name()
		}
		if it.Occurs != nil {
			j.MinOccurs, j.MaxOccurs = f.MinOccurs, f.MaxOccurs
		}
		if it.Redefines != nil {
			j.Redefines = it.Redefines.Name
		}
		if d.traced != nil && len(it.Children) == 0 {
			j.Values = d.values(it)
		}
		r.Fields = append(r.Fields, j)
	}
	for _, n := range o.item.Renames {
		r.Renames = append(r.Renames, layoutRenameJSON{Name: n.Name, Offset: n.Offset, Length: n.Size})
	}
	return r
}

// values are those of one field, one for each occurrence.
func (d *drawnLayout) values(it *copybook.Item) *[]tracedJSON {
	out := []tracedJSON{}
	for i := range d.traced {
		if d.traced[i].item == it {
			out = append(out, d.traced[i].json())
		}
	}
	return &out
}
