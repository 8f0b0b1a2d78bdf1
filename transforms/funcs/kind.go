// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"lintel/specs"
	"lintel/transforms"
)

// kind is what a parameter takes.
type kind struct {
	// types are the Go types of arguments, the one that messages shall name last; result is the one
	// type of results.
	types  []reflect.Type
	result reflect.Type
	// check looks at an argument that is written out, and returns what is wrong with it; nil if any
	// value of the type may be right.
	check func(value any) (message, hint string)
}

// kindOf gives the kind with that name. A name that is none of the list is a kind of text, so that
// text(text, prefix) needs no more words.
func kindOf(name string) kind {
	text := reflect.TypeFor[string]()
	number, integer := reflect.TypeFor[transforms.Decimal](), reflect.TypeFor[int]()
	switch name {
	case "number":
		return kind{types: []reflect.Type{integer, number}, result: number}
	case "value":
		return kind{types: []reflect.Type{integer, number, reflect.TypeFor[float64](), text}}
	case "integer":
		return kind{types: []reflect.Type{number, integer}, result: integer}
	case "boolean":
		return kind{types: []reflect.Type{reflect.TypeFor[bool]()}, result: reflect.TypeFor[bool]()}
	case "numbers":
		return kind{types: []reflect.Type{reflect.TypeFor[[]any](), reflect.TypeFor[[]int](), reflect.TypeFor[[]transforms.Decimal]()}}
	case "texts":
		return kind{types: []reflect.Type{reflect.TypeFor[[]any](), reflect.TypeFor[[]string]()}, result: reflect.TypeFor[[]string]()}
	case "picture":
		return kind{types: []reflect.Type{text}, result: text, check: checkPicture}
	case "rounding":
		return kind{types: []reflect.Type{text}, result: text, check: checkRounding}
	case "places":
		return kind{types: []reflect.Type{integer, number}, result: integer, check: checkRange(0, maxPlaces)}
	case "weights":
		return kind{types: []reflect.Type{text}, result: text, check: checkWeights}
	case "offset":
		return kind{types: []reflect.Type{text}, result: text, check: checkOffset}
	case "fill":
		return kind{types: []reflect.Type{text}, result: text, check: checkFill}
	case "old", "separator":
		return kind{types: []reflect.Type{text}, result: text, check: checkSome(name)}
	default:
		return kind{types: []reflect.Type{text}, result: text}
	}
}

func checkRange(low, high int) func(any) (string, string) {
	return func(value any) (string, string) {
		if i, ok := value.(int); ok && (i < low || i > high) {
			return fmt.Sprintf("%d is out of range", i), fmt.Sprintf("write a number from %d to %d", low, high)
		}
		return "", ""
	}
}

func checkRounding(value any) (string, string) {
	word, ok := value.(string)
	if !ok || slices.Contains(roundings(), word) {
		return "", ""
	}
	return fmt.Sprintf("there is no rounding %q", word), oneOf(word, roundings())
}

// checkSome refuses a text without characters, which is everywhere.
func checkSome(name string) func(any) (string, string) {
	return func(value any) (string, string) {
		if value == "" {
			return name + " is empty", "write the text to look for"
		}
		return "", ""
	}
}

func checkFill(value any) (string, string) {
	if fill, ok := value.(string); ok && runes(fill) != 1 {
		return "fill must be one character", `write one, such as "0"`
	}
	return "", ""
}

// oneOf is the hint for a word that is none of the words: the nearest, or some of them.
func oneOf(word string, words []string) string {
	if near := specs.Suggest(word, words); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(words) == 0 {
		return ""
	}
	const most = 12
	hint := "there is " + strings.Join(words[:min(len(words), most)], ", ")
	if len(words) > most {
		hint += " ..."
	}
	return hint
}
