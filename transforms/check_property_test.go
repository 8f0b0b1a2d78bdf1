// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lintel/specs"
	"lintel/transforms"
)

// drawMember draws a schema and a value that it allows.
func drawMember(t *rapid.T) (schema, value string) {
	digits := func(n int) string {
		return rapid.StringOfN(rapid.RuneFrom([]rune("0123456789")), n, n, -1).Draw(t, "digits")
	}
	number := func(label string, whole int) int { return rapid.IntRange(0, whole).Draw(t, label) }
	null := func(value string) string {
		if rapid.IntRange(0, 2).Draw(t, "null") == 0 {
			return "null"
		}
		return value
	}
	switch rapid.IntRange(0, 10).Draw(t, "kind") {
	case 6:
		n := number("maxLength", 8)
		text := rapid.StringOfN(rapid.RuneFrom([]rune("AB09")), 0, n, -1).Draw(t, "text")
		return fmt.Sprintf(`{type: [string, "null"], maxLength: %d}`, n), null(`"` + text + `"`)
	case 7:
		return `{type: [string, "null"], format: date}`, null(rapid.SampledFrom([]string{`"2024-02-29"`, `"1999-12-31"`}).Draw(t, "date"))
	case 8: // whole hundreds, for numbers that the host keeps without their last digits
		high := number("high", 20) * 100
		return fmt.Sprintf("{type: integer, minimum: 0, maximum: %d, multipleOf: 100}", high), fmt.Sprint(rapid.IntRange(0, high/100).Draw(t, "hundreds") * 100)
	case 9:
		high := number("high", 99)
		return fmt.Sprintf(`{type: [integer, "null"], minimum: 0, maximum: %d}`, high), null(fmt.Sprint(rapid.IntRange(0, high).Draw(t, "integer")))
	case 0:
		n := number("maxLength", 12)
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ABCxyz09")), 0, n, -1).Draw(t, "text")
		return fmt.Sprintf("{type: string, maxLength: %d}", n), `"` + text + `"`
	case 1:
		low, high := -number("low", 3)*500, number("high", 100000)
		return fmt.Sprintf("{type: integer, minimum: %d, maximum: %d}", low, high), fmt.Sprint(rapid.IntRange(low, high).Draw(t, "integer"))
	case 2:
		high := number("high", 10000)
		value := fmt.Sprintf("%d.%s", rapid.IntRange(0, max(high-1, 0)).Draw(t, "whole"), digits(2))
		if high == 0 {
			value = "0.00"
		}
		return fmt.Sprintf("{type: number, minimum: 0, maximum: %d, multipleOf: 0.01}", high), value
	case 3:
		return `{type: string, enum: [small, large]}`, rapid.SampledFrom([]string{`"small"`, `"large"`}).Draw(t, "name")
	case 4:
		n := rapid.IntRange(1, 10).Draw(t, "digits")
		return fmt.Sprintf(`{type: string, pattern: "^[0-9]{%d}$"}`, n), `"` + digits(n) + `"`
	case 5:
		return "{type: string, format: date}", rapid.SampledFrom([]string{`"2024-02-29"`, `"1999-12-31"`}).Draw(t, "date")
	default:
		return `{type: [boolean, "null"]}`, rapid.SampledFrom([]string{"true", "false", "null"}).Draw(t, "boolean")
	}
}

// drawField draws the clauses of a field and its rule.
func drawField(t *rapid.T) (field, rule string) {
	n := rapid.IntRange(1, 12).Draw(t, "size")
	switch rapid.IntRange(0, 17).Draw(t, "field") {
	case 8:
		return fmt.Sprintf("PIC 9(%d).", n), "V: {scale: -2}\n"
	case 9:
		return fmt.Sprintf("PIC S9(%d) COMP-3.", n), "V: {scale: 2}\n"
	case 10:
		return fmt.Sprintf("PIC 9(%d)P(2).", n), ""
	case 11:
		return "PIC 9(8).", "V: {date: yyyyMMdd, empty: [zeros, \"99999999\"]}\n"
	case 12:
		return fmt.Sprintf("PIC X(%d).", n), "V: {empty: [spaces, low-values]}\n"
	case 13:
		return fmt.Sprintf("PIC 9(%d).", n), "V: {empty: high-values}\n"
	case 14:
		return fmt.Sprintf("PIC 9(%d).", n), "V: {empty: \"0\", unreadable: \"null\"}\n"
	case 15:
		return fmt.Sprintf("PIC X(%d).", n), "V: {empty: \"A\"}\n"
	case 16:
		return fmt.Sprintf("PIC S9(%d).", n), "V: {unreadable: \"null\"}\n"
	case 0:
		return fmt.Sprintf("PIC X(%d).", n), ""
	case 1:
		return fmt.Sprintf("PIC 9(%d).", n), ""
	case 2:
		return fmt.Sprintf("PIC S9(%d)V9(%d) COMP-3.", n, rapid.IntRange(1, 3).Draw(t, "scale")), ""
	case 3:
		return fmt.Sprintf("PIC S9(%d) COMP.", n), ""
	case 4:
		return fmt.Sprintf("PIC 9(%d) COMP-5.", n), ""
	case 5:
		return "PIC X.\n               88 SMALL VALUE 'S'.\n               88 LARGE VALUE 'L'.", ""
	case 6:
		return "PIC 9(8).", "V: {date: yyyyMMdd}\n"
	case 7:
		return "PIC X.", "V: {boolean: {true: Y, false: N}}\n"
	default:
		return fmt.Sprintf("PIC 9(%d)V99.", n), ""
	}
}

// TestCheckedIsServed draws a member of a contract and a field. Where check says nothing, every
// value that the contract allows must be written, and come back as it was.
func TestCheckedIsServed(t *testing.T) {
	served, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		schema, value := drawMember(t)
		for range 8 {
			field, rule := drawField(t)
			if serveMember(t, schema, value, field, rule) {
				served++
			} else {
				refused++
			}
		}
	})
	t.Logf("%d served, %d refused", served, refused)
	if !testing.Short() && (served == 0 || refused == 0) { // the few draws of a short run may all be refused
		t.Errorf("%d served and %d refused: the test shows nothing", served, refused)
	}
}

// serveMember sends the value to the field and back. It returns false if check has something to say.
func serveMember(t *rapid.T, schema, value, field, rule string) bool {
	object := "{type: object, required: [v], additionalProperties: false, properties: {v: " + schema + "}}"
	s := small{
		body: object, answer: object, records: rule,
		copybook: "       01  IN-OUT.\n           05  V " + field + "\n",
		transform: "request:\n  record: copybooks/BOOK.cpy#IN-OUT\n  fields:\n    V: =body.v\n" +
			"reply:\n  record: copybooks/BOOK.cpy#IN-OUT\n  body:\n    v: =reply.v\n",
	}
	all, findings := compileWorkspace(s.files())
	for _, f := range findings {
		if f.Severity == specs.Info {
			continue
		}
		if !strings.HasPrefix(f.Code, "LNT40") {
			t.Fatalf("%s into %s: %v", schema, field, f)
		}
		return false
	}
	q := all["op"]
	r := q.Start()
	defer r.Release()
	message, err := r.Request(transforms.Input{Params: []byte(`{"path":{},"query":{},"header":{},"cookie":{}}`), Body: []byte(`{"v":` + value + `}`)})
	if err != nil {
		t.Fatalf("%s into %s: %s is not written: %v", schema, field, value, err)
	}
	out, err := r.Reply(transforms.Message{Body: append([]byte(nil), message.Body...)})
	if err != nil {
		t.Fatalf("%s from %s: %s does not come back: %v", schema, field, value, err)
	}
	var got struct{ V json.RawMessage }
	if err := json.Unmarshal(out.Body, &got); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(schema, "pattern") && strings.Contains(field, "9(") {
		return true // leading zeros are not the number's
	}
	if out.Invalid != nil || !sameValue(string(got.V), value) {
		t.Fatalf("%s in %s: %s became %s (%v)", schema, field, value, out.Body, out.Invalid)
	}
	return true
}

// sameValue compares numbers by value, everything else by its text.
func sameValue(a, b string) bool {
	x, err := transforms.ParseDecimal(a)
	y, err2 := transforms.ParseDecimal(b)
	if err == nil && err2 == nil {
		return x.Cmp(y) == 0
	}
	return a == b
}
