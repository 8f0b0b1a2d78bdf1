// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"io/fs"
)

// Workspace is the loaded documents of a folder. It is plain data and is not changed after loading.
type Workspace struct {
	// Dir is the folder as the user named it; FS reads below it and nowhere else.
	Dir string
	FS  fs.FS

	// Config is never nil. Contract is nil if the operations could not be read at all.
	Config     *Config
	Contract   *Contract
	Transforms []*Transform
	// Listeners are the files of listeners/.
	Listeners []*Listener
	// Pings are the files of pings/.
	Pings []*Ping
	// SOAP holds what soap.yaml says about the messages of WSDLs; empty if there is no such file.
	SOAP []*SOAPRules
	// Records holds what records.yaml says about fields; empty if there is no such file.
	Records *Records
	Tests   []*TestFile
	// Tables are the code lists and lookup tables of tables/, by file name.
	Tables []*Table
	// Simulation is simulate.yaml; nil if there is none.
	Simulation *Simulation
}

// Text is a scalar of a document with its place.
type Text struct {
	Value string
	Pos   Pos
	// Secret marks a value that came from the environment or a file: it is never printed.
	Secret bool
}
