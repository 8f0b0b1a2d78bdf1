// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var oracleRuns = flag.Int("oracle", 2, "programs of 60 random records each to compile with GnuCOBOL")

// TestOracle draws random records, lets GnuCOBOL compile them, and compares offset and length of every item that needs
// no subscript. Where cobc is not installed it is skipped, or fails if peers are required.
func TestOracle(t *testing.T) {
	cobc, err := exec.LookPath("cobc")
	if err != nil {
		if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" {
			t.Fatal("cobc is not installed and LINTEL_REQUIRE_PEERS=1")
		}
		t.Skip("SKIPPED, NOT CHECKED: cobc is not installed")
	}
	for seed := range uint64(*oracleRuns) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			g := &recordGenerator{r: rand.New(rand.NewPCG(seed, 1))}
			for i := range 60 {
				g.record(i)
			}
			b, found := Parse("random.cpy", []byte(g.text.String()), Options{Dialect: GnuCOBOL(), Format: Free})
			if b == nil {
				t.Fatal(found)
			}
			compareWithCOBOL(t, cobc, g, b)
		})
	}
}

// recordGenerator writes random data descriptions.
type recordGenerator struct {
	r    *rand.Rand
	n    int
	text strings.Builder
	// names are the items outside of tables, roots their records.
	names []string
	roots map[string]string
	root  string
}

func (g *recordGenerator) line(format string, args ...any) {
	fmt.Fprintf(&g.text, format+".\n", args...)
}

func (g *recordGenerator) name(inTable bool) string {
	g.n++
	name := fmt.Sprintf("F%d", g.n)
	if !inTable {
		g.names = append(g.names, name)
		g.roots[name] = g.root
	}
	return name
}

func (g *recordGenerator) record(i int) {
	if g.roots == nil {
		g.roots = map[string]string{}
	}
	g.root = fmt.Sprintf("R%d", i)
	g.names = append(g.names, g.root)
	g.roots[g.root] = g.root
	g.line("01 %s", g.root)
	g.group(2, 3, false)
}

// group writes the items of a group, each of which may redefine the one before.
func (g *recordGenerator) group(level, depth int, inTable bool) {
	last := ""
	for range 1 + g.r.IntN(5) {
		redefines, occurs := "", ""
		if last != "" && g.r.IntN(5) == 0 {
			redefines = " REDEFINES " + last
		} else if g.r.IntN(5) == 0 {
			occurs = fmt.Sprintf(" OCCURS %d", 1+g.r.IntN(4))
		}
		name := g.name(inTable || occurs != "")
		if redefines == "" {
			last = name
		}
		if occurs != "" {
			last = ""
		}
		if depth > 0 && g.r.IntN(3) == 0 {
			g.line("%02d %s%s%s", level, name, redefines, occurs)
			g.group(level+1, depth-1, inTable || occurs != "")
			continue
		}
		g.line("%02d %s%s %s%s", level, name, redefines, g.clauses(), occurs)
	}
}

// clauses draws picture, usage and SYNC of an item.
func (g *recordGenerator) clauses() string {
	kinds := []string{
		"PIC X(%d)", "PIC 9(%d)", "PIC S9(%d)", "PIC S9(%d) SIGN LEADING SEPARATE", "PIC SVPP9(%d)", "PIC N(%d)", "PIC Z(%d)9.99-", "PIC $(%d)9CR", "PIC -(%d)9.9",
		"PIC S9(%d) COMP", "PIC 9(%d) COMP", "PIC S9(%d) COMP-5", "PIC 9(%d) BINARY", "PIC 9(%d)PP COMP", "PIC S9(%d)V99 COMP-4", "PIC 9(%d) COMP-X",
		"PIC S9(%d) COMP-3", "PIC 9(%d) COMP-3", "PIC S9(%d)V99 COMP-3", "PIC S9(%d)PP COMP-3", "PIC 9(%d) COMP-6", "PIC S9(%d) COMP-6",
		"COMP-1", "COMP-2", "BINARY-CHAR", "BINARY-SHORT UNSIGNED", "BINARY-LONG", "BINARY-DOUBLE", "POINTER", "INDEX",
	}
	k := kinds[g.r.IntN(len(kinds))]
	if strings.Contains(k, "%d") {
		most := 16
		if g.r.IntN(4) == 0 && (strings.HasSuffix(k, "COMP-3") || k == "PIC S9(%d)") {
			most = 34
		}
		k = fmt.Sprintf(k, 1+g.r.IntN(most))
	}
	if g.r.IntN(3) == 0 && (!strings.HasPrefix(k, "PIC") || strings.Contains(k, "9(")) {
		k += " SYNC"
	}
	return k
}

// program asks for the address and the length of every item.
func (g *recordGenerator) program() string {
	var p strings.Builder
	p.WriteString("IDENTIFICATION DIVISION.\nPROGRAM-ID. ORACLE.\nDATA DIVISION.\nWORKING-STORAGE SECTION.\n")
	p.WriteString("01 PA USAGE POINTER.\n01 NA REDEFINES PA PIC S9(18) COMP-5.\n01 PB USAGE POINTER.\n01 NB REDEFINES PB PIC S9(18) COMP-5.\n01 D PIC -(9)9.\n01 L PIC 9(9).\n")
	p.WriteString(g.text.String() + "PROCEDURE DIVISION.\n")
	for i, n := range g.names {
		fmt.Fprintf(&p, "P%d.\nSET PA TO ADDRESS OF %s. SET PB TO ADDRESS OF %s.\nSUBTRACT NB FROM NA. MOVE NA TO D. MOVE LENGTH OF %s TO L.\nDISPLAY \"%s \" D \" \" L.\n", i, n, g.roots[n], n, n)
	}
	return p.String() + "STOP RUN.\n"
}

func compareWithCOBOL(t *testing.T, cobc string, g *recordGenerator, b *Book) {
	t.Helper()
	dir := t.TempDir()
	src, exe := filepath.Join(dir, "oracle.cob"), filepath.Join(dir, "oracle")
	if err := os.WriteFile(src, []byte(g.program()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), cobc, "-x", "-free", "-w", "-flarger-redefines-ok", "-o", exe, src).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), exe).Output()
	if err != nil {
		t.Fatal(err)
	}
	items := map[string]*Item{}
	for _, r := range b.Records {
		byName(r, items)
	}
	compared := 0
	for _, l := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		w := strings.Fields(l)
		offset, errO := strconv.Atoi(w[1])
		size, errS := strconv.Atoi(w[2])
		it := items[w[0]]
		if errO != nil || errS != nil || it == nil {
			t.Fatalf("output %q", l)
		}
		compared++
		if it.Offset != offset || it.Size != size {
			t.Errorf("%s PIC %s %s in %s: offset %d size %d, GnuCOBOL has %d and %d", it.Name, it.Picture, it.UsageClause, g.roots[it.Name], it.Offset, it.Size, offset, size)
		}
	}
	if compared != len(g.names) {
		t.Errorf("%d of %d items compared", compared, len(g.names))
	}
}

func byName(it *Item, into map[string]*Item) {
	into[it.Name] = it
	for _, c := range it.Children {
		byName(c, into)
	}
}
