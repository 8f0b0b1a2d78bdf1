// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// maxFiles is how many files a folder of the workspace may hold.
const maxFiles = 5000

// Names of the parts of a workspace.
const (
	configFile    = "lintel.yaml"
	recordsFile   = "records.yaml"
	soapFile      = "soap.yaml"
	transformsDir = "transforms"
	testsDir      = "tests"
)

// Load reads the workspace in the folder dir. Links cannot lead out of it. env looks up environment
// variables for ${env:NAME}; os.LookupEnv is the usual one. The workspace is returned as far as it
// could be read; it may be served only if the findings have no errors. Findings are sorted.
func Load(dir string, env func(string) (string, bool)) (*Workspace, Findings) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, Findings{{
			Severity: Error, Code: CodeFile, Pos: Pos{File: dir},
			Message: "the workspace cannot be opened: " + reason(err), Hint: "name the folder that holds " + configFile,
		}}
	}
	// The root stays open: transforms and tests name further files. It is closed when it is collected.
	return LoadFS(dir, root.FS(), env)
}

// LoadFS is Load for a file system; dir only names it.
func LoadFS(dir string, fsys fs.FS, env func(string) (string, bool)) (*Workspace, Findings) {
	l := &loader{fsys: fsys, env: env}
	l.fs = &l.findings
	ws := &Workspace{Dir: dir, FS: regularFS{fsys}, Config: &Config{}, Records: &Records{File: recordsFile}}
	l.ws = ws
	if root, ok := l.document(configFile, true); ok {
		l.config(ws.Config, root)
		ws.Config.Settings = l.settings(root)
	}
	if ws.Config.Contract.Value != "" {
		ws.Contract = l.contract(ws.Config.Contract)
	}
	for _, name := range l.list(transformsDir, true) {
		if root, ok := l.document(name, true); ok {
			ws.Transforms = append(ws.Transforms, l.transform(name, l.expand(root)))
		}
	}
	for _, name := range l.list(listenersDir, false) {
		if root, ok := l.document(name, true); ok {
			ws.Listeners = append(ws.Listeners, l.listener(name, l.expand(root)))
		}
	}
	for _, name := range l.list(pingsDir, false) {
		if root, ok := l.document(name, true); ok {
			ws.Pings = append(ws.Pings, l.ping(name, l.expand(root)))
		}
	}
	before := len(l.findings)
	if root, ok := l.document(recordsFile, false); ok {
		l.records(ws.Records, root)
	}
	ws.Records.Broken = l.findings[before:].HasErrors()
	if root, ok := l.document(soapFile, false); ok {
		l.soapRules(&ws.SOAP, root)
	}
	for _, name := range l.list(testsDir, false) {
		if root, ok := l.document(name, true); ok {
			ws.Tests = append(ws.Tests, l.testFile(name, root))
		}
	}
	if root, ok := l.document(simulateFile, false); ok {
		ws.Simulation = &Simulation{File: simulateFile}
		l.simulation(ws.Simulation, root)
	}
	l.tables(ws)
	l.check(ws)
	return ws, l.findings.Sort()
}

// loader reads one workspace.
type loader struct {
	binder
	fsys     fs.FS
	env      func(string) (string, bool)
	ws       *Workspace
	findings Findings
	// inStep is what is read of a transform with steps: "step", "inquiry", "undo" or "answer"; or "ping"; empty outside of one.
	inStep string
	// fragments are the pieces of fragments/, read when the first is used.
	fragments map[string]*Node
}

// document reads and parses one file. An empty document is reported and gives false.
func (l *loader) document(name string, needed bool) (*Node, bool) {
	src, err := readFile(l.fsys, name)
	if errors.Is(err, fs.ErrNotExist) && !needed {
		return nil, false
	}
	if err != nil {
		hint := "check the name and the permissions"
		if name == configFile && errors.Is(err, fs.ErrNotExist) {
			hint = "a workspace is a folder with a " + configFile
		}
		l.fileFault(name, err, hint)
		return nil, false
	}
	root, found := ParseYAML(name, src)
	l.findings = append(l.findings, found...)
	if root == nil && len(found) == 0 {
		l.findings.Add(CodeWrongType, Pos{File: name, Line: 1, Column: 1}, "the file is empty", "write its content, or remove the file")
	}
	return root, root != nil
}

func (l *loader) fileFault(name string, err error, hint string) {
	code := CodeFile
	if errors.Is(err, errFileSize) {
		code, hint = CodeTooLarge, "split the document, or move parts of it to other files"
	}
	l.findings.Add(code, Pos{File: name}, "the file cannot be read: "+reason(err), hint)
}

// list names the YAML files of a folder, sorted. Other files in it are reported: they would be
// ignored otherwise.
func (l *loader) list(dir string, needed bool) []string {
	entries, err := fs.ReadDir(l.fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		if needed {
			l.findings.Add(CodeFile, Pos{File: dir}, "the workspace has no folder "+dir, "make it, with one file for each operation of the contract")
		}
		return nil
	}
	if info, serr := fs.Stat(l.fsys, dir); serr == nil && !info.IsDir() {
		err = errNotFolder
	}
	if err != nil {
		l.fileFault(dir, err, "check the name and the permissions")
		return nil
	}
	if len(entries) > maxFiles {
		l.findings.Add(CodeTooLarge, Pos{File: dir}, fmt.Sprintf("the folder holds %d files, at most %d are read", len(entries), maxFiles), "split the workspace")
		return nil
	}
	var names []string
	for _, e := range entries {
		name := dir + "/" + e.Name()
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			if dir == transformsDir {
				l.findings.Warn(CodeStray, Pos{File: name}, "folders below transforms are not read", "move its files to "+dir)
			}
		case path.Ext(name) == ".yaml":
			names = append(names, name)
		case path.Ext(name) == ".yml":
			l.findings.Add(CodeStray, Pos{File: name}, "the file is not read: its name must end in .yaml", "rename it to "+strings.TrimSuffix(name, ".yml")+".yaml")
		case dir == transformsDir:
			l.findings.Warn(CodeStray, Pos{File: name}, "the file is not read: transforms end in .yaml", "move it to another folder")
		}
	}
	return names
}

var (
	errFileSize   = fmt.Errorf("it has more than %d bytes", MaxFileSize)
	errNotFolder  = errors.New("it is not a folder")
	errNotRegular = errors.New("it is not a regular file")
)

// regularFS opens only files and folders: reading a pipe or a device might never end.
type regularFS struct{ fs.FS }

// Open implements fs.FS.
func (r regularFS) Open(name string) (fs.File, error) {
	info, err := fs.Stat(r.FS, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() && !info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
	}
	return r.FS.Open(name)
}

// readFile reads a whole file of at most MaxFileSize bytes.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // a pipe would block the load for ever
		return nil, errNotRegular
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(f, MaxFileSize+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxFileSize {
		return nil, errFileSize
	}
	return data, nil
}

// reason is the text of an error of the file system, without the path: findings name it already.
func reason(err error) string {
	var pe *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "it does not exist"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	case errors.As(err, &pe):
		return pe.Err.Error()
	default:
		return err.Error()
	}
}

// localPath cleans the name of a file below the workspace; false if it leads out of it.
func localPath(name string) (string, bool) {
	clean := path.Clean(name)
	return clean, fs.ValidPath(clean) && clean != "." && !strings.Contains(clean, `\`)
}
