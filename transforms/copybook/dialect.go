// SPDX-License-Identifier: Apache-2.0

package copybook

// BinarySize is the rule for the bytes of COMP, COMP-4, BINARY and COMP-5 items.
type BinarySize uint8

const (
	// Sizes248 means: 1-4 digits 2 bytes, 5-9 4, 10-18 8 (z/OS).
	Sizes248 BinarySize = iota
	// Sizes1248 means: 1-2 digits 1 byte, 3-4 2, 5-9 4, 10-18 8 (GnuCOBOL).
	Sizes1248
	// Sizes1to8 means: as many bytes as the digits need (Micro Focus).
	Sizes1to8
)

// SyncRule is how SYNCHRONIZED aligns.
type SyncRule uint8

const (
	// SyncZOS means: IBM's rule: 8-byte binaries on 4 bytes, slack before groups.
	SyncZOS SyncRule = iota
	// SyncNatural means: every item to its own length, slack inside the group (GnuCOBOL).
	SyncNatural
	// SyncNone means: the clause is ignored (Micro Focus).
	SyncNone
)

// ASCIISign is the table of overpunched signs of zoned numbers in ASCII data.
type ASCIISign uint8

const (
	// SignTranslated means: EBCDIC overpunch run through a text transfer: { A-I and } J-R.
	SignTranslated ASCIISign = iota
	// SignStandard means: 0-9 and p-y (GnuCOBOL, Micro Focus).
	SignStandard
	// SignFujitsu means: @ A-I and P-Y.
	SignFujitsu
	// SignRealia means: 0-9 and space ! " # $ % & ' ( ).
	SignRealia
	// SignTandem means: 0-9 and X'80'-X'89'.
	SignTandem
)

// FloatFormat is the format of COMP-1 and COMP-2.
type FloatFormat uint8

const (
	// FloatHex is IBM hexadecimal floating point.
	FloatHex FloatFormat = iota
	// FloatIEEE is IEEE 754 binary.
	FloatIEEE
)

// Dialect is a named set of the rules in which compilers differ.
type Dialect struct {
	Name       string
	BinarySize BinarySize
	// WideBinary allows binary items of more than 18 digits, in as few bytes as they need.
	WideBinary bool
	// BinaryLittle and NativeLittle are the byte orders of COMP and of COMP-5.
	BinaryLittle, NativeLittle bool
	Sync                       SyncRule
	Sign                       ASCIISign
	Float                      FloatFormat
	// FloatLittle is the byte order of IEEE floats.
	FloatLittle bool
	// OccursMin is the minimum of "OCCURS n DEPENDING ON" without TO.
	OccursMin int
	// Pointer is the length of POINTER items: 4 or 8.
	Pointer int
	// MaxDigits is the most digits a number may have.
	MaxDigits int
}

// ZOS is the default dialect: IBM Enterprise COBOL for z/OS with ARITH(EXTEND).
func ZOS() Dialect {
	return Dialect{Name: "zos", Sync: SyncZOS, Float: FloatHex, OccursMin: 1, Pointer: 4, MaxDigits: 31}
}

// GnuCOBOL is the dialect of GnuCOBOL with its default configuration on a little-endian 64-bit machine.
func GnuCOBOL() Dialect {
	return Dialect{
		Name: "gnucobol", BinarySize: Sizes1248, NativeLittle: true, Sync: SyncNatural, Sign: SignStandard,
		Float: FloatIEEE, FloatLittle: true, OccursMin: 1, Pointer: 8, MaxDigits: 38,
	}
}

// MicroFocus is the dialect of Micro Focus COBOL without IBMCOMP on a little-endian 64-bit machine.
func MicroFocus() Dialect {
	return Dialect{
		Name: "microfocus", BinarySize: Sizes1to8, WideBinary: true, NativeLittle: true, Sync: SyncNone, Sign: SignStandard,
		Float: FloatIEEE, FloatLittle: true, OccursMin: 1, Pointer: 8, MaxDigits: 38,
	}
}

// Fujitsu is the dialect of Fujitsu (NetCOBOL) on a little-endian machine.
func Fujitsu() Dialect {
	return Dialect{
		Name: "fujitsu", BinarySize: Sizes248, NativeLittle: true, Sync: SyncNatural, Sign: SignFujitsu,
		Float: FloatIEEE, FloatLittle: true, OccursMin: 1, Pointer: 4, MaxDigits: 31,
	}
}

// Profiles lists the names of the dialects.
func Profiles() []string { return []string{"zos", "gnucobol", "microfocus", "fujitsu"} }

// Profile returns the dialect with that name.
func Profile(name string) (Dialect, bool) {
	for _, d := range []Dialect{ZOS(), GnuCOBOL(), MicroFocus(), Fujitsu()} {
		if d.Name == name {
			return d, true
		}
	}
	return Dialect{}, false
}
