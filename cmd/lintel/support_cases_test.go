// SPDX-License-Identifier: Apache-2.0

package main

// supportCase is a row of the table of clauses: what is done with an entry, and bytes for it.
type supportCase struct {
	group, clause string
	// entry is what stands below "01 R.", or a whole book if it begins with a level of its own; ";" ends lines.
	entry string
	// hex are bytes that are decoded and encoded again; empty for what is refused.
	hex string
	// without is the entry without the clause, for those that change no bytes.
	without string
	args    []string
	files   map[string]string
}

// supportCases has a case for every word that begins a clause, every usage and every picture symbol.
func supportCases() []supportCase {
	gnu, mf := []string{"--dialect", "gnucobol"}, []string{"--dialect", "microfocus"}
	dbcs, whole := []string{"--codepage", "cp939"}, []string{"--framing", "whole"}
	var all []supportCase
	add := func(group string, cases ...supportCase) {
		for _, c := range cases {
			c.group = group
			all = append(all, c)
		}
	}
	add("Levels",
		supportCase{clause: "01 to 49", entry: "05 G.; 49 A PIC X.", hex: "c1"},
		supportCase{clause: "66 RENAMES", entry: "05 A PIC X.;66 B RENAMES A.", hex: "c1", without: "05 A PIC X."},
		supportCase{clause: "77", entry: "77 R PIC X.", hex: "c1"},
		supportCase{clause: "78", entry: "78 LEN VALUE 2.;01 R.; 05 A PIC X(LEN).", hex: "c1c2"},
		supportCase{clause: "CONSTANT", entry: "01 LEN CONSTANT AS 2.;01 R.; 05 A PIC X(LEN).", hex: "c1c2"},
		supportCase{clause: "88", entry: "05 A PIC X.; 88 ON-HOLD VALUE 'H'.; 88 CLOSED VALUE 'C'.", hex: "c8"},
		supportCase{clause: "88 THRU", entry: "05 A PIC 9.; 88 LOW VALUES 0 THRU 4.", hex: "f3"},
		supportCase{clause: "book that begins at 02", entry: "02 A PIC X.;02 B PIC X.", hex: "c1c2"},
		supportCase{clause: "FILLER", entry: "05 FILLER PIC X.; 05 A PIC X.", hex: "40c1"},
	)
	add("PICTURE",
		supportCase{clause: "PIC, PICTURE, X", entry: "05 A PIC X(3).", hex: "c1c240"},
		supportCase{clause: "A", entry: "05 A PIC A(3).", hex: "c1c240"},
		supportCase{clause: "9 DISPLAY", entry: "05 A PIC 9(3).", hex: "f0f4f2"},
		supportCase{clause: "S", entry: "05 A PIC S9(3).", hex: "f0f4d2"},
		supportCase{clause: "V", entry: "05 A PIC S9(3)V99.", hex: "f0f0f1f2c5"},
		supportCase{clause: "P behind", entry: "05 A PIC 9(3)PP.", hex: "f1f2f3"},
		supportCase{clause: "P in front", entry: "05 A PIC VPP9(3).", hex: "f1f2f3"},
		supportCase{clause: "Z , .", entry: "05 A PIC Z,ZZ9.99.", hex: "40404040f14bf5f0"},
		supportCase{clause: "*", entry: "05 A PIC ***9.", hex: "5c5cf4f2"},
		supportCase{clause: "$ floating", entry: "05 A PIC $$$9.", hex: "405bf4f2"},
		supportCase{clause: "+", entry: "05 A PIC +999.", hex: "4ef0f4f2"},
		supportCase{clause: "- floating", entry: "05 A PIC ---9.", hex: "4060f4f2"},
		supportCase{clause: "CR", entry: "05 A PIC 99CR.", hex: "f4f2c3d9"},
		supportCase{clause: "DB", entry: "05 A PIC 99DB.", hex: "f4f2c4c2"},
		supportCase{clause: "B 0 /", entry: "05 A PIC 99/99B990.", hex: "f3f161f1f240f9f9f0"},
		supportCase{clause: "X with B 0 /", entry: "05 A PIC XXBX/X.", hex: "c1c240c361c4"},
		supportCase{clause: "E", entry: "05 A PIC +9.99E+99.", hex: "4ef14bf2f3c54ef0f4"},
		supportCase{clause: "N", entry: "05 A PIC N(2).", hex: "00c40042"},
		supportCase{clause: "N with B", entry: "05 A PIC NBN.", hex: "004100200042"},
		supportCase{clause: "G", entry: "05 A PIC G(2) DISPLAY-1.", hex: "42c14040", args: dbcs},
		supportCase{clause: "U", entry: "05 A PIC U(2).", hex: "c3a9e282ac202020"},
		supportCase{clause: "BYTE-LENGTH", entry: "05 A PIC U BYTE-LENGTH 3.", hex: "c3a920"},
		supportCase{clause: "mixed text in X", entry: "05 A PIC X(6).", hex: "c10e42c10f40", args: dbcs},
	)
	add("USAGE",
		supportCase{clause: "DISPLAY", entry: "05 A PIC 9(2) USAGE IS DISPLAY.", hex: "f4f2"},
		supportCase{clause: "COMP, COMP-4, BINARY", entry: "05 A PIC S9(4) COMP.; 05 B PIC 9(9) COMP-4.; 05 C PIC S9(18) BINARY.", hex: "fffe00000007ffffffffffffffff"},
		supportCase{clause: "COMP-1", entry: "05 A COMP-1.", hex: "c276a000"},
		supportCase{clause: "COMP-2", entry: "05 A COMP-2.", hex: "4110000000000000"},
		supportCase{clause: "COMP-3, PACKED-DECIMAL", entry: "05 A PIC S9(5) COMP-3.; 05 B PIC 9(4) PACKED-DECIMAL.", hex: "12345d01234f"},
		supportCase{clause: "COMP-5", entry: "05 A PIC 9(4) COMP-5.", hex: "ffff"},
		supportCase{clause: "COMP-6", entry: "05 A PIC 9(4) COMP-6.", hex: "1234", args: gnu},
		supportCase{clause: "COMP-X, COMP-N", entry: "05 A PIC X(2) COMP-X.; 05 B PIC 9(2) COMP-N.", hex: "ffff07", args: mf},
		supportCase{clause: "FLOAT-SHORT, FLOAT-LONG", entry: "05 A FLOAT-SHORT.; 05 B FLOAT-LONG.", hex: "0000803f000000000000f03f", args: gnu},
		supportCase{clause: "BINARY-CHAR", entry: "05 A BINARY-CHAR UNSIGNED.", hex: "ff", args: gnu},
		supportCase{clause: "BINARY-SHORT, SIGNED-SHORT, UNSIGNED-SHORT", entry: "05 A BINARY-SHORT.; 05 B SIGNED-SHORT.; 05 C UNSIGNED-SHORT.", hex: "fefffeffffff", args: gnu},
		supportCase{clause: "BINARY-LONG, BINARY-INT, SIGNED-INT, UNSIGNED-INT", entry: "05 A BINARY-LONG.; 05 B UNSIGNED-INT.", hex: "feffffffffffffff", args: gnu},
		supportCase{clause: "BINARY-DOUBLE, BINARY-LONG-LONG, SIGNED-LONG, UNSIGNED-LONG", entry: "05 A BINARY-DOUBLE UNSIGNED.", hex: "ffffffffffffffff", args: gnu},
		supportCase{clause: "INDEX", entry: "05 A INDEX.", hex: "00000001"},
		supportCase{clause: "POINTER, POINTER-32", entry: "05 A POINTER.; 05 B POINTER-32.", hex: "0000000a0000000b"},
		supportCase{clause: "FUNCTION-POINTER, PROGRAM-POINTER", entry: "05 A FUNCTION-POINTER.", hex: "0000000a"},
		supportCase{clause: "PROCEDURE-POINTER", entry: "05 A PROCEDURE-POINTER.", hex: "000000000000000a"},
		supportCase{clause: "NATIONAL, number", entry: "05 A PIC S9(2) NATIONAL SIGN TRAILING SEPARATE.", hex: "00340032002d"},
		supportCase{clause: "NATIONAL, edited", entry: "05 A PIC ZZ9.9 NATIONAL.", hex: "002000200037002e0035"},
		supportCase{clause: "NATIONAL, E", entry: "05 A PIC -9.9E+99 NATIONAL.", hex: "00200031002e00320045002b00300033"},
		supportCase{clause: "DISPLAY-1", entry: "05 A PIC G(1) DISPLAY-1.", hex: "42c1", args: dbcs},
		supportCase{clause: "UTF-8", entry: "05 A PIC U(1) UTF-8.", hex: "e282ac20"},
		supportCase{clause: "USAGE at a group", entry: "05 G COMP-3.; 10 A PIC S9(3).", hex: "123c"},
		supportCase{clause: "COMP-0, COMP-7, COMP-9, COMP-10, COMP-15", entry: "05 A PIC 9 COMP-7."},
		supportCase{clause: "FLOAT-EXTENDED, FLOAT-BINARY-32, FLOAT-BINARY-64, FLOAT-BINARY-128, FLOAT-DECIMAL-7, FLOAT-DECIMAL-16, FLOAT-DECIMAL-34", entry: "05 A FLOAT-DECIMAL-16."},
		supportCase{clause: "OBJECT, HANDLE, BIT", entry: "05 A USAGE OBJECT REFERENCE."},
	)
	add("SIGN",
		supportCase{clause: "SIGN TRAILING", entry: "05 A PIC S9(2) SIGN IS TRAILING.", hex: "f4d2"},
		supportCase{clause: "SIGN LEADING", entry: "05 A PIC S9(2) LEADING.", hex: "d4f2"},
		supportCase{clause: "LEADING SEPARATE", entry: "05 A PIC S9(2) SIGN LEADING SEPARATE CHARACTER.", hex: "60f4f2"},
		supportCase{clause: "TRAILING SEPARATE", entry: "05 A PIC S9(2) TRAILING SEPARATE.", hex: "f4f260"},
		supportCase{clause: "SIGN at a group", entry: "05 G SIGN TRAILING SEPARATE.; 10 A PIC S9(2).", hex: "f4f260"},
	)
	add("Tables and alternatives",
		supportCase{clause: "OCCURS", entry: "05 A PIC X OCCURS 3 TIMES.", hex: "c1c2c3"},
		supportCase{clause: "DEPENDING", entry: "05 N PIC 9.; 05 A PIC X OCCURS 0 TO 3 DEPENDING ON N.; 05 B PIC X.", hex: "f2c1c2e9", args: whole},
		supportCase{clause: "nested DEPENDING", entry: "05 N PIC 9.; 05 T OCCURS 0 TO 2 DEPENDING ON N.; 10 M PIC 9.; 10 A PIC X OCCURS 0 TO 2 DEPENDING ON M.", hex: "f2f1c1f2c2c3", args: whole},
		supportCase{clause: "INDEXED, ASCENDING, DESCENDING", entry: "05 T OCCURS 2 ASCENDING KEY IS A DESCENDING KEY B INDEXED BY I, J.; 10 A PIC X.; 10 B PIC X.", hex: "c1c2c3c4", without: "05 T OCCURS 2.; 10 A PIC X.; 10 B PIC X."},
		supportCase{clause: "OCCURS UNBOUNDED", entry: "05 N PIC 9.; 05 A PIC X OCCURS 0 TO UNBOUNDED DEPENDING ON N."},
		supportCase{clause: "REDEFINES", entry: "05 A PIC X(2).; 05 B REDEFINES A PIC 9(2).", hex: "f4f2"},
		supportCase{clause: "REDEFINES behind PIC", entry: "05 A PIC X(2).; 05 B PIC 9(2) REDEFINES A.", hex: "f4f2"},
	)
	add("Other clauses",
		supportCase{clause: "SYNC, SYNCHRONIZED", entry: "05 A PIC X.; 05 B PIC S9(9) COMP SYNC.", hex: "c100000000000007"},
		supportCase{clause: "SYNC LEFT, RIGHT", entry: "05 A PIC X.; 05 B PIC S9(4) COMP SYNCHRONIZED RIGHT.", hex: "c1000007"},
		supportCase{clause: "JUST, JUSTIFIED", entry: "05 A PIC X(3) JUSTIFIED RIGHT.", hex: "40c1c2"},
		supportCase{clause: "BLANK WHEN ZERO", entry: "05 A PIC 9(3) BLANK WHEN ZERO.", hex: "404040"},
		supportCase{clause: "VALUE, VALUES", entry: "05 A PIC X(2) VALUE IS 'AB'.", hex: "c3c4", without: "05 A PIC X(2)."},
		supportCase{clause: "VALUE figurative", entry: "05 A PIC X(2) VALUE ALL LOW-VALUES.", hex: "c3c4", without: "05 A PIC X(2)."},
		supportCase{clause: "EXTERNAL", entry: "01 R IS EXTERNAL.; 05 A PIC X.", hex: "c1", without: "05 A PIC X."},
		supportCase{clause: "GLOBAL", entry: "01 R IS GLOBAL.; 05 A PIC X.", hex: "c1", without: "05 A PIC X."},
		supportCase{clause: "VOLATILE", entry: "05 A PIC X VOLATILE.", hex: "c1", without: "05 A PIC X."},
		supportCase{clause: "ALIGNED", entry: "05 A PIC X ALIGNED.", hex: "c1", without: "05 A PIC X."},
		supportCase{clause: "BASED", entry: "01 R BASED.; 05 A PIC X.", hex: "c1", without: "05 A PIC X."},
		supportCase{clause: "GROUP-USAGE", entry: "05 G GROUP-USAGE NATIONAL.; 10 A PIC N(1).", hex: "0041"},
		supportCase{clause: "DATE FORMAT", entry: "05 A PIC 9(8) DATE FORMAT YYYYXXXX.", hex: "f2f0f2f6f1f1f2f7", without: "05 A PIC 9(8)."},
		supportCase{clause: "DYNAMIC, LIMIT", entry: "05 A PIC X DYNAMIC LENGTH LIMIT 9."},
		supportCase{clause: "ANY LENGTH", entry: "05 A PIC X ANY LENGTH."},
		supportCase{clause: "TYPE, TYPEDEF", entry: "05 A TYPE T."},
		supportCase{clause: "SAME AS", entry: "05 B PIC X.; 05 A SAME AS B."},
		supportCase{clause: "LIKE", entry: "05 B PIC X.; 05 A LIKE B."},
		supportCase{clause: "OBJECT, PROPERTY", entry: "05 A PIC X PROPERTY."},
	)
	add("Source text",
		supportCase{clause: "COPY", entry: "COPY PART.", hex: "c1", files: map[string]string{"PART.cpy": "       05 A PIC X.\n"}},
		supportCase{clause: "COPY REPLACING", entry: "COPY PART REPLACING ==:T:== BY ==OWN==.", hex: "c1", files: map[string]string{"PART.cpy": "       05 :T:-A PIC X.\n"}},
		supportCase{clause: "REPLACING LEADING", entry: "COPY PART REPLACING LEADING ==OLD== BY ==NEW==.", hex: "c1", files: map[string]string{"PART.cpy": "       05 OLD-A PIC X.\n"}},
		supportCase{clause: "REPLACING TRAILING", entry: "COPY PART REPLACING TRAILING ==-X== BY ==-Y==.", hex: "c1", files: map[string]string{"PART.cpy": "       05 A-X PIC X.\n"}},
		supportCase{clause: "REPLACE", entry: "REPLACE ==LONG== BY ==X(2)==.; 05 A PIC LONG.", hex: "c1c2"},
		supportCase{clause: "EJECT, SKIP1, SKIP2, SKIP3", entry: "EJECT; 05 A PIC X.", hex: "c1", without: "05 A PIC X."},
		supportCase{clause: "conditional compilation", entry: ">>IF A; 05 A PIC X.;>>END-IF"},
	)
	return all
}
