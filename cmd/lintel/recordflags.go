// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lintel/specs"
	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
	"lintel/transforms/record"
)

// recordSettings is all that can be said about how records are laid out, read and written. The zero
// value holds the defaults; the table of recordOptions fills it.
type recordSettings struct {
	page   *codepage.Page
	record record.Options
	book   copybook.Options
	data   framing
}

// optionGroup says what an option is about.
type optionGroup uint8

const (
	groupValues optionGroup = iota
	groupDialect
	groupSource
	groupDataset
)

// recordOption is one line of the table that flags, files of options, records.yaml, help and the
// reference are made from.
type recordOption struct {
	// key is the word in records.yaml; the flag is the same word with hyphens.
	key   string
	group optionGroup
	// words are the values allowed; without them arg names the kind of value for help.
	words []string
	arg   string
	// list options may be given several times.
	list bool
	// field options may stand at single fields too.
	field bool
	// framings are the framings a dataset option has a meaning for; nil means all.
	framings []string
	def      string
	doc      string
	// set takes one value over; its error names what is allowed.
	set func(*recordSettings, string) error
}

// boolean tells that the option is on or off, and that the flag alone turns it on.
func (o *recordOption) boolean() bool { return len(o.words) == 2 && o.words[0] == "true" }

// flag is the name of the option's flag.
func (o *recordOption) flag() string {
	var b strings.Builder
	for _, r := range o.key {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('-')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// values describes the values allowed, for help and messages.
func (o *recordOption) values() string {
	if len(o.words) > 0 {
		return strings.Join(o.words, "|")
	}
	return o.arg
}

// recordOptions is the table. Later lines see what earlier ones set: the dialect comes before its
// overrides.
func recordOptions() []recordOption {
	return slices.Concat(valueOptions(), dialectOptions(), sourceOptions(), datasetOptions())
}

// optionError says that a text is not a value of an option.
type optionError struct{ code, message string }

// Error gives the message.
func (e *optionError) Error() string { return e.message }

// wordOption sets an option that has a few words: the index of the word is handed on.
func wordOption(o recordOption, to func(*recordSettings, int)) recordOption {
	words := o.words
	o.set = func(s *recordSettings, text string) error {
		i := slices.Index(words, text)
		if i < 0 {
			return &optionError{specs.CodeWord, fmt.Sprintf("must be %s, not %q", strings.Join(words, " or "), shorten(text))}
		}
		to(s, i)
		return nil
	}
	return o
}

// boolOption sets an option that is on or off.
func boolOption(o recordOption, to func(*recordSettings) *bool) recordOption {
	o.words, o.def = []string{"true", "false"}, "false"
	return wordOption(o, func(s *recordSettings, i int) { *to(s) = i == 0 })
}

// intOption sets an option that is a whole number.
func intOption(o recordOption, low, high int, to func(*recordSettings) *int) recordOption {
	o.arg = fmt.Sprintf("%d..%d", low, high)
	o.set = func(s *recordSettings, text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || strconv.Itoa(n) != text {
			return &optionError{specs.CodeFormat, fmt.Sprintf("must be a whole number, not %q", shorten(text))}
		}
		if n < low || n > high {
			return &optionError{specs.CodeOutOfRange, fmt.Sprintf("must be from %d to %d", low, high)}
		}
		*to(s) = n
		return nil
	}
	return o
}

// textOption sets an option that is a text with a grammar of its own.
func textOption(o recordOption, to func(*recordSettings, string) error) recordOption {
	o.set = func(s *recordSettings, text string) error {
		if text == "" {
			return &optionError{specs.CodeOutOfRange, "must not be empty"}
		}
		if err := to(s, text); err != nil {
			return &optionError{specs.CodeFormat, err.Error()}
		}
		return nil
	}
	return o
}

// shorten keeps messages short whatever was given.
func shorten(text string) string {
	const widest = 60
	if len(text) > widest {
		return text[:widest] + "..."
	}
	return text
}

// optionValues are texts given for options, by key.
type optionValues map[string][]string

// resolve applies layers of values over the defaults; a key of a later layer wins over the same key of
// an earlier one. The values were checked one by one before.
func resolveOptions(base recordSettings, layers ...optionValues) (recordSettings, error) {
	s := base
	if s.book.Dialect.Name == "" {
		s.book.Dialect = copybook.ZOS()
	}
	s.data = s.data.withDefaults()
	for _, o := range recordOptions() {
		var texts []string
		for _, l := range layers {
			if v, given := l[o.key]; given {
				texts = v
			}
		}
		for _, text := range texts {
			if err := o.set(&s, text); err != nil {
				return s, fmt.Errorf("%s %w", o.key, err)
			}
		}
	}
	s.record.Page = s.page
	s.record.Dialect = s.book.Dialect
	return s, s.check()
}

// check finds options that contradict each other.
func (s *recordSettings) check() error {
	left, right := max(s.book.LeftMargin, 7), s.book.RightMargin
	if s.book.LeftMargin > 0 {
		left = s.book.LeftMargin
	}
	if right == 0 && left >= defaultRightMargin {
		return fmt.Errorf("leftMargin %d needs a rightMargin behind it", left)
	}
	if right > 0 && right <= left {
		return fmt.Errorf("rightMargin %d must be greater than leftMargin, which is %d", right, left)
	}
	if s.book.Dialect.FloatLittle && s.book.Dialect.Float == copybook.FloatHex {
		return errors.New("floatOrder little needs float ieee: hexadecimal floats are big-endian")
	}
	return nil
}

const defaultRightMargin = 72

// pageOf looks a code page up; its error says what to do.
func pageOf(name string) (*codepage.Page, error) {
	p, err := codepage.Lookup(name)
	if err != nil {
		return nil, fmt.Errorf("names a code page that Lintel does not have: %q", shorten(name))
	}
	return p, nil
}
