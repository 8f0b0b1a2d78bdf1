// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"lintel/specs"
)

// TestContracts walks testdata/contracts: each file has a contract and pairs of replacements in it. What
// is expected of each is written beside it.
func TestContracts(t *testing.T) {
	a, err := txtar.ParseFile("testdata/contracts.txtar")
	if err != nil {
		t.Fatal(err)
	}
	base := string(a.Files[0].Data)
	for _, f := range a.Files[1:] {
		t.Run(f.Name, func(t *testing.T) {
			from, to, want := base, base, ""
			for _, block := range strings.Split(strings.TrimSpace(string(f.Data)), "\n\n") {
				kind, rest, _ := strings.Cut(block, "\n")
				switch kind {
				case "want":
					want = rest
				case "edit":
					old, now, ok := strings.Cut(rest+"\n", "\n=>\n")
					now = strings.TrimSuffix(now, "\n")
					if !ok || strings.Count(to, old) != 1 {
						t.Fatalf("%q is there %d times", old, strings.Count(to, old))
					}
					to = strings.Replace(to, old, now, 1)
				default:
					t.Fatalf("what is %q?", kind)
				}
			}
			if got := lines(Contracts(contract(t, from), contract(t, to))); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if got := Contracts(contract(t, to), contract(t, to)); len(got) > 0 {
				t.Errorf("compared with itself: %v", got)
			}
		})
	}
}

func lines(list []Change) string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = fmt.Sprintf("%s %s: %s %s: %s", c.Effect, c.Rule, c.Operation, c.Where, c.Message)
	}
	return strings.Join(out, "\n")
}

// contract reads a contract; a workspace around it is not needed.
func contract(t *testing.T, text string) *specs.Contract {
	t.Helper()
	ws, findings := specs.LoadFS("w", fstest.MapFS{
		"lintel.yaml":  {Data: []byte("lintel: 1\ncontract: openapi.yaml\nbackends:\n  core: {tcp: {address: \"h:1\", frame: {length: {bytes: 4}}}}\n")},
		"openapi.yaml": {Data: []byte(text)},
	}, func(string) (string, bool) { return "", false })
	for _, f := range findings {
		if f.Severity == specs.Error && f.File == "openapi.yaml" && f.Code != specs.CodeNoTransform && f.Code != specs.CodeSecurity {
			t.Fatalf("%v\n%s", f, text)
		}
	}
	return ws.Contract
}

// record is a message of fields one behind the other: NAME LENGTH ENCODING [xTIMES].
func record(reply bool, fields ...string) *Message {
	m := &Message{Name: "r", Reply: reply}
	for i, text := range fields {
		f := Field{Least: 1, Greatest: 1, Offset: m.Greatest, Pos: specs.Pos{File: "R.cpy", Line: i + 1}}
		var times int
		n, _ := fmt.Sscanf(text, "%s %d %s x%d", &f.Path, &f.Length, &f.Encoding, &times)
		if n == 4 {
			f.Least, f.Greatest = times, times
		}
		f.Shown, f.Text = f.Encoding, strings.HasPrefix(f.Encoding, "X")
		if f.Filler = f.Path == "FILLER"; f.Filler {
			f.Encoding = "filler"
		}
		m.Greatest += f.Length * f.Greatest
		m.Fields = append(m.Fields, f)
	}
	m.Least = m.Greatest
	return m
}

func TestLayouts(t *testing.T) {
	old := []string{"R.A 4 X(4)", "R.B 3 S9(5)", "R.C 10 X(10)", "R.D 2 9(2) x3", "FILLER 6 X"}
	edit := func(i int, now ...string) []string {
		return slices.Concat(old[:i], now, old[i+1:])
	}
	for _, test := range []struct {
		name  string
		reply bool
		now   []string
		want  []string
	}{
		{"nothing", false, old, nil},
		{"another name", false, edit(0, "R.AA 4 X(4)"), []string{"safe field-renamed"}},
		{"longer", false, edit(0, "R.A 6 X(6)"), []string{"host field-encoding", "host field-moved", "host record-length"}},
		{"longer, and the filler is shorter", false, []string{"R.A 4 X(4)", "R.B 3 S9(5)", "R.C 12 X(12)", "R.D 2 9(2) x3", "FILLER 4 X"}, []string{"host field-encoding", "host field-moved"}},
		{"another picture of the same length", false, edit(1, "R.B 3 S9(3)V99"), []string{"host field-encoding"}},
		{"more entries", true, edit(3, "R.D 2 9(2) x4"), []string{"host field-occurs", "host record-length"}},
		{"a field in place of the filler", false, edit(4, "R.E 2 X(2)", "FILLER 4 X"), []string{"review field-used"}},
		{"filler in place of a field of a reply", true, edit(2, "FILLER 10 X"), []string{"review field-unused"}},
		{"filler in place of a field of a request", false, edit(2, "FILLER 10 X"), []string{"host field-removed"}},
		{"a text in two parts", false, edit(2, "R.C1 4 X(4)", "R.C2 6 X(6)"), []string{"review field-divided", "review field-divided", "review field-divided"}},
		{"a number in two parts", false, edit(1, "R.B1 1 9", "R.B2 2 99"), []string{"host field-added", "host field-added", "host field-removed"}},
		{"two fields change places", false, []string{old[1], old[0], old[2], old[3], old[4]}, []string{"host field-moved", "host field-moved"}},
		{"one more at the end", true, append(slices.Clone(old), "R.Z 1 X"), []string{"host field-added", "host record-length"}},
		{"the last one gone", true, old[:3], []string{"host field-removed", "host record-length"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, c := range Layouts("op", "record", record(test.reply, old...), record(test.reply, test.now...)) {
				got = append(got, string(c.Effect)+" "+c.Rule)
			}
			slices.Sort(got)
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestNamesOfValues(t *testing.T) {
	with := func(values map[string]string) *Message {
		m := record(true, "R.A 1 X")
		m.Fields[0].Values = values
		return m
	}
	got := lines(Layouts("op", "reply", with(map[string]string{"OPEN": "A", "SHUT": "C", "GONE": "G"}), with(map[string]string{"OPEN": "B", "SHUT": "C", "NEW": "N"})))
	want := strings.Join([]string{
		"host value-changed: op reply R.A: OPEN stood for A and stands for B",
		"review value-removed: op reply R.A: GONE, which stood for G, is gone",
		"safe value-added: op reply R.A: NEW stands for N",
	}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestDocuments(t *testing.T) {
	doc := func(reply bool, fields ...Field) *Message {
		return &Message{Document: true, Reply: reply, Fields: fields}
	}
	a := Field{Path: "/a", Shown: "string", Encoding: "string", Least: 1, Greatest: 1, Needed: true}
	b := Field{Path: "/b", Shown: "number", Encoding: "number", Least: 1, Greatest: 1}
	needed := b
	needed.Needed = true
	for name, test := range map[string]struct {
		from, to *Message
		want     string
	}{
		"a new one that must be sent":           {doc(false, a), doc(false, a, needed), "host field-added: op m /b: number is new"},
		"a new one that may be sent":            {doc(false, a), doc(false, a, b), "safe field-added: op m /b: number is new"},
		"a new one in the reply":                {doc(true, a), doc(true, a, needed), "safe field-added: op m /b: number is new"},
		"must be sent now":                      {doc(false, b), doc(false, needed), "host field-needed: op m /b: must be there: was false and is true"},
		"the reply may lack it now":             {doc(true, needed), doc(true, b), "host field-needed: op m /b: must be there: was true and is false"},
		"gone":                                  {doc(true, a, b), doc(true, a), "host field-removed: op m /b: number is gone"},
		"the message was a record":              {record(true, "R.A 1 X"), doc(true, a), "host message-format: op m: the message was a record and is a document"},
		"the reply may have it, and has it now": {doc(true, b), doc(true, needed), "safe field-needed: op m /b: must be there: was false and is true"},
	} {
		if got := lines(Layouts("op", "m", test.from, test.to)); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, test.want)
		}
	}
}
