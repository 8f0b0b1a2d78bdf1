// SPDX-License-Identifier: Apache-2.0

package specs

// allRecords is the key of records.yaml whose options are for all records.
const allRecords = "*"

// BindRecords binds a document in the form of records.yaml, for tools that read one outside of a
// workspace. Findings carry places in file; root is what ParseYAML gave for it.
func BindRecords(file string, root *Node) (*Records, Findings) {
	l := &loader{}
	l.fs = &l.findings
	r := &Records{File: file}
	l.records(r, root)
	return r, l.findings.Sort()
}

// RecordOptionKeys lists the record options: the keys that may stand under "*" and at the name of a
// record, beside the rules for fields. Their values are carried as nodes; cmd/lintel has the table
// that binds them.
func RecordOptionKeys() []string {
	return []string{
		"codepage", "storage", "trim", "blanks", "lowValues", "highValues", "sign", "overflow", "decimals", "unmappable", "excess", "unreadable",
		"useValue", "fillTables", "ignoreUnknown", "editedText", "keepFiller", "century", "maxRecord", "maxEntries",

		"dialect", "binarySize", "wideBinary", "binaryOrder", "nativeOrder", "sync", "signTable", "float", "floatOrder",
		"occursMin", "pointer", "maxDigits",

		"format", "leftMargin", "rightMargin", "replacing", "searchPath", "decimalComma", "currency", "bookCodepage", "sequential",

		"framing", "recordLength", "lengthBytes", "lengthOrder", "lengthIncludes", "rdwOffset", "blockOrder", "blockIncludes",
		"blockSize", "lineEnd", "fileHeader", "fileTrailer", "recordHeader", "recordTrailer", "shortLast", "fill",
	}
}

// optionFields are the keys of record options; what is given is collected in to.
func optionFields(to *[]NodeField) []field {
	keys := RecordOptionKeys()
	fields := make([]field, len(keys))
	for i, key := range keys {
		fields[i] = field{key: key, bind: func(k, v *Node) { *to = append(*to, NodeField{Key: k, Value: v}) }}
	}
	return fields
}
