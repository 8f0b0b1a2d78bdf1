// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"lintel/specs"
	"lintel/transforms"
)

// unbounded as a maximum means that there is none.
const unbounded = transforms.Unbounded

// ctype is a type of elements: text, or attributes and content.
type ctype struct {
	xname
	// simple is the type of the text; nil for a type with elements.
	simple *simple
	attrs  []*attribute
	// content is nil for a type without elements.
	content *particle
	// members are attributes, text and elements by the names they have in JSON.
	members []*member
	byName  map[string]*member
	// elems are those of members that elements are read for.
	elems    []*member
	abstract bool
	// mixed types have text between their elements, wild ones elements of any name: both are left out.
	mixed, wild bool
	// encoded arrays are those of SOAP encoding: items are taken whatever their name is.
	encoded bool
	// label is its name for soap.yaml; empty for a type that has none.
	label label
	// base is what it is derived from, nil for nothing; derived are the types that xsi:type can name.
	base    *ctype
	derived []*ctype
	pos     specs.Pos
	// sealed tells that members are settled.
	sealed bool
}

// attribute is one attribute of a type.
type attribute struct {
	xname
	ns       int
	typ      *simple
	required bool
	fixed    string
	pos      specs.Pos
}

// elem is one element in the content of a type.
type elem struct {
	xname
	ns         int
	typ        *ctype
	nillable   bool
	fixed, def string
	// mediaType is what the schema says of binary content (xmime:expectedContentTypes); empty for nothing.
	mediaType string
	pos       specs.Pos
}

// particle is a node of a content model.
type particle struct {
	sort     sort
	min, max int
	elem     *elem
	kids     []*particle
	// label names a repeated group in JSON.
	label string
	// m is the member that the particle became: an element, or a repeated group.
	m *member
}

type sort uint8

const (
	sortElem sort = iota
	sortSequence
	sortChoice
	sortAll
)

// member is one member of the JSON object of a type. Exactly one of attr, text, elem and group is set.
type member struct {
	json  string
	attr  *attribute
	text  bool
	elem  *elem
	group *ctype
	// array members are arrays whatever there is of them in a message.
	array    bool
	min, max int
	// optional members may be absent; chosen ones are alternatives of a choice, or in an optional group.
	optional, chosen bool
	index            int
}
