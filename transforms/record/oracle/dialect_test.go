// SPDX-License-Identifier: Apache-2.0

package oracle_test

import (
	"testing"

	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
	"lintel/transforms/record"
)

// play is a dialect as GnuCOBOL can play it: options of its compiler, and the options of ours that
// must come to the same.
type play struct {
	name string
	// flags of cobc.
	flags []string
	// about says in which points the dialect of ours is the named profile, and in which not.
	about   string
	dialect copybook.Dialect
	storage record.Storage
	// comma is DECIMAL-POINT IS COMMA.
	comma bool
	// cut gives fields values that do not fit, and the codec the policies of MOVE.
	cut bool
	// noSync is true where neither side has SYNCHRONIZED.
	noSync bool
}

// common are the options of every program: records as they are found, not as the standard wants them.
func common() []string { return []string{"-flarger-redefines-ok", "-fcomplex-odo"} }

// plays is the table of dialects and options.
func plays() []play {
	native := copybook.GnuCOBOL()
	native.BinaryLittle = true
	zos := copybook.ZOS()
	zos.NativeLittle, zos.Sync, zos.Float, zos.FloatLittle = true, copybook.SyncNatural, copybook.FloatIEEE, true
	zos.Pointer = 8
	return []play{
		{
			name: "gnucobol", dialect: copybook.GnuCOBOL(), storage: record.Maximum,
			about: "profile `gnucobol`, tables at their maximum",
		},
		{
			name: "gnucobol-actual", flags: []string{"-fodoslide"}, dialect: copybook.GnuCOBOL(), storage: record.Actual,
			about: "profile `gnucobol`, tables at their actual length",
		},
		{
			name: "gnucobol-comma", dialect: copybook.GnuCOBOL(), storage: record.Maximum, comma: true,
			about: "profile `gnucobol` with `DECIMAL-POINT IS COMMA`",
		},
		{
			name: "gnucobol-cut", dialect: copybook.GnuCOBOL(), storage: record.Maximum, cut: true,
			about: "profile `gnucobol`; values that do not fit, with the policies that cut them as `MOVE` does",
		},
		{
			name: "gnucobol-native", flags: []string{"-fbinary-byteorder=native"}, dialect: native, storage: record.Maximum,
			about: "profile `gnucobol` with COMP in little-endian order",
		},
		{
			name: "zos", flags: []string{"-std=ibm", "-fsign=EBCDIC", "-fodoslide"}, dialect: zos, storage: record.Actual,
			about: "profile `zos` (binaries of 2, 4 and 8 bytes, translated signs) with what the machine gives: ASCII, IEEE floats, " +
				"little-endian COMP-5, pointers of 8 bytes, SYNCHRONIZED by natural length; tables at their actual length",
		},
		{
			name: "microfocus", flags: []string{"-std=mf", "-fsynchronized-clause=ignore"}, dialect: copybook.MicroFocus(),
			storage: record.Maximum, noSync: true,
			about: "profile `microfocus` (binaries of 1 to 8 bytes, no SYNCHRONIZED), tables at their maximum",
		},
	}
}

// options are those of the codec.
func (p *play) options(t testing.TB) record.Options {
	t.Helper()
	page, err := codepage.Lookup("iso8859-1")
	if err != nil {
		t.Fatal(err)
	}
	o := record.Options{Page: page, Dialect: p.dialect, Storage: p.storage}
	if p.cut {
		o.Policy.Overflow, o.Policy.Decimals = record.OverflowTruncate, record.DecimalsTruncate
	}
	return o
}
