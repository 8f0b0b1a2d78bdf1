// SPDX-License-Identifier: Apache-2.0

// Package oracle holds no code, only a property test: GnuCOBOL is the oracle of the copybook reader
// and of the record codec.
//
// The test draws random records, writes one COBOL program for many of them, and compares in both
// directions: where every item stands and how long it is, the bytes that COBOL's MOVE and our
// encoder make of the same values, what we read in COBOL's bytes, and what COBOL reads in ours.
//
// dialect_test.go says which compiler options play which dialect, item_test.go models a record,
// draw*_test.go draw records and value_test.go their values, program_test.go writes the COBOL,
// compare_test.go judges, shrink_test.go makes failures small, and edge_list_test.go lists every
// place where the two are known to differ, with a test in edge_test.go that they still do.
//
// LINTEL_ORACLE_LAYOUTS is the number of records (default 100) and LINTEL_ORACLE_SEED the seed they
// are drawn with (default 1; scripts/oracle.sh takes a new one each time).
package oracle
