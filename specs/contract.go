// SPDX-License-Identifier: Apache-2.0

package specs

import "time"

// Contract is the OpenAPI document as Lintel needs it: references resolved, numbers exact, places
// known. Schemas may be cyclic.
type Contract struct {
	File string
	// OpenAPI is the version the document declares, for example "3.1.0".
	OpenAPI    string
	Title      string
	Version    string
	Operations []*Operation
	// Schemes are the security schemes, in the order written.
	Schemes []*SecurityScheme
	// Raw is the document as written.
	Raw []byte
}

// Operation returns the operation with that operationId, or nil.
func (c *Contract) Operation(id string) *Operation {
	for _, o := range c.Operations {
		if o.ID == id {
			return o
		}
	}
	return nil
}

// Operation is one method and path.
type Operation struct {
	ID     string
	Method string
	// Path is the path template with the base path of the first server in front, for example /v1/accounts/{accountId}.
	Path string
	Pos  Pos
	// Parameters of the operation and its path item, operation first.
	Parameters []*Parameter
	// Body is nil if the operation takes none.
	Body *Body
	// Responses by status: "200", "4XX", "default".
	Responses []*Response
	// Security lists alternatives; each is a set of scheme names that must all hold. Nil means that
	// neither the operation nor the document says anything; an empty list is "security: []".
	Security    []SecurityRequirement
	HasSecurity bool
	Deprecated  bool
	// DeprecatedAt is since when (x-deprecated), Sunset when the operation ends (x-sunset); zero if
	// the contract does not say.
	DeprecatedAt, Sunset time.Time
}

// Safe reports whether the method promises to change nothing: GET, HEAD, OPTIONS.
func (o *Operation) Safe() bool {
	return o.Method == "GET" || o.Method == "HEAD" || o.Method == "OPTIONS"
}

// Response returns the response for a status: the exact one, the class (4XX) or default; nil if none.
func (o *Operation) Response(status string) *Response {
	var class, def *Response
	for _, r := range o.Responses {
		switch {
		case r.Status == status:
			return r
		case len(status) == 3 && r.Status == status[:1]+"XX":
			class = r
		case r.Status == "default":
			def = r
		}
	}
	if class != nil {
		return class
	}
	return def
}

// SecurityRequirement is one alternative: scheme names with their scopes.
type SecurityRequirement struct {
	Schemes []SchemeUse
	Pos     Pos
}

// SchemeUse is the use of one security scheme.
type SchemeUse struct {
	Name   string
	Scopes []string
}

// Parameter is one parameter.
type Parameter struct {
	Name string
	// In is path, query, header or cookie.
	In       string
	Required bool
	// Style and Explode are filled with the defaults of the OpenAPI specification.
	Style         string
	Explode       bool
	AllowReserved bool
	// JSON tells that the value is one JSON text (content: application/json), and not written in a style.
	JSON   bool
	Schema *Schema
	Pos    Pos
}

// Body is a request body.
type Body struct {
	Required bool
	Content  []*MediaType
	Pos      Pos
}

// MediaType is one media type of a body or response.
type MediaType struct {
	// Type is the media type or range as written, for example application/json.
	Type string
	// Kind says how it is read and written.
	Kind   MediaKind
	Schema *Schema
	// Encoding gives the media types of the parts of a multipart body, by their names.
	Encoding map[string][]string
	Pos      Pos
}

// Response is one declared response.
type Response struct {
	Status  string
	Content []*MediaType
	Headers []*Parameter
	Pos     Pos
}

// Schema is a JSON Schema as OpenAPI 3.0 and 3.1 use it, translated to the meaning of 2020-12:
// nullable has become a type "null", exclusiveMinimum: true a bound of its own. Numbers are kept
// as written. A nil *Schema accepts everything.
type Schema struct {
	// Never is the schema "false".
	Never bool
	// Types lists the allowed JSON types; empty means any.
	Types  []string
	Format string
	// Enum holds the allowed values as compact JSON texts, nil if not given; Const likewise.
	Enum  []string
	Const *string

	// Numeric bounds as JSON number texts; empty means none.
	Minimum, Maximum, ExclusiveMinimum, ExclusiveMaximum, MultipleOf string

	// Bounds of length and number; -1 means none.
	MinLength, MaxLength, MinItems, MaxItems, MinProperties, MaxProperties int
	Pattern                                                                string
	UniqueItems                                                            bool

	Properties []*Property
	Required   []string
	// Additional is the schema of members that are not listed; nil if the contract says nothing
	// about them. "true" is a schema that accepts everything.
	Additional *Schema
	// PatternProperties in the order written.
	PatternProperties []*Property
	// PropertyNames is the schema of the names of all members, nil if there is none.
	PropertyNames *Schema
	// DependentRequired are the members that must be there beside others, in the order written.
	DependentRequired []*DependentRequired

	// PrefixItems are the schemas of the first items, by their places; Items is that of all others.
	PrefixItems []*Schema
	Items       *Schema
	Contains    *Contains

	AllOf, AnyOf, OneOf []*Schema
	Not                 *Schema
	Discriminator       *Discriminator
	// If is nil if there is no condition; Then and Else are nil where they ask for nothing.
	If, Then, Else *Schema
	// DependentSchemas are the schemas of the object itself where it has a member, in the order written.
	DependentSchemas []*Property

	// UnevaluatedProperties is the schema of members that nothing else in the schema and in what applies in place
	// to the same value looks at, UnevaluatedItems that of such items. Both are nil where additionalProperties
	// or items say as much: the reader puts them there if nothing applies in place.
	UnevaluatedProperties, UnevaluatedItems *Schema

	ReadOnly, WriteOnly bool
	Deprecated          bool
	// Default is the default as JSON text, empty if none.
	Default     string
	Title       string
	Description string
	// Name is the name under components/schemas if it has one.
	Name string
	Pos  Pos
}

// Property is a member of an object schema. The Name of a pattern property is the pattern.
type Property struct {
	Name   string
	Schema *Schema
	Pos    Pos
}

// DependentRequired names the members that must be there where one is.
type DependentRequired struct {
	Name  string
	Names []string
	Pos   Pos
}

// Contains says how many items of an array must fit a schema; Max is -1 if there may be any number.
type Contains struct {
	Schema   *Schema
	Min, Max int
}

// Discriminator of a oneOf or anyOf.
type Discriminator struct {
	Property string
	// Mapping from value to schema, resolved.
	Mapping []DiscriminatorCase
}

// DiscriminatorCase is one value of a discriminator.
type DiscriminatorCase struct {
	Value  string
	Schema *Schema
}
