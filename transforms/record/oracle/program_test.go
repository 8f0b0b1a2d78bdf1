// SPDX-License-Identifier: Apache-2.0

package oracle_test

import (
	"fmt"
	"slices"
	"strings"

	"lintel/transforms/record"
)

// program writes one COBOL program for many records. It obeys commands on its standard input:
//
//	Pnnnn            prints place and length of every item of record n, tables at their maximum
//	WLnnnn choices   reads a value for each field, moves them, and prints length and bytes in hex;
//	                 with WH the record is X'FF' before, with WL X'00'
//	Rnnnn choices    reads a record in hex and prints the value of each field
//
// All records share one buffer, so that bytes can be had without REDEFINES of variable records.
type program struct {
	strings.Builder
	layouts []*layout
	// shapes are the decimal items between text and fields: digits before and behind the point.
	shapes map[[2]int]bool
}

const (
	lineSize   = 9000
	bufferSize = 4096
)

func cobolProgram(layouts []*layout) string {
	p := &program{layouts: layouts, shapes: map[[2]int]bool{{floatWhole, floatDecimals}: true}}
	for _, l := range layouts {
		for _, it := range l.items() {
			if s, is := it.shape(); is {
				p.shapes[s] = true
			}
		}
	}
	head := programHead
	if layouts[0].play.comma {
		head = strings.Replace(head, "*> DECIMAL", "DECIMAL", 1)
	}
	p.WriteString(head)
	p.workingStorage()
	for _, l := range layouts {
		p.WriteString(l.source())
	}
	p.main()
	for i, l := range layouts {
		p.places(i, l)
		p.fills(i, l)
		p.reads(i, l)
	}
	return p.String()
}

// shape is the decimal item that a number goes through.
func (it *item) shape() (s [2]int, is bool) {
	switch it.kind {
	case number, edited:
		return [2]int{it.wholeDigits() + it.excess(), it.decimals() + it.excess()}, true
	case float:
		return [2]int{floatWhole, floatDecimals}, true
	}
	return s, false
}

func shapeName(s [2]int) string { return fmt.Sprintf("T-%d-%d", s[0], s[1]) }

func (p *program) area(format string, args ...any) {
	fmt.Fprintf(p, "       "+format+"\n", args...)
}

// code writes one statement, its words parted by blanks.
func (p *program) code(format string, args ...any) {
	p.WriteString(wrap(11, strings.ReplaceAll(fmt.Sprintf(format, args...), " ", "|")))
}

const programHead = `       IDENTIFICATION DIVISION.
       PROGRAM-ID. ORACLE.
       ENVIRONMENT DIVISION.
       CONFIGURATION SECTION.
       SPECIAL-NAMES.
           *> DECIMAL-POINT IS COMMA.
       INPUT-OUTPUT SECTION.
       FILE-CONTROL.
           SELECT INF ASSIGN TO KEYBOARD ORGANIZATION LINE SEQUENTIAL.
           SELECT OUTF ASSIGN TO DISPLAY ORGANIZATION LINE SEQUENTIAL.
       DATA DIVISION.
       FILE SECTION.
       FD INF.
       01 IN-LINE PIC X(9000).
       FD OUTF.
       01 OUT-LINE PIC X(9000).
       WORKING-STORAGE SECTION.
       01 CHOICES.
           05 CHOICE PIC X OCCURS 100.
       01 LINE-OUT PIC X(9000).
       01 BUF PIC X(4096).
       01 BASE-P USAGE POINTER.
       01 BASE-N REDEFINES BASE-P PIC S9(18) COMP-5.
       01 ITEM-P USAGE POINTER.
       01 ITEM-N REDEFINES ITEM-P PIC S9(18) COMP-5.
       01 PLACE.
           05 PL-NAME PIC X(32).
           05 PL-OFFSET PIC 9(9).
           05 FILLER PIC X VALUE SPACE.
           05 PL-SIZE PIC 9(9).
       01 HEX-DIGITS PIC X(16) VALUE "0123456789ABCDEF".
       01 HEX-PAIRS.
           05 HEX-PAIR PIC X(2) OCCURS 256.
       01 NIBBLES.
           05 NIBBLE PIC S9(4) COMP-5 OCCURS 256.
       01 ONE-X PIC X.
       01 ONE-N REDEFINES ONE-X PIC X COMP-X.
       01 REC-SIZE PIC S9(9) COMP-5.
       01 I PIC S9(9) COMP-5.
       01 J PIC S9(9) COMP-5.
       01 K PIC S9(9) COMP-5.
       01 I1 PIC S9(9) COMP-5.
       01 I2 PIC S9(9) COMP-5.
       01 I3 PIC S9(9) COMP-5.
       01 I4 PIC S9(9) COMP-5.
       01 I5 PIC S9(9) COMP-5.
       01 LINE-IN PIC X(9000).
       01 COMMAND REDEFINES LINE-IN.
           05 C-VERB PIC X.
           05 C-FILL PIC X.
           05 C-NUMBER PIC 9(4).
           05 FILLER PIC X.
           05 C-CHOICES PIC X(100).
       01 SIZED REDEFINES LINE-IN.
           05 S-SIZE PIC 9(4).
           05 S-TEXT PIC X(8000).
`

func (p *program) workingStorage() {
	var shapes [][2]int
	for s := range p.shapes {
		shapes = append(shapes, s)
	}
	slices.SortFunc(shapes, func(a, b [2]int) int { return (a[0]-b[0])*100 + a[1] - b[1] })
	for _, s := range shapes {
		pic := "S"
		if s[0] > 0 {
			pic += fmt.Sprintf("9(%d)", s[0])
		}
		if s[1] > 0 {
			pic += fmt.Sprintf("V9(%d)", s[1])
		}
		p.area("01 %s REDEFINES LINE-IN PIC %s", shapeName(s), pic)
		p.area("    SIGN LEADING SEPARATE.")
	}
	p.WriteString("       LINKAGE SECTION.\n")
}

const programMain = `       PROCEDURE DIVISION.
       MAIN-LINE.
           OPEN INPUT INF OUTPUT OUTF
           PERFORM VARYING I FROM 0 BY 1 UNTIL I > 255
               DIVIDE I BY 16 GIVING J REMAINDER K
               MOVE HEX-DIGITS (J + 1:1) TO HEX-PAIR (I + 1) (1:1)
               MOVE HEX-DIGITS (K + 1:1) TO HEX-PAIR (I + 1) (2:1)
               MOVE 0 TO NIBBLE (I + 1)
           END-PERFORM
           PERFORM VARYING I FROM 0 BY 1 UNTIL I > 15
               MOVE HEX-DIGITS (I + 1:1) TO ONE-X
               MOVE I TO NIBBLE (ONE-N + 1)
           END-PERFORM
           PERFORM OBEY UNTIL 1 = 2.
       GET-LINE.
           READ INF INTO LINE-IN AT END
               CLOSE INF OUTF
               STOP RUN
           END-READ.
       PUT-LINE.
           WRITE OUT-LINE FROM LINE-OUT.
       PUT-PLACE.
           COMPUTE PL-OFFSET = ITEM-N - BASE-N
           WRITE OUT-LINE FROM PLACE.
       PUT-BYTES.
           MOVE SPACES TO LINE-OUT
           MOVE REC-SIZE TO PL-SIZE
           MOVE PL-SIZE TO LINE-OUT (1:9)
           MOVE 11 TO J
           PERFORM VARYING I FROM 1 BY 1 UNTIL I > REC-SIZE
               MOVE BUF (I:1) TO ONE-X
               MOVE HEX-PAIR (ONE-N + 1) TO LINE-OUT (J:2)
               ADD 2 TO J
           END-PERFORM
           PERFORM PUT-LINE.
       GET-BYTES.
           PERFORM GET-LINE
           MOVE LOW-VALUES TO BUF
           MOVE 1 TO J
           PERFORM VARYING I FROM 1 BY 1 UNTIL I > S-SIZE
               MOVE S-TEXT (J:1) TO ONE-X
               COMPUTE K = NIBBLE (ONE-N + 1) * 16
               MOVE S-TEXT (J + 1:1) TO ONE-X
               ADD NIBBLE (ONE-N + 1) TO K
               MOVE K TO ONE-N
               MOVE ONE-X TO BUF (I:1)
               ADD 2 TO J
           END-PERFORM.
       OBEY.
           PERFORM GET-LINE
           MOVE C-CHOICES TO CHOICES
           IF C-VERB = "W"
               IF C-FILL = "H"
                   MOVE HIGH-VALUES TO BUF
               ELSE
                   MOVE LOW-VALUES TO BUF
               END-IF
           END-IF
`

func (p *program) main() {
	p.WriteString(programMain)
	p.code("EVALUATE C-VERB ALSO C-NUMBER")
	for i := range p.layouts {
		for _, verb := range []string{"P", "W", "R"} {
			p.code("WHEN %q ALSO %d PERFORM %s-%d", verb, i, verb, i)
		}
	}
	p.code("END-EVALUATE.")
}

// begin starts a paragraph and lays the record over the buffer.
func (p *program) begin(verb string, i int, l *layout) {
	p.area("%s-%d.", verb, i)
	p.code("SET ADDRESS OF %s TO ADDRESS OF BUF", l.root.id())
}

func (p *program) end() { p.code("CONTINUE.") }

// reference names an item with the subscripts of the tables around and at it.
func (it *item) reference(subscript func(level int, table *item) string) string {
	tables := it.tables()
	if len(tables) == 0 {
		return it.id()
	}
	var subs []string
	for i, t := range tables {
		subs = append(subs, subscript(i+1, t))
	}
	return it.id() + " (" + strings.Join(subs, " ") + ")"
}

func byIndex(level int, _ *item) string { return fmt.Sprintf("I%d", level) }
func first(int, *item) string           { return "1" }
func last(_ int, t *item) string        { return fmt.Sprint(t.occurs.max) }

// places prints the first and the last occurrence of each item.
func (p *program) places(i int, l *layout) {
	p.begin("P", i, l)
	p.code("SET BASE-P TO ADDRESS OF %s", l.root.id())
	p.code("MOVE LOW-VALUES TO BUF")
	p.counters(l.root)
	for _, it := range l.items() {
		if it.filler {
			continue
		}
		for _, at := range it.ends() {
			ref := it.reference(at)
			p.code("SET ITEM-P TO ADDRESS OF %s", ref)
			p.code("MOVE LENGTH OF %s TO PL-SIZE", ref)
			p.code("MOVE %q TO PL-NAME", it.id())
			p.code("PERFORM PUT-PLACE")
		}
	}
	p.end()
}

// ends are the first and, if it is another one, the last occurrence of an item.
func (it *item) ends() []func(int, *item) string {
	for _, t := range it.tables() {
		if t.occurs.max > 1 {
			return []func(int, *item) string{first, last}
		}
	}
	return []func(int, *item) string{first}
}

// counters sets all counters to the maximum of their tables.
func (p *program) counters(it *item) {
	if it.counterFor != nil {
		p.code("MOVE %d TO %s", it.counterFor.occurs.max, it.reference(byIndex))
		return
	}
	inner := false
	it.each(func(x *item) { inner = inner || x.counterFor != nil })
	if !inner {
		return
	}
	done := p.loop(it)
	for _, k := range it.kids {
		p.counters(k)
	}
	done()
}

// loop opens a loop over the entries of a table; the result closes it.
func (p *program) loop(it *item) func() {
	if it.occurs == nil {
		return func() {}
	}
	index := byIndex(len(it.tables()), nil)
	limit := fmt.Sprint(it.occurs.max)
	if c := it.occurs.counter; c != nil {
		limit = c.reference(byIndex)
	}
	p.code("PERFORM VARYING %s FROM 1 BY 1 UNTIL %s > %s", index, index, limit)
	return func() { p.code("END-PERFORM") }
}

// fills reads the values of a record and prints it.
func (p *program) fills(i int, l *layout) {
	p.begin("W", i, l)
	p.each(l.root, func(it *item, ref string) {
		if it.kind == opaque {
			return
		}
		p.code("PERFORM GET-LINE")
		if s, is := it.shape(); is {
			p.code("MOVE %s TO %s", shapeName(s), ref)
			return
		}
		p.code("MOVE S-TEXT (1:S-SIZE) TO %s", ref)
	})
	if l.play.storage == record.Actual {
		p.code("MOVE LENGTH OF %s TO REC-SIZE", l.root.id())
	} else { // at its maximum a record is as long as it can be, whatever COBOL has to say of its length
		p.code("MOVE %d TO REC-SIZE", l.root.laid.Size)
	}
	p.code("PERFORM PUT-BYTES")
	p.end()
}

// reads prints the values of a record.
func (p *program) reads(i int, l *layout) {
	p.begin("R", i, l)
	p.code("PERFORM GET-BYTES")
	p.each(l.root, func(it *item, ref string) {
		if it.kind == opaque {
			return
		}
		if s, is := it.shape(); is && !it.asText {
			p.code("MOVE SPACES TO LINE-IN")
			p.code("MOVE %s TO %s", ref, shapeName(s))
			p.code("WRITE OUT-LINE FROM LINE-IN")
			return
		}
		p.code("MOVE %s TO LINE-OUT", ref)
		p.code("PERFORM PUT-LINE")
	})
	p.end()
}

// each writes the loops and choices around every field of a record.
func (p *program) each(root *item, leaf func(it *item, ref string)) {
	blocks := 0
	var visit, entry func(it *item)
	entry = func(it *item) {
		done := p.loop(it)
		if it.isGroup() {
			for _, k := range it.kids {
				if k.redefines == nil {
					visit(k)
				}
			}
		} else if !it.filler {
			leaf(it, it.reference(byIndex))
		}
		done()
	}
	visit = func(it *item) {
		alts := it.alternatives()
		if len(alts) == 1 {
			entry(it)
			return
		}
		blocks++
		p.code("EVALUATE CHOICE (%d)", blocks)
		for i, alt := range alts {
			p.code("WHEN \"%d\"", i)
			p.code("CONTINUE")
			entry(alt)
		}
		p.code("END-EVALUATE")
	}
	visit(root)
}
