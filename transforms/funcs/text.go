// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"slices"
	"strings"
	"unicode/utf8"

	"lintel/transforms"
)

// maxPad bounds how long padding can make a text, in characters.
const maxPad = 4096

// maxParts bounds into how many parts a text can be split.
const maxParts = 1000

func textFuncs() []transforms.Func {
	return slices.Concat(blankFuncs(), partFuncs(), padFuncs(), changeFuncs())
}

func blankFuncs() []transforms.Func {
	text1 := func(f func(string) string) func(*arguments) any {
		return func(a *arguments) any { return f(a.text(0)) }
	}
	return []transforms.Func{
		define("text", "trim(text) text", "Takes blanks away at both ends.", text1(strings.TrimSpace),
			gives(`trim("  ACME ")`, `"ACME"`)),
		define("text", "trimLeft(text) text", "Takes blanks away at the beginning.",
			text1(func(s string) string { return strings.TrimLeft(s, " \t\r\n") }),
			gives(`trimLeft("  ACME ")`, `"ACME "`)),
		define("text", "trimRight(text) text", "Takes blanks away at the end.",
			text1(func(s string) string { return strings.TrimRight(s, " \t\r\n") }),
			gives(`trimRight("  ACME ")`, `"  ACME"`)),
		define("text", "squeeze(text) text", "Takes blanks away at both ends and makes one of several between words.",
			text1(func(s string) string { return strings.Join(strings.Fields(s), " ") }),
			gives(`squeeze("  JOHN    DOE ")`, `"JOHN DOE"`)),
		define("text", "upper(text) text", "Turns letters into capitals.", text1(strings.ToUpper),
			gives(`upper("acme")`, `"ACME"`)),
		define("text", "lower(text) text", "Turns letters into small ones.", text1(strings.ToLower),
			gives(`lower("ACME")`, `"acme"`)),
		define("text", "onlyDigits(text) text", "Keeps the digits 0 to 9 and drops everything else.",
			text1(func(s string) string {
				return strings.Map(func(r rune) rune {
					if r < '0' || r > '9' {
						return -1
					}
					return r
				}, s)
			}),
			gives(`onlyDigits("+34 600-123")`, `"34600123"`)),
	}
}

func partFuncs() []transforms.Func {
	return []transforms.Func{
		define("text", "hasPrefix(text, prefix) boolean", "Tells whether the text begins with the prefix.",
			func(a *arguments) any { return strings.HasPrefix(a.text(0), a.text(1)) },
			gives(`hasPrefix("DE89", "DE")`, `true`)),
		define("text", "hasSuffix(text, suffix) boolean", "Tells whether the text ends with the suffix.",
			func(a *arguments) any { return strings.HasSuffix(a.text(0), a.text(1)) },
			gives(`hasSuffix("A.pdf", ".pdf")`, `true`)),
		define("text", "indexIn(text, part) integer",
			"Gives the place of the first occurrence of part in text, counted in characters from 0; -1 if there is none.", indexIn,
			gives(`indexIn("größe", "e")`, `4`), gives(`indexIn("abc", "x")`, `-1`)),
		define("text", "part(text, from: integer, length: integer) text",
			"Cuts out length characters from the place from, counted from 0. It fails when the text is shorter.",
			func(a *arguments) any { return cut(a, a.text(0), a.integer(1, 0, 1<<30), a.integer(2, 0, 1<<30)) },
			gives(`part("20240131", 4, 2)`, `"01"`), fails(`part("abc", 2, 5)`, "shorter")),
		define("text", "before(text, mark) text", "Gives what stands in front of the first mark; the whole text if there is none.",
			func(a *arguments) any {
				head, _, _ := strings.Cut(a.text(0), a.text(1))
				return head
			},
			gives(`before("4711-EUR", "-")`, `"4711"`), gives(`before("4711", "-")`, `"4711"`)),
		define("text", "after(text, mark) text", "Gives what stands behind the first mark; nothing if there is none.",
			func(a *arguments) any {
				_, tail, _ := strings.Cut(a.text(0), a.text(1))
				return tail
			},
			gives(`after("4711-EUR", "-")`, `"EUR"`), gives(`after("4711", "-")`, `""`)),
		growing(transforms.GrowsBySplitting, define("text", "split(text, separator) texts", "Cuts a text at every separator, into at most 1,000 parts.", split,
			gives(`split("A;B;C", ";")[1]`, `"B"`), gives(`len(split("", ";"))`, `1`))),
		growing(transforms.GrowsByJoining, define("text", "join(texts, mark) text", "Puts the texts of an array together, with the mark between them.", join,
			gives(`join(["A", "B"], ", ")`, `"A, B"`))),
	}
}

func padFuncs() []transforms.Func {
	return []transforms.Func{
		growing(transforms.GrowsToLength, define("text", "padLeft(text, length: integer, fill) text",
			"Puts the fill character in front until the text has that length. It fails when the text is longer.",
			func(a *arguments) any { return padding(a) + a.text(0) },
			gives(`padLeft("4711", 10, "0")`, `"0000004711"`), fails(`padLeft("4711", 3, "0")`, "longer"))),
		growing(transforms.GrowsToLength, define("text", "padRight(text, length: integer, fill) text",
			"Puts the fill character behind until the text has that length. It fails when the text is longer.",
			func(a *arguments) any { return a.text(0) + padding(a) },
			gives(`padRight("AB", 4, ".")`, `"AB.."`))),
	}
}

func changeFuncs() []transforms.Func {
	return []transforms.Func{
		growing(transforms.GrowsByReplacing, define("text", "replace(text, old, new) text", "Puts new in the place of every old.", replace,
			gives(`replace("1.234,50", ".", "")`, `"1234,50"`), fails(`replace("abc", "", "x")`, "old is empty"))),
		define("text", "cutTo(text, length: integer) text",
			"Gives the first length characters, or the whole text if it is shorter: for fields that may lose their end.",
			func(a *arguments) any {
				s, length := a.text(0), a.integer(1, 0, 1<<30)
				return cut(a, s, 0, min(length, runes(s)))
			},
			gives(`cutTo("LONG NAME", 4)`, `"LONG"`), gives(`cutTo("AB", 4)`, `"AB"`)),
	}
}

func indexIn(a *arguments) any {
	head, _, found := strings.Cut(a.text(0), a.text(1))
	if !found {
		return -1
	}
	return runes(head)
}

// cut gives length characters from the place from. It walks the text once and copies nothing else.
func cut(a *arguments, s string, from, length int) any {
	begin, ok := skip(s, from)
	end, ok2 := skip(s[begin:], length)
	if a.ok() && (!ok || !ok2) {
		return a.fail("text is shorter")
	}
	return s[begin : begin+end]
}

// skip gives the bytes of the first n characters; false if there are fewer.
func skip(s string, n int) (int, bool) {
	at := 0
	for ; n > 0; n-- {
		if at >= len(s) {
			return at, false
		}
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return at, true
}

func split(a *arguments) any {
	s, separator := a.text(0), a.text(1)
	switch {
	case a.ok() && separator == "":
		return a.fail("separator is empty")
	case a.ok() && strings.Count(s, separator) >= maxParts:
		return a.fail("text has more than 1000 parts")
	case !a.ok():
		return nil
	}
	return strings.Split(s, separator)
}

func join(a *arguments) any {
	entries, mark, size := a.list(0), a.text(1), 0
	parts := make([]string, len(entries))
	for i, e := range entries {
		s, ok := e.(string)
		if !ok {
			return a.fail("an entry of texts is absent or no text")
		}
		parts[i] = s
		if size += len(s) + len(mark); size > maxText {
			return a.fail("result is longer than 65536 bytes")
		}
	}
	return strings.Join(parts, mark)
}

func replace(a *arguments) any {
	s, from, to := a.text(0), a.text(1), a.text(2)
	if a.ok() && from == "" {
		return a.fail("old is empty")
	}
	if !a.ok() || len(s)+strings.Count(s, from)*(len(to)-len(from)) > max(maxText, len(s)) {
		return a.fail("result is longer than 65536 bytes")
	}
	return strings.ReplaceAll(s, from, to)
}

// padding is what the text needs to be as long as it should.
func padding(a *arguments) string {
	text, length, fill := a.text(0), a.integer(1, 0, maxPad), a.text(2)
	n := runes(text)
	switch {
	case !a.ok():
	case runes(fill) != 1:
		a.fail("fill must be one character")
	case n > length:
		a.fail("text is longer")
	default:
		return strings.Repeat(fill, length-n)
	}
	return ""
}
