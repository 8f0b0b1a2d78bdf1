// SPDX-License-Identifier: Apache-2.0

// Command mqigen makes the constants of the message queue interface for the stand-in, from the list
// that the module mq-golang carries. Test code only; what it makes is not committed.
//
//	mqigen CMQC-FILE FOLDER      writes FOLDER/mqconst.h and FOLDER/cmqstrc.h
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: mqigen CMQC-FILE FOLDER")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "mqigen:", err)
		os.Exit(1)
	}
}

func generate(from, folder string) error {
	list, err := constants(from)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "mqconst.h"), []byte(defines(list)), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "cmqstrc.h"), []byte(names(list)), 0o644)
}

// constant is a name and its value as C writes it.
type constant struct {
	name, value string
	whole       bool
}

func constants(path string) ([]constant, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		return nil, err
	}
	var out []constant
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			c := constant{name: v.Names[0].Name}
			if c.value, c.whole, err = literal(c.name, v.Values[0]); err != nil {
				return nil, err
			}
			out = append(out, c)
		}
	}
	return out, nil
}

func literal(name string, e ast.Expr) (value string, whole bool, err error) {
	switch e := e.(type) {
	case *ast.UnaryExpr:
		v, whole, err := literal(name, e.X)
		return "-" + v, whole, err
	case *ast.ParenExpr:
		return literal(name, e.X)
	case *ast.BasicLit:
		switch e.Kind {
		case token.INT:
			return e.Value, true, nil
		case token.CHAR:
			return e.Value, false, nil
		case token.STRING:
			s, err := strconv.Unquote(e.Value)
			if strings.HasPrefix(name, "MQFMT_") { // names of formats fill their field
				s = fmt.Sprintf("%-8s", s)
			}
			return strconv.Quote(s), false, err
		}
	}
	return "", false, fmt.Errorf("%s: its value is of a form that is not known", name)
}

const head = "/* Made by mqigen from the constants of mq-golang. */\n"

func defines(list []constant) string {
	var b strings.Builder
	b.WriteString(head)
	for _, c := range list {
		if c.value == "-2147483648" {
			c.value = "-2147483647 - 1"
		}
		fmt.Fprintf(&b, "#define %s (%s)\n", c.name, c.value)
	}
	return b.String()
}

// families are the groups of constants whose names mq-golang asks for.
const families = "BACF CACF CACH CAMO CA CC CHT CMD IACF IACH IAMO64 IAMO IA OT PL RCCF RC"

// names writes a function for each family that gives the name of a value; the first name wins.
func names(list []constant) string {
	var b strings.Builder
	b.WriteString(head + "#include <cmqc.h>\n")
	for _, f := range strings.Fields(families) {
		prefix, seen := "MQ"+f+"_", map[string]bool{}
		fmt.Fprintf(&b, "static inline char *%sSTR(MQLONG v) {\n\tswitch (v) {\n", prefix)
		for _, c := range list {
			if !c.whole || !strings.HasPrefix(c.name, prefix) || seen[c.value] || bound(c.name) {
				continue
			}
			seen[c.value] = true
			fmt.Fprintf(&b, "\tcase %s: return \"%s\";\n", c.value, c.name)
		}
		b.WriteString("\t}\n\treturn \"\";\n}\n")
	}
	return b.String()
}

// bound reports whether a name is the limit of a range and no value of its own.
func bound(name string) bool {
	return strings.HasSuffix(name, "_FIRST") || strings.HasSuffix(name, "_LAST") || strings.HasSuffix(name, "_LAST_USED")
}
