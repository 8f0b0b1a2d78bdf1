// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"strings"

	"lintel/specs"
)

// Shape is the sort of a Type.
type Shape uint8

const (
	// AnyShape may hold any JSON value.
	AnyShape Shape = iota
	// ObjectShape has Members.
	ObjectShape
	// ArrayShape has Items.
	ArrayShape
	// StringShape is text.
	StringShape
	// NumberShape is an exact decimal number.
	NumberShape
	// FloatShape is a binary or hexadecimal floating-point number (COMP-1, COMP-2, xsd:double).
	FloatShape
	// BoolShape is true or false.
	BoolShape
)

// String gives the word for messages: object, array, string, number, float, boolean, any value.
func (s Shape) String() string {
	return [...]string{"any value", "object", "array", "string", "number", "float", "boolean"}[s]
}

// one names a value of the shape in a sentence: an object, a string.
func (s Shape) one() string {
	switch s {
	case AnyShape:
		return s.String()
	case ObjectShape, ArrayShape:
		return "an " + s.String()
	}
	return "a " + s.String()
}

// Unbounded as a maximum means that there is none.
const Unbounded = -1

// Type describes the values of one node of a message or of the contract: the common ground on
// which both sides of a transform are checked. A Type tree is immutable once built. It may be
// cyclic where a contract's schema is recursive.
type Type struct {
	// Name is the member name in JSON and in expressions; empty for a root or an array's items.
	Name string
	// HostName is the name on the host: a COBOL data-name or an element name; empty in a contract.
	HostName string
	Shape    Shape
	// Members of an object, in the order of the contract or the record.
	Members []*Type
	// Refuses are the shapes that a value of any shape has not: the contract lists some types. Nil if it
	// lists none.
	Refuses []Shape
	// Open objects may have members that are not listed.
	Open bool
	// Items of an array; of a tuple, a type that holds for all of them, and Prefix those of the first ones by their places.
	Items  *Type
	Prefix []*Type
	// MinItems and MaxItems bound an array; MaxItems may be Unbounded.
	MinItems, MaxItems int
	// MinLength and MaxLength bound a string in characters; MaxLength may be Unbounded.
	MinLength, MaxLength int
	// SafeLength is how many characters a field holds whatever they are, where some characters take
	// more bytes than others; 0 if MaxLength says it all.
	SafeLength int
	// Patterns are regular expressions that a contract's text must match, all of them.
	Patterns []string
	// Digits is how many decimal digits a number can have in all and Scale how many of them stand
	// behind the point; Digits may be Unbounded. Signed numbers may be negative.
	Digits, Scale int
	Signed        bool
	// Stored numbers cannot have more digits than Digits and Scale say, whatever the bytes of a
	// message are.
	Stored bool
	// Integer numbers have no fraction even if Scale is not known.
	Integer bool
	// Minimum and Maximum are the bounds of a number as JSON numbers where they say more than Digits,
	// Scale and Signed; empty if there is none. A bound that is itself excluded stands here too.
	Minimum, Maximum string
	// Enum lists the only values allowed, each as JSON text; nil if there is no list.
	Enum []string
	// Format is the contract's format word (date, date-time, uuid ...) or empty.
	Format string
	// Nullable values may be null. Optional members may be absent.
	Nullable, Optional bool
	// Blanks are the values, as JSON text, that a host keeps for null.
	Blanks []string
	// Lenient values become null where the message cannot be read there.
	Lenient bool
	// Default is the JSON text that an absent value of a request stands for; empty if there is none.
	Default string
	// Sensitive values are masked wherever values are shown.
	Sensitive bool
	// Picture is the COBOL picture and usage for messages, or empty.
	Picture string
	// Counter is the field that says how many entries a host table has, or nil.
	Counter *Type
	// Overlay numbers the REDEFINES block that a field is an alternative of, or in one, from 1; 0 if
	// none. Alternative tells those of one block apart.
	Overlay, Alternative int
	// Chooser is the field, or the discriminator of a contract, that chooses among alternatives, and ChosenBy
	// are its values by which the member is there, texts and numbers as they are written; nil if none does.
	Chooser  *Type
	ChosenBy []string
	// growing types get members as expressions name them: each like grown, or else optional and of any
	// shape. Folded ones do not tell upper and lower case apart.
	growing, folded bool
	// entry types are those of entries of a list that is written one by one: their names are places.
	entry bool
	grown *Type
	// withheld says why a member cannot be named that is not there, and what to do; empty if that is not known.
	withheld func(member string) (why, hint string)
	// Foreign types belong to a host's own schema and not to the contract.
	Foreign bool
	// Pos is where the node is declared.
	Pos specs.Pos
	// Ref is the format's own handle on the node; only the format that set it reads it.
	Ref any
}

// Member returns the member with the given JSON name, or nil.
func (t *Type) Member(name string) *Type {
	for _, m := range t.Members {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// HostMember returns the field with the given host name below t, searching groups but not the
// entries of tables, as COBOL looks up an unqualified data-name; comparison ignores case. The
// result is nil if there is none; unique is false if several have that name.
func (t *Type) HostMember(name string) (found *Type, unique bool) {
	unique = true
	for _, m := range t.Members {
		hit := m
		if !strings.EqualFold(m.HostName, name) {
			if m.Shape != ObjectShape {
				continue
			}
			sub, one := m.HostMember(name)
			if sub == nil {
				continue
			}
			hit, unique = sub, unique && one
		}
		if found != nil {
			unique = false
			continue
		}
		found = hit
	}
	return found, unique
}

// Bounds gives the least and the greatest number that a number field holds.
func (t *Type) Bounds() (low, high string) {
	high, low = fieldRange(t)
	return low, high
}
