// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"lintel/transforms/record"
)

// Measures of the picture, in pixels.
const (
	svgRow    = 20
	svgTop    = 52
	svgNames  = 360 // where the bars begin
	svgBars   = 560 // how wide the whole record is
	svgValues = 360 // room for values behind the bars
	svgLeast  = 2   // the narrowest bar
)

// printLayoutSVG draws a record: one row for each item, with a bar where its bytes are. Nothing in
// it depends on time, chance or the machine.
func printLayoutSVG(w io.Writer, d *drawnLayout) error {
	o := d.opened
	_, size := o.codec.Size()
	var fields []record.FieldInfo
	for f := range o.fields() {
		fields = append(fields, f)
	}
	width := svgNames + svgBars + 80
	if d.traced != nil {
		width += svgValues
	}
	var b strings.Builder
	height := svgTop + svgRow*len(fields) + 16
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="ui-monospace, monospace" font-size="12">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, `<title>%s</title>`+"\n", xmlText(o.item.Name+", "+o.lengthWords()))
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", width, height)
	fmt.Fprintf(&b, `<text x="12" y="22" font-size="15" font-weight="bold" fill="#1c2733">%s</text>`+"\n", xmlText(o.item.Name))
	fmt.Fprintf(&b, `<text x="12" y="40" fill="#5a6b7b">%s, code page %s, dialect %s</text>`+"\n", xmlText(o.lengthWords()), xmlText(o.settings.page.Name()), xmlText(o.book.Dialect.Name))
	for i, f := range fields {
		d.svgRow(&b, f, svgTop+svgRow*i, max(size, 1))
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// svgRow draws one item.
func (d *drawnLayout) svgRow(b *strings.Builder, f record.FieldInfo, y, size int) {
	length := f.Length * max(f.MaxOccurs, 1)
	x := svgNames + f.Offset*svgBars/size
	width := max(length*svgBars/size, svgLeast)
	label := levelName(f.Item)
	if f.Item.Picture != "" {
		label += " " + f.Item.Picture
	}
	if u := usageWords(f.Item); u != "" && u != "DISPLAY" {
		label += " " + u
	}
	hint := fmt.Sprintf("%s: offset %d, length %d", f.Path, f.Offset, f.Length)
	if f.Pointer != "" {
		hint += ", JSON " + f.Pointer
	}
	if notes := noteWords(f); notes != "" {
		hint += "; " + notes
	}
	fmt.Fprintf(b, `<g><title>%s</title>`, xmlText(hint))
	fmt.Fprintf(b, `<text x="%d" y="%d" fill="#1c2733">%s</text>`, 12+12*f.Depth, y+14, xmlText(clip(label, (svgNames-24-12*f.Depth)/7)))
	fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s" stroke="#33475b" stroke-width="0.5"/>`, x, y+3, width, svgRow-6, svgColor(f))
	for n := 1; n < f.MaxOccurs && n <= svgBars && f.Length*svgBars/size >= 4; n++ {
		at := x + n*f.Length*svgBars/size
		fmt.Fprintf(b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="#33475b" stroke-width="0.5"/>`, at, y+3, at, y+svgRow-3)
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" fill="#5a6b7b">%d +%d</text>`, svgNames+svgBars+6, y+14, f.Offset, length)
	if value, found := d.first(f); found {
		fmt.Fprintf(b, `<text x="%d" y="%d" fill="#1c2733">%s</text>`, svgNames+svgBars+90, y+14, xmlText(clip(value, (svgValues-20)/7)))
	}
	b.WriteString("</g>\n")
}

// first is the value of the first occurrence of an item.
func (d *drawnLayout) first(f record.FieldInfo) (string, bool) {
	for i := range d.traced {
		if d.traced[i].item == f.Item {
			return d.traced[i].meaning(), true
		}
	}
	return "", false
}

// svgColor tells groups, redefinitions, FILLER, texts and numbers apart.
func svgColor(f record.FieldInfo) string {
	switch {
	case f.Item.Redefines != nil:
		return "#f3d9a4"
	case len(f.Item.Children) > 0:
		return "#d5dde5"
	case f.Item.Filler:
		return "#f4f4f4"
	case f.Item.Digits > 0:
		return "#a9cfb4"
	default:
		return "#a8c7e8"
	}
}

// clip cuts a text that is too wide.
func clip(s string, widest int) string {
	r := []rune(s)
	if len(r) <= widest {
		return s
	}
	return string(r[:max(widest-1, 0)]) + "…"
}

// xmlText escapes a text for XML.
func xmlText(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}
