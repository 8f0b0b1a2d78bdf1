// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"embed"
	"io/fs"
	"math/rand/v2"
	"path"
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/json"
)

//go:embed all:testdata/wsdl
var corpusFS embed.FS

// corpus lists the WSDLs of testdata.
func corpus(t testing.TB) []string {
	t.Helper()
	var out []string
	err := fs.WalkDir(corpusFS, "testdata/wsdl", func(p string, _ fs.DirEntry, err error) error {
		if path.Ext(p) == ".wsdl" && !strings.Contains(p, "/parts/") {
			out = append(out, strings.TrimPrefix(p, "testdata/wsdl/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestCorpus: every operation of every WSDL is one that can be used, and a random valid message goes
// from JSON to XML and back unchanged.
func TestCorpus(t *testing.T) {
	runs := 200
	if testing.Short() {
		runs = 30
	}
	for _, name := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			sub, err := fs.Sub(corpusFS, "testdata/wsdl")
			if err != nil {
				t.Fatal(err)
			}
			for _, rules := range []*specs.SOAPRules{nil, {MTOM: true, OtherParts: true}} {
				w, findings := Load(sub, name, specs.Pos{}, rules)
				if w == nil || findings.HasErrors() {
					t.Fatalf("%v", findings)
				}
				if len(w.Operations) == 0 {
					t.Fatal("no operations")
				}
				for _, op := range w.Operations {
					if fs := op.Open(); fs.HasErrors() {
						t.Fatalf("%s: %v", op.Name, fs)
					}
					for way, m := range map[string]*transforms.MessageType{"request": op.Request(), "reply": op.Reply()} {
						c := codec(t, m)
						if c.m.body == nil {
							continue
						}
						rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test wants the same messages each time
						for range runs {
							sent := c.Sample(rnd.IntN)
							xml, err := c.EncodeJSON(nil, sent)
							if err != nil {
								t.Fatalf("%s %s: %v\n%s", op.Name, way, err, sent)
							}
							back, err := c.DecodeJSON(nil, xml)
							if err != nil || !json.Equal(back, sent) {
								t.Fatalf("%s %s: %v\nsent %s\nback %s\n%s", op.Name, way, err, sent, back, xml)
							}
						}
					}
				}
			}
		})
	}
}
