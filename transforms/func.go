// SPDX-License-Identifier: Apache-2.0

package transforms

// Func is one function of expressions. It is pure: the same arguments give the same result, and
// nothing outside of it is touched.
type Func struct {
	// Name as written in expressions, lower camel.
	Name string
	// Group orders the reference: text, numbers, dates, codes, lists.
	Group string
	// Doc is one or two sentences for the reference.
	Doc string
	// Signature as shown in the reference: trim(text) text.
	Signature string
	// Types are nil pointers or function values whose types are the accepted signatures, for
	// example new(func(string) string). Numbers are Decimal.
	Types []any
	// Call does the work; args fit one of Types.
	Call func(args ...any) (any, error)
	// Check, if set, looks at a call when the workspace is loaded and returns what can never be
	// right, or nil: an argument that is written out in the expression is known by then.
	Check func(args []FuncArg) *FuncMistake
	// Result, if set, describes what a call gives from what is known about its arguments (nil for
	// those of which nothing is known), for the checks of a workspace; nil if it cannot tell.
	Result func(args []*Type) *Type
	// Growth is how the result can be larger than the arguments.
	Growth Growth
	// Examples run as tests and are printed in the reference.
	Examples []FuncExample
}

// Growth is how the result of a function can be larger than its arguments, for the cost of expressions.
type Growth uint8

const (
	// NoGrowth is for results that are no longer than the longest argument, or short.
	NoGrowth Growth = iota
	// GrowsToLength is for results whose length is a number among the arguments.
	GrowsToLength
	// GrowsByJoining is for results made of the entries of an array.
	GrowsByJoining
	// GrowsByReplacing is for results in which the third argument takes the place of the second.
	GrowsByReplacing
	// GrowsBySplitting is for arrays made of the parts of a text.
	GrowsBySplitting
)

// FuncArg is an argument of a call as far as it is known at load.
type FuncArg struct {
	// Known tells that the argument is written out in the expression; Value is then a string, int
	// or bool.
	Known bool
	Value any
}

// FuncMistake is what Check found.
type FuncMistake struct {
	// Arg is the index of the argument that is wrong.
	Arg int
	// Message and Hint become those of the finding.
	Message, Hint string
}

// FuncExample is an expression without free names and its result as JSON text; Error is a part
// of the message when it fails.
type FuncExample struct {
	Expression string
	Result     string
	Error      string
}
