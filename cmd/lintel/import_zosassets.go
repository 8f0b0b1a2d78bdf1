// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/xml"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"lintel/specs"
	"lintel/transforms/copybook"
)

// readAssets reads zosAssets/NAME/zosAsset.yaml with their copybooks.
func (z *zosProject) readAssets() error {
	entries, err := fs.ReadDir(z.fsys, path.Join(z.root, "zosAssets"))
	if err != nil {
		return nil //nolint:nilerr // a project may have none
	}
	for _, e := range entries {
		folder := path.Join(z.root, "zosAssets", e.Name())
		root := z.document(path.Join(folder, "zosAsset.yaml"))
		if root == nil {
			continue
		}
		if err := z.asset(e.Name(), folder, root); err != nil {
			return err
		}
	}
	return nil
}

func (z *zosProject) asset(name, folder string, root *specs.Node) error {
	text := func(n *specs.Node) string {
		if n == nil {
			return ""
		}
		return n.Text
	}
	a := &zosAsset{name: name, kind: text(root.Get("type")), pos: root.Pos}
	z.assets[name] = a
	properties := root.Get("providerProperties")
	a.connection, a.program, a.page = text(properties.Get("connectionRef")), text(properties.Get("program")), pageOfCCSID(text(properties.Get("ccsid")))
	if a.program == "" {
		a.program = text(properties.Get("transactionCode"))
	}
	if !strings.HasPrefix(a.kind, "cicsCommarea") && !strings.HasPrefix(a.kind, "imsTransaction") {
		z.leave(root.Pos, "", "asset %s is of the type %q: only COMMAREAs of CICS and transactions of IMS are taken over", name, a.kind)
		return nil
	}
	z.leave(root.Pos, "", "asset %s calls %s over the connection %s: Lintel sends the record to the backend of that name, and something there must call the program", name, a.program, a.connection)
	for _, f := range properties.Fields {
		if !slices.Contains([]string{"connectionRef", "program", "transactionCode", "ccsid", "language"}, f.Key.Text) {
			z.leave(f.Key.Pos, f.Key.Text+": "+f.Value.Text, "a property that Lintel has nothing for")
		}
	}
	if !slices.Contains(z.backends, a.backend()) {
		z.backends = append(z.backends, a.backend())
	}
	if a.page != "" {
		z.pages[a.backend()] = a.page
	}
	var err error
	if a.request, err = z.layout(a, folder, "request"); err == nil {
		a.reply, err = z.layout(a, folder, "response")
	}
	return err
}

// backend is the name of the connection as a key.
func (a *zosAsset) backend() string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, a.connection)
	if name == "" {
		return "core"
	}
	return name
}

// A dai file describes the layout of a message: fields in fields, each with its line of COBOL.
type (
	daiField struct {
		Name   string     `xml:"name,attr"`
		File   string     `xml:"structSrcFileName,attr"`
		Line   string     `xml:"srcLine,attr"`
		Fields []daiField `xml:"field"`
	}
	daiMessage struct {
		Segments []struct {
			Fields []daiField `xml:"field"`
		} `xml:"message>segment"`
	}
)

// layout finds the copybook of one direction and puts it into the workspace; it returns what transforms name.
func (z *zosProject) layout(a *zosAsset, folder, direction string) (string, error) {
	var dai daiMessage
	name := path.Join(folder, "providerFiles", direction+".dai")
	if b, err := z.read(name); err == nil {
		if err := xml.Unmarshal(b, &dai); err != nil {
			z.leave(specs.Pos{File: name}, "", "it is no XML that can be read: %v", err)
		}
	}
	var fields []daiField
	for _, s := range dai.Segments {
		fields = append(fields, s.Fields...)
	}
	if len(fields) > 1 {
		z.leave(specs.Pos{File: name, Line: 1}, "", "the message has several segments or structures: only the first, %s, is taken over", fields[0].Name)
	}
	book := cobolName("", a.name, maxDataName) + "-" + strings.ToUpper(direction) + ".cpy"
	candidates := []string{}
	if len(fields) > 0 && fields[0].File != "" {
		candidates = append(candidates, "gen/"+fields[0].File, fields[0].File)
	}
	generated, _ := fs.Glob(z.fsys, path.Join(escapeGlob(folder), "providerFiles/gen/*_"+direction+"_*.cpy")) // the pattern is well formed
	for _, g := range generated {
		candidates = append(candidates, "gen/"+path.Base(g))
	}
	for _, c := range append(candidates, "COMMAREA.cpy") {
		if b, err := z.read(path.Join(folder, "providerFiles", c)); err == nil {
			return z.putBook(book, string(b))
		}
	}
	if len(fields) > 0 && fields[0].Line != "" {
		var b strings.Builder
		daiLines(&b, fields[:1], 0)
		return z.putBook(book, b.String())
	}
	z.leave(a.pos, "", "asset %s has no copybook for its %s: write copybooks/%s", a.name, direction, book)
	return "", nil
}

// escapeGlob takes the meaning from the characters that patterns have.
func escapeGlob(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(s)
}

// daiLines writes the lines of COBOL that a dai file keeps.
func daiLines(b *strings.Builder, fields []daiField, depth int) {
	for _, f := range fields {
		bookLine(b, strings.Repeat(" ", 7+min(2*depth, 30))+f.Line)
		daiLines(b, f.Fields, depth+1)
	}
}

// putBook writes a copybook, and names its record.
func (z *zosProject) putBook(name, text string) (string, error) {
	if err := z.draft.write("copybooks/"+name, text); err != nil {
		return "", &exitError{code: exitLoad, err: err}
	}
	book, findings := copybook.Parse("copybooks/"+name, []byte(text), copybook.Options{})
	if book == nil || len(book.Records) == 0 {
		for _, f := range findings {
			z.leave(f.Pos, "", "%s", f.Message)
		}
		return "", nil
	}
	return fmt.Sprintf("copybooks/%s#%s", name, book.Records[0].Name), nil
}
