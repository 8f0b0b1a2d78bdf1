// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"lintel/specs"
)

const (
	// maxExpression bounds the length of an expression in bytes.
	maxExpression = 4096
	// maxExprNodes bounds the syntax tree.
	maxExprNodes = 400
	// maxLoopDepth is how deep predicates (map, filter, any ...) may nest.
	maxLoopDepth = 2
	// exprMemory is the budget of one run in the VM's own units.
	exprMemory = 100_000
)

// expression is a compiled expression.
type expression struct {
	// move is set when the expression only names a value: it never meets the VM.
	move *slotRef
	// choice is set when it only chooses among values: neither does it.
	choice  Source
	program *vm.Program
	vars    []variable
	env     reflect.Type
	result  reflect.Type
	id      int
	node    *specs.Node
	// shape is what the values can be.
	shape shaped
	// work is what the expression costs.
	work work
	growth
	// safe is the length of texts up to which that need not be calculated.
	safe int
}

// variable is one value that a program reads, in the field of its environment with the same index.
type variable struct {
	ref  *slotRef
	typ  reflect.Type
	path string
	// zero stands for an absent value.
	zero any
	// names are those of the members that the expression looks at, of objects in arrays.
	names map[string]bool
}

// exprCompiler compiles the expressions of one transform.
type exprCompiler struct {
	funcs    map[string]Func
	findings specs.Findings
	count    int
	// seen are the expressions compiled, for the checks.
	seen []*pathPass
	// named are the values that are named alone, and where.
	named map[*slotRef]*pathPass
	// proofs are the conditions under which the next expression stands.
	proofs []proof
	// evidence are the values that the last condition looks at.
	evidence []*slotRef
}

// compile compiles the expression in node (after its "="). It returns nil after reporting findings.
func (c *exprCompiler) compile(node *specs.Node, sc *scope) *expression {
	src := node.Text[1:]
	if len(src) > maxExpression {
		c.findings.Add(codeExprTooLarge, node.Pos, fmt.Sprintf("expression is longer than %d bytes", maxExpression),
			"split it, or compute it in the host program")
		return nil
	}
	p := &pathPass{c: c, node: node, src: src, scope: sc, under: c.proofs}
	tree, err := parser.Parse(src)
	if err != nil {
		c.syntaxError(node, err)
		return nil
	}
	if n := countNodes(tree.Node); n > maxExprNodes {
		c.findings.Add(codeExprTooLarge, node.Pos, fmt.Sprintf("expression has %d nodes: names, literals, operators and calls", n),
			fmt.Sprintf("at most %d are allowed: split it, or compute it in the host program", maxExprNodes))
		return nil
	}
	if !p.resolve(tree.Node) {
		return nil
	}
	c.seen = append(c.seen, p)
	if p.single != nil {
		c.names(p.single, p)
		return &expression{move: p.single, node: node}
	}
	shape, ok := c.shaped(p, tree.Node)
	if !ok {
		return nil
	}
	e := c.build(p)
	if e != nil {
		e.shape, e.choice = shape, c.choice(tree.Node, p)
		for i := range e.vars {
			e.vars[i].names = membersNamed(tree.Node)
		}
		e.work, e.growth = workOf(p, tree.Node)
		if e.safe = e.safeText(); e.safe < 0 {
			c.findings.Add(codeExprTooLarge, node.Pos, fmt.Sprintf("expression takes more than %d steps whatever its values are", maxSteps),
				"shorten the texts and arrays that are written out in it")
			return nil
		}
	}
	return e
}

// names notes where a value is named alone.
func (c *exprCompiler) names(ref *slotRef, p *pathPass) {
	if c.named == nil {
		c.named = map[*slotRef]*pathPass{}
	}
	c.named[ref] = p
}

// shaped reports where the parts of an expression do not fit each other, and a result that is no
// single value.
func (c *exprCompiler) shaped(p *pathPass, n ast.Node) (shape shaped, ok bool) {
	v := newShapes(p)
	ok = true
	v.report = func(n ast.Node, code, message, hint string) {
		if ok { // what follows may only follow from it
			c.findings.Add(code, c.at(p.node, p.src, n.Location().From), message, hint)
		}
		ok = false
	}
	shape = v.of(n)
	if shape.kinds&(listKind|objectKind) != 0 {
		v.add(n, codeExprType, "an expression gives a text, number or boolean, and this is "+shape.known().String(),
			"name an array or object to move it as a whole; build one with each; choose among entries with where")
	}
	return shape, ok
}

// build type-checks and compiles what is more than a move.
func (c *exprCompiler) build(p *pathPass) *expression {
	// The program is checked with the types of the values, and runs with a struct of the same fields that
	// holds any value: taking one out of it costs nothing.
	fields := make([]reflect.StructField, len(p.vars))
	open := make([]reflect.StructField, len(p.vars))
	for i, v := range p.vars {
		fields[i] = reflect.StructField{Name: fmt.Sprintf("V%d", i), Type: v.typ}
		open[i] = reflect.StructField{Name: fields[i].Name, Type: reflect.TypeFor[any]()}
	}
	env := reflect.StructOf(fields)
	p.replace = true
	options := append(c.options(), expr.Env(reflect.New(env).Elem().Interface()), expr.Patch(p), expr.Patch(&emptyDefault{}), expr.Patch(&negate{}))
	options = append(options, operators()...)
	options = append(append(options, dynamicFunctions()...), expr.Patch(&dynamic{}))
	program, err := expr.Compile(p.src, options...)
	if err != nil {
		c.typeError(p, err)
		return nil
	}
	c.count++
	return &expression{program: program, vars: p.vars, env: reflect.StructOf(open), result: program.Node().Type(), id: c.count - 1, node: p.node}
}

// builtins are the functions of expr that are left.
func builtins() []string {
	return []string{"all", "any", "none", "one", "filter", "map", "find", "count", "len", "first", "last"}
}

func (c *exprCompiler) options() []expr.Option {
	out := []expr.Option{expr.DisableAllBuiltins(), expr.MaxNodes(maxExprNodes)}
	for _, name := range builtins() {
		out = append(out, expr.EnableBuiltin(name))
	}
	for _, f := range c.funcs {
		out = append(out, expr.Function(f.Name, f.Call, f.Types...))
	}
	return out
}

// typeError reports what expr found, in the words of the source: V3 becomes the path it stands for.
func (c *exprCompiler) typeError(p *pathPass, err error) {
	var fe *file.Error
	if !errors.As(err, &fe) {
		c.findings.Add(codeExprType, p.node.Pos, "expression cannot be compiled: "+err.Error(), "")
		return
	}
	message := fe.Message
	for i := len(p.vars) - 1; i >= 0; i-- {
		message = strings.ReplaceAll(message, fmt.Sprintf("V%d", i), p.vars[i].path)
	}
	message = strings.NewReplacer("transforms.Decimal", "number", "transforms.Numeric", "number or null",
		"interface {}", "any value").Replace(message)
	hint := ""
	if rest, ok := strings.CutPrefix(message, "unknown name "); ok {
		hint = c.nameHint(strings.TrimSpace(rest), p.scope)
	} else if _, name, ok := strings.Cut(message, " to call "); ok {
		hint = c.callHint(strings.TrimSpace(name))
	}
	c.findings.Add(codeExprType, c.at(p.node, p.src, fe.From), message, hint)
}

func (c *exprCompiler) nameHint(name string, sc *scope) string {
	candidates := sc.names()
	for f := range c.funcs {
		candidates = append(candidates, f)
	}
	slices.Sort(candidates)
	if near := specs.Suggest(name, candidates); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "names begin with " + strings.Join(sc.names(), ", ")
}

func (c *exprCompiler) syntaxError(node *specs.Node, err error) {
	var fe *file.Error
	if !errors.As(err, &fe) {
		c.findings.Add(codeExprSyntax, node.Pos, "expression cannot be read: "+err.Error(), "")
		return
	}
	c.findings.Add(codeExprSyntax, c.at(node, node.Text[1:], fe.From), "expression cannot be read: "+fe.Message, "")
}

// at gives the place in the file of a character of the expression: expr counts in runes.
func (c *exprCompiler) at(node *specs.Node, src string, rune int) specs.Pos {
	offset := 0
	for range rune {
		if offset >= len(src) {
			break
		}
		_, n := utf8.DecodeRuneInString(src[offset:])
		offset += n
	}
	return node.At(offset + 1)
}

// countNodes counts the parts of an expression.
func countNodes(n ast.Node) int {
	v := &countPass{}
	ast.Walk(&n, v)
	return v.nodes
}

type countPass struct{ nodes int }

// Visit implements ast.Visitor.
func (v *countPass) Visit(*ast.Node) { v.nodes++ }

// loopDepth counts how deep predicates nest.
func loopDepth(n ast.Node) int {
	v := &depthVisitor{depth: map[ast.Node]int{}}
	ast.Walk(&n, v)
	return v.most
}

type depthVisitor struct {
	depth map[ast.Node]int
	most  int
}

// Visit is called for children before their parents: a predicate is one deeper than the deepest in it. The
// array that it goes over does not stand in it.
func (v *depthVisitor) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.BuiltinNode)
	if !ok {
		return
	}
	depth := 0
	for _, a := range n.Arguments {
		f := &findBuiltins{}
		ast.Walk(&a, f)
		inner := 0
		for _, b := range f.found {
			inner = max(inner, v.depth[b])
		}
		if _, predicate := a.(*ast.PredicateNode); predicate {
			inner++
		}
		depth = max(depth, inner)
	}
	v.depth[n] = depth
	v.most = max(v.most, depth)
}

type findBuiltins struct{ found []ast.Node }

// Visit collects builtin calls.
func (f *findBuiltins) Visit(node *ast.Node) {
	if b, ok := (*node).(*ast.BuiltinNode); ok {
		f.found = append(f.found, b)
	}
}

// negate turns -x of a decimal into a call, since expr knows no unary overloads.
type negate struct{}

// Visit implements ast.Visitor.
func (negate) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.UnaryNode)
	if !ok || n.Operator != "-" {
		return
	}
	if t := n.Node.Type(); t == reflect.TypeFor[Decimal]() || t == reflect.TypeFor[Numeric]() {
		// The call that the operator stands for: as an operator it would come too late to be
		// overloaded inside the arguments of a function.
		call := &ast.CallNode{Callee: &ast.IdentifierNode{Value: minusName}, Arguments: []ast.Node{&ast.IntegerNode{Value: 0}, n.Node}}
		ast.Patch(node, call)
		call.SetType(reflect.TypeFor[Decimal]())
	}
}

// emptyDefault takes "?? []" away behind an array: an absent array has no entries anyway, and the
// type of its entries is kept.
type emptyDefault struct{}

// Visit implements ast.Visitor.
func (emptyDefault) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.BinaryNode)
	if !ok || n.Operator != "??" || n.Left.Type().Kind() != reflect.Slice {
		return
	}
	if empty, ok := n.Right.(*ast.ArrayNode); ok && len(empty.Nodes) == 0 {
		*node = n.Left
	}
}

// parse returns the syntax tree of an expression.
func parse(src string) (ast.Node, error) {
	tree, err := parser.Parse(src)
	if err != nil {
		return nil, err
	}
	return tree.Node, nil
}
