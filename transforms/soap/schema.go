// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"lintel/specs"
)

const (
	nsXSD        = "http://www.w3.org/2001/XMLSchema"
	nsXSI        = "http://www.w3.org/2001/XMLSchema-instance"
	nsWSDL       = "http://schemas.xmlsoap.org/wsdl/"
	nsEnvelope11 = "http://schemas.xmlsoap.org/soap/envelope/"
	nsEnvelope12 = "http://www.w3.org/2003/05/soap-envelope"
	nsEncoding11 = "http://schemas.xmlsoap.org/soap/encoding/"
	nsSOAP11     = "http://schemas.xmlsoap.org/wsdl/soap/"
	nsSOAP12     = "http://schemas.xmlsoap.org/wsdl/soap12/"
	nsMIME       = "http://schemas.xmlsoap.org/wsdl/mime/"
	nsXOP        = "http://www.w3.org/2004/08/xop/include"
	nsXMIME      = "http://www.w3.org/2005/05/xmlmime"
	nsXMIMEOld   = "http://www.w3.org/2004/11/xmlmime"
	nsSwaRef     = "http://ws-i.org/profiles/basic/1.1/xsd"
)

// builtinSpaces are the namespaces whose components are known here: no document has to declare them.
func builtinSpaces() []string {
	return []string{nsXSD, nsEncoding11, uriXML, nsSwaRef, nsXMIME, nsXMIMEOld}
}

// schemaDoc is one xsd:schema element.
type schemaDoc struct {
	root *node
	file string
	// tns is the namespace of what it declares; that of the schema that includes it if it has none.
	tns string
	// adopted documents have no namespace of their own: names without a prefix are in tns.
	adopted                       bool
	qualifiedElems, qualifiedAttr bool
}

// component is something declared at the top of a schema.
type component struct {
	n   *node
	doc *schemaDoc
	// original is what a redefinition stands for.
	original *component
}

// documents reads files and holds what they declare.
type documents struct {
	fsys     fs.FS
	findings *specs.Findings
	// places maps the URLs of a catalog to files.
	places map[string]string
	loaded map[string]bool
	// files are all that were read, in order.
	files []string

	elements, types, groups, attrGroups, attributes map[xname]*component
	// order is the elements and types as they were found.
	order []xname
}

// maxFiles bounds what one WSDL can pull in.
const maxFiles = 500

func newDocuments(fsys fs.FS, findings *specs.Findings) *documents {
	m := func() map[xname]*component { return map[xname]*component{} }
	return &documents{
		fsys: fsys, findings: findings, places: map[string]string{}, loaded: map[string]bool{},
		elements: m(), types: m(), groups: m(), attrGroups: m(), attributes: m(),
	}
}

// read parses a file; nil after a finding at pos.
func (d *documents) read(file string, pos specs.Pos) *node {
	if len(d.files) >= maxFiles {
		d.findings.Add(codeFile, pos, fmt.Sprintf("more than %d files are imported", maxFiles), "")
		return nil
	}
	src, err := fs.ReadFile(d.fsys, file)
	if err != nil {
		d.findings.Add(codeFile, pos, fmt.Sprintf("the file %s cannot be read", file), "copy it to the workspace; lintel import wsdl does this")
		return nil
	}
	d.files = append(d.files, file)
	src, err = toUTF8(src, "")
	if err != nil {
		d.findings.Add(codeXML, specs.Pos{File: file, Line: 1, Column: 1}, "the document is in a character encoding that is not read", "save it in UTF-8")
		return nil
	}
	root, fault := parseTree(file, src)
	if fault != nil {
		*d.findings = append(*d.findings, *fault)
		return nil
	}
	return root
}

// catalog reads an OASIS XML catalog beside the WSDL, if there is one: it maps URLs to files.
func (d *documents) catalog(dir string) {
	file := path.Join(dir, "catalog.xml")
	if _, err := fs.Stat(d.fsys, file); err != nil {
		return
	}
	root := d.read(file, specs.Pos{File: file, Line: 1, Column: 1})
	if root == nil {
		return
	}
	for _, k := range root.kids {
		name := k.get("name") + k.get("systemId") + k.get("namespace")
		if to := k.get("uri"); name != "" && to != "" {
			d.places[name] = path.Join(dir, to)
		}
	}
}

// Catalog reads the OASIS XML catalog of a folder, if there is one: files by the URLs they stand for.
func Catalog(fsys fs.FS, dir string) map[string]string {
	var findings specs.Findings
	d := newDocuments(fsys, &findings)
	d.catalog(dir)
	return d.places
}

// locate finds the file that a location names, seen from another file.
func (d *documents) locate(from, location, namespace string) (string, bool) {
	if file, ok := d.places[location]; ok {
		return file, true
	}
	if location == "" {
		file, ok := d.places[namespace]
		return file, ok
	}
	if strings.Contains(location, "://") || strings.HasPrefix(location, "/") || strings.HasPrefix(location, "urn:") {
		return location, false
	}
	file := path.Join(path.Dir(from), location)
	return file, fs.ValidPath(file)
}

// schema takes what an xsd:schema element declares. adopt is the namespace of the schema that includes it.
func (d *documents) schema(root *node, file, adopt string) {
	doc := &schemaDoc{
		root: root, file: file, tns: root.get("targetNamespace"),
		qualifiedElems: root.get("elementFormDefault") == "qualified",
		qualifiedAttr:  root.get("attributeFormDefault") == "qualified",
	}
	if doc.tns == "" && adopt != "" {
		doc.tns, doc.adopted = adopt, true
	}
	for _, k := range root.kids {
		if k.space != nsXSD {
			continue
		}
		switch k.local {
		case "import":
			if !slices.Contains(builtinSpaces(), k.get("namespace")) {
				d.include(k, file, "", false)
			}
		case "include":
			d.include(k, file, doc.tns, true)
		case "redefine":
			d.include(k, file, doc.tns, true)
			for _, r := range k.kids {
				d.declare(r, doc, true)
			}
		default:
			d.declare(k, doc, false)
		}
	}
}

// include reads the schema that an import, include or redefine names.
func (d *documents) include(k *node, from, adopt string, needed bool) {
	location := k.get("schemaLocation")
	file, ok := d.locate(from, location, k.get("namespace"))
	if !ok {
		if location != "" || needed {
			d.findings.Add(codeFile, k.pos, fmt.Sprintf("the schema %q is not a file of the workspace", location),
				"copy it next to this file and name it in catalog.xml; lintel import wsdl does both")
		}
		return
	}
	key := file + " " + adopt
	if d.loaded[key] {
		return
	}
	d.loaded[key] = true
	root := d.read(file, k.pos)
	if root == nil {
		return
	}
	if root.xname != (xname{nsXSD, "schema"}) {
		d.findings.Add(codeFile, root.pos, file+" is no XML schema", "")
		return
	}
	d.schema(root, file, adopt)
}

// declare enters a component.
func (d *documents) declare(k *node, doc *schemaDoc, again bool) {
	if k.space != nsXSD {
		return
	}
	table := map[string]map[xname]*component{
		"element": d.elements, "complexType": d.types, "simpleType": d.types,
		"group": d.groups, "attributeGroup": d.attrGroups, "attribute": d.attributes,
	}[k.local]
	name := k.get("name")
	if table == nil || name == "" {
		return
	}
	x := xname{doc.tns, name}
	c := &component{n: k, doc: doc}
	if old := table[x]; old != nil {
		if !again {
			return // the same document reached twice, or two that say the same
		}
		c.original = old
	} else if k.local == "element" || k.local == "complexType" {
		d.order = append(d.order, x)
	}
	table[x] = c
}

// name resolves a QName in a schema.
func (d *documents) name(n *node, doc *schemaDoc, value string) (xname, bool) {
	x, ok := n.qname(value)
	if x.space == "" && doc.adopted {
		x.space = doc.tns
	}
	if !ok {
		d.findings.Add(codeReference, n.pos, fmt.Sprintf("the prefix of %q is not bound", value), "declare it with xmlns")
	}
	return x, ok
}
