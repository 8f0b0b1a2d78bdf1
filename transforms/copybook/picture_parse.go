// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// run is a picture symbol with the number of times it is repeated.
type run struct {
	sym string
	n   int
	// at is the index in the picture, in characters.
	at int
}

// pictureError is what is wrong with a picture, at a character of it.
type pictureError struct {
	code, message string
	at            int
}

const (
	// maxPicture is the greatest length of a picture in positions.
	maxPicture = 1 << 30
	// maxWritten is up to where repetitions are written out.
	maxWritten = 4096
	// maxEdited is the greatest length of an edited number, Enterprise COBOL's limit.
	maxEdited = 249
)

// pictureRules is what from outside decides about a picture.
type pictureRules struct {
	comma    bool
	currency string
	// constant gives the value of a constant in parentheses, or "".
	constant func(name string) string
}

// parsePicture analyses a picture in upper case.
func parsePicture(text string, r pictureRules) (*Picture, *pictureError) {
	runs, bad := r.runs(text)
	if bad != nil {
		return nil, bad
	}
	total := 0
	for _, u := range runs {
		if total += u.n; total > maxPicture {
			return nil, &pictureError{codePictureSize, "the picture is longer than any item can be", u.at}
		}
	}
	pic := &Picture{Point: -1, CommaPoint: r.comma, Symbols: text}
	if total <= maxWritten {
		pic.Symbols = writeOut(runs)
	}
	a := &analysis{pictureRules: r, pic: pic, runs: runs, total: total}
	if bad := a.classify(); bad != nil {
		return nil, bad
	}
	return pic, nil
}

func writeOut(runs []run) string {
	var b strings.Builder
	for _, u := range runs {
		for range u.n {
			b.WriteString(u.sym)
		}
	}
	return b.String()
}

// runs splits a picture into its symbols.
func (r pictureRules) runs(text string) ([]run, *pictureError) {
	var out []run
	rs := []rune(text)
	for i := 0; i < len(rs); {
		at := i
		sym := string(rs[i])
		switch {
		case rs[i] == '(':
			if len(out) == 0 || at != 0 && rs[at-1] == ')' {
				return nil, &pictureError{codePicture, "a repetition needs a symbol in front", at}
			}
			n, next, bad := r.count(rs, i)
			if bad != nil {
				return nil, bad
			}
			last := &out[len(out)-1]
			last.n += n - 1
			i = next
			continue
		case i+1 < len(rs) && (rs[i] == 'C' && rs[i+1] == 'R' || rs[i] == 'D' && rs[i+1] == 'B'):
			sym = string(rs[i : i+2])
			i++
		case r.currency != "" && sym == r.currency, sym == "$":
		case !strings.ContainsRune("ABEGNPSUVXZ90/,.+-*", rs[i]):
			return nil, &pictureError{codePicture, fmt.Sprintf("%s is no picture symbol", describeRune(rs[i])), at}
		}
		i++
		if n := len(out); n > 0 && out[n-1].sym == sym && at > 0 && rs[at-1] != ')' {
			out[n-1].n++
			continue
		}
		out = append(out, run{sym, 1, at})
	}
	if len(out) == 0 {
		return nil, &pictureError{codePicture, "the picture is empty", 0}
	}
	return mergeRuns(out), nil
}

// mergeRuns joins neighbors with the same symbol: 9(3)9 is one run of four.
func mergeRuns(in []run) []run {
	out := in[:1]
	for _, u := range in[1:] {
		if last := &out[len(out)-1]; last.sym == u.sym {
			last.n = min(last.n+u.n, maxPicture+1)
			continue
		}
		out = append(out, u)
	}
	return out
}

// count reads "(n)" at i and returns n and the index behind it.
func (r pictureRules) count(rs []rune, i int) (n, next int, bad *pictureError) {
	end := i + 1
	for end < len(rs) && rs[end] != ')' {
		end++
	}
	if end == len(rs) {
		return 0, 0, &pictureError{codePicture, "the parenthesis is not closed", i}
	}
	inner := string(rs[i+1 : end])
	if v := r.constant(inner); v != "" {
		inner = v
	}
	n, err := strconv.Atoi(inner)
	switch {
	case err != nil && isNumber(inner):
		return 0, 0, &pictureError{codePictureSize, "the repetition is greater than any item can be", i + 1}
	case !isNumber(inner):
		return 0, 0, &pictureError{codePicture, "a repetition is a number in parentheses", i + 1}
	case n == 0:
		return 0, 0, &pictureError{codePicture, "a repetition is at least 1", i + 1}
	case n > maxPicture:
		return 0, 0, &pictureError{codePictureSize, "the repetition is greater than any item can be", i + 1}
	}
	return n, end + 1, nil
}

// longestClauseWord is the length of COMPUTATIONAL-3 and PROCEDURE-POINTER, with some room.
const longestClauseWord = 24

// splitPicture cuts off a clause that follows a picture without a blank, as in X(5)USAGE. It returns the length in
// characters of the picture.
func splitPicture(text string) int {
	at := strings.LastIndexByte(text, ')')
	if at < 0 {
		return utf8.RuneCountInString(text)
	}
	for i := max(at+1, len(text)-longestClauseWord); i < len(text); i++ {
		if isClauseWord(text[i:]) && len(text[i:]) > 2 {
			return utf8.RuneCountInString(text[:i])
		}
	}
	return utf8.RuneCountInString(text)
}
